//! Changing a user: name, address, may they sign in, are they an administrator.

use leptos::prelude::*;
use tyrian_api_types::users::{User, UserPatch};
use tyrian_api_types::{ErrorCode, Patch};

use crate::admin::frame::{Refused, Stale, opened};
use crate::admin::queries;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Field, FormDialog, Switch, TextInput, use_toasts};

/// The dialog.
#[component]
pub fn EditUser(
    /// as they were in the list
    user: User,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let open = opened(on_close);
    let own = untrack(|| session.me()).is_some_and(|me| me.id == user.id);
    let id = user.id;
    let name = RwSignal::new(user.display_name.clone());
    let email = RwSignal::new(user.email.clone());
    let active = RwSignal::new(user.is_active);
    let admin = RwSignal::new(user.is_admin);
    // What the form was filled from: only what differs from it is sent.
    let base = RwSignal::new(user);
    let who = Signal::derive(move || base.read().display_name.clone());
    let errors = FormErrors::new();
    let patch = move || {
        let base = base.get_untracked();
        UserPatch {
            email: Patch::diff(&Some(base.email), Some(email.get_untracked().trim().to_owned())),
            display_name: Patch::diff(&Some(base.display_name), Some(name.get_untracked().trim().to_owned())),
            is_active: Patch::diff(&Some(base.is_active), Some(active.get_untracked())),
            is_admin: Patch::diff(&Some(base.is_admin), Some(admin.get_untracked())),
        }
    };
    let save = use_mutation(
        move |(version, patch): (i64, UserPatch)| queries::update_user(id, version, patch),
        move |saved: User| {
            open.set(false);
            queries::people_changed(session);
            toasts.success(t!("{} is saved", saved.display_name));
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
            if error.is(ErrorCode::AlreadyExists) && error.fields().is_empty() {
                errors.add("/email", t!("Another user has this address."));
            }
        }
    });
    let submit = move || {
        let patch = patch();
        if patch == UserPatch::default() {
            open.set(false);
        } else if errors.check(&patch) {
            save.run.run((base.read_untracked().version, patch));
        }
    };
    // The version that is there now, for a form that was overtaken.
    let latest = use_mutation(
        move |keep: bool| async move { Ok((keep, queries::user(id).await?)) },
        move |(keep, now): (bool, User)| {
            save.error.set(None);
            if keep {
                let (own, version) = (patch(), now.version);
                base.set(now);
                save.run.run((version, own));
                return;
            }
            name.set(now.display_name.clone());
            email.set(now.email.clone());
            active.set(now.is_active);
            admin.set(now.is_admin);
            errors.clear();
            base.set(now);
        },
    );
    view! {
        <FormDialog open=open title=Signal::derive(move || t!("Edit {}", who.get())) act=t!("Save") busy=save.busy on_submit=move |()| submit()>
            <Refused error=save.error who=who/>
            <Refused error=latest.error who=who/>
            <Stale error=save.error who=who on_load=move |()| latest.run.run(false) on_keep=move |()| latest.run.run(true)/>
            <Field label=t!("Name") hint=t!("As the others see it") error=errors.field("/display_name")>
                <TextInput value=name/>
            </Field>
            <Field label=t!("Email") hint=t!("They sign in with it") error=errors.field("/email")>
                <TextInput value=email kind="email" autocomplete="off"/>
            </Field>
            {if own {
                view! { <p class="small muted">{t!("This is your own account: another administrator can deactivate it.")}</p> }.into_any()
            } else {
                view! {
                    <div class="stack stack--1">
                        <Switch checked=active on_change=move |on| active.set(on)>{t!("May sign in")}</Switch>
                        <span class="small muted">{t!("Off, they are signed out everywhere at once. What they wrote stays.")}</span>
                    </div>
                }
                .into_any()
            }}
            {move || if session.is_admin() {
                view! {
                    <div class="stack stack--1">
                        <Switch checked=admin on_change=move |on| admin.set(on)>{t!("Administrator")}</Switch>
                        <span class="small muted">{t!("Has every right, whatever their groups give.")}</span>
                    </div>
                }
                .into_any()
            } else {
                let text = if admin.get() { t!("They are an administrator.") } else { t!("They are no administrator.") };
                view! { <p class="small muted">{text}{t!(" Only an administrator changes that.")}</p> }.into_any()
            }}
        </FormDialog>
    }
}
