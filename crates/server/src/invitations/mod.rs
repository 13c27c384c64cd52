//! Invitations: a link, shown once, by which a person makes their own account. Not here: sending mail.

mod convert;
mod routes;
mod service;
mod store;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_invitations)
        .service(routes::create_invitation)
        .service(routes::get_invitation_by_token)
        .service(routes::accept_invitation)
        .service(routes::revoke_invitation);
}
