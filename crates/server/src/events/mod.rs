//! The numbered log of a mission, its live stream, and who is looking at what.
//!
//! Events are written by `missions::change` in the transaction of what they tell.

mod routes;
pub(crate) mod store;
mod stream;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_mission_events)
        .service(routes::stream_mission)
        .service(routes::stream_all)
        .service(routes::list_presence)
        .service(routes::report_presence);
}
