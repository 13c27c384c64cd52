//! The library: test templates and scenarios, as lists and in their editors.
//!
//! [`tests`] and [`scenarios`] hold the pages. What both are made of stands beside them: [`draft`] (unsaved work and its guard),
//! [`conflict`] (two versions of one thing), [`filter`] (filters in the URL), [`chips`], [`markdown`], [`picker`] (choosing ATT&CK tags),
//! [`arguments`]. The plan of a mission's test is written with the same chips and arguments.

pub mod arguments;
pub mod chips;
mod conflict;
mod draft;
mod filter;
mod markdown;
mod outdated;
mod picker;
mod queries;
mod scenarios;
mod tests;
pub mod words;

pub use outdated::{OutdatedLink, OutdatedPage};
pub use picker::AttackPicker;
pub use scenarios::{NewScenarioPage, ScenarioPage, ScenariosPage};
pub use tests::{NewTestPage, TestPage, TestsPage};
