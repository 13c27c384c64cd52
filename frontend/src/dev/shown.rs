//! What is looked at: badges, people, progress, cards.

use leptos::prelude::*;
use tyrian_domain::test::Outcome;

use super::line;
use crate::ui::{
    Avatar, Avatars, Badge, Card, CardBody, Code, Delta, Glyph, Icon, Kbd, KeyValues, LevelBadge, LevelDot, LoadMore, Logo, Markdown,
    OpsecBadge, OutcomeBadge, OutcomeProgress, Pair, RESULTS, Severity, Skeleton, Stat, StateCoin, StatusBadge, StatusText, Table,
    TaskProgress, TestProgress, Time, TimeFormat, Tone,
};

const STATUSES: [&str; 4] = ["draft", "in_progress", "completed", "archived"];
const STATES: [&str; 5] = ["planned", "running", "executed", "assessed", "skipped"];
const LEVELS: [&str; 7] = ["none", "telemetry", "general", "tactic", "technique", "prevented", "unassessed"];
const SEVERITIES: [&str; 3] = ["low", "medium", "high"];

/// A row of one component with each of its values.
fn row<T>(values: impl IntoIterator<Item = T>, draw: impl Fn(T) -> AnyView) -> AnyView {
    view! { <div class="row row--wrap">{values.into_iter().map(draw).collect_view()}</div> }.into_any()
}

/// Every badge.
pub fn badges() -> AnyView {
    let outcomes = RESULTS.into_iter().chain([Outcome::NotAssessed]);
    let tones = [("Plain", Tone::Plain), ("Fine", Tone::Ok), ("Look at it", Tone::Warn), ("Broken", Tone::Error), ("Mine", Tone::Accent)];
    view! {
        {line("Status", row(STATUSES, |status| view! { <StatusBadge status=status.to_owned()/><StatusText status=status/> }.into_any()))}
        {line("State of a test", row(STATES, |state| view! { <StateCoin state=state.to_owned()/> }.into_any()))}
        {line("Detection level", row(LEVELS, |level| view! { <LevelBadge code=level/><LevelDot code=level/> }.into_any()))}
        {line("Outcome", row(outcomes, |outcome| view! { <OutcomeBadge outcome=outcome/> }.into_any()))}
        {line("Severity and OPSEC risk", row(SEVERITIES, |level| view! { <Severity level=level/><OpsecBadge level=level/> }.into_any()))}
        {line("Tone", row(tones, |(word, tone)| view! { <Badge tone=tone>{word}</Badge><Badge tone=tone icon="info">{word}</Badge> }.into_any()))}
    }
    .into_any()
}

/// `Avatar`, `Time`, `Markdown`, `Code`, `Kbd`, icons.
pub fn texts() -> AnyView {
    let sides = ["red", "blue", "purple", "observer"];
    let people = ["Ines Marchetti", "Tom Rider", "Lena Kraft", "Pia Nolan", "Jo West"]
        .map(|name| (name.to_owned(), Some("red".to_owned())))
        .to_vec();
    let now = chrono::Utc::now();
    let prose = "A **bold** word, `code`, a [link](https://attack.mitre.org).\n\n1. Open a shell\n2. Paste\n\n> A quotation";
    view! {
        {line("People", view! {
            <div class="row row--wrap">
                {sides.map(|side| view! { <Avatar name="Ines Marchetti" side=side/> }).collect_view()}
                <Avatar name="Ines Marchetti" small=true/><Avatar name="Ines Marchetti" large=true/><Avatars people=people/>
            </div>
        }.into_any())}
        {line("Times", row([TimeFormat::Ago, TimeFormat::Full, TimeFormat::Clock], move |format| view! { <Time at=now format=format/> }.into_any()))}
        {line("Markdown", view! { <Markdown text=prose.to_owned()/> }.into_any())}
        {line("Code and keys", view! { <div class="stack stack--2"><Code text="powershell -enc SQBFAFgA"/><span class="row"><Kbd key="Ctrl"/><Kbd key="K"/></span></div> }.into_any())}
        {line("Icons", view! { <div class="row row--wrap"><span class="boot__mark"><Logo/></span><Icon name="search"/><Icon name="search" size=20/><Glyph name="lv-prevented"/><Glyph name="st-draft"/></div> }.into_any())}
    }
    .into_any()
}

/// `TestProgress`, `OutcomeProgress`, `TaskProgress`, `Stat`, `Skeleton`.
pub fn numbers() -> AnyView {
    let results = RESULTS.into_iter().zip([6, 4, 3, 5]).collect::<Vec<_>>();
    let delta = |better: bool| Some(Delta { up: better, better, by: "8 points".to_owned() });
    view! {
        {line("Tests", view! { <div class="stack stack--2"><TestProgress total=40 assessed=20 executed=6 running=2/><TestProgress total=0 assessed=0 executed=0 running=0/></div> }.into_any())}
        {line("Outcomes", view! { <OutcomeProgress results=results/> }.into_any())}
        {line("A task", view! { <TaskProgress label="Reading the bundle" done=Signal::stored(410_u64) total=Signal::stored(700_u64)/> }.into_any())}
        {line("Numbers", view! {
            <div class="stats">
                <Stat label="Covered" value="71" unit="%" sub="n = 47" delta=delta(true)/>
                <Stat label="Missed" value="9" unit="of 47" sub="2 of high severity" delta=delta(false)/>
                <Stat label="Tests" value="85" unit="" sub="in 4 scenarios" delta=None/>
            </div>
        }.into_any())}
        {line("Coming", view! { <Skeleton/> }.into_any())}
    }
    .into_any()
}

/// `Card`, `KeyValues`, `Table`, `LoadMore`.
pub fn cards() -> AnyView {
    let busy = |busy: bool| {
        view! { <LoadMore shown=Signal::stored(50) total=Signal::stored(Some(312)) has_more=true busy=busy on_more=|()| ()/> }
    };
    view! {
        <Card title="So far" count=Signal::stored(Some(3))>
            <CardBody><KeyValues><Pair label="Name">"Night Ferry"</Pair><Pair label="Client">"ACME"</Pair></KeyValues></CardBody>
        </Card>
        <Table label="Tests">
            <thead><tr><th scope="col">"Name"</th><th scope="col">"OPSEC risk"</th></tr></thead>
            <tbody>{["Encoded PowerShell", "Dump LSASS"].map(|name| view! { <tr><td>{name}</td><td><Severity level="medium"/></td></tr> }).collect_view()}</tbody>
        </Table>
        {busy(false)}{busy(true)}
    }
    .into_any()
}
