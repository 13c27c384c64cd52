//! What a user is told about, each kind of which they can mute.

words! {
    /// Why somebody is told.
    pub enum NotificationKind {
        /// They were added to a mission.
        AddedToMission = "added_to_mission",
        /// A comment mentions them.
        Mentioned = "mentioned",
        /// They are a test's operator or assessor now.
        Assigned = "assigned",
        /// A test was executed and waits for their assessment.
        Executed = "executed",
        /// A mission of theirs has another status.
        StatusChanged = "status_changed",
    }
}
