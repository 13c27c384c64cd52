//! Field by field: a frozen copy against its template.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use tyrian_api_types::retests::FieldDrift;
use tyrian_api_types::test_templates::{MitreTagInput, TestContent, TestTemplateCreate};

use crate::error::ApiResult;

/// What differs between a frozen test and its template, by field.
pub fn test(content: &TestContent, tags: Vec<MitreTagInput>, mut template: TestTemplateCreate) -> ApiResult<Vec<FieldDrift>> {
    let template_tags = std::mem::take(&mut template.mitre_tags);
    let mut fields = differing(object(content)?, &object(&template)?);
    let (mission, template) = (sorted(tags), sorted(template_tags));
    if mission != template {
        let (mission, template) = (serde_json::to_value(mission)?, serde_json::to_value(template)?);
        fields.push(FieldDrift { field: "mitre_tags".into(), mission, template });
    }
    Ok(fields)
}

/// What differs between texts of the same names.
pub fn texts<'a>(fields: impl IntoIterator<Item = (&'a str, Option<&'a str>, Option<&'a str>)>) -> Vec<FieldDrift> {
    let differing = fields.into_iter().filter(|(_, mission, template)| mission != template);
    differing
        .map(|(field, mission, template)| FieldDrift { field: field.into(), mission: mission.into(), template: template.into() })
        .collect()
}

fn sorted(mut tags: Vec<MitreTagInput>) -> Vec<MitreTagInput> {
    tags.sort();
    tags.dedup();
    tags
}

fn object(value: &impl Serialize) -> ApiResult<BTreeMap<String, Value>> {
    let object: Map<String, Value> = serde_json::from_value(serde_json::to_value(value)?)?;
    Ok(object.into_iter().collect())
}

/// The fields of `mission` that `template` says otherwise. What a template leaves out is empty.
fn differing(mission: BTreeMap<String, Value>, template: &BTreeMap<String, Value>) -> Vec<FieldDrift> {
    let pairs = mission.into_iter().map(|(field, mission)| {
        let template = template.get(&field).cloned().unwrap_or_else(|| empty_like(&mission));
        FieldDrift { field, mission, template }
    });
    pairs.filter(|drift| drift.mission != drift.template).collect()
}

fn empty_like(value: &Value) -> Value {
    match value {
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Object(_) => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tyrian_domain::template::TagKind;

    use super::*;

    fn template(more: &Value) -> TestTemplateCreate {
        let mut body = json!({"name": "T", "opsec_level": "low", "executor": "sh"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    fn frozen(more: &Value) -> TestContent {
        let mut body = json!({"name": "T", "objective": null, "procedure": null, "prerequisites": null, "cleanup": null, "expected_detection": null,
            "detection_rules": [], "opsec_level": "low", "platforms": [], "tags": [], "executor": "sh", "command": null, "arguments": {},
            "elevation_required": false, "references": []});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    fn tag(id: &str) -> MitreTagInput {
        MitreTagInput { kind: TagKind::Technique, external_id: id.into() }
    }

    #[test]
    fn what_is_the_same_is_no_drift_whatever_the_order_of_tags() {
        let tags = vec![tag("T1003"), tag("T1059")];
        let template = template(
            &json!({"mitre_tags": [{"kind": "technique", "external_id": "T1059"}, {"kind": "technique", "external_id": "T1003"}]}),
        );
        assert_eq!(test(&frozen(&json!({})), tags, template).unwrap(), []);
    }

    #[test]
    fn each_field_tells_both_sides_and_what_is_left_out_is_empty() {
        let now = template(&json!({"name": "New", "procedure": "step", "mitre_tags": [{"kind": "technique", "external_id": "T1059"}]}));
        let was =
            frozen(&json!({"tags": ["old"], "command": "id", "arguments": {"a": {"description": null, "type": null, "default": "1"}}}));
        let drifts = test(&was, vec![], now).unwrap();
        let told: Vec<_> = drifts.iter().map(|d| (d.field.as_str(), d.template.clone())).collect();
        let tags = json!([{"kind": "technique", "external_id": "T1059"}]);
        let want = [
            ("arguments", json!({})),
            ("command", Value::Null),
            ("name", json!("New")),
            ("procedure", json!("step")),
            ("tags", json!([])),
            ("mitre_tags", tags),
        ];
        assert_eq!(told, want);
        assert_eq!((&drifts[2].mission, &drifts[4].mission, &drifts[5].mission), (&json!("T"), &json!(["old"]), &json!([])));
    }
}
