//! Search over everything that the caller sees: a few of each kind, for the box in the header.

mod routes;
mod service;
mod store;
pub(crate) mod texts;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::search);
}
