//! Findings: the gaps that somebody works on, over all missions that the caller sees. Not here: changing one, which is a
//! change of its test.

mod convert;
mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::list_findings);
}
