//! Analytics: what the missions that the caller sees tell together. Counted by `domain::analytics` from tests that the
//! database has grouped; a fixed number of statements each.

mod convert;
mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::get_coverage).service(routes::get_trend).service(routes::get_technique_history);
}
