//! The scale of detection levels: how good a detection was.

mod convert;
mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_detection_levels)
        .service(routes::create_detection_level)
        .service(routes::update_detection_level)
        .service(routes::delete_detection_level);
}
