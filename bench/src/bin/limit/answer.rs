//! What is answered: the fields of Tyrian's answers, by the same names.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::store::Cells;

/// JSON as the database holds it.
pub fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_default()
}

#[derive(Serialize)]
pub struct Person {
    pub id: Uuid,
    pub display_name: String,
}

#[derive(Serialize)]
pub struct Member {
    #[serde(skip)]
    pub mission: Uuid,
    pub user_id: Uuid,
    pub email: String,
    pub display_name: String,
    pub role_hint: String,
}

impl Member {
    pub fn of(row: &dyn Cells) -> Self {
        Self { mission: row.id(0), user_id: row.id(1), email: row.text(2), display_name: row.text(3), role_hint: row.text(4) }
    }
}

#[derive(Serialize)]
pub struct Head {
    pub id: Uuid,
    pub name: String,
    pub client: String,
    pub status: String,
    pub attack_version: Option<String>,
    pub counts: Box<RawValue>,
    pub created_by: Option<Person>,
    pub version: i64,
    #[serde(skip)]
    pub content_version: i64,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub role: Option<String>,
    #[serde(skip)]
    pub description: Option<String>,
    pub members: Vec<Member>,
}

impl Head {
    pub fn of(row: &dyn Cells) -> Self {
        Self {
            id: row.id(0),
            name: row.text(1),
            client: row.text(2),
            status: row.text(3),
            attack_version: row.text_or(4),
            counts: raw(row.text(5)),
            created_by: row.id_or(6).zip(row.text_or(7)).map(|(id, display_name)| Person { id, display_name }),
            version: row.int(8),
            content_version: row.int(9),
            created_at: row.time_or(10),
            updated_at: row.time_or(11),
            role: row.text_or(12),
            description: row.text_or(13),
            members: Vec::new(),
        }
    }

    /// Are hidden tests hidden from this caller?
    pub fn is_blind(&self) -> bool {
        matches!(self.role.as_deref(), Some("blue" | "observer"))
    }

    pub fn etag(&self) -> String {
        format!("\"{}.{}.{}\"", self.version, self.content_version, self.is_blind())
    }
}

#[derive(Serialize)]
pub struct List {
    pub items: Vec<Head>,
    pub total: i64,
}

#[derive(Serialize)]
pub struct Detail {
    #[serde(flatten)]
    pub head: Head,
    pub description: Option<String>,
    pub scenarios: Vec<Scenario>,
}

#[derive(Serialize)]
pub struct Scenario {
    pub id: Uuid,
    pub source_scenario_template_id: Option<Uuid>,
    pub name: String,
    pub description: Option<String>,
    pub threat_actor: Option<String>,
    pub position: usize,
    pub tests: Vec<TestRow>,
}

impl Scenario {
    pub fn of(row: &dyn Cells) -> Self {
        Self {
            id: row.id(0),
            source_scenario_template_id: row.id_or(1),
            name: row.text(2),
            description: row.text_or(3),
            threat_actor: row.text_or(4),
            position: 0,
            tests: Vec::with_capacity(20),
        }
    }
}

/// What is shown for a test's facts.
pub fn outcome(state: &str, logged: &str, alerted: &str, prevented: &str) -> &'static str {
    let holds = |fact: &str| matches!(fact, "yes" | "partial");
    match () {
        () if state != "assessed" => "not_assessed",
        () if holds(prevented) => "prevented",
        () if holds(alerted) => "alerted",
        () if holds(logged) => "logged",
        () => "missed",
    }
}

fn fact(value: Option<String>) -> String {
    value.unwrap_or_else(|| "unknown".to_owned())
}

#[derive(Serialize)]
pub struct TestRow {
    pub id: Uuid,
    pub mission_scenario_id: Uuid,
    pub source_test_template_id: Option<Uuid>,
    pub name: String,
    pub position: usize,
    pub state: String,
    pub outcome: &'static str,
    pub disclosed: bool,
    pub opsec_level: String,
    pub executor: String,
    pub logged: String,
    pub alerted: String,
    pub prevented: String,
    pub detection_level_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
    pub operator_id: Option<Uuid>,
    pub assessor_id: Option<Uuid>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub detected_at: Option<DateTime<Utc>>,
    pub alerted_at: Option<DateTime<Utc>>,
    pub responded_at: Option<DateTime<Utc>>,
    pub finding_status: Option<String>,
    pub version: i64,
    pub mitre_tags: Vec<Tag>,
}

impl TestRow {
    pub fn of(row: &dyn Cells) -> Self {
        let (state, logged, alerted, prevented) = (row.text(4), fact(row.text_or(8)), fact(row.text_or(9)), fact(row.text_or(10)));
        Self {
            outcome: outcome(&state, &logged, &alerted, &prevented),
            id: row.id(0),
            mission_scenario_id: row.id(1),
            source_test_template_id: row.id_or(2),
            name: row.text(3),
            position: 0,
            state,
            disclosed: row.yes(5),
            opsec_level: row.text(6),
            executor: row.text(7),
            logged,
            alerted,
            prevented,
            detection_level_id: row.id_or(11),
            category_id: row.id_or(12),
            operator_id: row.id_or(13),
            assessor_id: row.id_or(14),
            started_at: row.time_or(15),
            ended_at: row.time_or(16),
            detected_at: row.time_or(17),
            alerted_at: row.time_or(18),
            responded_at: row.time_or(19),
            finding_status: row.text_or(20),
            version: row.int(21),
            mitre_tags: Vec::new(),
        }
    }
}

#[derive(Serialize)]
pub struct Tag {
    #[serde(skip)]
    pub test: Uuid,
    pub kind: String,
    pub external_id: String,
    pub name: String,
    pub url: Option<String>,
}

impl Tag {
    pub fn of(row: &dyn Cells) -> Self {
        Self { test: row.id(0), kind: row.text(1), external_id: row.text(2), name: row.text(3), url: row.text_or(4) }
    }
}

#[derive(Serialize)]
pub struct Test {
    pub id: Uuid,
    pub mission_id: Uuid,
    pub mission_scenario_id: Uuid,
    pub source_test_template_id: Option<Uuid>,
    pub position: i64,
    pub name: String,
    pub objective: Option<String>,
    pub procedure: Option<String>,
    pub prerequisites: Option<String>,
    pub cleanup: Option<String>,
    pub expected_detection: Option<String>,
    pub detection_rules: Box<RawValue>,
    pub opsec_level: String,
    pub platforms: Box<RawValue>,
    pub tags: Box<RawValue>,
    pub executor: String,
    pub command: Option<String>,
    pub arguments: Box<RawValue>,
    pub elevation_required: bool,
    pub references: Box<RawValue>,
    pub mitre_tags: Vec<Tag>,
    pub state: String,
    pub outcome: &'static str,
    pub disclosed: bool,
    pub operator_id: Option<Uuid>,
    pub source_host: Option<String>,
    pub target_host: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub assessor_id: Option<Uuid>,
    pub logged: String,
    pub alerted: String,
    pub prevented: String,
    pub detection_level_id: Option<Uuid>,
    pub detected_at: Option<DateTime<Utc>>,
    pub alerted_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    pub version: i64,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
}

impl Test {
    pub fn of(row: &dyn Cells) -> Self {
        let (state, logged, alerted, prevented) = (row.text(19), fact(row.text_or(27)), fact(row.text_or(28)), fact(row.text_or(29)));
        Self {
            outcome: outcome(&state, &logged, &alerted, &prevented),
            id: row.id(0),
            mission_id: row.id(1),
            mission_scenario_id: row.id(2),
            source_test_template_id: row.id_or(3),
            position: row.int(36),
            name: row.text(4),
            objective: row.text_or(5),
            procedure: row.text_or(6),
            prerequisites: row.text_or(7),
            cleanup: row.text_or(8),
            expected_detection: row.text_or(9),
            detection_rules: raw(row.text(10)),
            opsec_level: row.text(11),
            platforms: raw(row.text(12)),
            tags: raw(row.text(13)),
            executor: row.text(14),
            command: row.text_or(15),
            arguments: raw(row.text(16)),
            elevation_required: row.yes(17),
            references: raw(row.text(18)),
            mitre_tags: Vec::new(),
            state,
            disclosed: row.yes(20),
            operator_id: row.id_or(21),
            source_host: row.text_or(22),
            target_host: row.text_or(23),
            started_at: row.time_or(24),
            ended_at: row.time_or(25),
            assessor_id: row.id_or(26),
            logged,
            alerted,
            prevented,
            detection_level_id: row.id_or(30),
            detected_at: row.time_or(31),
            alerted_at: row.time_or(32),
            people: Vec::new(),
            version: row.int(33),
            created_at: row.time_or(34),
            updated_at: row.time_or(35),
        }
    }

    pub fn etag(&self) -> String {
        format!("\"{}.{}\"", self.version, self.position)
    }
}
