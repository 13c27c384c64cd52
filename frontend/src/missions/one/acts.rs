//! What can be done with the mission as a whole: its next status, edit, add scenarios, retest, compare, delete.

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use tyrian_domain::test::TestState;

use super::Here;
use super::add::AddDialog;
use super::edit::EditDialog;
use super::purge::PurgeDialog;
use super::retest::{RetestDialog, may_retest};
use super::tests::hands_in;
use crate::imports::{Import, Place, may_import};
use crate::missions::queries;
use crate::missions::steps::{act, icon, question, refusal};
use crate::missions::url::use_url;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Button, ButtonSize, ConfirmDialog, Icon, Menu, MenuItem, MenuLink, MenuSeparator, count, use_toasts, words};

/// Buttons and menu on the right of the top bar.
#[component]
pub fn Acts(
    /// the mission
    here: Here,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let wanted = RwSignal::new(MissionStatus::Draft);
    let [editing, adding, importing, repeating, deleting] = [(); 5].map(|()| RwSignal::new(false));
    let may_retest = may_retest();
    let status = Memo::new(move |_| here.read(|data| data.value.head.status).unwrap_or(MissionStatus::Draft));
    let next = Memo::new(move |_| here.read(|data| data.value.head.allowed_transitions.clone()).unwrap_or_default());
    let open = Memo::new(move |_| {
        here.read(|data| {
            let counts = &data.value.head.counts;
            let done = [TestState::Assessed, TestState::Skipped].iter().filter_map(|state| counts.by_state.get(state)).sum::<u64>();
            counts.tests.saturating_sub(done)
        })
        .unwrap_or_default()
    });
    let roles = Memo::new(move |_| {
        here.read(|data| data.value.head.members.iter().map(|member| member.role_hint).collect::<Vec<_>>()).unwrap_or_default()
    });
    let asks = move |to: MissionStatus| roles.with(|roles| question(status.get(), to, open.get(), roles));
    let change = use_mutation(
        move |to: MissionStatus| {
            let id = here.id.get_untracked();
            // what is seen is what is decided on: a mission that somebody moved meanwhile is refused
            let version = here.read(|data| data.value.head.version);
            async move { queries::transition(&id, version, to).await }
        },
        move |mission| {
            asking.set(false);
            let now = words(mission.value.head.status.as_str()).to_lowercase();
            toasts.success(t!("{} is {}", mission.value.head.name, now));
            queries::refresh(&here.id.get_untracked(), mission);
        },
    );
    Effect::new(move |_| {
        if let Some(error) = change.error.get() {
            if !asking.get_untracked() {
                toasts.error(t!("The status was not changed"), Some(refusal(&error)));
            }
            queries::refresh_all();
        }
    });
    let choose = move |to: MissionStatus| {
        change.error.set(None);
        wanted.set(to);
        if untrack(|| asks(to)).is_some() {
            asking.set(true);
        } else {
            change.run.run(to);
        }
    };
    let may_delete = Memo::new(move |_| session.can(Permission::MissionDelete));
    let may_purge = Memo::new(move |_| session.can(Permission::MissionPurge));
    let purging = RwSignal::new(false);
    // a log writes red's side, while the mission runs
    let hands = hands_in(here);
    let takes_logs =
        Memo::new(move |_| hands.get().red && status.get() == MissionStatus::InProgress && may_import(session, Place::Mission));
    view! {
        <span class="row hide-sm">
            {move || {
                let from = status.get();
                next.get()
                    .into_iter()
                    .map(|to| {
                        let busy = Signal::derive(move || change.busy.get() && wanted.get() == to);
                        view! { <Button size=ButtonSize::Small icon=icon(from, to) busy=busy on_click=move |_| choose(to)>{act(from, to)}</Button> }
                    })
                    .collect_view()
            }}
        </span>
        <Menu label=t!("More actions") trigger=|| view! { <Icon name="ellipsis"/> }>
            {
                // On a phone the next statuses stand here: the bar has no room for them.
                let from = status.get_untracked();
                let next = if crate::web::is_small() { next.get_untracked() } else { Vec::new() };
                next.into_iter().map(|to| view! { <MenuItem icon=icon(from, to) on_select=move |()| choose(to)>{act(from, to)}</MenuItem> }).collect_view()
            }
            {here.may_edit.get_untracked().then(|| view! {
                <MenuItem icon="pencil" on_select=move |()| editing.set(true)>{t!("Edit details")}</MenuItem>
                <MenuItem icon="plus" on_select=move |()| adding.set(true)>{t!("Add scenarios")}</MenuItem>
            })}
            {takes_logs.get_untracked().then(|| view! { <MenuItem icon="upload" on_select=move |()| importing.set(true)>{t!("Import results")}</MenuItem> })}
            {may_retest.get_untracked().then(|| view! { <MenuItem icon="rotate-ccw" on_select=move |()| repeating.set(true)>{t!("Retest")}</MenuItem> })}
            <MenuLink icon="git-compare" href=format!("/missions/{}/compare", here.id.get_untracked())>{t!("Compare")}</MenuLink>
            {may_delete.get_untracked().then(|| view! {
                <MenuSeparator/>
                <MenuItem icon="trash-2" danger=true on_select=move |()| deleting.set(true)>{t!("Delete mission")}</MenuItem>
            })}
            {may_purge.get_untracked().then(|| view! { <MenuItem icon="trash-2" danger=true on_select=move |()| purging.set(true)>{t!("Remove for good")}</MenuItem> })}
        </Menu>
        <ConfirmDialog
            open=asking
            harmless=true
            title=Signal::derive(move || match wanted.get() {
                MissionStatus::InProgress => t!("Start {} all the same?", here.name()),
                MissionStatus::Draft => t!("Take {} back to draft?", here.name()),
                MissionStatus::Archived => t!("Archive {}?", here.name()),
                MissionStatus::Completed => t!("Complete {}?", here.name()),
            })
            text=Signal::derive(move || asks(wanted.get()).unwrap_or_default())
            more=move || (wanted.get() == MissionStatus::InProgress).then(|| view! {
                <p><a href=move || format!("/missions/{}/members", here.id.get()) on:click=move |_| asking.set(false)>{t!("Add members first")}</a></p>
            })
            confirm=Signal::derive(move || act(status.get(), wanted.get()).to_owned())
            keep=t!("Leave it as it is")
            busy=change.busy
            error=Signal::derive(move || change.error.read().as_ref().map(refusal))
            on_confirm=move |()| change.run.run(wanted.get_untracked())
        />
        <EditDialog here=here open=editing/>
        <AddDialog here=here open=adding/>
        <Import place=Place::Mission open=importing mission=here.id/>
        <RetestDialog here=here open=repeating/>
        <DeleteDialog here=here open=deleting/>
        <PurgeDialog here=here open=purging/>
    }
}

/// Asks, then deletes.
#[component]
fn DeleteDialog(
    /// the mission
    here: Here,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let url = use_url();
    let delete = use_mutation(
        move |()| {
            let (id, etag, name) = (here.id.get_untracked(), here.etag(), untrack(|| here.name()));
            async move { queries::delete(&id, &etag).await.map(|()| name) }
        },
        move |name| {
            open.set(false);
            toasts.success(t!("{name} is deleted"; name));
            // the page goes first: nothing on it may ask for what is gone
            url.go("/missions");
            queries::refresh_all();
        },
    );
    Effect::new(move |_| {
        if delete.error.with(|error| error.as_ref().is_some_and(|error| error.is(ErrorCode::PreconditionFailed))) {
            queries::refresh_all();
        }
    });
    Effect::new(move |_| {
        if open.get() {
            delete.error.set(None);
        }
    });
    let text = Signal::derive(move || {
        here.read(|data| {
            let head = &data.value.head;
            t!(
                "It goes for everybody, with {} and {}. The app cannot bring it back.",
                count(head.counts.tests, "test", "tests"),
                count(head.members.len() as u64, "member", "members")
            )
        })
        .unwrap_or_default()
    });
    let error = Signal::derive(move || {
        delete.error.with(|error| {
            error.as_ref().map(|error| {
                if error.is(ErrorCode::PreconditionFailed) {
                    t!("Somebody changed the mission meanwhile. Its newest version is shown now: look at it, then delete it if you still want to.").to_owned()
                } else {
                    error.text()
                }
            })
        })
    });
    view! {
        <ConfirmDialog
            open=open
            title=Signal::derive(move || t!("Delete the mission {}?", here.name()))
            text=text
            confirm=t!("Delete mission")
            busy=delete.busy
            error=error
            on_confirm=move |()| delete.run.run(())
        />
    }
}
