//! `/admin/detection`: what blue judges with: the scale of detection levels, and the defenders' tools.

mod levels;
mod tools;

use leptos::prelude::*;
use tyrian_domain::permission::Permission;

use super::frame::{AdminPage, explain, opened};
use crate::api;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::ui::{ConfirmDialog, use_toasts};
use levels::Levels;
use tools::Tools;
use tyrian_api_types::ErrorCode;

/// The page.
#[component]
pub fn DetectionPage() -> impl IntoView {
    view! {
        <AdminPage title=t!("Detection") tab="Detection" what=t!("Detection levels and defence tools") permission=Permission::DefenceToolManage>
            <Levels/>
            <Tools/>
        </AdminPage>
    }
}

/// What a card's dialog is open for.
#[derive(Debug, Clone, PartialEq)]
enum Asked<T> {
    New,
    Edit(T),
    Delete(T),
}

/// After a change of the list under this key: it and the missions that show what is in it are read again.
fn changed(list: &'static str) {
    for key in [key![list], key!["missions"]] {
        invalidate(&key);
    }
}

/// Asks before a level or a tool goes, and says so where it cannot.
#[component]
fn Delete(
    /// what it is: “detection level”
    what: &'static str,
    /// what it is called
    name: String,
    /// where it is
    path: String,
    /// whether it comes back, and what does not go
    text: &'static str,
    /// said where it is used
    in_use: &'static str,
    /// the key of its list
    list: &'static str,
    /// takes the dialog out
    on_close: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = opened(on_close);
    let delete = use_mutation(
        move |()| api::delete_unversioned(path.clone()),
        move |()| {
            open.set(false);
            changed(list);
            toasts.success(t!("The {what} is deleted"; what));
        },
    );
    let who = name.clone();
    let refusal = move |error: api::ApiError| if error.is(ErrorCode::InUse) { in_use.to_owned() } else { explain(&error, &who) };
    view! {
        <ConfirmDialog
            open=open
            title=t!("Delete the {what} {name}?"; what, name)
            text=text.to_owned()
            confirm=t!("Delete {}", what.rsplit(' ').next().unwrap_or(what))
            busy=delete.busy
            error=Signal::derive(move || delete.error.get().map(&refusal))
            on_confirm=move |()| delete.run.run(())
        />
    }
}
