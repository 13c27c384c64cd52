//! The ATT&CK catalogue.

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn configure(_: &mut ServiceConfig) {}
