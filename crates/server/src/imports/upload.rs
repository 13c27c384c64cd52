//! An import's file, read whole: its formats need all of it, and it is bounded.

use actix_multipart::Field;
use actix_web::{HttpRequest, web};
use tyrian_api_types::ErrorCode;

use crate::error::{ApiError, ApiResult};
use crate::http::form::{self, next, unreadable};

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
pub async fn receive(http: &HttpRequest, payload: web::Payload) -> ApiResult<File> {
    form::only_file(http, payload, THROWN_AWAY, Some((MAX_FILE as u64, too_large())), read_file).await
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
