//! Sign-in.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::{LoginAnswer, LoginRequest};
use tyrian_domain::text::path_in_app;

use super::frame::AuthFrame;
use super::queries;
use crate::api::{ApiError, query_string};
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::{Phase, use_session};
use crate::shell::{BootSkeleton, Unreachable};
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, Field, TextInput};

/// The sign-in page that leads back to `here`.
pub fn login_url(here: &str) -> String {
    let next = (here != "/").then(|| here.to_owned());
    format!("/login{}", query_string([("next", next)]))
}

/// The page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let query = use_query_map();
    Effect::new(move |_| {
        let replace = NavigateOptions { replace: true, ..Default::default() };
        match session.phase().get() {
            Phase::SetUp(_) => navigate("/setup", replace),
            Phase::SignedIn(_) => navigate(&path_in_app(query.with_untracked(|query| query.get("next"))), replace),
            _ => {}
        }
    });
    let invited = move || query.with(|query| query.get("welcome").is_some());
    let next = Signal::derive(move || path_in_app(query.with(|query| query.get("next"))));
    let refused = move || query.with(|query| query.get("sso").map(|code| sso_refusal(&code)));
    let renewed = move || query.with(|query| query.get("renewed").is_some());
    #[derive(PartialEq, Clone)]
    enum Show {
        Form,
        Waiting,
        Unreachable,
    }
    let show = Memo::new(move |_| match session.phase().get() {
        Phase::SignedOut => Show::Form,
        Phase::Unreachable(_) => Show::Unreachable,
        _ => Show::Waiting,
    });
    move || {
        match show.get() {
        Show::Form => view! {
            <AuthFrame title=t!("Sign in")>
                <h1>{t!("Sign in")}</h1>
                {move || invited().then(|| view! { <Banner kind=BannerKind::Ok><span>{t!("The account exists. Sign in with it.")}</span></Banner> })}
                {move || renewed().then(|| view! { <Banner kind=BannerKind::Ok><span>{t!("The new password is set. Sign in with it.")}</span></Banner> })}
                {move || refused().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                <SignIn on_done=Callback::new(move |answer| session.sign_in(answer))/>
                <SingleSignOn next=next/>
                <p class="small"><a href="/forgot">{t!("Forgot your password?")}</a></p>
                <p class="small faint">{t!("No account? Ask a lead for an invitation.")}</p>
            </AuthFrame>
        }
        .into_any(),
        Show::Waiting => view! { <BootSkeleton/> }.into_any(),
        Show::Unreachable => view! { <Unreachable/> }.into_any(),
    }
    }
}

/// The way by a provider, where there is one.
#[component]
fn SingleSignOn(
    /// where one goes afterwards
    next: Signal<String>,
) -> impl IntoView {
    let ways = queries::use_ways();
    let name = Memo::new(move |_| ways.data.with(|ways| ways.as_ref().and_then(|ways| ways.sso.clone())));
    let href = Signal::derive(move || format!("/api/v1/auth/oidc/login{}", query_string([("next", Some(next.get()))])));
    move || {
        name.get().map(|name| {
            view! {
                <div class="or">{t!("or")}</div>
                <ButtonLink href=href size=ButtonSize::Large block=true icon="log-in" external=true>{name}</ButtonLink>
            }
        })
    }
}

/// Why single sign-on did not lead in.
fn sso_refusal(code: &str) -> &'static str {
    match code {
        "not_allowed" => t!("Your organisation knows you, but nobody has let you in here yet. Ask an administrator for an invitation."),
        "connect" => t!("There is an account with your address already. Sign in with its password, then connect it under Profile."),
        "inactive" => t!("Your account here is deactivated. Ask an administrator."),
        "taken" => t!("This identity belongs to another account here."),
        "cancelled" => t!("The sign-in was cancelled."),
        "expired" => t!("The sign-in took too long, or began in another browser. Try it again."),
        "unavailable" => t!("The sign-in service of your organisation does not answer. Try it again, or sign in with a password."),
        _ => t!("The sign-in service did not vouch for you. Try it again; the server’s log says more."),
    }
}

/// Email, password and, where a second factor is on, its code.
#[component]
pub fn SignIn(
    /// who signs in again over an expired session
    #[prop(optional, into)]
    email: Option<String>,
    /// takes the session
    on_done: Callback<LoginAnswer>,
) -> impl IntoView {
    let known = email.is_some();
    let email = RwSignal::new(email.unwrap_or_default());
    let password = RwSignal::new(String::new());
    let code = RwSignal::new(String::new());
    let needs_code = RwSignal::new(false);
    let errors = FormErrors::new();
    let login = use_mutation(queries::login, move |answer| on_done.run(answer));
    Effect::new(move |_| {
        let Some(error) = login.error.get() else { return };
        match error.code() {
            Some(ErrorCode::TotpInvalid) => {
                errors.add("/totp_code", error.text());
                crate::web::focus_soon("[aria-invalid=true]");
            }
            Some(ErrorCode::TotpRequired) if needs_code.get_untracked() => {
                errors.add("/totp_code", t!("The code is needed."));
                crate::web::focus_soon("[aria-invalid=true]");
            }
            Some(ErrorCode::TotpRequired) => {
                needs_code.set(true);
                crate::web::focus_soon("[autocomplete=one-time-code]");
            }
            Some(ErrorCode::InvalidCredentials) => {
                errors.clear();
                errors.add("/password", refusal(&error, needs_code.get_untracked()));
                crate::web::focus_soon("input[type=password]");
            }
            _ => errors.take(&error),
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        errors.clear();
        let request = LoginRequest {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            totp_code: needs_code.get_untracked().then(|| code.get_untracked().trim().to_owned()),
            cookie: None,
        };
        if request.email.is_empty() {
            errors.add("/email", t!("The address you were invited with."));
        }
        if request.password.is_empty() {
            errors.add("/password", t!("Your password is needed."));
        }
        if request.email.is_empty() || request.password.is_empty() {
            crate::web::focus_soon("[aria-invalid=true]");
        } else {
            login.run.run(request);
        }
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
            <Field label=t!("Email") error=errors.field("/email")>
                <TextInput value=email kind="email" autocomplete="username" autofocus=!known/>
            </Field>
            <Field label=t!("Password") error=errors.field("/password")>
                <TextInput value=password kind="password" autocomplete="current-password" autofocus=known/>
            </Field>
            {move || needs_code.get().then(|| view! {
                <Field label=t!("Code") hint=t!("Six digits of your authenticator, or a recovery code") error=errors.field("/totp_code")>
                    <TextInput value=code autocomplete="one-time-code" autofocus=true/>
                </Field>
            })}
            <Button kind=ButtonKind::Primary size=ButtonSize::Large block=true submit=true busy=login.busy>
                {move || if login.busy.get() { t!("Signing in") } else { t!("Sign in") }}
            </Button>
        </form>
    }
}

fn refusal(error: &ApiError, with_code: bool) -> String {
    let text = error.text();
    match (text.is_empty(), with_code) {
        (false, _) => text,
        (true, true) => t!("Email, password or code is wrong.").to_owned(),
        (true, false) => t!("Email or password is wrong.").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::path_in_app;

    #[test]
    fn a_sign_in_leads_nowhere_but_into_the_app() {
        for (next, to) in [
            (Some("/missions?q=a"), "/missions?q=a"),
            (Some("//evil.example"), "/"),
            (Some("https://evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("/\t/evil.example"), "/"),
            (None, "/"),
        ] {
            assert_eq!(path_in_app(next.map(str::to_owned)), to);
        }
    }
}
