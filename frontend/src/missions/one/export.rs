//! The Export tab: the mission as a file, in each format, for what it is good for.

use leptos::prelude::*;
use tyrian_domain::test::TestState;

use super::Here;
use crate::api::query_string;
use crate::missions::queries;
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, Card, Icon, Select, use_toasts, words};

/// A format: its name in the address, the ending of its file, its heading, what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    name: &'static str,
    ending: &'static str,
    title: &'static str,
    what: &'static str,
}

const fn format(name: &'static str, ending: &'static str, title: &'static str, what: &'static str) -> Format {
    Format { name, ending, title, what }
}

/// The formats by what they are for, each group with an icon.
const GROUPS: [(&str, &str, &[Format]); 4] = [
    (
        "For the client",
        "file-text",
        &[
            format(
                "pdf",
                "pdf",
                "PDF report",
                "Cover, summary with charts, findings by category, every test with its evidence, contents and page numbers. To hand over.",
            ),
            format("docx", "docx", "Word document", "The same report to edit before it goes out."),
            format("html", "html", "Web page", "The report as one file without scripts. Opens anywhere, prints well."),
            format("markdown", "md", "Markdown", "The report as plain text, for a wiki or a repository."),
        ],
    ),
    (
        "To work with",
        "rows-3",
        &[
            format("xlsx", "xlsx", "Excel workbook", "Tests, detections and findings as sheets, one row each."),
            format("csv", "csv", "CSV", "One row for each test with every column."),
        ],
    ),
    (
        "For other tools",
        "grid-3x3",
        &[
            format("navigator", "json", "ATT&CK Navigator layer", "Techniques coloured by what the choice beside says. Layer format 4.5."),
            format("attack-flow", "json", "Attack Flow", "Each scenario as a chain of actions. STIX 2.1, Attack Flow 2.0."),
            format(
                "scenario",
                "json",
                "Scenario to share",
                "The chain of tests for another team: no word of blue's, no evidence, no names.",
            ),
        ],
    ),
    (
        "To keep",
        "archive",
        &[
            format(
                "json",
                "json",
                "JSON, lossless",
                "Everything that you see of this mission. Another Tyrian takes it in and counts the same.",
            ),
            format("bundle", "zip", "Bundle", "The JSON with all evidence files and a list of their hashes for sha256sum."),
        ],
    ),
];

/// What a layer's scores can tell: value and words.
const METRICS: [(&str, &str); 4] =
    [("detection", "Detection level"), ("prevention", "Prevented"), ("coverage", "Covered or not"), ("delta", "Change since the origin")];

/// A name as a part of a file name: lower case letters, digits and dashes.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "mission".to_owned() } else { out.chars().take(60).collect() }
}

/// What a file of the mission is called.
pub fn file_name(here: Here, ending: &str) -> String {
    format!("{}.{ending}", here.now(|data| slug(&data.value.head.name)).unwrap_or_default())
}

/// The tab.
#[component]
pub fn ExportTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let state = RwSignal::new(String::new());
    let metric = RwSignal::new("detection".to_owned());
    let repeats = Memo::new(move |_| here.read(|data| data.value.head.retest_of_id.is_some()).unwrap_or(false));
    let states = || {
        let mut all = vec![(String::new(), "All tests".to_owned())];
        all.extend(TestState::ALL.iter().map(|one| (one.as_str().to_owned(), words(one.as_str()))));
        all
    };
    let metrics = move || {
        let offered = METRICS.iter().filter(|(value, _)| *value != "delta" || repeats.get());
        offered.map(|(value, word)| ((*value).to_owned(), (*word).to_owned())).collect::<Vec<_>>()
    };
    view! {
        <div class="toolbar">
            <div class="toolbar__item"><Select value=state options=Signal::stored(states()) label="Which tests"/></div>
            <span class="small muted">"Each file holds what you see of this mission. JSON, bundle and scenario hold the chosen tests too."</span>
        </div>
        {GROUPS.into_iter().map(|(title, icon, formats)| view! {
            <Card title=title>
                {formats.iter().map(|one| {
                    let beside = (one.name == "navigator").then(|| view! { <Select value=metric options=Signal::derive(metrics) label="What the layer shows" small=true/> });
                    view! { <Row here=here format=*one icon=icon state=state metric=metric>{beside}</Row> }
                }).collect_view()}
            </Card>
        }).collect_view()}
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
    /// only tests of this state; empty: all
    state: RwSignal<String>,
    /// what a layer shows
    metric: RwSignal<String>,
    /// a choice of this format
    children: Children,
) -> impl IntoView {
    let toasts = use_toasts();
    let export = use_mutation(
        move |()| {
            let id = here.id.get_untracked();
            let name = file_name(here, format.ending);
            let query = query_string([
                ("state", Some(state.get_untracked()).filter(|state| !state.is_empty())),
                ("metric", (format.name == "navigator").then(|| metric.get_untracked())),
            ]);
            async move { queries::export(&id, format.name, &query, &name).await.map(|()| name) }
        },
        move |name| toasts.success(format!("{name} is downloaded")),
    );
    view! {
        <div class="todo">
            <Icon name=icon/>
            <div>
                <h3>{format.title}</h3>
                <div class="small muted">{format.what}</div>
                {move || export.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>"The file did not come. "{error.text()}</span></Banner> })}
            </div>
            <span class="row">
                {children()}
                <Button icon="download" busy=export.busy on_click=move |_| export.run.run(())>
                    {move || if export.busy.get() { "Preparing" } else { "Download" }}<span class="sr">" "{format.title}</span>
                </Button>
            </span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_file_name_holds_nothing_that_a_disk_refuses() {
        assert_eq!(slug("Quiet Ledger 2026"), "quiet-ledger-2026");
        assert_eq!(slug("  ../etc/passwd\0 "), "etc-passwd");
        assert_eq!(slug("🦑 مرحبا"), "mission");
    }
}
