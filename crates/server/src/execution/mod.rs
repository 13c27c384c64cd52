//! Executing a mission: changing its tests, moving them, ordering them, adding one.
//!
//! Who may write what, and when, is `domain::execution`. Not here: detections, evidence, comments.

mod adhoc;
mod bulk;
mod list;
mod order;
mod patch;
pub(crate) mod refuse;
mod routes;
mod service;
pub(crate) mod told;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api
        // before the ones by id, which would take "bulk" for one
        .service(routes::change_mission_tests)
        .service(routes::list_mission_tests)
        .service(routes::add_mission_test)
        .service(routes::update_mission_test)
        .service(routes::move_mission_test)
        .service(routes::order_mission_tests);
}
