//! Rows of invitations as they travel.

use chrono::{DateTime, Utc};
use tyrian_api_types::groups::GroupRef;
use tyrian_api_types::invitations::{Invitation, InvitationStatus};
use tyrian_api_types::users::Author;
use tyrian_entity::invitation;

/// What became of an invitation.
pub fn status(row: &invitation::Model, now: DateTime<Utc>) -> InvitationStatus {
    if row.accepted_at.is_some() {
        InvitationStatus::Accepted
    } else if row.revoked_at.is_some() {
        InvitationStatus::Revoked
    } else if row.expires_at <= now {
        InvitationStatus::Expired
    } else {
        InvitationStatus::Pending
    }
}

/// An invitation with its groups and who invited.
pub fn invitation(row: invitation::Model, groups: Vec<GroupRef>, invited_by: Option<Author>) -> Invitation {
    let status = status(&row, crate::now());
    Invitation { id: row.id, email: row.email, groups, status, invited_by, expires_at: row.expires_at, created_at: row.created_at }
}
