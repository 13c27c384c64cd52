//! A piece of evidence on its way in: a form of `file`, `side` and `caption` in any order. The file goes into the
//! storage as it comes; whatever is wrong after that, it is gone again.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use tyrian_api_types::{ErrorCode, Faults};
use tyrian_domain::test::Side;
use tyrian_domain::text;

use super::incoming::Incoming;
use super::look::{Look, Seen};
use super::storage::blocking;
use crate::error::{ApiError, ApiResult};
use crate::http::form::{self, FRAME, next, read_text, throw_away, throw_away_form, unreadable};
use crate::state::State;

/// What a part besides the file may hold: more than the longest caption, so that one that is too long is told so.
const FIELD: usize = 16 << 10;
/// Of an upload that is refused, as much is read and thrown away, so that the client hears why instead of a cut line.
const THROWN_AWAY: u64 = 64 << 20;

/// An upload that came in whole. Its file goes when this is dropped.
pub struct Received {
    /// On which side.
    pub side: Side,
    /// What it shows.
    pub caption: Option<String>,
    /// The file.
    pub file: ReceivedFile,
}

/// Its file.
pub struct ReceivedFile {
    /// What it was called.
    pub name: String,
    /// Its bytes.
    pub bytes: Incoming,
    /// What they are.
    pub seen: Seen,
}

/// Takes in an upload; `may` is asked for its side as soon as that is known.
pub async fn receive(
    state: &State,
    http: &HttpRequest,
    mut payload: web::Payload,
    may: impl Fn(Side) -> ApiResult<()>,
) -> ApiResult<Received> {
    let limit = state.settings.evidence_max_bytes;
    if !form::is_form(http) {
        refuse(&mut payload).await;
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "Send a form: multipart/form-data with the parts file and side."));
    }
    if form::announced(http).is_some_and(|length| length > limit.saturating_add(FRAME)) {
        refuse(&mut payload).await;
        return Err(too_large(limit));
    }
    let mut form = Multipart::new(http.headers(), payload);
    match read_form(state, &mut form, may).await {
        Err(error) if error.code() != ErrorCode::BadRequest => {
            throw_away_form(form, THROWN_AWAY).await;
            Err(error)
        }
        other => other,
    }
}

/// Reads a body that is not wanted.
pub async fn refuse(payload: &mut web::Payload) {
    throw_away(payload, THROWN_AWAY).await;
}

async fn read_form(state: &State, form: &mut Multipart, may: impl Fn(Side) -> ApiResult<()>) -> ApiResult<Received> {
    let (mut file, mut side, mut caption) = (None, None, None);
    let mut seen = Vec::new();
    while let Some(field) = next(form).await? {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if seen.contains(&name) {
            return Err(ApiError::new(ErrorCode::InvalidBody, format!("The part {name:?} stands in the form twice.")));
        }
        match name.as_str() {
            "file" => file = Some(read_file(state, &mut field).await?),
            "side" => side = read_side(read_text(&mut field, FIELD).await?, &may)?,
            "caption" => caption = read_text(&mut field, FIELD).await?,
            _ => {
                return Err(ApiError::new(ErrorCode::InvalidBody, format!("unknown part {name:?}, expected one of file, side, caption")));
            }
        }
        seen.push(name);
    }
    let mut faults = Faults::default();
    if file.is_none() {
        faults.add("/file", "required", "The file is missing: send it as the part \"file\".");
    }
    if side.is_none() {
        faults.add("/side", "required", "Whose evidence is it? red or blue.");
    }
    if let Some(Err(fault)) = caption.as_deref().map(|c| text::check_text(c, text::CAPTION)) {
        faults.add("/caption", fault.code(), fault.detail());
    }
    match (file, side, faults.0) {
        (Some(file), Some(side), faults) if faults.is_empty() => Ok(Received { side, caption, file }),
        (_, _, faults) => Err(ApiError::invalid(faults)),
    }
}

fn read_side(word: Option<String>, may: impl Fn(Side) -> ApiResult<()>) -> ApiResult<Option<Side>> {
    let Some(word) = word else { return Ok(None) };
    let side = Side::parse(&word).ok_or_else(|| ApiError::field("/side", "unknown", "red or blue."))?;
    may(side)?;
    Ok(Some(side))
}

async fn read_file(state: &State, field: &mut Field) -> ApiResult<ReceivedFile> {
    let name = match file_name(field) {
        Ok(name) => name,
        Err(error) => {
            throw_away(field, THROWN_AWAY).await;
            return Err(error);
        }
    };
    let limit = state.settings.evidence_max_bytes;
    let mut bytes = state.storage.receive().await?;
    let (mut look, mut part, mut size) = (Look::default(), Vec::new(), 0u64);
    while let Some(chunk) = next(field).await? {
        let chunk = chunk.map_err(unreadable)?;
        size = size.saturating_add(chunk.len() as u64);
        if size > limit {
            drop(bytes);
            throw_away(field, THROWN_AWAY).await;
            return Err(too_large(limit));
        }
        part.extend_from_slice(&chunk);
        if part.len() >= bytes.part() {
            let whole = Bytes::from(std::mem::replace(&mut part, Vec::with_capacity(bytes.part() + (64 << 10))));
            look = pass(look, whole, &mut bytes).await?;
        }
    }
    look = pass(look, Bytes::from(part), &mut bytes).await?;
    Ok(ReceivedFile { name, bytes, seen: look.end() })
}

/// Looks at a part, away from the threads that serve requests, and writes it.
async fn pass(mut look: Look, part: Bytes, to: &mut Incoming) -> ApiResult<Look> {
    if part.is_empty() {
        return Ok(look);
    }
    let looked_at = part.clone();
    let look = blocking(move || {
        look.at(&looked_at);
        Ok(look)
    })
    .await
    .map_err(ApiError::internal)?;
    to.write(part).await?;
    Ok(look)
}

/// What the file is called, as a text: whatever stands in it, it never becomes a path.
fn file_name(field: &Field) -> ApiResult<String> {
    let disposition = field.content_disposition();
    let extended = disposition.and_then(|d| d.get_filename_ext()).map(|ext| String::from_utf8(ext.value.clone()));
    let name = match extended {
        Some(Ok(name)) => name,
        Some(Err(_)) => return Err(ApiError::field("/file", "invalid", "The file's name is no UTF-8 text.")),
        None => disposition.and_then(|d| d.get_filename()).unwrap_or_default().to_owned(),
    };
    match text::check_line(&name, text::FILE_NAME) {
        Ok(()) => Ok(name),
        Err(fault) => Err(ApiError::field("/file", fault.code(), format!("The file's name: {}", fault.detail()))),
    }
}

fn too_large(limit: u64) -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge, format!("A file of evidence has at most {limit} bytes here."))
}
