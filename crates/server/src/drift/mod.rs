//! Drift: how far the frozen tests and scenarios of a mission are from what their templates say today. Reads only.

mod compare;
mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::get_mission_drift);
}
