//! Multipart forms, read as a stream: files piece by piece, short texts whole, and what cannot be taken thrown away up
//! to a bound, so that the client hears why instead of a cut line.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tyrian_api_types::ErrorCode;

use crate::error::{ApiError, ApiResult};

/// What a form may hold besides the file: its frame and a few short fields.
pub const FRAME: u64 = 64 << 10;
/// Between two pieces of an upload.
const STALL: Duration = Duration::from_secs(30);

fn header(http: &HttpRequest, name: HeaderName) -> Option<&str> {
    http.headers().get(name).and_then(|v| v.to_str().ok())
}

/// Is the body a form?
pub fn is_form(http: &HttpRequest) -> bool {
    header(http, header::CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// The length that the client announces; it may lie.
pub fn announced(http: &HttpRequest) -> Option<u64> {
    header(http, header::CONTENT_LENGTH).and_then(|v| v.parse().ok())
}

/// The next item of a stream that must not stall.
pub async fn next<S: Stream + Unpin>(stream: &mut S) -> ApiResult<Option<S::Item>> {
    let stalled = |_| ApiError::new(ErrorCode::BadRequest, format!("The upload stood still for {} seconds.", STALL.as_secs()));
    tokio::time::timeout(STALL, stream.next()).await.map_err(stalled)
}

/// A short text of at most `max` bytes; an empty one counts as left out, as browsers send them.
pub async fn read_text(field: &mut Field, max: usize) -> ApiResult<Option<String>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = next(field).await? {
        bytes.extend_from_slice(&chunk.map_err(unreadable)?);
        if bytes.len() > max {
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, format!("A part besides the file has at most {max} bytes.")));
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| ApiError::new(ErrorCode::InvalidBody, "A part of the form is no UTF-8 text."))?;
    Ok(Some(text).filter(|t| !t.is_empty()))
}

/// Reads the rest of a form and forgets it, up to about `left` bytes.
pub async fn throw_away_form(mut form: Multipart, mut left: u64) {
    while let Ok(Some(Ok(mut field))) = next(&mut form).await {
        left = throw_away(&mut field, left).await;
        if left == 0 {
            return;
        }
    }
}

/// Reads a stream and forgets it, up to about `left` bytes. How many are left over.
pub async fn throw_away<E>(stream: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin), mut left: u64) -> u64 {
    while left > 0
        && let Ok(Some(Ok(chunk))) = next(stream).await
    {
        left = left.saturating_sub(chunk.len() as u64);
    }
    left
}

/// A form that ends too early, or is none.
#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
pub fn unreadable(error: MultipartError) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("The form could not be read to its end: {error}."))
}
