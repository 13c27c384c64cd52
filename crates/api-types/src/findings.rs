//! Findings: the gaps that somebody works on, over all missions that the caller sees.

use chrono::NaiveDate;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::test::{FindingStatus, Grade, Outcome};
use uuid::Uuid;

use crate::test_templates::MitreTag;
use crate::users::Author;

crate::wire! {
    /// A gap and the work on it. It is edited on its test.
    pub struct Finding {
        /// The test that found it.
        pub mission_test_id: Uuid,
        /// The test's name.
        pub test_name: String,
        /// The mission.
        pub mission_id: Uuid,
        /// The mission's name.
        pub mission_name: String,
        /// Whom the mission is for.
        pub client: String,
        /// Where the mission stands.
        pub mission_status: MissionStatus,
        /// What is shown for the test's facts.
        pub outcome: Outcome,
        /// Where the work stands.
        pub status: FindingStatus,
        /// How grave the gap is.
        pub severity: Grade,
        /// How urgent it is to close.
        pub priority: Grade,
        /// Whose it is.
        pub owner: Option<Author>,
        /// Until when.
        pub due: Option<NaiveDate>,
        /// Its ticket elsewhere.
        pub reference: Option<String>,
        /// What to do better, Markdown.
        pub recommendation: Option<String>,
        /// ATT&CK tags of the test.
        pub mitre_tags: Vec<MitreTag>,
        /// The test's version, for If-Match.
        pub version: i64,
    }
}
