//! Keys that work on every page: `/` goes to the page's search, `?` shows the keys.

use std::cell::Cell;

use leptos::{ev, prelude::*};

use crate::ui::{Dialog, Kbd, dialog_is_open};

thread_local! {
    static OPEN: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
}

/// Shows the keys.
pub fn show() {
    if let Some(open) = OPEN.get() {
        open.set(true);
    }
}

const KEYS: [(&[&str], &str); 7] = [
    (&["/"], "Go to the page’s search"),
    (&["?"], "Show these keys"),
    (&["Tab"], "Next field, button or link"),
    (&["←", "→"], "Between tabs"),
    (&["↑", "↓"], "In menus and lists of matches"),
    (&["⏎"], "Open or choose"),
    (&["Esc"], "Close a menu or a dialog"),
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
        <Dialog open=open title="Keys">
            <dl class="keys">
                {KEYS
                    .into_iter()
                    .map(|(keys, text)| view! {
                        <dt class="row row--1">{keys.iter().map(|key| view! { <Kbd key=*key/> }).collect_view()}</dt>
                        <dd>{text}</dd>
                    })
                    .collect_view()}
            </dl>
        </Dialog>
    }
}
