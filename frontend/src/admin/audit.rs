//! `/admin/audit`: who did what to what, when and from where; whether the log is whole; the log as a file.

use leptos::prelude::*;
use serde_json::Value;
use tyrian_api_types::Page as ListPage;
use tyrian_api_types::audit::{AuditEvent, AuditVerification};
use tyrian_domain::permission::Permission;

use super::frame::{AdminPage, ListEnd, is_filled};
use crate::api::{self, query_string};
use crate::key;
use crate::loaded::Loaded;
use crate::long::LongRows;
use crate::missions::{Doomed, PurgeEvidence, Url, use_url};
use crate::query::{invalidate, use_mutation, use_paged};
use crate::session::use_session;
use crate::texts::{spoken, tr};
use crate::ui::{
    Badge, Banner, BannerKind, Button, ButtonSize, Chip, EmptyState, Select, SkeletonRows, Table, TextInput, Time, TimeFormat, Tone, count,
    use_toasts, words,
};

/// The acts offered: the filter's value and its word.
const ACTS: [(&str, &str); 22] = [
    ("", mark!("Every act")),
    ("denied", mark!("Denied attempts")),
    ("login", mark!("Sign-ins, failed ones too")),
    ("password", mark!("Passwords")),
    ("totp", mark!("Two-step sign-in")),
    ("api_token", mark!("API tokens")),
    ("session", mark!("Sessions")),
    ("mission", mark!("Missions")),
    ("mission_test", mark!("Tests of missions")),
    ("detection", mark!("Detections")),
    ("evidence", mark!("Evidence")),
    ("comment", mark!("Comments")),
    ("category", mark!("Categories")),
    ("test_template", mark!("Test templates")),
    ("scenario_template", mark!("Scenarios")),
    ("import", mark!("Imports")),
    ("mitre", "ATT&CK"),
    ("user", mark!("Users")),
    ("group", mark!("Groups")),
    ("invitation", mark!("Invitations")),
    ("detection_level", mark!("Detection levels")),
    ("defence_tool", mark!("Defence tools")),
];

/// What the URL asks for, as it goes to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    action: Option<String>,
    actor: Option<String>,
    object: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Filter {
    fn of(url: Url) -> Self {
        let get = |name: &str| url.get(name).filter(|text| !text.is_empty());
        let day = |name: &str| get(name).and_then(|text| text.parse::<chrono::NaiveDate>().ok());
        let begin = |day: chrono::NaiveDate| format!("{day}T00:00:00Z");
        Self {
            action: get("action"),
            actor: get("actor"),
            object: get("object"),
            from: day("from").map(begin),
            // the last day counts whole
            to: day("to").and_then(|day| day.succ_opt()).map(begin),
        }
    }

    fn is_on(&self) -> bool {
        [&self.action, &self.actor, &self.object, &self.from, &self.to].into_iter().any(Option::is_some)
    }

    fn path(&self, cursor: Option<String>) -> String {
        let parts = [
            ("action", self.action.clone()),
            ("actor_id", self.actor.clone()),
            ("object_id", self.object.clone()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("cursor", cursor),
        ];
        format!("/audit-events{}", query_string(parts))
    }
}

/// The page.
#[component]
pub fn AuditPage() -> impl IntoView {
    let url = use_url();
    let filter = Memo::new(move |_| Filter::of(url));
    let toasts = use_toasts();
    let save = use_mutation(
        move |()| async move { api::download_as(filter.get_untracked().path(None), "text/csv", "audit.csv").await },
        move |()| {},
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            toasts.error(t!("The log was not saved"), Some(error.text()));
        }
    });
    view! {
        <AdminPage
            title=t!("Audit log")
            tab="Audit log"
            what=t!("The audit log")
            permission=Permission::AuditRead
            actions=move || view! { <Button size=ButtonSize::Small icon="download" busy=save.busy on_click=move |_| save.run.run(())>{t!("CSV")}</Button> }
        >
            <Whole/>
            <Tools url=url filter=filter/>
            <Events url=url filter=filter/>
        </AdminPage>
    }
}

/// Whether the log is as it was written.
#[component]
fn Whole() -> impl IntoView {
    let result = RwSignal::new(None::<AuditVerification>);
    let verify = use_mutation(move |()| api::get::<AuditVerification>("/audit-events/verify"), move |found| result.set(Some(found)));
    view! {
        <section class="card card__body row row--between row--wrap" aria-label=t!("Verification")>
            <p class="muted">{t!("Each entry carries a hash over itself and the one before it: what is changed, taken out or moved is found.")}</p>
            <Button size=ButtonSize::Small icon="shield-check" busy=verify.busy on_click=move |_| verify.run.run(())>{t!("Verify the log")}</Button>
        </section>
        <div role="status">
            {move || verify.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{t!("It was not verified. ")}{error.text()}</span></Banner> })}
            {move || result.get().map(|found| if found.ok {
                let text = t!("The log is whole: {} in {}.", count(found.events, "entry", "entries"), count(found.streams, "chain", "chains"));
                view! { <Banner kind=BannerKind::Info icon="shield-check"><span>{text}</span></Banner> }.into_any()
            } else {
                let faults = found.faults.into_iter().map(|fault| {
                    let chain = if fault.stream == "system" { t!("the system’s chain").to_owned() } else { t!("the chain of mission {}", fault.stream) };
                    let what = match fault.fault.as_str() {
                        "missing" => t!("is missing"),
                        "unknown_end" => t!("is not the end that was noted"),
                        _ => t!("is not as it was written"),
                    };
                    view! { <li>{t!("Entry {} of {} {}.", fault.sequence, chain, what)}</li> }
                });
                view! { <Banner kind=BannerKind::Error icon="triangle-alert"><div><b>{t!("The log was tampered with.")}</b><ul>{faults.collect_view()}</ul></div></Banner> }.into_any()
            })}
        </div>
    }
}

/// The filters.
#[component]
fn Tools(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<Filter>,
) -> impl IntoView {
    let (action, from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        for (signal, name) in [(action, "action"), (from, "from"), (to, "to")] {
            signal.set(url.get(name).unwrap_or_default());
        }
    });
    let set = move |name: &'static str| move |value: String| url.push(&[(name, Some(value).filter(|value| !value.is_empty()))]);
    let options = Signal::stored(ACTS.iter().map(|(value, word)| ((*value).to_owned(), tr(word).to_owned())).collect::<Vec<_>>());
    view! {
        <div class="toolbar">
            <Select value=action label=t!("Act") options=options on_change=set("action")/>
            <span class="row row--1"><span class="small muted" aria-hidden="true">{t!("From")}</span><TextInput value=from kind="date" label=t!("From") on_change=set("from")/></span>
            <span class="row row--1"><span class="small muted" aria-hidden="true">{t!("to")}</span><TextInput value=to kind="date" label=t!("To") on_change=set("to")/></span>
            {move || filter.read().actor.is_some().then(|| view! { <Chip name="One person" on_remove=move |()| url.push(&[("actor", None)])/> })}
            {move || filter.read().object.is_some().then(|| view! { <Chip name="One object" on_remove=move |()| url.push(&[("object", None)])/> })}
            <span class="small muted push">{t!("Days of UTC")}</span>
        </div>
    }
}

/// The piece of evidence that an entry tells was deleted: it is still there, behind the app, until it is removed for good.
fn deleted_evidence(event: &AuditEvent) -> Option<Doomed> {
    let id = event.object_id.as_ref().filter(|_| event.action == "evidence.delete")?.parse().ok()?;
    let file_name = event.detail.get("file_name")?.as_str()?.to_owned();
    Some(Doomed { id, file_name })
}

#[component]
fn Events(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<Filter>,
) -> impl IntoView {
    let list = use_paged(
        move || key!["audit", format!("{:?}", filter.get())],
        move |cursor| api::get::<ListPage<AuditEvent>>(filter.get_untracked().path(cursor)),
    );
    let purging = RwSignal::new(None::<Doomed>);
    view! {
        <section class="card">
            <Loaded query=is_filled(list.first) what=t!("The audit log") skeleton=|| view! { <SkeletonRows rows=8/> } let:filled>
                {if filled {
                    view! {
                        <Table label=t!("Audit log")>
                            <thead><tr>
                                <th scope="col">{t!("When")}</th><th scope="col">{t!("Who")}</th><th scope="col">{t!("Act")}</th><th scope="col">{t!("Object")}</th>
                                <th scope="col" class="at-900">{t!("Detail")}</th><th scope="col" class="at-1100">{t!("From")}</th>
                            </tr></thead>
                            <LongRows list=list key=|event: &AuditEvent| event.id let:event><Row url=url event=event purging=purging/></LongRows>
                        </Table>
                        <ListEnd list=list shown=list.shown/>
                    }
                    .into_any()
                } else {
                    let text = if filter.read_untracked().is_on() { t!("Take a filter out to see more.") } else { t!("Every change from now on stands here.") };
                    view! { <EmptyState tight=true title=t!("No entry fits") text=text/> }.into_any()
                }}
            </Loaded>
        </section>
        <PurgeEvidence target=purging on_gone=move |()| invalidate(&key!["audit"])/>
    }
}

/// An act in words: `mission_test.update` is “Mission test: update”.
fn act_words(action: &str) -> String {
    match action.split_once('.') {
        Some((of, what)) => format!("{}: {}", words(of), spoken(what.replace(['_', '.'], " "))),
        None => words(action),
    }
}

/// A line of what an entry tells: a field and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    field: String,
    said: String,
}

/// Lines that are shown before the others are folded away.
const LINES: usize = 4;

/// A value as a person reads it; ids keep their end, by which the log is filtered.
fn said(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(yes) => if *yes { t!("yes") } else { t!("no") }.to_owned(),
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
            format!("…{}", text.get(text.len().saturating_sub(6)..).unwrap_or(text))
        }
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => t!("none").to_owned(),
        Value::Array(list) => list.iter().map(said).collect::<Vec<_>>().join(", "),
        Value::Object(parts) => {
            parts.iter().map(|(name, part)| format!("{} {}", spoken(name.replace('_', " ")), said(part))).collect::<Vec<_>>().join(", ")
        }
        Value::Number(number) => number.to_string(),
    }
}

/// What an entry tells, a line a field; a change as what was and what became.
fn lines(detail: &Value) -> Vec<Line> {
    let changed = |value: &Value| Some((value.get("from")?.clone(), value.get("to")?.clone()));
    let line = |field: &str, value: &Value| Line {
        field: words(field),
        said: changed(value).map_or_else(|| said(value), |(from, to)| format!("{} → {}", said(&from), said(&to))),
    };
    let mut lines = Vec::new();
    for (field, value) in detail.as_object().into_iter().flatten() {
        match value.as_array() {
            Some(changes) if !changes.is_empty() && changes.iter().all(|change| change.get("field").is_some()) => {
                for change in changes {
                    lines.push(line(change.get("field").and_then(Value::as_str).unwrap_or(field), change));
                }
            }
            _ => lines.push(line(field, value)),
        }
    }
    lines
}

/// The lines of an entry.
#[component]
fn Details(lines: Vec<Line>) -> impl IntoView {
    let show = |lines: Vec<Line>| {
        lines
            .into_iter()
            .map(|line| view! { <div class="audit__line" title=format!("{}: {}", line.field, line.said)><dt>{line.field.clone()}</dt><dd>{line.said.clone()}</dd></div> })
            .collect_view()
    };
    let mut first = lines;
    let rest = first.split_off(first.len().min(LINES));
    let more = count(rest.len() as u64, "more", "more");
    view! {
        <dl class="audit__detail small">{show(first)}</dl>
        {(!rest.is_empty()).then(|| view! {
            <details class="small"><summary class="muted">{more}</summary><dl class="audit__detail">{show(rest)}</dl></details>
        })}
    }
}

#[component]
fn Row(
    /// the page's URL
    url: Url,
    /// the entry
    event: AuditEvent,
    /// asks before a file is removed for good
    purging: RwSignal<Option<Doomed>>,
) -> impl IntoView {
    let session = use_session();
    let doomed = deleted_evidence(&event).filter(|_| untrack(|| session.can(Permission::MissionPurge)));
    let AuditEvent { at, actor_id, actor_name, action, object_kind, object_id, ip, detail, request_id, .. } = event;
    let who = match (actor_id, actor_name) {
        (Some(id), name) => {
            let name = name.unwrap_or_else(|| t!("An account that is gone").to_owned());
            view! { <a href=url.href(&[("actor", Some(id.to_string()))]) title=t!("Only their acts")>{name}</a> }.into_any()
        }
        (None, _) => view! { <span class="muted">{t!("Nobody signed in")}</span> }.into_any(),
    };
    let kind = words(&object_kind);
    let object = match object_id {
        Some(id) => view! { <a href=url.href(&[("object", Some(id.clone()))]) title=t!("Only this object: {id}"; id)>{kind}<span class="mono small faint">{format!(" …{}", id.get(id.len().saturating_sub(6)..).unwrap_or(&id))}</span></a> }.into_any(),
        None => view! { <span>{kind}</span> }.into_any(),
    };
    let act = if action == "denied" {
        view! { <Badge tone=Tone::Warn icon="lock">{t!("Denied")}</Badge> }.into_any()
    } else {
        view! { <span>{act_words(&action)}</span> }.into_any()
    };
    view! {
        <tr>
            <td class="nowrap"><Time at=at format=TimeFormat::Full/></td>
            <td>{who}</td>
            <td>
                {act}
                {doomed.map(|doomed| {
                    let which = t!(" the file {}", doomed.file_name);
                    view! { <div><button class="linkish small" type="button" on:click=move |_| purging.set(Some(doomed.clone()))>{t!("Remove for good")}<span class="sr">{which}</span></button></div> }
                })}
            </td>
            <td class="nowrap">{object}</td>
            <td class="at-900"><Details lines=lines(&detail)/></td>
            <td class="at-1100 mono small muted nowrap" title=request_id.map(|id| t!("Request {id}"; id))>{ip}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_told_field_by_field() {
        let told =
            |detail: serde_json::Value| lines(&detail).into_iter().map(|line| format!("{}: {}", line.field, line.said)).collect::<Vec<_>>();
        let detail = serde_json::json!({"changes": [{"field": "red_notes", "from": null, "to": "n"}, {"field": "is_delayed", "from": false, "to": true}], "test": "0198c0de-0000-7000-8000-00000000beef"});
        assert_eq!(told(detail), ["Red notes: – → n", "Is delayed: no → yes", "Test: …00beef"]);
        let detail =
            serde_json::json!({"name": {"from": "A", "to": "B"}, "codes": ["mission.read", "mission.update"], "left": [], "created": 3});
        let mut all = told(detail);
        all.sort();
        assert_eq!(all, ["Codes: mission.read, mission.update", "Created: 3", "Left: none", "Name: A → B"]);
        assert!(told(serde_json::json!({})).is_empty());
    }

    #[test]
    fn acts_are_told_in_words() {
        assert_eq!(act_words("mission_test.update"), "Mission test: update");
        assert_eq!(act_words("mission.members.set"), "Mission: members set");
        assert_eq!(act_words("denied"), "Denied");
    }
}
