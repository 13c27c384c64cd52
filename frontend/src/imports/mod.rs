//! Imports: a file of another tool, or of another Tyrian, is checked first and then taken in.
//!
//! The dialog is a part of its own, fetched when it is opened for the first time: pages hold an
//! [`Import`], and [`ImportButton`]s that open it. What a place offers stands in [`kinds`], a report as rows in [`rows`].

mod dialog;
mod kinds;
mod queries;
mod report;
mod rows;

pub use dialog::ImportDialog;
pub use kinds::Place;

use leptos::context::Provider;
use leptos::prelude::*;

use crate::parts::{self, Piece};
use crate::session::{Session, use_session};
use crate::ui::{Button, ButtonSize};

/// What the dialog is told by the page that opens it.
#[derive(Clone, Copy)]
struct Asked {
    place: Place,
    mission: Signal<String>,
    open: RwSignal<bool>,
}

/// May the reader import anything here? Tracks the session.
pub fn may_import(session: Session, place: Place) -> bool {
    !kinds::offered(place, |right| session.can(right)).is_empty()
}

/// The button that opens the page's [`Import`]; nothing for who may import nothing here. The dialog stands on the page and
/// not beside the button: a button in an empty list goes with it.
#[component]
pub fn ImportButton(
    /// where it stands
    place: Place,
    /// opens the dialog
    open: RwSignal<bool>,
    /// how high it is
    #[prop(default = ButtonSize::Small)]
    size: ButtonSize,
) -> impl IntoView {
    let session = use_session();
    let may = Memo::new(move |_| may_import(session, place));
    move || {
        may.get()
            .then(|| view! { <Button size=size icon="upload" on_click=move |_| open.set(true)><span class="imp__word">{t!("Import")}</span></Button> })
    }
}

/// The dialog, fetched when it is first opened.
#[component]
pub fn Import(
    /// where it is opened
    place: Place,
    /// shown while true
    open: RwSignal<bool>,
    /// the id of the mission that is open, where there is one
    #[prop(optional, into)]
    mission: Signal<String>,
) -> impl IntoView {
    let wanted = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            wanted.set(true);
        }
    });
    let given_up = move |()| {
        open.set(false);
        wanted.set(false);
    };
    view! {
        <Provider value=Asked { place, mission, open }>
            <Show when=move || wanted.get()><Piece later=&parts::IMPORT on_failed=given_up/></Show>
        </Provider>
    }
}
