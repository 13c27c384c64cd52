//! `/admin/invitations`: who was invited and what became of it.

mod create;
mod row;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::query_signal_with_options;
use tyrian_api_types::invitations::Invitation;
use tyrian_domain::permission::Permission;

use super::frame::{AdminPage, ListEnd, explain, is_filled, opened};
use super::queries;
use crate::key;
use crate::loaded::Loaded;
use crate::query::{invalidate, use_mutation};
use crate::session::use_session;
use crate::ui::{Button, ButtonKind, ButtonSize, ConfirmDialog, EmptyState, SkeletonRows, use_toasts};
use create::CreateInvitation;
use row::InvitationTable;

/// The page.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    let session = use_session();
    let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
    // `?new=1` opens the dialog: other pages lead to it.
    let (new, set_new) = query_signal_with_options::<u8>("new", options);
    let creating = Memo::new(move |_| new.get().is_some() && session.can(Permission::InvitationCreate));
    let open = Callback::new(move |()| set_new.set(Some(1)));
    view! {
        <AdminPage
            title=t!("Invitations")
            tab="Invitations"
            what=t!("The invitations")
            permission=Permission::InvitationRead
            actions=move || view! {
                {move || session.can(Permission::InvitationCreate).then(|| view! {
                    <Button kind=ButtonKind::Primary size=ButtonSize::Small icon="mail" on_click=move |_| open.run(())>{t!("New invitation")}</Button>
                })}
            }
        >
            <Invitations on_new=open/>
            {move || creating.get().then(|| view! { <CreateInvitation on_close=move |()| set_new.set(None)/> })}
        </AdminPage>
    }
}

/// The list, or what an invitation is for.
#[component]
fn Invitations(
    /// opens the form
    on_new: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let invitations = queries::use_invitations();
    let rows = Memo::new(move |_| invitations.items.get());
    let revoking = RwSignal::new(None::<Invitation>);
    view! {
        <section class="card">
            <Loaded query=is_filled(invitations.first) what=t!("The invitations") skeleton=|| view! { <SkeletonRows rows=5/> } let:filled>
                {if filled {
                    view! {
                        <InvitationTable rows=rows on_revoke=move |invitation| revoking.set(Some(invitation))/>
                        <ListEnd list=invitations shown=Signal::derive(move || rows.read().len())/>
                    }
                    .into_any()
                } else {
                    view! {
                        <EmptyState
                            title=t!("No invitations yet")
                            text=t!("An invitation is a link by which one person makes their own account, in the groups that you choose. You send it; they pick their name and password.")
                        >
                            {move || session.can(Permission::InvitationCreate).then(|| view! {
                                <Button icon="mail" on_click=move |_| on_new.run(())>{t!("Invite somebody")}</Button>
                            })}
                        </EmptyState>
                    }
                    .into_any()
                }}
            </Loaded>
        </section>
        {move || revoking.get().map(|invitation| view! { <Revoke invitation=invitation on_close=move |()| revoking.set(None)/> })}
    }
}

/// Asks before an invitation is taken back.
#[component]
fn Revoke(
    /// which one
    invitation: Invitation,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = opened(on_close);
    let id = invitation.id;
    let revoke = use_mutation(
        move |()| queries::revoke(id),
        move |()| {
            open.set(false);
            invalidate(&key!["invitations"]);
            toasts.success(t!("The invitation is taken back"));
        },
    );
    let email = invitation.email.clone();
    view! {
        <ConfirmDialog
            open=open
            title=t!("Take back the invitation of {}?", invitation.email)
            text=t!("The link stops working at once. It cannot be undone, but you can invite {} again with a new link.", invitation.email)
            confirm=t!("Take it back").to_owned()
            busy=revoke.busy
            error=Signal::derive(move || revoke.error.get().map(|error| explain(&error, &email)))
            on_confirm=move |()| revoke.run.run(())
        />
    }
}
