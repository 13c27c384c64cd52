//! The opened test: its head, what was copied of it, and what the two sides have recorded.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::Value;
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::missions::{MissionTest, MissionTestSummary};
use tyrian_api_types::test_templates::{Argument, MitreTag, TestContent};
use tyrian_api_types::{ErrorCode, Items};
use tyrian_domain::template::{Executor, TagKind};
use tyrian_domain::test::TestState;
use uuid::Uuid;

use super::Here;
use super::sides::Sides;
use super::tests::{BackLink, attack_id};
use crate::loaded::Loaded;
use crate::missions::queries::use_mission_test;
use crate::missions::url::Url;
use crate::query::Query;
use crate::ui::{Chip, Code, CopyButton, EmptyState, Glyph, Icon, IconButton, Markdown, OpsecBadge, Skeleton, Table, words};

/// The right side of the split view.
#[component]
pub fn TestPane(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
    /// the test in the URL
    opened: Memo<Option<String>>,
    /// the tests that the filter leaves, in order
    order: Memo<Vec<Uuid>>,
    /// to the next one, or back
    step: Callback<bool>,
    /// the scale of levels
    levels: Query<Items<DetectionLevel>>,
) -> impl IntoView {
    let test = use_mission_test(here.id, opened);
    let summary = Memo::new(move |_| {
        let id = opened.get()?;
        here.read(|data| data.value.scenarios.iter().flat_map(|scenario| &scenario.tests).find(|test| test.id.to_string() == id).cloned())
            .flatten()
    });
    let name = Signal::derive(move || summary.read().as_ref().map_or_else(|| "Test".to_owned(), |test| test.name.clone()));
    let place = Memo::new(move |_| {
        let id = opened.get().unwrap_or_default();
        order.with(|order| (order.iter().position(|other| other.to_string() == id), order.len()))
    });
    let gone = Memo::new(move |_| test.error.with(|error| error.as_ref().is_some_and(|error| error.is(ErrorCode::NotFound))));
    view! {
        <article class="split__detail" aria-label=move || name.get()>
            {move || if gone.get() {
                view! {
                    <BackLink here=here url=url/>
                    <EmptyState title="There is no such test" text="It is not part of this mission, or it is not shown to you yet."/>
                }
                .into_any()
            } else {
                view! {
                    <div class="dhead">
                        <div class="row">
                            <BackLink here=here url=url/>
                            {move || summary.read().as_ref().and_then(attack_id).map(|id| view! { <span class="chip chip--mono hide-sm">{id}</span> })}
                            <h2 class="trunc hide-sm" title=move || name.get()>{move || name.get()}</h2>
                            <span class="push row row--1 nowrap">
                                {move || match place.get() {
                                    (Some(at), all) => Some(view! { <span class="small faint num">{at + 1}" of "{all}</span> }),
                                    (None, _) => None,
                                }}
                                <IconButton icon="chevron-left" label="Previous test, K" disabled=Signal::derive(move || place.get().0 == Some(0)) on_click=move |_| step.run(false)/>
                                <IconButton icon="chevron-right" label="Next test, J" disabled=Signal::derive(move || { let (at, all) = place.get(); at.is_some_and(|at| at + 1 == all) }) on_click=move |_| step.run(true)/>
                            </span>
                        </div>
                        <h2 class="only-sm">{move || name.get()}</h2>
                        {move || summary.get().map(head)}
                    </div>
                    <div class="dbody">
                        <Loaded query=test what="The test" skeleton=|| view! { <section class="card"><div class="card__body"><Skeleton lines=6/></div></section> } let:test>
                            <Plan test=test.clone()/>
                            <Sides here=here test=test levels=levels/>
                        </Loaded>
                    </div>
                }
                .into_any()
            }}
        </article>
    }
}

/// Techniques and tactics by name, the state, who may see it.
fn head(test: MissionTestSummary) -> impl IntoView {
    let names =
        |kinds: &[TagKind]| test.mitre_tags.iter().filter(|tag| kinds.contains(&tag.kind)).map(|tag| tag.name.clone()).collect::<Vec<_>>();
    let mut parts = names(&[TagKind::Technique, TagKind::Subtechnique]);
    parts.extend(names(&[TagKind::Tactic]));
    let parts = if parts.is_empty() { "No ATT&CK tag".to_owned() } else { parts.join(" · ") };
    let code = attack_id(&test);
    view! {
        <div class="row row--wrap row--between">
            <span class="muted trunc" title=parts.clone()>{code.map(|code| view! { <span class="mono only-sm">{code}" "</span> })}{parts.clone()}</span>
            {steps(test.state)}
            <span class="row row--1 small muted">
                {if test.disclosed {
                    view! { <Icon name="eye" size=14/><span title="Blue and observers see this test">"Disclosed"</span> }.into_any()
                } else {
                    view! { <Icon name="lock" size=14/><span title="Blue and observers do not see this test">"Hidden from blue"</span> }.into_any()
                }}
            </span>
        </div>
    }
}

/// The way of a test with where it stands.
fn steps(state: TestState) -> impl IntoView {
    const WAY: [TestState; 4] = [TestState::Planned, TestState::Running, TestState::Executed, TestState::Assessed];
    let at = WAY.iter().position(|step| *step == state);
    let way: &[TestState] = if at.is_some() { &WAY } else { &[TestState::Planned, TestState::Skipped] };
    let at = at.unwrap_or(1);
    view! {
        <ol class="steps" aria-label="State">
            {way.iter()
                .enumerate()
                .map(|(index, step)| view! {
                    <li data-done=(index < at).then_some("") aria-current=(index == at).then_some("step")>
                        <Glyph name=format!("ts-{}", step.as_str())/>{words(step.as_str())}
                    </li>
                })
                .collect_view()}
        </ol>
    }
}

/// What runs a command, in words.
fn executor_words(executor: Executor) -> &'static str {
    match executor {
        Executor::Manual => "By hand",
        Executor::Sh => "sh",
        Executor::Bash => "Bash",
        Executor::Powershell => "PowerShell",
        Executor::Cmd => "Command prompt",
        Executor::Python => "Python",
        Executor::Other => "Another executor",
    }
}

fn section(label: &'static str, text: Option<String>) -> Option<impl IntoView> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    Some(view! { <div class="stack stack--1"><h3>{label}</h3><Markdown text=text/></div> })
}

/// What was copied from the template.
#[component]
fn Plan(
    /// the test
    test: MissionTest,
) -> impl IntoView {
    let TestContent {
        objective,
        procedure,
        prerequisites,
        cleanup,
        expected_detection,
        detection_rules,
        opsec_level,
        platforms,
        tags,
        executor,
        command,
        arguments,
        elevation_required,
        references,
        ..
    } = test.content;
    let mut facts = vec![executor_words(executor).to_owned()];
    facts.extend((!platforms.is_empty()).then(|| platforms.join(", ")));
    facts.extend(elevation_required.then(|| "needs administrator rights".to_owned()));
    let command = command.filter(|command| !command.trim().is_empty());
    let filled = command.as_ref().filter(|_| !arguments.is_empty()).map(|command| fill(command, &arguments, &test.argument_values));
    let nothing =
        [&objective, &procedure, &prerequisites, &cleanup].iter().all(|text| text.as_ref().is_none_or(|text| text.trim().is_empty()))
            && command.is_none();
    let expects = expected_detection.as_ref().is_some_and(|text| !text.trim().is_empty()) || !detection_rules.is_empty();
    let values = test.argument_values;
    view! {
        <details class="card fold" open>
            <summary>
                <Icon name="chevron-right"/>"Procedure"
                <span class="small muted fold__note">{facts.join(" · ")}</span>
                <span class="push"><OpsecBadge level=opsec_level.as_str()/></span>
            </summary>
            <div class="card__body stack">
                {nothing.then(|| view! { <p class="muted">"Its template said no more than its name."</p> })}
                {section("Objective", objective)}
                {section("Before", prerequisites)}
                {section("Procedure", procedure)}
                {command.map(|command| view! {
                    <div class="stack stack--1">
                        <div class="row"><h3>"Command"</h3>{filled.map(|filled| view! { <span class="push"><CopyButton text=filled label="Copy with values"/></span> })}</div>
                        <Code text=command/>
                    </div>
                })}
                {(!arguments.is_empty()).then(|| view! { <Arguments arguments=arguments values=values/> })}
                {section("Afterwards", cleanup)}
            </div>
        </details>
        {expects.then(|| view! {
            <details class="card fold" open>
                <summary><Icon name="chevron-right"/>"What blue should see"</summary>
                <div class="card__body stack">
                    {expected_detection.filter(|text| !text.trim().is_empty()).map(|text| view! { <Markdown text=text/> })}
                    {detection_rules
                        .into_iter()
                        .map(|rule| view! {
                            <div class="stack stack--1">
                                <h3>{rule.title}<span class="small muted">{format!(" {}", if rule.format == "sigma" { "Sigma rule" } else { "rule" })}{rule.level.map(|level| format!(", {level}"))}</span></h3>
                                <Code text=rule.body/>
                            </div>
                        })
                        .collect_view()}
                </div>
            </details>
        })}
        <Marks mitre=test.mitre_tags tags=tags references=references/>
    }
}

/// A value as it stands in a command.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The command with this run's values in it, else the defaults.
fn fill(command: &str, arguments: &BTreeMap<String, Argument>, values: &BTreeMap<String, Value>) -> String {
    arguments.iter().fold(command.to_owned(), |command, (name, argument)| match values.get(name).or(argument.default.as_ref()) {
        Some(value) => command.replace(&format!("#{{{name}}}"), &plain(value)),
        None => command,
    })
}

#[component]
fn Arguments(
    /// by name
    arguments: BTreeMap<String, Argument>,
    /// this run's
    values: BTreeMap<String, Value>,
) -> impl IntoView {
    let own = !values.is_empty();
    view! {
        <div class="stack stack--1">
            <h3>"Arguments"</h3>
            <Table label="Arguments of the command" tight=true>
                <thead><tr>
                    <th scope="col">"Name"</th><th scope="col">"What it is"</th><th scope="col">"Default"</th>
                    {own.then(|| view! { <th scope="col">"In this run"</th> })}
                </tr></thead>
                <tbody>
                    {arguments
                        .into_iter()
                        .map(|(name, argument)| {
                            let value = values.get(&name).map(plain);
                            view! {
                                <tr>
                                    <td class="mono nowrap">{name}</td>
                                    <td>{argument.description.unwrap_or_default()}{argument.kind.map(|kind| view! { <span class="small faint">" "{kind}</span> })}</td>
                                    <td class="mono wrap">{argument.default.as_ref().map(plain)}</td>
                                    {own.then(|| view! { <td class="mono wrap">{value}</td> })}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </Table>
        </div>
    }
}

/// May a reference be a link? Only what is plainly a web address.
fn is_link(reference: &str) -> bool {
    let lower = reference.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")) && !reference.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// ATT&CK tags of the day, labels, references.
#[component]
fn Marks(
    /// ATT&CK tags
    mitre: Vec<MitreTag>,
    /// labels
    tags: Vec<String>,
    /// links to read on
    references: Vec<String>,
) -> impl IntoView {
    if mitre.is_empty() && tags.is_empty() && references.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="card" aria-label="Tags and references">
            <dl class="kv card__body">
                {(!mitre.is_empty()).then(|| view! {
                    <dt>"ATT&CK"</dt>
                    <dd>
                        <ul class="stack stack--1">
                            {mitre
                                .into_iter()
                                .map(|tag| {
                                    let url = tag.url.filter(|url| is_link(url));
                                    view! {
                                        <li class="row row--wrap">
                                            <Chip code=tag.external_id/>
                                            {match url {
                                                Some(url) => view! { <a href=url target="_blank" rel="noreferrer">{tag.name}<Icon name="external-link" size=12/><span class="sr">" at MITRE, new tab"</span></a> }.into_any(),
                                                None => view! { <span>{tag.name}</span> }.into_any(),
                                            }}
                                            <span class="small faint">{words(tag.kind.as_str())}</span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </dd>
                })}
                {(!tags.is_empty()).then(|| view! { <dt>"Tags"</dt><dd class="row row--wrap">{tags.into_iter().map(|tag| view! { <Chip name=tag/> }).collect_view()}</dd> })}
                {(!references.is_empty()).then(|| view! {
                    <dt>"References"</dt>
                    <dd>
                        <ul class="stack stack--1">
                            {references
                                .into_iter()
                                .map(|reference| {
                                    if is_link(&reference) {
                                        view! { <li class="wrap"><a href=reference.clone() target="_blank" rel="noreferrer">{reference.clone()}<span class="sr">", new tab"</span></a></li> }.into_any()
                                    } else {
                                        view! { <li class="wrap">{reference}</li> }.into_any()
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </dd>
                })}
            </dl>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_filled_with_this_runs_values_then_the_defaults() {
        let argument = |default: Option<Value>| Argument { description: None, kind: None, default };
        let arguments = BTreeMap::from([
            ("host".to_owned(), argument(Some("dc01".into()))),
            ("port".to_owned(), argument(Some(445.into()))),
            ("user".to_owned(), argument(None)),
        ]);
        let values = BTreeMap::from([("host".to_owned(), Value::from("ws-7"))]);
        assert_eq!(fill("x #{host}:#{port} #{user} #{other}", &arguments, &values), "x ws-7:445 #{user} #{other}");
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_link("https://attack.mitre.org/techniques/T1059"));
        for text in ["javascript:alert(1)", "data:text/html,x", "ATT&CK in Action, p. 12", "//evil.example", "https://a b"] {
            assert!(!is_link(text), "{text}");
        }
    }
}
