//! What people say about a mission and its tests, and whom they mention. A comment on a test is as visible as the test.

mod convert;
mod routes;
mod service;
mod store;

pub use service::of_mission;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_comments).service(routes::add_comment).service(routes::update_comment).service(routes::delete_comment);
}
