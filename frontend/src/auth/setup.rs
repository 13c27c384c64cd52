//! First run: making the first administrator.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::{LoginRequest, SetupRequest};

use super::frame::AuthFrame;
use super::password::NewPassword;
use super::queries;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::{Phase, use_session};
use crate::shell::{BootSkeleton, Unreachable};
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonSize, Field, TextInput};

/// The page. It is there only while no user exists.
#[component]
pub fn SetupPage() -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if matches!(session.phase().get(), Phase::SignedOut | Phase::SignedIn(_)) {
            navigate("/", NavigateOptions { replace: true, ..Default::default() });
        }
    });
    move || match session.phase().get() {
        Phase::SetUp(status) => view! { <SetupForm code_required=status.code_required/> }.into_any(),
        Phase::Unreachable(_) => view! { <Unreachable/> }.into_any(),
        _ => view! { <BootSkeleton/> }.into_any(),
    }
}

#[component]
fn SetupForm(
    /// the server listens beyond this machine: the code printed at start is needed
    code_required: bool,
) -> impl IntoView {
    let session = use_session();
    let query = use_query_map();
    let name = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let code = RwSignal::new(query.with_untracked(|query| query.get("code")).unwrap_or_default());
    let errors = FormErrors::new();
    // The account is made, then it signs in: one wait for the reader.
    let make = use_mutation(
        |request: SetupRequest| async move {
            let login = LoginRequest { email: request.email.clone(), password: request.password.clone(), totp_code: None, cookie: None };
            queries::set_up(request).await?;
            queries::login(login).await
        },
        move |answer| session.sign_in(answer),
    );
    Effect::new(move |_| {
        let Some(error) = make.error.get() else { return };
        match error.code() {
            Some(ErrorCode::SetupDone) => session.set_up_done(),
            Some(ErrorCode::SetupCodeRequired) => {
                errors.clear();
                errors.add("/code", error.text());
                crate::web::focus_soon("[aria-invalid=true]");
            }
            _ => errors.take(&error),
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = SetupRequest {
            email: email.get_untracked().trim().to_owned(),
            display_name: name.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            code: code_required.then(|| code.get_untracked().trim().to_owned()),
        };
        if errors.check(&request) {
            make.run.run(request);
        }
    };
    view! {
        <AuthFrame title=t!("First run")>
            <div>
                <h1>{t!("Make the first administrator")}</h1>
                <p class="muted">{t!("This page closes for good once the account exists.")}</p>
            </div>
            <form class="stack" novalidate on:submit=submit>
                {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                <Field label=t!("Your name") error=errors.field("/display_name")>
                    <TextInput value=name autocomplete="name" autofocus=true/>
                </Field>
                <Field label=t!("Email") error=errors.field("/email")>
                    <TextInput value=email kind="email" autocomplete="username"/>
                </Field>
                <NewPassword value=password error=errors.field("/password")/>
                {code_required.then(|| view! {
                    <Field label=t!("Set-up code") hint=t!("The server printed it where it was started") error=errors.field("/code")>
                        <TextInput value=code autocomplete="off" mono=true/>
                    </Field>
                })}
                <Button kind=ButtonKind::Primary size=ButtonSize::Large block=true submit=true busy=make.busy>
                    {move || if make.busy.get() { t!("Making the account") } else { t!("Make the account") }}
                </Button>
            </form>
        </AuthFrame>
    }
}
