//! ATT&CK bundles in STIX 2.0 and 2.1: from bytes to a [`Catalogue`].
//!
//! A bundle is read in one pass. Of each object only the few fields that the catalogue needs are kept, the rest is
//! dropped as it is read, so the memory used follows the catalogue (some hundred kB) and not the file (33 MB and more).
//! What a bundle may say is bounded ([`limits`]); what it says wrongly ends in a [`StixError`] that a person can read.

mod bundle;
mod error;
mod field;
pub mod limits;
mod link;
mod model;
mod object;

use std::io::{BufReader, Read};

use serde::de::DeserializeSeed;
use serde_json::Deserializer;
use serde_json::error::Category;

pub use error::StixError;
pub use model::{Catalogue, Domain, Subtechnique, Tactic, Technique};

use bundle::{BundleSeed, Collector};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a bundle from memory. The quickest way: what is not kept is never copied.
pub fn parse_slice(bytes: &[u8]) -> Result<Catalogue, StixError> {
    refuse_archive(bytes)?;
    run(&mut Deserializer::from_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)))
}

/// Reads a bundle as it streams in, in little memory whatever its size. Buffers by itself.
pub fn parse(mut reader: impl Read) -> Result<Catalogue, StixError> {
    let mut head = Vec::with_capacity(4);
    reader.by_ref().take(4).read_to_end(&mut head)?;
    refuse_archive(&head)?;
    let start = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head);
    run(&mut Deserializer::from_reader(BufReader::with_capacity(1 << 16, start.chain(reader))))
}

/// A zip or gzip is a likely slip of the hand; say so instead of "not JSON at line 1".
fn refuse_archive(head: &[u8]) -> Result<(), StixError> {
    if head.starts_with(b"PK\x03\x04") {
        return Err(StixError::Packed { kind: "zip" });
    }
    if head.starts_with(b"\x1F\x8B") {
        return Err(StixError::Packed { kind: "gzip" });
    }
    Ok(())
}

fn run<'de, R: serde_json::de::Read<'de>>(json: &mut Deserializer<R>) -> Result<Catalogue, StixError> {
    let mut collector = Collector::default();
    let read = BundleSeed(&mut collector).deserialize(&mut *json).and_then(|()| json.end());
    match read {
        Ok(()) => link::catalogue(collector),
        Err(error) => Err(collector.refusal.take().unwrap_or_else(|| explain(error))),
    }
}

/// What serde_json says, in our words.
fn explain(error: serde_json::Error) -> StixError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Io => StixError::Io(error.into()),
        Category::Eof if line <= 1 && column == 0 => StixError::Empty,
        Category::Eof => StixError::Truncated,
        // serde_json has no code for it; a test holds us to the wording.
        Category::Syntax if error.to_string().starts_with("recursion limit exceeded") => StixError::TooDeep { line, column },
        Category::Syntax => StixError::NotJson { line, column },
        // Every wrong type inside an object is caught by name before; what is left is the bundle's own frame.
        Category::Data => StixError::NotABundle,
    }
}
