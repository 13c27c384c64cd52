//! ATT&CK Navigator layers of versions 2.x to 4.5: each layer a scenario, each technique in it a test. Read leniently:
//! real layers lack `versions`, repeat ids, name what was revoked or never was, and are padded with disabled rows.

use serde_json::Value;

use super::limits::ITEMS;
use super::text::{filled, is_technique_id, labels, name, one_line, paragraphs, utf8};
use super::{Origin, Parsed, ScenarioItem, Source, TestItem, blank};

/// Reads a layer, or an array of layers.
pub fn parse(source: Source<'_>) -> Parsed {
    let value: Value =
        match utf8(source.bytes).map_err(|e| (None, e)).and_then(|text| serde_json::from_str(text).map_err(|e| json_error(&e))) {
            Ok(value) => value,
            Err((line, detail)) => return Parsed::unreadable(source.file_name, line, "json", detail),
        };
    let layers = match value {
        Value::Array(layers) => layers,
        layer => vec![layer],
    };
    let rows: usize = layers.iter().filter_map(|l| l.get("techniques")?.as_array()).map(Vec::len).sum();
    if rows > ITEMS || layers.len() > ITEMS {
        return Parsed::unreadable(source.file_name, None, "too_many", format!("At most {ITEMS} techniques."));
    }
    let mut parsed = Parsed::default();
    if layers.is_empty() {
        return Parsed::unreadable(source.file_name, None, "empty", "The file holds no layer.");
    }
    for (i, one) in layers.iter().enumerate() {
        layer(&mut parsed, one, &format!("layer {}", i + 1));
    }
    parsed
}

/// Where and why JSON cannot be read.
pub(super) fn json_error(error: &serde_json::Error) -> (Option<u64>, String) {
    let line = u64::try_from(error.line()).ok().filter(|l| *l > 0);
    (line, format!("The file is no valid JSON: {error}."))
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn layer(parsed: &mut Parsed, layer: &Value, place: &str) {
    let title = name(text(layer, "name"));
    let origin = Origin::of(if title.is_empty() { place } else { &title });
    let Some(rows) = layer.get("techniques").and_then(Value::as_array) else {
        return parsed.error(&origin, "layer", "This is no Navigator layer: it has no list \"techniques\".");
    };
    if title.is_empty() {
        return parsed.error(&origin, "required", "The layer has no name.");
    }
    let domain = match text(layer, "domain") {
        "" | "enterprise-attack" | "mitre-enterprise" => "enterprise-attack",
        "mobile-attack" | "mitre-mobile" => "mobile-attack",
        "ics-attack" | "mitre-ics" => "ics-attack",
        other => return parsed.error(&origin, "domain", format!("{:?} is no domain of ATT&CK.", one_line(other, 60))),
    };
    let versions = layer.get("versions").and_then(|v| v.get("layer")).and_then(Value::as_str);
    let version = versions.unwrap_or_else(|| text(layer, "version"));
    if version.is_empty() {
        parsed.warn(&origin, "no_versions", "The layer does not say its version: it is read as the newest.");
    } else if !["2", "3", "4"].iter().any(|v| version.split('.').next() == Some(v)) {
        return parsed.error(
            &origin,
            "version",
            format!("Version {:?} of the format is unknown: 2.x to 4.5 are read.", one_line(version, 20)),
        );
    }
    let source_id = format!("{domain}/{title}");
    if parsed.scenarios.iter().any(|s| s.source_id == source_id) {
        return parsed.error(&origin, "repeated", "Another layer of the file has this name.");
    }
    let mut tests: Vec<String> = Vec::new();
    let mut disabled = 0_usize;
    for row in rows {
        let id = text(row, "techniqueID").trim().to_ascii_uppercase();
        let of_row = Origin::of(format!("{title}: {}", if id.is_empty() { "a row without a techniqueID" } else { &id }));
        if !is_technique_id(&id) {
            parsed.error(&of_row, "attack_id", format!("{:?} is no ATT&CK technique id.", one_line(&id, 40)));
        } else if row.get("enabled") == Some(&Value::Bool(false)) {
            disabled += 1;
        } else if let Some(known) = parsed.tests.iter_mut().find(|t| t.source_id == format!("{source_id}/{id}")) {
            merge(known, row);
        } else if parsed.take_test(test(of_row, &source_id, &id, row)) {
            tests.push(format!("{source_id}/{id}"));
        }
    }
    if disabled > 0 {
        parsed.warn(&origin, "disabled", format!("{disabled} techniques are disabled in the layer and left out."));
    }
    if tests.is_empty() {
        parsed.warn(&origin, "empty", "The layer has no technique: the scenario has no test.");
    }
    let description = filled(text(layer, "description"));
    let tags = labels(["Navigator layer"]);
    parsed.scenarios.push(ScenarioItem { origin, source_id, name: title, description, threat_actor: None, tags, tests });
}

fn test(origin: Origin, layer: &str, id: &str, row: &Value) -> TestItem {
    let mut test = TestItem {
        origin,
        source_id: format!("{layer}/{id}"),
        content: blank(id.to_owned()),
        attack_ids: vec![id.to_owned()],
        named_by_catalogue: true,
    };
    test.content.tags = labels(["Navigator layer"]);
    merge(&mut test, row);
    test
}

/// Adds what one row says: the same technique may stand in a layer once for each of its tactics.
fn merge(test: &mut TestItem, row: &Value) {
    let comment = filled(text(row, "comment"));
    if let Some(comment) = comment.filter(|c| !test.content.objective.as_deref().is_some_and(|o| o.contains(c.as_str()))) {
        test.content.objective = paragraphs([test.content.objective.as_deref().unwrap_or_default(), &comment]);
    }
    let mut lines: Vec<String> = Vec::new();
    if let Some(score) = row.get("score").filter(|s| s.is_number()) {
        lines.push(format!("- Score: {score}"));
    }
    for entry in row.get("metadata").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(name), Some(value)) = (filled(text(entry, "name")), filled(text(entry, "value"))) {
            lines.push(format!("- {name}: {value}"));
        }
    }
    let said = test.content.procedure.take().unwrap_or_default();
    lines.retain(|l| !said.lines().any(|known| known == l));
    let all: Vec<&str> = said.lines().chain(lines.iter().map(String::as_str)).collect();
    test.content.procedure = (!all.is_empty()).then(|| all.join("\n"));
    for link in row.get("links").and_then(Value::as_array).into_iter().flatten() {
        let url = one_line(text(link, "url"), 2000);
        if url.starts_with("http") && !test.content.references.contains(&url) && test.content.references.len() < 100 {
            test.content.references.push(url);
        }
    }
}
