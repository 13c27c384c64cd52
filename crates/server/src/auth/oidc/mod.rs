//! Single sign-on by OpenID Connect: code flow with PKCE; a person is the provider's issuer and subject, never an address.
//!
//! Passwords go on working beside it: an administrator with one gets in when the provider is away.

mod provider;
pub mod routes;
mod service;
