//! Adversary emulation plans of the CTID: the plan a scenario, each procedure a test. Real plans are dirtier than their
//! schema: tactics and techniques that are an `x`, executors in two places, names of several shells in one key.

use std::collections::{BTreeMap, HashSet};

use tyrian_api_types::test_templates::Argument;
use tyrian_domain::template::Executor;
use tyrian_domain::text::LABELS;

use super::atomic::to_json;
use super::limits::ITEMS;
use super::text::{fenced, filled, is_technique_id, labels, name, one_line, paragraphs, utf8};
use super::yaml::{self, Node, Value};
use super::{Origin, Parsed, ScenarioItem, Source, TestItem, blank};

/// Reads a plan.
pub fn parse(source: Source<'_>) -> Parsed {
    let documents = utf8(source.bytes)
        .map_err(|detail| (None, "encoding", detail))
        .and_then(|text| yaml::documents(text).map_err(|e| (Some(e.line), "yaml", e.detail)));
    let documents = match documents {
        Ok(documents) => documents,
        Err((line, code, detail)) => return Parsed::unreadable(source.file_name, line, code, detail),
    };
    let entries: Vec<&Node> = documents.iter().flat_map(Node::items).collect();
    if entries.len() > ITEMS {
        return Parsed::unreadable(source.file_name, None, "too_many", format!("At most {ITEMS} procedures."));
    }
    if entries.is_empty() {
        return Parsed::unreadable(source.file_name, None, "plan", "This is no emulation plan: a list of procedures is expected.");
    }
    let mut parsed = Parsed::default();
    let (mut keys, mut tests) = (HashSet::new(), Vec::new());
    let details = entries.iter().find_map(|e| e.get("emulation_plan_details").map(|d| (e.line, d)));
    for entry in entries.iter().filter(|e| e.get("emulation_plan_details").is_none()) {
        tests.extend(procedure(&mut parsed, entry, &mut keys));
    }
    let Some((line, details)) = details else {
        parsed.warn(
            &Origin::of(source.file_name),
            "no_plan",
            "The file has no emulation_plan_details: its procedures come in without a scenario.",
        );
        return parsed;
    };
    let actor = details.text_of("adversary_name").map(name).filter(|n| !n.is_empty()).unwrap_or_else(|| name(source.file_name));
    let origin = Origin::at(actor.clone(), line);
    let source_id = details.text_of("id").and_then(filled).map_or_else(
        || {
            parsed.warn(&origin, "no_id", "The plan has no id: it is known again by its name.");
            actor.clone()
        },
        |id| one_line(&id, 200),
    );
    let version = details.text_of("attack_version").map(|v| format!("Written for ATT&CK {}.", one_line(v, 20))).unwrap_or_default();
    let description = paragraphs([details.text_of("adversary_description").unwrap_or_default(), &version]);
    parsed.scenarios.push(ScenarioItem {
        origin,
        source_id,
        name: actor.clone(),
        description,
        threat_actor: Some(actor),
        tags: labels(["Emulation plan"]),
        tests,
    });
    parsed
}

/// The key of the procedure's test, where it could be taken.
fn procedure(parsed: &mut Parsed, node: &Node, keys: &mut HashSet<String>) -> Option<String> {
    let title = node.text_of("name").map(name).unwrap_or_default();
    let origin = Origin::at(if title.is_empty() { "a procedure without a name" } else { &title }, node.line);
    let Some(id) = node.text_of("id").and_then(filled).map(|id| one_line(&id, 200)).filter(|_| !title.is_empty()) else {
        parsed.error(&origin, "missing", "A procedure needs an id and a name.");
        return None;
    };
    if !keys.insert(id.clone()) {
        parsed.error(&origin, "repeated", format!("{id} is the id of another procedure too."));
        return None;
    }
    let technique = node.get("technique").and_then(|t| t.text_of("attack_id")).unwrap_or_default().trim().to_ascii_uppercase();
    let mut attack_ids = Vec::new();
    if is_technique_id(&technique) {
        attack_ids.push(technique);
    } else {
        parsed.warn(
            &origin,
            "attack_id",
            format!("{:?} is no ATT&CK technique id: the test is taken without it.", one_line(&technique, 40)),
        );
    }
    let mut content = blank(title);
    let commands = commands(node);
    if let Some(first) = commands.first() {
        content.executor = Some(executor(&first.shell));
        content.command = Some(first.command.clone());
        content.cleanup.clone_from(&first.cleanup);
    }
    let payloads: Vec<&str> = commands.iter().flat_map(|c| c.payloads.iter().map(String::as_str)).collect();
    let others = commands.iter().skip(1).map(|c| format!("{} ({}):\n\n{}", c.os, c.shell, fenced(&c.shell, &c.command)));
    let others: Vec<String> = others.collect();
    content.procedure = paragraphs(others.iter().map(String::as_str));
    content.objective = node.text_of("description").and_then(filled);
    content.platforms = labels(commands.iter().map(|c| c.os.as_str()));
    content.elevation_required =
        node.get("executors").map(Node::items).unwrap_or_default().iter().any(|e| e.text_of("elevation_required") == Some("true"));
    content.arguments = arguments(parsed, &origin, node);
    content.prerequisites = prerequisites(node, &payloads);
    let step = node.text_of("procedure_step").map(|s| format!("Step {s}")).unwrap_or_default();
    let tactic = node.text_of("tactic").unwrap_or_default();
    content.tags = labels(["Emulation plan", tactic, &step].into_iter().filter(|t| *t != "x" && *t != "Step x"));
    let sources = node.get("cti_source");
    let listed = sources.map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
    let links = sources.and_then(Node::text).into_iter().flat_map(|s| s.split([',', ' ', '\n'])).chain(listed);
    content.references = links.map(|l| one_line(l, 2000)).filter(|l| l.starts_with("http")).take(LABELS).collect();
    content.references.dedup();
    parsed.take_test(TestItem { origin, source_id: id.clone(), content, attack_ids, named_by_catalogue: false }).then_some(id)
}

struct Step {
    os: String,
    shell: String,
    command: String,
    cleanup: Option<String>,
    payloads: Vec<String>,
}

/// What `platforms` says, in its order; where it says nothing, what `executors` says.
fn commands(node: &Node) -> Vec<Step> {
    let mut commands = Vec::new();
    for (os, shells) in node.get("platforms").map(Node::fields).unwrap_or_default() {
        for (shell, run) in shells.fields() {
            let Some(command) = run.text_of("command").filter(|c| !c.trim().is_empty()) else { continue };
            let cleanup = run.get("cleanup").map(|c| match &c.value {
                Value::List(lines) => lines.iter().filter_map(Node::text).collect::<Vec<_>>().join("\n"),
                _ => c.text().unwrap_or_default().to_owned(),
            });
            commands.push(Step {
                os: os_name(os),
                shell: shell.clone(),
                command: command.to_owned(),
                cleanup: cleanup.filter(|c| !c.trim().is_empty()),
                payloads: run
                    .get("payloads")
                    .map(Node::items)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Node::text)
                    .map(str::to_owned)
                    .collect(),
            });
        }
    }
    for run in node.get("executors").map(Node::items).unwrap_or_default() {
        let Some(command) = run.text_of("command").filter(|c| !c.trim().is_empty()) else { continue };
        if let Some(known) = commands.iter_mut().find(|c| c.command.trim() == command.trim()) {
            known.cleanup = known.cleanup.take().or_else(|| run.text_of("cleanup_command").and_then(filled));
        } else if commands.is_empty() {
            commands.push(Step {
                os: String::new(),
                shell: run.text_of("name").unwrap_or_default().to_owned(),
                command: command.to_owned(),
                cleanup: run.text_of("cleanup_command").and_then(filled),
                payloads: Vec::new(),
            });
        }
    }
    commands
}

fn os_name(os: &str) -> String {
    match os {
        "windows" => "Windows".into(),
        "linux" => "Linux".into(),
        "darwin" | "macos" => "macOS".into(),
        other => one_line(other, 100),
    }
}

/// The first shell of a key such as `psh,pwsh`.
fn executor(shell: &str) -> Executor {
    match shell.split(',').next().unwrap_or_default().trim() {
        "psh" | "pwsh" | "powershell" => Executor::Powershell,
        "cmd" | "command_prompt" => Executor::Cmd,
        "sh" => Executor::Sh,
        "bash" => Executor::Bash,
        "python" | "python3" => Executor::Python,
        "manual" => Executor::Manual,
        _ => Executor::Other,
    }
}

fn arguments(parsed: &mut Parsed, origin: &Origin, node: &Node) -> BTreeMap<String, Argument> {
    let mut arguments = BTreeMap::new();
    for (key, argument) in node.get("input_arguments").map(Node::fields).unwrap_or_default() {
        let name = one_line(key, 100);
        if name.is_empty() || name != *key {
            parsed.warn(origin, "argument", format!("The argument {name:?} has no name that can be kept: it is left out."));
            continue;
        }
        arguments.insert(
            name,
            Argument {
                description: argument.text_of("description").and_then(filled),
                kind: argument.text_of("type").map(|t| one_line(t, 100).to_lowercase()),
                default: argument.get("default").and_then(to_json),
            },
        );
    }
    arguments
}

fn prerequisites(node: &Node, payloads: &[&str]) -> Option<String> {
    let shell = node.text_of("dependency_executor_name").unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    for dependency in node.get("dependencies").map(Node::items).unwrap_or_default() {
        parts.extend(dependency.text_of("description").map(str::to_owned));
        for (label, field) in [("Check", "prereq_command"), ("Get", "get_prereq_command")] {
            let command = dependency.text_of(field).filter(|c| !c.trim().is_empty());
            parts.extend(command.map(|c| format!("{label}:\n\n{}", fenced(shell, c))));
        }
    }
    if !payloads.is_empty() {
        parts.push(format!("Payloads: {}", payloads.join(", ")));
    }
    paragraphs(parts.iter().map(String::as_str))
}
