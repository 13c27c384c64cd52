//! Evidence of a test: red's files left, blue's right. Dropped, chosen or pasted; shown where the server has checked them.

mod item;
mod purge;
mod queries;
mod sending;

use leptos::{ev, prelude::*};
use tyrian_api_types::evidence::Evidence;
use tyrian_domain::execution::{Refusal, may_add_evidence, may_delete_evidence};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::{Permission, Permissions};
use tyrian_domain::test::{Side, TestState};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::File;

use super::people::viewer;
use crate::loaded::Loaded;
use crate::missions::queries::use_mission;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::texts::spoken;
use crate::ui::{ConfirmDialog, FileDrop, Icon, SkeletonRows, dialog_is_open, use_toasts};
use item::{Item, Opened, side_head};
pub use purge::{Doomed, PurgeEvidence};
pub use sending::keep_files;
use sending::{OnTheWay, Sending, pasted_name};

/// What decides whether files may be added or deleted.
#[derive(Debug, Clone, PartialEq)]
struct May {
    me: Uuid,
    permissions: Permissions,
    hands: tyrian_domain::execution::Hands,
    mission: MissionStatus,
    test: TestState,
}

impl May {
    /// Why no file can be added to a side now.
    fn add(&self, side: Side) -> Result<(), String> {
        let whose = match side {
            Side::Red => t!("Red adds files here."),
            Side::Blue => t!("Blue adds files here."),
        };
        if !self.permissions.contains(&Permission::EvidenceUpload) {
            return Err(whose.to_owned());
        }
        may_add_evidence(side, self.hands, self.mission, self.test).map_err(|refusal| match refusal {
            Refusal::Side(_) | Refusal::Needs(_) => whose.to_owned(),
            other => spoken(other.reason()),
        })
    }

    fn delete(&self, one: &Evidence) -> Result<(), String> {
        let own = one.uploaded_by.as_ref().is_some_and(|by| by.id == self.me);
        may_delete_evidence(own, &self.permissions, self.mission).map_err(|refusal| spoken(refusal.reason()))
    }

    fn purge(&self) -> bool {
        self.permissions.contains(&Permission::MissionPurge)
    }
}

/// Files that were pasted: pictures of the clipboard, with a name.
fn pasted(event: &ev::Event) -> Vec<File> {
    let Some(data) = event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data) else {
        return Vec::new();
    };
    // Who pastes a text that brings a picture along (a cell of a sheet) into a field wants the text.
    let has_text = data.get_data("text/plain").is_ok_and(|text| !text.is_empty());
    if has_text && crate::web::is_typing(event.target()) {
        return Vec::new();
    }
    let Some(files) = data.files() else { return Vec::new() };
    (0..files.length())
        .filter_map(|index| files.get(index))
        .map(|file| {
            // Chromium calls every one of them image.png
            if file.name() != "image.png" && !file.name().is_empty() {
                return file;
            }
            let now: String = js_sys::Date::new_0().to_iso_string().into();
            let options = web_sys::FilePropertyBag::new();
            options.set_type(&file.type_());
            let parts = js_sys::Array::of1(&file);
            File::new_with_blob_sequence_and_options(&parts, &pasted_name(&now, &file.type_()), &options).unwrap_or(file)
        })
        .collect()
}

/// The evidence of a test, and the ways to add some.
#[component]
pub fn TestEvidence(
    /// the mission's id
    mission: Memo<String>,
    /// the test
    test: Uuid,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let data = use_mission(mission);
    let files = queries::use_evidence(mission, test);
    let may = Memo::new(move |_| {
        let me = session.me()?;
        data.data.with(|data| {
            let mission = &data.as_ref()?.value;
            let state = mission.scenarios.iter().flat_map(|one| &one.tests).find(|one| one.id == test)?.state;
            let viewer = viewer(mission, &me);
            Some(May { me: me.id, hands: viewer.hands(), permissions: viewer.permissions, mission: mission.head.status, test: state })
        })
    });
    let add = move |side: Side| may.with(|may| may.as_ref().map_or_else(|| Err(String::new()), |may| may.add(side)));
    let late = Memo::new(move |_| {
        may.with(|may| {
            may.as_ref().is_some_and(|may| may.test == TestState::Assessed && Side::ALL.iter().any(|side| may.add(*side).is_ok()))
        })
    });
    let sending = Sending::of(mission, test);
    // Who has a hand on both sides pastes to the one on which they worked last here; at first to the one whose turn it is.
    let last = RwSignal::new(None::<Side>);
    let paste_to = move || {
        let turn =
            if may.with_untracked(|may| may.as_ref().is_some_and(|may| matches!(may.test, TestState::Executed | TestState::Assessed))) {
                Side::Blue
            } else {
                Side::Red
            };
        let other = if turn == Side::Red { Side::Blue } else { Side::Red };
        [last.get_untracked(), Some(turn), Some(other)].into_iter().flatten().find(|side| untrack(|| add(*side)).is_ok())
    };
    let listener = window_event_listener_untyped("paste", move |event| {
        if dialog_is_open() || event.default_prevented() {
            return;
        }
        let files = pasted(&event);
        if files.is_empty() {
            return;
        }
        event.prevent_default();
        match paste_to() {
            Some(side) => files.into_iter().for_each(|file| sending.ask(side, file)),
            None => toasts.info(t!("Nothing was pasted"), Some(t!("You cannot add evidence to this test now.").to_owned())),
        }
    });
    on_cleanup(move || listener.remove());
    let shown = RwSignal::new(None::<Evidence>);
    let deleting = RwSignal::new(None::<Evidence>);
    let purging = RwSignal::new(None::<Doomed>);
    let count = Memo::new(move |_| files.data.with(|files| files.as_ref().map_or(0, |files| files.items.len())));
    view! {
        <section class="card" aria-label=t!("Evidence")>
            <div class="card__head">
                <h2>{t!("Evidence")}</h2>
                {move || (count.get() > 0).then(|| view! { <span class="count">{count.get()}</span> })}
            </div>
            {move || late.get().then(|| view! {
                <p class="card__body small muted evis__late">{t!("The test is assessed. A file can still be added, and changes nothing of what was assessed.")}</p>
            })}
            <Loaded query=files.there() what=t!("The evidence") skeleton=|| view! { <SkeletonRows rows=1/> } let:_there>
                <div class="evis">
                    {[Side::Red, Side::Blue].map(|side| view! {
                        <Half side=side files=Signal::derive(move || files.data.with(|files| files.iter().flat_map(|files| &files.items).filter(|one| one.side == side).cloned().collect::<Vec<_>>())) may_add=Signal::derive(move || add(side)) sending=sending last=last on_open=move |one| shown.set(Some(one))/>
                    })}
                </div>
            </Loaded>
            <Opened
                shown=shown
                may_delete=Callback::new(move |one: Evidence| may.with(|may| may.as_ref().map_or_else(|| Err(String::new()), |may| may.delete(&one))))
                on_delete=move |one| { shown.set(None); deleting.set(Some(one)); }
                may_purge=Signal::derive(move || may.with(|may| may.as_ref().is_some_and(May::purge)))
                on_purge=move |one: Evidence| { shown.set(None); purging.set(Some(Doomed { id: one.id, file_name: one.file_name })); }
            />
            <Delete mission=mission test=test deleting=deleting/>
            <PurgeEvidence target=purging on_gone=move |()| queries::refresh(&mission.get_untracked(), test)/>
        </section>
    }
}

/// The files of one side.
#[component]
fn Half(
    /// whose
    side: Side,
    /// the files
    files: Signal<Vec<Evidence>>,
    /// may the reader add some? Why not, where not.
    may_add: Signal<Result<(), String>>,
    /// what is on its way
    sending: Sending,
    /// the side that was worked on last
    last: RwSignal<Option<Side>>,
    /// shows one whole
    #[prop(into)]
    on_open: Callback<Evidence>,
) -> impl IntoView {
    let may = Memo::new(move |_| may_add.get());
    let can = Memo::new(move |_| may.with(Result::is_ok));
    let empty = Memo::new(move |_| files.with(Vec::is_empty));
    let over = RwSignal::new(false);
    let take = Callback::new(move |file: File| {
        last.set(Some(side));
        sending.ask(side, file);
    });
    view! {
        <div
            class="evis__half"
            role="group"
            aria-label=match side { Side::Red => t!("Red’s evidence"), Side::Blue => t!("Blue’s evidence") }
            data-side=side.as_str()
            data-over=move || over.get().then_some("")
            on:dragover=move |event: ev::DragEvent| if can.get_untracked() { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: ev::DragEvent| {
                over.set(false);
                // the field in it has taken it already
                if !can.get_untracked() || event.default_prevented() {
                    return;
                }
                event.prevent_default();
                if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                    (0..files.length()).filter_map(|index| files.get(index)).for_each(|file| take.run(file));
                }
            }
        >
            <h3 class="evis__head">{side_head(side)}</h3>
            <ul class="evi" aria-label=t!("Files")>
                <For each=move || files.get() key=|one| one.id let:one>
                    { let whole = one.clone(); view! { <Item one=one on_open=move |()| on_open.run(whole.clone())/> } }
                </For>
            </ul>
            {move || (empty.get() && !can.get()).then(|| view! { <p class="small muted">{t!("No files.")}</p> })}
            <OnTheWay sending=sending side=side/>
            {move || match may.get() {
                Ok(()) => view! { <FileDrop label=t!("Drop, paste or choose files") multiple=true on_file=take/> }.into_any(),
                Err(why) if why.is_empty() => ().into_any(),
                Err(why) => view! { <p class="small faint row row--1"><Icon name="lock" size=14/>{why}</p> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Delete(
    /// the mission's id
    mission: Memo<String>,
    /// the test
    test: Uuid,
    /// the one that is to go
    deleting: RwSignal<Option<Evidence>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(one) = deleting.get() {
            name.set(one.file_name);
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() && deleting.with_untracked(Option::is_some) {
            deleting.set(None);
        }
    });
    let delete = use_mutation(
        |id: Uuid| async move { queries::delete(id).await },
        move |()| {
            open.set(false);
            toasts.success(t!("File deleted"));
            queries::refresh(&mission.get_untracked(), test);
        },
    );
    view! {
        <ConfirmDialog
            open=open
            title=Signal::derive(move || t!("Delete {}?", name.get()))
            text=t!("It is gone from the test, the report and every export. The audit log keeps its name and hash. This cannot be undone here.")
            confirm=t!("Delete file")
            busy=delete.busy
            error=Signal::derive(move || delete.error.get().map(|error| error.text()))
            on_confirm=move |()| if let Some(one) = deleting.get_untracked() { delete.run.run(one.id) }
        />
    }
}
