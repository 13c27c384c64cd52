//! A sync's request: JSON, or a multipart form with the bundle itself, streamed into a file.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::http::header;
use actix_web::{FromRequest as _, HttpRequest, web};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::catalogue::SyncRequest;

use super::spool::{Bundle, MAX_BUNDLE, Spool, SpoolError};
use crate::config::Settings;
use crate::error::{ApiError, ApiResult};
use crate::http::Body;

/// What a form may hold besides the file: its frame and a few short fields.
const FRAME: u64 = 64 << 10;
const FIELD: usize = 4 << 10;
/// Between two pieces of an upload.
const STALL: Duration = Duration::from_secs(30);
/// Of an upload that is too large, as much is read and thrown away, so that the client hears why instead of a cut line.
const THROWN_AWAY: u64 = 512 << 20;

/// What was asked for, and the bundle if it came along. The fields' values are not checked yet.
pub async fn receive(settings: &Settings, http: &HttpRequest, payload: web::Payload) -> ApiResult<(SyncRequest, Option<Bundle>)> {
    let text = |name| http.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
    let is_form = text(header::CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"));
    if !is_form {
        let body = Body::<SyncRequest>::from_request(http, &mut payload.into_inner()).await?;
        return Ok((body.value, None));
    }
    let length = text(header::CONTENT_LENGTH).and_then(|v| v.parse::<u64>().ok());
    if length.is_some_and(|l| l > MAX_BUNDLE + FRAME) {
        throw_away(payload).await;
        return Err(too_large());
    }
    let (request, bundle) = read_form(settings, Multipart::new(http.headers(), payload)).await?;
    let bundle = bundle.ok_or_else(|| ApiError::field("/file", "required", "The bundle is missing: send it as the part \"file\"."))?;
    Ok((request, Some(bundle)))
}

async fn read_form(settings: &Settings, mut form: Multipart) -> ApiResult<(SyncRequest, Option<Bundle>)> {
    let (mut request, mut bundle) = (SyncRequest::default(), None);
    let mut seen = Vec::new();
    while let Some(field) = next(&mut form).await? {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if seen.contains(&name) {
            return Err(ApiError::new(ErrorCode::InvalidBody, format!("The part {name:?} stands in the form twice.")));
        }
        match name.as_str() {
            "file" => match read_file(settings, &mut field).await? {
                Some(whole) => bundle = Some(whole),
                None => {
                    drop(field);
                    throw_away_form(form).await;
                    return Err(too_large());
                }
            },
            "version" => request.version = read_text(&mut field).await?,
            "domain" => request.domain = read_text(&mut field).await?,
            "expected_sha256" => request.expected_sha256 = read_text(&mut field).await?,
            "allow_unverified" => {
                request.allow_unverified = match read_text(&mut field).await?.as_deref() {
                    None => None,
                    Some("true") => Some(true),
                    Some("false") => Some(false),
                    Some(_) => return Err(ApiError::field("/allow_unverified", "unknown", "true or false.")),
                }
            }
            _ => {
                let known = "file, version, domain, expected_sha256, allow_unverified";
                return Err(ApiError::new(ErrorCode::InvalidBody, format!("unknown part {name:?}, expected one of {known}")));
            }
        }
        seen.push(name);
    }
    Ok((request, bundle))
}

/// The next item of a stream that must not stall.
async fn next<S: Stream + Unpin>(stream: &mut S) -> ApiResult<Option<S::Item>> {
    let stalled = |_| ApiError::new(ErrorCode::BadRequest, format!("The upload stood still for {} seconds.", STALL.as_secs()));
    tokio::time::timeout(STALL, stream.next()).await.map_err(stalled)
}

/// None: it is too large.
async fn read_file(settings: &Settings, field: &mut Field) -> ApiResult<Option<Bundle>> {
    let mut spool = Spool::new(settings).map_err(ApiError::internal)?;
    while let Some(chunk) = next(field).await? {
        match spool.push(&chunk.map_err(unreadable)?).await {
            Ok(()) => {}
            Err(SpoolError::TooLarge) => return Ok(None),
            Err(SpoolError::Io(e)) => return Err(ApiError::internal(e)),
        }
    }
    spool.finish().await.map(Some).map_err(ApiError::internal)
}

/// A short text; an empty one counts as left out, as browsers send them.
async fn read_text(field: &mut Field) -> ApiResult<Option<String>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = next(field).await? {
        bytes.extend_from_slice(&chunk.map_err(unreadable)?);
        if bytes.len() > FIELD {
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, format!("A part besides the file has at most {FIELD} bytes.")));
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| ApiError::new(ErrorCode::InvalidBody, "A part of the form is no UTF-8 text."))?;
    Ok(Some(text).filter(|t| !t.is_empty()))
}

async fn throw_away_form(mut form: Multipart) {
    let mut left = THROWN_AWAY;
    while let Ok(Some(Ok(mut field))) = next(&mut form).await {
        while let Ok(Some(Ok(chunk))) = next(&mut field).await {
            left = left.saturating_sub(chunk.len() as u64);
            if left == 0 {
                return;
            }
        }
    }
}

async fn throw_away<E>(mut payload: impl Stream<Item = Result<Bytes, E>> + Unpin) {
    let mut left = THROWN_AWAY;
    while let Ok(Some(Ok(chunk))) = next(&mut payload).await {
        left = left.saturating_sub(chunk.len() as u64);
        if left == 0 {
            return;
        }
    }
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge, format!("A bundle has at most {} MiB.", MAX_BUNDLE >> 20))
}

fn unreadable(error: actix_multipart::MultipartError) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("The form could not be read to its end: {error}."))
}
