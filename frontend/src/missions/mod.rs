//! Missions: the list, the wizard, one mission with its tabs.

mod row;

use leptos::prelude::*;

use crate::shell::{Page, crumb};
use crate::ui::EmptyState;

pub use row::*;

/// Missions.
#[component]
pub fn MissionsPage() -> impl IntoView {
    view! { <Page title="Missions"><section class="card"><EmptyState title="Not here yet" text="This page lists the missions that you are a member of. It is being built."/></section></Page> }
}

/// New mission.
#[component]
pub fn NewMissionPage() -> impl IntoView {
    view! { <Page title="New mission" crumbs=vec![crumb("Missions", "/missions")]><section class="card"><EmptyState title="Not here yet" text="This page makes a mission in three steps. It is being built."/></section></Page> }
}

/// Mission.
#[component]
pub fn MissionPage() -> impl IntoView {
    view! { <Page title="Mission" crumbs=vec![crumb("Missions", "/missions")]><section class="card"><EmptyState title="Not here yet" text="This page shows a mission with its tests and members. It is being built."/></section></Page> }
}
