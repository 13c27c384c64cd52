//! The groups that a user is in.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tyrian_api_types::groups::Group;
use tyrian_api_types::users::User;
use tyrian_domain::permission::{Permission, Permissions, lacking};
use uuid::Uuid;

use crate::admin::frame::{Refused, Stale, held, opened};
use crate::admin::queries;
use crate::loaded::Loaded;
use crate::query::use_mutation;
use crate::rights::{self, Forbidden};
use crate::session::use_session;
use crate::ui::{Banner, Button, ButtonKind, Dialog, use_toasts};

/// The dialog: a list to tick. A group that gives more than the reader has stands there as text, with the reason.
#[component]
pub fn UserGroupsDialog(
    /// as they were in the list
    user: User,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let open = opened(on_close);
    let (id, name) = (user.id, user.display_name.clone());
    let who = Signal::stored(name.clone());
    let chosen = RwSignal::new(user.groups.iter().map(|group| group.id).collect::<BTreeSet<Uuid>>());
    let base = RwSignal::new((user.version, chosen.get_untracked()));
    let save = use_mutation(
        move |(version, groups): (i64, BTreeSet<Uuid>)| queries::set_user_groups(id, version, groups.into_iter().collect()),
        move |()| {
            open.set(false);
            queries::people_changed(session);
            toasts.success(t!("The groups of {} are saved", who.get_untracked()));
        },
    );
    let latest = use_mutation(
        move |keep: bool| async move { Ok((keep, queries::user(id).await?)) },
        move |(keep, now): (bool, User)| {
            save.error.set(None);
            let groups: BTreeSet<Uuid> = now.groups.iter().map(|group| group.id).collect();
            base.set((now.version, groups.clone()));
            if keep {
                save.run.run((now.version, chosen.get_untracked()));
            } else {
                chosen.set(groups);
            }
        },
    );
    // Who has more than the reader is out of reach: neither here nor by a group could their rights be governed.
    let groups = queries::use_groups();
    let beyond = Memo::new(move |_| {
        let own = base.read().1.clone();
        let codes = groups.data.with(|groups| {
            let inside = groups.iter().flatten().filter(|group| own.contains(&group.id));
            inside.flat_map(|group| group.permissions.iter().copied()).collect::<Permissions>()
        });
        lacking(&held(session), codes)
    });
    let within_reach = Memo::new(move |_| beyond.read().is_empty());
    let names = StoredValue::new(user.groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>().join(", "));
    let submit = move || {
        let (version, before) = base.get_untracked();
        if before == chosen.get_untracked() {
            open.set(false);
        } else {
            save.run.run((version, chosen.get_untracked()));
        }
    };
    view! {
        <Dialog
            open=open
            title=t!("Groups of {name}"; name)
            locked=save.busy
            foot=move || view! {
                <Button on_click=move |_| open.set(false)>{move || if within_reach.get() { t!("Cancel") } else { t!("Close") }}</Button>
                {move || within_reach.get().then(|| view! { <Button kind=ButtonKind::Primary busy=save.busy on_click=move |_| submit()>{t!("Save groups")}</Button> })}
            }
        >
            <div class="stack stack--2">
                <Refused error=save.error who=who/>
                <Refused error=latest.error who=who/>
                <Stale error=save.error who=who on_load=move |()| latest.run.run(false) on_keep=move |()| latest.run.run(true)/>
                {move || if !within_reach.get() {
                    view! {
                        <Banner icon="lock">
                            <span>
                                {who.get()}{t!(" has rights that you do not have: ")}{rights::in_words(&beyond.read())}
                                ". Only somebody who has them changes their groups."
                            </span>
                        </Banner>
                        <p class="muted">{t!("Their groups: ")}{names.get_value()}</p>
                    }
                    .into_any()
                } else if session.can(Permission::GroupRead) {
                    view! { <GroupChoice chosen=chosen/> }.into_any()
                } else {
                    view! { <Forbidden what=t!("The groups") permission=Some(Permission::GroupRead.to_string())/> }.into_any()
                }}
            </div>
        </Dialog>
    }
}

/// Groups to tick, for a user or an invitation.
#[component]
pub fn GroupChoice(
    /// what is ticked
    chosen: RwSignal<BTreeSet<Uuid>>,
) -> impl IntoView {
    let groups = queries::use_groups();
    view! {
        <Loaded query=groups what=t!("The groups") let:groups>
            <ul class="choices" aria-label=t!("Groups")>
                {groups.into_iter().map(|group| view! { <Choice group=group chosen=chosen/> }).collect_view()}
            </ul>
        </Loaded>
    }
}

/// One group to tick, or the reason why not.
#[component]
fn Choice(
    /// the group
    group: Group,
    /// what is ticked
    chosen: RwSignal<BTreeSet<Uuid>>,
) -> impl IntoView {
    let session = use_session();
    let id = group.id;
    let missing = lacking(&untrack(|| held(session)), group.permissions.iter().copied());
    let count = crate::ui::count(group.permissions.len() as u64, "right", "rights");
    let about = match group.description.filter(|text| !text.trim().is_empty()) {
        Some(text) => format!("{text} · {count}"),
        None => count,
    };
    if missing.is_empty() {
        return view! {
            <li>
                <label class="pick">
                    <span class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || chosen.read().contains(&id)
                            on:change:target=move |event| chosen.update(|chosen| {
                                if event.target().checked() { chosen.insert(id); } else { chosen.remove(&id); }
                            })
                        />
                    </span>
                    <span class="strong">{group.name}</span>
                    <span class="pick__meta">{about}</span>
                </label>
            </li>
        }
        .into_any();
    }
    let inside = chosen.with_untracked(|chosen| chosen.contains(&id));
    let state = if inside { t!("They are in it.") } else { t!("You cannot add to it.") };
    view! {
        <li class="pick pick--fixed">
            <span class="check"><crate::ui::Icon name="lock" size=14/></span>
            <span class="strong">{group.name}</span>
            <span class="pick__meta">{state}{t!(" It gives ")}{rights::in_words(&missing)}{t!(", which you do not have.")}</span>
        </li>
    }
    .into_any()
}
