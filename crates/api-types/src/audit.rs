//! The audit log: who did what to what, when, from where; and whether its chain is whole.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

crate::wire! {
    /// One entry.
    pub struct AuditEvent {
        /// Entry id.
        pub id: Uuid,
        /// Its chain: `system`, or a mission's id.
        pub stream: String,
        /// Its place in the chain, from 1, without a gap.
        pub sequence: i64,
        /// When.
        pub at: DateTime<Utc>,
        /// Who; null: nobody signed in, or the command line.
        pub actor_id: Option<Uuid>,
        /// The name of who; null where there is nobody, or the account is gone.
        pub actor_name: Option<String>,
        /// What was done: `mission.create`; `denied` is an attempt at what one may not.
        pub action: String,
        /// To what kind of object.
        pub object_kind: String,
        /// To which.
        pub object_id: Option<String>,
        /// The address it came from.
        pub ip: Option<String>,
        /// The request's `X-Request-Id`.
        pub request_id: Option<String>,
        /// More of it; never a secret.
        pub detail: Value,
        /// HMAC-SHA-256 over the entry and the hash before it, in hex.
        pub hash: String,
    }

    /// What a check of all chains found.
    pub struct AuditVerification {
        /// Is every chain whole?
        pub ok: bool,
        /// How many chains there are.
        pub streams: u64,
        /// How many entries were checked.
        pub events: u64,
        /// Where a chain is broken, the first fault of each, 100 at most.
        pub faults: Vec<AuditFault>,
    }

    /// Where a chain is broken.
    pub struct AuditFault {
        /// The chain.
        pub stream: String,
        /// The place of the first entry that is not as it was written.
        pub sequence: i64,
        /// `changed`: the entry, or the one before it; `missing`: it is not there; `unknown_end`: the chain's end is not the one
        /// that was noted when it was written.
        pub fault: String,
    }
}
