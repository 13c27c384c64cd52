//! The dialog of one row: what a tool did. What is written in it survives a reload until it is saved or thrown away.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tyrian_api_types::detections::{Detection, DetectionCreate, DetectionPatch};
use tyrian_api_types::{ErrorCode, Patch};
use tyrian_domain::execution::TestField;
use tyrian_domain::permission::Permission;
use tyrian_domain::test::{DetectionKind, DetectionResult, Grade};
use uuid::Uuid;

use super::detections::told;
use super::form::TestForm;
use super::tool::AddTool;
use super::{moment, queries};
use crate::api::{ApiError, new_idempotency_key};
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonSize, Field, FormDialog, Seg, Select, TextArea, TextInput, use_toasts, words,
};

/// What is written, as text; kept in the tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    test: Uuid,
    id: Option<Uuid>,
    tool: String,
    kind: String,
    result: String,
    severity: String,
    at: String,
    reference: String,
    rule: String,
    notes: String,
    /// the row that it changes, as it was read
    #[serde(default)]
    base: Option<Detection>,
}

impl Draft {
    /// A new row.
    pub fn new(test: Uuid) -> Self {
        Self {
            test,
            id: None,
            tool: String::new(),
            kind: DetectionKind::Alerted.as_str().to_owned(),
            result: DetectionResult::Yes.as_str().to_owned(),
            severity: String::new(),
            at: String::new(),
            reference: String::new(),
            rule: String::new(),
            notes: String::new(),
            base: None,
        }
    }

    /// A row to change.
    pub fn of(row: &Detection) -> Self {
        Self {
            test: row.mission_test_id,
            id: Some(row.id),
            tool: row.defence_tool_id.to_string(),
            kind: row.kind.as_str().to_owned(),
            result: row.result.as_str().to_owned(),
            severity: row.severity.map(|grade| grade.as_str().to_owned()).unwrap_or_default(),
            at: row.occurred_at.map(moment::write).unwrap_or_default(),
            reference: row.reference.clone().unwrap_or_default(),
            rule: row.rule.clone().unwrap_or_default(),
            notes: row.notes.clone().unwrap_or_default(),
            base: Some(row.clone()),
        }
    }

    fn place(&self) -> String {
        format!("tyrian.detection.{}.{}", self.test, self.id.map_or_else(|| "new".to_owned(), |id| id.to_string()))
    }
}

/// The change that makes `base` what was written; what is the same stays out of it.
fn changes(base: &Detection, wanted: &DetectionCreate) -> DetectionPatch {
    DetectionPatch {
        result: if base.result == wanted.result { Patch::Keep } else { Patch::Set(wanted.result) },
        severity: Patch::diff(&base.severity, wanted.severity),
        occurred_at: Patch::diff(&base.occurred_at, wanted.occurred_at),
        reference: Patch::diff(&base.reference, wanted.reference.clone()),
        rule: Patch::diff(&base.rule, wanted.rule.clone()),
        notes: Patch::diff(&base.notes, wanted.notes.clone()),
    }
}

/// Would this change write over what somebody else changed between the two versions?
fn clashes(base: &Detection, now: &Detection, patch: &DetectionPatch) -> bool {
    (!patch.result.is_keep() && base.result != now.result)
        || (!patch.severity.is_keep() && base.severity != now.severity)
        || (!patch.occurred_at.is_keep() && base.occurred_at != now.occurred_at)
        || (!patch.reference.is_keep() && base.reference != now.reference)
        || (!patch.rule.is_keep() && base.rule != now.rule)
        || (!patch.notes.is_keep() && base.notes != now.notes)
}

/// How a save ended.
enum Ended {
    Saved(String),
    /// somebody else changed the same; this is how it stands now
    Clash(Box<Detection>),
}

async fn save(mission: String, test: Uuid, base: Option<Detection>, wanted: DetectionCreate, key: String) -> Result<Ended, ApiError> {
    let Some(mut base) = base else {
        let row = queries::add_detection(&mission, test, &wanted, &key).await?;
        return Ok(Ended::Saved(row.defence_tool_name));
    };
    let patch = changes(&base, &wanted);
    if patch.fields().is_empty() {
        return Ok(Ended::Saved(base.defence_tool_name));
    }
    for _ in 0..6 {
        match queries::patch_detection(&mission, test, base.id, base.version, &patch).await {
            Err(error) if error.is(ErrorCode::PreconditionFailed) => {
                let rows = queries::fetch_detections(&mission, test).await?.items;
                let Some(now) = rows.into_iter().find(|row| row.id == base.id) else { return Err(error) };
                if clashes(&base, &now, &patch) {
                    return Ok(Ended::Clash(Box::new(now)));
                }
                base = now;
            }
            other => return other.map(|row| Ended::Saved(row.defence_tool_name)),
        }
    }
    Err(ApiError::Network("others write the same row".to_owned()))
}

/// The dialog.
#[component]
pub fn EditDetection(
    /// the opened test
    form: TestForm,
    /// what it begins with
    draft: Draft,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let (toasts, session) = (use_toasts(), use_session());
    let place = StoredValue::new(draft.place());
    let kept =
        crate::web::stored_in_tab(&draft.place()).and_then(|text| serde_json::from_str::<Draft>(&text).ok()).filter(|kept| *kept != draft);
    let restored = RwSignal::new(kept.is_some());
    let begun = StoredValue::new(draft.clone());
    let draft = kept.unwrap_or(draft);
    let (test, id) = (draft.test, draft.id);
    let base = RwSignal::new(draft.base.clone());
    let [tool, kind, result, severity, at, reference, rule, notes] =
        [draft.tool, draft.kind, draft.result, draft.severity, draft.at, draft.reference, draft.rule, draft.notes].map(RwSignal::new);
    let errors = FormErrors::new();
    let theirs = RwSignal::new(None::<Detection>);
    let key = StoredValue::new(new_idempotency_key());
    let written = move || Draft {
        test,
        id,
        tool: tool.get(),
        kind: kind.get(),
        result: result.get(),
        severity: severity.get(),
        at: at.get(),
        reference: reference.get(),
        rule: rule.get(),
        notes: notes.get(),
        base: base.get(),
    };
    let forget = move || place.with_value(|place| crate::web::store_in_tab(place, None));
    Effect::new(move |_| {
        let now = written();
        let text = (now != begun.get_value()).then(|| serde_json::to_string(&now).ok()).flatten();
        place.with_value(|place| crate::web::store_in_tab(place, text.as_deref()));
    });
    let tools = queries::use_defence_tools();
    let offered = Signal::derive(move || {
        let now = tool.get();
        let mut list = vec![(String::new(), t!("Choose a tool").to_owned())];
        tools.data.with(|tools| {
            let some = tools.as_ref().into_iter().flat_map(|tools| &tools.items).filter(|one| one.is_active || one.id.to_string() == now);
            list.extend(some.map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.kind))));
        });
        list
    });
    let none =
        Memo::new(move |_| tools.data.with(|tools| tools.as_ref().is_some_and(|tools| tools.items.iter().all(|tool| !tool.is_active))));
    let may_add_tool = session.can(Permission::DefenceToolManage);
    let adding = RwSignal::new(false);
    let run = use_mutation(
        move |wanted: DetectionCreate| save(form.here.id.get_untracked(), test, base.get_untracked(), wanted, key.get_value()),
        move |ended| match ended {
            Ended::Saved(name) => {
                open.set(false);
                forget();
                toasts.success(t!("Noted for {name}"; name));
                queries::refresh_detections(&form.here.id.get_untracked(), test);
            }
            Ended::Clash(now) => theirs.set(Some(*now)),
        },
    );
    Effect::new(move |_| {
        if let Some(error) = run.error.get() {
            key.set_value(new_idempotency_key());
            errors.take(&error);
        }
    });
    let near = move || untrack(|| form.moment(TestField::StartedAt)).unwrap_or_else(moment::now);
    let time = move || -> Result<Option<DateTime<Utc>>, ()> {
        let text = at.get_untracked();
        let base = base.get_untracked().and_then(|base| base.occurred_at);
        // Seconds are shown, more may be saved: what was not touched stays to the last digit.
        if base.map(moment::write).as_deref() == Some(text.trim()) {
            return Ok(base);
        }
        moment::resolve(&text, near())
    };
    let submit = move || {
        errors.clear();
        let occurred_at = time();
        if occurred_at.is_err() {
            errors.add("/occurred_at", t!("A time like 14:02:11, or with its day 2026-03-12 14:02:11."));
        }
        let tool_id = tool.get_untracked().parse::<Uuid>();
        if tool_id.is_err() {
            errors.add("/defence_tool_id", t!("Choose which tool it was."));
        }
        let (Ok(defence_tool_id), Ok(occurred_at)) = (tool_id, occurred_at) else {
            crate::web::focus_soon("dialog [aria-invalid=true]");
            return;
        };
        let text = |text: RwSignal<String>| Some(text.get_untracked()).filter(|text| !text.trim().is_empty());
        let request = DetectionCreate {
            defence_tool_id,
            kind: DetectionKind::parse(&kind.get_untracked()).unwrap_or(DetectionKind::Logged),
            result: DetectionResult::parse(&result.get_untracked()).unwrap_or(DetectionResult::No),
            severity: Grade::parse(&severity.get_untracked()),
            occurred_at,
            reference: text(reference).map(|text| text.trim().to_owned()),
            rule: text(rule),
            notes: text(notes),
        };
        if errors.check(&request) {
            run.run.run(request);
        }
    };
    let pairs = |list: &[(&str, &str)]| {
        Signal::stored(list.iter().map(|(code, word)| ((*code).to_owned(), (*word).to_owned())).collect::<Vec<_>>())
    };
    let kinds = pairs(&[("logged", t!("Logged")), ("alerted", t!("Alerted")), ("prevented", t!("Prevented"))]);
    let results = pairs(&[("yes", t!("Yes")), ("partial", t!("Partial")), ("no", t!("No")), ("not_applicable", "N/A")]);
    // No severity at all, and the lowest that a tool can give, are two things.
    let mut grades = vec![(String::new(), t!("It gave no severity").to_owned())];
    grades.extend(Grade::ALL.iter().map(|grade| {
        let word = if *grade == Grade::None { t!("Informational, no threat").to_owned() } else { words(grade.as_str()) };
        (grade.as_str().to_owned(), word)
    }));
    let grades = Signal::stored(grades);
    let title = if id.is_some() { t!("Edit detection") } else { t!("Add detection") };
    let discard = move || {
        let begun = begun.get_value();
        restored.set(false);
        for (signal, value) in [
            (tool, begun.tool),
            (kind, begun.kind),
            (result, begun.result),
            (severity, begun.severity),
            (at, begun.at),
            (reference, begun.reference),
            (rule, begun.rule),
            (notes, begun.notes),
        ] {
            signal.set(value);
        }
    };
    view! {
        <FormDialog open=open title=title act=t!("Save detection") busy=run.busy error=Signal::derive(move || errors.general().get().map(|text| t!("Not saved. {text}"; text))) on_submit=move |()| submit() on_cancel=move |()| forget()>
            {move || restored.get().then(|| view! {
                <Banner kind=BannerKind::Info icon="history">
                    <span>{t!("What you had not saved is back.")}</span>
                    <span class="push"><Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| discard()>{t!("Discard")}</Button></span>
                </Banner>
            })}
            {move || theirs.get().map(|now| {
                let (newest, shown) = (now.clone(), now);
                view! {
                    <Banner kind=BannerKind::Warn icon="git-compare">
                        <span>
                            {t!("Somebody saved this row while you wrote: ")}<b>{told(shown.kind, shown.result)}</b>
                            {shown.occurred_at.map(|at| format!(", {}", moment::write(at)))}
                            {shown.severity.map(|grade| format!(", {}", words(grade.as_str())))}
                            {shown.reference.map(|text| format!(", {text}"))}
                            {shown.notes.map(|text| format!(", “{text}”"))}
                            ". Nothing of yours is lost."
                        </span>
                        <span class="push row row--1">
                            <Button size=ButtonSize::Small on_click=move |_| { open.set(false); forget(); queries::refresh_detections(&form.here.id.get_untracked(), test); }>{t!("Take theirs")}</Button>
                            <Button size=ButtonSize::Small on_click=move |_| { base.set(Some(newest.clone())); theirs.set(None); submit(); }>{t!("Save mine")}</Button>
                        </span>
                    </Banner>
                }
            })}
            <Field label=t!("Defence tool") error=errors.field("/defence_tool_id") required=true>
                <Select value=tool options=offered disabled=Signal::stored(id.is_some())/>
            </Field>
            {move || (none.get() && !may_add_tool).then(|| view! { <p class="small muted">{t!("There is no defence tool in the list yet. Whoever may manage defence tools, a lead or an administrator, adds them under ")}<a href="/admin/detection">{t!("Detection")}</a>{t!("; your note and the three facts do without.")}</p> })}
            {(may_add_tool && id.is_none()).then(|| view! { <AddTool adding=adding tool=tool/> })}
            <div class="pair">
                <div class="field">
                    <span class="field__label">{t!("What it did")}</span>
                    <Seg value=kind options=kinds label=t!("What it did") side="blue" disabled=Signal::stored(id.is_some())/>
                </div>
                <div class="field">
                    <span class="field__label">{t!("Did it")}</span>
                    <Seg value=result options=results label=t!("Did it") side="blue"/>
                </div>
            </div>
            <div class="pair">
                <Field label=t!("When") hint=t!("In your zone; the time of day is enough") error=errors.field("/occurred_at")>
                    <TextInput value=at mono=true placeholder=t!("hh:mm:ss") autocomplete="off"/>
                </Field>
                <Field label=t!("Severity the tool gave") error=errors.field("/severity")><Select value=severity options=grades/></Field>
            </div>
            <Field label=t!("Reference") hint=t!("An alert’s number or its address") error=errors.field("/reference")><TextInput value=reference autocomplete="off"/></Field>
            <Field label=t!("Rule") hint=t!("Sigma or text: the rule that fired, or should have") error=errors.field("/rule")><TextArea value=rule rows=3 code=true/></Field>
            <Field label=t!("Notes") hint=t!("Markdown") error=errors.field("/notes")><TextArea value=notes rows=2/></Field>
        </FormDialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(more: serde_json::Value) -> Detection {
        let mut row = json!({
            "id": "00000000-0000-0000-0000-000000000001", "mission_test_id": "00000000-0000-0000-0000-000000000002",
            "defence_tool_id": "00000000-0000-0000-0000-000000000003", "defence_tool_name": "Sentry EDR", "kind": "alerted",
            "result": "yes", "severity": null, "occurred_at": null, "reference": null, "rule": null, "notes": null, "version": 1,
            "created_at": "2026-03-12T14:00:00Z", "updated_at": "2026-03-12T14:00:00Z"
        });
        for (name, value) in more.as_object().unwrap() {
            row[name] = value.clone();
        }
        serde_json::from_value(row).unwrap()
    }

    fn wanted(row: &Detection) -> DetectionCreate {
        DetectionCreate {
            defence_tool_id: row.defence_tool_id,
            kind: row.kind,
            result: row.result,
            severity: row.severity,
            occurred_at: row.occurred_at,
            reference: row.reference.clone(),
            rule: row.rule.clone(),
            notes: row.notes.clone(),
        }
    }

    #[test]
    fn only_what_differs_is_changed() {
        let base = row(json!({ "notes": "slow" }));
        assert!(changes(&base, &wanted(&base)).fields().is_empty());
        let patch = changes(&base, &wanted(&row(json!({ "reference": "8812" }))));
        assert_eq!(patch.fields(), ["reference", "notes"]);
        assert_eq!(patch.notes, Patch::Clear);
    }

    #[test]
    fn a_clash_is_the_same_field_changed_by_both() {
        let base = row(json!({}));
        let patch = changes(&base, &wanted(&row(json!({ "result": "no" }))));
        assert!(!clashes(&base, &row(json!({ "notes": "n", "version": 2 })), &patch));
        assert!(clashes(&base, &row(json!({ "result": "partial", "version": 2 })), &patch));
    }
}
