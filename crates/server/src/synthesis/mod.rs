//! What missions tell: a mission's synthesis and two missions side by side, read with a fixed number of
//! statements and counted by `domain::synthesis` and `domain::compare`.
//!
//! Here: reading the tests that the caller sees as plain values, for the synthesis and all that is built on it. Not here:
//! what the numbers mean, which `domain` decides; reports.

mod convert;
mod routes;
mod service;
mod store;

pub use service::{Told, of_mission, read};
pub use store::tests_by_mission;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::get_mission_synthesis).service(routes::compare_missions);
}
