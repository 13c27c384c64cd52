//! Errors of requests: every one becomes problem+json from the one table in `api-types`.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use sea_orm::{DbErr, RuntimeErr, sqlx};
use tyrian_api_types::{ErrorCode, FieldError, Problem};
use tyrian_domain::permission::Permission;

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

/// An error on its way to the client. The cause is for the log only.
#[derive(Debug)]
pub struct ApiError {
    /// What the client is told.
    pub problem: Box<Problem>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// What went wrong inside.
    pub cause: Option<anyhow::Error>,
}

impl ApiError {
    /// A problem of this code.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { problem: Box::new(Problem::new(code, detail)), retry_after: None, cause: None }
    }

    /// Not there, or not visible: the same answer for both.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "There is nothing here, or nothing that you may see.")
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "Sign in and send the access token.")
    }

    /// A permission is lacking.
    pub fn lacks(permission: Permission) -> Self {
        let mut error = Self::new(
            ErrorCode::Forbidden,
            format!("This needs the permission {permission}. An administrator can give it to one of your groups."),
        );
        error.problem.permission = Some(permission.to_string());
        error
    }

    /// The same of an API token: a group would not help.
    pub fn lacks_scope(permission: Permission) -> Self {
        let mut error = Self::lacks(permission);
        error.problem.detail =
            format!("This needs the permission {permission}, which this API token does not give: its scopes lack it, or its owner does.");
        error
    }

    /// Fields that need attention.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(String::new, |e| format!("{}: {}", e.pointer, e.detail));
        let mut error = Self::new(ErrorCode::ValidationFailed, detail);
        error.problem.errors = errors;
        error
    }

    /// One field that needs attention.
    pub fn field(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.into(), code: code.to_owned(), detail: detail.into() }])
    }

    /// A bug or a broken machine.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(ErrorCode::Internal, "The request id helps to find the cause in the server's log.");
        error.cause = Some(cause.into());
        error
    }

    /// Too many, too soon.
    pub fn too_many(detail: String, retry_after: u64) -> Self {
        let mut error = Self::new(ErrorCode::RateLimited, detail);
        error.retry_after = Some(retry_after);
        error
    }

    /// Not now.
    pub fn unavailable(detail: &str, retry_after: u64) -> Self {
        let mut error = Self::new(ErrorCode::Unavailable, detail);
        error.retry_after = Some(retry_after);
        error
    }

    /// The database cannot be asked just now.
    pub fn no_database() -> Self {
        Self::unavailable("The database does not answer. Try again in a moment.", 1)
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.problem.code
    }

    /// The response, with the request's id in it.
    pub fn respond(&self, request_id: &str) -> HttpResponse {
        let mut problem = (*self.problem).clone();
        request_id.clone_into(&mut problem.request_id);
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        response.content_type("application/problem+json").body(serde_json::to_vec(&problem).unwrap_or_default())
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.problem.code.as_str(), self.problem.detail)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    // The middleware `http::edge` builds the answer anew with the request's id.
    fn error_response(&self) -> HttpResponse {
        self.respond(&self.problem.request_id)
    }
}

/// What the driver said, of a statement.
fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

/// PostgreSQL's code of an error, whose words are in the server's language.
fn sqlstate(error: &sqlx::Error) -> Option<&str> {
    Some(error.as_database_error()?.try_downcast_ref::<sqlx::postgres::PgDatabaseError>()?.code())
}

/// Is this the database being away, not the statement being wrong?
fn is_outage(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return true;
    }
    let Some(error) = driver(error) else { return false };
    if let Some(code) = sqlstate(error) {
        // shutting down, starting or recovering, too many connections, no memory, connection lost, a disk that fails
        return ["57P0", "53200", "53300", "08", "58030"].iter().any(|class| code.starts_with(class));
    }
    let text = error.to_string();
    let signs = [
        "timed out",
        "communicating with database",
        "closed",
        "Broken pipe",
        "Connection reset",
        "connection refused",
        "database is locked",
        "disk I/O error",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// Is there no room for the database to grow? SQLite's code 13; PostgreSQL's 53100.
fn is_full(error: &DbErr) -> bool {
    let Some(error) = driver(error) else { return false };
    let text = error.to_string();
    sqlstate(error) == Some("53100") || ["disk is full", "No space left on device"].iter().any(|sign| text.contains(sign))
}

impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        if is_full(&error) {
            let mut api = Self::unavailable(
                "The disk of the database is full, so nothing was changed. Reading works. Its operator must make room.",
                30,
            );
            api.cause = Some(error.into());
            api
        } else if is_outage(&error) {
            let mut api = Self::no_database();
            api.cause = Some(error.into());
            api
        } else {
            Self::internal(error)
        }
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}
