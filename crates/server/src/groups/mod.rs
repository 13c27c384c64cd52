//! Groups, the permissions they give and who is in them.

mod convert;
mod routes;
mod service;
pub mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_groups)
        .service(routes::create_group)
        .service(routes::get_group)
        .service(routes::update_group)
        .service(routes::delete_group)
        .service(routes::set_group_permissions)
        .service(routes::set_group_members)
        .service(routes::list_permissions);
}
