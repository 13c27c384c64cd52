//! PurpleOps: campaigns and test case templates (JSON) become tests of the library, an assessment's export (JSON or CSV)
//! a mission that was run.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use tyrian_api_types::test_templates::TestTemplateCreate;
use tyrian_domain::test::{Fact, Grade, TestState};

use super::limits::ITEMS;
use super::navigator::json_error;
use super::table::Table;
use super::text::{filled, is_technique_id, labels, list, name, one_line, paragraphs, time, utf8};
use super::{MissionItem, Origin, Parsed, Run, RunItem, Source, TestItem, blank};

/// A test case: its fields by their names, lower case without spaces.
struct Case {
    line: Option<u64>,
    fields: BTreeMap<String, String>,
}

impl Case {
    fn get(&self, field: &str) -> &str {
        self.fields.get(field).map(|v| v.trim()).unwrap_or_default()
    }

    fn title(&self) -> String {
        name(self.get("name"))
    }

    fn origin(&self) -> Origin {
        let title = self.title();
        Origin { item: if title.is_empty() { "a test case without a name".to_owned() } else { title }, line: self.line }
    }
}

/// Reads the file.
pub fn parse(source: Source<'_>) -> Parsed {
    let cases = match cases(source.bytes) {
        Ok(cases) => cases,
        Err((line, code, detail)) => return Parsed::unreadable(source.file_name, line, code, detail),
    };
    let mut parsed = Parsed::default();
    if cases.iter().any(|c| ["assessmentid", "state", "outcome"].iter().any(|f| c.fields.contains_key(*f))) {
        assessments(&mut parsed, source.file_name, &cases);
    } else {
        templates(&mut parsed, &cases);
    }
    parsed
}

type FileError = (Option<u64>, &'static str, String);

fn cases(bytes: &[u8]) -> Result<Vec<Case>, FileError> {
    let text = utf8(bytes).map_err(|e| (None, "encoding", e))?;
    if !text.trim_start().starts_with(['[', '{']) {
        return rows(bytes);
    }
    let value: Value = serde_json::from_str(text).map_err(|e| {
        let (line, detail) = json_error(&e);
        (line, "json", detail)
    })?;
    let items = match value {
        Value::Array(items) if items.len() <= ITEMS => items,
        Value::Array(_) => return Err((None, "too_many", format!("At most {ITEMS} test cases."))),
        _ => return Err((None, "purpleops", "A list of test cases is expected.".to_owned())),
    };
    let mut cases = Vec::with_capacity(items.len());
    for item in items {
        let Value::Object(fields) = item else {
            return Err((None, "purpleops", "A list of test cases is expected: each of them an object.".to_owned()));
        };
        cases.push(Case { line: None, fields: fields.into_iter().map(|(k, v)| (key(&k), plain(&v))).collect() });
    }
    Ok(cases)
}

fn rows(bytes: &[u8]) -> Result<Vec<Case>, FileError> {
    let table = Table::read(bytes, &["name"])?;
    let rows = table.rows.iter().map(|row| Case {
        line: Some(row.line),
        fields: table.columns().map(|column| (key(column), table.cell(row, column).to_owned())).collect(),
    });
    Ok(rows.collect())
}

fn key(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace() && *c != '_').flat_map(char::to_lowercase).collect()
}

/// A value as a CSV cell would have it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Entries of `tools` and `tags`: `name|description` or a plain name.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    list(cell).map(|entry| entry.split_once('|').map_or(entry, |(name, _)| name).trim())
}

fn content(case: &Case, title: String) -> TestTemplateCreate {
    let tools: Vec<&str> = names(case.get("tools")).collect();
    let tools = if tools.is_empty() { String::new() } else { format!("Tools: {}", tools.join(", ")) };
    TestTemplateCreate {
        objective: filled(case.get("objective")),
        procedure: paragraphs([case.get("actions"), &tools]),
        prerequisites: filled(case.get("requirements")),
        tags: labels(names(case.get("tags")).chain([case.get("tactic"), case.get("provider")])),
        ..blank(title)
    }
}

fn attack_id(parsed: &mut Parsed, origin: &Origin, case: &Case) -> Option<String> {
    let id = case.get("mitreid").to_ascii_uppercase();
    if is_technique_id(&id) {
        return Some(id);
    }
    if !id.is_empty() {
        parsed.warn(origin, "attack_id", format!("{:?} is no ATT&CK technique id: the test is taken without it.", one_line(&id, 40)));
    }
    None
}

fn templates(parsed: &mut Parsed, cases: &[Case]) {
    let mut keys = HashSet::new();
    for case in cases {
        let (origin, title) = (case.origin(), case.title());
        if title.is_empty() {
            parsed.error(&origin, "required", "A test case needs a name.");
            continue;
        }
        let own = filled(case.get("uuid")).map(|id| one_line(&id, 200));
        let source_id = own.unwrap_or_else(|| format!("{}/{}", case.get("mitreid"), title.to_lowercase()));
        if !keys.insert(source_id.clone()) {
            parsed.error(&origin, "repeated", "Another test case of the file has this id, or this technique and name.");
            continue;
        }
        let attack_ids = attack_id(parsed, &origin, case).into_iter().collect();
        let content = content(case, title);
        parsed.take_test(TestItem { origin, source_id, content, attack_ids, named_by_catalogue: false });
    }
}

fn assessments(parsed: &mut Parsed, file_name: &str, cases: &[Case]) {
    let mut missions: Vec<MissionItem> = Vec::new();
    for case in cases {
        let (origin, title) = (case.origin(), case.title());
        if title.is_empty() {
            parsed.error(&origin, "required", "A test case needs a name.");
            continue;
        }
        let attack = attack_id(parsed, &origin, case).into_iter().map(|id| (id, None)).collect();
        let Some(run) = run(parsed, &origin, case) else { continue };
        let content = content(case, title);
        if !parsed.check_run(&origin, &content, &run) {
            continue;
        }
        let id = filled(case.get("assessmentid")).map_or_else(|| one_line(file_name, 150), |id| one_line(&id, 150));
        let test = RunItem { origin, content, attack, run };
        match missions.iter_mut().find(|m| m.source_id == id) {
            Some(mission) => mission.scenarios.iter_mut().for_each(|(_, tests)| tests.push(test.clone())),
            None => missions.push(MissionItem {
                origin: Origin { item: format!("Assessment {id}"), line: case.line },
                name: format!("PurpleOps assessment {id}"),
                source_id: id,
                client: "PurpleOps".to_owned(),
                description: Some("Imported from PurpleOps.".to_owned()),
                scenarios: vec![("PurpleOps".to_owned(), vec![test])],
            }),
        }
    }
    parsed.missions = missions;
}

fn run(parsed: &mut Parsed, origin: &Origin, case: &Case) -> Option<Run> {
    let before = parsed.errors.len();
    let mut at = |field: &str| {
        time(case.get(field)).unwrap_or_else(|detail| {
            parsed.error(origin, "time", format!("{field}: {detail}"));
            None
        })
    };
    let [started_at, ended_at, detected_at] = ["starttime", "endtime", "detecttime"].map(&mut at);
    let [alerted_at, responded_at] = ["alerttime", "incidenttime"].map(&mut at);
    let mut fact = |field: &str| {
        fact(case.get(field)).unwrap_or_else(|| {
            parsed.error(origin, "enum", format!("{field}: {:?} is none of Yes, Partial, No and N/A.", one_line(case.get(field), 40)));
            Fact::Unknown
        })
    };
    let [logged, alerted, prevented] = ["logged", "alerted", "prevented"].map(&mut fact);
    let Some(state) = state(case.get("state")) else {
        parsed.error(origin, "enum", format!("state: {:?} is unknown.", one_line(case.get("state"), 40)));
        return None;
    };
    let detected_at = match (started_at, detected_at) {
        (Some(start), Some(seen)) if seen < start => {
            parsed.warn(origin, "before_start", "detecttime lies before starttime: it is left out.");
            None
        }
        _ => detected_at,
    };
    let more = ["alertseverity", "preventedrating", "detectionrating", "controls", "preventionsources", "detectionsources"];
    let more = more.iter().filter_map(|f| filled(case.get(f)).filter(|v| v != "None" && v != "N/A").map(|v| format!("{f}: {v}")));
    let more = more.collect::<Vec<_>>().join("\n");
    let hosts = |field| filled(&names(case.get(field)).collect::<Vec<_>>().join(", ")).map(|t| one_line(&t, 200));
    let run = Run {
        state,
        disclosed: !["false", "no", "0"].contains(&case.get("visible").to_lowercase().as_str()),
        source_host: hosts("sources"),
        target_host: hosts("targets"),
        started_at,
        ended_at,
        red_notes: filled(case.get("rednotes")),
        logged,
        alerted,
        prevented,
        detected_at,
        alerted_at,
        responded_at,
        blue_notes: paragraphs([case.get("bluenotes"), &more]),
        priority: grade(case.get("priorityurgency")),
        ..Run::default()
    };
    for field in ["redfiles", "bluefiles"] {
        if !case.get(field).is_empty() {
            parsed.warn(origin, "files", format!("{field}: the files themselves are not in the export and are left out."));
        }
    }
    (parsed.errors.len() == before).then_some(run)
}

fn fact(word: &str) -> Option<Fact> {
    match word.to_lowercase().as_str() {
        "yes" | "true" => Some(Fact::Yes),
        "partial" => Some(Fact::Partial),
        "no" | "false" => Some(Fact::No),
        "n/a" => Some(Fact::NotApplicable),
        "" | "none" => Some(Fact::Unknown),
        _ => None,
    }
}

fn state(word: &str) -> Option<TestState> {
    match word.to_lowercase().as_str() {
        "pending" | "" => Some(TestState::Planned),
        "running" | "in progress" => Some(TestState::Running),
        "waiting blue" | "waiting red" => Some(TestState::Executed),
        "complete" | "completed" => Some(TestState::Assessed),
        "abandoned" | "skipped" => Some(TestState::Skipped),
        _ => None,
    }
}

fn grade(word: &str) -> Option<Grade> {
    match word.to_lowercase().as_str() {
        "low" => Some(Grade::Low),
        "medium" => Some(Grade::Medium),
        "high" => Some(Grade::High),
        "critical" => Some(Grade::Critical),
        _ => None,
    }
}
