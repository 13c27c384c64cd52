//! Is the instance well? And emptying it, where that is allowed.

mod routes;
mod service;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::health).service(routes::ready).service(routes::database).service(routes::reset);
}
