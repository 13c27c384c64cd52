//! Foreign formats: the real ones where they are, and properties.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test's helper fails as a test does")]

mod golden;
mod properties;
mod real;

use std::path::PathBuf;

use tyrian_attack::imports::{Parsed, Source};

/// Parses bytes under a name.
pub fn parse(of: fn(Source<'_>) -> Parsed, file_name: &str, bytes: &[u8]) -> Parsed {
    of(Source { file_name, bytes })
}

/// The folder of real files; none, and a printed line, where it is absent.
pub fn data(folder: &str) -> Option<PathBuf> {
    let root =
        std::env::var("TYRIAN_TEST_DATA").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let path = PathBuf::from(root).join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no real files in {}", path.display());
    None
}

/// The codes of notes, in their order.
pub fn codes(notes: &[tyrian_api_types::imports::ImportNote]) -> Vec<&str> {
    notes.iter().map(|n| n.code.as_str()).collect()
}
