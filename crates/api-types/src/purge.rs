//! Removing for good.

use uuid::Uuid;

use crate::{Faults, Validate};

crate::wire! {
    /// Says that one means it.
    #[serde(deny_unknown_fields)]
    pub struct PurgeConfirm {
        /// The name of what is to go, exactly as it is written.
        pub confirm: String,
    }

    /// What is left of it; the audit log has the same.
    pub struct Tombstone {
        /// Its id.
        pub id: Uuid,
        /// SHA-256 of the file, or of a mission's rows as they were.
        pub sha256: String,
        /// Tests that went.
        pub tests: u64,
        /// Files that went.
        pub files: u64,
    }
}

impl Validate for PurgeConfirm {
    fn validate(&self, _: &mut Faults) {}
}
