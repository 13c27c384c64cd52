//! Files that other tools write: bytes in, tests, scenarios, missions or results out, with a reason for each item that
//! cannot be taken and its line where the format has lines.
//!
//! Nothing here looks into a catalogue or a library: ATT&CK ids are taken as they are written. What a file may hold is
//! bounded ([`limits`]).

pub mod archive;
pub mod atomic;
pub mod attire;
pub mod emulation;
pub mod ghostwriter;
pub mod library;
pub mod limits;
pub mod navigator;
pub mod purpleops;
pub mod sigma;
mod table;
mod text;
pub mod vectr;
pub mod yaml;

use chrono::{DateTime, Utc};
use tyrian_api_types::Validate;
use tyrian_api_types::imports::ImportNote;
use tyrian_api_types::test_templates::TestTemplateCreate;
use tyrian_domain::test::{Fact, Grade, TestState};

pub use text::{is_attack_id, is_technique_id};

/// What a file is, by how its name is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What the file is called.
    pub file_name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Which item of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Its name or key in the file.
    pub item: String,
    /// Its line, from 1.
    pub line: Option<u64>,
}

impl Origin {
    /// An item of a format with lines.
    pub fn at(item: impl Into<String>, line: u64) -> Self {
        Self { item: item.into(), line: Some(line) }
    }

    /// An item of a format without lines, or a whole file.
    pub fn of(item: impl Into<String>) -> Self {
        Self { item: item.into(), line: None }
    }

    /// Something to be said about it.
    pub fn note(&self, code: &str, detail: impl Into<String>) -> ImportNote {
        ImportNote { item: self.item.clone(), line: self.line, code: code.to_owned(), detail: detail.into() }
    }
}

/// A test of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct TestItem {
    /// Where it stands.
    pub origin: Origin,
    /// Its key in the format, unique in the file.
    pub source_id: String,
    /// What it says; its ATT&CK tags are in `attack_ids`.
    pub content: TestTemplateCreate,
    /// ATT&CK ids as the file writes them, upper case, each once.
    pub attack_ids: Vec<String>,
    /// The file has no name for it: the catalogue's is added to it.
    pub named_by_catalogue: bool,
}

/// A scenario of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioItem {
    /// Where it stands.
    pub origin: Origin,
    /// Its key in the format, unique in the file.
    pub source_id: String,
    /// What it is called.
    pub name: String,
    /// What it plays, Markdown.
    pub description: Option<String>,
    /// Whom it imitates.
    pub threat_actor: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Its tests in order, by their `source_id`.
    pub tests: Vec<String>,
}

/// A mission that was run elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct MissionItem {
    /// Where it stands.
    pub origin: Origin,
    /// Its key in the format, unique in the file.
    pub source_id: String,
    /// What it is called.
    pub name: String,
    /// For whom it was.
    pub client: String,
    /// What it was about.
    pub description: Option<String>,
    /// Its scenarios: name and tests in order.
    pub scenarios: Vec<(String, Vec<RunItem>)>,
}

/// A test of such a mission.
#[derive(Debug, Clone, PartialEq)]
pub struct RunItem {
    /// Where it stands.
    pub origin: Origin,
    /// What was planned.
    pub content: TestTemplateCreate,
    /// Its ATT&CK id, and what the file calls it.
    pub attack: Vec<(String, Option<String>)>,
    /// What red did and what blue saw.
    pub run: Run,
}

/// What red did and what blue saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Where it stands.
    pub state: TestState,
    /// May blue see it?
    pub disclosed: bool,
    /// From where.
    pub source_host: Option<String>,
    /// On what.
    pub target_host: Option<String>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What red notes.
    pub red_notes: Option<String>,
    /// Was it logged?
    pub logged: Fact,
    /// Did something alert?
    pub alerted: Fact,
    /// Was it stopped?
    pub prevented: Fact,
    /// When it was seen.
    pub detected_at: Option<DateTime<Utc>>,
    /// When something alerted.
    pub alerted_at: Option<DateTime<Utc>>,
    /// When somebody responded.
    pub responded_at: Option<DateTime<Utc>>,
    /// What blue notes.
    pub blue_notes: Option<String>,
    /// What should be done.
    pub recommendation: Option<String>,
    /// How grave.
    pub severity: Option<Grade>,
    /// How urgent.
    pub priority: Option<Grade>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            state: TestState::Planned,
            disclosed: true,
            source_host: None,
            target_host: None,
            started_at: None,
            ended_at: None,
            red_notes: None,
            logged: Fact::Unknown,
            alerted: Fact::Unknown,
            prevented: Fact::Unknown,
            detected_at: None,
            alerted_at: None,
            responded_at: None,
            blue_notes: None,
            recommendation: None,
            severity: None,
            priority: None,
        }
    }
}

/// What a tool's log says of a test that a mission has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResultItem {
    /// Where it stands.
    pub origin: Origin,
    /// Which entry of which log: the same one is never taken twice.
    pub external_key: String,
    /// The key of the test in the library that it came from.
    pub guid: Option<String>,
    /// ATT&CK ids that the entry names.
    pub attack_ids: Vec<String>,
    /// What the entry calls the test, or says of it.
    pub name: Option<String>,
    /// What was run.
    pub command_run: Option<String>,
    /// What came out.
    pub output: Option<String>,
    /// From where.
    pub source_host: Option<String>,
    /// On what.
    pub target_host: Option<String>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What else is said.
    pub notes: Option<String>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// Tests of the library, in the file's order.
    pub tests: Vec<TestItem>,
    /// Scenarios of the library.
    pub scenarios: Vec<ScenarioItem>,
    /// Missions.
    pub missions: Vec<MissionItem>,
    /// Results for tests that a mission has.
    pub results: Vec<ResultItem>,
    /// What cannot be taken.
    pub errors: Vec<ImportNote>,
    /// What is taken otherwise than it is written, or should be looked at.
    pub warnings: Vec<ImportNote>,
    /// The file as a whole cannot be read: there is nothing that could be taken.
    pub unreadable: bool,
}

impl Parsed {
    /// A file that cannot be read at all.
    pub fn unreadable(file_name: &str, line: Option<u64>, code: &str, detail: impl Into<String>) -> Self {
        let origin = Origin { item: file_name.to_owned(), line };
        Self { errors: vec![origin.note(code, detail)], unreadable: true, ..Self::default() }
    }

    /// An item cannot be taken.
    pub fn error(&mut self, origin: &Origin, code: &str, detail: impl Into<String>) {
        self.errors.push(origin.note(code, detail));
    }

    /// An item is taken otherwise than it is written.
    pub fn warn(&mut self, origin: &Origin, code: &str, detail: impl Into<String>) {
        self.warnings.push(origin.note(code, detail));
    }

    /// Takes the test if each of its fields can be stored; says why not otherwise.
    fn take_test(&mut self, test: TestItem) -> bool {
        match test.content.check() {
            Ok(()) => {
                self.tests.push(test);
                true
            }
            Err(faults) => {
                for fault in faults {
                    self.error(&test.origin, &fault.code, format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.detail));
                }
                false
            }
        }
    }

    /// Checks the fields of a run and of its test; false where one cannot be stored.
    fn check_run(&mut self, origin: &Origin, content: &TestTemplateCreate, run: &Run) -> bool {
        let mut faults = tyrian_api_types::Faults::default();
        content.validate(&mut faults);
        faults.optional_line("/source_host", run.source_host.as_deref(), tyrian_domain::text::LINE);
        faults.optional_line("/target_host", run.target_host.as_deref(), tyrian_domain::text::LINE);
        for (pointer, value) in [("/red_notes", &run.red_notes), ("/blue_notes", &run.blue_notes), ("/recommendation", &run.recommendation)]
        {
            faults.text(pointer, value.as_deref());
        }
        for fault in &faults.0 {
            self.error(origin, &fault.code, format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.detail));
        }
        faults.0.is_empty()
    }
}

/// A test without anything but a name.
fn blank(name: String) -> TestTemplateCreate {
    TestTemplateCreate {
        name,
        objective: None,
        procedure: None,
        prerequisites: None,
        cleanup: None,
        expected_detection: None,
        detection_rules: Vec::new(),
        opsec_level: None,
        platforms: Vec::new(),
        tags: Vec::new(),
        executor: None,
        command: None,
        arguments: std::collections::BTreeMap::new(),
        elevation_required: false,
        references: Vec::new(),
        mitre_tags: Vec::new(),
    }
}
