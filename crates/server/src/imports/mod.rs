//! Imports: files of other tools into the library, as missions that were run, or onto the tests of a mission.
//!
//! Formats are read by `tyrian_attack::imports`; here are rights, what is known already, and the writing: one
//! transaction, a fixed number of statements for the library at any size of file. Not here: our own missions
//! (`exports`), ATT&CK bundles (`catalogue`).

mod kind;
mod library;
mod missions;
mod outcome;
mod results;
mod routes;
mod service;
mod store;
mod upload;

pub use kind::ImportKind;
pub use routes::{answer, configure};
