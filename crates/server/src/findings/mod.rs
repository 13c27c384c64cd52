//! Findings: the gaps that somebody works on, over all missions that the caller sees. Not here: changing one, which is a
//! change of its test.

mod convert;
mod routes;
mod service;
mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_findings);
}
