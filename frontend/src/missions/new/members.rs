//! The third step: who is in it.

use leptos::prelude::*;
use tyrian_api_types::users::UserRef;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::text::MEMBERS;

use super::draft::{DraftMember, Form};
use super::{index_of, step_of};
use crate::form::FormErrors;
use crate::missions::roster::{RoleSelect, RosterSearch};
use crate::session::use_session;
use crate::ui::{Avatar, Banner, BannerKind, Button, Icon, IconButton, Table};

/// Search, and the people with their roles.
#[component]
pub fn MembersStep(
    /// the draft
    form: Form,
    /// what is wrong
    errors: FormErrors,
    /// who makes the mission
    me: DraftMember,
) -> impl IntoView {
    let session = use_session();
    let taken = Signal::derive(move || form.members.with(|members| members.iter().map(|member| member.user_id).collect::<Vec<_>>()));
    let full = Memo::new(move |_| form.members.with(|members| members.len() >= MEMBERS));
    let mine = me.user_id;
    let me = StoredValue::new(me);
    let listed = Memo::new(move |_| form.members.with(|members| members.iter().any(|member| member.user_id == mine)));
    let admin = untrack(|| session.is_admin());
    let whole = errors.field("/members");
    let add = move |(person, role): (UserRef, RoleHint)| {
        if !full.get_untracked() {
            form.members.update(|members| {
                members.push(DraftMember { user_id: person.id, email: person.email, display_name: person.display_name, role });
            });
        }
    };
    view! {
        <section class="card" aria-label=t!("Members")>
            <div class="card__head"><RosterSearch taken=taken on_pick=add/></div>
            {move || whole.get().map(|text| view! { <div class="card__body"><Banner kind=BannerKind::Error><span>{text}</span></Banner></div> })}
            <Table label=t!("Members and their roles")>
                <thead><tr><th scope="col">{t!("Person")}</th><th scope="col">{t!("Role in this mission")}</th><th scope="col"><span class="sr">{t!("Take out")}</span></th></tr></thead>
                <tbody>
                    <For
                        each=move || form.members.get()
                        key=|member| member.user_id
                        let:member
                    >
                        <MemberRow member=member form=form errors=errors mine=mine admin=admin/>
                    </For>
                </tbody>
            </Table>
            <div class="card__foot">
                <Icon name="info" size=14/>
                {move || match (session.is_admin(), listed.get()) {
                    (true, false) => view! {
                        t!(" You are not a member: as an administrator you see the mission all the same. ")
                        <Button size=crate::ui::ButtonSize::Small on_click=move |_| form.members.update(|members| members.insert(0, me.get_value()))>{t!("Add me")}</Button>
                    }
                    .into_any(),
                    (true, true) => t!(" Red executes, blue assesses, purple does both, observers look on.").into_any(),
                    (false, _) => t!(" You join in any case, as red where nothing else is chosen. Red executes, blue assesses, purple does both, observers look on.").into_any(),
                }}
            </div>
        </section>
    }
}

#[component]
fn MemberRow(
    /// who
    member: DraftMember,
    /// the draft
    form: Form,
    /// what is wrong
    errors: FormErrors,
    /// id of who makes the mission
    mine: uuid::Uuid,
    /// may who makes the mission stay out of it
    admin: bool,
) -> impl IntoView {
    let id = member.user_id;
    let fault = Memo::new(move |_| {
        let place = form.members.with(|members| members.iter().position(|member| member.user_id == id))?;
        errors.all().with(|all| {
            all.iter()
                .find(|fault| step_of(&fault.pointer) == 2 && index_of(&fault.pointer) == Some(place))
                .map(|fault| fault.detail.clone())
        })
    });
    let set = move |role: RoleHint| {
        form.members.update(|members| {
            if let Some(member) = members.iter_mut().find(|member| member.user_id == id) {
                member.role = role;
            }
        });
    };
    let role = Memo::new(move |_| {
        form.members.with(|members| members.iter().find(|member| member.user_id == id).map_or(RoleHint::Red, |member| member.role))
    });
    let name = member.display_name.clone();
    let shown = name.clone();
    view! {
        <tr>
            <td>
                <div class="row">
                    {move || view! { <Avatar name=shown.clone() side=role.get().as_str()/> }}
                    <div class="who">
                        <div class="strong trunc">{name.clone()}{(id == mine).then_some(t!(" (you)"))}</div>
                        <div class="small muted trunc">{member.email}</div>
                    </div>
                </div>
                {move || fault.get().map(|text| view! { <span class="field__error"><Icon name="circle-alert" size=14/>{text}</span> })}
            </td>
            <td><RoleSelect name=name.clone() role=member.role on_change=set/></td>
            <td class="num">
                {(id != mine || admin).then(|| view! {
                    <IconButton icon="x" label=t!("Take {name} out"; name) on_click=move |_| form.members.update(|members| members.retain(|member| member.user_id != id))/>
                })}
            </td>
        </tr>
    }
}
