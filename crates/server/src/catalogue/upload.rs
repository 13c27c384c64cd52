//! A sync's request: JSON, or a multipart form with the bundle itself, streamed into a file.

use actix_multipart::{Field, Multipart};
use actix_web::{FromRequest as _, HttpRequest, web};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::catalogue::SyncRequest;

use super::spool::{Bundle, MAX_BUNDLE, Spool, SpoolError};
use crate::config::Settings;
use crate::error::{ApiError, ApiResult};
use crate::http::Body;
use crate::http::form::{self, FRAME, next, read_text, throw_away_form, unreadable};

/// What a part besides the file may hold.
const FIELD: usize = 4 << 10;
/// Of an upload that is too large, as much is read and thrown away, so that the client hears why instead of a cut line.
const THROWN_AWAY: u64 = 512 << 20;

/// What was asked for, and the bundle if it came along. The fields' values are not checked yet.
pub async fn receive(settings: &Settings, http: &HttpRequest, mut payload: web::Payload) -> ApiResult<(SyncRequest, Option<Bundle>)> {
    if !form::is_form(http) {
        let body = Body::<SyncRequest>::from_request(http, &mut payload.into_inner()).await?;
        return Ok((body.value, None));
    }
    if form::announced(http).is_some_and(|l| l > MAX_BUNDLE + FRAME) {
        form::throw_away(&mut payload, THROWN_AWAY).await;
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
            "file" => {
                let Some(whole) = read_file(settings, &mut field).await? else {
                    drop(field);
                    throw_away_form(form, THROWN_AWAY).await;
                    return Err(too_large());
                };
                bundle = Some(whole);
            }
            "version" => request.version = read_text(&mut field, FIELD).await?,
            "domain" => request.domain = read_text(&mut field, FIELD).await?,
            "expected_sha256" => request.expected_sha256 = read_text(&mut field, FIELD).await?,
            "allow_unverified" => {
                request.allow_unverified = match read_text(&mut field, FIELD).await?.as_deref() {
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

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge, format!("A bundle has at most {} MiB.", MAX_BUNDLE >> 20))
}
