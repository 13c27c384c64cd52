//! Administration: users, groups with their permissions, invitations.
//!
//! [`frame`] holds what the three pages share, [`queries`] what they ask the API.

mod frame;
mod groups;
mod invitations;
mod queries;
mod users;

pub use frame::Stale;
pub use groups::GroupsPage;
pub use invitations::InvitationsPage;
pub use users::UsersPage;
