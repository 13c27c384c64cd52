//! The STIX parser from outside: facts of real bundles on small ones, bad input, properties, and the real files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests: a panic is how they fail")]

mod facts;
mod helpers;
mod hostile;
mod properties;
mod real;
mod revocations;
