//! The table of users, and what each row offers.

use leptos::prelude::*;
use tyrian_api_types::users::User;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::acts::Act;
use crate::admin::frame::SortHead;
use crate::session::use_session;
use crate::ui::{Avatar, Badge, Chip, Icon, Menu, MenuItem, MenuSeparator, Table, Time, Tone};

/// Groups drawn as chips; the rest is a number.
const MOST_CHIPS: usize = 3;

/// Users as rows; each draws itself anew when it changes, so that the focus stays where it is.
#[component]
pub fn UsersTable(
    /// who is shown
    rows: Memo<Vec<User>>,
    /// the order in force
    sort: Memo<String>,
    /// takes another order
    #[prop(into)]
    on_sort: Callback<String>,
    /// takes what was chosen in a row
    #[prop(into)]
    on_act: Callback<(Act, User)>,
) -> impl IntoView {
    view! {
        <Table label=t!("Users")>
            <thead>
                <tr>
                    <SortHead label=t!("Name") field="name" sort=sort on_sort=on_sort/>
                    <SortHead label=t!("Email") field="email" sort=sort on_sort=on_sort class="at-1100"/>
                    <th scope="col" class="at-900">{t!("Groups")}</th>
                    <th scope="col" class="hide-sm">{t!("State")}</th>
                    <th scope="col" class="at-1100">{t!("Last sign-in")}</th>
                    <th scope="col"><span class="sr">{t!("Actions")}</span></th>
                </tr>
            </thead>
            <tbody>
                <For each=move || rows.get() key=|user| user.id let:user>
                    {
                        let id = user.id;
                        let now = Memo::new(move |_| rows.with(|rows| rows.iter().find(|row| row.id == id).cloned()).unwrap_or_else(|| user.clone()));
                        view! { <Row user=now on_act=on_act/> }
                    }
                </For>
            </tbody>
        </Table>
    }
}

/// One user.
#[component]
fn Row(
    /// as they are now
    user: Memo<User>,
    /// takes what was chosen
    on_act: Callback<(Act, User)>,
) -> impl IntoView {
    let session = use_session();
    let own = Memo::new(move |_| session.me().is_some_and(|me| me.id == user.read().id));
    view! {
        <tr data-off=move || (!user.read().is_active).then_some("")>
            {move || {
                let User { display_name, email, groups, is_active, is_admin, last_login_at, .. } = user.get();
                view! {
                    <td>
                        <div class="row person">
                            <Avatar name=display_name.clone()/>
                            <div class="person__text">
                                <div class="row">
                                    <span class="strong trunc" title=display_name.clone()>{display_name.clone()}</span>
                                    {own.get().then(|| view! { <span class="small faint">{t!("you")}</span> })}
                                    {is_admin.then(|| view! { <Badge tone=Tone::Accent icon="shield-check">{t!("Admin")}</Badge> })}
                                    {(!is_active).then(|| view! { <span class="only-sm"><Badge icon="circle-pause">{t!("Deactivated")}</Badge></span> })}
                                </div>
                                <div class="small muted trunc under-1100">{email.clone()}</div>
                            </div>
                        </div>
                    </td>
                    <td class="at-1100"><span class="trunc email" title=email.clone()>{email.clone()}</span></td>
                    <td class="at-900">{chips(groups.into_iter().map(|group| group.name).collect())}</td>
                    <td class="hide-sm">
                        {if is_active {
                            view! { <Badge tone=Tone::Ok icon="circle-check">{t!("Active")}</Badge> }.into_any()
                        } else {
                            view! { <Badge icon="circle-pause">{t!("Deactivated")}</Badge> }.into_any()
                        }}
                    </td>
                    <td class="at-1100 nowrap muted">
                        {match last_login_at {
                            Some(at) => view! { <Time at=at/> }.into_any(),
                            None => view! { <span class="faint">{t!("never")}</span> }.into_any(),
                        }}
                    </td>
                }
            }}
            <td class="acts"><RowMenu user=user own=own on_act=on_act/></td>
        </tr>
    }
}

fn chips(names: Vec<String>) -> impl IntoView {
    let rest = names.len().saturating_sub(MOST_CHIPS);
    let all = names.join(", ");
    view! {
        <div class="row row--1 row--wrap" title=all>
            {names.is_empty().then(|| view! { <span class="faint">{t!("no group")}</span> })}
            {names.into_iter().take(MOST_CHIPS).map(|name| view! { <Chip name=name/> }).collect_view()}
            {(rest > 0).then(|| view! { <span class="small faint num">"+"{rest}</span> })}
        </div>
    }
}

/// What the reader may do with a user. Nobody deactivates or deletes themselves here: that is how an instance loses its people.
#[component]
fn RowMenu(
    /// as they are now
    user: Memo<User>,
    /// is it the reader
    own: Memo<bool>,
    /// takes what was chosen
    on_act: Callback<(Act, User)>,
) -> impl IntoView {
    let session = use_session();
    // Only an administrator changes one; what else is out of reach, the server says.
    let reach = move || session.is_admin() || !user.read().is_admin;
    let may_edit = move || session.can(Permission::UserUpdate) && reach();
    let may_delete = move || session.can(Permission::UserDelete) && reach() && !own.get();
    let choose = move |act: Act| on_act.run((act, user.get_untracked()));
    let name = Memo::new(move |_: Option<&(Uuid, String)>| user.with(|user| (user.id, user.display_name.clone())));
    move || {
        (may_edit() || may_delete()).then(|| {
            view! {
                <Menu label=t!("Actions for {}", name.get().1) trigger=|| view! { <Icon name="ellipsis"/> }>
                    {move || may_edit().then(|| view! {
                        <MenuItem icon="pencil" on_select=move |()| choose(Act::Edit)>{t!("Edit")}</MenuItem>
                        <MenuItem icon="users" on_select=move |()| choose(Act::Groups)>{t!("Groups")}</MenuItem>
                    })}
                    {move || (may_edit() && !own.get() && user.read().is_active).then(|| view! {
                        <MenuItem icon="key" on_select=move |()| choose(Act::ResetLink)>{t!("Link for a new password")}</MenuItem>
                    })}
                    {move || (may_edit() && !own.get() && user.read().totp).then(|| view! {
                        <MenuItem icon="shield" on_select=move |()| choose(Act::RemoveFactor)>{t!("Turn off two-step sign-in")}</MenuItem>
                    })}
                    {move || (may_edit() && !own.get()).then(|| if user.read().is_active {
                        view! { <MenuItem icon="circle-pause" on_select=move |()| choose(Act::Deactivate)>{t!("Deactivate")}</MenuItem> }.into_any()
                    } else {
                        view! { <MenuItem icon="circle-play" on_select=move |()| choose(Act::Activate)>{t!("Activate")}</MenuItem> }.into_any()
                    })}
                    {move || may_delete().then(|| view! {
                        <MenuSeparator/>
                        <MenuItem icon="trash-2" danger=true on_select=move |()| choose(Act::Delete)>{t!("Delete")}</MenuItem>
                    })}
                </Menu>
            }
        })
    }
}
