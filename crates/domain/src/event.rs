//! What can happen in a mission: the kinds of its numbered log, for the activity page and the live stream.

words! {
    /// What happened. A kind's first word is the object that changed.
    pub enum EventKind {
        /// The mission was made.
        MissionCreated = "mission.created",
        /// Its own fields changed: `{fields, changes: [{field, from, to}]}`, the changes of short ones only.
        MissionUpdated = "mission.updated",
        /// Its status changed: `{from, to}`.
        MissionStatusChanged = "mission.status_changed",
        /// Its members changed.
        MissionMembersChanged = "mission.members_changed",
        /// Scenarios were copied into it: `{scenarios}`, their names.
        MissionScenariosAdded = "mission.scenarios_added",
        /// It was deleted.
        MissionDeleted = "mission.deleted",
        /// What can be seen of its tests changed: for those who do not see all of them.
        MissionTestsChanged = "mission.tests_changed",
        /// A test without a template was added: `{name}`.
        TestAdded = "test.added",
        /// A test's fields changed: `{fields, changes: [{field, from, to}], version}`, the changes of those that are told.
        TestUpdated = "test.updated",
        /// A test moved: `{from, to, version}`.
        TestStateChanged = "test.state_changed",
        /// A test became visible to blue.
        TestDisclosed = "test.disclosed",
        /// A test became invisible to blue.
        TestHidden = "test.hidden",
        /// The tests of a scenario have another order: `{scenario}`, its name.
        TestsReordered = "tests.reordered",
        /// A tool's detection was noted: `{tool, kind, result}`.
        DetectionAdded = "detection.added",
        /// A tool's detection changed: `{tool, kind, result}`.
        DetectionUpdated = "detection.updated",
        /// A tool's detection was taken back: `{tool, kind}`.
        DetectionDeleted = "detection.deleted",
        /// A file was added: `{file_name, side}`.
        EvidenceAdded = "evidence.added",
        /// A file was deleted: `{file_name, side}`.
        EvidenceDeleted = "evidence.deleted",
        /// Somebody commented: `{comment_id}`.
        CommentAdded = "comment.added",
        /// A comment changed: `{comment_id}`.
        CommentUpdated = "comment.updated",
        /// A comment was deleted: `{comment_id}`.
        CommentDeleted = "comment.deleted",
        /// A category was made: `{name}`.
        CategoryAdded = "category.added",
        /// A category changed: `{name}`.
        CategoryUpdated = "category.updated",
        /// A category was deleted: `{name}`.
        CategoryDeleted = "category.deleted",
    }
}
