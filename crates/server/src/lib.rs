//! Everything that runs: the API, the app's files, the command line.
//!
//! One folder a feature (`mod.rs` → `routes.rs` → `service.rs` → `store.rs`); `http` holds what all routes share.
//! Not here: rules of who may do what (`tyrian-domain`), wire types (`tyrian-api-types`), foreign formats (`tyrian-attack`).

pub mod analytics;
pub mod api_tokens;
pub mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod catalogue;
pub mod categories;
pub mod cli;
pub mod comments;
pub mod config;
pub mod db;
pub mod defence_tools;
pub mod demo;
pub mod detection_levels;
pub mod detections;
pub mod diag;
pub mod drift;
pub mod error;
pub mod events;
pub mod evidence;
pub mod execution;
pub mod exports;
pub mod findings;
pub mod groups;
pub mod http;
pub mod imports;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod library;
pub mod live;
pub mod mail;
pub mod metrics;
pub mod missions;
pub mod notifications;
pub mod openapi;
pub mod purge;
pub mod scenario_templates;
pub mod search;
pub mod state;
pub mod synthesis;
pub mod test_templates;
pub mod users;

/// The server's version, of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit it was built from; `unknown` outside a checkout.
pub const COMMIT: &str = env!("TYRIAN_COMMIT");

/// Now, in microseconds: what both engines store without loss.
pub fn now() -> chrono::DateTime<chrono::Utc> {
    use chrono::{SubsecRound, Utc};
    Utc::now().trunc_subsecs(6)
}
