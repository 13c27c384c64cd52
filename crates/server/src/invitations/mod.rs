//! Invitations: a link, shown once, by which a person makes their own account. Not here: sending mail.

mod convert;
mod routes;
mod service;
mod store;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_invitations)
        .service(routes::create_invitation)
        .service(routes::get_invitation_by_token)
        .service(routes::accept_invitation)
        .service(routes::revoke_invitation);
}
