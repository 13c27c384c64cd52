//! Users and the roster. Not here: one's own profile and password (see `auth`), joining by invitation.

mod convert;
mod routes;
mod service;
pub mod store;

pub use convert::user_ref;
pub use service::{address_taken, known_groups};

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_users)
        .service(routes::create_user)
        // before the id, which it would else be taken for
        .service(routes::roster)
        .service(routes::get_user)
        .service(routes::update_user)
        .service(routes::delete_user)
        .service(routes::set_user_groups)
        .service(routes::make_password_reset)
        .service(routes::remove_totp);
}
