//! A group's head with what can be done to it, and the dialogs: new, edit, delete.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use tyrian_api_types::groups::{Group, GroupCreate, GroupPatch};
use tyrian_api_types::{ErrorCode, Patch};
use tyrian_domain::permission::{Permission, lacking};
use uuid::Uuid;

use super::draft::Draft;
use super::is_fixed;
use crate::admin::frame::{Refused, Stale, explain, held, opened, people};
use crate::admin::queries::{self, CreateKey};
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Badge, Button, ButtonKind, ButtonSize, ConfirmDialog, Field, FormDialog, Select, TextArea, TextInput, use_toasts};

/// Name, what it is for, and the acts.
#[component]
pub fn GroupHead(
    /// as it is saved; the page shows this part only while the group is there
    group: Memo<Option<Group>>,
    /// what is not saved yet: it goes with a deleted group
    draft: Draft,
) -> impl IntoView {
    let session = use_session();
    let editing = RwSignal::new(None::<Group>);
    let deleting = RwSignal::new(None::<Group>);
    view! {
        {move || group.get().map(|group| {
            // Who changes a group must hold all that it gives.
            let within_reach = lacking(&held(session), group.permissions.iter().copied()).is_empty();
            let (edited, deleted, system) = (group.clone(), group.clone(), group.is_system);
            let about = group.description.clone().filter(|text| !text.trim().is_empty());
            view! {
                <div class="card__head">
                    <h2 class="trunc" title=group.name.clone()>{group.name.clone()}</h2>
                    {group.is_system.then(|| view! { <Badge icon="lock">{t!("Built in")}</Badge> })}
                    <span class="push row">
                        {(session.can(Permission::GroupUpdate) && within_reach).then(|| view! {
                            <Button size=ButtonSize::Small icon="pencil" on_click=move |_| editing.set(Some(edited.clone()))>{t!("Edit")}</Button>
                        })}
                        {(session.can(Permission::GroupDelete) && within_reach && !system).then(|| view! {
                            <Button kind=ButtonKind::DangerQuiet size=ButtonSize::Small icon="trash-2" on_click=move |_| deleting.set(Some(deleted.clone()))>{t!("Delete")}</Button>
                        })}
                    </span>
                </div>
                <p class="card__note muted">
                    {about.unwrap_or_else(|| t!("No description yet.").to_owned())}
                    {is_fixed(&group).then_some(t!(" It always has every right."))}
                </p>
            }
        })}
        {move || editing.get().map(|group| view! { <EditGroup group=group on_close=move |()| editing.set(None)/> })}
        {move || deleting.get().map(|group| view! { <DeleteGroup group=group draft=draft on_close=move |()| deleting.set(None)/> })}
    }
}

/// A text field's value as the API wants it: nothing typed is no text.
fn optional(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A name that another group has stands at its field.
fn take(errors: FormErrors, error: &crate::api::ApiError) {
    errors.take(error);
    if error.is(ErrorCode::AlreadyExists) && error.fields().is_empty() {
        errors.add("/name", t!("Another group has this name."));
    }
}

/// A new group, empty or with the rights of another one.
#[component]
pub fn CreateGroup(
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
    /// opens what was made
    #[prop(into)]
    on_made: Callback<Uuid>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let open = opened(on_close);
    let groups = queries::use_groups();
    let name = RwSignal::new(String::new());
    let about = RwSignal::new(String::new());
    let from = RwSignal::new(String::new());
    let errors = FormErrors::new();
    let key = CreateKey::new();
    let save = use_mutation(
        move |request: GroupCreate| queries::create_group(key, request),
        move |made: Group| {
            open.set(false);
            queries::people_changed(session);
            toasts.success(t!("{} is made", made.name));
            on_made.run(made.id);
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            take(errors, &error);
        }
    });
    let source = move || {
        let from = from.get();
        groups.data.with(|groups| groups.as_ref()?.iter().find(|group| group.id.to_string() == from).cloned())
    };
    // What of the other group's rights the reader may give.
    let copied = Memo::new(move |_| {
        let holds = held(session);
        source().map(|group| group.permissions.into_iter().filter(|code| holds.contains(code)).collect::<Vec<_>>()).unwrap_or_default()
    });
    let hint = Signal::derive(move || match source() {
        None => t!("You tick its rights in the grid afterwards.").to_owned(),
        Some(group) if copied.read().len() < group.permissions.len() => {
            t!("{} of the {} rights of {}: you cannot give those that you lack.", copied.read().len(), group.permissions.len(), group.name)
        }
        Some(group) => t!("The {} rights of {}, to be changed afterwards.", group.permissions.len(), group.name),
    });
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), t!("No rights").to_owned())];
        for group in groups.data.get().unwrap_or_default() {
            options.push((group.id.to_string(), t!("The rights of {}", group.name)));
        }
        options
    });
    let submit = move || {
        let request = GroupCreate {
            name: name.get_untracked().trim().to_owned(),
            description: optional(&about.read_untracked()),
            permissions: copied.get_untracked(),
        };
        if errors.check(&request) {
            save.run.run(request);
        }
    };
    view! {
        <FormDialog open=open title=t!("New group") act=t!("Make group") busy=save.busy on_submit=move |()| submit()>
            <Refused error=save.error who=t!("The group")/>
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name autocomplete="off" autofocus=true placeholder=t!("Consultants")/></Field>
            <Field label=t!("What it is for") hint=t!("One sentence for those who choose groups") error=errors.field("/description")><TextArea value=about rows=2/></Field>
            <Field label=t!("Begins with") hint=hint error=errors.under("/permissions")><Select value=from options=options/></Field>
        </FormDialog>
    }
}

/// Changes name and description.
#[component]
fn EditGroup(
    /// as it was on the page
    group: Group,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let open = opened(on_close);
    let (id, system) = (group.id, group.is_system);
    let name = RwSignal::new(group.name.clone());
    let about = RwSignal::new(group.description.clone().unwrap_or_default());
    let base = RwSignal::new(group);
    let who = Signal::derive(move || base.read().name.clone());
    let errors = FormErrors::new();
    let patch = move || {
        let base = base.get_untracked();
        GroupPatch {
            name: Patch::diff(&Some(base.name), Some(name.get_untracked().trim().to_owned())),
            description: Patch::diff(&base.description, optional(&about.read_untracked())),
        }
    };
    let save = use_mutation(
        move |(version, patch): (i64, GroupPatch)| queries::update_group(id, version, patch),
        move |saved: Group| {
            open.set(false);
            queries::people_changed(session);
            toasts.success(t!("{} is saved", saved.name));
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            take(errors, &error);
        }
    });
    let latest = use_mutation(
        move |keep: bool| async move { Ok((keep, queries::group(id).await?)) },
        move |(keep, now): (bool, Group)| {
            save.error.set(None);
            if keep {
                let (own, version) = (patch(), now.version);
                base.set(now);
                save.run.run((version, own));
                return;
            }
            name.set(now.name.clone());
            about.set(now.description.clone().unwrap_or_default());
            errors.clear();
            base.set(now);
        },
    );
    let submit = move || {
        let patch = patch();
        if patch == GroupPatch::default() {
            open.set(false);
        } else if errors.check(&patch) {
            save.run.run((base.read_untracked().version, patch));
        }
    };
    view! {
        <FormDialog open=open title=Signal::derive(move || t!("Edit {}", who.get())) act=t!("Save") busy=save.busy on_submit=move |()| submit()>
            <Refused error=save.error who=who/>
            <Refused error=latest.error who=who/>
            <Stale error=save.error who=who on_load=move |()| latest.run.run(false) on_keep=move |()| latest.run.run(true)/>
            {if system {
                view! { <p class="small muted">{t!("This group is built in: scripts and guides rely on its name, so it stays.")}</p> }.into_any()
            } else {
                view! { <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name autocomplete="off"/></Field> }.into_any()
            }}
            <Field label=t!("What it is for") hint=t!("One sentence for those who choose groups") error=errors.field("/description")><TextArea value=about/></Field>
        </FormDialog>
    }
}

/// Asks before a group goes.
#[component]
fn DeleteGroup(
    /// as it was on the page
    group: Group,
    /// what is not saved yet
    draft: Draft,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let open = opened(on_close);
    let (id, version, name, members) = (group.id, group.version, group.name, group.members.len());
    let done = name.clone();
    let delete = use_mutation(
        move |()| async move {
            match queries::delete_group(id, version).await {
                Err(error) if error.is(ErrorCode::NotFound) => Ok(()),
                answer => answer,
            }
        },
        move |()| {
            open.set(false);
            draft.discard(Some(id));
            navigate("/admin/groups", NavigateOptions { replace: true, ..Default::default() });
            queries::people_changed(session);
            toasts.success(t!("{done} is deleted"; done));
        },
    );
    let text = match members {
        0 => t!("Nobody is in it. Open invitations lose it too. It cannot be undone.").to_owned(),
        1 => t!("Its 1 member stays a user and loses what only this group gave. It cannot be undone.").to_owned(),
        _ => t!("Its members, {}, stay users and lose what only this group gave. It cannot be undone.", people(members)),
    };
    let who = name.clone();
    view! {
        <ConfirmDialog
            open=open
            title=t!("Delete the group {name}?"; name)
            text=text
            confirm=t!("Delete group").to_owned()
            busy=delete.busy
            error=Signal::derive(move || delete.error.get().map(|error| explain(&error, &who)))
            on_confirm=move |()| delete.run.run(())
        />
    }
}
