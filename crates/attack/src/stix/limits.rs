//! How much a bundle may hold. The largest real one (18.1 Enterprise) has 24,772 objects, names of 57 bytes and
//! descriptions of 4,692 bytes, so an honest file never comes near.

/// Objects in a bundle.
pub const OBJECTS: usize = 500_000;
/// Characters of a name.
pub const NAME_CHARS: usize = 1_000;
/// Bytes of a description.
pub const DESCRIPTION_BYTES: usize = 200_000;
/// Bytes of a STIX id, of an ATT&CK id, of a short name, of a platform, of a version.
pub const ID_BYTES: usize = 200;
/// Bytes of a URL; a longer one is replaced by the address that ATT&CK's own site gives the object.
pub const URL_BYTES: usize = 2_000;
/// Entries of a list inside an object.
pub const LIST: usize = 10_000;
/// Steps of a chain of revocations; longer is taken for a loop.
pub const CHAIN: usize = 64;
/// Warnings that are spelled out; the others are counted.
pub const WARNINGS: usize = 100;
