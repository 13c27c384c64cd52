//! `Page`: top bar and main part of every page inside the shell.

use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;

use crate::live::LiveMark;
use crate::notifications::Bell;
use crate::ui::Icon;

/// A page above this one, for the breadcrumb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// its title
    pub label: String,
    /// where it is
    pub href: String,
}

/// A crumb: `crumb("Missions", "/missions")`.
pub fn crumb(label: impl Into<String>, href: impl Into<String>) -> Crumb {
    Crumb { label: label.into(), href: href.into() }
}

/// The first page of a visit keeps the focus where the browser put it.
static SECOND: AtomicBool = AtomicBool::new(false);

/// Names the page in the browser's tab.
pub fn set_title(title: &str) {
    document().set_title(&t!("{title} · Tyrian"; title));
}

/// A page: breadcrumb and `h1`, what belongs beside it, acts, and the content as children. It names the tab and takes the focus when it opens.
#[component]
pub fn Page(
    /// the `h1`; the only title of the page
    #[prop(into)]
    title: Signal<String>,
    /// the pages above
    #[prop(optional, into)]
    crumbs: Signal<Vec<Crumb>>,
    /// a badge beside the title: the mission's status
    #[prop(optional, into)]
    beside: ViewFn,
    /// who else is here, before the acts
    #[prop(optional, into)]
    people: ViewFn,
    /// the page's acts, on the right: small buttons, one of them primary
    #[prop(optional, into)]
    actions: ViewFn,
    /// the content brings its own padding and uses the whole width (split view)
    #[prop(optional)]
    flush: bool,
    /// the content
    children: Children,
) -> impl IntoView {
    Effect::new(move |_| set_title(&title.read()));
    if SECOND.swap(true, Ordering::Relaxed) {
        crate::web::focus_soon("h1");
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
    view! {
        <header class="topbar">
            <div class="crumbs grow">
                {move || {
                    crumbs
                        .get()
                        .into_iter()
                        .map(|crumb| view! { <a href=crumb.href>{crumb.label}</a><Icon name="chevron-right" size=12/> })
                        .collect_view()
                }}
                <h1 class="topbar__title trunc" tabindex="-1" title=move || title.get()>{move || title.get()}</h1>
                {beside.run()}
            </div>
            {people.run()}
            <LiveMark/>
            {actions.run()}
            <Bell/>
        </header>
        <main id="main" class=if flush { "page page--flush" } else { "page" } tabindex="-1">{children()}</main>
    }
}
