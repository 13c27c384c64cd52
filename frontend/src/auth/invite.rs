//! Accepting an invitation.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::LoginRequest;
use tyrian_api_types::invitations::{InvitationAccept, InvitationPreview};

use super::frame::AuthFrame;
use super::password::NewPassword;
use super::queries;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, Field, Skeleton, TextInput, date_time};

/// The page behind the link of an invitation.
#[component]
pub fn InvitePage() -> impl IntoView {
    let params = use_params_map();
    let token = params.with_untracked(|params| params.get("token")).unwrap_or_default();
    let invitation = queries::use_invitation(token.clone());
    view! {
        <AuthFrame title=t!("Invitation")>
            {move || match (invitation.data.get(), invitation.error.get()) {
                (Some(preview), _) => view! { <AcceptForm token=token.clone() preview=preview/> }.into_any(),
                (None, Some(error)) => {
                    let gone = error.is(ErrorCode::NotFound);
                    view! {
                        <h1>{if gone { t!("This invitation is no longer open") } else { t!("The invitation could not be read") }}</h1>
                        <p class="muted">{if gone { t!("It was used, taken back, or is too old. Ask the person who sent it for a new one.").to_owned() } else { error.text() }}</p>
                        {(!gone).then(|| view! { <Button kind=ButtonKind::Primary icon="refresh-cw" on_click=move |_| invitation.refetch.run(())>{t!("Try again")}</Button> })}
                        <ButtonLink href="/login">{t!("Sign in instead")}</ButtonLink>
                    }
                    .into_any()
                }
                (None, None) => view! { <h1>{t!("Invitation")}</h1><Skeleton lines=4/> }.into_any(),
            }}
        </AuthFrame>
    }
}

#[component]
fn AcceptForm(
    /// of the link
    token: String,
    /// what it offers
    preview: InvitationPreview,
) -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let errors = FormErrors::new();
    let email = preview.email.clone();
    let accept = use_mutation(
        move |request: InvitationAccept| {
            let token = token.clone();
            let login = LoginRequest { email: email.clone(), password: request.password.clone(), totp_code: None, cookie: None };
            async move {
                queries::accept(token, request).await?;
                // The account exists from here on: where signing in does not work now, the sign-in page says so.
                Ok(queries::login(login).await.ok())
            }
        },
        move |answer| {
            let to = if let Some(answer) = answer {
                session.sign_in(answer);
                "/"
            } else {
                "/login?welcome=1"
            };
            navigate(to, NavigateOptions { replace: true, ..Default::default() });
        },
    );
    Effect::new(move |_| {
        if let Some(error) = accept.error.get() {
            errors.take(&error);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = InvitationAccept { display_name: name.get_untracked().trim().to_owned(), password: password.get_untracked() };
        if errors.check(&request) {
            accept.run.run(request);
        }
    };
    let who = preview.invited_by.unwrap_or_else(|| t!("An administrator").to_owned());
    let groups = preview.groups.join(", ");
    view! {
        <div>
            <h1>{t!("Join Tyrian")}</h1>
            <p class="muted">{who}{t!(" invites you. The invitation is open until ")}{date_time(preview.expires_at)}"."</p>
        </div>
        <dl class="kv small">
            <dt>{t!("Email")}</dt><dd>{preview.email}</dd>
            {(!groups.is_empty()).then(|| view! { <dt>{t!("Groups")}</dt><dd>{groups}</dd> })}
        </dl>
        <form class="stack" novalidate on:submit=submit>
            {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
            <Field label=t!("Your name") hint=t!("As the others will see it") error=errors.field("/display_name")>
                <TextInput value=name autocomplete="name" autofocus=true/>
            </Field>
            <NewPassword value=password error=errors.field("/password")/>
            <Button kind=ButtonKind::Primary size=ButtonSize::Large block=true submit=true busy=accept.busy>
                {move || if accept.busy.get() { t!("Making the account") } else { t!("Make the account") }}
            </Button>
        </form>
    }
}
