//! A mission as its reports tell it: plain values, already cut to what the reader may see. Nothing here is computed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::synthesis::{Synthesis, Tag};
use tyrian_domain::template::{Executor, OpsecLevel};
use tyrian_domain::test::{DetectionKind, DetectionResult, Fact, FindingStatus, Grade, Outcome, Side, TestState};
use uuid::Uuid;

/// Everything that a report is made of.
#[derive(Debug, Clone)]
pub struct Report {
    /// When it was made.
    pub generated_at: DateTime<Utc>,
    /// The states that tests were selected by; empty: all tests.
    pub selection: Vec<TestState>,
    /// Who writes it: `report.company` of the settings.
    pub company: Option<String>,
    /// How it is to be handled: `report.classification` of the settings.
    pub classification: Option<String>,
    /// The mission.
    pub mission: Mission,
    /// Who took part, by name.
    pub participants: Vec<Participant>,
    /// Its scenarios in order.
    pub scenarios: Vec<Scenario>,
    /// Its tests, by scenario and place.
    pub tests: Vec<Test>,
    /// The scale of detection levels, the worst first.
    pub levels: Vec<Level>,
    /// What the tests above tell.
    pub synthesis: Synthesis,
    /// What people said of the mission as a whole, the oldest first.
    pub comments: Vec<Comment>,
}

/// A mission's own fields.
#[derive(Debug, Clone)]
pub struct Mission {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Whom it is for.
    pub client: String,
    /// Where it stands.
    pub status: MissionStatus,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// The ATT&CK version of its day.
    pub attack_version: Option<String>,
    /// What it is about, Markdown.
    pub description: Option<String>,
    /// What it is to find out, Markdown.
    pub objectives: Option<String>,
    /// What is in and what is out, Markdown.
    pub scope: Option<String>,
    /// Against whom, Markdown.
    pub threat_model: Option<String>,
    /// What management reads first, Markdown.
    pub executive_summary: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Somebody who took part.
#[derive(Debug, Clone)]
pub struct Participant {
    /// The name others see.
    pub name: String,
    /// Their side.
    pub role: RoleHint,
}

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// What it plays, Markdown.
    pub description: Option<String>,
    /// Whom it imitates.
    pub threat_actor: Option<String>,
}

/// A step of the scale of detection levels.
#[derive(Debug, Clone)]
pub struct Level {
    /// Its code, `telemetry`.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// What it means.
    pub description: Option<String>,
}

/// A test.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its id.
    pub id: Uuid,
    /// Its number in the report, from 1.
    pub number: usize,
    /// Its place in [`Report::scenarios`].
    pub scenario: usize,
    /// What was planned.
    pub plan: Plan,
    /// Where it stands.
    pub state: TestState,
    /// What is shown for its facts.
    pub outcome: Outcome,
    /// May blue see it?
    pub disclosed: bool,
    /// What red did.
    pub red: Red,
    /// What blue saw.
    pub blue: Blue,
    /// The heading that it stands under: an id of [`Synthesis::by_category`].
    pub category_id: Option<Uuid>,
    /// The files, the oldest first.
    pub evidence: Vec<Evidence>,
    /// What people said of it, the oldest first.
    pub comments: Vec<Comment>,
}

/// What was planned: nothing in it was written by the blue side.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What it is called.
    pub name: String,
    /// What it is to show.
    pub objective: Option<String>,
    /// How it is done, Markdown.
    pub procedure: Option<String>,
    /// What must be there before, Markdown.
    pub prerequisites: Option<String>,
    /// How to tidy up.
    pub cleanup: Option<String>,
    /// What the defenders should see.
    pub expected_detection: Option<String>,
    /// Detection ideas, as JSON: a list of `{format, title, level, body}`.
    pub detection_rules: Value,
    /// How loud or risky it is.
    pub opsec_level: Option<OpsecLevel>,
    /// Where it works.
    pub platforms: Vec<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// What runs the command.
    pub executor: Option<Executor>,
    /// The command, with `#{argument}` in it.
    pub command: Option<String>,
    /// The command's arguments, as JSON: name → `{description, type, default}`.
    pub arguments: Value,
    /// Does it need an administrator's rights?
    pub elevation_required: bool,
    /// Links to read on.
    pub references: Vec<String>,
    /// Its ATT&CK tags.
    pub mitre: Vec<Tag>,
}

/// What red did.
#[derive(Debug, Clone, Default)]
pub struct Red {
    /// Who executed it.
    pub operator: Option<String>,
    /// From where.
    pub source_host: Option<String>,
    /// Against what.
    pub target_host: Option<String>,
    /// When red began.
    pub started_at: Option<DateTime<Utc>>,
    /// When red ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The arguments' values of this run.
    pub argument_values: BTreeMap<String, Value>,
    /// What was really run.
    pub command_run: Option<String>,
    /// What it printed.
    pub output: Option<String>,
    /// Red's notes, Markdown.
    pub notes: Option<String>,
}

/// What blue saw, and what is to be done about it.
#[derive(Debug, Clone)]
pub struct Blue {
    /// Who assessed it.
    pub assessor: Option<String>,
    /// Was it logged?
    pub logged: Fact,
    /// Did anything alert?
    pub alerted: Fact,
    /// Was it prevented?
    pub prevented: Fact,
    /// How good the detection was: a code of [`Report::levels`].
    pub level: Option<String>,
    /// Came the detection late?
    pub is_delayed: bool,
    /// Did it need a change of the tools' configuration?
    pub needed_config_change: bool,
    /// When it was detected.
    pub detected_at: Option<DateTime<Utc>>,
    /// When the alert came.
    pub alerted_at: Option<DateTime<Utc>>,
    /// When somebody responded.
    pub responded_at: Option<DateTime<Utc>>,
    /// Blue's notes, Markdown.
    pub notes: Option<String>,
    /// What to do better, Markdown.
    pub recommendation: Option<String>,
    /// How grave the gap is.
    pub severity: Grade,
    /// How urgent it is to close.
    pub priority: Grade,
    /// Where the work on the finding stands; none: there is no finding.
    pub finding_status: Option<FindingStatus>,
    /// Whose finding it is.
    pub finding_owner: Option<String>,
    /// Until when.
    pub finding_due: Option<NaiveDate>,
    /// Its ticket elsewhere.
    pub finding_reference: Option<String>,
    /// What each tool did.
    pub detections: Vec<Detection>,
}

impl Default for Blue {
    fn default() -> Self {
        Self {
            assessor: None,
            logged: Fact::Unknown,
            alerted: Fact::Unknown,
            prevented: Fact::Unknown,
            level: None,
            is_delayed: false,
            needed_config_change: false,
            detected_at: None,
            alerted_at: None,
            responded_at: None,
            notes: None,
            recommendation: None,
            severity: Grade::None,
            priority: Grade::None,
            finding_status: None,
            finding_owner: None,
            finding_due: None,
            finding_reference: None,
            detections: Vec::new(),
        }
    }
}

/// What one defence tool did, or missed.
#[derive(Debug, Clone)]
pub struct Detection {
    /// The tool's name.
    pub tool: String,
    /// Log line, alert or prevention.
    pub kind: DetectionKind,
    /// Whether it did.
    pub result: DetectionResult,
    /// How grave the tool thought it.
    pub severity: Option<Grade>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Where to find it.
    pub reference: Option<String>,
    /// The rule that fired.
    pub rule: Option<String>,
    /// More of it, Markdown.
    pub notes: Option<String>,
}

/// A file that proves something.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Whose it is.
    pub side: Side,
    /// What it was called where it came from.
    pub file_name: String,
    /// What its first bytes say it is.
    pub content_type: String,
    /// Bytes.
    pub size_bytes: u64,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    /// What it shows.
    pub caption: Option<String>,
    /// A small picture of it, where it is an image.
    pub thumbnail: Option<Thumbnail>,
}

/// A small picture: a JPEG of this size.
#[derive(Debug, Clone)]
pub struct Thumbnail {
    /// The bytes of the JPEG.
    pub jpeg: std::sync::Arc<[u8]>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// What somebody said.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Who said it.
    pub author: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Markdown.
    pub body: String,
}

impl Report {
    /// The scenario of a test.
    pub fn scenario(&self, test: &Test) -> Option<&Scenario> {
        self.scenarios.get(test.scenario)
    }

    /// The name of a detection level.
    pub fn level_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.levels.iter().find(|l| l.code == code).map_or(code, |l| &l.name)
    }

    /// The name of the heading that a test stands under.
    pub fn category_name(&self, test: &Test) -> Option<&str> {
        let id = test.category_id?;
        self.synthesis.by_category.iter().find(|c| c.id == Some(id)).map(|c| c.name.as_str())
    }

    /// The tests under a heading, or under none. Every test is under exactly one.
    pub fn tests_under(&self, category: Option<Uuid>) -> impl Iterator<Item = &Test> {
        let known = move |id: Uuid| self.synthesis.by_category.iter().any(|c| c.id == Some(id));
        self.tests.iter().filter(move |t| t.category_id.filter(|id| known(*id)) == category)
    }
}

impl Test {
    /// The ids of its techniques and subtechniques.
    pub fn techniques(&self) -> impl Iterator<Item = &str> {
        use tyrian_domain::template::TagKind;
        self.plan.mitre.iter().filter(|t| t.kind != TagKind::Tactic).map(|t| t.external_id.as_str())
    }

    /// The tactics that its tags stood in, each once, in the order of the matrix.
    pub fn tactics(&self) -> Vec<&tyrian_domain::synthesis::Tactic> {
        let mut all: Vec<_> = self.plan.mitre.iter().flat_map(|t| &t.tactics).collect();
        all.sort_by_key(|t| (t.position.unwrap_or(i32::MAX), &t.external_id));
        all.dedup_by_key(|t| &t.external_id);
        all
    }

    /// The planned command with the values of this run, or their defaults, in it.
    pub fn filled_command(&self) -> Option<String> {
        use tyrian_domain::command;
        let declared = self.plan.arguments.as_object().into_iter().flatten();
        let values = command::values(declared.map(|(name, argument)| (name, argument.get("default"))), &self.red.argument_values);
        self.plan.command.as_ref().map(|planned| command::fill(planned, &values))
    }

    /// Seconds from red's start to the detection: blue's time, else the earliest tool that saw or stopped it.
    pub fn seconds_to_detect(&self) -> Option<i64> {
        let rows = self.blue.detections.iter().filter(|d| d.result.holds()).filter_map(|d| d.at).min();
        let seconds = tyrian_domain::synthesis::seconds_between(self.red.started_at?, self.blue.detected_at.or(rows)?);
        (seconds >= 0).then_some(seconds)
    }
}
