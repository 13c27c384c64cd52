//! A new user, and their password shown once.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::users::{User, UserCreate};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::groups::GroupChoice;
use super::password::generate;
use crate::admin::frame::{Refused, opened};
use crate::admin::queries::{self, CreateKey};
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Button, Field, FormDialog, ShownOnce, Switch, TextInput};

/// The dialog: the form, then what to hand over.
#[component]
pub fn CreateUser(
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let open = opened(on_close);
    let name = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(generate().unwrap_or_default());
    let admin = RwSignal::new(false);
    let groups = RwSignal::new(BTreeSet::<Uuid>::new());
    let errors = FormErrors::new();
    let made = RwSignal::new(None::<(User, String)>);
    let key = CreateKey::new();
    let save = use_mutation(
        move |request: UserCreate| async move {
            let password = request.password.clone().unwrap_or_default();
            let user = queries::create_user(key, request).await?;
            let groups: Vec<Uuid> = groups.get_untracked().into_iter().collect();
            if groups.is_empty() {
                return Ok((user, password));
            }
            // whom no group was given is made all the same: what is shown then says so
            queries::set_user_groups(user.id, user.version, groups).await.ok();
            Ok((queries::user(user.id).await.unwrap_or(user), password))
        },
        move |answer| {
            made.set(Some(answer));
            queries::people_changed(session);
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
        let request = UserCreate {
            email: email.get_untracked().trim().to_owned(),
            display_name: name.get_untracked().trim().to_owned(),
            password: Some(password.get_untracked()),
            is_admin: admin.get_untracked().then_some(true),
        };
        if errors.check(&request) {
            save.run.run(request);
        }
    };
    let title = Signal::derive(move || match made.get() {
        Some((user, _)) => t!("{} can sign in", user.display_name),
        None => t!("New user").to_owned(),
    });
    view! {
        <FormDialog
            open=open
            title=title
            act=t!("Make user")
            busy=save.busy
            on_submit=move |()| submit()
            made=Signal::derive(move || made.read().is_some())
            once=move || made.get().map(|(user, password)| view! { <HandOver user=user password=password/> })
        >
            <Refused error=save.error who=t!("The user")/>
            <Field label=t!("Name") hint=t!("As the others see it") error=errors.field("/display_name") required=true>
                <TextInput value=name autocomplete="off" autofocus=true/>
            </Field>
            <Field label=t!("Email") hint=t!("They sign in with it") error=errors.field("/email") required=true>
                <TextInput value=email kind="email" autocomplete="off" placeholder=t!("name@example.org")/>
            </Field>
            <Field
                label=t!("Password")
                hint=t!("Made for you and shown once more when the user is made. They can change it in their profile.")
                error=errors.field("/password")
                required=true
            >
                <div class="row">
                    <TextInput value=password autocomplete="off" mono=true/>
                    <Button icon="refresh-cw" on_click=move |_| if let Some(new) = generate() { password.set(new) }>{t!("Generate")}</Button>
                </div>
            </Field>
            {move || (session.can(Permission::GroupRead) && session.can(Permission::UserUpdate)).then(|| view! {
                <div class="stack stack--1">
                    <span class="field__label">{t!("Groups")}</span>
                    <GroupChoice chosen=groups/>
                    <span class="small muted">{t!("What they may do, and the side that they are proposed for in a mission.")}</span>
                </div>
            })}
            {move || session.is_admin().then(|| view! {
                <div class="stack stack--1">
                    <Switch checked=admin on_change=move |on| admin.set(on)>{t!("Administrator")}</Switch>
                    <span class="small muted">{t!("Has every right, whatever their groups give.")}</span>
                </div>
            })}
        </FormDialog>
    }
}

/// What the new user needs to sign in, to be copied now.
#[component]
fn HandOver(
    /// who was made
    user: User,
    /// in plain text, this once
    password: String,
) -> impl IntoView {
    let first = user.display_name.split_whitespace().next().unwrap_or("them").to_owned();
    view! {
        <ShownOnce
            warning=t!("Copy the password now: it is not shown again. Give it to {first} over a channel that you trust."; first)
            secrets=vec![(t!("Email"), user.email), (t!("Password"), password)]
        >
            {user.groups.is_empty().then(|| view! {
                <p class="small muted">{t!("They are in no group yet, and see nothing but the catalogue until they are. Choose their groups in the row’s menu.")}</p>
            })}
        </ShownOnce>
    }
}
