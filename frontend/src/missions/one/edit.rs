//! The dialog of the mission's own fields. Where somebody else saved meanwhile, both versions are shown and the reader chooses.

use leptos::prelude::*;
use tyrian_api_types::missions::{Mission, MissionPatch};
use tyrian_api_types::{ErrorCode, FieldError, Validate};

use super::Here;
use super::conflict::ConflictDialog;
use super::fields::{Field as Own, Inputs, patch};
use crate::form::FormErrors;
use crate::missions::queries::{self, MissionData};
use crate::query::use_mutation;
use crate::ui::{Field, FormDialog, TextArea, TextInput, use_toasts};

/// “Edit details”.
#[component]
pub fn EditDialog(
    /// the mission
    here: Here,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let inputs = Inputs::new();
    let errors = FormErrors::new();
    // what the reader began with: its version is the one that an edit names
    let base = RwSignal::new(None::<MissionData>);
    let theirs = RwSignal::new(None::<MissionData>);
    let comparing = RwSignal::new(false);
    // back from comparing: what is written stays
    let resumed = StoredValue::new(false);
    Effect::new(move |_| {
        if !open.get() {
            return;
        }
        if resumed.get_value() {
            resumed.set_value(false);
            return;
        }
        errors.clear();
        let now = here.now(Clone::clone);
        if let Some(mission) = &now {
            inputs.take(&mission.value);
        }
        base.set(now);
    });
    let save = use_mutation(
        move |(etag, patch): (String, MissionPatch)| {
            let id = here.id.get_untracked();
            async move {
                match queries::patch(&id, &etag, patch).await {
                    // Both versions are needed to choose from.
                    Err(error) if error.is(ErrorCode::PreconditionFailed) => queries::fetch_mission(&id).await.map(Err),
                    other => other.map(Ok),
                }
            }
        },
        move |answer| match answer {
            Ok(mission) => {
                open.set(false);
                comparing.set(false);
                toasts.success(t!("Details saved"));
                queries::refresh(&here.id.get_untracked(), mission);
            }
            Err(newest) => {
                theirs.set(Some(newest));
                open.set(false);
                comparing.set(true);
            }
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
        }
    });
    // Checks against the version given, and says nothing to the server where nothing has changed.
    let send = move |on: &MissionData, wanted: &dyn Fn(Own) -> String| {
        let patch = patch(&on.value, wanted);
        let mut faults = patch.check().err().unwrap_or_default();
        for field in [Own::StartDate, Own::EndDate] {
            let text = wanted(field);
            if !text.is_empty() && text.parse::<chrono::NaiveDate>().is_err() {
                let pointer = if field == Own::StartDate { "/start_date" } else { "/end_date" };
                faults.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "date".to_owned(),
                    detail: t!("A day like 2026-03-09.").to_owned(),
                });
            }
        }
        errors.clear();
        if faults.is_empty() {
            let etag = on.etag.clone().unwrap_or_else(|| on.value.head.version.to_string());
            save.run.run((etag, patch));
            return true;
        }
        for fault in faults {
            errors.add(&fault.pointer, fault.detail);
        }
        crate::web::focus_soon("dialog [aria-invalid=true]");
        false
    };
    let submit = move || {
        let Some(base) = base.get_untracked() else { return };
        if is_same(&base.value, inputs) {
            open.set(false);
        } else {
            send(&base, &|field| inputs.now(field));
        }
    };
    let back = move || {
        // What is written stays; saving it again compares again.
        resumed.set_value(true);
        comparing.set(false);
        open.set(true);
    };
    view! {
        <FormDialog
            open=open
            title=t!("Edit details")
            act=t!("Save details")
            wide=true
            busy=save.busy
            error=Signal::derive(move || errors.general().get().map(|text| t!("Not saved. {text}"; text)))
            on_submit=move |()| submit()
        >
            <EditForm inputs=inputs errors=errors/>
        </FormDialog>
        {move || theirs.get().zip(base.get_untracked()).map(|(theirs, base)| view! {
            <ConflictDialog
                open=comparing
                base=base
                theirs=theirs.clone()
                inputs=inputs
                busy=save.busy
                error=errors.general()
                on_back=move |()| back()
                on_save=move |()| {
                    // The inputs hold the choice by now.
                    if is_same(&theirs.value, inputs) {
                        comparing.set(false);
                        toasts.info(t!("Nothing to save"), Some(t!("The version of the others is kept.").to_owned()));
                        queries::refresh_all();
                    } else if !send(&theirs, &|field| inputs.now(field)) {
                        back();
                    }
                }
            />
        })}
    }
}

/// Is nothing else written than the mission has?
fn is_same(mission: &Mission, inputs: Inputs) -> bool {
    Own::ALL.iter().all(|field| inputs.now(*field) == field.of(mission))
}

#[component]
fn EditForm(
    /// what is written
    inputs: Inputs,
    /// what is wrong
    errors: FormErrors,
) -> impl IntoView {
    let area = |field: Own, pointer: &'static str, rows: u32| {
        view! { <Field label=field.label() hint=t!("Markdown") error=errors.field(pointer)><TextArea value=inputs.of(field) rows=rows/></Field> }
    };
    view! {
        <div class="pair">
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=inputs.of(Own::Name) autocomplete="off"/></Field>
            <Field label=t!("Client") error=errors.field("/client") required=true><TextInput value=inputs.of(Own::Client) autocomplete="off"/></Field>
        </div>
        <div class="pair">
            <Field label=t!("First day") error=errors.field("/start_date")><TextInput value=inputs.of(Own::StartDate) kind="date"/></Field>
            <Field label=t!("Last day") error=errors.field("/end_date")><TextInput value=inputs.of(Own::EndDate) kind="date"/></Field>
        </div>
        {area(Own::Objectives, "/objectives", 4)}
        {area(Own::Description, "/description", 3)}
        {area(Own::Scope, "/scope", 3)}
        {area(Own::ThreatModel, "/threat_model", 3)}
        {area(Own::ExecutiveSummary, "/executive_summary", 3)}
    }
}
