//! What can be done with a user: the dialogs that a row of the table opens.

use leptos::prelude::*;
use tyrian_api_types::users::{User, UserPatch};
use tyrian_api_types::{ErrorCode, Patch};

use super::access::{RemoveFactor, ResetLink};
use super::edit::EditUser;
use super::groups::UserGroupsDialog;
use crate::admin::frame::{explain, opened};
use crate::admin::queries;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::session::use_session;
use crate::ui::{ConfirmDialog, use_toasts};

/// What was chosen in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Name, address, state, administrator.
    Edit,
    /// The groups they are in.
    Groups,
    /// A link by which they set a new password.
    ResetLink,
    /// Their second factor goes.
    RemoveFactor,
    /// They may no longer sign in.
    Deactivate,
    /// They may sign in again.
    Activate,
    /// They go.
    Delete,
}

/// The dialog of an act.
#[component]
pub fn ActDialog(
    /// what was chosen
    act: Act,
    /// about whom
    user: User,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    match act {
        Act::Edit => view! { <EditUser user=user on_close=on_close/> }.into_any(),
        Act::Groups => view! { <UserGroupsDialog user=user on_close=on_close/> }.into_any(),
        Act::ResetLink => view! { <ResetLink user=user on_close=on_close/> }.into_any(),
        Act::RemoveFactor => view! { <RemoveFactor user=user on_close=on_close/> }.into_any(),
        Act::Deactivate | Act::Activate | Act::Delete => view! { <ConfirmUser act=act user=user on_close=on_close/> }.into_any(),
    }
}

/// The words of a question: title, what happens, the button, the way back, what the toast says.
fn words(act: Act, user: &User) -> (String, String, &'static str, &'static str, String) {
    let name = &user.display_name;
    match act {
        Act::Delete => (
            t!("Delete {name}?"; name),
            t!(
                "{} ({}) leaves every group, is signed out everywhere and can no longer sign in. What they wrote stays under their \
                 name. This cannot be undone; to keep the account, deactivate it instead.",
                name,
                user.email
            ),
            t!("Delete user"),
            t!("Keep them"),
            t!("{name} is deleted"; name),
        ),
        Act::Activate => (
            t!("Activate {name}?"; name),
            t!("{} ({}) can sign in again, with the password and the groups they had.", name, user.email),
            t!("Activate user"),
            t!("Not now"),
            t!("{name} can sign in again"; name),
        ),
        _ => (
            t!("Deactivate {name}?"; name),
            t!(
                "{} ({}) is signed out everywhere at once and can no longer sign in. Their missions, groups and what they wrote stay. \
                 You can activate them again at any time.",
                name,
                user.email
            ),
            t!("Deactivate user"),
            t!("Keep them active"),
            t!("{name} is deactivated"; name),
        ),
    }
}

/// Asks before somebody is deactivated, activated or deleted.
#[component]
fn ConfirmUser(
    /// what was chosen
    act: Act,
    /// about whom
    user: User,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let open = opened(on_close);
    let (title, text, confirm, keep, done) = words(act, &user);
    let (id, version, name) = (user.id, user.version, user.display_name);
    let change = use_mutation(
        move |()| async move {
            if act == Act::Delete {
                return match queries::delete_user(id, version).await {
                    // Somebody else was quicker: they are gone all the same.
                    Err(error) if error.is(ErrorCode::NotFound) => Ok(()),
                    answer => answer,
                };
            }
            let patch = UserPatch { is_active: Patch::Set(act == Act::Activate), ..UserPatch::default() };
            queries::update_user(id, version, patch).await.map(|_| ())
        },
        move |()| {
            open.set(false);
            queries::people_changed(session);
            toasts.success(done.clone());
        },
    );
    Effect::new(move |_| {
        // A stale row: what the list shows next is what is there now.
        if change.error.with(|error| error.as_ref().is_some_and(|error| error.is(ErrorCode::PreconditionFailed))) {
            invalidate(&key!["users"]);
        }
    });
    let error = Signal::derive(move || change.error.get().map(|error| explain(&error, &name)));
    view! {
        <ConfirmDialog
            open=open
            title=title
            text=text
            confirm=confirm.to_owned()
            keep=keep
            harmless=act == Act::Activate
            icon=match act { Act::Delete => "trash-2", Act::Activate => "circle-play", _ => "circle-pause" }
            busy=change.busy
            error=error
            on_confirm=move |()| change.run.run(())
        />
    }
}
