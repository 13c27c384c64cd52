//! A new invitation, and its link shown once.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::invitations::{InvitationCreate, InvitationCreated};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use crate::admin::frame::{Refused, opened};
use crate::admin::queries;
use crate::admin::users::GroupChoice;
use crate::form::FormErrors;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::session::use_session;
use crate::ui::{Field, FormDialog, ShownOnce, TextInput, date_time};

/// The dialog: the form, then the link.
#[component]
pub fn CreateInvitation(
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let open = opened(on_close);
    let email = RwSignal::new(String::new());
    let chosen = RwSignal::new(BTreeSet::<Uuid>::new());
    let errors = FormErrors::new();
    let made = RwSignal::new(None::<InvitationCreated>);
    let save = use_mutation(
        |request: InvitationCreate| queries::invite(request),
        move |created| {
            made.set(Some(created));
            invalidate(&key!["invitations"]);
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
            if error.is(ErrorCode::AlreadyExists) && error.fields().is_empty() {
                errors.add("/email", error.text());
            }
        }
    });
    let submit = move || {
        let request =
            InvitationCreate { email: email.get_untracked().trim().to_owned(), group_ids: chosen.get_untracked().into_iter().collect() };
        if errors.check(&request) {
            save.run.run(request);
        }
    };
    let title = Signal::derive(move || match made.get() {
        Some(created) => t!("{} is invited", created.invitation.email),
        None => t!("New invitation").to_owned(),
    });
    let groups = move || {
        if session.can(Permission::GroupRead) {
            view! {
                <fieldset class="stack stack--1 fieldset">
                    <legend class="field__label">{t!("Groups that they join")}</legend>
                    <div class="box"><GroupChoice chosen=chosen/></div>
                    {move || errors.under("/group_ids").get().map(|text| view! { <span class="field__error">{text}</span> })}
                </fieldset>
            }
            .into_any()
        } else {
            view! { <p class="small muted">{t!("To choose groups, the right group.read is needed. Without one they see nothing but the catalogue at first.")}</p> }
                .into_any()
        }
    };
    view! {
        <FormDialog
            open=open
            title=title
            act=t!("Make the link")
            busy=save.busy
            on_submit=move |()| submit()
            made=Signal::derive(move || made.read().is_some())
            once=move || made.get().map(|created| view! { <HandOver created=created/> })
        >
            <Refused error=save.error who=t!("The invitation")/>
            <Field label=t!("Email") hint=t!("The account is made for this address, and no other") error=errors.field("/email") required=true>
                <TextInput value=email kind="email" autocomplete="off" autofocus=true placeholder=t!("name@example.org")/>
            </Field>
            {groups}
        </FormDialog>
    }
}

/// The link, to be copied now.
#[component]
fn HandOver(
    /// what was made
    created: InvitationCreated,
) -> impl IntoView {
    view! {
        <ShownOnce
            icon="link"
            warning=t!("Copy the link now: it is not shown again. Who has it can make this account, so send it to nobody else.")
            secrets=vec![(t!("Link"), created.url)]
        >
            {created.mailed.then(|| view! { <p class="small muted">{t!("It was sent by mail too.")}</p> })}
            <p class="small muted">{t!("It works once, until ")}{date_time(created.invitation.expires_at)}". You can take it back before."</p>
        </ShownOnce>
    }
}
