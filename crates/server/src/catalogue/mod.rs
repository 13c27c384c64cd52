//! The ATT&CK catalogue: reading it, and the sync that replaces it.
//!
//! A bundle comes in by address (`download`) or by upload (`upload`) into a temporary file (`spool`), is read by
//! `tyrian-attack`, compared with what is held (`diff`) and written in one transaction (`sync_service`, `sync_store`).

mod convert;
mod diff;
mod download;
mod matrix;
mod public_address;
mod routes;
mod service;
mod spool;
mod store;
mod sync_service;
mod sync_store;
mod upload;

pub use matrix::MatrixCache;
pub use spool::Bundle;
pub use sync_service::{Actor, begin, sync};

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_tactics)
        .service(routes::list_techniques)
        .service(routes::list_subtechniques)
        .service(routes::get_matrix)
        .service(routes::get_status)
        .service(routes::list_releases)
        .service(routes::technique_use)
        .service(routes::preview_sync)
        .service(routes::sync);
}
