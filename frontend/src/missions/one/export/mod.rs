//! The Export tab: the mission as a file, in each format, for what it is good for. Which tests and whether the preview is
//! open stand in the URL.

mod preview;
mod queries;
pub mod running;

use std::collections::BTreeSet;

use leptos::prelude::*;
use tyrian_domain::test::TestState;

use super::Here;
use crate::api::query_string;
use crate::missions::url::{Url, use_url};
use crate::texts::tr;
use crate::ui::{Button, ButtonSize, Card, Icon, Pill, Select, TaskProgress, use_toasts, words};
use preview::Preview;

/// A format: its name in the address, its heading, what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    name: &'static str,
    title: &'static str,
    what: &'static str,
}

const fn format(name: &'static str, title: &'static str, what: &'static str) -> Format {
    Format { name, title, what }
}

/// The formats by what they are for, each group with an icon.
const GROUPS: [(&str, &str, &[Format]); 4] = [
    (
        mark!("For the client"),
        "file-text",
        &[
            format(
                "pdf",
                mark!("PDF report"),
                mark!(
                    "Cover, summary with charts, findings by category, every test with its evidence, contents and page numbers. To hand over."
                ),
            ),
            format("docx", mark!("Word document"), mark!("The same report to edit before it goes out.")),
            format("html", mark!("Web page"), mark!("The report as one file without scripts. Opens anywhere, prints well.")),
            format("markdown", mark!("Markdown"), mark!("The report as plain text, for a wiki or a repository.")),
        ],
    ),
    (
        mark!("To work with"),
        "rows-3",
        &[
            format("xlsx", mark!("Excel workbook"), mark!("Tests, detections and findings as sheets, one row each.")),
            format("csv", "CSV", mark!("One row for each test with every column.")),
        ],
    ),
    (
        mark!("For other tools"),
        "grid-3x3",
        &[
            format(
                "navigator",
                mark!("ATT&CK Navigator layer"),
                mark!("Techniques coloured by what the choice beside says. Layer format 4.5."),
            ),
            format("attack-flow", mark!("Attack Flow"), mark!("Each scenario as a chain of actions. STIX 2.1, Attack Flow 2.0.")),
            format(
                "scenario",
                mark!("Scenario to share"),
                mark!("The chain of tests for another team: no word of blue's, no evidence, no names."),
            ),
        ],
    ),
    (
        mark!("To keep"),
        "archive",
        &[
            format(
                "json",
                mark!("JSON, lossless"),
                mark!("Everything that you see of this mission. Another Tyrian takes it in and counts the same."),
            ),
            format("bundle", mark!("Bundle"), mark!("The JSON with all evidence files and a list of their hashes for sha256sum.")),
        ],
    ),
];

/// What a layer's scores can tell: value and words.
const METRICS: [(&str, &str); 4] = [
    ("detection", mark!("Alerted, share of tests")),
    ("prevention", mark!("Prevented, share of tests")),
    ("coverage", mark!("Covered or not")),
    ("delta", mark!("Change since the origin")),
];

/// The states that the URL names, each once and in order.
fn states_of(word: Option<&str>) -> BTreeSet<TestState> {
    word.unwrap_or_default().split(',').filter_map(TestState::parse).collect()
}

/// States as the URL and the API name them; none where that is all tests.
fn word_of(states: &BTreeSet<TestState>) -> Option<String> {
    let all = states.is_empty() || states.len() == TestState::ALL.len();
    (!all).then(|| states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(","))
}

/// The parameter that leaves comments out of a report.
fn left_out(with_comments: bool) -> Option<String> {
    (!with_comments).then(|| "false".to_owned())
}

/// The tab.
#[component]
pub fn ExportTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let url = use_url();
    let metric = RwSignal::new("detection".to_owned());
    let repeats = Memo::new(move |_| here.read(|data| data.value.head.retest_of_id.is_some()).unwrap_or(false));
    let state = url.param("state");
    let states = Memo::new(move |_| state.with(|word| states_of(word.as_deref())));
    // what the two sides write to each other is not the client's, unless somebody says so
    let comments = RwSignal::new(false);
    let chosen = Memo::new(move |_| query_string([("state", word_of(&states.read())), ("comments", left_out(comments.get()))]));
    let preview = url.param("preview");
    let metrics = move || {
        let offered = METRICS.iter().filter(|(value, _)| *value != "delta" || repeats.get());
        offered.map(|(value, word)| ((*value).to_owned(), tr(word).to_owned())).collect::<Vec<_>>()
    };
    view! {
        <States here=here url=url states=states/>
        {move || preview.read().is_some().then(|| view! { <Preview here=here query=chosen on_close=move |()| url.push(&[("preview", None)])/> })}
        {GROUPS.into_iter().enumerate().map(|(place, (title, icon, formats))| {
            let head = move || (place == 0).then(|| view! {
                <label class="check"><input type="checkbox" prop:checked=move || comments.get() on:change:target=move |event| comments.set(event.target().checked())/>{t!("With comments")}</label>
                {move || preview.read().is_none().then(|| view! {
                    <Button size=ButtonSize::Small icon="eye" on_click=move |_| url.push(&[("preview", Some("1".to_owned()))])>{t!("Preview the report")}</Button>
                })}
            });
            view! {
                <Card title=tr(title) head=head>
                    {formats.iter().map(|one| {
                        let beside = (one.name == "navigator").then(|| view! { <Select value=metric options=Signal::derive(metrics) label=t!("What the layer shows") small=true/> });
                        view! { <Row here=here format=*one icon=icon states=states metric=metric comments=(place == 0).then_some(comments)>{beside}</Row> }
                    }).collect_view()}
                </Card>
            }
        }).collect_view()}
    }
}

/// Which tests go into the files: several states at once, or all.
#[component]
fn States(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
    /// the states chosen; none is all
    states: Memo<BTreeSet<TestState>>,
) -> impl IntoView {
    let count = move |state: TestState| here.read(|data| data.value.head.counts.by_state.get(&state).copied().unwrap_or(0));
    let toggle = move |state: TestState| {
        let mut states = states.get_untracked();
        if !states.remove(&state) {
            states.insert(state);
        }
        url.push(&[("state", word_of(&states))]);
    };
    view! {
        <div class="stack stack--2">
            <div class="toolbar" role="group" aria-label=t!("Which tests")>
                <Pill
                    label=t!("All tests")
                    pressed=Signal::derive(move || states.read().is_empty())
                    count=Signal::derive(move || here.read(|data| data.value.head.counts.tests))
                    on_click=move |()| url.push(&[("state", None)])
                />
                {TestState::ALL.iter().map(|one| {
                    let one = *one;
                    view! {
                        <Pill
                            label=words(one.as_str())
                            pressed=Signal::derive(move || states.read().contains(&one))
                            count=Signal::derive(move || count(one))
                            on_click=move |()| toggle(one)
                        />
                    }
                }).collect_view()}
            </div>
            <p class="small muted">{t!("Each file holds what you see of this mission, and of its tests those in the chosen states. Numbers in a report are those of the choice.")}</p>
        </div>
    }
}

#[component]
fn Row(
    /// the mission
    here: Here,
    /// the format
    format: Format,
    /// the group's icon
    icon: &'static str,
    /// only tests in these states; none: all
    states: Memo<BTreeSet<TestState>>,
    /// what a layer shows
    metric: RwSignal<String>,
    /// of a report: whether comments are in it
    comments: Option<RwSignal<bool>>,
    /// a choice of this format
    children: Children,
) -> impl IntoView {
    let toasts = use_toasts();
    let running = running::of(here.id, format.name);
    let busy = Signal::derive(move || running.read().is_some());
    let start = move |_| {
        let metric = (format.name == "navigator").then(|| metric.get_untracked());
        let comments = comments.and_then(|with| left_out(with.get_untracked()));
        let query = query_string([("state", word_of(&states.read_untracked())), ("metric", metric), ("comments", comments)]);
        running::start(toasts, here.id.get_untracked(), format.name, tr(format.title), query);
    };
    let (done, total) = (
        Signal::derive(move || running.with(|one| one.as_ref().map_or(0, |one| one.done))),
        Signal::derive(move || running.with(|one| one.as_ref().map_or(0, |one| one.total))),
    );
    let message = move || running.with(|one| one.as_ref().map(|one| one.message.clone()));
    view! {
        <div class="todo">
            <Icon name=icon/>
            <div>
                <h3>{tr(format.title)}</h3>
                <div class="small muted">{tr(format.what)}</div>
                {move || busy.get().then(|| view! {
                    <div class="export__run">
                        <TaskProgress label=t!("{}, being made", tr(format.title)) done=done total=total/>
                        <span class="small muted" role="status">{message}{t!("; you may leave this page")}</span>
                        <Button size=ButtonSize::Small on_click=move |_| running::cancel(&here.id.get_untracked(), format.name)>
                            {t!("Cancel")}<span class="sr">" "{tr(format.title)}</span>
                        </Button>
                    </div>
                })}
            </div>
            <span class="row">
                {children()}
                <Button icon="download" busy=busy on_click=start>
                    {move || if busy.get() { t!("Preparing") } else { t!("Download") }}<span class="sr">" "{tr(format.title)}</span>
                </Button>
            </span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_once_in_order_and_all_of_them_need_no_name() {
        let states = states_of(Some("assessed,executed,assessed,nonsense"));
        assert_eq!(states, BTreeSet::from([TestState::Executed, TestState::Assessed]));
        assert_eq!(states_of(word_of(&states).as_deref()), states);
        assert_eq!(word_of(&states_of(None)), None);
        assert_eq!(word_of(&TestState::ALL.iter().copied().collect()), None);
    }
}
