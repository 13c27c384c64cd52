//! Is the instance well? And emptying it, where that is allowed.

mod routes;
mod service;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::health).service(routes::ready).service(routes::database).service(routes::reset);
}
