//! Two missions of one client side by side. Which other one, what is shown and which changes stand in the URL.

mod changes;
mod measures;
mod queries;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tyrian_api_types::missions::MissionSummary;
use tyrian_api_types::synthesis::Change;

use crate::loaded::Loaded;
use crate::missions::queries::use_mission;
use crate::missions::url::{Url, after_pause, use_url};
use crate::shell::{Crumb, Page, crumb, set_title};
use crate::ui::{Button, ButtonLink, ButtonSize, ComboItem, Combobox, EmptyState, SkeletonRows, days};
use changes::{ChangesCard, mirrored};
use measures::MeasuresCard;

/// The page.
#[component]
pub fn ComparePage() -> impl IntoView {
    let url = use_url();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let mission = use_mission(id);
    let head = move |of: fn(&MissionSummary) -> String| {
        Memo::new(move |_| mission.data.with(|data| data.as_ref().map(|data| of(&data.value.head))).unwrap_or_default())
    };
    let (name, client) = (head(|head| head.name.clone()), head(|head| head.client.clone()));
    let origin = Memo::new(move |_| mission.data.with(|data| data.as_ref().and_then(|data| data.value.head.retest_of_id)));
    let with = url.param("with");
    // a retest stands against what it repeats until somebody chooses
    let other = Memo::new(move |_| with.get().or_else(|| origin.get().map(|id| id.to_string())).filter(|other| *other != id.get()));
    let crumbs = Signal::derive(move || -> Vec<Crumb> {
        let here = Some(name.get()).filter(|name| !name.is_empty()).map(|name| crumb(name, format!("/missions/{}", id.get())));
        [Some(crumb(t!("Missions"), "/missions")), here].into_iter().flatten().collect()
    });
    view! {
        <Page title=t!("Compare") crumbs=crumbs>
            {
                // after Page has named the browser's tab by the title alone
                Effect::new(move |_| {
                    if !name.read().is_empty() {
                        set_title(&t!("{}, compared", name.get()));
                    }
                });
            }
            <Loaded query=mission.there() what=t!("The mission") skeleton=|| view! { <section class="card"><SkeletonRows rows=6/></section> } let:_there>
                <Chooser id=id other=other client=client url=url/>
                {move || match other.get() {
                    Some(other) => view! { <Both id=id.get_untracked() other=other url=url/> }.into_any(),
                    None => view! {
                        <section class="card">
                            <EmptyState
                                title=t!("Which other mission?")
                                text=t!("Choose another mission of the same client above. Then you see what became of each test and each technique since.")
                            >
                                <ButtonLink href=Signal::derive(move || format!("/missions/{}", id.get())) icon="arrow-left">{t!("Back to the mission")}</ButtonLink>
                            </EmptyState>
                        </section>
                    }.into_any(),
                }}
            </Loaded>
        </Page>
    }
}

/// Which mission this one stands against, and the two the other way round.
#[component]
fn Chooser(
    /// this mission
    id: Memo<String>,
    /// the other one, where one is chosen
    other: Memo<Option<String>>,
    /// the client of both
    client: Memo<String>,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let found = queries::use_of_client(client, after_pause(text));
    let items = Signal::derive(move || {
        let (this, other) = (id.get(), other.get());
        let missions = found.data.with(|page| page.as_ref().map(|page| page.items.clone()).unwrap_or_default());
        missions
            .into_iter()
            .filter(|mission| mission.id.to_string() != this && Some(mission.id.to_string()) != other)
            .map(|mission| ComboItem {
                value: mission.id.to_string(),
                code: None,
                note: Some(days(mission.start_date, mission.end_date)),
                label: mission.name,
                group: None,
            })
            .collect::<Vec<_>>()
    });
    let swap = move || {
        let Some(other) = other.get_untracked() else { return };
        let change = url.get("change").and_then(|word| Change::parse(&word)).map(|change| mirrored(change).as_str().to_owned());
        let query = [("with", Some(id.get_untracked())), ("show", url.get("show")), ("change", change)];
        url.go(format!("/missions/{other}/compare{}", crate::api::query_string(query)));
    };
    view! {
        <div class="toolbar compare__choose">
            <span class="muted">{move || if other.read().is_some() { t!("Compare with another") } else { t!("Compare with") }}</span>
            <Combobox
                query=text
                items=items
                label=t!("Another mission of the same client")
                placeholder=Signal::derive(move || t!("Another mission of {}", client.get()))
                nothing=t!("No other mission of this client that you see")
                busy=found.loading
                eager=true
                on_pick=move |item: ComboItem| url.push(&[("with", Some(item.value))])
            />
            {move || other.read().is_some().then(|| view! {
                <Button size=ButtonSize::Normal icon="arrow-left-right" title=t!("The other mission as the later one") on_click=move |_| swap()>{t!("Swap")}</Button>
            })}
        </div>
        {move || found.error.get().map(|error| view! { <p class="small muted" role="alert">{t!("The missions of this client could not be read. ")}{error.text()}</p> })}
    }
}

/// The comparison of two missions that are known.
#[component]
fn Both(
    /// this mission
    id: String,
    /// what it stands against
    other: String,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let comparison = queries::use_comparison(id, other);
    view! {
        <Loaded query=comparison what=t!("The comparison") skeleton=|| view! { <section class="card"><SkeletonRows rows=8/></section> } let:comparison>
            <MeasuresCard comparison=comparison.clone()/>
            <ChangesCard comparison=comparison url=url/>
        </Loaded>
    }
}
