//! The scale of detection levels: how good a detection was.

mod convert;
mod routes;
mod service;
mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_detection_levels)
        .service(routes::create_detection_level)
        .service(routes::update_detection_level)
        .service(routes::delete_detection_level);
}
