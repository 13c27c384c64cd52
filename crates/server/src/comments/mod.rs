//! What people say about a mission and its tests, and whom they mention. A comment on a test is as visible as the test.

mod convert;
mod routes;
mod service;
mod store;

pub use service::of_mission;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::list_comments).service(routes::add_comment).service(routes::update_comment).service(routes::delete_comment);
}
