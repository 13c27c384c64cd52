//! Golden files that we wrote.
