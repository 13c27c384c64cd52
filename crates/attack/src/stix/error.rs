//! Why a file could not be read as an ATT&CK bundle: one sentence each, fit to be shown.

use thiserror::Error;

/// Why a file could not be read as an ATT&CK bundle.
#[derive(Debug, Error)]
pub enum StixError {
    /// The reader failed.
    #[error("The bundle could not be read: {0}")]
    Io(#[from] std::io::Error),
    /// Zero bytes.
    #[error("The file is empty.")]
    Empty,
    /// An archive in the place of its content.
    #[error("The file is a {kind} archive: unpack it and give the JSON file inside.")]
    Packed {
        /// `zip` or `gzip`.
        kind: &'static str,
    },
    /// The JSON stops in the middle.
    #[error("The file ends in the middle: it was cut short.")]
    Truncated,
    /// Not JSON, or not valid UTF-8.
    #[error("The file is not valid JSON (line {line}, column {column}).")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// Nested beyond all reason.
    #[error("The file is nested too deeply (line {line}, column {column}).")]
    TooDeep {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON of another kind.
    #[error("The file is JSON but not a STIX bundle: an object with \"type\": \"bundle\" and a list \"objects\" is expected.")]
    NotABundle,
    /// STIX, but not ATT&CK.
    #[error("The file is a STIX bundle but not an ATT&CK one: it holds no {missing}.")]
    NoAttackObjects {
        /// What an ATT&CK bundle always has.
        missing: &'static str,
    },
    /// A matrix that is none of the three domains.
    #[error("The matrix {object} is of \"{found}\", which is none of enterprise-attack, mobile-attack and ics-attack.")]
    UnknownDomain {
        /// The matrix's STIX id.
        object: String,
        /// What its external id says.
        found: String,
    },
    /// Live matrices of more than one domain.
    #[error("The bundle mixes {first} and {second}: give one domain at a time.")]
    MixedDomains {
        /// The first domain met.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A field that holds another type of value than STIX gives it.
    #[error("{object}: \"{field}\" should be {expected} but is {found}.")]
    WrongType {
        /// The STIX id, or the place in the list where there is none.
        object: String,
        /// The field.
        field: &'static str,
        /// The type it should have.
        expected: &'static str,
        /// The type it has.
        found: &'static str,
    },
    /// A field without which the object cannot be catalogued.
    #[error("{object}: \"{field}\" is missing or empty.")]
    MissingField {
        /// The STIX id, or the place in the list where there is none.
        object: String,
        /// The field.
        field: &'static str,
    },
    /// A field beyond its limit.
    #[error("{object}: \"{field}\" is too long (at most {limit} {unit}).")]
    TooLong {
        /// The STIX id, or the place in the list where there is none.
        object: String,
        /// The field.
        field: &'static str,
        /// The most that is taken.
        limit: usize,
        /// Bytes, characters or entries.
        unit: &'static str,
    },
    /// A character that no text of ours may hold.
    #[error("{object}: \"{field}\" holds a character that is not allowed there.")]
    BadCharacter {
        /// The STIX id, or the place in the list where there is none.
        object: String,
        /// The field.
        field: &'static str,
    },
    /// Two objects with one STIX id.
    #[error("{object} stands in the bundle twice.")]
    DuplicateId {
        /// The STIX id.
        object: String,
    },
    /// More objects than any real bundle.
    #[error("The bundle holds more than {limit} objects.")]
    TooManyObjects {
        /// The most that is taken.
        limit: usize,
    },
}
