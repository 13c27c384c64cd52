//! Versions of objects: ETag on the way out, If-Match on the way in.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use tyrian_api_types::ErrorCode;

use crate::error::{ApiError, ApiResult};

/// The ETag of an object whose answer depends on its version only.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// What the caller believes the version to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// No header.
    Absent,
    /// `*`: any version.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl IfMatch {
    fn parse(text: &str) -> Self {
        if text.split(',').any(|part| part.trim() == "*") {
            return Self::Any;
        }
        // only the first part of a tag like "3.17.all" counts: a test's edit never makes a lead's edit stale
        let version = |part: &str| part.trim().trim_start_matches("W/").trim_matches('"').split('.').next().and_then(|v| v.parse().ok());
        Self::Versions(text.split(',').filter_map(version).collect())
    }

    /// For PATCH and DELETE: absent is 428, stale is 412.
    pub fn require(&self, current: i64, current_etag: &str) -> ApiResult<()> {
        if *self == Self::Absent {
            return Err(ApiError::new(ErrorCode::PreconditionRequired, "Send If-Match with the ETag of what you edit."));
        }
        self.honour(current, current_etag)
    }

    /// For PUT and acts: absent is fine, stale is 412.
    pub fn honour(&self, current: i64, current_etag: &str) -> ApiResult<()> {
        match self {
            Self::Versions(versions) if !versions.contains(&current) => {
                let mut error = ApiError::new(ErrorCode::PreconditionFailed, "Somebody changed it meanwhile. Read it again and decide.");
                error.problem.current_etag = Some(current_etag.to_owned());
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.headers().get(header::IF_MATCH).map_or(Self::Absent, |v| Self::parse(v.to_str().unwrap_or_default()))))
    }
}

/// Does the caller have this very answer already? Then 304 before any body is built.
pub fn not_modified(request: &HttpRequest, etag: &str) -> bool {
    let tags = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    tags.split(',').any(|tag| matches!(tag.trim().trim_start_matches("W/"), t if t == etag || t == "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_of_a_tag_is_compared() {
        for text in ["\"3\"", "\"3.17.all\"", "W/\"3.2.disclosed\"", "\"1\", \"3\"", "3", "*"] {
            assert!(IfMatch::parse(text).require(3, "\"3\"").is_ok(), "{text}");
        }
        for text in ["\"2\"", "\"33\"", "\"x\"", ""] {
            assert_eq!(IfMatch::parse(text).require(3, "\"3\"").unwrap_err().code(), ErrorCode::PreconditionFailed, "{text}");
        }
        assert_eq!(IfMatch::Absent.require(3, "\"3\"").unwrap_err().code(), ErrorCode::PreconditionRequired);
        assert!(IfMatch::Absent.honour(3, "\"3\"").is_ok());
    }
}
