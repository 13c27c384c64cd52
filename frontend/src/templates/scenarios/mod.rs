//! Scenarios: tests in an order.

use leptos::prelude::*;

use crate::shell::{Page, crumb};
use crate::ui::EmptyState;

/// Scenarios.
#[component]
pub fn ScenariosPage() -> impl IntoView {
    view! { <Page title="Scenarios"><section class="card"><EmptyState title="Not here yet" text="This page lists the scenarios that missions are made of. It is being built."/></section></Page> }
}

/// New scenario.
#[component]
pub fn NewScenarioPage() -> impl IntoView {
    view! { <Page title="New scenario" crumbs=vec![crumb("Scenarios", "/templates/scenarios")]><section class="card"><EmptyState title="Not here yet" text="This page orders tests into a scenario. It is being built."/></section></Page> }
}

/// Scenario.
#[component]
pub fn ScenarioPage() -> impl IntoView {
    view! { <Page title="Scenario" crumbs=vec![crumb("Scenarios", "/templates/scenarios")]><section class="card"><EmptyState title="Not here yet" text="This page edits a scenario. It is being built."/></section></Page> }
}
