//! The ATT&CK matrix and its sync.

pub mod matrix;
pub mod queries;

use leptos::prelude::*;

use crate::shell::Page;
use crate::ui::EmptyState;

/// ATT&CK.
#[component]
pub fn AttackPage() -> impl IntoView {
    view! { <Page title="ATT&CK"><section class="card"><EmptyState title="Not here yet" text="This page shows the ATT&CK matrix and syncs it. It is being built."/></section></Page> }
}
