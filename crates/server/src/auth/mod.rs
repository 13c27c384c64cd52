//! Set-up, sign-in, sessions and one's own profile.

pub mod grants;
mod oidc;
pub mod password;
mod preferences;
pub mod resets;
mod routes;
pub mod second_factor;
mod service;
mod store;
mod strength;
pub mod throttle;
pub mod tokens;
mod totp;

pub use service::{new_user, user_search_text};
pub use store::{end_sessions, permissions_of};

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::setup_status)
        .service(routes::set_up)
        .service(routes::login)
        .service(routes::refresh)
        .service(routes::logout)
        .service(routes::get_me)
        .service(routes::update_me)
        .service(routes::change_password)
        .service(routes::list_sessions)
        .service(routes::end_session)
        .service(routes::begin_totp)
        .service(routes::confirm_totp)
        .service(routes::turn_off_totp)
        .service(routes::renew_recovery_codes)
        .service(routes::request_password_reset)
        .service(routes::reset_password)
        .service(oidc::routes::oidc_login)
        .service(oidc::routes::oidc_callback);
}
