//! The library: test templates and scenarios.

use leptos::prelude::*;

use crate::shell::{Page, crumb};
use crate::ui::EmptyState;

/// Test templates.
#[component]
pub fn TestsPage() -> impl IntoView {
    view! { <Page title="Test templates"><section class="card"><EmptyState title="Not here yet" text="This page lists the tests that scenarios are made of. It is being built."/></section></Page> }
}

/// New test template.
#[component]
pub fn NewTestPage() -> impl IntoView {
    view! { <Page title="New test template" crumbs=vec![crumb("Test templates", "/templates/tests")]><section class="card"><EmptyState title="Not here yet" text="This page writes a test template. It is being built."/></section></Page> }
}

/// Test template.
#[component]
pub fn TestPage() -> impl IntoView {
    view! { <Page title="Test template" crumbs=vec![crumb("Test templates", "/templates/tests")]><section class="card"><EmptyState title="Not here yet" text="This page edits a test template. It is being built."/></section></Page> }
}

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
