//! Defence tools: the products of the defenders that detections name. One list for all missions.

mod convert;
mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_defence_tools)
        .service(routes::create_defence_tool)
        .service(routes::update_defence_tool)
        .service(routes::delete_defence_tool);
}
