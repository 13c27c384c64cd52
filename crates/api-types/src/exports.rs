//! Exports: the lossless JSON of a mission, files that jobs make, and tickets by which a browser downloads.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tyrian_domain::template::TagKind;
use tyrian_domain::test::TestState;
use uuid::Uuid;

use crate::categories::Category;
use crate::comments::Comment;
use crate::detections::Detection;
use crate::evidence::Evidence;
use crate::missions::{Mission, MissionTest};
use crate::{Faults, Validate};

/// What a mission's JSON calls itself.
pub const MISSION_FORMAT: &str = "tyrian-mission";
/// The version of that format that this build writes and reads.
pub const MISSION_FORMAT_VERSION: u32 = 1;

crate::wire! {
    /// A mission without loss: what another instance, or this one after a disaster, needs to have the same again. The
    /// files of the evidence are in the bundle; its hashes are here. The log of what happened and the audit are not in it.
    pub struct MissionExport {
        /// Always `tyrian-mission`.
        pub format: String,
        /// The format's version: 1.
        pub format_version: u32,
        /// When it was exported.
        pub exported_at: DateTime<Utc>,
        /// The states that tests were selected by; empty: every test that the caller sees.
        #[serde(default)]
        pub selection: Vec<TestState>,
        /// The mission; its counts are those of all tests.
        pub mission: Mission,
        /// Everybody whose id stands somewhere in it.
        pub people: Vec<ExportedPerson>,
        /// Every detection level that a test names.
        pub detection_levels: Vec<ExportedLevel>,
        /// Every tool that a detection names.
        pub defence_tools: Vec<ExportedTool>,
        /// Every test with everything that was copied and recorded.
        pub tests: Vec<ExportedTest>,
        /// What each defence tool did, of all tests.
        pub detections: Vec<Detection>,
        /// The headings of the report, in order.
        pub categories: Vec<Category>,
        /// The files of all tests; their content is not in here.
        pub evidence: Vec<Evidence>,
        /// What people said, the oldest first.
        pub comments: Vec<Comment>,
    }

    /// Somebody, to be found again by their address.
    pub struct ExportedPerson {
        /// Their id here.
        pub id: Uuid,
        /// Their address; null where the caller may not know it.
        pub email: Option<String>,
        /// The name others see.
        pub display_name: String,
    }

    /// A detection level, to be found again by its code.
    pub struct ExportedLevel {
        /// Its id here.
        pub id: Uuid,
        /// Its code.
        pub code: String,
        /// What it is called.
        pub name: String,
        /// What it means.
        pub description: Option<String>,
        /// `#rrggbb`.
        pub color: String,
        /// A higher rank is better for the defenders.
        pub rank: i32,
    }

    /// A defence tool, to be found again by its name.
    pub struct ExportedTool {
        /// Its id here.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// Who makes it.
        pub vendor: Option<String>,
        /// What it is: EDR, SIEM, …
        pub kind: String,
    }

    /// A test with everything.
    pub struct ExportedTest {
        /// As it is read alone.
        #[serde(flatten)]
        pub test: MissionTest,
        /// The test that it repeats.
        pub retest_of_test_id: Option<Uuid>,
        /// Where its template was imported from.
        pub source_kind: Option<String>,
        /// Its template's key there.
        pub source_id: Option<String>,
        /// Its ATT&CK tags with the tactics that they stood in on the day of the copy.
        pub frozen_tags: Vec<FrozenTag>,
    }

    /// An ATT&CK tag as it was on the day of the copy.
    pub struct FrozenTag {
        /// Tactic, technique or subtechnique.
        pub kind: TagKind,
        /// Its ATT&CK id.
        pub external_id: String,
        /// Its name of that day.
        pub name: String,
        /// Its page at MITRE.
        pub url: Option<String>,
        /// The tactics: `external_id`, `short_name`, `name`, `position`.
        pub tactics: Value,
        /// The ATT&CK version of that day.
        pub attack_version: Option<String>,
        /// Its place among the test's tags.
        pub ordinal: i32,
    }

    /// What an export job made: fetch it at `path`, in a browser by a ticket for it.
    pub struct ExportFile {
        /// `/exports/{job}`.
        pub path: String,
        /// What it is to be called.
        pub file_name: String,
        /// What it is.
        pub content_type: String,
        /// Bytes.
        pub size_bytes: u64,
    }

    /// Asks for an address that a browser can open once without a token.
    #[serde(deny_unknown_fields)]
    pub struct DownloadTicketCreate {
        /// What to download: `/evidence/{id}/content`, `/missions/{id}/export/{format}?…` or `/exports/{job}`; a report that is
        /// shown instead: `/exports/{job}?inline=true`.
        pub path: String,
    }

    /// An address that works once, for whoever asked for it.
    pub struct DownloadTicket {
        /// Below the server's address.
        pub url: String,
        /// Seconds for which it works.
        pub expires_in: u64,
    }
}

impl Validate for DownloadTicketCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/path", &self.path, 2000);
    }
}
