//! Administration: users, groups, invitations.

use leptos::prelude::*;

use crate::shell::Page;
use crate::ui::EmptyState;

/// Users.
#[component]
pub fn UsersPage() -> impl IntoView {
    view! { <Page title="Users"><section class="card"><EmptyState title="Not here yet" text="This page lists the users. It is being built."/></section></Page> }
}

/// Groups and permissions.
#[component]
pub fn GroupsPage() -> impl IntoView {
    view! { <Page title="Groups and permissions"><section class="card"><EmptyState title="Not here yet" text="This page says what each group may do. It is being built."/></section></Page> }
}

/// Invitations.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    view! { <Page title="Invitations"><section class="card"><EmptyState title="Not here yet" text="This page invites people. It is being built."/></section></Page> }
}
