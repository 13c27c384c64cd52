//! Atomic Red Team: one YAML file a technique, alone or in a zip. Held to the rules of the project's own validator
//! (`atomic_red_team/models.py`), so that what upstream refuses is refused here, with its line.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use serde_json::Value as Json;
use tyrian_api_types::test_templates::{Argument, TestTemplateCreate};
use tyrian_domain::template::Executor;

use super::limits::ITEMS;
use super::text::{fenced, filled, is_technique_id, labels, name, paragraphs, utf8};
use super::yaml::{self, Node, Value};
use super::{Origin, Parsed, Source, TestItem, archive, blank};

const PLATFORMS: [(&str, &str); 13] = [
    ("windows", "Windows"),
    ("macos", "macOS"),
    ("linux", "Linux"),
    ("office-365", "Office 365"),
    ("azure-ad", "Azure AD"),
    ("google-workspace", "Google Workspace"),
    ("saas", "SaaS"),
    ("iaas", "IaaS"),
    ("containers", "Containers"),
    ("iaas:gcp", "IaaS:GCP"),
    ("iaas:azure", "IaaS:Azure"),
    ("iaas:aws", "IaaS:AWS"),
    ("esxi", "ESXi"),
];
const EXECUTORS: [(&str, Executor); 5] = [
    ("manual", Executor::Manual),
    ("powershell", Executor::Powershell),
    ("sh", Executor::Sh),
    ("bash", Executor::Bash),
    ("command_prompt", Executor::Cmd),
];
const TYPES: [&str; 5] = ["url", "string", "float", "integer", "path"];

/// Reads a YAML file or a zip of them.
pub fn parse(source: Source<'_>) -> Parsed {
    let mut reader = Reader::default();
    if archive::is_zip(source.bytes) {
        reader.archive(source);
    } else {
        reader.file(source.file_name, source.bytes, true);
    }
    if reader.parsed.tests.len() > ITEMS {
        return Parsed::unreadable(source.file_name, None, "too_many", format!("At most {ITEMS} tests."));
    }
    reader.parsed
}

#[derive(Default)]
struct Reader {
    parsed: Parsed,
    keys: HashSet<String>,
}

/// The file that the name of an Atomic file stands for: `T1059.001`.
fn technique_of(path: &str) -> Option<&str> {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".yaml").filter(|stem| is_technique_id(stem))
}

fn is_yaml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"))
}

impl Reader {
    fn archive(&mut self, source: Source<'_>) {
        let entries = match archive::read(source.bytes, is_yaml) {
            Ok(entries) => entries,
            Err((code, detail)) => {
                self.parsed = Parsed::unreadable(source.file_name, None, code, detail);
                return;
            }
        };
        if entries.is_empty() {
            self.parsed = Parsed::unreadable(source.file_name, None, "empty", "The archive holds no YAML file.");
            return;
        }
        // a whole repository has other YAML files too
        let named = entries.iter().any(|e| technique_of(&e.path).is_some());
        for entry in &entries {
            match &entry.content {
                Ok(content) => self.file(&entry.path, content, !named || technique_of(&entry.path).is_some()),
                Err((code, detail)) => self.parsed.error(&Origin::of(&entry.path), code, detail.as_str()),
            }
        }
    }

    /// A file; one that is not `sure` to be of this format is passed over where it is none.
    fn file(&mut self, path: &str, bytes: &[u8], sure: bool) {
        let whole = Origin::of(path);
        let document = utf8(bytes).map_err(|detail| (None, "encoding", detail)).and_then(|text| {
            let documents = yaml::documents(text).map_err(|e| (Some(e.line), "yaml", e.detail))?;
            match <[Node; 1]>::try_from(documents) {
                Ok([document]) => Ok(document),
                Err(_) => Err((None, "yaml", "The file must hold one YAML document.".to_owned())),
            }
        });
        let document = match document {
            Ok(document) if sure || document.get("atomic_tests").is_some() => document,
            Ok(_) => return self.parsed.warn(&whole, "ignored", "This is no Atomic Red Team file."),
            Err(_) if !sure => return self.parsed.warn(&whole, "ignored", "This is no Atomic Red Team file."),
            Err((line, code, detail)) => return self.parsed.error(&Origin { line, ..whole }, code, detail),
        };
        let Some(head) = self.head(&whole, &document) else { return };
        if technique_of(path) != Some(head.technique) {
            self.parsed.warn(&whole, "file_name", format!("A file of this technique is called {}.yaml.", head.technique));
        }
        for test in document.get("atomic_tests").map(Node::items).unwrap_or_default() {
            self.test(&head, test);
        }
    }

    /// What stands above the tests. A fault there is one of the file, so that none of its tests is taken.
    fn head<'n>(&mut self, whole: &Origin, document: &'n Node) -> Option<Head<'n>> {
        let before = self.parsed.errors.len();
        let mut check = Check { parsed: &mut self.parsed, item: whole.item.clone() };
        if !matches!(document.value, Value::Map(_)) {
            check.fault(document, "type", "An Atomic Red Team file is a map of attack_technique, display_name and atomic_tests.");
            return None;
        }
        check.known(document, &["attack_technique", "display_name", "atomic_tests"]);
        let technique = check.text(document, "attack_technique", 1);
        if let Some(technique) = technique.filter(|t| !is_technique_id(t)) {
            check.fault(
                document.get("attack_technique").unwrap_or(document),
                "string_pattern_mismatch",
                format!("attack_technique: {technique:?} is no ATT&CK technique id."),
            );
        }
        check.text(document, "display_name", 5);
        match document.get("atomic_tests").map(|n| &n.value) {
            Some(Value::List(tests)) if !tests.is_empty() => {}
            _ => check.fault(
                document.get("atomic_tests").unwrap_or(document),
                "atomic_tests",
                "atomic_tests: a list of at least one test is needed.",
            ),
        }
        let technique = technique?;
        (self.parsed.errors.len() == before).then_some(Head { technique })
    }

    fn test(&mut self, head: &Head<'_>, node: &Node) {
        let label = node.text_of("name").map(name).filter(|n| !n.is_empty()).unwrap_or_else(|| "a test without a name".to_owned());
        let origin = Origin::at(format!("{}: {label}", head.technique), node.line);
        let before = self.parsed.errors.len();
        let mut check = Check { parsed: &mut self.parsed, item: origin.item.clone() };
        let content = check.test(node);
        let guid = check.guid(node);
        if self.parsed.errors.len() > before {
            return;
        }
        let Some(mut content) = content else { return };
        let source_id = guid.unwrap_or_else(|| {
            self.parsed.warn(&origin, "no_guid", "The test has no auto_generated_guid: it is known again by its technique and name.");
            format!("{}:{}", head.technique, content.name)
        });
        if !self.keys.insert(source_id.clone()) {
            return self.parsed.error(&origin, "reused_guid", format!("{source_id} is the key of another test of this import too."));
        }
        content.tags = labels(["Atomic Red Team"]);
        content.references = vec![format!("https://github.com/redcanaryco/atomic-red-team/blob/master/atomics/{0}/{0}.md", head.technique)];
        let attack_ids = vec![head.technique.to_owned()];
        self.parsed.take_test(TestItem { origin, source_id, content, attack_ids, named_by_catalogue: false });
    }
}

struct Head<'n> {
    technique: &'n str,
}

/// Notes what is wrong with one item.
struct Check<'p> {
    parsed: &'p mut Parsed,
    item: String,
}

impl Check<'_> {
    fn fault(&mut self, node: &Node, code: &str, detail: impl Into<String>) {
        let origin = Origin::at(self.item.clone(), node.line);
        self.parsed.error(&origin, code, detail);
    }

    fn known(&mut self, node: &Node, names: &[&str]) {
        for (name, field) in node.fields() {
            if !names.contains(&name.as_str()) {
                self.fault(field, "extra_forbidden", format!("{name}: there is no such field here; it takes {}.", names.join(", ")));
            }
        }
    }

    /// A text that is needed.
    fn text<'n>(&mut self, node: &'n Node, field: &str, min: usize) -> Option<&'n str> {
        let Some(value) = node.get(field).filter(|n| !n.is_null()) else {
            self.fault(node, "missing", format!("{field} is missing."));
            return None;
        };
        let Some(text) = value.text() else {
            self.fault(value, "type", format!("{field} should be a text but is {}.", value.kind()));
            return None;
        };
        if text.trim().chars().count() < min {
            self.fault(value, "string_too_short", format!("{field} needs at least {min} characters."));
            return None;
        }
        Some(text)
    }

    /// A text that may be left out.
    fn optional<'n>(&mut self, node: &'n Node, field: &str) -> Option<&'n str> {
        let value = node.get(field).filter(|n| !n.is_null())?;
        let text = value.text();
        if text.is_none() {
            self.fault(value, "type", format!("{field} should be a text but is {}.", value.kind()));
        }
        text
    }

    fn guid(&mut self, node: &Node) -> Option<String> {
        let text = self.optional(node, "auto_generated_guid")?.trim().to_ascii_lowercase();
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
        if lengths == [8, 4, 4, 4, 12] && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_hexdigit())) {
            return Some(text);
        }
        self.fault(node.get("auto_generated_guid").unwrap_or(node), "uuid_parsing", "auto_generated_guid is no UUID.");
        None
    }

    fn test(&mut self, node: &Node) -> Option<TestTemplateCreate> {
        if !matches!(node.value, Value::Map(_)) {
            self.fault(node, "type", format!("A test is a map but here stands {}.", node.kind()));
            return None;
        }
        self.known(
            node,
            &[
                "name",
                "auto_generated_guid",
                "description",
                "supported_platforms",
                "input_arguments",
                "dependency_executor_name",
                "dependencies",
                "executor",
            ],
        );
        let title = self.text(node, "name", 1);
        let description = self.text(node, "description", 1);
        let platforms = self.platforms(node);
        let arguments = self.arguments(node);
        let (executor, run) = self.executor(node, &platforms)?;
        let prerequisites = self.dependencies(node);
        self.placeholders(node, &arguments);
        Some(TestTemplateCreate {
            objective: description.and_then(filled),
            procedure: (executor == Executor::Manual).then(|| run.text.clone()),
            prerequisites,
            cleanup: run.cleanup,
            platforms: platforms.iter().map(|(_, shown)| (*shown).to_owned()).collect(),
            executor: Some(executor),
            command: (executor != Executor::Manual).then_some(run.text),
            arguments,
            elevation_required: run.elevated,
            ..blank(name(title?))
        })
    }

    fn platforms(&mut self, node: &Node) -> Vec<(&'static str, &'static str)> {
        let listed = node.get("supported_platforms").map(Node::items).unwrap_or_default();
        if listed.is_empty() {
            self.fault(node.get("supported_platforms").unwrap_or(node), "missing", "supported_platforms: at least one platform is needed.");
        }
        let mut platforms = Vec::new();
        for entry in listed {
            match PLATFORMS.iter().find(|(word, _)| entry.text() == Some(word)) {
                Some(known) if !platforms.contains(known) => platforms.push(*known),
                Some(_) => {}
                None => {
                    self.fault(entry, "enum", format!("supported_platforms: {:?} is no platform.", entry.text().unwrap_or(entry.kind())));
                }
            }
        }
        platforms
    }

    fn arguments(&mut self, node: &Node) -> BTreeMap<String, Argument> {
        let mut arguments = BTreeMap::new();
        let Some(listed) = node.get("input_arguments") else { return arguments };
        if listed.fields().is_empty() {
            self.fault(listed, "empty_input_arguments", "input_arguments is empty: leave it out.");
        }
        for (key, argument) in listed.fields() {
            if key.is_empty() || !key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
                self.fault(
                    argument,
                    "string_pattern_mismatch",
                    format!("input_arguments: {key:?} is no name of letters, digits, _ and -."),
                );
                continue;
            }
            self.known(argument, &["description", "type", "default"]);
            let description = self.text(argument, "description", 1);
            let kind = self.text(argument, "type", 1).map(str::to_lowercase);
            if let Some(kind) = &kind {
                if !TYPES.contains(&kind.as_str()) {
                    self.fault(argument, "enum", format!("{key}: {kind:?} is no type; it takes {}.", TYPES.join(", ")));
                }
                self.default_of(key, kind, argument);
            }
            let default = argument.get("default").and_then(to_json);
            arguments.insert(key.clone(), Argument { description: description.and_then(filled), kind, default });
        }
        arguments
    }

    /// The default is of the argument's type.
    fn default_of(&mut self, key: &str, kind: &str, argument: &Node) {
        let Some(node) = argument.get("default").filter(|n| !n.is_null()) else { return };
        let Some(text) = node.text().map(str::trim) else {
            return self.fault(node, "type", format!("{key}: the default should be a text or a number but is {}.", node.kind()));
        };
        match kind {
            "integer" if text.parse::<i64>().is_err() => {
                self.fault(node, "int_parsing", format!("{key}: the default {text:?} is no whole number."));
            }
            "float" if !text.parse::<f64>().is_ok_and(f64::is_finite) => {
                self.fault(node, "float_type", format!("{key}: the default {text:?} is no number."));
            }
            // an address, a host or an IP: real files have all three
            "url"
                if !text.contains("://")
                    && (text.is_empty() || text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control())) =>
            {
                self.fault(node, "url_parsing", format!("{key}: the default {text:?} is no URL, host or IP address."));
            }
            _ => {}
        }
    }

    fn executor(&mut self, node: &Node, platforms: &[(&str, &str)]) -> Option<(Executor, RunOf)> {
        let Some(executor) = node.get("executor").filter(|n| !n.is_null()) else {
            self.fault(node, "missing", "executor is missing.");
            return None;
        };
        let word = self.text(executor, "name", 1)?;
        let Some((_, kind)) = EXECUTORS.iter().find(|(name, _)| *name == word) else {
            let known: Vec<&str> = EXECUTORS.iter().map(|(name, _)| *name).collect();
            self.fault(executor, "union_tag_invalid", format!("executor: {word:?} is none of {}.", known.join(", ")));
            return None;
        };
        let elevated = match executor.get("elevation_required").map(|n| (n, &n.value)) {
            None | Some((_, Value::Null)) => false,
            Some((_, Value::Bool(flag))) => *flag,
            Some((field, _)) => {
                self.fault(field, "bool_type", "elevation_required is true or false.");
                false
            }
        };
        if *kind == Executor::Manual {
            self.known(executor, &["name", "steps", "elevation_required"]);
            let text = self.text(executor, "steps", 1)?.to_owned();
            return Some((*kind, RunOf { text, cleanup: None, elevated }));
        }
        self.known(executor, &["name", "command", "cleanup_command", "elevation_required"]);
        let text = self.text(executor, "command", 1)?.to_owned();
        let cleanup = self.optional(executor, "cleanup_command").map(str::to_owned).filter(|c| !c.trim().is_empty());
        let unix = platforms.iter().any(|(word, _)| ["linux", "macos"].contains(word));
        if unix && !elevated && [Some(&text), cleanup.as_ref()].into_iter().flatten().any(|c| c.contains("sudo")) {
            self.fault(executor, "elevation_required_but_not_provided", "The command uses sudo, but elevation_required is not true.");
        }
        Some((*kind, RunOf { text, cleanup, elevated }))
    }

    /// What must be there before, as Markdown: each dependency with how it is checked and fetched.
    fn dependencies(&mut self, node: &Node) -> Option<String> {
        let dependencies = node.get("dependencies").map(Node::items).unwrap_or_default();
        if let Some(shell) = node.get("dependency_executor_name") {
            match shell.text() {
                None => self.fault(shell, "empty_dependency_executor_name", "dependency_executor_name is empty: leave it out."),
                Some(word) if !EXECUTORS.iter().any(|(name, _)| *name == word) => {
                    self.fault(shell, "enum", format!("dependency_executor_name: {word:?} is no executor."));
                }
                Some(_) if dependencies.is_empty() => {
                    self.fault(shell, "invalid_dependency_executor_name", "dependency_executor_name is there, but no dependencies.");
                }
                Some(_) => {}
            }
        }
        let shell = node.text_of("dependency_executor_name").or_else(|| node.get("executor").and_then(|e| e.text_of("name")));
        let shell = shell.filter(|s| *s != "manual").unwrap_or_default();
        let mut parts = Vec::new();
        for dependency in dependencies {
            self.known(dependency, &["description", "prereq_command", "get_prereq_command"]);
            let description = self.text(dependency, "description", 1).unwrap_or_default();
            let check = self.text(dependency, "prereq_command", 1).unwrap_or_default();
            parts.push(description.trim().to_owned());
            parts.push(format!("Check:\n\n{}", fenced(shell, check)));
            if let Some(get) = self.optional(dependency, "get_prereq_command").filter(|g| !g.trim().is_empty()) {
                parts.push(format!("Get:\n\n{}", fenced(shell, get)));
            }
        }
        paragraphs(parts.iter().map(String::as_str))
    }

    /// Each placeholder has its argument, and each argument its placeholder.
    fn placeholders(&mut self, node: &Node, arguments: &BTreeMap<String, Argument>) {
        let mut used = BTreeSet::new();
        let executor = node.get("executor");
        for field in ["command", "cleanup_command", "steps"] {
            used.extend(placeholders(executor.and_then(|e| e.text_of(field)).unwrap_or_default()));
        }
        for dependency in node.get("dependencies").map(Node::items).unwrap_or_default() {
            for (_, field) in dependency.fields() {
                used.extend(placeholders(field.text().unwrap_or_default()));
            }
        }
        for missing in used.iter().filter(|u| !arguments.contains_key(**u)) {
            self.fault(node, "missing_input_argument", format!("#{{{missing}}} is used, but input_arguments has no such argument."));
        }
        for unused in arguments.keys().filter(|a| !used.contains(a.as_str())) {
            self.fault(node, "unused_input_argument", format!("input_arguments has {unused}, but nothing uses #{{{unused}}}."));
        }
    }
}

struct RunOf {
    text: String,
    cleanup: Option<String>,
    elevated: bool,
}

/// The names in `#{…}`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("#{").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// A default as the library keeps it: a text or a number.
pub(super) fn to_json(node: &Node) -> Option<Json> {
    match &node.value {
        Value::Number(text) => {
            Some(serde_json::from_str::<serde_json::Number>(text).map_or_else(|_| Json::String(text.clone()), Json::Number))
        }
        Value::Bool(flag) => Some(Json::Bool(*flag)),
        Value::Text(text) => Some(Json::String(text.clone())),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}
