//! VECTR's CSV: each AssessmentGroup is a mission that was run, each Campaign in it a scenario, each row a test.

use std::collections::HashMap;

use tyrian_api_types::test_templates::TestTemplateCreate;
use tyrian_domain::test::{Fact, Grade, TestState};

use super::table::{Row, Table};
use super::text::{filled, is_technique_id, labels, list, name, one_line, paragraphs, time};
use super::{MissionItem, Origin, Parsed, Run, RunItem, Source, blank};

/// Reads the file.
pub fn parse(source: Source<'_>) -> Parsed {
    let table = match Table::read(source.bytes, &["AssessmentGroup", "Campaign", "Variant", "MitreID", "Outcome"]) {
        Ok(table) => table,
        Err((line, code, detail)) => return Parsed::unreadable(source.file_name, line, code, detail),
    };
    let mut parsed = Parsed::default();
    let mut missions: Vec<MissionItem> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for row in &table.rows {
        let cell = |column: &'static str| table.cell(row, column);
        let title = name(cell("Variant"));
        let origin = Origin::at(if title.is_empty() { "a row without a Variant".to_owned() } else { title.clone() }, row.line);
        let group = name(cell("AssessmentGroup"));
        if group.is_empty() || title.is_empty() {
            parsed.error(&origin, "required", "AssessmentGroup and Variant are needed: they name the mission and the test.");
            continue;
        }
        let Some(test) = run_of(&table, row, &origin, title, &mut parsed) else { continue };
        let at = *place.entry(group.clone()).or_insert_with(|| {
            missions.push(mission(&table, row, group));
            missions.len() - 1
        });
        let campaign = Some(name(cell("Campaign"))).filter(|c| !c.is_empty()).unwrap_or_else(|| "VECTR".to_owned());
        if let Some(mission) = missions.get_mut(at) {
            match mission.scenarios.iter_mut().find(|(name, _)| *name == campaign) {
                Some((_, tests)) => tests.push(test),
                None => mission.scenarios.push((campaign, vec![test])),
            }
        }
    }
    if missions.is_empty() && parsed.errors.is_empty() {
        return Parsed::unreadable(source.file_name, None, "empty", "The file has no rows.");
    }
    parsed.missions = missions;
    parsed
}

fn mission(table: &Table, row: &Row, group: String) -> MissionItem {
    let client = list(table.cell(row, "Organizations")).next().map_or_else(|| "VECTR".to_owned(), name);
    MissionItem {
        origin: Origin::at(group.clone(), row.line),
        source_id: group.clone(),
        name: group,
        client,
        description: Some("Imported from VECTR.".to_owned()),
        scenarios: Vec::new(),
    }
}

fn run_of(table: &Table, row: &Row, origin: &Origin, title: String, parsed: &mut Parsed) -> Option<RunItem> {
    let cell = |column: &'static str| table.cell(row, column);
    let before = parsed.errors.len();
    let mut at = |column: &'static str| {
        time(cell(column)).unwrap_or_else(|detail| {
            parsed.error(origin, "time", format!("{column}: {detail}"));
            None
        })
    };
    let (started_at, ended_at, seen_at) = (at("Start Time"), at("Stop Time"), at("Detection Time"));
    let outcome = cell("Outcome").to_lowercase().replace([' ', '_'], "");
    let (fact_of_alert, fact_of_log) = (said(cell("Alert Triggered")), said(cell("Activity Logged")));
    for (column, fact) in [("Alert Triggered", fact_of_alert), ("Activity Logged", fact_of_log)] {
        if fact.is_none() {
            parsed.error(origin, "enum", format!("{column}: {:?} is none of Yes, No and TBD.", one_line(cell(column), 40)));
        }
    }
    let (mut alerted, logged) = (fact_of_alert.unwrap_or(Fact::Unknown), fact_of_log.unwrap_or(Fact::Unknown));
    let mut notes = Vec::new();
    let prevented = match outcome.as_str() {
        "blocked" => Fact::Yes,
        "detected" => {
            alerted = Fact::Yes;
            Fact::No
        }
        "notdetected" => {
            if alerted == Fact::Yes {
                alerted = Fact::No;
                notes.push("VECTR also says \"Alert Triggered: Yes\".".to_owned());
                parsed.warn(origin, "contradiction", "The Outcome is NotDetected although Alert Triggered is Yes: the Outcome counts.");
            }
            Fact::No
        }
        "" | "tbd" => Fact::Unknown,
        _ => {
            parsed.error(
                origin,
                "enum",
                format!("Outcome: {:?} is none of Blocked, Detected, NotDetected and TBD.", one_line(cell("Outcome"), 40)),
            );
            Fact::Unknown
        }
    };
    let seen = prevented == Fact::Yes || outcome == "detected";
    let detected_at = seen_at.filter(|_| seen);
    let detected_at = match (started_at, detected_at) {
        (Some(start), Some(seen)) if seen < start => {
            parsed.warn(origin, "before_start", "Detection Time lies before Start Time: it is left out.");
            None
        }
        _ => detected_at,
    };
    let state = state_of(cell("Status"), &outcome);
    let Some(state) = state else {
        parsed.error(origin, "enum", format!("Status: {:?} is unknown.", one_line(cell("Status"), 40)));
        return None;
    };
    let attack_id = cell("MitreID").to_ascii_uppercase();
    let method = filled(cell("Method")).map(|m| one_line(&m, 200));
    if !attack_id.is_empty() && !is_technique_id(&attack_id) {
        parsed.warn(
            origin,
            "attack_id",
            format!("{:?} is no ATT&CK technique id: the test is taken without it.", one_line(&attack_id, 40)),
        );
    }
    let attack = if is_technique_id(&attack_id) { vec![(attack_id, method.clone())] } else { Vec::new() };
    for (label, column) in [("Outcome notes", "Outcome Notes"), ("Detecting tools", "DetectingTools"), ("Alert severity", "Alert Severity")]
    {
        if let Some(text) = filled(cell(column)).filter(|t| t != "TBD") {
            notes.push(format!("{label}: {text}"));
        }
    }
    let run = Run {
        state,
        source_host: filled(cell("SourceIps")).map(|t| one_line(&t, 200)),
        target_host: filled(cell("TargetAssets")).map(|t| one_line(&t, 200)),
        started_at,
        ended_at,
        red_notes: filled(cell("Attacker Tools")).map(|tools| format!("Attacker tools: {tools}")),
        logged,
        alerted,
        prevented,
        detected_at,
        alerted_at: detected_at.filter(|_| alerted == Fact::Yes),
        blue_notes: paragraphs(notes.iter().map(String::as_str)),
        recommendation: filled(cell("Detection Recommendations")),
        severity: grade(cell("Risk")),
        ..Run::default()
    };
    let content = content(table, row, title, method.as_deref());
    let good = parsed.check_run(origin, &content, &run);
    (good && parsed.errors.len() == before).then(|| RunItem { origin: origin.clone(), content, attack, run })
}

fn content(table: &Table, row: &Row, title: String, method: Option<&str>) -> TestTemplateCreate {
    let cell = |column: &'static str| table.cell(row, column);
    let expected = filled(cell("ExpectedDetectionLayers")).map(|layers| format!("Expected detection layers: {layers}"));
    let tags = [cell("Phase")].into_iter().chain(method).chain(list(cell("Tags")));
    TestTemplateCreate {
        objective: filled(cell("Objective")),
        procedure: filled(cell("Command")),
        expected_detection: expected,
        tags: labels(tags),
        references: labels_of_links(cell("References")),
        ..blank(title)
    }
}

fn labels_of_links(cell: &str) -> Vec<String> {
    let links = cell.split([',', '\n', ' ']).map(str::trim).filter(|l| l.starts_with("http") && l.len() <= 2000);
    let mut once: Vec<String> = Vec::new();
    for link in links.take(100) {
        if !once.iter().any(|l| l == link) {
            once.push(link.to_owned());
        }
    }
    once
}

/// What the Alert and Activity cells say; none where it is another word.
fn said(cell: &str) -> Option<Fact> {
    match cell.to_lowercase().as_str() {
        "yes" => Some(Fact::Yes),
        "no" => Some(Fact::No),
        "" | "tbd" => Some(Fact::Unknown),
        "n/a" | "na" => Some(Fact::NotApplicable),
        _ => None,
    }
}

/// Completed with an outcome was judged; without one it was only run.
fn state_of(status: &str, outcome: &str) -> Option<TestState> {
    let open = ["", "tbd"].contains(&outcome);
    Some(match status.to_lowercase().replace([' ', '_'], "").as_str() {
        "completed" | "" if !open => TestState::Assessed,
        "completed" => TestState::Executed,
        "inprogress" | "paused" => TestState::Running,
        "abandoned" => TestState::Skipped,
        "" | "notperformed" | "notstarted" => TestState::Planned,
        _ => return None,
    })
}

fn grade(cell: &str) -> Option<Grade> {
    match cell.to_lowercase().as_str() {
        "info" | "informational" | "none" => Some(Grade::None),
        "low" => Some(Grade::Low),
        "med" | "medium" => Some(Grade::Medium),
        "high" => Some(Grade::High),
        "critical" => Some(Grade::Critical),
        _ => None,
    }
}
