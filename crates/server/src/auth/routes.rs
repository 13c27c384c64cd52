//! HTTP of set-up, sign-in, sessions and one's own profile.

use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieDuration};
use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use tyrian_api_types::auth::{
    LoginAnswer, LoginRequest, Me, MePatch, PasswordChange, PasswordProof, PasswordReset, PasswordResetRequest, RecoveryCodes,
    RefreshRequest, Session, SetupRequest, SetupStatus, TotpConfirm, TotpEnrolment,
};
use tyrian_api_types::users::UserRef;
use tyrian_api_types::{ErrorCode, Items, Problem};
use url::Url;
use uuid::Uuid;

use super::service::{self, Issued};
use super::tokens::ACCESS_SECONDS;
use super::{resets, second_factor};
use crate::error::{ApiError, ApiResult};
use crate::http::body::object;
use crate::http::{Body, Caller, IfMatch, RequestInfo, etag, no_content, ok_versioned, own_origin, valid};
use crate::state::State;

const COOKIE: &str = "tyrian_refresh";
const COOKIE_PATH: &str = "/api/v1/auth";

/// Is set-up still to be done?
///
/// **Permissions**: none.
#[utoipa::path(tag = "set-up", responses((status = 200, body = SetupStatus)))]
#[get("/setup")]
pub(super) async fn setup_status(state: State) -> ApiResult<web::Json<SetupStatus>> {
    Ok(web::Json(service::setup_status(&state).await?))
}

/// Make the first admin.
///
/// Open while no user ever existed. Where the server listens beyond its own machine, it needs the one-time code printed at start.
///
/// **Permissions**: none.
#[utoipa::path(tag = "set-up", request_body = SetupRequest, responses(
    (status = 201, body = UserRef), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/setup")]
pub(super) async fn set_up(state: State, http: HttpRequest, body: Body<SetupRequest>) -> ApiResult<HttpResponse> {
    let made = service::set_up(&state, &RequestInfo::of(&http), body.value).await?;
    Ok(HttpResponse::Created().insert_header((header::LOCATION, format!("/api/v1/users/{}", made.id))).json(made))
}

/// Sign in.
///
/// The answer holds the access token; the refresh token comes as a cookie, or in the answer with `cookie: false`.
///
/// **Permissions**: none.
#[utoipa::path(tag = "auth", request_body = LoginRequest, responses(
    (status = 200, body = LoginAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
#[post("/auth/login")]
pub(super) async fn login(state: State, http: HttpRequest, body: Body<LoginRequest>) -> ApiResult<HttpResponse> {
    let cookie = body.value.cookie.unwrap_or(true);
    let issued = service::login(&state, &RequestInfo::of(&http), user_agent(&http), body.value).await?;
    Ok(session_answer(&state, &http, issued, cookie))
}

/// Renew the session.
///
/// Takes the refresh token from the cookie, or from the body for scripts. The old token is used up; using it again ends the session.
///
/// **Permissions**: none; the refresh token itself.
#[utoipa::path(tag = "auth", request_body(content = Option<RefreshRequest>), responses(
    (status = 200, body = LoginAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[post("/auth/refresh")]
pub(super) async fn refresh(state: State, http: HttpRequest, body: web::Bytes) -> ApiResult<HttpResponse> {
    let (token, cookie) = refresh_token(&state, &http, &body)?;
    let token = token.ok_or_else(ApiError::unauthenticated)?;
    let issued = service::refresh(&state, &RequestInfo::of(&http), user_agent(&http), &token).await?;
    Ok(session_answer(&state, &http, issued, cookie))
}

/// Sign out.
///
/// Ends the session that the refresh token belongs to, at once and for all tabs.
///
/// **Permissions**: none; the refresh token itself.
#[utoipa::path(tag = "auth", request_body(content = Option<RefreshRequest>), responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
#[post("/auth/logout")]
pub(super) async fn logout(state: State, http: HttpRequest, body: web::Bytes) -> ApiResult<HttpResponse> {
    if let (Some(token), _) = refresh_token(&state, &http, &body)? {
        service::logout(&state, &RequestInfo::of(&http), &token).await?;
    }
    let mut gone = Cookie::build(cookie_name(&state, &http), "").path(COOKIE_PATH).http_only(true).same_site(SameSite::Strict).finish();
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// One's own profile and permissions.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "auth", responses((status = 200, body = Me), (status = 401, body = Problem)))]
#[get("/auth/me")]
pub(super) async fn get_me(state: State, caller: Caller) -> ApiResult<HttpResponse> {
    let me = service::get_me(&state, &caller).await?;
    Ok(ok_versioned(&me, &etag::etag(me.version)))
}

/// Change one's own profile.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "auth", request_body = MePatch, params(("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), responses(
    (status = 200, body = Me), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 412, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/auth/me")]
pub(super) async fn update_me(state: State, caller: Caller, if_match: IfMatch, body: Body<MePatch>) -> ApiResult<HttpResponse> {
    let me = service::update_me(&state, &caller, &if_match, body.value).await?;
    Ok(ok_versioned(&me, &etag::etag(me.version)))
}

/// Change one's own password.
///
/// All other sessions end.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "auth", request_body = PasswordChange, responses(
    (status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
#[put("/auth/password")]
pub(super) async fn change_password(state: State, caller: Caller, body: Body<PasswordChange>) -> ApiResult<HttpResponse> {
    service::change_password(&state, &caller, body.value).await?;
    Ok(no_content())
}

/// One's own sessions.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "auth", responses((status = 200, body = Items<Session>), (status = 401, body = Problem)))]
#[get("/auth/sessions")]
pub(super) async fn list_sessions(state: State, caller: Caller) -> ApiResult<web::Json<Items<Session>>> {
    Ok(web::Json(Items { items: service::list_sessions(&state, &caller).await? }))
}

/// End one of one's own sessions.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "auth", params(("family" = Uuid, Path, description = "The session's id")), responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[delete("/auth/sessions/{family}")]
pub(super) async fn end_session(state: State, caller: Caller, family: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::end_session(&state, &caller, *family).await?;
    Ok(no_content())
}

/// Begin a second factor.
///
/// Answers with a new secret, as text, as an address for authenticators and as a picture. It is on once
/// `PUT /auth/me/totp` has brought back its first code.
///
/// **Permissions**: signed in with a password.
#[utoipa::path(tag = "auth", request_body = PasswordProof, responses(
    (status = 200, body = TotpEnrolment), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/auth/me/totp")]
pub(super) async fn begin_totp(state: State, caller: Caller, body: Body<PasswordProof>) -> ApiResult<web::Json<TotpEnrolment>> {
    valid(&body.value)?;
    Ok(web::Json(second_factor::begin(&state, &caller, body.value).await?))
}

/// Turn the second factor on.
///
/// The answer holds ten recovery codes, this once: each stands in once for the authenticator, as `totp_code`.
///
/// **Permissions**: signed in with a password.
#[utoipa::path(tag = "auth", request_body = TotpConfirm, responses(
    (status = 200, body = RecoveryCodes), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[put("/auth/me/totp")]
pub(super) async fn confirm_totp(state: State, caller: Caller, body: Body<TotpConfirm>) -> ApiResult<web::Json<RecoveryCodes>> {
    Ok(web::Json(second_factor::confirm(&state, &caller, body.value).await?))
}

/// Turn the second factor off.
///
/// Recovery codes are void with it. Once more changes nothing.
///
/// **Permissions**: signed in with a password.
#[utoipa::path(tag = "auth", request_body = PasswordProof, responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[delete("/auth/me/totp")]
pub(super) async fn turn_off_totp(state: State, caller: Caller, body: Body<PasswordProof>) -> ApiResult<HttpResponse> {
    valid(&body.value)?;
    second_factor::turn_off(&state, &caller, body.value).await?;
    Ok(no_content())
}

/// Make new recovery codes.
///
/// Ten of them, shown this once; all that were made before are void.
///
/// **Permissions**: signed in with a password.
#[utoipa::path(tag = "auth", request_body = PasswordProof, responses(
    (status = 200, body = RecoveryCodes), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/auth/me/recovery-codes")]
pub(super) async fn renew_recovery_codes(state: State, caller: Caller, body: Body<PasswordProof>) -> ApiResult<web::Json<RecoveryCodes>> {
    Ok(web::Json(second_factor::renew_codes(&state, &caller, body.value).await?))
}

/// Ask for a link to set a new password.
///
/// Always 202, at once: whether the address is known is not told. Where the server sends no mail nothing comes; an
/// administrator can make a link with `POST /users/{id}/password-reset`.
///
/// **Permissions**: none.
#[utoipa::path(tag = "auth", request_body = PasswordResetRequest, responses((status = 202), (status = 422, body = Problem)))]
#[post("/auth/password-reset")]
pub(super) async fn request_password_reset(state: State, http: HttpRequest, body: Body<PasswordResetRequest>) -> ApiResult<HttpResponse> {
    resets::request(&state, &RequestInfo::of(&http), own_origin(&state), body.value)?;
    Ok(HttpResponse::Accepted().finish())
}

/// Set a new password by a link.
///
/// Works once and for an hour. All sessions of the user end; a second factor stays on.
///
/// **Permissions**: none; the token itself.
#[utoipa::path(tag = "auth", request_body = PasswordReset, params(("token" = String, Path, description = "The token of the link")), responses(
    (status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/auth/password-reset/{token}")]
pub(super) async fn reset_password(
    state: State,
    http: HttpRequest,
    token: Path<String>,
    body: Body<PasswordReset>,
) -> ApiResult<HttpResponse> {
    resets::redeem(&state, &RequestInfo::of(&http), &token, body.value).await?;
    Ok(no_content())
}

pub(super) fn user_agent(http: &HttpRequest) -> Option<String> {
    http.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned)
}

/// The refresh token of a request, and whether it came by cookie. A cookie counts only from our own pages.
fn refresh_token(state: &State, http: &HttpRequest, body: &[u8]) -> ApiResult<(Option<String>, bool)> {
    if !body.is_empty() {
        let kind = http.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(ApiError::new(ErrorCode::ForeignOrigin, "Send JSON or nothing: forms of other sites are refused."));
        }
        let sent: RefreshRequest = object(body)?;
        if let Some(token) = sent.refresh_token {
            return Ok((Some(token), false));
        }
    }
    let text = |name: &str| http.headers().get(name).and_then(|v| v.to_str().ok());
    let foreign_site = text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let foreign_origin = text("origin").is_some_and(|origin| !is_own_origin(state, http, origin));
    if foreign_site || foreign_origin {
        return Err(ApiError::new(ErrorCode::ForeignOrigin, "The session is renewed from Tyrian's own pages only."));
    }
    Ok((http.cookie(&cookie_name(state, http)).map(|c| c.value().to_owned()), true))
}

/// The cookie's name. Browsers do not keep the ports of a host apart, so the port is part of it: else two servers on one
/// machine sign each other's people out.
pub(super) fn cookie_name(state: &State, http: &HttpRequest) -> String {
    let port = if let Some(own) = state.settings.public_url.as_deref().and_then(|own| Url::parse(own).ok()) {
        own.port()
    } else {
        let host = http.headers().get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
        host.rsplit_once(':').and_then(|(_, port)| port.parse().ok())
    };
    port.map_or_else(|| COOKIE.to_owned(), |port| format!("{COOKIE}_{port}"))
}

fn is_own_origin(state: &State, http: &HttpRequest, origin: &str) -> bool {
    if state.settings.public_url.as_deref().is_some_and(|own| Url::parse(own).is_ok_and(|u| u.origin().ascii_serialization() == origin)) {
        return true;
    }
    let host = http.headers().get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, o)| o == host)
}

/// The cookie that renews a session.
pub fn refresh_cookie(state: &State, http: &HttpRequest, issued: &Issued) -> Cookie<'static> {
    let seconds = (issued.expires_at - crate::now()).num_seconds().max(0);
    Cookie::build(cookie_name(state, http), issued.refresh_token.clone())
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.settings.is_https())
        .max_age(CookieDuration::seconds(seconds))
        .finish()
}

/// A session's answer, with the refresh token in a cookie or in the body.
pub fn session_answer(state: &State, http: &HttpRequest, issued: Issued, cookie: bool) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if cookie {
        response.cookie(refresh_cookie(state, http, &issued));
    }
    response.json(LoginAnswer {
        access_token: issued.access_token,
        token_type: "Bearer".into(),
        expires_in: ACCESS_SECONDS,
        user: issued.user,
        refresh_token: (!cookie).then_some(issued.refresh_token),
    })
}
