//! Administration: users, groups with their permissions, invitations, what blue judges with, the
//! audit log.
//!
//! [`frame`] holds what the pages share, [`queries`] what they ask the API.

mod audit;
mod detection;
mod frame;
mod groups;
mod invitations;
pub mod queries;
mod users;

pub use audit::AuditPage;
pub use detection::DetectionPage;
pub use frame::{Stale, held};
pub use groups::GroupsPage;
pub use invitations::InvitationsPage;
pub use users::UsersPage;
