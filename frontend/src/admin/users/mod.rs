//! `/admin/users`: everybody who has an account, with search and order in the URL.

mod access;
mod acts;
mod create;
mod edit;
mod groups;
mod password;
mod table;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::query_signal_with_options;
use tyrian_api_types::users::User;
use tyrian_domain::permission::Permission;

use super::frame::{AdminPage, ListEnd, is_filled, use_url_search};
use super::queries;
use crate::loaded::Loaded;
use crate::session::use_session;
use crate::ui::{Button, ButtonKind, ButtonLink, ButtonSize, EmptyState, SearchInput, SkeletonRows};
use acts::{Act, ActDialog};
use create::CreateUser;
pub use groups::GroupChoice;
use table::UsersTable;

/// The page.
#[component]
pub fn UsersPage() -> impl IntoView {
    let session = use_session();
    let creating = RwSignal::new(false);
    view! {
        <AdminPage
            title=t!("Users")
            tab="Users"
            what=t!("The users")
            permission=Permission::UserRead
            actions=move || view! {
                {move || session.can(Permission::UserCreate).then(|| view! {
                    <Button kind=ButtonKind::Primary size=ButtonSize::Small icon="user-plus" on_click=move |_| creating.set(true)>{t!("New user")}</Button>
                })}
            }
        >
            <Users/>
            {move || creating.get().then(|| view! { <CreateUser on_close=move |()| creating.set(false)/> })}
        </AdminPage>
    }
}

/// Search, table, and the dialog of the act that was chosen in a row.
#[component]
fn Users() -> impl IntoView {
    let session = use_session();
    let (typed, q) = use_url_search("q");
    let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
    let (sort, set_sort) = query_signal_with_options::<String>("sort", options);
    let sort = Memo::new(move |_| sort.get().unwrap_or_else(|| "name".to_owned()));
    let users = queries::use_users(q, sort);
    let rows = Memo::new(move |_| users.items.get());
    let act = RwSignal::new(None::<(Act, User)>);
    let alone = Memo::new(move |_| users.total.get() == Some(1) && q.read().is_empty());
    view! {
        <div class="toolbar">
            <SearchInput value=typed label=t!("Search users") placeholder=t!("Name or email") main=true/>
            <span class="small muted num push" role="status">
                {move || users.total.get().map(|total| match (total, q.read().is_empty()) {
                    (1, true) => "1 user".to_owned(),
                    (total, true) => t!("{total} users"; total),
                    (1, false) => "1 match".to_owned(),
                    (total, false) => t!("{total} matches"; total),
                })}
            </span>
        </div>
        <section class="card">
            <Loaded query=is_filled(users.first) what=t!("The users") skeleton=|| view! { <SkeletonRows rows=6/> } let:filled>
                {if filled {
                    view! {
                        <UsersTable rows=rows sort=sort on_sort=move |sort: String| set_sort.set(Some(sort)) on_act=move |chosen| act.set(Some(chosen))/>
                        <ListEnd list=users shown=Signal::derive(move || rows.read().len())/>
                    }
                    .into_any()
                } else {
                    view! {
                        <EmptyState title=t!("Nobody matches “{}”", q.get_untracked()) text=t!("The search looks at names and email addresses.") tight=true>
                            <Button size=ButtonSize::Small on_click=move |_| typed.set(String::new())>{t!("Clear the search")}</Button>
                        </EmptyState>
                    }
                    .into_any()
                }}
            </Loaded>
        </section>
        {move || (alone.get() && session.can(Permission::InvitationCreate)).then(|| view! {
            <section class="card">
                <EmptyState
                    title=t!("You are the only one here")
                    text=t!("An exercise needs two sides. Invite people by a link, and they choose their own password; or make their accounts yourself.")
                    tight=true
                >
                    <ButtonLink href="/admin/invitations?new=1" size=ButtonSize::Small icon="mail">{t!("Invite people")}</ButtonLink>
                </EmptyState>
            </section>
        })}
        {move || act.get().map(|(kind, user)| view! { <ActDialog act=kind user=user on_close=move |()| act.set(None)/> })}
    }
}
