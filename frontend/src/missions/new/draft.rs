//! What is written in the wizard: kept in the tab so that a reload loses nothing, gone once the mission is made.

use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tyrian_api_types::FieldError;
use tyrian_api_types::missions::{MemberInput, MissionCreate};
use tyrian_domain::mission::RoleHint;
use uuid::Uuid;

use crate::api::new_idempotency_key;
use crate::missions::pick::Chosen;

/// Somebody who will be a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftMember {
    /// user id
    pub user_id: Uuid,
    /// email address
    pub email: String,
    /// the name others see
    pub display_name: String,
    /// the side that they take
    pub role: RoleHint,
}

/// The whole draft as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Draft {
    name: String,
    client: String,
    start_date: String,
    end_date: String,
    objectives: String,
    description: String,
    scope: String,
    threat_model: String,
    scenarios: Vec<Chosen>,
    members: Vec<DraftMember>,
    /// the request that was sent last and its key: sent again after a lost answer, it makes no second mission
    sent: Option<(String, String)>,
}

/// The draft as signals; a copyable handle.
#[derive(Clone, Copy)]
pub struct Form {
    /// what it is called
    pub name: RwSignal<String>,
    /// whom it is for
    pub client: RwSignal<String>,
    /// first day, as the date input writes it
    pub start_date: RwSignal<String>,
    /// last day
    pub end_date: RwSignal<String>,
    /// what it is to find out
    pub objectives: RwSignal<String>,
    /// what it is about
    pub description: RwSignal<String>,
    /// what is in and what is out
    pub scope: RwSignal<String>,
    /// against whom
    pub threat_model: RwSignal<String>,
    /// scenarios in order
    pub scenarios: RwSignal<Vec<Chosen>>,
    /// who will be in it
    pub members: RwSignal<Vec<DraftMember>>,
    sent: RwSignal<Option<(String, String)>>,
    store: StoredValue<String>,
}

impl Form {
    /// The draft of this person in this tab; a new one lists them as red.
    pub fn open(me: DraftMember) -> Self {
        let store = format!("tyrian.new-mission.{}", me.user_id);
        let kept = crate::web::stored_in_tab(&store).and_then(|text| serde_json::from_str::<Draft>(&text).ok());
        let draft = kept.unwrap_or_else(|| Draft { members: vec![me], ..Draft::default() });
        let form = Self {
            name: RwSignal::new(draft.name),
            client: RwSignal::new(draft.client),
            start_date: RwSignal::new(draft.start_date),
            end_date: RwSignal::new(draft.end_date),
            objectives: RwSignal::new(draft.objectives),
            description: RwSignal::new(draft.description),
            scope: RwSignal::new(draft.scope),
            threat_model: RwSignal::new(draft.threat_model),
            scenarios: RwSignal::new(draft.scenarios),
            members: RwSignal::new(draft.members),
            sent: RwSignal::new(draft.sent),
            store: StoredValue::new(store),
        };
        Effect::new(move |before: Option<()>| {
            let draft = form.draft();
            // what was only opened is not kept
            if before.is_some() {
                form.keep(&draft);
            }
        });
        form
    }

    fn draft(self) -> Draft {
        Draft {
            name: self.name.get(),
            client: self.client.get(),
            start_date: self.start_date.get(),
            end_date: self.end_date.get(),
            objectives: self.objectives.get(),
            description: self.description.get(),
            scope: self.scope.get(),
            threat_model: self.threat_model.get(),
            scenarios: self.scenarios.get(),
            members: self.members.get(),
            sent: self.sent.get(),
        }
    }

    fn keep(self, draft: &Draft) {
        let text = serde_json::to_string(draft).ok();
        self.store.with_value(|store| crate::web::store_in_tab(store, text.as_deref()));
    }

    /// Forgets what the tab keeps: the mission is made, or thrown away.
    pub fn forget(self) {
        self.store.with_value(|store| crate::web::store_in_tab(store, None));
    }

    /// Empties everything and begins anew with this person.
    pub fn start_over(self, me: DraftMember) {
        for text in
            [self.name, self.client, self.start_date, self.end_date, self.objectives, self.description, self.scope, self.threat_model]
        {
            text.set(String::new());
        }
        self.scenarios.set(Vec::new());
        self.members.set(vec![me]);
        self.sent.set(None);
    }

    /// Has anything been written or chosen?
    pub fn is_begun(self) -> bool {
        let written =
            [self.name, self.client, self.start_date, self.end_date, self.objectives, self.description, self.scope, self.threat_model];
        written.iter().any(|text| !text.read().trim().is_empty()) || !self.scenarios.read().is_empty() || self.members.read().len() > 1
    }

    /// The request, and dates that are none.
    pub fn request(self) -> (MissionCreate, Vec<FieldError>) {
        let mut faults = Vec::new();
        let mut date = |pointer: &str, text: RwSignal<String>| {
            parse_date(&text.get_untracked()).unwrap_or_else(|()| {
                faults.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "date".to_owned(),
                    detail: t!("A day like 2026-03-09.").to_owned(),
                });
                None
            })
        };
        let (start_date, end_date) = (date("/start_date", self.start_date), date("/end_date", self.end_date));
        let line = |text: RwSignal<String>| text.get_untracked().trim().to_owned();
        let long = |text: RwSignal<String>| Some(text.get_untracked()).filter(|text| !text.trim().is_empty());
        let request = MissionCreate {
            name: line(self.name),
            client: line(self.client),
            description: long(self.description),
            objectives: long(self.objectives),
            scope: long(self.scope),
            threat_model: long(self.threat_model),
            start_date,
            end_date,
            scenario_template_ids: self.scenarios.with_untracked(|scenarios| scenarios.iter().map(|one| one.id).collect()),
            members: self.members.with_untracked(|members| {
                members.iter().map(|member| MemberInput { user_id: member.user_id, role_hint: member.role }).collect()
            }),
        };
        (request, faults)
    }

    /// The key of this request: the same one while it stays the same, also after a reload.
    pub fn key_of(self, request: &MissionCreate) -> String {
        let body = serde_json::to_string(request).unwrap_or_default();
        if let Some((sent, key)) = self.sent.get_untracked()
            && sent == body
        {
            return key;
        }
        let key = new_idempotency_key();
        self.sent.set(Some((body, key.clone())));
        self.keep(&untrack(|| self.draft()));
        key
    }

    /// The request was refused: a next try is a new one, even where nothing in it has changed.
    pub fn refused(self) {
        self.sent.set(None);
    }
}

/// The day that a date input holds; none where it is empty.
pub fn parse_date(text: &str) -> Result<Option<NaiveDate>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_date;

    #[test]
    fn an_empty_date_is_none_and_a_wrong_one_is_an_error() {
        assert_eq!(parse_date(" "), Ok(None));
        assert_eq!(parse_date("2026-03-09"), Ok(chrono::NaiveDate::from_ymd_opt(2026, 3, 9)));
        assert_eq!(parse_date("soon"), Err(()));
    }
}
