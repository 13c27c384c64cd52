//! Unsaved work: kept on this device until it is saved or thrown away, compared with what it started from, guarded when the page is left.

use leptos::{ev, prelude::*};
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::session::use_session;
use crate::ui::ConfirmDialog;

/// What a form holds; a whole value that can be compared and kept.
pub trait Content: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static> Content for T {}

/// What is kept on the device while a form is unsaved.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    version: i64,
    base: T,
    mine: T,
}

/// A form and what it started from; a copyable handle.
pub struct Editing<T: Content> {
    base: RwSignal<(i64, T)>,
    now: Memo<T>,
    /// Does the form differ from what it started from?
    pub dirty: Memo<bool>,
    /// Was unsaved work found on this device when the form opened?
    pub restored: RwSignal<bool>,
    /// Did somebody save a newer version while this one is unsaved?
    pub newer: RwSignal<bool>,
    write: Callback<T>,
    storage_key: StoredValue<String>,
}

impl<T: Content> Copy for Editing<T> {}

#[expect(clippy::expl_impl_clone_on_copy, reason = "derived, it would ask that T be Copy")]
impl<T: Content> Clone for Editing<T> {
    fn clone(&self) -> Self {
        *self
    }
}

fn session_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn kept<T: Content>(key: &str) -> Option<Kept<T>> {
    let text = session_storage()?.get_item(key).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

fn forget(key: &str) {
    if let Some(storage) = session_storage() {
        let _ = storage.remove_item(key);
    }
}

/// Edits `start` of `version` (0: it does not exist yet). `name` tells drafts apart; `read` gathers the form (tracked), `write` fills it.
///
/// Unsaved work of an earlier visit in this tab comes back with the version it was begun on, so that a save still notices a newer one.
pub fn use_editing<T: Content>(
    name: &str,
    version: i64,
    start: T,
    read: impl Fn() -> T + Send + Sync + 'static,
    write: impl Fn(T) + Send + Sync + 'static,
) -> Editing<T> {
    // Two people may use one browser, one after the other: a draft belongs to its writer.
    let owner = use_session().me().map(|me| me.id.to_string()).unwrap_or_default();
    let storage_key = format!("tyrian.draft.{owner}.{name}");
    let found = kept::<T>(&storage_key);
    let restored = RwSignal::new(found.is_some());
    let base = if let Some(kept) = found {
        write(kept.mine);
        (kept.version, kept.base)
    } else {
        write(start.clone());
        (version, start)
    };
    let base = RwSignal::new(base);
    let now = Memo::new(move |_| read());
    let dirty = Memo::new(move |_| base.with(|base| now.with(|now| base.1 != *now)));
    let storage_key = StoredValue::new(storage_key);
    Effect::new(move |_| {
        let key = storage_key.get_value();
        if !dirty.get() {
            forget(&key);
            return;
        }
        let (version, base) = base.get();
        let text = serde_json::to_string(&Kept { version, base, mine: now.get() });
        if let (Ok(text), Some(storage)) = (text, session_storage()) {
            // A full storage is no error: the form itself still holds everything.
            let _ = storage.set_item(&key, &text);
        }
    });
    Editing { base, now, dirty, restored, newer: RwSignal::new(false), write: Callback::new(write), storage_key }
}

impl<T: Content> Editing<T> {
    /// What the form holds.
    pub fn now(self) -> T {
        self.now.get_untracked()
    }

    /// What it started from, with its version.
    pub fn base(self) -> (i64, T) {
        self.base.get_untracked()
    }

    /// It was saved, and this is what is there now.
    pub fn saved(self, version: i64, value: T) {
        self.rebase(version, value.clone());
        self.write.run(value);
    }

    /// What is there now is this; the form stays as it is.
    pub fn rebase(self, version: i64, value: T) {
        self.restored.set(false);
        self.newer.set(false);
        self.base.set((version, value));
    }

    /// Fills the form; does nothing where the page is gone (an undo that came late).
    pub fn fill(self, value: T) {
        let _ = self.write.try_run(value);
    }

    /// Throws the changes away; gives them back for an undo.
    pub fn discard(self) -> T {
        let mine = self.now();
        self.restored.set(false);
        self.write.run(self.base().1);
        forget(&self.storage_key.get_value());
        mine
    }

    /// The server has this version now: an untouched form follows it, a changed one says so.
    pub fn follow(self, version: i64, value: T) {
        if version <= self.base.with_untracked(|base| base.0) {
            return;
        }
        if self.dirty.get_untracked() {
            self.newer.set(true);
        } else {
            self.saved(version, value);
        }
    }
}

/// Where a click would lead inside of the app: the link it hit, if that leaves this page.
fn way_out(event: &MouseEvent) -> Option<String> {
    if event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return None;
    }
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let link = target.closest("a[href]").ok().flatten()?.dyn_into::<HtmlAnchorElement>().ok()?;
    let here = window().location();
    let leaves = link.origin() == here.origin().ok()? && link.pathname() != here.pathname().ok()?;
    let inside = link.target().is_empty() && !link.has_attribute("download") && link.rel() != "external";
    (leaves && inside).then(|| format!("{}{}", link.pathname(), link.search()))
}

/// Asks before unsaved work is left: by a link of the app, by closing the tab. Going back asks nothing, for the draft waits in this tab.
#[component]
pub fn LeaveGuard(
    /// is there unsaved work
    #[prop(into)]
    dirty: Signal<bool>,
    /// what it is: “the test template Dump LSASS”
    #[prop(into)]
    what: Signal<String>,
    /// throws it away
    #[prop(into)]
    on_discard: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let way = RwSignal::new(String::new());
    let navigate = use_navigate();
    crate::web::ask_before_unload(move || dirty.get_untracked());
    // Before the router sees the click: it listens on the window too, but after everything else.
    let click = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if !dirty.try_get_untracked().unwrap_or(false) {
            return;
        }
        if let Some(href) = way_out(&event) {
            event.prevent_default();
            event.stop_propagation();
            way.set(href);
            open.set(true);
        }
    });
    let _ = window().add_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
    let click = StoredValue::new_local(Some(click));
    on_cleanup(move || {
        if let Some(click) = click.try_update_value(Option::take).flatten() {
            let _ = window().remove_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
        }
    });
    let leave = move |()| {
        on_discard.run(());
        open.set(false);
        navigate(&way.get_untracked(), leptos_router::NavigateOptions::default());
    };
    view! {
        <ConfirmDialog
            open=open
            title=t!("Leave without saving?")
            text=Signal::derive(move || t!("What you changed in {} is not saved yet. Leaving throws it away.", what.get()))
            confirm=t!("Leave and discard")
            keep=t!("Keep writing")
            on_confirm=leave
        />
    }
}

/// `⌘S` and `Ctrl S` save.
pub fn use_save_key(save: impl Fn() + 'static) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && event.key().eq_ignore_ascii_case("s") {
            event.prevent_default();
            if !crate::ui::dialog_is_open() {
                save();
            }
        }
    });
    on_cleanup(move || listener.remove());
}
