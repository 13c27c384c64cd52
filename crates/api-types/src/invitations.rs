//! Invitations: a link, shown once, by which a person makes their own account.

use chrono::{DateTime, Utc};
use tyrian_domain::text;
use uuid::Uuid;

use crate::groups::GroupRef;
use crate::users::Author;
use crate::{Faults, Validate};

tyrian_domain::words! {
    /// What became of an invitation.
    pub enum InvitationStatus {
        /// Open.
        Pending = "pending",
        /// Used.
        Accepted = "accepted",
        /// Taken back.
        Revoked = "revoked",
        /// Too old.
        Expired = "expired",
    }
}

crate::wire! {
    /// An invitation as an administrator sees it; the token is never in it.
    pub struct Invitation {
        /// Invitation id.
        pub id: Uuid,
        /// Who is invited.
        pub email: String,
        /// The groups that they will join.
        pub groups: Vec<GroupRef>,
        /// What became of it.
        pub status: InvitationStatus,
        /// Who invited.
        pub invited_by: Option<Author>,
        /// Until when it can be accepted.
        pub expires_at: DateTime<Utc>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
    }

    /// Invites a person.
    #[serde(deny_unknown_fields)]
    pub struct InvitationCreate {
        /// Who is invited.
        pub email: String,
        /// The groups that they will join; the caller must hold all that these give.
        #[serde(default)]
        pub group_ids: Vec<Uuid>,
    }

    /// A new invitation with its token, shown this once.
    pub struct InvitationCreated {
        /// Was the link sent by mail too?
        pub mailed: bool,
        /// The invitation.
        pub invitation: Invitation,
        /// The token; only its hash is kept.
        pub token: String,
        /// The link to send.
        pub url: String,
    }

    /// What the invited person sees before accepting.
    pub struct InvitationPreview {
        /// The address that will sign in.
        pub email: String,
        /// Who invited.
        pub invited_by: Option<String>,
        /// The names of the groups they will join.
        pub groups: Vec<String>,
        /// Until when it can be accepted.
        pub expires_at: DateTime<Utc>,
    }

    /// Accepts an invitation.
    #[serde(deny_unknown_fields)]
    pub struct InvitationAccept {
        /// The name others see.
        pub display_name: String,
        /// At least 12 characters, not easy to guess.
        pub password: String,
    }
}

impl Validate for InvitationCreate {
    fn validate(&self, f: &mut Faults) {
        f.email("/email", &self.email);
        if self.group_ids.len() > 100 {
            f.add("/group_ids", "too_many", "At most 100.");
        }
    }
}

impl Validate for InvitationAccept {
    fn validate(&self, f: &mut Faults) {
        f.line("/display_name", &self.display_name, text::NAME);
        f.password("/password", &self.password);
    }
}
