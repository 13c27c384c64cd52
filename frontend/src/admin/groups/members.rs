//! Who is in a group: added from the roster, taken out with a way back.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::groups::Group;
use tyrian_api_types::users::UserRef;
use tyrian_domain::permission::{Permission, lacking};
use uuid::Uuid;

use crate::admin::frame::{explain, held};
use crate::admin::queries;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::rights;
use crate::session::use_session;
use crate::ui::{Avatar, Banner, BannerKind, Button, ButtonSize, ComboItem, Combobox, EmptyState, Icon, IconButton, use_toasts};

/// Members drawn before “Show all”.
const MOST: usize = 12;

/// People offered under the search; more of them are found by typing more.
const MOST_FOUND: usize = 20;
/// Any of these lets one search the roster.
const ROSTER: [Permission; 3] = [Permission::UserRead, Permission::MissionCreate, Permission::MissionUpdate];

/// What is to happen with the list.
#[derive(Debug, Clone)]
enum Step {
    Add(UserRef),
    Remove(UserRef),
}

/// The members of a group, and the search that adds one.
#[component]
pub fn Members(
    /// as it is saved; the page shows this part only while the group is there
    group: Memo<Option<Group>>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let members = Memo::new(move |_| group.with(|group| group.as_ref().map(|group| group.members.clone()).unwrap_or_default()));
    let name = Signal::derive(move || group.with(|group| group.as_ref().map(|group| group.name.clone()).unwrap_or_default()));
    let missing = Memo::new(move |_| {
        group.with(|group| lacking(&held(session), group.as_ref().map(|group| group.permissions.clone()).unwrap_or_default()))
    });
    let may_edit = Memo::new(move |_| session.can(Permission::GroupUpdate) && missing.read().is_empty());
    let undo = StoredValue::new(None::<Callback<Step>>);
    let change = use_mutation(
        move |step: Step| {
            let saved = group.get_untracked();
            async move {
                let Some(saved) = saved else { return Ok(step) };
                let mut ids: Vec<Uuid> = saved.members.iter().map(|member| member.id).collect();
                match &step {
                    Step::Add(person) if !ids.contains(&person.id) => ids.push(person.id),
                    Step::Add(_) => {}
                    Step::Remove(person) => ids.retain(|id| *id != person.id),
                }
                queries::set_members(saved.id, saved.version, ids).await.map(|_| step)
            }
        },
        move |step: Step| {
            queries::people_changed(session);
            let (title, back) = match step {
                Step::Add(person) => (t!("{} is in {}", person.display_name, name.get_untracked()), Step::Remove(person)),
                Step::Remove(person) => (t!("{} is no longer in {}", person.display_name, name.get_untracked()), Step::Add(person)),
            };
            toasts.with_act(title, t!("Undo"), move || {
                // The toast outlives the page: there is nothing to take back to then.
                if let Some(run) = undo.try_get_value().flatten() {
                    run.run(back.clone());
                }
            });
        },
    );
    undo.set_value(Some(change.run));
    Effect::new(move |_| {
        if change.error.with(|error| error.as_ref().is_some_and(|error| error.is(ErrorCode::PreconditionFailed))) {
            invalidate(&key!["groups"]);
        }
    });
    let refused = move || {
        change.error.get().map(|error| {
            let text = if error.is(ErrorCode::PreconditionFailed) {
                t!(
                    "{} was changed by somebody else meanwhile. What you see is the new state: do it again if it is still needed.",
                    name.get()
                )
            } else {
                explain(&error, &name.read())
            };
            view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> }
        })
    };
    let all = RwSignal::new(false);
    let visible = Memo::new(move |_| members.get().into_iter().take(if all.get() { usize::MAX } else { MOST }).collect::<Vec<_>>());
    view! {
        <div class="card__body stack stack--2">
            <div class="row row--between">
                <h3>{t!("Members ")}<span class="count num">{move || members.read().len()}</span></h3>
            </div>
            {refused}
            {move || may_edit.get().then(|| if session.can_any(&ROSTER) {
                view! { <AddMember members=members name=name busy=change.busy on_add=move |person| change.run.run(Step::Add(person))/> }.into_any()
            } else {
                view! { <p class="small muted">{t!("To search people to add, the right user.read is needed.")}</p> }.into_any()
            })}
            {move || (session.can(Permission::GroupUpdate) && !missing.read().is_empty()).then(|| view! {
                <p class="small muted"><Icon name="lock" size=12/>{t!(" This group gives ")}{rights::in_words(&missing.read())}{t!(", which you do not have, so you cannot change it or who is in it.")}</p>
            })}
            <ul class="people">
                <For each=move || visible.get() key=|person| person.id let:person>
                    {
                        let gone = person.clone();
                        view! {
                            <li class="people__row">
                                <Avatar name=person.display_name.clone()/>
                                <span class="people__name"><span class="strong trunc">{person.display_name.clone()}</span><span class="small muted trunc">{person.email.clone()}</span></span>
                                {move || may_edit.get().then(|| {
                                    let gone = gone.clone();
                                    view! {
                                        <IconButton
                                            icon="x"
                                            label=t!("Take {} out of {}", gone.display_name, name.get_untracked())
                                            disabled=change.busy
                                            on_click=move |_| change.run.run(Step::Remove(gone.clone()))
                                        />
                                    }
                                })}
                            </li>
                        }
                    }
                </For>
            </ul>
            {move || (members.read().len() > visible.read().len()).then(|| view! {
                <div><Button size=ButtonSize::Small on_click=move |_| all.set(true)>{move || t!("Show all {}", members.read().len())}</Button></div>
            })}
            {move || members.read().is_empty().then(|| view! {
                <EmptyState title=t!("Nobody is in it yet") text=t!("Its rights below begin to count once somebody is. Who is in several groups has the rights of all of them.") tight=true/>
            })}
        </div>
    }
}

/// Searches the roster; who is in the group already is left out.
#[component]
fn AddMember(
    /// who is in it
    members: Memo<Vec<UserRef>>,
    /// of the group
    #[prop(into)]
    name: Signal<String>,
    /// a change is under way
    busy: Signal<bool>,
    /// takes who was picked
    #[prop(into)]
    on_add: Callback<UserRef>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let roster = queries::use_roster(typed.into());
    let found = Memo::new(move |_| {
        let inside = members.read();
        let inside: BTreeSet<Uuid> = inside.iter().map(|member| member.id).collect();
        let people = roster.data.get().map(|people| people.items).unwrap_or_default();
        people.into_iter().filter(|person| !inside.contains(&person.id)).take(MOST_FOUND).collect::<Vec<_>>()
    });
    let items = Signal::derive(move || {
        found
            .get()
            .into_iter()
            .map(|person| ComboItem {
                value: person.id.to_string(),
                code: None,
                label: person.display_name,
                note: Some(person.email),
                group: None,
            })
            .collect::<Vec<_>>()
    });
    let pick = move |item: ComboItem| {
        let person = found.with_untracked(|found| found.iter().find(|person| person.id.to_string() == item.value).cloned());
        if let Some(person) = person.filter(|_| !busy.get_untracked()) {
            on_add.run(person);
        }
    };
    view! {
        <Combobox
            query=typed
            items=items
            label=t!("Add somebody to {}", name.get_untracked())
            placeholder=t!("Add somebody: name or email")
            busy=roster.loading
            nothing=t!("Nobody else matches")
            eager=true
            on_pick=pick
        />
    }
}
