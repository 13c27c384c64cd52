//! One technique beside the matrix: what it means, what lies under it, and the templates that use it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use tyrian_api_types::Page;
use tyrian_api_types::catalogue::{Matrix, MatrixSubtechnique, Technique};
use tyrian_api_types::test_templates::TestTemplateSummary;
use tyrian_domain::permission::Permission;

use super::queries::{use_tactics, use_technique};
use crate::api;
use crate::key;
use crate::loaded::Loaded;
use crate::query::use_query;
use crate::session::use_session;
use crate::ui::{Banner, BannerKind, ButtonLink, ButtonSize, EmptyState, Icon, IconButton, Markdown, Skeleton};

/// Characters of a description that are shown before “Read on”.
const SHORT: usize = 320;

/// Templates that are named before “All …”.
const NAMED: u64 = 5;

/// A description without the marks of its citations.
fn without_citations(text: &str) -> String {
    let mut parts = text.split("(Citation:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    out.trim().to_owned()
}

/// The first sentences; `None` where the text is short enough as it is.
fn beginning(text: &str) -> Option<String> {
    let (end, _) = text.char_indices().nth(SHORT)?;
    let cut = text.get(..end)?;
    let whole = cut.rfind(". ").or_else(|| cut.rfind(".\n")).and_then(|at| cut.get(..=at));
    Some(whole.map_or_else(|| format!("{} …", cut.rsplit_once(' ').map_or(cut, |(words, _)| words)), str::to_owned))
}

/// What lies under a technique in the matrix.
pub fn subtechniques(matrix: &Matrix, id: &str) -> Vec<MatrixSubtechnique> {
    let mut techniques = matrix.tactics.iter().flat_map(|tactic| &tactic.techniques);
    techniques.find(|technique| technique.external_id == id).map(|technique| technique.subtechniques.clone()).unwrap_or_default()
}

/// The card of the chosen technique.
#[component]
pub fn TechniqueCard(
    /// `T1059`, `T1059.001`
    id: String,
    /// what lies under it
    under: Vec<MatrixSubtechnique>,
    /// how many templates are tagged with what, by id
    #[prop(into)]
    uses: Signal<BTreeMap<String, u64>>,
    /// takes another one that was chosen here
    #[prop(into)]
    on_choose: Callback<String>,
    /// takes the card away
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let technique = use_technique(id.clone());
    let heading = technique.data;
    let parent = id.split_once('.').map(|(parent, _)| parent.to_owned());
    let (shown, label) = (id.clone(), id.clone());
    view! {
        <aside class="card tech" aria-label=label>
            <div class="card__head">
                <span class="chip chip--mono">{shown}</span>
                <h2 class="grow">{move || heading.with(|found| found.as_ref().and_then(|found| found.as_ref().map(|one| one.name.clone())))}</h2>
                <IconButton icon="x" label=t!("Close") on_click=move |_| on_close.run(())/>
            </div>
            <div class="card__body stack">
                <Loaded query=technique what=t!("The technique") skeleton=|| view! { <Skeleton lines=3/> } let:found>
                    {match found {
                        None => view! { <EmptyState title=t!("Not in this catalogue") text=t!("The catalogue does not know this id.") tight=true/> }.into_any(),
                        Some(technique) => view! { <About technique=technique/> }.into_any(),
                    }}
                </Loaded>
                {parent.map(|parent| {
                    let to = parent.clone();
                    view! { <p class="small"><button class="linkish" type="button" on:click=move |_| on_choose.run(to.clone())>{t!("All of ")}{parent}</button></p> }
                })}
            </div>
            {session.can(Permission::MissionRead).then(|| view! { <div class="tech__act"><ButtonLink href=format!("/analytics/techniques/{id}") size=ButtonSize::Small icon="chart-line">{t!("Outcomes over the missions")}</ButtonLink></div> })}
            {(!under.is_empty()).then(|| view! { <Under list=under uses=uses on_choose=on_choose/> })}
            {session.can(Permission::TestTemplateRead).then(|| view! { <Templates id=id/> })}
        </aside>
    }
}

#[component]
fn About(technique: Technique) -> impl IntoView {
    let tactics = use_tactics();
    let text = without_citations(&technique.description);
    let whole = RwSignal::new(false);
    let start = beginning(&text);
    let is_cut = start.is_some();
    let names = move || {
        let of = technique.tactics.clone();
        tactics.data.with(|list| {
            let all = list.iter().flat_map(|list| &list.items);
            all.filter(|tactic| of.contains(&tactic.external_id))
                .map(|tactic| view! { <span class="chip">{tactic.name.clone()}</span> })
                .collect_view()
        })
    };
    let retired = match (technique.is_revoked, technique.is_deprecated) {
        (true, _) => Some(
            technique
                .revoked_by
                .map_or_else(|| t!("MITRE has revoked it.").to_owned(), |next| t!("MITRE has revoked it: {next} takes its place."; next)),
        ),
        (false, true) => Some(t!("MITRE has deprecated it.").to_owned()),
        _ => None,
    };
    view! {
        {retired.map(|text| view! { <Banner kind=BannerKind::Warn><span>{text}</span></Banner> })}
        <div class="tech__text">
            {move || view! { <Markdown text=start.clone().filter(|_| !whole.get()).unwrap_or_else(|| text.clone())/> }}
            <p class="row row--wrap small">
                {is_cut.then(|| view! {
                    <button class="linkish" type="button" aria-expanded=move || if whole.get() { "true" } else { "false" } on:click=move |_| whole.update(|whole| *whole = !*whole)>
                        {move || if whole.get() { t!("Show less") } else { t!("Read on") }}
                    </button>
                })}
                {technique.url.map(|url| view! { <a class="tech__source" href=url rel="external noreferrer" target="_blank">{t!("attack.mitre.org")}<Icon name="external-link" size=12/></a> })}
            </p>
        </div>
        <div class="row row--wrap row--1">
            {names}
            {technique.platforms.into_iter().map(|platform| view! { <span class="chip">{platform}</span> }).collect_view()}
        </div>
    }
}

#[component]
fn Under(list: Vec<MatrixSubtechnique>, #[prop(into)] uses: Signal<BTreeMap<String, u64>>, on_choose: Callback<String>) -> impl IntoView {
    let count = list.len();
    view! {
        <section class="tech__part" aria-label=t!("Subtechniques")>
            <h3>{t!("Subtechniques ")}<span class="count">{count}</span></h3>
            <ul class="tech__list">
                {list.into_iter().map(|sub| {
                    let (to, id) = (sub.external_id.clone(), sub.external_id.clone());
                    let templates = move || uses.with(|uses| uses.get(&id).copied()).map(|n| view! { <span class="push num small muted">{n}<span class="sr">{if n == 1 { t!(" template") } else { t!(" templates") }}</span></span> });
                    view! {
                        <li><button class="menu__item" type="button" on:click=move |_| on_choose.run(to.clone())>
                            <span class="mono small">{sub.external_id}</span><span class="trunc" title=sub.name.clone()>{sub.name.clone()}</span>{templates}
                        </button></li>
                    }
                }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Templates(id: String) -> impl IntoView {
    let session = use_session();
    let param = if id.contains('.') { "subtechnique" } else { "technique" };
    let (key_id, path) = (id.clone(), format!("/test-templates?{param}={id}&limit={NAMED}"));
    let templates =
        use_query(move || key!["test-templates", "list", "of", key_id], move || api::get::<Page<TestTemplateSummary>>(path.clone()));
    let (new, all) = (format!("/templates/tests/new?technique={id}"), format!("/templates/tests?technique={id}"));
    view! {
        <section class="tech__part" aria-label=t!("Test templates")>
            <h3>{t!("Test templates")}</h3>
            <Loaded query=templates what=t!("The test templates") skeleton=|| view! { <Skeleton lines=2/> } let:page>
                {if page.items.is_empty() {
                    view! { <p class="tech__none small muted">{t!("No template is tagged with it yet.")}</p> }.into_any()
                } else {
                    let more = page.next_cursor.is_some();
                    let all = all.clone();
                    view! {
                        <ul class="tech__list">
                            {page.items.into_iter().map(|test| view! {
                                <li><a class="menu__item" href=format!("/templates/tests/{}", test.id)><Icon name="flask-conical" size=14/><span class="trunc" title=test.name.clone()>{test.name.clone()}</span></a></li>
                            }).collect_view()}
                            {more.then(|| view! { <li><a class="menu__item muted" href=all>{t!("All of them")}</a></li> })}
                        </ul>
                    }.into_any()
                }}
            </Loaded>
            {session.can(Permission::TestTemplateCreate).then(|| view! {
                <div class="tech__act"><ButtonLink href=new size=ButtonSize::Small icon="plus">{t!("New test for it")}</ButtonLink></div>
            })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_go_and_what_stands_around_them_stays() {
        assert_eq!(without_citations("It runs.(Citation: A B) Then stops.(Citation: C)"), "It runs. Then stops.");
        assert_eq!(without_citations("Nothing cited (yet)."), "Nothing cited (yet).");
        assert_eq!(without_citations("Cut off (Citation: A"), "Cut off");
    }

    #[test]
    fn a_long_text_begins_with_whole_sentences() {
        assert_eq!(beginning("Short."), None);
        let start = beginning(&"A sentence. ".repeat(60)).unwrap();
        assert!(start.ends_with("sentence.") && start.chars().count() <= SHORT);
        let one = beginning(&"word ".repeat(100)).unwrap();
        assert!(one.ends_with("word …"));
        assert!(beginning(&"ü".repeat(400)).is_some());
    }

    #[test]
    fn subtechniques_are_those_of_the_technique() {
        let text = r#"{"domain":"enterprise","version":null,"tactics":[{"external_id":"TA0002","short_name":"execution","name":"Execution","techniques":[
            {"external_id":"T1059","name":"Interpreter","subtechniques":[{"external_id":"T1059.001","name":"PowerShell"}]},
            {"external_id":"T1204","name":"User Execution","subtechniques":[]}]}]}"#;
        let matrix: Matrix = serde_json::from_str(text).unwrap();
        assert_eq!(subtechniques(&matrix, "T1059").len(), 1);
        assert!(subtechniques(&matrix, "T1204").is_empty() && subtechniques(&matrix, "T9999").is_empty());
    }
}
