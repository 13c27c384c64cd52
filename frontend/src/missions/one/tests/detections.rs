//! What each defence tool did: a row a tool and kind.

use leptos::prelude::*;
use tyrian_api_types::Items;
use tyrian_api_types::detections::Detection;
use tyrian_domain::execution::may_detect;
use tyrian_domain::test::{DetectionKind, DetectionResult};

use super::detection_edit::{Draft, EditDetection};
use super::form::TestForm;
use super::queries;
use crate::loaded::error_state;
use crate::query::{Query, use_mutation};
use crate::texts::spoken;
use crate::ui::{Button, ButtonKind, ButtonSize, Code, ConfirmDialog, Icon, IconButton, Markdown, Severity, Time, TimeFormat, use_toasts};

/// What a row says: “Logged”, “Partially alerted”, “Not prevented”.
pub fn told(kind: DetectionKind, result: DetectionResult) -> String {
    let word = match kind {
        DetectionKind::Logged => "logged",
        DetectionKind::Alerted => "alerted",
        DetectionKind::Prevented => "prevented",
    };
    let text = match result {
        DetectionResult::Yes => word.to_owned(),
        DetectionResult::Partial => t!("partially {word}"; word),
        DetectionResult::No => t!("not {word}"; word),
        DetectionResult::NotApplicable => t!("{word}: cannot apply"; word),
    };
    crate::ui::words(&text)
}

const fn icon_of(kind: DetectionKind) -> &'static str {
    match kind {
        DetectionKind::Logged => "file-text",
        DetectionKind::Alerted => "bell",
        DetectionKind::Prevented => "shield-check",
    }
}

/// The rows, with ways to add, change and take out for who may.
#[component]
pub fn Detections(
    /// the opened test
    form: TestForm,
    /// what the tools did
    detections: Query<Items<Detection>>,
) -> impl IntoView {
    let why = Memo::new(move |_| {
        let status = form.mission_status();
        let state = form.read(|test| test.state);
        may_detect(form.hands.get(), status, state).err().map(|refusal| spoken(refusal.reason()))
    });
    let editing = RwSignal::new(None::<Draft>);
    let open = RwSignal::new(false);
    let edit = Callback::new(move |draft: Draft| {
        editing.set(Some(draft));
        open.set(true);
    });
    let going = RwSignal::new(None::<Detection>);
    let asking = RwSignal::new(false);
    let toasts = use_toasts();
    let (mission, test) = (form.here.id, form.id());
    let remove = use_mutation(
        move |row: Detection| async move { queries::delete_detection(&mission.get_untracked(), test, row.id, row.version).await },
        move |()| {
            asking.set(false);
            toasts.success(t!("Row taken out"));
            queries::refresh_detections(&mission.get_untracked(), test);
        },
    );
    let count = Memo::new(move |_| detections.data.with(|rows| rows.as_ref().map(|rows| rows.items.len())));
    let writes = Memo::new(move |_| form.hands.get().blue);
    view! {
        <div class="field">
            <div class="field__label">
                {t!("Per tool ")}<span class="count">{move || count.get()}</span>
                {move || writes.get().then(|| view! {
                    <span class="push">
                        <Button
                            kind=ButtonKind::Ghost
                            size=ButtonSize::Small
                            icon="plus"
                            disabled=Signal::derive(move || why.read().is_some())
                            title=Signal::derive(move || why.get())
                            on_click=move |_| edit.run(Draft::new(test))
                        >{t!("Add detection")}</Button>
                    </span>
                })}
            </div>
            {move || match (detections.data.get(), detections.error.get()) {
                (Some(rows), _) if rows.items.is_empty() => view! {
                    <p class="muted">{if writes.get() { t!("No tool has a row yet: one for each thing that a tool logged, alerted, prevented, or missed.") } else { t!("No tool has a row yet.") }}</p>
                }
                .into_any(),
                (Some(rows), _) => view! {
                    <ul class="detections">
                        {rows
                            .items
                            .into_iter()
                            .map(|row| {
                                let (again, gone) = (row.clone(), row.clone());
                                let act = move |row: Detection| edit.run(Draft::of(&row));
                                view! {
                                    <DetectionRow
                                        row=row
                                        may=Signal::derive(move || writes.get() && why.read().is_none())
                                        on_edit=move |()| act(again.clone())
                                        on_remove=move |()| { going.set(Some(gone.clone())); remove.error.set(None); asking.set(true); }
                                    />
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                .into_any(),
                (None, Some(error)) => error_state(t!("The rows of the tools"), &error, detections.refetch),
                (None, None) => view! { <span class="skel"></span> }.into_any(),
            }}
        </div>
        {move || editing.get().map(|draft| view! { <EditDetection form=form draft=draft open=open/> })}
        <ConfirmDialog
            open=asking
            title=Signal::derive(move || going.with(|row| row.as_ref().map(|row| t!("Take out “{}: {}”?", row.defence_tool_name, told(row.kind, row.result))).unwrap_or_default()))
            text=t!("Its time, rule and notes go with it. The facts that you chose stay as they are.")
            confirm=t!("Take it out")
            busy=remove.busy
            error=Signal::derive(move || remove.error.read().as_ref().map(|error| {
                if error.is(tyrian_api_types::ErrorCode::PreconditionFailed) {
                    t!("Somebody has just changed this row. Close this and look at it first.").to_owned()
                } else {
                    error.text()
                }
            }))
            on_confirm=move |()| if let Some(row) = going.get_untracked() { remove.run.run(row) }
        />
    }
}

#[component]
fn DetectionRow(
    /// the row
    row: Detection,
    /// may it be changed
    may: Signal<bool>,
    /// opens it
    #[prop(into)]
    on_edit: Callback<()>,
    /// takes it out
    #[prop(into)]
    on_remove: Callback<()>,
) -> impl IntoView {
    let what = told(row.kind, row.result);
    let name = format!("{}, {}", row.defence_tool_name, what.to_lowercase());
    let (edit, take_out) = (t!("Edit {name}"; name), t!("Take out {name}"; name));
    let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (reference, rule, notes) = (text(row.reference), text(row.rule), text(row.notes));
    let more = reference.is_some() || rule.is_some() || notes.is_some();
    view! {
        <li class="detection" data-result=row.result.as_str()>
            <span class="strong trunc" title=row.defence_tool_name.clone()>{row.defence_tool_name.clone()}</span>
            <span class="row row--1 nowrap"><Icon name=icon_of(row.kind) size=14/>{what}</span>
            <span class="detection__at num">{match row.occurred_at {
                Some(at) => view! { <Time at=at format=TimeFormat::Clock/> }.into_any(),
                None => view! { <span class="faint">{t!("no time")}</span> }.into_any(),
            }}</span>
            <span class="detection__sev">{row.severity.map(|grade| view! { <Severity level=grade.as_str()/> })}</span>
            <span class="row detection__acts">
                {move || may.get().then(|| view! {
                    <IconButton icon="pencil" label=edit.clone() on_click=move |_| on_edit.run(())/>
                    <IconButton icon="trash-2" label=take_out.clone() on_click=move |_| on_remove.run(())/>
                })}
            </span>
            {more.then(|| view! {
                <details class="detection__more">
                    <summary class="small muted">{match (&reference, &rule) {
                        (Some(reference), _) => reference.clone(),
                        (None, Some(_)) => t!("Rule").to_owned(),
                        (None, None) => t!("Notes").to_owned(),
                    }}</summary>
                    <div class="stack stack--1">
                        {rule.map(|rule| view! { <Code text=rule/> })}
                        {notes.map(|notes| view! { <Markdown text=notes/> })}
                    </div>
                </details>
            })}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_in_words() {
        assert_eq!(told(DetectionKind::Alerted, DetectionResult::Partial), "Partially alerted");
        assert_eq!(told(DetectionKind::Prevented, DetectionResult::No), "Not prevented");
        assert_eq!(told(DetectionKind::Logged, DetectionResult::Yes), "Logged");
    }
}
