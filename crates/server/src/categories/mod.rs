//! Categories: the headings under which a mission's synthesis groups its tests. Not here: putting a test under one, which
//! is a field of the test.

mod convert;
mod routes;
mod service;
mod store;

pub use service::list;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_categories).service(routes::add_category).service(routes::update_category).service(routes::delete_category);
}
