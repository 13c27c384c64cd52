//! Search over everything that the caller sees: a few of each kind, for the box in the header.

mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::search);
}
