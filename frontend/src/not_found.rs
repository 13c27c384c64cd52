//! An address that leads nowhere, and the ways on.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::ui::{ButtonKind, ButtonLink, EmptyState, Logo};

/// The page of an unknown address.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::shell::set_title("Page not found");
    let path = use_location().pathname.get_untracked();
    view! {
        <main class="boot" id="main">
            <span class="boot__mark"><Logo/></span>
            <h1 class="sr">"Page not found"</h1>
            <EmptyState title="There is no page here" text=format!("The address {path} leads nowhere. It may have been mistyped, or what it showed is gone.") tight=true>
                <ButtonLink href="/" kind=ButtonKind::Primary>"Go to the home page"</ButtonLink>
                <ButtonLink href="/missions">"Missions"</ButtonLink>
            </EmptyState>
        </main>
    }
}
