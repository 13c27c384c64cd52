//! Changing one's own password.

use leptos::prelude::*;
use tyrian_api_types::auth::PasswordChange;

use super::{queries, refresh};
use crate::auth::NewPassword;
use crate::form::FormErrors;
use crate::key;
use crate::query::{invalidate, use_mutation};
use crate::session::use_session;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, Card, CardBody, Field, TextInput, use_toasts};

/// The password up to now and the new one.
#[component]
pub fn PasswordCard() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let errors = FormErrors::new();
    let save = use_mutation(
        |change: PasswordChange| queries::change_password(change),
        move |()| {
            current.set(String::new());
            new.set(String::new());
            errors.clear();
            invalidate(&key!["sessions"]);
            // The change counts the profile's version up.
            leptos::task::spawn_local(refresh(session));
            toasts.info(t!("Your password is changed"), Some(t!("Your other sessions have ended.").to_owned()));
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let change = PasswordChange { current_password: current.get_untracked(), new_password: new.get_untracked() };
        let mut fine = errors.check(&change);
        if change.current_password.is_empty() {
            errors.add("/current_password", t!("This is needed."));
            crate::web::focus_soon("[aria-invalid=true]");
            fine = false;
        }
        if fine {
            save.run.run(change);
        }
    };
    view! {
        <Card title=t!("Password")>
            <CardBody>
                <form class="stack" novalidate on:submit=submit>
                    {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                    // For the password manager, which otherwise does not know whose password it is.
                    <input class="sr" type="text" autocomplete="username" tabindex="-1" aria-hidden="true" readonly=true prop:value=move || session.me().map(|me| me.email).unwrap_or_default()/>
                    <Field label=t!("Password up to now") error=errors.field("/current_password")>
                        <TextInput value=current kind="password" autocomplete="current-password"/>
                    </Field>
                    <NewPassword value=new label=t!("New password") error=errors.field("/new_password")/>
                    <p class="small muted">{t!("All your other sessions end with it; this one stays.")}</p>
                    <div><Button submit=true busy=save.busy kind=ButtonKind::Plain>{t!("Change password")}</Button></div>
                </form>
            </CardBody>
        </Card>
    }
}
