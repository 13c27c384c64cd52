//! The library of tests: templates with their ATT&CK tags.
//!
//! Here too: moving tags that ATT&CK has retired. Not here: scenarios that order them, the copies that missions make, imports.

pub(crate) mod convert;
mod remap;
mod routes;
mod service;
pub(crate) mod store;
pub(crate) mod tags;
mod unresolved;

pub use service::{contents, summaries};
pub(crate) use unresolved::resolve as resolve_unresolved;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_test_templates)
        .service(routes::create_test_template)
        // before the one by id, which would take "export" for one
        .service(routes::export_test_templates)
        .service(routes::get_test_template)
        .service(routes::update_test_template)
        .service(routes::delete_test_template)
        .service(routes::list_retired_tags)
        .service(routes::remap_retired_tags);
}
