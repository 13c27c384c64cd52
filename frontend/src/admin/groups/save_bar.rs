//! The bar under the grid while something in it is not saved: what changes, and for how many people.

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::groups::{Group, GroupPermissions};
use uuid::Uuid;

use super::draft::{self, Change, Draft};
use crate::admin::frame::{explain, people};
use crate::admin::queries;
use crate::api::ApiError;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::session::use_session;
use crate::ui::{Button, ButtonKind, ButtonSize, Icon, use_toasts};

/// A group that was not saved, and why.
#[derive(Clone)]
struct Failure {
    group: Uuid,
    name: String,
    error: ApiError,
}

/// Saves one group after the other; what was saved stays saved where a later one is refused.
async fn save_all(changes: Vec<Change>) -> (Vec<Uuid>, Option<Failure>) {
    let mut saved = Vec::new();
    for change in changes {
        match queries::set_permissions(change.id, change.version, GroupPermissions { codes: change.codes }).await {
            Ok(()) => saved.push(change.id),
            Err(error) => return (saved, Some(Failure { group: change.id, name: change.name, error })),
        }
    }
    (saved, None)
}

/// The bar.
#[component]
pub fn SaveBar(
    /// as they are saved
    groups: Memo<Vec<Group>>,
    /// what is not saved yet
    draft: Draft,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let changes = Memo::new(move |_| draft.changes(&groups.read()));
    let concerned = Memo::new(move |_| draft::people(&changes.read()));
    let dirty = Memo::new(move |_| !changes.read().is_empty());
    let failure = RwSignal::new(None::<Failure>);
    let save = use_mutation(
        move |changes: Vec<Change>| async move { Ok(save_all(changes).await) },
        move |(saved, failed): (Vec<Uuid>, Option<Failure>)| {
            for id in &saved {
                draft.discard(Some(*id));
            }
            if failed.is_none() {
                toasts.success(match saved.len() {
                    1 => t!("The group is saved").to_owned(),
                    groups => t!("{groups} groups are saved"; groups),
                });
            }
            failure.set(failed);
            if !saved.is_empty() {
                queries::people_changed(session);
            }
        },
    );
    crate::web::ask_before_unload(move || dirty.get_untracked());
    let clear = Callback::new(move |()| failure.set(None));
    let discard = move |_| {
        draft.discard(None);
        failure.set(None);
        crate::web::focus_soon("h1");
    };
    view! {
        <Show when=move || dirty.get()>
            <div class="wfoot wfoot--save" role="region" aria-label=t!("Unsaved changes")>
                <div class="stack stack--2 grow">
                    <span class="row">
                        <Icon name="circle-alert"/>
                        <span role="status">
                            {move || {
                                let changes = changes.read();
                                let count = draft::count(&changes);
                                let number = if count == 1 { "1 change".to_owned() } else { t!("{count} changes"; count) };
                                view! { <b class="num">{number}</b>{t!(" not saved: ")}{draft::sentence(&changes)} }
                            }}
                        </span>
                    </span>
                    {move || failure.get().map(|failure| view! { <FailureText failure=failure draft=draft on_done=clear/> })}
                </div>
                <span class="push row">
                    <Button disabled=save.busy on_click=discard>{t!("Discard")}</Button>
                    <Button kind=ButtonKind::Primary busy=save.busy on_click=move |_| { failure.set(None); save.run.run(changes.get_untracked()); }>
                        {move || t!("Save for {}", people(concerned.get()))}
                    </Button>
                </span>
            </div>
        </Show>
    }
}

/// Why a group was not saved. One that was changed meanwhile can be read again, with one's own ticks kept or dropped.
#[component]
fn FailureText(
    /// what happened
    failure: Failure,
    /// what is not saved yet
    draft: Draft,
    /// takes the message away
    on_done: Callback<()>,
) -> impl IntoView {
    let again = move || {
        invalidate(&key!["groups"]);
        on_done.run(());
    };
    let stale = failure.error.is(ErrorCode::PreconditionFailed);
    let id = failure.group;
    let text = if stale {
        t!("{} was changed by somebody else meanwhile.", failure.name)
    } else {
        t!("{} is not saved. {}", failure.name, explain(&failure.error, &failure.name))
    };
    view! {
        <div class="row row--wrap wfoot__error" role="alert">
            <span>{text}</span>
            {stale.then(|| view! {
                <Button size=ButtonSize::Small on_click=move |_| { draft.discard(Some(id)); again(); }>{t!("Load the new version")}</Button>
                <Button size=ButtonSize::Small on_click=move |_| again()>{t!("Keep mine over it")}</Button>
            })}
        </div>
    }
}
