//! Errors: the one table of codes, and RFC 9457 problem+json.

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$meta:meta])* $variant:ident = $code:tt, $status:literal, $title:literal;)+) => {
        /// A stable reason for an error. Code, status and title come from this one table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode { $($(#[$meta])* #[serde(rename = $code)] $variant,)+ /// A code of a newer server.
            #[serde(other, rename = "other")] Other }

        impl ErrorCode {
            /// Every code that a server answers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The code as it travels.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $code,)+ Self::Other => "other" } }
            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status,)+ Self::Other => 500 } }
            /// The short, fixed title.
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title,)+ Self::Other => "Error" } }
        }
    };
}

error_codes! {
    /// The request cannot be understood.
    BadRequest = "bad_request", 400, "The request cannot be understood";
    /// The body is no JSON of the expected shape; unknown fields count.
    InvalidBody = "invalid_body", 400, "The body does not have the expected shape";
    /// A query parameter is unknown or malformed.
    InvalidQuery = "invalid_query", 400, "The query does not have the expected shape";
    /// Nobody is signed in, or the token is no longer good.
    Unauthenticated = "unauthenticated", 401, "Sign in first";
    /// Email and password do not fit.
    InvalidCredentials = "invalid_credentials", 401, "Email and password do not match";
    /// The second factor is needed.
    TotpRequired = "totp_required", 401, "A code from the authenticator is needed";
    /// The second factor's code is wrong, or was used already.
    TotpInvalid = "totp_invalid", 401, "The code does not fit";
    /// A permission is lacking; `permission` names it.
    Forbidden = "forbidden", 403, "Not allowed";
    /// Fields of the other side, or that need another right; `errors` names them.
    FieldForbidden = "field_forbidden", 403, "Not yours to write";
    /// The request comes from another site.
    ForeignOrigin = "foreign_origin", 403, "The request comes from another site";
    /// An API token asks for what only a person may do.
    SessionRequired = "session_required", 403, "Sign in for this";
    /// Set-up from another machine needs the code printed at start.
    SetupCodeRequired = "setup_code_required", 403, "The set-up code is needed";
    /// Somebody tried to give a right that they lack.
    CannotGrant = "cannot_grant", 403, "Nobody gives a right that they lack";
    /// Not there, or not visible to the caller.
    NotFound = "not_found", 404, "Not found";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    /// The status or state cannot become that one; `allowed` lists what it can.
    IllegalTransition = "illegal_transition", 409, "This step is not possible now";
    /// The mission is archived and read-only.
    MissionArchived = "mission_archived", 409, "The mission is archived";
    /// The exercise does not run: the mission is a draft or completed.
    MissionNotInProgress = "mission_not_in_progress", 409, "The mission is not in progress";
    /// The test's state does not allow it; `errors` names the fields.
    TestLocked = "test_locked", 409, "The test's state does not allow this";
    /// Something refers to it: it can be retired, not deleted.
    InUse = "in_use", 409, "It is in use";
    /// The last active admin stays.
    LastAdmin = "last_admin", 409, "The last active administrator stays";
    /// Something of that name or address exists.
    AlreadyExists = "already_exists", 409, "It exists already";
    /// There is no second factor to make recovery codes for.
    TotpOff = "totp_off", 409, "No second factor is on";
    /// Set-up is done.
    SetupDone = "setup_done", 409, "Set-up is done";
    /// A seeded group cannot be renamed or deleted.
    SystemGroup = "system_group", 409, "A built-in group cannot be changed this way";
    /// A sync runs already.
    SyncInProgress = "sync_in_progress", 409, "A sync is running";
    /// The same request is being worked on.
    RequestInProgress = "request_in_progress", 409, "The same request is in progress";
    /// Somebody else changed it meanwhile; `current_etag` is the present version.
    PreconditionFailed = "precondition_failed", 412, "It was changed meanwhile";
    /// The body is larger than allowed.
    PayloadTooLarge = "payload_too_large", 413, "The body is too large";
    /// The content type is not one that this address takes.
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type";
    /// The range lies behind the end of the file; `Content-Range` tells its length.
    RangeNotSatisfiable = "range_not_satisfiable", 416, "There is nothing in this range";
    /// Fields have values that cannot be; `errors` lists them.
    ValidationFailed = "validation_failed", 422, "Some fields need attention";
    /// The bundle's hash is neither given nor known.
    HashRequired = "hash_required", 422, "The hash of the bundle is needed";
    /// The bundle has another hash than expected.
    HashMismatch = "hash_mismatch", 422, "The bundle has another hash than expected";
    /// The file is no ATT&CK bundle, or one cut short.
    InvalidBundle = "invalid_bundle", 422, "This is not a readable ATT&CK bundle";
    /// The source address is not allowed.
    SourceRefused = "source_refused", 422, "The source is not allowed";
    /// The source did not answer as hoped.
    SourceUnreachable = "source_unreachable", 422, "The source could not be read";
    /// The key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", 422, "The Idempotency-Key was used for another request";
    /// An edit needs If-Match.
    PreconditionRequired = "precondition_required", 428, "If-Match is needed";
    /// Too many requests.
    RateLimited = "rate_limited", 429, "Too many requests";
    /// A bug or a broken machine: the request id helps to find it.
    Internal = "internal", 500, "Something went wrong on the server";
    /// The database or a queue does not answer; try again after Retry-After.
    Unavailable = "unavailable", 503, "The service is not available right now";
}

crate::wire! {
    /// What is wrong with one field.
    pub struct FieldError {
        /// JSON pointer to the field, `/members/0/user_id`.
        pub pointer: String,
        /// A stable reason, `required`, `too_long`, `unknown`.
        pub code: String,
        /// The rule and the way out.
        pub detail: String,
    }

    /// An error as RFC 9457 problem+json.
    pub struct Problem {
        /// A URI that stands for the kind of problem.
        #[serde(rename = "type", default)]
        pub kind: String,
        /// The short, fixed title of the code.
        #[serde(default)]
        pub title: String,
        /// The HTTP status.
        pub status: u16,
        /// What happened this time, and what to do.
        #[serde(default)]
        pub detail: String,
        /// The stable code.
        pub code: ErrorCode,
        /// The request's id, also in the server's log.
        #[serde(default)]
        pub request_id: String,
        /// Fields that need attention.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub errors: Vec<FieldError>,
        /// The right that is lacking.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub permission: Option<String>,
        /// Statuses or states that are possible now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub allowed: Option<Vec<String>>,
        /// The present version, where an edit was stale.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub current_etag: Option<String>,
        /// Whether the database answers; only from `/diag/db`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reachable: Option<bool>,
        /// The hash that was found, where a bundle's hash is the problem.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sha256: Option<String>,
    }
}

impl Problem {
    /// A problem of this code with what happened this time.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:tyrian:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            request_id: String::new(),
            errors: Vec::new(),
            permission: None,
            allowed: None,
            current_etag: None,
            reachable: None,
            sha256: None,
        }
    }
}
