//! How much a file may hold. The largest real one (all of Atomic Red Team) has 341 files of at most 94 KB, 1,819 tests
//! and 90 tests in a file, so an honest file never comes near.

/// Items of a file: tests, rows, procedures.
pub const ITEMS: usize = 20_000;
/// Files in an archive, those that are passed over too.
pub const ARCHIVE_FILES: usize = 20_000;
/// Bytes of one file in an archive, unpacked.
pub const ARCHIVE_FILE_BYTES: u64 = 8 << 20;
/// Bytes that are unpacked from one archive in all.
pub const ARCHIVE_BYTES: u64 = 64 << 20;
/// Levels of a YAML document.
pub const YAML_DEPTH: usize = 64;
/// Nodes of a YAML file, those that its aliases repeat counted each time.
pub const YAML_NODES: usize = 500_000;
/// Bytes of text of a YAML file, those that its aliases repeat counted each time.
pub const YAML_BYTES: usize = 32 << 20;
/// Errors or warnings that are spelled out; the others are counted.
pub const NOTES: usize = 2_000;
