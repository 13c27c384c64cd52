//! The outermost layer of every request: its id, its log line, security headers, and errors as problem+json.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use tyrian_api_types::ErrorCode;
use uuid::Uuid;

use super::caller::SignedIn;
use super::proxy;
use crate::audit;
use crate::db::watch::{ORIGIN, Origin};
use crate::error::ApiError;
use crate::state::State;

/// The header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id and where it came from.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Kept if the client sent one of harmless characters, else new.
    pub id: String,
    /// The client's address; behind a trusted proxy, the one that it names.
    pub ip: Option<IpAddr>,
    /// The API token that it came with.
    pub api_token: Option<Uuid>,
}

impl RequestInfo {
    /// What the middleware noted for this request.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or(Self { id: String::new(), ip: None, api_token: None })
    }
}

fn request_info(request: &ServiceRequest) -> RequestInfo {
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|v| v.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let peer = request.peer_addr().map(|a| a.ip());
    let trusted = request.app_data::<State>().map_or(&[][..], |state| &state.settings.trusted_proxies);
    RequestInfo { id, ip: proxy::client(peer, request.headers(), trusted), api_token: None }
}

/// The policy of API answers: nothing may be loaded or framed.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// The policy of the API's documentation page; it serves all its parts itself.
const DOCS_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Wraps every request.
pub async fn edge<B>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error>
where
    B: MessageBody + 'static,
{
    let info = request_info(&request);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let begun = Instant::now();
    let state = request.app_data::<State>().cloned();
    request.extensions_mut().insert(info.clone());

    // the pattern of the route, never with ids in it
    let is_api = path.starts_with("/api/") || path == "/api";
    let pattern = pattern_of(&request).unwrap_or_else(|| if is_api { "unknown" } else { "app" }.into());
    let origin = Origin { operation: format!("{method} {pattern}"), request_id: info.id.clone() };
    let work = ORIGIN.scope(origin, next.call(request));
    let answer = match &state {
        Some(state) if is_api && state.db.is_postgres() => tokio::select! {
            biased;
            answer = work => answer,
            () = state.db.pulse().lost() => {
                let mut error = ApiError::no_database();
                error.problem.reachable = pattern.ends_with("/diag/db").then_some(false);
                Err(error.into())
            }
        },
        _ => work.await,
    };
    let mut response = match answer {
        Ok(response) => match response.response().error().map(problem_of) {
            None => response.map_into_left_body(),
            Some(error) => {
                log_cause(&error, &info);
                let (http, _) = response.into_parts();
                audit_denial(&http, &error, &info).await;
                ServiceResponse::new(http, error.respond(&info.id)).map_into_right_body()
            }
        },
        // a clone of the request cannot be kept for this case (the router needs the only one), so the id travels in the error
        Err(e) => {
            let mut error = problem_of(&e);
            log_cause(&error, &info);
            if let Some(state) = &state {
                state.metrics.answered(method.as_str(), &pattern, error.problem.status, begun.elapsed());
            }
            error.problem.request_id = info.id;
            return Err(error.into());
        }
    };

    let status = response.status();
    let is_docs = path.starts_with("/api/docs");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&info.id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.as_ref().is_some_and(|state| state.settings.is_https()) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if is_api {
        // files that people uploaded come with a policy of their own
        if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(if is_docs { DOCS_CSP } else { API_CSP }));
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    if let Some(state) = &state {
        state.metrics.answered(method.as_str(), &pattern, status.as_u16(), begun.elapsed());
    }
    tracing::info!(target: "tyrian::request", request_id = %info.id, %method, path = loggable(&path), status = status.as_u16(), ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), "request");
    Ok(response)
}

/// Patterns that are kept: some more than there are routes.
const PATTERNS: usize = 512;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Arc<str>>> = RefCell::default();
}

/// The pattern of a request's route. The framework looks for it among all routes, one regular expression after the other: a
/// tenth of the time of a small request. So it is kept by the path's shape, which is the same for all ids.
fn pattern_of(request: &ServiceRequest) -> Option<Arc<str>> {
    let look = || request.match_pattern().map(Arc::from);
    let Some(shape) = shape(request.path()) else { return look() };
    KNOWN.with_borrow_mut(|known| {
        if let Some(pattern) = known.get(&shape) {
            return Some(Arc::clone(pattern));
        }
        let pattern: Arc<str> = look()?;
        if known.len() < PATTERNS {
            known.insert(shape, Arc::clone(&pattern));
        }
        Some(pattern)
    })
}

/// A path with `*` for each id. None where it holds what is neither an id nor a plain word: a token, a number, a name.
fn shape(path: &str) -> Option<String> {
    let path = path.strip_prefix("/api/v1")?;
    let mut shape = String::with_capacity(path.len());
    for part in path.split('/').skip(1) {
        shape.push('/');
        match part.as_bytes() {
            id if id.len() == 36 && Uuid::try_parse_ascii(id).is_ok() => shape.push('*'),
            word if word.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b'.')) => shape.push_str(part),
            _ => return None,
        }
    }
    Some(shape)
}

/// A path without the tokens that some of them hold.
fn loggable(path: &str) -> String {
    let mut secret = false;
    let hide = |part: &str| {
        let hidden = std::mem::replace(&mut secret, matches!(part, "by-token" | "password-reset" | "invite" | "reset" | "downloads"));
        if hidden { "…".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(hide).collect::<Vec<_>>().join("/")
}

/// Puts a refusal of rights into the audit log. The answer stands whether or not that works.
async fn audit_denial(http: &HttpRequest, error: &ApiError, info: &RequestInfo) {
    if !matches!(error.code(), ErrorCode::Forbidden | ErrorCode::FieldForbidden | ErrorCode::CannotGrant | ErrorCode::SessionRequired) {
        return;
    }
    let caller = http.extensions().get::<SignedIn>().copied();
    let (Some(SignedIn(caller)), Some(state)) = (caller, http.app_data::<State>()) else { return };
    if let Err(e) = audit::denied(state, info, caller, http.method().as_str(), http.path(), error).await {
        tracing::error!(request_id = %info.id, error = %e, "a denial could not be audited");
    }
}

/// Our error if it is one of ours, else what the framework meant.
fn problem_of(error: &Error) -> ApiError {
    if let Some(ours) = error.as_error::<ApiError>() {
        return ApiError {
            problem: ours.problem.clone(),
            retry_after: ours.retry_after,
            cause: ours.cause.as_ref().map(|c| anyhow::anyhow!("{c:#}")),
        };
    }
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => ApiError::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(ErrorCode::MethodNotAllowed, "This address does not take that method."),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::PayloadTooLarge, "The body is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::new(ErrorCode::UnsupportedMediaType, "This content type is not taken here."),
        status if status.is_client_error() => ApiError::new(ErrorCode::BadRequest, "The request cannot be understood."),
        _ => ApiError::internal(anyhow::anyhow!("{error}")),
    }
}

fn log_cause(error: &ApiError, info: &RequestInfo) {
    if let Some(cause) = &error.cause {
        tracing::error!(request_id = %info.id, code = error.code().as_str(), cause = format!("{cause:#}"), "request failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_has_no_id_and_nothing_that_anybody_chose() {
        let id = "01a228c7-c106-75e2-8df8-6984408ed56f";
        assert_eq!(shape(&format!("/api/v1/missions/{id}/tests/{id}")).as_deref(), Some("/missions/*/tests/*"));
        assert_eq!(shape("/api/v1/mitre/matrix").as_deref(), Some("/mitre/matrix"));
        for other in ["/api/v1/mitre/techniques/T1003", "/api/v1/invitations/by-token/s3cret", "/missions", "/api/v1/missions/%2e"] {
            assert_eq!(shape(other), None, "{other}");
        }
    }

    #[test]
    fn tokens_in_paths_are_not_logged() {
        assert_eq!(loggable("/api/v1/invitations/by-token/s3cret/accept"), "/api/v1/invitations/by-token/…/accept");
        assert_eq!(loggable("/invite/s3cret"), "/invite/…");
        assert_eq!(loggable("/reset/s3cret"), "/reset/…");
        assert_eq!(loggable("/api/v1/users"), "/api/v1/users");
    }
}
