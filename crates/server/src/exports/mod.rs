//! Exports: a mission in every format, files that jobs make, tickets for downloads; and its own JSON or bundle back in.
//!
//! A mission is read with a fixed number of statements, as far as the caller sees it, then written into a temporary
//! file away from the threads that serve requests, and sent from there: memory holds one mission and no file. What a
//! report says is `tyrian_report`'s. Not here: foreign formats on their way in.

mod bundle;
mod convert;
mod files;
mod format;
mod lossless;
mod produce;
mod restore;
mod routes;
mod store;
mod thumbnails;
mod tickets;

pub use files::attachment;

use crate::http::Routes;

/// Exports that are made at the same time.
pub const AT_ONCE: usize = 1;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::export_mission)
        .service(routes::get_export_file)
        .service(routes::create_download_ticket)
        .service(routes::download)
        .service(routes::import_mission);
}
