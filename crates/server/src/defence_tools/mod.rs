//! Defence tools: the products of the defenders that detections name. One list for all missions.

mod convert;
mod routes;
mod service;
mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_defence_tools)
        .service(routes::create_defence_tool)
        .service(routes::update_defence_tool)
        .service(routes::delete_defence_tool);
}
