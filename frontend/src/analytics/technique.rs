//! `/analytics/techniques/{id}`: a technique and its subtechniques over the missions, with the tests behind each outcome.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tyrian_api_types::analytics::{HistoryTest, TechniqueHistory, TechniqueInMission};
use tyrian_domain::permission::Permission;
use tyrian_domain::test::Outcome;

use super::filter::{Filter, Filters, by_of, clear, filter_of};
use super::history::History;
use super::queries::use_history;
use super::times::in_words;
use super::{WrongDays, askable};
use crate::attack::queries::use_technique;
use crate::loaded::Loaded;
use crate::missions::{Url, use_url};
use crate::query::Query;
use crate::rights::Forbidden;
use crate::session::use_session;
use crate::shell::{Page, crumb};
use crate::ui::{Button, ButtonLink, ButtonSize, Card, CardBody, Chip, EmptyState, Icon, OutcomeBadge, Skeleton, StatusText, day};

/// The page.
#[component]
pub fn TechniquePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default().trim().to_uppercase());
    move || view! { <OneTechnique id=id.get()/> }
}

/// The page of one id.
#[component]
fn OneTechnique(id: String) -> impl IntoView {
    let session = use_session();
    let url = use_url();
    let (filter, by) = (filter_of(url), by_of(url));
    let asked = askable(filter);
    let may = session.can(Permission::MissionRead);
    let crumbs =
        Signal::derive(move || vec![crumb(t!("Analytics"), format!("/analytics{}", filter.with(|filter| filter.carried(by.get()))))]);
    if !may {
        return view! {
            <Page title=id crumbs=crumbs><Forbidden what=t!("The technique") permission=Some(Permission::MissionRead.as_str().to_owned())/></Page>
        }
        .into_any();
    }
    let external_id = StoredValue::new(id.clone());
    let history = use_history(id.clone(), asked);
    let catalogue = use_technique(id.clone());
    let named = {
        let id = id.clone();
        move || {
            let told = history.data.with(|history| history.as_ref().and_then(|history| history.name.clone()));
            let listed = || catalogue.data.with(|found| found.as_ref().and_then(|found| found.as_ref().map(|one| one.name.clone())));
            told.or_else(listed).map_or_else(|| id.clone(), |name| format!("{id} {name}"))
        }
    };
    let source = move || catalogue.data.with(|found| found.as_ref().and_then(|found| found.as_ref().and_then(|one| one.url.clone())));
    let parent = id.split_once('.').map(|(parent, _)| parent.to_owned());
    view! {
        <Page
            title=Signal::derive(named)
            crumbs=crumbs
            actions=move || view! { <ButtonLink href=format!("/attack?technique={}", external_id.get_value()) size=ButtonSize::Small icon="grid-3x3">{t!("In the matrix")}</ButtonLink> }
        >
            <Filters url=url filter=filter clients=clients_of(id, asked) end=move || view! {
                <span class="row row--4 small">
                    {parent.clone().map(|parent| view! { <a href=move || filter.with(|filter| filter.technique_href(by.get(), &parent))>{t!("All of ")}{parent.clone()}</a> })}
                    {move || source().map(|url| view! { <a class="tech__source" href=url rel="external noreferrer" target="_blank">{t!("attack.mitre.org")}<Icon name="external-link" size=12/></a> })}
                </span>
            }/>
            <WrongDays filter=filter/>
            <Loaded query=history what=t!("The technique") skeleton=|| view! { <section class="card"><div class="card__body"><Skeleton lines=8/></div></section> } let:history>
                {if history.missions.is_empty() {
                    view! { <section class="card"><NoHistory url=url filter=asked id=history.external_id/></section> }.into_any()
                } else {
                    view! { <Told history=history filter=asked url=url/> }.into_any()
                }}
            </Loaded>
        </Page>
    }
    .into_any()
}

/// The clients whose missions tested it, whichever is chosen.
fn clients_of(id: String, filter: Memo<Filter>) -> Signal<Vec<String>> {
    let everyone = Memo::new(move |_| Filter { client: None, ..filter.get() });
    let all: Query<TechniqueHistory> = use_history(id, everyone);
    Signal::derive(move || {
        let clients: BTreeSet<String> =
            all.data.with(|all| all.iter().flat_map(|all| &all.missions).map(|one| one.mission.client.clone()).collect());
        clients.into_iter().collect()
    })
}

/// In the place of the history where no mission tested it.
#[component]
fn NoHistory(url: Url, filter: Memo<Filter>, id: String) -> impl IntoView {
    let session = use_session();
    move || {
        if filter.with(Filter::is_on) {
            view! {
                <EmptyState title=t!("No mission fits") text=t!("The filters leave no mission that you may see and that tests this technique.")>
                    <Button size=ButtonSize::Small on_click=move |_| clear(url)>{t!("Clear filters")}</Button>
                </EmptyState>
            }
            .into_any()
        } else {
            let templates = format!("/templates/tests?technique={id}");
            view! {
                <EmptyState title=t!("No mission tests it yet") text=t!("What was seen and what was missed of it stands here once a mission that you may see has a test of it.")>
                    {session.can(Permission::TestTemplateRead).then(|| view! { <ButtonLink href=templates>{t!("Test templates for it")}</ButtonLink> })}
                </EmptyState>
            }
            .into_any()
        }
    }
}

/// The drawing, and the missions with their tests.
#[component]
fn Told(history: TechniqueHistory, filter: Memo<Filter>, url: Url) -> impl IntoView {
    let count = history.missions.len();
    let tests: u64 = history.missions.iter().map(|one| one.tests).sum();
    let judged: u64 = history.missions.iter().map(|one| one.assessed).sum();
    let head = t!("{} of {} {} assessed", judged, tests, if tests == 1 { "test" } else { "tests" });
    let id = history.external_id.clone();
    let mut newest_first = history.missions.clone();
    newest_first.reverse();
    view! {
        <Card title=t!("Outcome over the missions") head=move || view! { <span class="small muted num">{head.clone()}</span> }>
            <CardBody><History missions=history.missions/></CardBody>
            <div class="card__foot">{t!("The best outcome of each mission; where tests differ, the worst stands below it. Choose a client to see its missions joined. Only missions and tests that you may see.")}</div>
        </Card>
        <Card title=t!("Missions") count=Signal::stored(Some(count as u64)) head=|| view! { <span class="small muted">{t!("the newest first")}</span> }>
            <ul class="thist" aria-label=t!("Missions, the newest first")>
                {newest_first.into_iter().map(|one| mission_view(one, &id, filter, url)).collect_view()}
            </ul>
        </Card>
    }
}

/// Medians of a mission, as far as there are any.
fn times(one: &TechniqueInMission) -> String {
    let times = [("detected", &one.times.detect), ("alerted", &one.times.alert), ("responded", &one.times.respond)];
    let told: Vec<String> =
        times.iter().filter(|(_, time)| time.n > 0).map(|(word, time)| t!("{} after {}", word, in_words(time.median_s))).collect();
    if told.is_empty() { t!("no times").to_owned() } else { told.join(", ") }
}

fn mission_view(one: TechniqueInMission, id: &str, filter: Memo<Filter>, url: Url) -> impl IntoView + use<> {
    let mission = one.mission.clone();
    let numbers = t!("{} of {} assessed, {} covered · {}", one.assessed, one.tests, one.covered, times(&one));
    view! {
        <li class="thist__mission">
            <div class="thist__head">
                <a class="strong ink" href=format!("/missions/{}", mission.id)>{mission.name.clone()}</a>
                <span class="small muted">{mission.client.clone()}" · "{day(mission.day)}</span>
                <span class="small"><StatusText status=mission.status.as_str()/></span>
                <span class="push row">
                    {(one.best != one.worst).then(|| view! { <span class="small muted">{t!("Worst")}</span><OutcomeBadge outcome=one.worst/><span class="small muted">{t!("Best")}</span> })}
                    <OutcomeBadge outcome=one.best/>
                </span>
            </div>
            <p class="small muted num">{numbers}</p>
            <ul class="thist__tests" aria-label=t!("Tests in {}", mission.name)>
                {one.tests_of_technique.into_iter().map(|test| test_view(mission.id, test, id, filter, url)).collect_view()}
            </ul>
        </li>
    }
}

fn test_view(mission: uuid::Uuid, test: HistoryTest, id: &str, filter: Memo<Filter>, url: Url) -> impl IntoView + use<> {
    let by = by_of(url);
    let others: Vec<String> = test.techniques.into_iter().filter(|technique| technique != id).collect();
    let outcome: Outcome = test.outcome;
    view! {
        <li class="thist__test">
            <span class="thist__outcome"><OutcomeBadge outcome=outcome/></span>
            <a href=format!("/missions/{mission}?test={}", test.mission_test_id)>{test.name}</a>
            {others.into_iter().map(|other| {
                let to = other.clone();
                view! { <a class="plain" href=move || filter.with(|filter| filter.technique_href(by.get(), &to))><Chip code=other/></a> }
            }).collect_view()}
        </li>
    }
}
