//! HTTP of single sign-on: two addresses that a browser visits. What goes wrong is told by the app's sign-in page.

use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieDuration};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use tyrian_api_types::Problem;
use tyrian_domain::text::path_in_app;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{provider, service};
use crate::auth::routes::{cookie_name, refresh_cookie, user_agent};
use crate::config::Oidc;
use crate::error::{ApiError, ApiResult};
use crate::http::{Params, RequestInfo};
use crate::keys;
use crate::state::State;

const COOKIE: &str = "tyrian_oidc";
const COOKIE_PATH: &str = "/api/v1/auth/oidc";
/// Seconds in which the provider's page is to be done with.
const SECONDS: i64 = 600;
const CONTEXT: &str = "oidc sign-in";

/// What must be the same when the browser comes back; sealed, so that nobody writes one.
#[derive(Serialize, Deserialize)]
struct Waiting {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    until: i64,
    /// The user who connects their account.
    asks: Option<Uuid>,
}

/// How a sign-in begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LoginQuery {
    /// The app's page to go to afterwards; `/` if left out.
    next: Option<String>,
    /// True: connect the account that one is signed in to.
    connect: Option<bool>,
}

/// How the provider sends the browser back.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CallbackQuery {
    /// What is exchanged for the ID token.
    code: Option<String>,
    /// What we had sent along.
    state: Option<String>,
    /// Why not.
    error: Option<String>,
}

fn settings(state: &State) -> ApiResult<(&Oidc, &str)> {
    let oidc = state.settings.oidc.as_ref().ok_or_else(ApiError::not_found)?;
    Ok((oidc, state.settings.public_url.as_deref().unwrap_or_default()))
}

fn to(location: String) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Found();
    response.insert_header((header::LOCATION, location));
    response
}

fn refused(code: &str) -> HttpResponse {
    to(format!("/login?sso={code}")).finish()
}

/// Sign in by single sign-on.
///
/// For a browser: leads to the provider's page, which leads back to `/auth/oidc/callback` and so into the app.
///
/// **Permissions**: none.
#[utoipa::path(tag = "auth", params(LoginQuery), responses((status = 302, description = "To the provider"), (status = 400, body = Problem), (status = 404, body = Problem)))]
#[get("/auth/oidc/login")]
pub async fn oidc_login(state: State, http: HttpRequest, query: Params<LoginQuery>) -> ApiResult<HttpResponse> {
    let (oidc, public_url) = settings(&state)?;
    state.strangers.admit(RequestInfo::of(&http).ip)?;
    let asks = if query.0.connect == Some(true) {
        // the cookie is SameSite=Strict: it comes with a link of our own pages only
        let cookie = http.cookie(&cookie_name(&state, &http));
        let owner = match cookie {
            Some(cookie) => service::owner_of(&state, cookie.value()).await?,
            None => None,
        };
        let Some(owner) = owner else { return Ok(refused("expired")) };
        Some(owner)
    } else {
        None
    };
    let begun = match provider::begin(oidc, public_url).await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "single sign-on could not begin");
            return Ok(refused("unavailable"));
        }
    };
    let waiting = Waiting {
        state: begun.state,
        nonce: begun.nonce,
        verifier: begun.verifier,
        next: path_in_app(query.0.next),
        until: crate::now().timestamp() + SECONDS,
        asks,
    };
    let sealed = keys::seal(&state.keys.seal, &serde_json::to_vec(&waiting)?, CONTEXT).map_err(ApiError::internal)?;
    Ok(to(begun.url).cookie(cookie(&state, sealed, SECONDS)).finish())
}

fn cookie(state: &State, value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path(COOKIE_PATH)
        .http_only(true)
        // not Strict: the provider's page is another site
        .same_site(SameSite::Lax)
        .secure(state.settings.is_https())
        .max_age(CookieDuration::seconds(seconds))
        .finish()
}

/// Come back from the provider.
///
/// For a browser: leads into the app, signed in by the refresh cookie, or to the sign-in page that says why not.
///
/// **Permissions**: none; the provider's code.
#[utoipa::path(tag = "auth", params(CallbackQuery), responses((status = 302, description = "Into the app, or to the sign-in page"), (status = 400, body = Problem), (status = 404, body = Problem)))]
#[get("/auth/oidc/callback")]
pub async fn oidc_callback(state: State, http: HttpRequest, query: Params<CallbackQuery>) -> ApiResult<HttpResponse> {
    let (oidc, public_url) = settings(&state)?;
    let request = RequestInfo::of(&http);
    state.strangers.admit(request.ip)?;
    let sealed = http.cookie(COOKIE).and_then(|c| keys::open(&state.keys.seal, c.value(), CONTEXT));
    let waiting = sealed.and_then(|bytes| serde_json::from_slice::<Waiting>(&bytes).ok()).filter(|w| w.until >= crate::now().timestamp());
    let query = query.0;
    let Some(waiting) = waiting.filter(|w| query.state.as_deref() == Some(w.state.as_str())) else { return Ok(refused("expired")) };
    let Some(code) = query.code.filter(|_| query.error.is_none()) else { return Ok(refused("cancelled")) };
    let person = match provider::finish(oidc, public_url, code, waiting.nonce, waiting.verifier).await {
        Ok(person) => person,
        Err(error) => {
            tracing::error!(request_id = %request.id, error = format!("{error:#}"), "single sign-on failed");
            return Ok(refused("failed"));
        }
    };
    match service::enter(&state, &request, user_agent(&http), oidc, &person, waiting.asks).await? {
        Ok(issued) => Ok(to(waiting.next).cookie(refresh_cookie(&state, &http, &issued)).cookie(cookie(&state, String::new(), 0)).finish()),
        Err(refusal) => Ok(refused(refusal.code())),
    }
}

#[cfg(test)]
mod tests {
    use super::path_in_app;

    #[test]
    fn a_sign_in_leads_nowhere_but_into_the_app() {
        for (next, leads) in [
            (Some("/missions?q=a"), "/missions?q=a"),
            (Some("//evil.example"), "/"),
            (Some("https://evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("/a\r\nSet-Cookie: x"), "/"),
            (None, "/"),
        ] {
            assert_eq!(path_in_app(next.map(str::to_owned)), leads);
        }
    }
}
