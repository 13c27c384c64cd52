//! What stands around every page: navigation, footer, keys, the dialog of an expired session; and `Page`, which every page is made with.

mod footer;
mod keys;
mod nav;
mod page;
pub mod palette;

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_navigate};

use crate::auth::{ExpiredDialog, login_url};
use crate::session::{Phase, use_session};
use crate::ui::ErrorState;

pub use keys::use_page_keys;
pub use nav::ADMIN;
pub use page::*;

/// Pages for people who are signed in. Who is not is sent to sign in, and comes back to where they wanted to go.
#[component]
pub fn Shell() -> impl IntoView {
    let session = use_session();
    let location = use_location();
    let navigate = use_navigate();
    Effect::new(move |_| match session.phase().get() {
        Phase::SetUp(_) => navigate("/setup", leptos_router::NavigateOptions { replace: true, ..Default::default() }),
        Phase::SignedOut => {
            let here = untrack(|| format!("{}{}", location.pathname.get(), query_part(&location.search.get())));
            navigate(&login_url(&here), leptos_router::NavigateOptions { replace: true, ..Default::default() });
        }
        _ => {}
    });
    #[derive(PartialEq, Clone)]
    enum Show {
        App,
        Waiting,
        Unreachable,
    }
    let show = Memo::new(move |_| match session.phase().get() {
        Phase::SignedIn(_) => Show::App,
        Phase::Unreachable(_) => Show::Unreachable,
        _ => Show::Waiting,
    });
    move || match show.get() {
        Show::App => view! { <Frame/> }.into_any(),
        Show::Waiting => view! { <BootSkeleton/> }.into_any(),
        Show::Unreachable => view! { <Unreachable/> }.into_any(),
    }
}

fn query_part(search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() { String::new() } else { format!("?{search}") }
}

/// Navigation, page and footer.
#[component]
fn Frame() -> impl IntoView {
    if let Some(me) = untrack(|| use_session().me()) {
        crate::live::use_live(me.id);
    }
    palette::provide();
    let location = use_location();
    // Inside a mission and on ATT&CK the page needs the width: the navigation folds to a rail.
    let rail = Memo::new(move |_| {
        let path = location.pathname.get();
        path.starts_with("/attack") || path.strip_prefix("/missions/").is_some_and(|rest| !rest.is_empty() && rest != "new")
    });
    view! {
        <a class="btn skip" href="#main" on:click=|event| { event.prevent_default(); crate::web::focus_soon("#main"); }>{t!("Skip to content")}</a>
        <div class="app" data-nav=move || rail.get().then_some("rail")>
            <nav::Nav rail=rail/>
            <div class="main">
                <Outlet/>
                <footer::Footer/>
            </div>
        </div>
        <nav::TabBar/>
        <keys::Keys/>
        <palette::Palette/>
        <ExpiredDialog/>
    }
}

/// The app's shape while it asks who is there.
#[component]
pub fn BootSkeleton() -> impl IntoView {
    view! {
        <div class="boot" role="status">
            <svg class="boot__mark" viewBox="0 0 32 32" aria-hidden="true"><use href="#logo"></use></svg>
            <span class="skel boot__line"></span>
            <span class="sr">{t!("Loading Tyrian")}</span>
        </div>
    }
}

/// The server was not reached when the app started.
#[component]
pub fn Unreachable() -> impl IntoView {
    let session = use_session();
    let retry = Callback::new(move |()| leptos::task::spawn_local(session.start()));
    move || match session.phase().get() {
        Phase::Unreachable(error) => {
            let request_id = error.request_id().unwrap_or_default();
            view! {
                <main class="boot" id="main">
                    <h1 class="sr">{t!("Tyrian")}</h1>
                    <ErrorState title=t!("Tyrian cannot be reached") text=error.text() request_id=request_id on_retry=retry/>
                </main>
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}
