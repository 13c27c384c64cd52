//! Drift: how far the frozen tests and scenarios of a mission are from what their templates say today. Reads only.

mod compare;
mod routes;
mod service;
mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::get_mission_drift);
}
