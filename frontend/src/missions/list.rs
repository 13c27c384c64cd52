//! The list of missions.

use leptos::prelude::*;
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::permission::Permission;

use super::board::Board;
use super::filters::{Filters, clear, filter_of, in_words, is_board};
use super::queries::{ListFilter, use_missions};
use super::row::{MissionRow, MissionRowsSkeleton, row_key};
use super::url::{Url, use_url};
use crate::imports::{Import, ImportButton, Place};
use crate::loaded::Loaded;
use crate::paged::Part;
use crate::query::{Paged, Query};
use crate::session::use_session;
use crate::shell::Page;
use crate::ui::{Button, ButtonKind, ButtonLink, ButtonSize, EmptyState, Glyph, RESULTS, outcome_look, words};

/// The page.
#[component]
pub fn MissionsPage() -> impl IntoView {
    let session = use_session();
    let url = use_url();
    let filter = filter_of(url);
    let board = is_board(url);
    let importing = RwSignal::new(false);
    view! {
        <Page
            title=t!("Missions")
            actions=move || view! {
                <ImportButton place=Place::Missions open=importing/>
                {move || session.can(Permission::MissionCreate).then(|| view! {
                    <ButtonLink href="/missions/new" kind=ButtonKind::Primary size=ButtonSize::Small icon="plus">{t!("New mission")}</ButtonLink>
                })}
            }
        >
            <Import place=Place::Missions open=importing/>
            <Filters url=url filter=filter board=board/>
            {move || if board.get() { view! { <Board filter=filter/> }.into_any() } else { view! { <List url=url filter=filter importing=importing/> }.into_any() }}
        </Page>
    }
}

#[component]
fn List(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<ListFilter>,
    /// opens the import
    importing: RwSignal<bool>,
) -> impl IntoView {
    let missions = use_missions(filter);
    // Redrawn only when there begins or ends to be a list: the rows themselves are kept by id.
    let first = missions.first;
    let ready = Memo::new(move |_| first.data.with(Option::is_some).then_some(()));
    let ready: Query<()> = Query { data: ready.into(), error: first.error, loading: first.loading, refetch: first.refetch };
    view! {
        <Loaded query=ready what=t!("The missions") skeleton=|| view! { <MissionRowsSkeleton/> } let:_ready>
            <Rows url=url filter=filter importing=importing missions=missions/>
        </Loaded>
    }
}

#[component]
fn Rows(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<ListFilter>,
    /// opens the import
    importing: RwSignal<bool>,
    /// the list so far
    missions: Paged<MissionSummary>,
) -> impl IntoView {
    let empty = Memo::new(move |_| missions.first.data.with(|page| page.as_ref().is_some_and(|page| page.items.is_empty())));
    let shown = missions.shown;
    let has_results =
        Memo::new(move |_| missions.parts.with(|parts| parts.iter().flat_map(Part::rows).any(|mission| mission.counts.with_result() > 0)));
    let pages = Memo::new(move |_| missions.parts.read().len());
    move || {
        if empty.get() {
            return view! { <section class="card">{nothing(url, &filter.get_untracked(), importing)}</section> }.into_any();
        }
        view! {
            <ul class="missions missions--long" aria-label=t!("Missions") aria-busy=move || missions.first.loading.get().then_some("true")>
                // page by page: another one leaves those before it alone
                <For each=move || 0..pages.get() key=|page| *page let:page>
                    <For
                        each=move || missions.parts.with(|parts| parts.get(page).map(|part| part.rows().to_vec())).unwrap_or_default()
                        key=row_key
                        let:mission
                    >
                        <MissionRow mission=mission/>
                    </For>
                </For>
            </ul>
            <div class="row row--between row--wrap muted small">
                <span class="num" role="status">
                    {move || match missions.total.get() {
                        Some(total) => t!("Showing {} of {}", shown.get(), total),
                        None => t!("Showing {}", shown.get()),
                    }}
                </span>
                {move || has_results.get().then(|| view! { <Legend/> })}
                <span class="row">
                    {move || missions.more_error.get().map(|error| view! { <span role="alert">{error.text()}</span> })}
                    {move || missions.has_more.get().then(|| view! {
                        <Button size=ButtonSize::Small busy=missions.loading_more on_click=move |_| missions.load_more.run(())>
                            {move || match missions.total.get() {
                                Some(total) => t!("Show {} more", total.saturating_sub(shown.get() as u64).min(50)),
                                None => t!("Show more").to_owned(),
                            }}
                        </Button>
                    })}
                </span>
            </div>
        }
        .into_any()
    }
}

/// What stands in the place of an empty list: nothing there yet, or nothing that fits.
fn nothing(url: Url, filter: &ListFilter, importing: RwSignal<bool>) -> AnyView {
    let session = use_session();
    match in_words(filter) {
        Some(text) => view! {
            <EmptyState title=t!("No mission fits") text=text tight=true>
                <Button size=ButtonSize::Small on_click=move |_| clear(url)>{t!("Clear filters")}</Button>
            </EmptyState>
        }
        .into_any(),
        None if session.can(Permission::MissionCreate) => view! {
            <EmptyState title=t!("No missions yet") text=t!("A mission is one exercise for one client. Choose scenarios, invite red and blue, then run it test by test.")>
                <ButtonLink href="/missions/new" kind=ButtonKind::Primary icon="plus">{t!("New mission")}</ButtonLink>
                <ImportButton place=Place::Missions open=importing size=ButtonSize::Normal/>
            </EmptyState>
        }
        .into_any(),
        None => view! {
            <EmptyState title=t!("No missions yet") text=t!("A mission is one exercise for one client. You see it here once its lead has made you a member.")/>
        }
        .into_any(),
    }
}

/// What the colours of the results mean.
#[component]
fn Legend() -> impl IntoView {
    view! {
        <div class="legend hide-sm" aria-label=t!("Results") role="group">
            {RESULTS
                .into_iter()
                .map(|outcome| {
                    let level = outcome_look(outcome);
                    view! { <span class="legend__item"><span class="legend__sw" data-lv=level><Glyph name=format!("lv-{level}")/></span>{words(outcome.as_str())}</span> }
                })
                .collect_view()}
        </div>
    }
}
