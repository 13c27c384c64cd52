//! Letting somebody in again: a link for a new password, and taking a lost second factor away.

use leptos::prelude::*;
use tyrian_api_types::auth::PasswordResetLink;
use tyrian_api_types::users::User;

use crate::admin::frame::{explain, opened};
use crate::admin::queries;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::ui::{ConfirmDialog, FormDialog, ShownOnce, date_time, use_toasts};

/// Asks, then shows the link this once.
#[component]
pub fn ResetLink(
    /// whose password
    user: User,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let open = opened(on_close);
    let made = RwSignal::new(None::<PasswordResetLink>);
    let (id, name) = (user.id, StoredValue::new(user.display_name));
    let make = use_mutation(move |()| queries::make_reset_link(id), move |link| made.set(Some(link)));
    view! {
        <FormDialog
            open=open
            title=t!("A link for a new password of {}", name.get_value())
            act=t!("Make the link")
            busy=make.busy
            error=Signal::derive(move || make.error.get().map(|error| explain(&error, &name.get_value())))
            on_submit=move |()| make.run.run(())
            made=Signal::derive(move || made.read().is_some())
            once=move || made.get().map(|link| view! {
                <ShownOnce
                    icon="link"
                    warning=t!("Copy the link now: it is not shown again. Who has it can sign in as this person, so send it to nobody else.")
                    secrets=vec![(t!("Link"), link.url)]
                >
                    <p class="small muted">{t!("It works once, until ")}{date_time(link.expires_at)}"."</p>
                </ShownOnce>
            })
        >
            <p class="muted">{t!("For somebody who forgot their password. Their present one works until they set the new one; links made before stop working.")}</p>
        </FormDialog>
    }
}

/// Asks, then takes the second factor away.
#[component]
pub fn RemoveFactor(
    /// whose
    user: User,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = opened(on_close);
    let (id, name) = (user.id, user.display_name);
    let done = t!("{name} signs in with the password alone"; name);
    let title = t!("Turn off two-step sign-in of {name}?"; name);
    let text = t!("For somebody who lost their authenticator and their recovery codes. {name} signs in with the password alone until they turn it \
         on again. Be sure that it is they who ask."; name);
    let remove = use_mutation(
        move |()| queries::remove_totp(id),
        move |()| {
            open.set(false);
            invalidate(&key!["users"]);
            toasts.success(done.clone());
        },
    );
    let error = Signal::derive(move || remove.error.get().map(|error| explain(&error, &name)));
    view! {
        <ConfirmDialog open=open title=title text=text confirm=t!("Turn it off") keep=t!("Leave it on") icon="shield" busy=remove.busy error=error on_confirm=move |()| remove.run.run(())/>
    }
}
