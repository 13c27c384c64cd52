//! A forgotten password: asking for a link, and setting a new password by one.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::{PasswordReset, PasswordResetRequest};

use super::frame::AuthFrame;
use super::password::NewPassword;
use super::queries;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, Field, TextInput};

/// The page that asks for a link.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let email = RwSignal::new(String::new());
    let errors = FormErrors::new();
    let sent = RwSignal::new(false);
    let ask = use_mutation(queries::ask_for_reset, move |()| sent.set(true));
    Effect::new(move |_| {
        if let Some(error) = ask.error.get() {
            errors.take(&error);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = PasswordResetRequest { email: email.get_untracked().trim().to_owned() };
        if errors.check(&request) {
            ask.run.run(request);
        }
    };
    view! {
        <AuthFrame title=t!("Forgotten password")>
            <h1>{t!("Set a new password")}</h1>
            {move || if sent.get() {
                view! {
                    <Banner kind=BannerKind::Ok><span>{t!("If this address has an account here, a link is on its way. It works once, for an hour.")}</span></Banner>
                    <p class="muted">{t!("Nothing came? This server may send no mail: any administrator can make a link for you, under Users.")}</p>
                    <ButtonLink href="/login">{t!("Back to sign-in")}</ButtonLink>
                }.into_any()
            } else {
                view! {
                    <p class="muted">{t!("You get a link by mail.")}</p>
                    <form class="stack" novalidate on:submit=submit>
                        {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                        <Field label=t!("Email") error=errors.field("/email")>
                            <TextInput value=email kind="email" autocomplete="username" autofocus=true/>
                        </Field>
                        <Button kind=ButtonKind::Primary size=ButtonSize::Large block=true submit=true busy=ask.busy>{t!("Send the link")}</Button>
                    </form>
                    <p class="small"><a href="/login">{t!("Back to sign-in")}</a></p>
                }.into_any()
            }}
        </AuthFrame>
    }
}

/// The page behind the link.
#[component]
pub fn ResetPage() -> impl IntoView {
    let params = use_params_map();
    let navigate = use_navigate();
    let token = params.with_untracked(|params| params.get("token")).unwrap_or_default();
    let password = RwSignal::new(String::new());
    let errors = FormErrors::new();
    let gone = RwSignal::new(false);
    let save = use_mutation(
        move |request: PasswordReset| queries::reset_password(token.clone(), request),
        move |()| navigate("/login?renewed=1", NavigateOptions { replace: true, ..Default::default() }),
    );
    Effect::new(move |_| {
        let Some(error) = save.error.get() else { return };
        if error.is(ErrorCode::NotFound) {
            gone.set(true);
        } else {
            errors.take(&error);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = PasswordReset { new_password: password.get_untracked() };
        if errors.check(&request) {
            save.run.run(request);
        }
    };
    view! {
        <AuthFrame title=t!("New password")>
            {move || if gone.get() {
                view! {
                    <h1>{t!("This link no longer works")}</h1>
                    <p class="muted">{t!("It was used, is older than an hour, or a newer one was made.")}</p>
                    <ButtonLink href="/forgot">{t!("Ask for a new link")}</ButtonLink>
                }.into_any()
            } else {
                view! {
                    <div>
                        <h1>{t!("Set a new password")}</h1>
                        <p class="muted">{t!("Everywhere else you are signed out. Two-step sign-in stays as it is.")}</p>
                    </div>
                    <form class="stack" novalidate on:submit=submit>
                        {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                        <NewPassword value=password label=t!("New password") error=errors.field("/new_password")/>
                        <Button kind=ButtonKind::Primary size=ButtonSize::Large block=true submit=true busy=save.busy>{t!("Set the password")}</Button>
                    </form>
                }.into_any()
            }}
        </AuthFrame>
    }
}
