//! Groups, the permissions they give and who is in them.

mod convert;
mod routes;
mod service;
pub mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_groups)
        .service(routes::create_group)
        .service(routes::get_group)
        .service(routes::update_group)
        .service(routes::delete_group)
        .service(routes::set_group_permissions)
        .service(routes::set_group_members)
        .service(routes::list_permissions);
}
