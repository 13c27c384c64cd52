//! Foreign formats: bytes in, values out. Nothing here opens a file, a socket or a database.

pub mod imports;
pub mod releases;
pub mod stix;
