//! Home: my missions, the first steps of a new instance, the catalogue, and for administrators the database.

mod cards;
mod first_steps;
mod queries;

use leptos::prelude::*;
use tyrian_api_types::Page as ListPage;
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::permission::Permission;

use crate::missions::{MissionRow, MissionRowsSkeleton};
use crate::query::Query;
use crate::session::use_session;
use crate::shell::Page;
use crate::ui::{ButtonKind, ButtonLink, ButtonSize, EmptyState};
use cards::{CatalogueCard, DatabaseCard};
use first_steps::{FirstSteps, FirstStepsCard, use_first_steps};

/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    let who = Memo::new(move |_| (session.is_admin(), session.can(Permission::MissionRead)));
    view! {
        <Page
            title=t!("Home")
            actions=move || view! {
                {move || session.can(Permission::MissionCreate).then(|| view! {
                    <ButtonLink href="/missions/new" kind=ButtonKind::Primary size=ButtonSize::Small icon="plus">{t!("New mission")}</ButtonLink>
                })}
            }
        >
            <div class="cols cols--side">
                {move || {
                    let (admin, reads) = who.get();
                    view! { <Mine admin=admin reads=reads/> }
                }}
                <div class="stack">
                    <crate::notifications::NotificationsCard/>
                    <CatalogueCard/>
                    {move || session.is_admin().then(|| view! { <DatabaseCard/> })}
                </div>
            </div>
        </Page>
    }
}

/// What the reader comes for: first steps and missions. It appears as one, so that nothing that is read later pushes down
/// what is there.
#[component]
fn Mine(
    /// are they an administrator?
    admin: bool,
    /// may they see missions?
    reads: bool,
) -> impl IntoView {
    let steps = admin.then(use_first_steps);
    let missions = reads.then(queries::use_my_missions);
    let ready = Memo::new(move |before: Option<&bool>| {
        let known = steps.is_none_or(FirstSteps::are_settled);
        let read = missions.is_none_or(|missions| missions.data.read().is_some() || missions.error.read().is_some());
        before == Some(&true) || known && read
    });
    move || {
        if !ready.get() {
            return view! { <div class="stack waits"><MissionRowsSkeleton/></div> }.into_any();
        }
        view! {
            <div class="stack">
                {steps.map(|steps| view! { <FirstStepsCard steps=steps/> })}
                {match missions {
                    Some(missions) => view! { <MyMissions missions=missions/> }.into_any(),
                    None => view! {
                        <section class="card">
                            <EmptyState title=t!("You are signed in") text=t!("You are in no group yet that may see missions. Ask an administrator to add you to one.")/>
                        </section>
                    }
                    .into_any(),
                }}
            </div>
        }
        .into_any()
    }
}

/// The missions of the reader: what is going on, then the newest.
#[component]
fn MyMissions(
    /// what was read of them
    missions: Query<ListPage<MissionSummary>>,
) -> impl IntoView {
    let session = use_session();
    view! {
        <div class="row row--between">
            <h2>{t!("My missions")}</h2>
            <a href="/missions" class="small">
                {move || match missions.data.get().and_then(|page| page.total) {
                    Some(total) if total > 0 => t!("All {total}"; total),
                    _ => t!("All").to_owned(),
                }}
            </a>
        </div>
        <crate::loaded::Loaded query=missions what=t!("The missions") skeleton=|| view! { <MissionRowsSkeleton/> } let:page>
            {
                if page.items.is_empty() {
                    view! {
                        <section class="card">
                            <EmptyState title=t!("No missions yet") text=t!("A mission is one exercise for one client. Choose scenarios, invite red and blue, then run it test by test.")>
                                {move || session.can(Permission::MissionCreate).then(|| view! {
                                    <ButtonLink href="/missions/new" icon="plus">{t!("New mission")}</ButtonLink>
                                })}
                            </EmptyState>
                        </section>
                    }
                    .into_any()
                } else {
                    view! { <ul class="missions">{page.items.into_iter().map(|mission| view! { <MissionRow mission=mission/> }).collect_view()}</ul> }.into_any()
                }
            }
        </crate::loaded::Loaded>
    }
}
