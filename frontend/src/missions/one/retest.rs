//! A retest: the same frozen tests as a mission of their own, and the way back to the mission that is repeated.

use chrono::NaiveDate;
use gloo_net::http::Method;
use leptos::prelude::*;
use tyrian_api_types::missions::Mission;
use tyrian_api_types::retests::MissionRetest;
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use uuid::Uuid;

use super::Here;
use crate::api::{ApiError, Request, new_idempotency_key};
use crate::form::FormErrors;
use crate::missions::queries::{self, mission_path, use_mission};
use crate::missions::url::use_url;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::count;
use crate::ui::{Checkbox, Field, FormDialog, Icon, KeyValues, Pair, TextInput, use_toasts};

/// May the reader play a mission again? An archived one too: it stays as it is.
pub fn may_retest() -> Memo<bool> {
    let session = use_session();
    Memo::new(move |_| session.can(Permission::MissionUpdate) && session.can(Permission::MissionCreate))
}

/// Makes the retest. The same key with the same request makes one.
async fn retest(id: &str, request: MissionRetest, key: &str) -> Result<Mission, ApiError> {
    Request::new(Method::POST, format!("{}/retest", mission_path(id))).json(&request).idempotency_key(key).send().await
}

/// The name that is proposed; a long one is cut.
fn proposed(name: &str) -> String {
    let behind = t!(", retest");
    let room = text::NAME - behind.len();
    format!("{}{behind}", name.chars().take(room).collect::<String>().trim_end())
}

/// A day as the input gives it; `Err` where it is none.
fn day_of(text: &str) -> Result<Option<NaiveDate>, ()> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| ()) }
}

/// “Retest”.
#[component]
pub fn RetestDialog(
    /// the mission that is repeated
    here: Here,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let url = use_url();
    let (name, start, end) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let keep = RwSignal::new(true);
    let errors = FormErrors::new();
    // a try that got no answer is repeated under its key, so that no second mission is made
    let sent = StoredValue::new(None::<(MissionRetest, String)>);
    Effect::new(move |_| {
        if open.get() {
            errors.clear();
            sent.set_value(None);
            name.set(proposed(&untrack(|| here.name())));
            start.set(String::new());
            end.set(String::new());
            keep.set(true);
        }
    });
    let make = use_mutation(
        move |(request, key): (MissionRetest, String)| {
            let id = here.id.get_untracked();
            async move { retest(&id, request, &key).await }
        },
        move |mission: Mission| {
            open.set(false);
            toasts.success(t!("{} is made, with {}", mission.head.name, count(mission.head.counts.tests, "test", "tests")));
            queries::refresh_all();
            url.go(format!("/missions/{}", mission.head.id));
        },
    );
    Effect::new(move |_| {
        let Some(error) = make.error.get() else { return };
        if error.code().is_some_and(|code| code.status() < 500) {
            sent.set_value(None);
        }
        errors.take(&error);
    });
    let submit = move || {
        let (first, last) = (day_of(&start.read_untracked()), day_of(&end.read_untracked()));
        let request = MissionRetest {
            name: Some(name.get_untracked().trim().to_owned()),
            start_date: first.unwrap_or_default(),
            end_date: last.unwrap_or_default(),
            members: (!keep.get_untracked()).then(Vec::new),
        };
        let mut fine = errors.check(&request);
        for (day, pointer) in [(first, "/start_date"), (last, "/end_date")] {
            if day.is_err() {
                errors.add(pointer, t!("A day like 2026-03-09."));
                fine = false;
            }
        }
        if !fine {
            return;
        }
        let key = match sent.get_value() {
            Some((before, key)) if before == request => key,
            _ => new_idempotency_key(),
        };
        sent.set_value(Some((request.clone(), key.clone())));
        make.run.run((request, key));
    };
    view! {
        <FormDialog open=open title=Signal::derive(move || t!("Retest {}", here.name())) act=t!("Create retest") busy=make.busy error=Signal::derive(move || errors.general().get().map(|text| t!("Nothing was made. {text}"; text))) on_submit=move |()| submit()>
            <p class="muted">{t!("A new mission on the same frozen tests, all of them planned again. Results, evidence, findings and comments stay here, and the synthesis of the new one compares itself with this.")}</p>
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name autocomplete="off"/></Field>
            <div class="pair">
                <Field label=t!("First day") error=errors.field("/start_date")><TextInput value=start kind="date"/></Field>
                <Field label=t!("Last day") error=errors.field("/end_date")><TextInput value=end kind="date"/></Field>
            </div>
            <Copied here=here/>
            <Members here=here keep=keep error=errors.under("/members")/>
        </FormDialog>
    }
}

/// What the retest takes over without asking.
#[component]
fn Copied(
    /// the mission that is repeated
    here: Here,
) -> impl IntoView {
    let head = here.now(|data| {
        let head = &data.value.head;
        let scenarios = count(data.value.scenarios.len() as u64, "scenario", "scenarios");
        (head.client.clone(), t!("{} in {}", count(head.counts.tests, "test", "tests"), scenarios))
    });
    let (client, tests) = head.unwrap_or_default();
    view! {
        <KeyValues>
            <Pair label=t!("Client")>{client}</Pair>
            <Pair label=t!("Copied")>{tests}</Pair>
        </KeyValues>
    }
}

/// Whether the members come along.
#[component]
fn Members(
    /// the mission that is repeated
    here: Here,
    /// do they
    keep: RwSignal<bool>,
    /// what is wrong with them
    error: Signal<Option<String>>,
) -> impl IntoView {
    let session = use_session();
    let members = here.now(|data| data.value.head.members.len() as u64).unwrap_or_default();
    let alone = if untrack(|| session.is_admin()) {
        t!("Nobody is in it at first. As an administrator you see it all the same.")
    } else {
        t!("Only you are in it at first, as red.")
    };
    (members > 0).then(|| view! {
        <div class="stack stack--1">
            <Checkbox checked=keep on_change=Callback::new(move |on| keep.set(on))>
                {t!("Keep {} and their roles", if members == 1 { t!("the member").to_owned() } else { t!("the {members} members"; members) })}
            </Checkbox>
            {move || (!keep.get()).then(|| view! { <p class="small muted" role="status">{alone}</p> })}
            {move || error.get().map(|text| view! { <span class="field__error"><Icon name="circle-alert" size=14/>{text}</span> })}
        </div>
    })
}

/// In the header of a retest: which mission it repeats, as far as the reader sees it.
#[component]
pub fn RetestOf(
    /// the mission that is repeated
    of: Uuid,
) -> impl IntoView {
    let id = Memo::new(move |_| of.to_string());
    let origin = use_mission(id);
    let name = Memo::new(move |_| origin.data.with(|data| data.as_ref().map(|data| data.value.head.name.clone())));
    let hidden = Memo::new(move |_| name.read().is_none() && origin.error.read().is_some());
    view! {
        <span class="mhead__retest">
            <Icon name="git-compare" size=14/>
            {move || if hidden.get() {
                t!("Retest of a mission that you do not see").into_any()
            } else {
                let words = name.get().unwrap_or_else(|| t!("an earlier mission").to_owned());
                view! { <span class="trunc">{t!("Retest of ")}<a href=format!("/missions/{of}")>{words}</a></span> }.into_any()
            }}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proposed_name_says_what_it_is_and_fits() {
        assert_eq!(proposed("Quiet Ledger"), "Quiet Ledger, retest");
        let long = proposed(&"ä".repeat(text::NAME));
        assert_eq!(long.chars().count(), text::NAME);
        assert!(long.ends_with("ä, retest"));
    }

    #[test]
    fn a_day_is_a_day_or_nothing() {
        assert_eq!(day_of(" "), Ok(None));
        assert_eq!(day_of("2026-03-09"), Ok(NaiveDate::from_ymd_opt(2026, 3, 9)));
        assert!(day_of("soon").is_err());
    }
}
