//! Missions: the list, the wizard, one mission with its tabs.

mod board;
mod filters;
mod list;
mod new;
mod one;
mod pick;
mod queries;
mod roster;
mod row;
mod steps;
mod url;

pub use filters::ClientSearch;
pub use list::MissionsPage;
pub use new::NewMissionPage;
pub use one::{ComparePage, Doomed, DriftPage, MissionPage, PurgeEvidence};
pub use queries::{use_defence_tools, use_detection_levels};
pub use row::*;
pub use url::{Url, after_pause, use_url};
