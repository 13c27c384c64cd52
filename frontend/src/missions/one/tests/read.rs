//! What a side has recorded of a test, as text: for those who do not write it.

use leptos::prelude::*;
use tyrian_api_types::Items;
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::test::{Fact, Grade};

use super::code_of;
use super::form::TestForm;
use crate::missions::one::people::person;
use crate::missions::queries::use_detection_levels;
use crate::query::Query;
use crate::ui::{Code, Icon, KeyValues, LevelBadge, Markdown, Pair, Severity, Time, TimeFormat, duration, words};

fn long(label: &'static str, text: Option<String>) -> Option<impl IntoView> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    Some(view! { <div class="field"><span class="field__label">{label}</span><Markdown text=text/></div> })
}

fn code(label: &'static str, text: Option<String>) -> Option<impl IntoView> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(view! { <div class="field"><span class="field__label">{label}</span><Code text=text/></div> })
}

/// Said in the place of a value that nobody has recorded.
fn missing() -> AnyView {
    view! { <span class="faint">{t!("Not recorded yet")}</span> }.into_any()
}

/// What red did.
pub fn red(form: TestForm) -> impl IntoView {
    move || red_now(form)
}

fn red_now(form: TestForm) -> impl IntoView + use<> {
    let (here, test) = (form.here, form.read(Clone::clone));
    let recorded = test.operator_id.is_some()
        || test.source_host.is_some()
        || test.target_host.is_some()
        || test.started_at.is_some()
        || test.ended_at.is_some()
        || [&test.command_run, &test.output, &test.red_notes].iter().any(|text| text.as_ref().is_some_and(|text| !text.trim().is_empty()));
    let hosts = match (test.source_host, test.target_host) {
        (None, None) => missing(),
        (from, to) => {
            view! { <span class="mono">{from.unwrap_or_else(|| "–".to_owned())}" → "{to.unwrap_or_else(|| "–".to_owned())}</span> }
                .into_any()
        }
    };
    let ran = match (test.started_at, test.ended_at) {
        (None, None) => missing(),
        (start, end) => view! {
            {start.map(|start| view! { <Time at=start format=TimeFormat::Full/> })}
            {end.map(|end| view! { " – "<Time at=end format=TimeFormat::Clock/> })}
            {start.zip(end).map(|(start, end)| view! { <span class="small muted num">", "{duration(seconds_between(start, end))}</span> })}
        }
        .into_any(),
    };
    let operator = test.operator_id;
    if recorded {
        view! {
            <KeyValues>
                <Pair label=t!("Operator")>{move || operator.map_or_else(missing, |id| person(here, id, form.name_of(id)))}</Pair>
                <Pair label=t!("Hosts")>{hosts}</Pair>
                <Pair label=t!("Ran")>{ran}</Pair>
            </KeyValues>
            {code(t!("Command run"), test.command_run)}
            {code(t!("Output"), test.output)}
            {long(t!("Notes"), test.red_notes)}
        }
        .into_any()
    } else {
        view! { <p class="muted">{t!("Not recorded yet: who ran it, from where to where, when, and what it printed.")}</p> }.into_any()
    }
}

fn fact(fact: Fact) -> AnyView {
    match fact {
        Fact::Unknown => missing(),
        Fact::NotApplicable => t!("Cannot apply here").into_any(),
        known => words(known.as_str()).into_any(),
    }
}

/// What blue saw.
pub fn blue(form: TestForm) -> impl IntoView {
    let levels = use_detection_levels();
    move || blue_now(form, levels)
}

fn blue_now(form: TestForm, levels: Query<Items<DetectionLevel>>) -> impl IntoView + use<> {
    let (here, test) = (form.here, form.read(Clone::clone));
    let recorded = test.assessor_id.is_some()
        || [test.logged, test.alerted, test.prevented].iter().any(|fact| *fact != Fact::Unknown)
        || test.detection_level_id.is_some()
        || [test.detected_at, test.alerted_at, test.responded_at].iter().any(Option::is_some)
        || test.is_delayed
        || test.needed_config_change
        || [test.severity, test.priority].iter().any(|grade| *grade != Grade::None)
        || [&test.blue_notes, &test.recommendation].iter().any(|text| text.as_ref().is_some_and(|text| !text.trim().is_empty()));
    let started = test.started_at;
    // The gap between the sides is what the exercise is about.
    let moment = move |at: Option<chrono::DateTime<chrono::Utc>>| {
        match at {
        None => missing(),
        Some(at) => view! {
            <span class="row row--wrap">
                <Time at=at format=TimeFormat::Full/>
                {started.filter(|started| at >= *started).map(|started| view! {
                    <span class="gap" title=t!("From the start of the test")><Icon name="clock" size=12/>{duration(seconds_between(started, at))}</span>
                })}
            </span>
        }
        .into_any(),
    }
    };
    let level = test.detection_level_id;
    let shown_level = move || match level {
        None => missing(),
        Some(id) => {
            match levels.data.with(|levels| levels.as_ref().and_then(|levels| levels.items.iter().find(|level| level.id == id).cloned())) {
                Some(level) => view! { <LevelBadge code=code_of(&level) name=level.name/> }.into_any(),
                None => view! { <span class="skel"></span> }.into_any(),
            }
        }
    };
    let assessor = test.assessor_id;
    let flags = [(test.is_delayed, t!("detected late")), (test.needed_config_change, t!("needed a change of the tools"))]
        .into_iter()
        .filter(|flag| flag.0)
        .map(|flag| flag.1)
        .collect::<Vec<_>>();
    if recorded {
        view! {
            <KeyValues>
                <Pair label=t!("Assessor")>{move || assessor.map_or_else(missing, |id| person(here, id, form.name_of(id)))}</Pair>
                <Pair label=t!("Logged")>{fact(test.logged)}</Pair>
                <Pair label=t!("Alerted")>{fact(test.alerted)}</Pair>
                <Pair label=t!("Prevented")>{fact(test.prevented)}</Pair>
                <Pair label=t!("Level")>{shown_level}</Pair>
                <Pair label=t!("Detected")>{moment(test.detected_at)}</Pair>
                <Pair label=t!("Alert came")>{moment(test.alerted_at)}</Pair>
                <Pair label=t!("Responded")>{moment(test.responded_at)}</Pair>
                {(!flags.is_empty()).then(|| view! { <Pair label=t!("Also")>{words(&flags.join(", "))}</Pair> })}
                {(test.severity != Grade::None).then(|| view! { <Pair label=t!("Severity")><Severity level=test.severity.as_str()/></Pair> })}
                {(test.priority != Grade::None).then(|| view! { <Pair label=t!("Priority")><Severity level=test.priority.as_str()/></Pair> })}
            </KeyValues>
            {long(t!("Notes"), test.blue_notes)}
            {long(t!("Recommendation"), test.recommendation)}
        }
        .into_any()
    } else {
        view! { <p class="muted">{t!("Not recorded yet: whether it was logged, alerted or prevented, how well, and after how long.")}</p> }
            .into_any()
    }
}
