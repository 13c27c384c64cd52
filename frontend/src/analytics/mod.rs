//! `/analytics`: what all missions that the reader sees tell together, and `/analytics/techniques/{id}`: one technique over them.

mod clients;
mod filter;
mod headline;
mod heat;
mod history;
mod outcome;
mod plot;
mod queries;
mod steps;
mod technique;
mod times;
mod trend;

use leptos::prelude::*;
use tyrian_domain::permission::Permission;

pub use technique::TechniquePage;

use crate::loaded::Loaded;
use crate::missions::{Url, use_url};
use crate::rights::Forbidden;
use crate::session::use_session;
use crate::shell::Page;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, EmptyState, Skeleton, SkeletonRows};
use clients::ClientsCard;
use filter::{Filter, Filters, by_of, clear, filter_of};
use headline::Headline;
use heat::HeatCard;
use outcome::OutcomeLegend;
use queries::{use_coverage, use_trend};
use times::TimesCard;
use trend::TrendCard;

/// The page.
#[component]
pub fn AnalyticsPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Page title=t!("Analytics")>
            {move || if session.can(Permission::MissionRead) {
                view! { <Numbers/> }.into_any()
            } else {
                view! { <Forbidden what=t!("Analytics") permission=Some(Permission::MissionRead.as_str().to_owned())/> }.into_any()
            }}
        </Page>
    }
}

/// The filters that can be asked for: days the wrong way round leave those of before.
fn askable(filter: Memo<Filter>) -> Memo<Filter> {
    Memo::new(move |before: Option<&Filter>| {
        let now = filter.get();
        if now.is_wrong() { before.cloned().unwrap_or_default() } else { now }
    })
}

/// Says that the days stand the wrong way round.
#[component]
fn WrongDays(
    /// what the URL says
    filter: Memo<Filter>,
) -> impl IntoView {
    let wrong = Memo::new(move |_| filter.with(Filter::is_wrong));
    move || {
        wrong.get().then(|| {
            view! { <Banner kind=BannerKind::Error><span>{t!("The last day lies before the first. Correct one of them; until then the numbers are those of before.")}</span></Banner> }
        })
    }
}

/// Filters and all that is counted.
#[component]
fn Numbers() -> impl IntoView {
    let url = use_url();
    let (filter, by) = (filter_of(url), by_of(url));
    let asked = askable(filter);
    let everyone = Memo::new(move |_| Filter { client: None, ..asked.get() });
    let (trend, coverage, all) = (use_trend(asked, by), use_coverage(asked), use_coverage(everyone));
    let clients = Signal::derive(move || all.data.with(|all| all.as_ref().map(|all| all.clients.clone()).unwrap_or_default()));
    view! {
        <Filters url=url filter=filter clients=clients by=Some(by) end=|| view! { <OutcomeLegend/> }/>
        <WrongDays filter=filter/>
        <Headline filter=asked trend=trend coverage=coverage/>
        <Loaded query=trend what=t!("The trend") skeleton=|| view! { <section class="card"><div class="card__body"><Skeleton lines=8/></div></section> } let:trend>
            {if trend.periods.is_empty() {
                view! { <section class="card"><NoMissions url=url filter=asked/></section> }.into_any()
            } else {
                view! { <div class="cols cols--wide cols--stretch"><TrendCard trend=trend.clone()/><TimesCard trend=trend/></div> }.into_any()
            }}
        </Loaded>
        <Loaded query=coverage what=t!("The techniques") skeleton=|| view! { <section class="card"><SkeletonRows rows=6/></section> } let:answer>
            {(answer.missions > 0).then(|| view! { <HeatCard answer=answer.clone() url=url filter=asked by=by/><ClientsCard answer=answer url=url filter=asked by=by/> })}
        </Loaded>
    }
}

/// In the place of the numbers where there are no missions.
#[component]
fn NoMissions(
    /// the page's URL
    url: Url,
    /// which missions were asked for
    filter: Memo<Filter>,
) -> impl IntoView {
    let session = use_session();
    move || {
        if filter.with(Filter::is_on) {
            view! {
                <EmptyState title=t!("No mission fits") text=t!("The filters leave none of the missions that you may see.")>
                    <Button size=ButtonSize::Small on_click=move |_| clear(url)>{t!("Clear filters")}</Button>
                </EmptyState>
            }
            .into_any()
        } else if session.can(Permission::MissionCreate) {
            view! {
                <EmptyState title=t!("No missions yet") text=t!("Analytics tells how detection changes over the missions that you may see. It begins with the first one.")>
                    <ButtonLink href="/missions/new" kind=ButtonKind::Primary icon="plus">{t!("New mission")}</ButtonLink>
                </EmptyState>
            }
            .into_any()
        } else {
            view! { <EmptyState title=t!("No missions yet") text=t!("Analytics tells how detection changes over the missions that you may see. It begins with the first one that somebody adds you to.")/> }
                .into_any()
        }
    }
}
