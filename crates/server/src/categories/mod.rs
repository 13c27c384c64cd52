//! Categories: the headings under which a mission's synthesis groups its tests. Not here: putting a test under one, which
//! is a field of the test.

mod convert;
mod routes;
mod service;
mod store;

pub use service::list;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::list_categories).service(routes::add_category).service(routes::update_category).service(routes::delete_category);
}
