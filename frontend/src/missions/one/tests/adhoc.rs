//! A test that no template has: thought of during the exercise.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tyrian_api_types::Validate;
use tyrian_api_types::execution::MissionTestCreate;
use tyrian_api_types::test_templates::{MitreTag, MitreTagInput, TestTemplateCreate};

use super::{AddTo, Desk, queries};
use crate::api::new_idempotency_key;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::templates::AttackPicker;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonSize, Field, FormDialog, Select, Switch, TextArea, TextInput, use_toasts};

/// What is written, kept in the tab until the test is added or the dialog is left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Draft {
    name: String,
    procedure: String,
    command: String,
    tags: Vec<MitreTag>,
    disclosed: bool,
}

impl Draft {
    fn fresh() -> Self {
        Self { disclosed: true, ..Self::default() }
    }

    fn request(&self, scenario: &str) -> MissionTestCreate {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        let tag = |tag: &MitreTag| MitreTagInput { kind: tag.kind, external_id: tag.external_id.clone() };
        MissionTestCreate {
            mission_scenario_id: scenario.parse().ok(),
            disclosed: Some(self.disclosed),
            content: TestTemplateCreate {
                name: self.name.trim().to_owned(),
                objective: None,
                procedure: text(&self.procedure),
                prerequisites: None,
                cleanup: None,
                expected_detection: None,
                detection_rules: Vec::new(),
                opsec_level: None,
                platforms: Vec::new(),
                tags: Vec::new(),
                executor: None,
                command: text(&self.command),
                arguments: std::collections::BTreeMap::new(),
                elevation_required: false,
                references: Vec::new(),
                mitre_tags: self.tags.iter().map(tag).collect(),
            },
        }
    }
}

/// The dialog; `desk.add_to` opens it, with the scenario that it was opened from.
#[component]
pub fn AddTest(
    /// the tab
    desk: Desk,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let scenario = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(to) = desk.add_to.get() {
            scenario.set(match to {
                AddTo::Scenario(id) => id.to_string(),
                AddTo::Any => String::new(),
            });
            open.set(true);
        }
    });
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            desk.add_to.set(None);
        }
        now
    });
    move || desk.add_to.read().is_some().then(|| view! { <AddForm desk=desk open=open scenario=scenario/> })
}

#[component]
fn AddForm(
    /// the tab
    desk: Desk,
    /// shown while true
    open: RwSignal<bool>,
    /// the scenario that it joins; empty: “Ad hoc”
    scenario: RwSignal<String>,
) -> impl IntoView {
    let here = desk.here;
    let (toasts, session) = (use_toasts(), use_session());
    let user = untrack(|| session.me()).map(|me| me.id).unwrap_or_default();
    let place = StoredValue::new(format!("tyrian.adhoc.{user}.{}", here.id.get_untracked()));
    let kept = place.with_value(|place| crate::web::stored_in_tab(place)).and_then(|text| serde_json::from_str::<Draft>(&text).ok());
    let restored = RwSignal::new(kept.is_some());
    let draft = kept.unwrap_or_else(Draft::fresh);
    let (name, procedure, command) = (RwSignal::new(draft.name), RwSignal::new(draft.procedure), RwSignal::new(draft.command));
    let (tags, disclosed) = (RwSignal::new(draft.tags), RwSignal::new(draft.disclosed));
    let written = move || Draft {
        name: name.get(),
        procedure: procedure.get(),
        command: command.get(),
        tags: tags.get(),
        disclosed: disclosed.get(),
    };
    let forget = move || place.with_value(|place| crate::web::store_in_tab(place, None));
    Effect::new(move |_| {
        let now = written();
        let text = (now != Draft::fresh()).then(|| serde_json::to_string(&now).ok()).flatten();
        place.with_value(|place| crate::web::store_in_tab(place, text.as_deref()));
    });
    let errors = FormErrors::new();
    let sent = StoredValue::new(None::<(MissionTestCreate, String)>);
    let run = use_mutation(
        move |(request, key): (MissionTestCreate, String)| async move { queries::add_test(&here.id.get_untracked(), &request, &key).await },
        move |test| {
            open.set(false);
            forget();
            toasts.success(t!("“{}” added", test.content.name));
            queries::refresh_mission(&here.id.get_untracked());
            desk.url.push(&[("test", Some(test.id.to_string())), ("find", None), ("state", None)]);
        },
    );
    Effect::new(move |_| {
        if let Some(error) = run.error.get() {
            if error.code().is_some_and(|code| code.status() < 500) {
                sent.set_value(None);
            }
            errors.take(&error);
        }
    });
    let submit = move || {
        let request = untrack(written).request(&scenario.get_untracked());
        if request.check().is_err() {
            errors.check(&request);
            return;
        }
        errors.clear();
        // A try that got no answer is repeated under its key, so that no test is added twice.
        let key = match sent.get_value() {
            Some((before, key)) if before == request => key,
            _ => new_idempotency_key(),
        };
        sent.set_value(Some((request.clone(), key.clone())));
        run.run.run((request, key));
    };
    let scenarios = Signal::derive(move || {
        let mut list: Vec<(String, String)> =
            here.read(|data| data.value.scenarios.iter().map(|one| (one.id.to_string(), one.name.clone())).collect()).unwrap_or_default();
        if !list.iter().any(|one| one.1 == "Ad hoc") {
            list.push((String::new(), t!("Ad hoc, made for it").to_owned()));
        }
        list
    });
    Effect::new(move |_| {
        // Without a scenario it joins the one of its kind, where there is one.
        if scenario.read_untracked().is_empty()
            && let Some(one) = scenarios.read().iter().find(|one| one.1 == "Ad hoc")
        {
            scenario.set(one.0.clone());
        }
    });
    let discard = move || {
        restored.set(false);
        for text in [name, procedure, command] {
            text.set(String::new());
        }
        tags.set(Vec::new());
        disclosed.set(true);
    };
    view! {
        <FormDialog open=open title=t!("Add a test") act=t!("Add test") busy=run.busy error=Signal::derive(move || errors.general().get().map(|text| t!("Not added. {text}"; text))) on_submit=move |()| submit() on_cancel=move |()| forget()>
            {move || restored.get().then(|| view! {
                <Banner kind=BannerKind::Info icon="history">
                    <span>{t!("What you had written is back.")}</span>
                    <span class="push"><Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| discard()>{t!("Discard")}</Button></span>
                </Banner>
            })}
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name autocomplete="off"/></Field>
            <AttackPicker tags=tags error=errors.under("/mitre_tags")/>
            <Field label=t!("Procedure") hint=t!("Markdown") error=errors.field("/procedure")><TextArea value=procedure rows=4/></Field>
            <Field label=t!("Command") hint=t!("With #{name} for what changes from run to run") error=errors.field("/command")><TextArea value=command rows=2 code=true/></Field>
            <Field label=t!("Scenario") error=errors.field("/mission_scenario_id")><Select value=scenario options=scenarios/></Field>
            <Switch checked=disclosed on_change=move |on: bool| disclosed.set(on)>{t!("Shown to blue")}</Switch>
        </FormDialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out() {
        let draft = Draft { name: " Pass the hash ".to_owned(), command: "  ".to_owned(), ..Draft::fresh() };
        let request = draft.request("");
        assert_eq!((request.content.name.as_str(), request.content.command, request.mission_scenario_id), ("Pass the hash", None, None));
        assert_eq!(request.disclosed, Some(true));
        assert!(draft.request("00000000-0000-0000-0000-000000000007").mission_scenario_id.is_some());
    }
}
