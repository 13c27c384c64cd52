//! `/admin/groups`: what each group may do, and who is in it. The group that is opened stands in the URL.

mod draft;
mod edit;
mod grid;
mod members;
mod save_bar;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use tyrian_api_types::groups::Group;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::frame::{AdminPage, people};
use super::queries;
use crate::loaded::Loaded;
use crate::query::Query;
use crate::session::use_session;
use crate::ui::{Button, ButtonKind, ButtonSize, EmptyState, Icon, SkeletonRows};
use draft::Draft;
use edit::{CreateGroup, GroupHead};
use grid::Grid;
use members::Members;
use save_bar::SaveBar;

/// The seeded group that has every right and keeps it.
const ADMINISTRATORS: &str = "Administrators";

/// Is it the group whose rights are fixed?
fn is_fixed(group: &Group) -> bool {
    group.is_system && group.name == ADMINISTRATORS
}

fn href(id: Uuid) -> String {
    format!("/admin/groups?group={id}")
}

/// The page.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let creating = RwSignal::new(false);
    let open_group = Callback::new(move |id: Uuid| {
        navigate(&href(id), NavigateOptions { scroll: false, ..Default::default() });
    });
    view! {
        <AdminPage
            title=t!("Groups and permissions")
            tab="Groups"
            what=t!("The groups")
            permission=Permission::GroupRead
            actions=move || view! {
                {move || session.can(Permission::GroupCreate).then(|| view! {
                    <Button kind=ButtonKind::Primary size=ButtonSize::Small icon="plus" on_click=move |_| creating.set(true)>{t!("New group")}</Button>
                })}
            }
        >
            <Groups/>
            {move || creating.get().then(|| view! { <CreateGroup on_close=move |()| creating.set(false) on_made=open_group/> })}
        </AdminPage>
    }
}

/// The list on the left, the grid beside it; a group that is opened shows its members and its own column.
#[component]
fn Groups() -> impl IntoView {
    let query = use_query_map();
    let groups = queries::use_groups();
    let list = Memo::new(move |_| groups.data.get().unwrap_or_default());
    let opened = Memo::new(move |_| query.with(|query| query.get("group")).and_then(|id| Uuid::parse_str(&id).ok()));
    let draft = Draft::new();
    let filter = RwSignal::new(String::new());
    // The columns: all groups, or the opened one. Only a change of the columns draws the grid anew.
    let columns = Memo::new(move |_| match opened.get() {
        Some(id) => list.get().into_iter().filter(|group| group.id == id).collect::<Vec<_>>(),
        None => list.get(),
    });
    let show = Memo::new(move |_| (!columns.read().is_empty()).then(|| opened.read().is_some()));
    let read = Memo::new(move |_| groups.data.with(|groups| groups.as_ref().map(|_| ())));
    let ready: Query<()> =
        Query { data: Signal::derive(move || read.get()), error: groups.error, loading: groups.loading, refetch: groups.refetch };
    view! {
        <Loaded query=ready what=t!("The groups") skeleton=|| view! { <section class="card"><SkeletonRows rows=8/></section> } let:_ready>
            <div class="groups">
                <GroupList groups=list opened=opened/>
                <div class="stack">
                    {move || opened.get().map(|id| view! { <Opened id=id groups=list draft=draft/> })}
                    {move || show.get().map(|single| view! { <Grid columns=columns filter=filter draft=draft single=single/> })}
                </div>
            </div>
            <SaveBar groups=list draft=draft/>
        </Loaded>
    }
}

/// All groups as links, how many people each has, and which are built in.
#[component]
fn GroupList(
    /// all of them
    groups: Memo<Vec<Group>>,
    /// the one shown
    opened: Memo<Option<Uuid>>,
) -> impl IntoView {
    view! {
        <nav class="card glist" aria-label=t!("Groups")>
            <a class="glist__item" href="/admin/groups" aria-current=move || opened.read().is_none().then_some("true")>
                <span class="strong">{t!("All groups")}</span>
                <span class="small muted num">{move || groups.read().len()}{t!(" side by side")}</span>
            </a>
            <For each=move || groups.get() key=|group| (group.id, group.version, group.name.clone(), group.members.len()) let:group>
                {
                    let (id, count) = (group.id, group.members.len());
                    view! {
                        <a class="glist__item" href=href(id) aria-current=move || (opened.get() == Some(id)).then_some("true")>
                            <span class="row row--1">
                                <span class="strong trunc" title=group.name.clone()>{group.name.clone()}</span>
                                {group.is_system.then(|| view! { <span class="glist__mark" title=t!("Built in")><Icon name="lock" size=12/><span class="sr">{t!(", built in")}</span></span> })}
                            </span>
                            <span class="small muted num">{people(count)}" · "{crate::ui::count(group.permissions.len() as u64, "right", "rights")}</span>
                        </a>
                    }
                }
            </For>
        </nav>
    }
}

/// The group that is opened: what it is, who is in it.
#[component]
fn Opened(
    /// which one
    id: Uuid,
    /// all of them
    groups: Memo<Vec<Group>>,
    /// what is not saved yet
    draft: Draft,
) -> impl IntoView {
    let group = Memo::new(move |_| groups.with(|groups| groups.iter().find(|group| group.id == id).cloned()));
    let there = Memo::new(move |_| group.read().is_some());
    move || {
        if there.get() {
            view! {
                <section class="card" aria-label=t!("Group")>
                    <GroupHead group=group draft=draft/>
                    <Members group=group/>
                </section>
            }
            .into_any()
        } else {
            view! {
                <section class="card">
                    <EmptyState title=t!("This group is not there") text=t!("It was deleted, or the address is not whole. Choose another one.") tight=true/>
                </section>
            }
            .into_any()
        }
    }
}
