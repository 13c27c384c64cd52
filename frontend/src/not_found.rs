//! An address that leads nowhere, and the ways on.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::ui::{ButtonKind, ButtonLink, EmptyState, Logo};

/// The page of an unknown address.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::shell::set_title(t!("Page not found"));
    let path = use_location().pathname.get_untracked();
    view! {
        <main class="boot" id="main">
            <span class="boot__mark"><Logo/></span>
            <h1 class="sr">{t!("Page not found")}</h1>
            <EmptyState title=t!("There is no page here") text=t!("The address {path} leads nowhere. It may have been mistyped, or what it showed is gone."; path) tight=true>
                <ButtonLink href="/" kind=ButtonKind::Primary>{t!("Go to the home page")}</ButtonLink>
                <ButtonLink href="/missions">{t!("Missions")}</ButtonLink>
            </EmptyState>
        </main>
    }
}
