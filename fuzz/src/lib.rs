//! What the targets share.

use tyrian_attack::imports::{Parsed, Source};

/// Whatever comes in, a parser answers, and says why where it can take nothing.
pub fn import(parse: fn(Source<'_>) -> Parsed, bytes: &[u8]) {
    let parsed = parse(Source { file_name: "f", bytes });
    assert!(!parsed.unreadable || !parsed.errors.is_empty());
}
