//! Our own files: what `GET /test-templates/export` and `GET /scenario-templates/export` write. An entry is known again
//! by its name, the second of that name in a file by its place among them.

use std::collections::HashMap;

use serde_json::Value;
use tyrian_api_types::Validate;
use tyrian_api_types::scenario_templates::{self, ExportedScenario, ScenarioTemplateCreate};
use tyrian_api_types::test_templates::{self, TestTemplateCreate};
use tyrian_domain::text::SCENARIO_TESTS;

use super::limits::ITEMS;
use super::navigator::json_error;
use super::text::utf8;
use super::{Origin, Parsed, ScenarioItem, Source, TestItem};

/// Reads exported test templates.
pub fn templates(source: Source<'_>) -> Parsed {
    match head(source, test_templates::EXPORT_FORMAT, test_templates::EXPORT_FORMAT_VERSION, &["items"]) {
        Err(refused) => *refused,
        Ok(lists) => {
            let mut parsed = Parsed::default();
            for list in lists {
                tests(&mut parsed, list);
            }
            parsed
        }
    }
}

/// Reads exported scenario templates with their tests.
pub fn scenarios(source: Source<'_>) -> Parsed {
    let lists =
        match head(source, scenario_templates::EXPORT_FORMAT, scenario_templates::EXPORT_FORMAT_VERSION, &["test_templates", "items"]) {
            Ok(lists) => lists,
            Err(refused) => return *refused,
        };
    let mut parsed = Parsed::default();
    let mut lists = lists.into_iter();
    let keys = tests(&mut parsed, lists.next().unwrap_or_default());
    let mut names = HashMap::new();
    for (place, item) in lists.next().unwrap_or_default().into_iter().enumerate() {
        let origin = Origin::of(label(&item, "scenario", place));
        match serde_json::from_value::<ExportedScenario>(item) {
            Err(e) => parsed.error(&origin, "shape", format!("This is no scenario of ours: {e}.")),
            Ok(scenario) => self::scenario(&mut parsed, origin, scenario, &keys, &mut names),
        }
    }
    parsed
}

/// The lists of the file, once it is of this format and version.
fn head(source: Source<'_>, format: &str, version: u32, lists: &[&str]) -> Result<Vec<Vec<Value>>, Box<Parsed>> {
    let refuse = |line, code: &str, detail: String| Box::new(Parsed::unreadable(source.file_name, line, code, detail));
    let text = utf8(source.bytes).map_err(|e| refuse(None, "encoding", e))?;
    let mut value: Value = serde_json::from_str(text).map_err(|e| {
        let (line, detail) = json_error(&e);
        refuse(line, "json", detail)
    })?;
    if value.get("format").and_then(Value::as_str) != Some(format) {
        return Err(refuse(None, "format", format!("A file with \"format\": \"{format}\" is expected.")));
    }
    if value.get("format_version").and_then(Value::as_u64) != Some(version.into()) {
        return Err(refuse(None, "version", format!("Only version {version} of the format can be read.")));
    }
    let mut found = Vec::with_capacity(lists.len());
    for name in lists {
        match value.get_mut(*name).map(Value::take) {
            Some(Value::Array(items)) if items.len() <= ITEMS => found.push(items),
            Some(Value::Array(_)) => return Err(refuse(None, "too_many", format!("{name}: at most {ITEMS}."))),
            _ => return Err(refuse(None, "shape", format!("The list {name} is missing."))),
        }
    }
    Ok(found)
}

fn label(item: &Value, kind: &str, place: usize) -> String {
    let name = item.get("name").and_then(Value::as_str).map(super::text::name).filter(|n| !n.is_empty());
    name.unwrap_or_else(|| format!("{kind} {}", place + 1))
}

/// The key of the entry: its name, and its number among those of that name.
fn key(name: &str, names: &mut HashMap<String, usize>) -> String {
    let key = tyrian_domain::text::key(name.trim());
    let count = names.entry(key.clone()).or_default();
    *count += 1;
    if *count == 1 { key } else { format!("{key}#{count}") }
}

/// Takes the tests. The key of each place of the list, none where it cannot be taken.
fn tests(parsed: &mut Parsed, items: Vec<Value>) -> Vec<Option<String>> {
    let mut names = HashMap::new();
    let mut keys = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        let origin = Origin::of(label(&item, "test", place));
        match serde_json::from_value::<TestTemplateCreate>(item) {
            Err(e) => {
                parsed.error(&origin, "shape", format!("This is no test template of ours: {e}."));
                keys.push(None);
            }
            Ok(mut content) => {
                let source_id = key(&content.name, &mut names);
                let mut attack_ids: Vec<String> = Vec::new();
                let faults = content.check();
                for tag in std::mem::take(&mut content.mitre_tags) {
                    let id = tag.external_id.trim().to_uppercase();
                    if !attack_ids.contains(&id) {
                        attack_ids.push(id);
                    }
                }
                if let Err(faults) = faults {
                    for fault in faults {
                        parsed.error(&origin, &fault.code, format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.detail));
                    }
                    keys.push(None);
                    continue;
                }
                keys.push(Some(source_id.clone()));
                parsed.tests.push(TestItem { origin, source_id, content, attack_ids, named_by_catalogue: false });
            }
        }
    }
    keys
}

fn scenario(parsed: &mut Parsed, origin: Origin, scenario: ExportedScenario, keys: &[Option<String>], names: &mut HashMap<String, usize>) {
    let before = parsed.errors.len();
    let fields = ScenarioTemplateCreate {
        name: scenario.name,
        description: scenario.description,
        threat_actor: scenario.threat_actor,
        tags: scenario.tags,
        test_template_ids: Vec::new(),
    };
    for fault in fields.check().err().into_iter().flatten() {
        parsed.error(&origin, &fault.code, format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.detail));
    }
    if scenario.tests.len() > SCENARIO_TESTS {
        parsed.error(&origin, "too_many", format!("tests: at most {SCENARIO_TESTS}."));
    }
    let mut tests = Vec::with_capacity(scenario.tests.len());
    for place in scenario.tests.iter().take(SCENARIO_TESTS) {
        match usize::try_from(*place).ok().and_then(|i| keys.get(i)) {
            Some(Some(key)) => tests.push(key.clone()),
            Some(None) => parsed.error(&origin, "test", format!("tests: the test at place {place} cannot be taken.")),
            None => parsed.error(&origin, "test", format!("tests: the file has no test at place {place}.")),
        }
    }
    if parsed.errors.len() > before {
        return;
    }
    let source_id = key(&fields.name, names);
    parsed.scenarios.push(ScenarioItem {
        origin,
        source_id,
        name: fields.name,
        description: fields.description,
        threat_actor: fields.threat_actor,
        tags: fields.tags,
        tests,
    });
}
