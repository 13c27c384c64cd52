//! The fields of a test as values, and what the reader has changed of them: differences, patches, two people at one test.
//!
//! Nothing here knows of the page. A value is the field's JSON, so one way serves all fields; the names are those of
//! `TestField`, which are those of the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tyrian_api_types::execution::MissionTestPatch;
use tyrian_api_types::missions::MissionTest;
use tyrian_domain::execution::{FieldGroup, TestField};

/// A version of a test as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// the test
    pub test: Arc<MissionTest>,
    values: Arc<Map<String, Value>>,
}

impl Snapshot {
    /// Of a test.
    pub fn new(test: MissionTest) -> Self {
        let values = match serde_json::to_value(&test) {
            Ok(Value::Object(values)) => values,
            _ => Map::new(),
        };
        Self { test: Arc::new(test), values: Arc::new(values) }
    }

    /// The value of a field; null where there is none.
    pub fn value(&self, field: TestField) -> Value {
        self.values.get(field.as_str()).cloned().unwrap_or(Value::Null)
    }
}

/// Parts of the page that are saved for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// what is to be done
    Plan,
    /// preparation and what red did
    Red,
    /// what blue saw
    Blue,
    /// the report: category and finding
    Report,
}

impl Part {
    /// In the order in which they are saved.
    pub const ALL: [Self; 4] = [Self::Plan, Self::Red, Self::Blue, Self::Report];

    /// The part that a field stands in.
    pub const fn of(field: TestField) -> Self {
        match field.group() {
            FieldGroup::Plan => Self::Plan,
            FieldGroup::Preparation | FieldGroup::Red => Self::Red,
            FieldGroup::Blue => Self::Blue,
            FieldGroup::Category | FieldGroup::Finding => Self::Report,
        }
    }
}

/// A change of one field that is not saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// what it was when the reader began
    pub base: Value,
    /// what it is to be
    pub mine: Value,
}

/// All changes that are not saved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits(pub BTreeMap<TestField, Edit>);

/// A value as it is compared and sent: what is empty is nothing.
pub fn tidy(value: Value) -> Value {
    match value {
        Value::String(text) if text.trim().is_empty() => Value::Null,
        other => other,
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // an argument without values is the same however it is said
        (Value::Object(map), Value::Null) | (Value::Null, Value::Object(map)) => map.is_empty(),
        _ => a == b,
    }
}

/// Puts the reader's changes of a map on a newer one, entry by entry; none where both changed one entry.
fn merge_maps(base: &Value, mine: &Value, theirs: &Value) -> Option<Value> {
    let empty = Map::new();
    let of = |value: &Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
    let (base, mine, mut merged) = (of(base), of(mine), of(theirs));
    let keys: Vec<&String> = base.keys().chain(mine.keys()).collect();
    for key in keys {
        let (before, now) = (base.get(key), mine.get(key));
        if before == now {
            continue;
        }
        let theirs = merged.get(key);
        if theirs != before && theirs != now {
            return None;
        }
        match now {
            Some(value) => merged.insert(key.clone(), value.clone()),
            None => merged.remove(key),
        };
    }
    Some(Value::Object(merged))
}

impl Edits {
    /// What a field shows: the reader's change, else what is saved.
    pub fn value(&self, field: TestField, now: &Snapshot) -> Value {
        self.0.get(&field).map_or_else(|| now.value(field), |edit| edit.mine.clone())
    }

    /// Takes what the reader writes. What is again as it was is no change.
    pub fn set(&mut self, field: TestField, mine: Value, now: &Snapshot) {
        let base = self.0.get(&field).map_or_else(|| now.value(field), |edit| edit.base.clone());
        if is_same(&tidy(mine.clone()), &base) {
            self.0.remove(&field);
        } else {
            self.0.insert(field, Edit { base, mine });
        }
    }

    /// Looks at a newer version: what is saved by now is no change any more, and entries of a map that others changed
    /// join those that the reader did.
    pub fn rebase(&mut self, now: &Snapshot) {
        self.0.retain(|field, edit| {
            let theirs = now.value(*field);
            if is_same(&theirs, &tidy(edit.mine.clone())) {
                return false;
            }
            if matches!(field, TestField::ArgumentValues | TestField::Arguments)
                && !is_same(&theirs, &edit.base)
                && let Some(merged) = merge_maps(&edit.base, &edit.mine, &theirs)
            {
                *edit = Edit { base: theirs.clone(), mine: merged };
                return !is_same(&edit.mine, &theirs);
            }
            true
        });
    }

    /// The fields that somebody else has changed since the reader began to.
    pub fn conflicts(&self, now: &Snapshot) -> Vec<TestField> {
        let differs = |(field, edit): &(&TestField, &Edit)| !is_same(&now.value(**field), &edit.base);
        self.0.iter().filter(differs).map(|(field, _)| *field).collect()
    }

    /// What of one part can be sent as a change of that version: nothing that somebody else changed too.
    pub fn ready(&self, part: Part, now: &Snapshot) -> BTreeMap<TestField, Value> {
        let ready = |(field, edit): &(&TestField, &Edit)| Part::of(**field) == part && is_same(&now.value(**field), &edit.base);
        self.0.iter().filter(ready).map(|(field, edit)| (*field, tidy(edit.mine.clone()))).collect()
    }

    /// Forgets what was sent, unless it was changed since.
    pub fn saved(&mut self, sent: &BTreeMap<TestField, Value>, now: &Snapshot) {
        for (field, value) in sent {
            if let Some(edit) = self.0.get_mut(field) {
                if is_same(&tidy(edit.mine.clone()), value) {
                    self.0.remove(field);
                } else {
                    edit.base = now.value(*field);
                }
            }
        }
    }
}

/// The request that makes these values; what cannot be put into one is left to the server to refuse.
pub fn patch(values: &BTreeMap<TestField, Value>) -> Result<MissionTestPatch, String> {
    let map: Map<String, Value> = values.iter().map(|(field, value)| (field.as_str().to_owned(), value.clone())).collect();
    serde_json::from_value(Value::Object(map)).map_err(|error| error.to_string())
}

/// The name of a field on the page.
pub fn label(field: TestField) -> &'static str {
    use TestField as F;
    match field {
        F::Name => t!("Name"),
        F::Objective => t!("Objective"),
        F::Procedure => t!("Procedure"),
        F::Prerequisites => t!("Prerequisites"),
        F::Cleanup => t!("Cleanup"),
        F::ExpectedDetection => t!("Expected detection"),
        F::DetectionRules => t!("Detection rules"),
        F::OpsecLevel => t!("OPSEC risk"),
        F::Platforms => t!("Platforms"),
        F::Tags => t!("Tags"),
        F::Executor => t!("Executor"),
        F::Command => t!("Command"),
        F::Arguments => t!("Arguments"),
        F::ElevationRequired => t!("Needs administrator rights"),
        F::References => t!("References"),
        F::Disclosed => t!("Shown to blue"),
        F::Operator => t!("Operator"),
        F::SourceHost => t!("Source host"),
        F::TargetHost => t!("Target host"),
        F::StartedAt => t!("Started"),
        F::EndedAt => t!("Ended"),
        F::ArgumentValues => t!("Argument values"),
        F::CommandRun => t!("Command run"),
        F::Output => t!("Output"),
        F::RedNotes => t!("Red notes"),
        F::Assessor => t!("Assessor"),
        F::Logged => t!("Logged"),
        F::Alerted => t!("Alerted"),
        F::Prevented => t!("Prevented"),
        F::DetectionLevel => t!("Detection level"),
        F::IsDelayed => t!("Detected late"),
        F::NeededConfigChange => t!("Needed a config change"),
        F::DetectedAt => t!("Detected"),
        F::AlertedAt => t!("Alert came"),
        F::RespondedAt => t!("Responded"),
        F::BlueNotes => t!("Blue notes"),
        F::Recommendation => t!("Recommendation"),
        F::Severity => t!("Severity"),
        F::Priority => t!("Priority"),
        F::Category => t!("Category"),
        F::FindingStatus => t!("Finding"),
        F::FindingOwner => t!("Owner"),
        F::FindingDue => t!("Due"),
        F::FindingReference => t!("Ticket"),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use serde_json::json;

    /// A test with some fields set.
    pub fn snapshot(fields: Value) -> Snapshot {
        let mut values = json!({
            "id": "00000000-0000-0000-0000-000000000001", "mission_id": "00000000-0000-0000-0000-000000000002",
            "mission_scenario_id": "00000000-0000-0000-0000-000000000003", "source_test_template_id": null, "position": 0,
            "name": "Dump LSASS", "objective": null, "procedure": null, "prerequisites": null, "cleanup": null,
            "expected_detection": null, "detection_rules": [], "opsec_level": "high", "platforms": [], "tags": [], "executor": "manual",
            "command": null, "arguments": {}, "elevation_required": false, "references": [], "mitre_tags": [], "state": "running",
            "outcome": "not_assessed", "disclosed": true, "operator_id": null, "source_host": null, "target_host": null,
            "started_at": "2026-03-12T14:02:11Z", "ended_at": null, "argument_values": {}, "command_run": null, "output": null,
            "red_notes": null, "assessor_id": null, "logged": "unknown", "alerted": "unknown", "prevented": "unknown",
            "detection_level_id": null, "is_delayed": false, "needed_config_change": false, "detected_at": null, "alerted_at": null,
            "responded_at": null, "blue_notes": null, "recommendation": null, "severity": "none", "priority": "none", "category_id": null,
            "finding_status": null, "finding_owner_id": null, "finding_due": null, "finding_reference": null, "version": 1,
            "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-12T14:02:11Z"
        });
        for (name, value) in fields.as_object().unwrap() {
            values[name] = value.clone();
        }
        Snapshot::new(serde_json::from_value(values).unwrap())
    }

    #[test]
    fn every_field_has_a_value_of_its_name() {
        let now = snapshot(json!({}));
        for field in TestField::ALL {
            assert!(now.values.contains_key(field.as_str()), "{field}");
        }
    }

    #[test]
    fn only_what_differs_is_a_change_and_only_its_part_is_sent() {
        let now = snapshot(json!({ "red_notes": "first" }));
        let mut edits = Edits::default();
        edits.set(TestField::RedNotes, json!("second"), &now);
        edits.set(TestField::BlueNotes, json!("seen"), &now);
        edits.set(TestField::Output, json!("  "), &now);
        assert_eq!(edits.0.len(), 2);
        assert_eq!(patch(&edits.ready(Part::Red, &now)).unwrap().fields(), ["red_notes"]);
        edits.set(TestField::RedNotes, json!("first"), &now);
        assert!(edits.ready(Part::Red, &now).is_empty());
        edits.set(TestField::RedNotes, json!(""), &now);
        assert_eq!(edits.ready(Part::Red, &now), BTreeMap::from([(TestField::RedNotes, Value::Null)]));
    }

    #[test]
    fn what_another_changed_elsewhere_is_no_conflict() {
        let (old, new) = (snapshot(json!({})), snapshot(json!({ "blue_notes": "seen", "version": 2 })));
        let mut edits = Edits::default();
        edits.set(TestField::Output, json!("ok"), &old);
        edits.rebase(&new);
        assert!(edits.conflicts(&new).is_empty());
        assert_eq!(edits.ready(Part::Red, &new).len(), 1);
        assert_eq!(edits.value(TestField::BlueNotes, &new), json!("seen"));
    }

    #[test]
    fn what_both_changed_is_held_back_until_somebody_chooses() {
        let (old, new) = (snapshot(json!({ "output": "a" })), snapshot(json!({ "output": "b", "version": 2 })));
        let mut edits = Edits::default();
        edits.set(TestField::Output, json!("c"), &old);
        edits.set(TestField::RedNotes, json!("n"), &old);
        edits.rebase(&new);
        assert_eq!(edits.conflicts(&new), [TestField::Output]);
        assert_eq!(edits.ready(Part::Red, &new), BTreeMap::from([(TestField::RedNotes, json!("n"))]));
        assert_eq!(edits.value(TestField::Output, &new), json!("c"));
    }

    #[test]
    fn the_same_word_of_both_is_settled() {
        let (old, new) = (snapshot(json!({})), snapshot(json!({ "logged": "yes", "version": 2 })));
        let mut edits = Edits::default();
        edits.set(TestField::Logged, json!("yes"), &old);
        edits.rebase(&new);
        assert!(edits.0.is_empty());
    }

    #[test]
    fn arguments_of_two_people_join_unless_it_is_the_same_one() {
        let old = snapshot(json!({ "argument_values": { "host": "a", "port": 1 } }));
        let new = snapshot(json!({ "argument_values": { "host": "a", "port": 2, "user": "x" }, "version": 2 }));
        let mut edits = Edits::default();
        edits.set(TestField::ArgumentValues, json!({ "host": "b", "port": 1 }), &old);
        edits.rebase(&new);
        assert!(edits.conflicts(&new).is_empty());
        assert_eq!(edits.value(TestField::ArgumentValues, &new), json!({ "host": "b", "port": 2, "user": "x" }));
        let mut edits = Edits::default();
        edits.set(TestField::ArgumentValues, json!({ "host": "a", "port": 3 }), &old);
        edits.rebase(&new);
        assert_eq!(edits.conflicts(&new), [TestField::ArgumentValues]);
    }

    #[test]
    fn arguments_that_two_people_declare_join_too() {
        let argument = |default: &str| json!({ "description": null, "type": "string", "default": default });
        let old = snapshot(json!({ "arguments": { "host": argument("a") } }));
        let new = snapshot(json!({ "arguments": { "host": argument("a"), "port": argument("445") }, "version": 2 }));
        let mut edits = Edits::default();
        edits.set(TestField::Arguments, json!({ "host": argument("b") }), &old);
        edits.rebase(&new);
        assert!(edits.conflicts(&new).is_empty());
        assert_eq!(edits.value(TestField::Arguments, &new), json!({ "host": argument("b"), "port": argument("445") }));
        let mut edits = Edits::default();
        edits.set(TestField::Tags, json!(["mine"]), &old);
        let new = snapshot(json!({ "tags": ["theirs"], "version": 2 }));
        edits.rebase(&new);
        assert_eq!(edits.conflicts(&new), [TestField::Tags]);
    }

    #[test]
    fn what_is_typed_while_it_is_saved_stays_a_change() {
        let (old, new) = (snapshot(json!({})), snapshot(json!({ "output": "ab", "version": 2 })));
        let mut edits = Edits::default();
        edits.set(TestField::Output, json!("ab"), &old);
        let sent = edits.ready(Part::Red, &old);
        edits.set(TestField::Output, json!("abc"), &old);
        edits.saved(&sent, &new);
        assert_eq!(edits.ready(Part::Red, &new), BTreeMap::from([(TestField::Output, json!("abc"))]));
        edits.saved(&edits.ready(Part::Red, &new), &snapshot(json!({ "output": "abc", "version": 3 })));
        assert!(edits.0.is_empty());
    }
}
