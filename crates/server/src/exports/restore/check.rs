//! What a mission's JSON must be before anything of it is looked up: pure.

use std::collections::HashSet;

use tyrian_api_types::exports::{MISSION_FORMAT, MISSION_FORMAT_VERSION, MissionExport};
use tyrian_api_types::imports::ImportNote;
use tyrian_domain::text::{self, TextFault};
use uuid::Uuid;

use super::{named, note};

/// Notes that one file gets: who has a thousand faults is helped by the first hundred.
const NOTES: usize = 100;

/// Reads the JSON; a note that says where it is wrong.
pub fn parse(name: &str, json: &[u8]) -> Result<MissionExport, ImportNote> {
    let at = |line: usize, code: &str, detail: String| ImportNote { line: Some(line as u64), ..note(name, code, detail) };
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    if let Some(place) = nul(json) {
        let line = String::from_utf8_lossy(json.get(..place).unwrap_or_default()).matches('\n').count() + 1;
        return Err(at(line, "nul", "A NUL character cannot be stored: remove it.".to_owned()));
    }
    #[derive(serde::Deserialize)]
    struct Head {
        format: Option<String>,
        format_version: Option<u32>,
    }
    let head: Head =
        serde_json::from_slice(json).map_err(|e| at(e.line().max(1), "invalid_json", format!("This is no JSON of a mission: {e}.")))?;
    if head.format.as_deref() != Some(MISSION_FORMAT) {
        return Err(at(
            1,
            "unknown_format",
            format!("\"format\" must be \"{MISSION_FORMAT}\": take the json or the bundle export of a mission."),
        ));
    }
    if head.format_version != Some(MISSION_FORMAT_VERSION) {
        return Err(at(1, "unknown_version", format!("\"format_version\" must be {MISSION_FORMAT_VERSION}.")));
    }
    serde_json::from_slice(json).map_err(|e| at(e.line().max(1), "invalid_json", format!("The mission cannot be read: {e}.")))
}

/// Where a NUL stands in JSON, escaped or not.
fn nul(json: &[u8]) -> Option<usize> {
    let escaped = |at: usize| json.get(..at).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0;
    json.iter()
        .position(|b| *b == 0)
        .or_else(|| json.windows(6).enumerate().find(|(at, w)| *w == b"\\u0000" && escaped(*at)).map(|(at, _)| at))
}

struct Faults(Vec<ImportNote>);

impl Faults {
    fn add(&mut self, item: &str, code: &str, detail: impl Into<String>) {
        if self.0.len() < NOTES {
            self.0.push(note(item, code, detail));
        }
    }

    fn told(&mut self, item: &str, field: &str, checked: Result<(), TextFault>) {
        if let Err(fault) = checked {
            self.add(item, fault.code(), format!("{field}: {}", fault.detail()));
        }
    }

    fn line(&mut self, item: &str, field: &str, value: &str, max: usize) {
        self.told(item, field, text::check_line(value, max));
    }

    fn texts(&mut self, item: &str, fields: &[(&str, &Option<String>)]) {
        for (field, value) in fields {
            if let Some(value) = value {
                self.told(item, field, text::check_text(value, text::LONG));
            }
        }
    }

    fn unknown(&mut self, item: &str, what: &str, id: Uuid) {
        self.add(item, "unknown_id", format!("It names the {what} {id}, which the file does not hold."));
    }

    fn once(&mut self, item: &str, ids: impl Iterator<Item = Uuid>) -> HashSet<Uuid> {
        let mut seen = HashSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.add(item, "duplicate_id", format!("The id {id} stands in the file twice."));
            }
        }
        seen
    }
}

/// All that is wrong with it, the first hundred.
pub fn faults(export: &MissionExport) -> Vec<ImportNote> {
    let mut f = Faults(Vec::new());
    let m = &export.mission;
    let name = m.head.name.as_str();
    f.line(name, "name", name, text::NAME);
    f.line(name, "client", &m.head.client, text::LINE);
    let own = [
        ("description", &m.description),
        ("objectives", &m.objectives),
        ("scope", &m.scope),
        ("threat_model", &m.threat_model),
        ("executive_summary", &m.executive_summary),
    ];
    f.texts(name, &own);
    if let (Some(start), Some(end)) = (m.head.start_date, m.head.end_date)
        && end < start
    {
        f.add(name, "before_start", "The last day lies before the first.");
    }
    if export.tests.len() > text::MISSION_TESTS {
        f.add(name, "too_many", format!("A mission has at most {} tests.", text::MISSION_TESTS));
    }
    if m.scenarios.len() > text::MISSION_SCENARIOS || m.head.members.len() > text::MEMBERS {
        f.add(name, "too_many", "The mission has more scenarios or members than one can have.");
    }
    let people = f.once(name, export.people.iter().map(|p| p.id));
    let levels = f.once(name, export.detection_levels.iter().map(|l| l.id));
    let tools = f.once(name, export.defence_tools.iter().map(|t| t.id));
    let scenarios = f.once(name, m.scenarios.iter().map(|s| s.id));
    let categories = f.once(name, export.categories.iter().map(|c| c.id));
    let tests = f.once(name, export.tests.iter().map(|t| t.test.id));
    f.once(name, export.detections.iter().map(|d| d.id));
    f.once(name, export.evidence.iter().map(|e| e.id));
    f.once(name, export.comments.iter().map(|c| c.id));
    f.once(name, m.head.members.iter().map(|member| member.user_id));
    for member in &m.head.members {
        if !people.contains(&member.user_id) {
            f.unknown(name, "person", member.user_id);
        }
    }
    for s in &m.scenarios {
        f.line(&s.name, "name", &s.name, text::NAME);
        f.texts(&s.name, &[("description", &s.description), ("threat_actor", &s.threat_actor)]);
    }
    for c in &export.categories {
        f.line(&c.name, "name", &c.name, text::NAME);
        f.texts(&c.name, &[("summary", &c.summary)]);
    }
    for l in &export.detection_levels {
        f.line(&l.code, "code", &l.code, text::LABEL);
        f.line(&l.code, "name", &l.name, text::NAME);
        f.line(&l.code, "color", &l.color, 7);
    }
    for t in &export.defence_tools {
        f.line(&t.name, "name", &t.name, text::NAME);
        f.line(&t.name, "kind", &t.kind, text::LABEL);
    }
    for t in &export.tests {
        test(&mut f, t, m.head.id, &scenarios, &categories, &levels, &people);
    }
    belongings(&mut f, export, &tests, &tools);
    f.0
}

fn test(
    f: &mut Faults,
    t: &tyrian_api_types::exports::ExportedTest,
    mission: Uuid,
    scenarios: &HashSet<Uuid>,
    categories: &HashSet<Uuid>,
    levels: &HashSet<Uuid>,
    people: &HashSet<Uuid>,
) {
    let (t, tags) = (&t.test, &t.frozen_tags);
    let c = &t.content;
    let item = c.name.as_str();
    f.line(item, "name", &c.name, text::NAME);
    if t.mission_id != mission {
        f.unknown(item, "mission", t.mission_id);
    }
    if !scenarios.contains(&t.mission_scenario_id) {
        f.unknown(item, "scenario", t.mission_scenario_id);
    }
    for (known, what, id) in [(categories, "category", t.category_id), (levels, "detection level", t.detection_level_id)] {
        if let Some(id) = id.filter(|id| !known.contains(id)) {
            f.unknown(item, what, id);
        }
    }
    for id in [t.operator_id, t.assessor_id, t.finding_owner_id].into_iter().flatten().filter(|id| !people.contains(id)) {
        f.unknown(item, "person", id);
    }
    let texts = [
        ("objective", &c.objective),
        ("procedure", &c.procedure),
        ("prerequisites", &c.prerequisites),
        ("cleanup", &c.cleanup),
        ("expected_detection", &c.expected_detection),
        ("command", &c.command),
        ("source_host", &t.source_host),
        ("target_host", &t.target_host),
        ("command_run", &t.command_run),
        ("red_notes", &t.red_notes),
        ("blue_notes", &t.blue_notes),
        ("recommendation", &t.recommendation),
        ("finding_reference", &t.finding_reference),
        ("output", &t.output),
    ];
    f.texts(item, &texts);
    if tags.len() > text::MITRE_TAGS {
        f.add(item, "too_many", format!("A test has at most {} ATT&CK tags.", text::MITRE_TAGS));
    }
    for tag in tags {
        f.line(item, "ATT&CK id", &tag.external_id, text::LABEL);
        let tactics: Result<Vec<tyrian_domain::synthesis::Tactic>, _> = serde_json::from_value(tag.tactics.clone());
        if tactics.is_err() {
            f.add(item, "invalid", format!("The tactics of {} are not as they must be.", tag.external_id));
        }
    }
}

fn belongings(f: &mut Faults, export: &MissionExport, tests: &HashSet<Uuid>, tools: &HashSet<Uuid>) {
    let mut rows = HashSet::new();
    for d in &export.detections {
        let item = named(export, d.mission_test_id);
        if !tests.contains(&d.mission_test_id) {
            f.unknown(&item, "test", d.mission_test_id);
        }
        if !tools.contains(&d.defence_tool_id) {
            f.unknown(&item, "defence tool", d.defence_tool_id);
        }
        if !rows.insert((d.mission_test_id, d.defence_tool_id, d.kind.as_str())) {
            f.add(&item, "duplicate", format!("{} has two rows of the kind {}.", d.defence_tool_name, d.kind));
        }
        f.texts(&item, &[("reference", &d.reference), ("rule", &d.rule), ("notes", &d.notes)]);
    }
    for e in &export.evidence {
        let item = e.file_name.as_str();
        if !tests.contains(&e.mission_test_id) {
            f.unknown(item, "test", e.mission_test_id);
        }
        f.line(item, "file_name", item, text::FILE_NAME);
        f.texts(item, &[("caption", &e.caption)]);
        if e.sha256.len() != 64
            || !e.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            || i64::try_from(e.size_bytes).is_err()
        {
            f.add(item, "invalid", "Its size or its SHA-256 is none.");
        }
        f.line(item, "content_type", &e.content_type, text::LABEL);
    }
    for c in &export.comments {
        if let Some(id) = c.mission_test_id.filter(|id| !tests.contains(id)) {
            f.unknown("comment", "test", id);
        }
        f.texts("comment", &[("body", &Some(c.body.clone()))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_where_it_is_one() {
        assert_eq!(nul(br#"{"a": "x\u0000"}"#), Some(8));
        assert_eq!(nul(br#"{"a": "x\\u0000"}"#), None);
        assert_eq!(nul(b"{\0}"), Some(1));
    }

    #[test]
    fn what_is_no_mission_says_so() {
        for (json, code) in [
            ("", "invalid_json"),
            ("[]", "invalid_json"),
            ("{\n\"format\": ", "invalid_json"),
            ("{}", "unknown_format"),
            (r#"{"format": "tyrian-test-templates", "format_version": 1}"#, "unknown_format"),
            (r#"{"format": "tyrian-mission", "format_version": 99}"#, "unknown_version"),
            (r#"{"format": "tyrian-mission", "format_version": 1}"#, "invalid_json"),
        ] {
            let fault = parse("m.json", json.as_bytes()).unwrap_err();
            assert_eq!(fault.code, code, "{json}: {}", fault.detail);
        }
        assert_eq!(parse("m.json", b"{\n\n!").unwrap_err().line, Some(3));
    }
}
