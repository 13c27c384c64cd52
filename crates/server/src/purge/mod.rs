//! Removing for good: a mission with all under it, or one file. What is left is an audit entry with a hash of what was there.
//!
//! Deleting hides and can be undone by whoever has the database; this cannot. It works on what was deleted before too.

mod routes;
mod service;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::purge_mission).service(routes::purge_evidence);
}
