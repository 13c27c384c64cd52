//! Sigma rules: each becomes a test with the rule as its detection idea. One YAML file with one or several documents, or
//! a zip of such files.

use std::collections::HashSet;

use tyrian_api_types::test_templates::DetectionRule;

use super::limits::ITEMS;
use super::text::{filled, is_technique_id, labels, name, one_line, utf8};
use super::yaml::{self, Node, Value};
use super::{Origin, Parsed, Source, TestItem, archive, blank};

const LEVELS: [&str; 5] = ["informational", "low", "medium", "high", "critical"];
const STATUSES: [&str; 5] = ["stable", "test", "experimental", "deprecated", "unsupported"];

/// Reads rules.
pub fn parse(source: Source<'_>) -> Parsed {
    let (mut parsed, mut keys) = (Parsed::default(), HashSet::new());
    if archive::is_zip(source.bytes) {
        let wanted = |path: &str| path.to_ascii_lowercase().ends_with(".yml") || path.to_ascii_lowercase().ends_with(".yaml");
        match archive::read(source.bytes, wanted) {
            Ok(entries) if entries.is_empty() => {
                return Parsed::unreadable(source.file_name, None, "empty", "The archive holds no YAML file.");
            }
            Ok(entries) => {
                for entry in entries {
                    match entry.content {
                        Ok(content) => file(&mut parsed, &entry.path, &content, &mut keys),
                        Err((code, detail)) => parsed.error(&Origin::of(entry.path), code, detail),
                    }
                }
            }
            Err((code, detail)) => return Parsed::unreadable(source.file_name, None, code, detail),
        }
    } else {
        file(&mut parsed, source.file_name, source.bytes, &mut keys);
    }
    if parsed.tests.len() > ITEMS {
        return Parsed::unreadable(source.file_name, None, "too_many", format!("At most {ITEMS} rules."));
    }
    parsed
}

fn file(parsed: &mut Parsed, path: &str, bytes: &[u8], keys: &mut HashSet<String>) {
    let text = match utf8(bytes) {
        Ok(text) => text,
        Err(detail) => return parsed.error(&Origin::of(path), "encoding", detail),
    };
    let mut found = false;
    for (first, body) in parts(text) {
        match yaml::documents(&body) {
            Err(e) => {
                found = true;
                parsed.error(&Origin::at(path, e.line + first), "yaml", e.detail);
            }
            Ok(documents) => {
                for document in documents.iter().filter(|d| !d.is_null()) {
                    found = true;
                    rule(parsed, path, first, document, &body, keys);
                }
            }
        }
    }
    if !found {
        parsed.error(&Origin::of(path), "empty", "The file holds no rule.");
    }
}

/// The documents of a file as texts, each with the number of lines before it. A line of `---` ends a document wherever
/// it stands.
fn parts(text: &str) -> Vec<(u64, String)> {
    let mut parts = vec![(0, String::new())];
    for (line, i) in text.lines().zip(1..) {
        if line.trim_end() == "---" {
            parts.push((i, String::new()));
        } else if let Some((_, body)) = parts.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    parts
}

fn rule(parsed: &mut Parsed, path: &str, before: u64, node: &Node, body: &str, keys: &mut HashSet<String>) {
    let title = node.text_of("title").map(name).unwrap_or_default();
    let origin = Origin::at(if title.is_empty() { path } else { &title }, node.line + before);
    let faults = parsed.errors.len();
    if title.is_empty() {
        parsed.error(&origin, "missing", "title is missing: this is no Sigma rule.");
    }
    if !matches!(node.get("logsource").map(|n| &n.value), Some(Value::Map(_))) {
        parsed.error(&origin, "missing", "logsource is missing.");
    }
    if node.get("detection").and_then(|d| d.get("condition")).is_none_or(Node::is_null) {
        parsed.error(&origin, "missing", "detection.condition is missing.");
    }
    let level = node.text_of("level").map(str::to_lowercase);
    if let Some(level) = level.as_ref().filter(|l| !LEVELS.contains(&l.as_str())) {
        parsed.error(&origin, "enum", format!("level: {:?} is none of {}.", one_line(level, 40), LEVELS.join(", ")));
    }
    if let Some(status) = node.text_of("status").filter(|s| !STATUSES.contains(s)) {
        parsed.error(&origin, "enum", format!("status: {:?} is none of {}.", one_line(status, 40), STATUSES.join(", ")));
    }
    if parsed.errors.len() > faults {
        return;
    }
    let source_id = node.text_of("id").and_then(filled).map_or_else(
        || {
            parsed.warn(&origin, "no_id", "The rule has no id: it is known again by its title.");
            title.to_lowercase()
        },
        |id| one_line(&id, 200).to_lowercase(),
    );
    if !keys.insert(source_id.clone()) {
        return parsed.error(&origin, "repeated", format!("{source_id} is the id of another rule of this import too."));
    }
    let (mut attack_ids, mut others) = (Vec::new(), vec!["Sigma".to_owned()]);
    for tag in node.get("tags").map(Node::items).unwrap_or_default().iter().filter_map(Node::text) {
        let id = tag.strip_prefix("attack.").unwrap_or_default().to_ascii_uppercase();
        if !is_technique_id(&id) {
            others.push(tag.to_owned());
        } else if !attack_ids.contains(&id) {
            attack_ids.push(id);
        }
    }
    let shown = level.as_ref().map(|l| format!(" ({l})")).unwrap_or_default();
    let product = node.get("logsource").and_then(|l| l.text_of("product")).map(|p| match p {
        "windows" => "Windows".to_owned(),
        "linux" => "Linux".to_owned(),
        "macos" => "macOS".to_owned(),
        other => other.to_owned(),
    });
    let mut content = blank(title.clone());
    content.objective = node.text_of("description").and_then(filled);
    content.expected_detection = Some(format!("The Sigma rule \"{title}\"{shown} fires."));
    content.platforms = labels(product.as_deref());
    content.tags = labels(others.iter().map(String::as_str));
    let links = node.get("references").map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
    content.references = links.map(|l| one_line(l, 2000)).filter(|l| !l.is_empty()).take(100).collect();
    content.detection_rules = vec![DetectionRule { format: "sigma".to_owned(), title, level, body: body.trim_end().to_owned() + "\n" }];
    parsed.take_test(TestItem { origin, source_id, content, attack_ids, named_by_catalogue: false });
}
