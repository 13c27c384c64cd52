//! Tokens by which scripts sign in: random, stored as a hash, narrowed to scopes, and never more than their owner.
//!
//! A token is looked up by its SHA-256: it has 256 random bits, so no slow hash is needed.

mod routes;
mod service;
mod store;

pub use service::caller;
pub use store::{live_scopes, revoke_all};

use crate::http::Routes;

/// What a token begins with: so that a scanner for secrets knows one when it sees it.
const PREFIX: &str = "tyr_";

/// Is this bearer token an API token, not a session's?
pub fn looks_like_one(bearer: &str) -> bool {
    bearer.starts_with(PREFIX)
}

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_api_tokens).service(routes::create_api_token).service(routes::revoke_api_token);
}
