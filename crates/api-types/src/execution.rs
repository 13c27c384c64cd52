//! Executing a mission: changing its tests, one by one or many, moving them, ordering them, adding one.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use tyrian_domain::template::{Executor, OpsecLevel};
use tyrian_domain::test::{Fact, FindingStatus, Grade, TestState};
use tyrian_domain::text;
use uuid::Uuid;

use crate::missions::MissionTest;
use crate::test_templates::{Argument, DetectionRule, TestTemplateCreate, TestTemplatePatch};
use crate::{Faults, Patch, Problem, Validate};

/// Tests that one bulk request changes at most.
pub const BULK: usize = 200;

crate::patch_wire! {
    /// Changes fields of a mission's test. Who may write which, and when, is one table for server and app.
    pub struct MissionTestPatch {
        /// What it is called.
        name: String,
        /// What it is to show.
        objective: String,
        /// How it is done, Markdown.
        procedure: String,
        /// What must be there before, Markdown.
        prerequisites: String,
        /// How to tidy up.
        cleanup: String,
        /// What the defenders should see.
        expected_detection: String,
        /// Detection ideas.
        detection_rules: Vec<DetectionRule>,
        /// How loud or risky it is.
        opsec_level: OpsecLevel,
        /// Where it works.
        platforms: Vec<String>,
        /// Free labels.
        tags: Vec<String>,
        /// What runs the command.
        executor: Executor,
        /// The command, with `#{argument}` in it.
        command: String,
        /// The command's arguments by name.
        arguments: BTreeMap<String, Argument>,
        /// Does it need an administrator's rights?
        elevation_required: bool,
        /// Links to read on.
        references: Vec<String>,
        /// May blue see it?
        disclosed: bool,
        /// Who executes it.
        operator_id: Uuid,
        /// From where.
        source_host: String,
        /// Against what.
        target_host: String,
        /// The arguments' values of this run, by name: each a text or a number.
        argument_values: BTreeMap<String, Value>,
        /// When red began.
        started_at: DateTime<Utc>,
        /// When red ended.
        ended_at: DateTime<Utc>,
        /// What was really run.
        command_run: String,
        /// What it printed.
        output: String,
        /// Red's notes, Markdown.
        red_notes: String,
        /// Who assesses it.
        assessor_id: Uuid,
        /// Was it logged?
        logged: Fact,
        /// Did anything alert?
        alerted: Fact,
        /// Was it prevented?
        prevented: Fact,
        /// How good the detection was.
        detection_level_id: Uuid,
        /// Came the detection late?
        is_delayed: bool,
        /// Did it need a change of the tools' configuration?
        needed_config_change: bool,
        /// When it was detected.
        detected_at: DateTime<Utc>,
        /// When the alert came.
        alerted_at: DateTime<Utc>,
        /// When somebody responded.
        responded_at: DateTime<Utc>,
        /// Blue's notes, Markdown.
        blue_notes: String,
        /// What to do better, Markdown.
        recommendation: String,
        /// How grave a gap is.
        severity: Grade,
        /// How urgent it is to close.
        priority: Grade,
        /// The heading it stands under.
        category_id: Uuid,
        /// Where the work on the finding stands; null: there is no finding.
        finding_status: FindingStatus,
        /// Whose finding it is.
        finding_owner_id: Uuid,
        /// Until when.
        finding_due: NaiveDate,
        /// Its ticket elsewhere.
        finding_reference: String,
    }
}

crate::wire! {
    /// Moves a test to another state.
    #[serde(deny_unknown_fields)]
    pub struct TestMove {
        /// The state wanted.
        pub to: TestState,
    }

    /// The order that the tests of a scenario have from now on.
    #[serde(deny_unknown_fields)]
    pub struct TestOrder {
        /// All tests of the scenario that the caller sees. Those that they do not see keep their places.
        pub test_ids: Vec<Uuid>,
    }

    /// What became of each test of a bulk request, in its order.
    pub struct BulkAnswer {
        /// One for each.
        pub items: Vec<BulkOutcome>,
    }

    /// What became of one test of a bulk request.
    pub struct BulkOutcome {
        /// The test.
        pub id: Uuid,
        /// As if it had been asked for alone: 200, 403, 404, 409, 412 or 422.
        pub status: u16,
        /// The test after the change.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub test: Option<MissionTest>,
        /// Why it was not changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub problem: Option<Problem>,
    }
}

/// One test of a bulk request: the fields of a patch, and the test's id and version; `state` moves it after the change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkItem {
    /// The test.
    pub id: Uuid,
    /// Its version, as in If-Match.
    pub version: i64,
    /// The state wanted after the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<TestState>,
    /// The fields to change.
    #[serde(flatten)]
    pub patch: MissionTestPatch,
}

/// A test that is added to a mission without a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissionTestCreate {
    /// The scenario that it joins, at its end; left out: the scenario "Ad hoc", which is made where it is lacking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mission_scenario_id: Option<Uuid>,
    /// May blue see it? Yes if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosed: Option<bool>,
    /// Its content, as a template's.
    #[serde(flatten)]
    pub content: TestTemplateCreate,
}

// serde refuses no unknown fields beside a flattened struct, so both are taken apart by hand.

fn take<T: DeserializeOwned, E: serde::de::Error>(map: &mut Map<String, Value>, field: &'static str) -> Result<Option<T>, E> {
    map.remove(field).filter(|v| !v.is_null()).map(serde_json::from_value).transpose().map_err(|e| E::custom(format!("{field}: {e}")))
}

impl<'de> Deserialize<'de> for BulkItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(deserializer)?;
        let id = take(&mut map, "id")?.ok_or_else(|| D::Error::missing_field("id"))?;
        let version = take(&mut map, "version")?.ok_or_else(|| D::Error::missing_field("version"))?;
        let state = take(&mut map, "state")?;
        let patch = serde_json::from_value(Value::Object(map)).map_err(D::Error::custom)?;
        Ok(Self { id, version, state, patch })
    }
}

impl<'de> Deserialize<'de> for MissionTestCreate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(deserializer)?;
        let mission_scenario_id = take(&mut map, "mission_scenario_id")?;
        let disclosed = take(&mut map, "disclosed")?;
        let content = serde_json::from_value(Value::Object(map)).map_err(D::Error::custom)?;
        Ok(Self { mission_scenario_id, disclosed, content })
    }
}

impl MissionTestPatch {
    /// The plan's part, as a template's patch: checked by the same rules.
    pub fn content(&self) -> TestTemplatePatch {
        TestTemplatePatch {
            name: self.name.clone(),
            objective: self.objective.clone(),
            procedure: self.procedure.clone(),
            prerequisites: self.prerequisites.clone(),
            cleanup: self.cleanup.clone(),
            expected_detection: self.expected_detection.clone(),
            detection_rules: self.detection_rules.clone(),
            opsec_level: self.opsec_level.clone(),
            platforms: self.platforms.clone(),
            tags: self.tags.clone(),
            executor: self.executor.clone(),
            command: self.command.clone(),
            arguments: self.arguments.clone(),
            elevation_required: self.elevation_required.clone(),
            references: self.references.clone(),
            mitre_tags: Patch::Keep,
        }
    }
}

impl Validate for MissionTestPatch {
    fn validate(&self, f: &mut Faults) {
        self.content().validate(f);
        f.needed("/disclosed", &self.disclosed);
        f.needed("/is_delayed", &self.is_delayed);
        f.needed("/needed_config_change", &self.needed_config_change);
        for (pointer, value) in
            [("/source_host", &self.source_host), ("/target_host", &self.target_host), ("/finding_reference", &self.finding_reference)]
        {
            f.optional_line(pointer, value.value().map(String::as_str), text::LINE);
        }
        for (pointer, value) in [
            ("/command_run", &self.command_run),
            ("/output", &self.output),
            ("/red_notes", &self.red_notes),
            ("/blue_notes", &self.blue_notes),
            ("/recommendation", &self.recommendation),
        ] {
            f.text(pointer, value.value().map(String::as_str));
        }
        if let Some(values) = self.argument_values.value() {
            check_values(f, values);
        }
    }
}

fn check_values(f: &mut Faults, values: &BTreeMap<String, Value>) {
    if values.len() > text::LABELS {
        f.add("/argument_values", "too_many", format!("At most {}.", text::LABELS));
    }
    for (name, value) in values.iter().take(text::LABELS) {
        // `~` and `/` have to be escaped in a JSON pointer
        let pointer = format!("/argument_values/{}", name.replace('~', "~0").replace('/', "~1"));
        f.line(&pointer, name, text::LABEL);
        match value {
            Value::String(value) => f.text(&pointer, Some(value)),
            Value::Null | Value::Number(_) | Value::Bool(_) => {}
            _ => f.add(pointer, "type", "A text or a number."),
        }
    }
}

impl Validate for MissionTestCreate {
    fn validate(&self, f: &mut Faults) {
        self.content.validate(f);
    }
}

impl Validate for TestMove {
    fn validate(&self, _: &mut Faults) {}
}

impl Validate for TestOrder {
    fn validate(&self, f: &mut Faults) {
        if self.test_ids.len() > text::SCENARIO_TESTS {
            f.add("/test_ids", "too_many", format!("At most {}.", text::SCENARIO_TESTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyrian_domain::execution::TestField;

    #[test]
    fn every_field_of_the_patch_has_its_rule_and_every_rule_its_field() {
        let all: Vec<&str> = TestField::ALL.iter().map(|f| f.as_str()).collect();
        let cleared: Map<String, Value> = all.iter().map(|f| ((*f).to_owned(), Value::Null)).collect();
        let patch: MissionTestPatch = serde_json::from_value(Value::Object(cleared)).unwrap();
        assert_eq!(patch.fields(), all);
    }

    #[test]
    fn a_bulk_item_refuses_what_it_does_not_know() {
        let id = Uuid::nil();
        let item: BulkItem = serde_json::from_str(&format!(r#"{{"id":"{id}","version":3,"state":"skipped","operator_id":null}}"#)).unwrap();
        assert_eq!((item.version, item.state, item.patch.fields()), (3, Some(TestState::Skipped), vec!["operator_id"]));
        for bad in [r#"{"version":1}"#, r#"{"id":"00000000-0000-0000-0000-000000000000","version":1,"mission_id":"x"}"#] {
            assert!(serde_json::from_str::<BulkItem>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_new_test_refuses_what_it_does_not_know() {
        let test: MissionTestCreate = serde_json::from_str(r#"{"name":"x","disclosed":false}"#).unwrap();
        assert_eq!((test.disclosed, test.content.name.as_str()), (Some(false), "x"));
        assert!(serde_json::from_str::<MissionTestCreate>(r#"{"name":"x","state":"assessed"}"#).is_err());
    }
}
