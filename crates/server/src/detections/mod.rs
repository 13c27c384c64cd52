//! Detections: what each defence tool did in a test, and what it missed. The three facts of the test are blue's own
//! judgement; nothing here writes them.

mod convert;
mod routes;
mod service;
mod store;

pub use store::of_mission;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_mission_detections)
        .service(routes::list_detections)
        .service(routes::add_detection)
        .service(routes::update_detection)
        .service(routes::delete_detection);
}
