//! Keys that work on every page: `/` goes to the page's search, `?` shows the keys.

use std::cell::Cell;

use leptos::{ev, prelude::*};

use crate::texts::tr;
use crate::ui::{Dialog, Kbd, dialog_is_open};

/// Keys and what they do.
type Listed = &'static [(&'static [&'static str], &'static str)];

thread_local! {
    static OPEN: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
    /// The keys of the page that is shown, under their heading.
    static PAGE: Cell<Option<(&'static str, Listed)>> = const { Cell::new(None) };
}

/// Lists the keys of a page in the help while the page is shown.
pub fn use_page_keys(heading: &'static str, keys: Listed) {
    PAGE.set(Some((heading, keys)));
    on_cleanup(move || {
        // A page that came meanwhile has its own.
        if PAGE.get().is_some_and(|page| page.0 == heading) {
            PAGE.set(None);
        }
    });
}

/// Shows the keys.
pub fn show() {
    if let Some(open) = OPEN.get() {
        open.set(true);
    }
}

const KEYS: [(&[&str], &str); 8] = [
    (&["Ctrl", "K"], mark!("Search, go anywhere, do anything")),
    (&["/"], mark!("Go to the page’s search")),
    (&["?"], mark!("Show these keys")),
    (&["Tab"], mark!("Next field, button or link")),
    (&["←", "→"], mark!("Between tabs")),
    (&["↑", "↓"], mark!("In menus and lists of matches")),
    (&["⏎"], mark!("Open or choose")),
    (&["Esc"], mark!("Close a menu or a dialog")),
];

/// Listens to the keys and holds the dialog that shows them.
#[component]
pub fn Keys() -> impl IntoView {
    let open = RwSignal::new(false);
    OPEN.set(Some(open));
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || crate::web::is_typing(event.target()) || dialog_is_open() {
            return;
        }
        match event.key().as_str() {
            "/" if document().query_selector("[data-search=main]").ok().flatten().is_some() => {
                event.prevent_default();
                crate::web::focus_soon("[data-search=main]");
            }
            "?" => {
                event.prevent_default();
                open.set(true);
            }
            _ => {}
        }
    });
    on_cleanup(move || {
        listener.remove();
        OPEN.set(None);
    });
    view! {
        <Dialog open=open title=t!("Keys")>
            <div class="stack">
                {listed(&KEYS)}
                {PAGE.get().map(|(heading, keys)| view! { <h3>{heading}</h3>{listed(keys)} })}
            </div>
        </Dialog>
    }
}

fn listed(keys: Listed) -> impl IntoView {
    view! {
        <dl class="keys">
            {keys
                .iter()
                .map(|(keys, text)| view! {
                    <dt class="row row--1">{keys.iter().map(|key| view! { <Kbd key=*key/> }).collect_view()}</dt>
                    <dd>{tr(text)}</dd>
                })
                .collect_view()}
        </dl>
    }
}
