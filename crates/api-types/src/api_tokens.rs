//! Tokens by which scripts sign in: each may do what its scopes say, and never more than its owner.

use chrono::{DateTime, Utc};
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use uuid::Uuid;

use crate::{Faults, Validate};

/// Days that a token lives at most.
pub const LONGEST_DAYS: u32 = 365;

crate::wire! {
    /// One's own token, without the token itself.
    pub struct ApiToken {
        /// Its id.
        pub id: Uuid,
        /// What it is for.
        pub name: String,
        /// What it may do, as far as its owner may.
        pub scopes: Vec<Permission>,
        /// When it ends by itself; null: never.
        pub expires_at: Option<DateTime<Utc>>,
        /// When it was last used, to the minute; null: never.
        pub last_used_at: Option<DateTime<Utc>>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
    }

    /// Makes a token.
    #[serde(deny_unknown_fields)]
    pub struct ApiTokenCreate {
        /// What it is for, `nightly export`.
        pub name: String,
        /// What it may do: permission codes that one holds.
        pub scopes: Vec<Permission>,
        /// Days until it ends, 1 to 365; null: never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_in_days: Option<u32>,
    }

    /// A token that was just made.
    pub struct ApiTokenCreated {
        /// What was made.
        pub api_token: ApiToken,
        /// The token, this once: send it as `Authorization: Bearer …`.
        pub token: String,
    }
}

impl Validate for ApiTokenCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        if self.expires_in_days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
            f.add("/expires_in_days", "range", format!("From 1 to {LONGEST_DAYS} days."));
        }
    }
}
