//! The mission's own fields as texts: what the dialog edits, what a conflict compares, what a patch holds.

use chrono::NaiveDate;
use leptos::prelude::*;
use tyrian_api_types::Patch;
use tyrian_api_types::missions::{Mission, MissionPatch};

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// what it is called
    Name,
    /// whom it is for
    Client,
    /// first day
    StartDate,
    /// last day
    EndDate,
    /// what it is to find out
    Objectives,
    /// what it is about
    Description,
    /// what is in and what is out
    Scope,
    /// against whom
    ThreatModel,
    /// what management reads first
    ExecutiveSummary,
}

impl Field {
    /// All of them, in the order of the dialog.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Client,
        Self::StartDate,
        Self::EndDate,
        Self::Objectives,
        Self::Description,
        Self::Scope,
        Self::ThreatModel,
        Self::ExecutiveSummary,
    ];

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => t!("Name"),
            Self::Client => t!("Client"),
            Self::StartDate => t!("First day"),
            Self::EndDate => t!("Last day"),
            Self::Objectives => t!("Objectives"),
            Self::Description => t!("Description"),
            Self::Scope => t!("Scope"),
            Self::ThreatModel => t!("Threat model"),
            Self::ExecutiveSummary => t!("Executive summary"),
        }
    }

    /// Its value; empty where there is none.
    pub fn of(self, mission: &Mission) -> String {
        let date = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match self {
            Self::Name => mission.head.name.clone(),
            Self::Client => mission.head.client.clone(),
            Self::StartDate => date(mission.head.start_date),
            Self::EndDate => date(mission.head.end_date),
            Self::Objectives => text(&mission.objectives),
            Self::Description => text(&mission.description),
            Self::Scope => text(&mission.scope),
            Self::ThreatModel => text(&mission.threat_model),
            Self::ExecutiveSummary => text(&mission.executive_summary),
        }
    }

    /// The value as it is compared and sent: lines without white space around them.
    pub fn tidy(self, value: &str) -> String {
        match self {
            Self::Name | Self::Client | Self::StartDate | Self::EndDate => value.trim().to_owned(),
            _ if value.trim().is_empty() => String::new(),
            _ => value.to_owned(),
        }
    }
}

/// The patch that makes `base` what `wanted` says; what is the same stays out of it.
pub fn patch(base: &Mission, wanted: impl Fn(Field) -> String) -> MissionPatch {
    let changed = |field: Field| {
        let value = field.tidy(&wanted(field));
        (value != field.of(base)).then_some(value)
    };
    let line = |field: Field| changed(field).map_or(Patch::Keep, Patch::Set);
    let text = |field: Field| match changed(field) {
        None => Patch::Keep,
        Some(value) if value.is_empty() => Patch::Clear,
        Some(value) => Patch::Set(value),
    };
    let date = |field: Field| match changed(field) {
        None => Patch::Keep,
        Some(value) => value.parse().map_or(Patch::Clear, Patch::Set),
    };
    MissionPatch {
        name: line(Field::Name),
        client: line(Field::Client),
        start_date: date(Field::StartDate),
        end_date: date(Field::EndDate),
        objectives: text(Field::Objectives),
        description: text(Field::Description),
        scope: text(Field::Scope),
        threat_model: text(Field::ThreatModel),
        executive_summary: text(Field::ExecutiveSummary),
    }
}

/// The fields as signals; a copyable handle.
#[derive(Clone, Copy)]
pub struct Inputs([RwSignal<String>; 9]);

impl Inputs {
    /// Empty ones.
    pub fn new() -> Self {
        Self(Field::ALL.map(|_| RwSignal::new(String::new())))
    }

    /// Takes the values of a mission.
    pub fn take(self, mission: &Mission) {
        for field in Field::ALL {
            self.of(field).set(field.of(mission));
        }
    }

    /// The signal of a field.
    pub fn of(self, field: Field) -> RwSignal<String> {
        let [name, client, start, end, objectives, description, scope, threat_model, summary] = self.0;
        match field {
            Field::Name => name,
            Field::Client => client,
            Field::StartDate => start,
            Field::EndDate => end,
            Field::Objectives => objectives,
            Field::Description => description,
            Field::Scope => scope,
            Field::ThreatModel => threat_model,
            Field::ExecutiveSummary => summary,
        }
    }

    /// What is written in a field.
    pub fn now(self, field: Field) -> String {
        field.tidy(&self.of(field).get_untracked())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use tyrian_api_types::missions::MissionSummary;
    use tyrian_domain::counters::Counters;
    use tyrian_domain::mission::MissionStatus;

    pub fn mission(name: &str, objectives: Option<&str>) -> Mission {
        Mission {
            head: MissionSummary {
                id: uuid::Uuid::nil(),
                name: name.to_owned(),
                client: "Meridian Bank".to_owned(),
                status: MissionStatus::Draft,
                allowed_transitions: Vec::new(),
                start_date: NaiveDate::from_ymd_opt(2026, 3, 9),
                end_date: None,
                retest_of_id: None,
                attack_version: None,
                members: Vec::new(),
                counts: Counters::empty(),
                created_by: None,
                version: 1,
                created_at: chrono::DateTime::UNIX_EPOCH,
                updated_at: chrono::DateTime::UNIX_EPOCH,
            },
            description: None,
            objectives: objectives.map(str::to_owned),
            scope: None,
            threat_model: None,
            executive_summary: None,
            scenarios: Vec::new(),
        }
    }

    #[test]
    fn a_patch_holds_what_has_changed_and_nothing_else() {
        let base = mission("Quiet Ledger", Some("Find the gaps"));
        assert_eq!(patch(&base, |field| field.of(&base)), MissionPatch::default());
        let wanted = |field: Field| match field {
            Field::Name => " Quiet Ledger ".to_owned(),
            Field::Objectives | Field::StartDate => "  ".to_owned(),
            Field::EndDate => "2026-03-20".to_owned(),
            Field::Scope => "Finance".to_owned(),
            other => other.of(&base),
        };
        let patch = patch(&base, wanted);
        assert_eq!(patch.name, Patch::Keep);
        assert_eq!(patch.objectives, Patch::Clear);
        assert_eq!(patch.start_date, Patch::Clear);
        assert_eq!(patch.end_date, Patch::Set(NaiveDate::from_ymd_opt(2026, 3, 20).unwrap()));
        assert_eq!(patch.scope, Patch::Set("Finance".to_owned()));
        assert_eq!(patch.description, Patch::Keep);
    }
}
