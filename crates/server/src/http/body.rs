//! JSON bodies: the right content type, at most 1 MiB, no unknown fields, no more than 64 levels.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use tyrian_api_types::ErrorCode;

use crate::error::ApiError;

/// Bytes that a JSON body may have.
pub const MAX_JSON: usize = 1 << 20;
const MAX_DEPTH: usize = 64;

/// A JSON body: an object, or with `LIST` an array. Its fields' values are checked by [`super::valid`], after authorization.
pub struct Body<T, const LIST: bool = false> {
    /// What was sent.
    pub value: T,
    /// SHA-256 of the bytes, for idempotency.
    pub sha256: String,
}

impl<T: DeserializeOwned, const LIST: bool> FromRequest for Body<T, LIST> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
        let bytes = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let kind = content_type.split(';').next().unwrap_or_default().trim();
            if kind != "application/json" && !kind.ends_with("+json") {
                return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "Send JSON with Content-Type: application/json."));
            }
            if length.is_some_and(|l| l > MAX_JSON) {
                return Err(too_large());
            }
            let bytes = bytes.await.map_err(|e| {
                if e.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
                    too_large()
                } else {
                    ApiError::new(ErrorCode::BadRequest, "The body could not be read to its end.")
                }
            })?;
            Ok(Self { value: read(&bytes, LIST)?, sha256: crate::keys::sha256_hex(&bytes) })
        })
    }
}

/// Reads a JSON object: no deeper than it may be, no unknown fields.
pub fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    read(bytes, false)
}

fn read<T: DeserializeOwned>(bytes: &[u8], list: bool) -> Result<T, ApiError> {
    check_depth(bytes)?;
    // serde would take an array for a struct, field by field
    let (first, wanted) = if list { (b'[', "Send a JSON array.") } else { (b'{', "Send a JSON object.") };
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&first) {
        return Err(ApiError::new(ErrorCode::InvalidBody, wanted));
    }
    serde_json::from_slice(bytes).map_err(|e| ApiError::new(ErrorCode::InvalidBody, e.to_string()))
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge, format!("A JSON body has at most {MAX_JSON} bytes."))
}

fn check_depth(bytes: &[u8]) -> Result<(), ApiError> {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(ApiError::new(ErrorCode::InvalidBody, format!("At most {MAX_DEPTH} levels.")));
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        assert!(check_depth("[".repeat(64).as_bytes()).is_ok());
        assert!(check_depth("[".repeat(65).as_bytes()).is_err());
        assert!(check_depth(format!("\"\\\"{}\"", "[".repeat(99)).as_bytes()).is_ok());
    }
}
