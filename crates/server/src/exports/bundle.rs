//! The bundle: a zip of `mission.json`, the evidence, and `SHA256SUMS`, which `sha256sum -c` accepts.
//!
//! Files go from the storage into the zip piece by piece, hashed as they pass. One that is missing or not what came in
//! stops the export: a bundle that is whole is what it is for.

use std::fmt::Write as _;
use std::io::Write as _;

use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tyrian_domain::test::TestState;
use tyrian_entity::evidence_file;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::files::{self, Made, blocking};
use super::{lossless, store};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::jobs::Progress;
use crate::missions::MissionScope;
use crate::state::State;

/// The mission's JSON in the bundle.
pub const MISSION: &str = "mission.json";
/// The hashes of everything else.
pub const SUMS: &str = "SHA256SUMS";
/// The folder of the files.
pub const FOLDER: &str = "evidence/";

type Zip = ZipWriter<std::io::BufWriter<std::fs::File>>;

/// Where a file of evidence stands in a bundle: by its id, so that no name of a person's ever is a path; the ending is
/// kept if it is harmless.
pub fn place(id: uuid::Uuid, file_name: &str) -> String {
    let ending = file_name
        .rsplit_once('.')
        .map(|(_, ending)| ending)
        .filter(|e| (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()));
    match ending {
        Some(ending) => format!("{FOLDER}{id}.{}", ending.to_ascii_lowercase()),
        None => format!("{FOLDER}{id}"),
    }
}

/// Makes the bundle.
pub async fn make(state: &State, caller: &Caller, scope: &MissionScope, states: &[TestState], progress: &Progress) -> ApiResult<Made> {
    let export = lossless::read(state, caller, scope, states).await?;
    let files = store::evidence(state.db.reader(), &store::chosen(scope, states)).await?;
    let file = files::temporary(&state.settings).map_err(ApiError::internal)?;
    let (mut zip, mut sums) = blocking(move || {
        let mut zip = ZipWriter::new(std::io::BufWriter::with_capacity(1 << 18, file));
        zip.start_file(MISSION, SimpleFileOptions::default()).map_err(ApiError::internal)?;
        let mut hashed = Hashed { to: &mut zip, hasher: Sha256::new() };
        serde_json::to_writer(&mut hashed, &export)?;
        let hash = hex::encode(hashed.hasher.finalize());
        Ok((zip, format!("{hash}  {MISSION}\n")))
    })
    .await?;
    let total = files.len() as u64;
    for (file, done) in files.iter().zip(0..) {
        if done % 10 == 0 {
            progress.step("Packing the evidence", done, Some(total)).await?;
        }
        let name = place(file.id, &file.file_name);
        zip = Box::pin(pack(state, zip, file, &name)).await?;
        let _ = writeln!(sums, "{}  {name}", file.sha256);
    }
    blocking(move || {
        zip.start_file(SUMS, SimpleFileOptions::default()).map_err(ApiError::internal)?;
        zip.write_all(sums.as_bytes()).map_err(ApiError::internal)?;
        let file = zip.finish().map_err(ApiError::internal)?.into_inner().map_err(|e| ApiError::internal(e.into_error()))?;
        files::whole(file)
    })
    .await
}

struct Hashed<'a> {
    to: &'a mut Zip,
    hasher: Sha256,
}

impl std::io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.hasher.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

async fn pack(state: &State, mut zip: Zip, file: &evidence_file::Model, name: &str) -> ApiResult<Zip> {
    let damaged = |how: &str| {
        let mut error = ApiError::internal(anyhow::anyhow!("the file of evidence {} {how}", file.id));
        error.problem.detail = format!(
            "The file of evidence {:?} {how}, so the bundle would not be whole. `GET /missions/{{id}}/evidence/verify` tells more.",
            file.file_name
        );
        error
    };
    let content = state.storage.read(&file.storage_key, None).await?.ok_or_else(|| damaged("is missing"))?;
    let (mut bytes, mut hasher) = (content.bytes, Sha256::new());
    // most evidence is packed already
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(content.size > u64::from(u32::MAX) - 65_536);
    let name = name.to_owned();
    zip = blocking(move || {
        zip.start_file(name, options).map_err(ApiError::internal)?;
        Ok(zip)
    })
    .await?;
    while let Some(piece) = bytes.next().await {
        let piece = piece.map_err(|_| damaged("cannot be read"))?;
        hasher.update(&piece);
        zip = blocking(move || {
            zip.write_all(&piece).map_err(ApiError::internal)?;
            Ok(zip)
        })
        .await?;
    }
    if hex::encode(hasher.finalize()) == file.sha256 { Ok(zip) } else { Err(damaged("is not what came in")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_persons_is_a_path() {
        let id = uuid::Uuid::nil();
        for (name, ending) in [("a.PNG", ".png"), ("../../x", ""), ("a.b/c", ""), ("x.tar.gz", ".gz"), ("", ""), ("x.\u{202e}gpj", "")] {
            assert_eq!(place(id, name), format!("evidence/{id}{ending}"));
        }
    }
}
