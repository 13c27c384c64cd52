//! The log of a mission, the same on its activity page and on the live stream, and who is looking at what.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tyrian_domain::event::EventKind;
use uuid::Uuid;

use crate::users::Author;
use crate::{Faults, Validate};

crate::wire! {
    /// Something that happened in a mission.
    pub struct MissionEvent {
        /// Its number in the mission, rising without gaps; those about hidden tests are left out for who does not see them.
        pub sequence: i64,
        /// When.
        pub at: DateTime<Utc>,
        /// Who did it.
        pub actor: Option<Author>,
        /// What.
        pub kind: EventKind,
        /// Where.
        pub mission_id: Uuid,
        /// To which test, if to one.
        pub mission_test_id: Option<Uuid>,
        /// The test's name now.
        pub test_name: Option<String>,
        /// More of it, by kind.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub payload: Value,
    }

    /// What somebody has open, sent every few seconds while they have it.
    #[serde(deny_unknown_fields)]
    pub struct PresenceReport {
        /// The test; null: the mission.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mission_test_id: Option<Uuid>,
        /// They have left.
        #[serde(default)]
        pub gone: bool,
    }

    /// Somebody who has the mission open.
    pub struct Presence {
        /// Who.
        pub user: Author,
        /// Which test they have open, if the caller sees it.
        pub mission_test_id: Option<Uuid>,
        /// When they last said so.
        pub at: DateTime<Utc>,
    }
}

impl Validate for PresenceReport {
    fn validate(&self, _: &mut Faults) {}
}
