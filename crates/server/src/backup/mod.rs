//! Backup and restore: one file with every row, every file of evidence, and a manifest of hashes.
//!
//! The file is a zip: `tables/<name>.jsonl` (its columns, then a row a line), `evidence/<key>`, `secret.key` where the key is
//! kept in the data folder, and `manifest.json`. It knows nothing of the engine, so it is also the way from SQLite to
//! PostgreSQL and back.

mod automatic;
mod dump;
mod read;
mod restore;
mod table;
mod write;

use serde::{Deserialize, Serialize};

pub use automatic::start;
pub use dump::{Dumped, dump};
pub use restore::restore;
pub use write::backup;

/// The shape of the file; another number is another shape.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const SECRET: &str = "secret.key";

/// What a backup holds: read before anything else of it is believed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// `FORMAT`.
    pub format: u32,
    /// The version of Tyrian that made it.
    pub version: String,
    /// The newest migration of its database.
    pub revision: String,
    /// When the database was as it is here, RFC 3339.
    pub made_at: String,
    /// Tells whether two servers have the same secret key, without telling the key.
    pub key_id: String,
    /// The tables, in the order in which their rows can be added.
    pub tables: Vec<TableEntry>,
    /// The files of evidence.
    pub evidence: Vec<FileEntry>,
    /// Files of evidence that could not be taken along, and why.
    pub missing: Vec<String>,
    /// SHA-256 of `secret.key`, where it is in the file.
    pub secret_sha256: Option<String>,
}

/// A table.
#[derive(Debug, Serialize, Deserialize)]
pub struct TableEntry {
    /// Its name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// A file of evidence.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name in the storage.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// What was done, for whoever waits for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary {
    /// Rows of all tables.
    pub rows: u64,
    /// Files of evidence.
    pub files: usize,
    /// Files of evidence that were not there or not whole.
    pub missing: Vec<String>,
    /// Bytes of the backup.
    pub bytes: u64,
}

/// What two servers with the same secret key have in common.
fn key_id(secret: &str) -> String {
    hex::encode(crate::keys::hmac(secret.as_bytes(), b"tyrian backup key id v1")).chars().take(16).collect()
}

fn table_path(name: &str) -> String {
    format!("tables/{name}.jsonl")
}

fn evidence_path(key: &str) -> String {
    format!("evidence/{key}")
}
