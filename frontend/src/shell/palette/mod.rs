//! The command palette: one input, on every page, for everything that can be found or done. Ctrl or ⌘ and K open it.
//!
//! What it draws is a part of its own, fetched when it is opened for the first time.

mod dialog;
mod entries;

pub use dialog::PaletteDialog;

use leptos::context::Provider;
use leptos::{ev, prelude::*};

use crate::parts::{self, Piece};
use crate::ui::{Icon, Kbd, dialog_is_open};

/// Is it shown? Given to all that stands in the frame.
#[derive(Clone, Copy)]
struct Shown(RwSignal<bool>);

/// Provides the palette to the whole frame; `Palette` draws it.
pub fn provide() {
    provide_context(Shown(RwSignal::new(false)));
}

/// The button in the navigation.
#[component]
pub fn SearchButton() -> impl IntoView {
    let Shown(open) = expect_context();
    view! {
        <button type="button" class="nav__search" aria-label=t!("Search or go to") aria-keyshortcuts="Control+K Meta+K" title=t!("Search or go to, Ctrl K") on:click=move |_| open.set(true)>
            <Icon name="search"/><span class="nav__label trunc" aria-hidden="true">{t!("Search or go to")}</span><Kbd key="Ctrl K"/>
        </button>
    }
}

/// Listens to its keys and holds its dialog.
#[component]
pub fn Palette() -> impl IntoView {
    let Shown(open) = expect_context();
    let wanted = RwSignal::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key() && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            if !dialog_is_open() {
                open.set(true);
            }
        }
    });
    on_cleanup(move || listener.remove());
    Effect::new(move |_| {
        if open.get() {
            wanted.set(true);
        }
    });
    let given_up = move |()| {
        open.set(false);
        wanted.set(false);
    };
    view! { <Provider value=Shown(open)><Show when=move || wanted.get()><Piece later=&parts::PALETTE on_failed=given_up/></Show></Provider> }
}
