//! The Members tab: who is in the mission, on which side. Each change is saved at once, as the whole list.

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::missions::{Member, MemberInput, MissionMembers};
use tyrian_api_types::users::UserRef;
use tyrian_domain::mission::RoleHint;
use uuid::Uuid;

use super::Here;
use crate::missions::queries;
use crate::missions::roster::{RoleSelect, RosterSearch, role_words};
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Avatar, Banner, BannerKind, ConfirmDialog, EmptyState, Icon, IconButton, Table, use_toasts, words};

/// What is asked of the list.
#[derive(Debug, Clone)]
enum Change {
    Add(UserRef, RoleHint),
    Role(Uuid, RoleHint),
    Remove(Member),
    /// brings somebody back who was taken out
    Back(Member),
}

/// The list after a change.
fn after(members: &[Member], change: &Change) -> Vec<MemberInput> {
    let mut list: Vec<MemberInput> =
        members.iter().map(|member| MemberInput { user_id: member.user_id, role_hint: member.role_hint }).collect();
    let mut put = |user_id: Uuid, role_hint: RoleHint| match list.iter_mut().find(|member| member.user_id == user_id) {
        Some(member) => member.role_hint = role_hint,
        None => list.push(MemberInput { user_id, role_hint }),
    };
    match change {
        Change::Add(person, role) => put(person.id, *role),
        Change::Back(member) => put(member.user_id, member.role_hint),
        Change::Role(id, role) => put(*id, *role),
        Change::Remove(gone) => list.retain(|member| member.user_id != gone.user_id),
    }
    list
}

/// The tab.
#[component]
pub fn MembersTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let members = Memo::new(move |_| here.read(|data| data.value.head.members.clone()).unwrap_or_default());
    let taken = Signal::derive(move || members.with(|members| members.iter().map(|member| member.user_id).collect::<Vec<_>>()));
    let leaving = RwSignal::new(None::<Member>);
    let asking = RwSignal::new(false);
    let undo = StoredValue::new(None::<Callback<Change>>);
    let save = use_mutation(
        move |change: Change| {
            let (id, etag) = (here.id.get_untracked(), here.etag());
            let request = MissionMembers { members: members.with_untracked(|members| after(members, &change)) };
            async move { queries::put_members(&id, &etag, request).await.map(|mission| (mission, change)) }
        },
        move |(mission, change)| {
            asking.set(false);
            queries::refresh(&here.id.get_untracked(), mission);
            match change {
                Change::Add(person, role) => {
                    let (name, side) = (person.display_name, words(role.as_str()).to_lowercase());
                    toasts.success(t!("{name} is a member, as {side}"; name, side));
                }
                Change::Back(member) => toasts.success(t!("{} is back", member.display_name)),
                Change::Role(..) => toasts.success(t!("Role saved")),
                Change::Remove(member) => {
                    let title = t!("{} is no member now", member.display_name);
                    match undo.get_value() {
                        Some(undo) => toasts.with_act(title, t!("Undo"), move || undo.run(Change::Back(member.clone()))),
                        None => toasts.success(title),
                    }
                }
            }
        },
    );
    undo.set_value(Some(save.run));
    Effect::new(move |_| {
        if save.error.read().is_some() {
            // The list shown may be the old one, and a select stand on what was not saved.
            queries::refresh_all();
        }
    });
    let fault = move || {
        save.error.with(|error| {
            error.as_ref().map(|error| {
                if error.is(ErrorCode::PreconditionFailed) {
                    t!("Somebody changed the mission meanwhile, so nothing was saved. The newest list is shown: make your change again.")
                        .to_owned()
                } else {
                    let fields = error.fields().iter().map(|field| field.detail.clone()).collect::<Vec<_>>().join(" ");
                    t!("Not saved. {}", if fields.is_empty() { error.text() } else { fields })
                }
            })
        })
    };
    let mine = untrack(|| session.me()).map(|me| me.id);
    let remove = move |member: Member| {
        if Some(member.user_id) == mine {
            leaving.set(Some(member));
            asking.set(true);
        } else {
            save.run.run(Change::Remove(member));
        }
    };
    // A row whose role was refused is drawn anew, so that its select tells the truth again.
    let tries = Memo::new(move |before: Option<&u32>| before.copied().unwrap_or(0) + u32::from(save.error.read().is_some()));
    view! {
        {move || fault().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
        <section class="card members" aria-label=t!("Members") aria-busy=move || save.busy.get().then_some("true")>
            <div class="card__head row--wrap">
                <h2>{t!("Members")}</h2>
                <span class="count">{move || members.read().len()}</span>
                {move || here.may_edit.get().then(|| view! { <div class="push members__add"><RosterSearch taken=taken on_pick=move |(person, role): (UserRef, RoleHint)| save.run.run(Change::Add(person, role))/></div> })}
            </div>
            {move || if members.read().is_empty() {
                view! { <EmptyState title=t!("No members") text=t!("Only who may see every mission sees this one. Add red and blue before it starts.") tight=true/> }.into_any()
            } else {
                view! {
                    <Table label=t!("Members of this mission")>
                        <thead><tr>
                            <th scope="col">{t!("Person")}</th><th scope="col">{t!("Role in this mission")}</th>
                            {move || here.may_edit.get().then(|| view! { <th scope="col"><span class="sr">{t!("Take out")}</span></th> })}
                        </tr></thead>
                        <tbody>
                            <For each=move || { let tries = tries.get(); members.get().into_iter().map(move |member| (tries, member)) } key=|(tries, member)| (*tries, member.user_id, member.role_hint) let:one>
                                <MemberRow here=here member=one.1 mine=mine busy=save.busy on_role=move |(id, role)| save.run.run(Change::Role(id, role)) on_remove=remove/>
                            </For>
                        </tbody>
                    </Table>
                }
                .into_any()
            }}
            <div class="card__foot"><Icon name="info" size=14/>{t!(" Red executes, blue assesses, purple does both, observers look on. What else a member may do comes from their groups.")}</div>
        </section>
        <ConfirmDialog
            open=asking
            title=Signal::derive(move || t!("Leave {}?", here.name()))
            text=t!("You take yourself out. Unless you may see every mission, it is gone for you at once, and somebody else has to bring you back.")
            confirm=t!("Leave mission")
            keep=t!("Stay")
            busy=save.busy
            on_confirm=move |()| {
                if let Some(member) = leaving.get_untracked() {
                    save.run.run(Change::Remove(member));
                }
            }
        />
    }
}

#[component]
fn MemberRow(
    /// the mission
    here: Here,
    /// who
    member: Member,
    /// id of the reader
    mine: Option<Uuid>,
    /// a change is being saved
    #[prop(into)]
    busy: Signal<bool>,
    /// takes another role
    #[prop(into)]
    on_role: Callback<(Uuid, RoleHint)>,
    /// takes them out
    #[prop(into)]
    on_remove: Callback<Member>,
) -> impl IntoView {
    let (id, role, name) = (member.user_id, member.role_hint, member.display_name.clone());
    let (shown, gone) = (StoredValue::new(name.clone()), StoredValue::new(member.clone()));
    view! {
        <tr>
            <td>
                <div class="row">
                    <Avatar name=name.clone() side=role.as_str()/>
                    <div class="who">
                        <div class="strong trunc">{name}{(Some(id) == mine).then_some(t!(" (you)"))}</div>
                        <div class="small muted trunc">{member.email}</div>
                    </div>
                </div>
            </td>
            <td>
                {move || if here.may_edit.get() {
                    view! { <RoleSelect name=shown.get_value() role=role disabled=busy on_change=move |role| on_role.run((id, role))/> }.into_any()
                } else {
                    role_words(role).into_any()
                }}
            </td>
            {move || here.may_edit.get().then(|| view! {
                <td class="num"><IconButton icon="x" label=t!("Take {} out", shown.get_value()) disabled=busy on_click=move |_| on_remove.run(gone.get_value())/></td>
            })}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(n: u128, role_hint: RoleHint) -> Member {
        Member { user_id: Uuid::from_u128(n), email: String::new(), display_name: String::new(), role_hint }
    }

    #[test]
    fn each_change_gives_the_whole_list() {
        let list = [member(1, RoleHint::Red), member(2, RoleHint::Blue)];
        let roles = |change: Change| {
            after(&list, &change).into_iter().map(|member| (member.user_id.as_u128(), member.role_hint)).collect::<Vec<_>>()
        };
        let person = UserRef { id: Uuid::from_u128(3), email: String::new(), display_name: String::new() };
        assert_eq!(roles(Change::Add(person, RoleHint::Blue)), [(1, RoleHint::Red), (2, RoleHint::Blue), (3, RoleHint::Blue)]);
        assert_eq!(roles(Change::Role(Uuid::from_u128(2), RoleHint::Purple)), [(1, RoleHint::Red), (2, RoleHint::Purple)]);
        assert_eq!(roles(Change::Remove(member(1, RoleHint::Red))), [(2, RoleHint::Blue)]);
        assert_eq!(roles(Change::Back(member(4, RoleHint::Observer))), [(1, RoleHint::Red), (2, RoleHint::Blue), (4, RoleHint::Observer)]);
    }
}
