//! Analytics: what the missions that the caller sees tell together. Counted by `domain::analytics` from tests that the
//! database has grouped; a fixed number of statements each.

mod convert;
mod routes;
mod service;
mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::get_coverage).service(routes::get_trend).service(routes::get_technique_history);
}
