//! The chain alone: the mission's scenarios with the plans of their tests, in the format that our own library exports
//! and imports (`tyrian-scenario-templates`). No state, no result, no evidence, nothing that blue wrote.

use std::io::Write;

use serde_json::{Map, Value, json};

use crate::Result;
use crate::model::{Plan, Report};

/// Writes the scenarios that have a test in the report.
pub fn write(report: &Report, to: impl Write) -> Result<()> {
    let items: Vec<Value> = report
        .scenarios
        .iter()
        .enumerate()
        .filter_map(|(place, scenario)| {
            let tests: Vec<usize> = report.tests.iter().enumerate().filter(|(_, t)| t.scenario == place).map(|(i, _)| i).collect();
            let mut item = Map::new();
            item.insert("name".into(), json!(scenario.name));
            text(&mut item, "description", scenario.description.as_ref());
            text(&mut item, "threat_actor", scenario.threat_actor.as_ref());
            item.insert("tags".into(), json!([]));
            let empty = tests.is_empty();
            item.insert("tests".into(), json!(tests));
            (!empty).then_some(Value::Object(item))
        })
        .collect();
    let tests: Vec<Value> = report.tests.iter().map(|t| plan(&t.plan)).collect();
    let file = json!({
        "format": "tyrian-scenario-templates",
        "format_version": 1,
        "exported_at": report.generated_at,
        "test_templates": tests,
        "items": items,
    });
    serde_json::to_writer_pretty(to, &file)?;
    Ok(())
}

fn text(object: &mut Map<String, Value>, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), json!(value));
    }
}

/// A test as the library takes it: lists that are empty and fields that are not set are left out.
fn plan(plan: &Plan) -> Value {
    let mut o = Map::new();
    o.insert("name".into(), json!(plan.name));
    for (name, value) in [
        ("objective", &plan.objective),
        ("procedure", &plan.procedure),
        ("prerequisites", &plan.prerequisites),
        ("cleanup", &plan.cleanup),
        ("expected_detection", &plan.expected_detection),
        ("command", &plan.command),
    ] {
        text(&mut o, name, value.as_ref());
    }
    for (name, words) in [("platforms", &plan.platforms), ("tags", &plan.tags), ("references", &plan.references)] {
        if !words.is_empty() {
            o.insert(name.to_owned(), json!(words));
        }
    }
    if plan.detection_rules.as_array().is_some_and(|rules| !rules.is_empty()) {
        o.insert("detection_rules".into(), plan.detection_rules.clone());
    }
    if plan.arguments.as_object().is_some_and(|arguments| !arguments.is_empty()) {
        o.insert("arguments".into(), plan.arguments.clone());
    }
    if let Some(level) = plan.opsec_level {
        o.insert("opsec_level".into(), json!(level));
    }
    if let Some(executor) = plan.executor {
        o.insert("executor".into(), json!(executor));
    }
    o.insert("elevation_required".into(), json!(plan.elevation_required));
    let tags: Vec<_> = plan.mitre.iter().map(|t| json!({"kind": t.kind, "external_id": t.external_id})).collect();
    o.insert("mitre_tags".into(), json!(tags));
    Value::Object(o)
}
