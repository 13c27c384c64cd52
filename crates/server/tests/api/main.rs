//! Tests of the API: the real application on port 0 with a database of its own, spoken to over HTTP.
//!
//! One binary for all features, so that it is linked once. Each test runs on SQLite; with `TYRIAN_TEST_PG` set,
//! `db_test!` runs it on PostgreSQL too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test's helper fails as a test does")]
#![allow(clippy::many_single_char_names, reason = "m, s, a, b: a mission, a scenario and two tests, a few lines long")]

mod backup;
mod bundles;
mod exercise;
mod fixtures;
mod harness;

mod access;
mod analytics;
mod audit;
mod auth;
mod catalogue;
mod catalogue_sources;
mod categories;
mod comments;
mod cost;
mod defence_tools;
mod demo;
mod detections;
mod diag;
mod evidence;
mod execution;
mod exports;
mod exports_restore;
mod findings;
mod foreign;
mod groups;
mod imports;
mod invitations;
mod live;
mod metrics;
mod missions;
mod notifications;
mod openapi;
mod plans;
mod proxies;
mod purge;
mod released;
mod remap;
mod retests;
mod rights;
mod scenario_templates;
mod scene;
mod search;
mod synthesis;
mod test_templates;
mod texts;
mod traffic;
mod users;
