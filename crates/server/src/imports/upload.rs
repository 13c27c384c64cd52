//! An import's file, read whole: its formats need all of it, and it is bounded.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, web};
use tyrian_api_types::ErrorCode;

use crate::error::{ApiError, ApiResult};
use crate::http::form::{self, FRAME, next, throw_away, throw_away_form, unreadable};

/// Bytes of a file.
pub const MAX_FILE: usize = 64 << 20;
/// Of an upload that is refused, as much is read and thrown away, so that the client hears why instead of a cut line.
const THROWN_AWAY: u64 = 128 << 20;
/// Characters of a file's name that are kept.
const NAME: usize = 200;

/// A file that came in.
pub struct File {
    /// What it is called: one line, without a path.
    pub name: String,
    /// What it holds.
    pub bytes: web::Bytes,
}

/// Takes the part `file` of a form.
pub async fn receive(http: &HttpRequest, mut payload: web::Payload) -> ApiResult<File> {
    if !form::is_form(http) {
        throw_away(&mut payload, THROWN_AWAY).await;
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "Send a form: multipart/form-data with the part file."));
    }
    if form::announced(http).is_some_and(|length| length > MAX_FILE as u64 + FRAME) {
        throw_away(&mut payload, THROWN_AWAY).await;
        return Err(too_large());
    }
    let mut form = Multipart::new(http.headers(), payload);
    match read_form(&mut form).await {
        Err(error) if error.code() != ErrorCode::BadRequest => {
            throw_away_form(form, THROWN_AWAY).await;
            Err(error)
        }
        other => other,
    }
}

async fn read_form(form: &mut Multipart) -> ApiResult<File> {
    let mut file = None;
    while let Some(field) = next(form).await? {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            return Err(ApiError::new(ErrorCode::InvalidBody, format!("unknown part {name:?}, expected file")));
        }
        if file.is_some() {
            return Err(ApiError::new(ErrorCode::InvalidBody, "The part \"file\" stands in the form twice."));
        }
        file = Some(read_file(&mut field).await?);
    }
    file.ok_or_else(|| ApiError::field("/file", "required", "The file is missing: send it as the part \"file\"."))
}

async fn read_file(field: &mut Field) -> ApiResult<File> {
    let given = field.content_disposition().and_then(|d| d.get_filename()).unwrap_or_default().to_owned();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = next(field).await? {
        bytes.extend_from_slice(&chunk.map_err(unreadable)?);
        if bytes.len() > MAX_FILE {
            return Err(too_large());
        }
    }
    Ok(File { name: if name.trim().is_empty() { "the file".to_owned() } else { name }, bytes: bytes.freeze() })
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge, format!("A file to import has at most {} MiB.", MAX_FILE >> 20))
}
