//! Missions: frozen copies of scenarios that red and blue run together.
//!
//! Here: the list, the snapshot, a mission's own fields, members, status, reading its tests.
//! Not here: executing tests, detections, evidence, comments, categories, findings, synthesis, exports.

mod cache;
pub mod change;
pub(crate) mod convert;
pub(crate) mod reading;
mod retest;
mod routes;
pub(crate) mod scope;
mod service;
mod snapshot;
pub(crate) mod store;
pub mod visible;

pub use cache::{DetailCache, ListCache};
pub use change::{Change, Tally};
pub use scope::{MissionScope, Visit};
pub use service::create;
pub(crate) use service::{attack_version, search_text};
pub use store::{count_anew, sees_test};

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.most_asked_first(one, many);
}

fn one(api: &mut Routes<'_>) {
    api.service(routes::get_mission_test).service(routes::get_mission);
}

fn many(api: &mut Routes<'_>) {
    api.service(routes::list_missions)
        .service(routes::create_mission)
        .service(routes::update_mission)
        .service(routes::delete_mission)
        .service(routes::add_mission_scenarios)
        .service(routes::set_mission_members)
        .service(routes::transition_mission)
        .service(routes::retest_mission);
}
