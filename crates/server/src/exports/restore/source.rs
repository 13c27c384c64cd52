//! The file that came: JSON or a zip, on disk while it is read. Evidence goes from the zip into the storage piece by
//! piece; what does not have the hash that the JSON says is refused.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};

use actix_multipart::Field;
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::exports::MissionExport;
use tyrian_api_types::imports::ImportNote;
use uuid::Uuid;
use zip::ZipArchive;

use super::{check, note};
use crate::error::{ApiError, ApiResult};
use crate::evidence::Look;
use crate::exports::bundle::{self, MISSION};
use crate::exports::files::{self, blocking};
use crate::http::form::{self, next, unreadable};
use crate::state::State;

/// Bytes of a bundle.
const MAX_BUNDLE: u64 = 4 << 30;
/// Bytes of the JSON, alone or in a bundle.
const MAX_JSON: u64 = 128 << 20;
/// Of an upload that is refused, as much is read and thrown away, so that the client hears why instead of a cut line.
const THROWN_AWAY: u64 = 64 << 20;
/// What goes to the disk, or comes out of a zip, at once.
const PIECE: usize = 1 << 20;

/// A file that came in whole.
pub struct Upload {
    file: File,
    name: String,
    size: u64,
}

/// What was in it.
pub struct Source {
    pub export: MissionExport,
    pub archive: Option<ZipArchive<File>>,
}

/// Takes in the form.
pub async fn receive(state: &State, http: &HttpRequest, payload: web::Payload) -> ApiResult<Upload> {
    form::only_file(http, payload, THROWN_AWAY, None, async |field| read_file(state, field).await).await
}

async fn read_file(state: &State, field: &mut Field) -> ApiResult<Upload> {
    let name = field.content_disposition().and_then(|d| d.get_filename()).unwrap_or("file").chars().take(200).collect();
    let mut file = files::temporary(&state.settings).map_err(ApiError::internal)?;
    let (mut part, mut size) = (Vec::with_capacity(PIECE), 0);
    let put = |mut file: File, part: Vec<u8>| {
        blocking(move || {
            file.write_all(&part).map_err(ApiError::internal)?;
            Ok(file)
        })
    };
    while let Some(chunk) = next(field).await? {
        let chunk = chunk.map_err(unreadable)?;
        size += chunk.len() as u64;
        if size > MAX_BUNDLE {
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, format!("A bundle has at most {} GiB.", MAX_BUNDLE >> 30)));
        }
        part.extend_from_slice(&chunk);
        if part.len() >= PIECE {
            file = put(file, std::mem::replace(&mut part, Vec::with_capacity(PIECE))).await?;
        }
    }
    file = put(file, part).await?;
    Ok(Upload { file, name, size })
}

/// What is in the file; a note that says why it cannot be read.
pub async fn read(upload: Upload) -> ApiResult<Result<Source, ImportNote>> {
    blocking(move || {
        let Upload { mut file, name, size } = upload;
        let mut begin = [0; 4];
        file.seek(SeekFrom::Start(0)).map_err(ApiError::internal)?;
        let is_zip = file.read_exact(&mut begin).is_ok() && begin == *b"PK\x03\x04";
        file.seek(SeekFrom::Start(0)).map_err(ApiError::internal)?;
        if !is_zip {
            if size > MAX_JSON {
                return Ok(Err(note(name, "too_large", format!("A mission's JSON has at most {} MiB.", MAX_JSON >> 20))));
            }
            let mut json = Vec::new();
            file.read_to_end(&mut json).map_err(ApiError::internal)?;
            return Ok(check::parse(&name, &json).map(|export| Source { export, archive: None }));
        }
        let mut archive = match ZipArchive::new(file) {
            Ok(archive) => archive,
            Err(e) => return Ok(Err(note(name, "invalid_zip", format!("The zip cannot be read: {e}.")))),
        };
        let mut json = Vec::new();
        match archive.by_name(MISSION) {
            Ok(part) => {
                if let Err(e) = part.take(MAX_JSON + 1).read_to_end(&mut json) {
                    return Ok(Err(note(MISSION, "invalid_zip", format!("It cannot be unpacked: {e}."))));
                }
            }
            Err(_) => {
                return Ok(Err(note(name, "no_mission", format!("There is no {MISSION} in this zip: it is no bundle of a mission."))));
            }
        }
        if json.len() as u64 > MAX_JSON {
            return Ok(Err(note(MISSION, "too_large", format!("A mission's JSON has at most {} MiB.", MAX_JSON >> 20))));
        }
        Ok(check::parse(MISSION, &json).map(|export| Source { export, archive: Some(archive) }))
    })
    .await
}

/// A file of evidence that is there.
pub struct Kept {
    /// Its name in the storage; none in a dry run.
    pub key: Option<String>,
    /// What its bytes say that it is.
    pub content_type: &'static str,
}

/// The files of evidence that came along, by id.
#[derive(Default)]
pub struct Stored(HashMap<Uuid, Kept>);

impl Stored {
    /// Did it come along?
    pub fn has(&self, id: Uuid) -> bool {
        self.0.contains_key(&id)
    }

    /// The file.
    pub fn get(&self, id: Uuid) -> Option<&Kept> {
        self.0.get(&id)
    }

    /// The names of all in the storage.
    pub fn keys(&self) -> Vec<String> {
        self.0.values().filter_map(|kept| kept.key.clone()).collect()
    }
}

/// Reads the evidence of a bundle, and puts it into the storage where it is `to_keep`. With one fault nothing stays.
pub async fn evidence(
    state: &State,
    export: &MissionExport,
    archive: Option<ZipArchive<File>>,
    to_keep: bool,
) -> ApiResult<Result<Stored, Vec<ImportNote>>> {
    let (mut stored, mut faults) = (Stored::default(), Vec::new());
    let Some(mut archive) = archive else { return Ok(Ok(stored)) };
    let limit = state.settings.evidence_max_bytes;
    for file in &export.evidence {
        let place = bundle::place(file.id, &file.file_name);
        let name = format!("{} ({place})", file.file_name);
        if file.size_bytes > limit {
            faults.push(note(name, "too_large", format!("A file of evidence has at most {limit} bytes here.")));
            continue;
        }
        let mut incoming = if to_keep { Some(state.storage.receive().await?) } else { None };
        let (mut look, mut offset, mut fault) = (Look::default(), 0_u64, None);
        // a zip cannot be entered in the middle, so one thread reads an entry from its beginning to its end
        let (send, mut pieces) = tokio::sync::mpsc::channel::<Result<Bytes, String>>(2);
        let (size, part) = (file.size_bytes, incoming.as_ref().map_or(PIECE, crate::evidence::Incoming::part));
        let reading = tokio::task::spawn_blocking(move || {
            match archive.by_name(&place) {
                Err(_) => drop(send.blocking_send(Err("It is not in the bundle.".to_owned()))),
                // one byte more than it says that it has is enough to see that it lies
                Ok(entry) => pass(entry.take(size + 1), part, &send),
            }
            archive
        });
        while let Some(piece) = pieces.recv().await {
            match piece {
                Ok(piece) => {
                    offset += piece.len() as u64;
                    look.at(&piece);
                    if let Some(incoming) = &mut incoming {
                        incoming.write(piece).await?;
                    }
                }
                Err(why) => fault = Some(why),
            }
        }
        archive = reading.await.map_err(ApiError::internal)?;
        let seen = look.end();
        if fault.is_none() && (offset != file.size_bytes || seen.sha256 != file.sha256) {
            fault = Some("Its content has another hash than the mission says.".to_owned());
        }
        match (fault, incoming) {
            (Some(why), _) => faults.push(note(name, "damaged", why)),
            (None, incoming) => {
                let key = match incoming {
                    Some(incoming) if faults.is_empty() => Some(incoming.finish().await?),
                    _ => None,
                };
                stored.0.insert(file.id, Kept { key, content_type: seen.content_type });
            }
        }
    }
    if faults.is_empty() {
        return Ok(Ok(stored));
    }
    for key in stored.keys() {
        state.storage.remove(&key).await?;
    }
    Ok(Err(faults))
}

fn pass(mut entry: impl Read, part: usize, to: &tokio::sync::mpsc::Sender<Result<Bytes, String>>) {
    loop {
        let mut piece = Vec::with_capacity(part);
        match (&mut entry).take(part as u64).read_to_end(&mut piece) {
            Ok(0) => return,
            Ok(_) => {
                if to.blocking_send(Ok(piece.into())).is_err() {
                    return;
                }
            }
            Err(e) => return drop(to.blocking_send(Err(format!("It cannot be unpacked: {e}.")))),
        }
    }
}
