//! What a synthesis is made of: a mission's tests and headings as plain values.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::counters::Counted;
use crate::template::TagKind;
use crate::test::{DetectionKind, DetectionResult, Fact, FindingStatus, Grade, Outcome, TestState};

/// A tactic as a frozen tag remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tactic {
    /// Its place in the matrix on the day of the copy, from 0.
    pub position: Option<i32>,
    /// `TA0002`.
    pub external_id: String,
    /// `execution`.
    pub short_name: Option<String>,
    /// Its name on the day of the copy.
    pub name: Option<String>,
}

/// A frozen ATT&CK tag of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Tactic, technique or subtechnique.
    pub kind: TagKind,
    /// `T1059.001`.
    pub external_id: String,
    /// Its name on the day of the copy.
    pub name: String,
    /// Its page at MITRE.
    pub url: Option<String>,
    /// The tactics that it stood in.
    pub tactics: Vec<Tactic>,
}

/// What one defence tool did, or missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Log line, alert or prevention.
    pub kind: DetectionKind,
    /// Whether it did.
    pub result: DetectionResult,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// How good a detection was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    /// Higher is better for the defenders.
    pub rank: i32,
    /// Its code, `telemetry`.
    pub code: String,
}

/// The work on a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// Where it stands; none: the test has no finding.
    pub status: Option<FindingStatus>,
    /// Whose it is.
    pub owner_id: Option<Uuid>,
    /// Their name.
    pub owner_name: Option<String>,
    /// Until when.
    pub due: Option<NaiveDate>,
    /// Its ticket elsewhere.
    pub reference: Option<String>,
}

/// One test of a mission, as far as a synthesis or a comparison needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The scenario that it stands in.
    pub scenario: String,
    /// The scenario's place in the mission and the test's in the scenario.
    pub place: (i32, i32),
    /// The template that it was copied from.
    pub template_id: Option<Uuid>,
    /// The first test of the chain of retests that it belongs to; itself where it repeats none.
    pub root_id: Uuid,
    /// Where it stands.
    pub state: TestState,
    /// Was it logged?
    pub logged: Fact,
    /// Did anything alert?
    pub alerted: Fact,
    /// Was it prevented?
    pub prevented: Fact,
    /// How good the detection was.
    pub level: Option<Level>,
    /// The heading that it stands under.
    pub category_id: Option<Uuid>,
    /// When red began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was detected, as blue says.
    pub detected_at: Option<DateTime<Utc>>,
    /// When the alert came, as blue says.
    pub alerted_at: Option<DateTime<Utc>>,
    /// When somebody responded.
    pub responded_at: Option<DateTime<Utc>>,
    /// What each tool did.
    pub sightings: Vec<Sighting>,
    /// Its ATT&CK tags.
    pub tags: Vec<Tag>,
    /// How grave a gap is.
    pub severity: Grade,
    /// How urgent it is to close.
    pub priority: Grade,
    /// What to do better, Markdown.
    pub recommendation: Option<String>,
    /// The work on its gap.
    pub finding: Finding,
}

impl Test {
    /// A planned test of which nobody has said anything, for tests and as a start.
    pub fn planned(id: Uuid, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            scenario: String::new(),
            place: (0, 0),
            template_id: None,
            root_id: id,
            state: TestState::Planned,
            logged: Fact::Unknown,
            alerted: Fact::Unknown,
            prevented: Fact::Unknown,
            level: None,
            category_id: None,
            started_at: None,
            detected_at: None,
            alerted_at: None,
            responded_at: None,
            sightings: Vec::new(),
            tags: Vec::new(),
            severity: Grade::None,
            priority: Grade::None,
            recommendation: None,
            finding: Finding::default(),
        }
    }

    /// The display outcome.
    pub const fn outcome(&self) -> Outcome {
        Outcome::derive(self.state, self.logged, self.alerted, self.prevented)
    }

    /// Has blue judged it? Its facts count from then on.
    pub const fn is_assessed(&self) -> bool {
        matches!(self.state, TestState::Assessed)
    }

    /// Judged, and logged in part at least.
    pub const fn is_logged(&self) -> bool {
        self.is_assessed() && self.logged.holds()
    }

    /// Judged, and alerted in part at least: the defenders knew of it.
    pub const fn is_detected(&self) -> bool {
        self.is_assessed() && self.alerted.holds()
    }

    /// Judged, and prevented in part at least.
    pub const fn is_prevented(&self) -> bool {
        self.is_assessed() && self.prevented.holds()
    }

    /// Detected or prevented. A log line that nobody was told of covers nothing.
    pub const fn is_covered(&self) -> bool {
        self.is_detected() || self.is_prevented()
    }

    /// Judged, and a fact holds: something saw or stopped it.
    pub const fn is_seen(&self) -> bool {
        self.is_logged() || self.is_covered()
    }

    /// Is there something left to do? An open finding, or a test that was missed and of which nobody has said that it
    /// is accepted or fixed.
    pub fn is_open_gap(&self) -> bool {
        match self.finding.status {
            Some(status) => status.is_open(),
            None => self.outcome() == Outcome::Missed,
        }
    }

    /// What it adds to the mission's counters.
    pub fn counted(&self) -> Counted {
        Counted { state: self.state, outcome: self.outcome(), level: self.level.as_ref().map(|l| l.code.clone()) }
    }

    /// Its techniques and subtechniques.
    pub fn techniques(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(|tag| tag.kind != TagKind::Tactic)
    }
}

/// A heading of the mission's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Place among the headings.
    pub position: i32,
    /// What is to be said of its tests, Markdown.
    pub summary: Option<String>,
}
