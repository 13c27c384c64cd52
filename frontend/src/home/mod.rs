//! Home: my missions, the first steps of a new instance, the catalogue, and for administrators the database.

mod cards;
mod first_steps;
mod queries;

use leptos::prelude::*;
use tyrian_domain::permission::Permission;

use crate::missions::MissionRow;
use crate::session::use_session;
use crate::shell::Page;
use crate::ui::{ButtonKind, ButtonLink, ButtonSize, EmptyState};
use cards::{CatalogueCard, DatabaseCard};
use first_steps::FirstSteps;

/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    view! {
        <Page
            title="Home"
            actions=move || view! {
                {move || session.can(Permission::MissionCreate).then(|| view! {
                    <ButtonLink href="/missions/new" kind=ButtonKind::Primary size=ButtonSize::Small icon="plus">"New mission"</ButtonLink>
                })}
            }
        >
            <div class="cols cols--side">
                <div class="stack">
                    <FirstSteps/>
                    {move || session.can(Permission::MissionRead).then(|| view! { <MyMissions/> })}
                    {move || (!session.can(Permission::MissionRead)).then(|| view! {
                        <section class="card">
                            <EmptyState title="You are signed in" text="You are in no group yet that may see missions. Ask an administrator to add you to one."/>
                        </section>
                    })}
                </div>
                <div class="stack">
                    <crate::notifications::NotificationsCard/>
                    <CatalogueCard/>
                    {move || session.is_admin().then(|| view! { <DatabaseCard/> })}
                </div>
            </div>
        </Page>
    }
}

/// The missions of the reader: what is going on, then the newest.
#[component]
fn MyMissions() -> impl IntoView {
    let session = use_session();
    let missions = queries::use_my_missions();
    view! {
        <div class="row row--between">
            <h2>"My missions"</h2>
            <a href="/missions" class="small">
                {move || match missions.data.get().and_then(|page| page.total) {
                    Some(total) if total > 0 => format!("All {total}"),
                    _ => "All".to_owned(),
                }}
            </a>
        </div>
        <crate::loaded::Loaded query=missions what="The missions" skeleton=|| view! { <crate::missions::MissionRowsSkeleton/> } let:page>
            {
                if page.items.is_empty() {
                    view! {
                        <section class="card">
                            <EmptyState title="No missions yet" text="A mission is one exercise for one client. Choose scenarios, invite red and blue, then run it test by test.">
                                {move || session.can(Permission::MissionCreate).then(|| view! {
                                    <ButtonLink href="/missions/new" icon="plus">"New mission"</ButtonLink>
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
