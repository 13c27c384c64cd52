//! Multipart forms, read as a stream: files piece by piece, short texts whole, and what cannot be taken thrown away up
//! to a bound, so that the client hears why instead of a cut line.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Payload;
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

/// Takes a form of one part, `file`, with `read`. What is refused is read and thrown away up to `thrown_away` bytes; a form
/// that announces more bytes than `limit` is refused with its error before it is read.
pub async fn only_file<T>(
    http: &HttpRequest,
    mut payload: Payload,
    thrown_away: u64,
    limit: Option<(u64, ApiError)>,
    read: impl AsyncFnMut(&mut Field) -> ApiResult<T>,
) -> ApiResult<T> {
    if !is_form(http) {
        throw_away(&mut payload, thrown_away).await;
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "Send a form: multipart/form-data with the part file."));
    }
    if let Some((limit, too_large)) = limit
        && announced(http).is_some_and(|length| length > limit + FRAME)
    {
        throw_away(&mut payload, thrown_away).await;
        return Err(too_large);
    }
    let mut form = Multipart::new(http.headers(), payload);
    match file_of(&mut form, read).await {
        Err(error) if error.code() != ErrorCode::BadRequest => {
            throw_away_form(form, thrown_away).await;
            Err(error)
        }
        other => other,
    }
}

async fn file_of<T>(form: &mut Multipart, mut read: impl AsyncFnMut(&mut Field) -> ApiResult<T>) -> ApiResult<T> {
    let mut file = None;
    while let Some(field) = next(form).await? {
        let mut field = field.map_err(unreadable)?;
        match field.name().unwrap_or_default() {
            "file" if file.is_none() => file = Some(read(&mut field).await?),
            "file" => return Err(ApiError::new(ErrorCode::InvalidBody, "The part \"file\" stands in the form twice.")),
            other => return Err(ApiError::new(ErrorCode::InvalidBody, format!("unknown part {other:?}, expected file"))),
        }
    }
    file.ok_or_else(|| ApiError::field("/file", "required", "The file is missing: send it as the part \"file\"."))
}

/// A form that ends too early, or is none.
#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
pub fn unreadable(error: MultipartError) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("The form could not be read to its end: {error}."))
}
