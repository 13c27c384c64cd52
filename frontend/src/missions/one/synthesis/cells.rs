//! The columns and cells of a mission's heat map. Pure.
//!
//! Columns are the tactics of the snapshot with the names of their day; the catalogue only adds what the mission does not touch.
//! A technique's cell speaks for its subtechniques too and takes the lowest value of its judged tests.

use std::collections::{BTreeMap, BTreeSet};

use tyrian_api_types::catalogue::{Matrix, MatrixTactic};
use tyrian_api_types::missions::{Mission, MissionTestSummary};
use tyrian_api_types::synthesis::{self, Synthesis, TacticCount, TechniqueCount};
use tyrian_domain::synthesis::percent;

use super::scale::Scale;
use crate::matrix::{Cell, Change, Column, Share};

/// What the cells are made of.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// what is counted
    pub synthesis: &'a Synthesis,
    /// the tests behind it
    pub mission: &'a Mission,
    /// what is measured
    pub scale: &'a Scale,
    /// the catalogue, for names that the snapshot lacks
    pub matrix: Option<&'a Matrix>,
    /// what the mission does not touch is shown too
    pub all: bool,
}

/// The columns in the order of the snapshot; with all, the other tactics of the catalogue between them.
pub fn columns(of: Sources<'_>) -> Vec<Column> {
    let own: Vec<&TacticCount> = of.synthesis.by_tactic.iter().filter(|tactic| tactic.external_id.is_some()).collect();
    let mut columns: Vec<Column> = own.iter().map(|tactic| column(of, tactic)).collect();
    if !of.all {
        return columns;
    }
    let mut at = 0;
    for tactic in of.matrix.iter().flat_map(|matrix| &matrix.tactics) {
        let place = columns.iter().position(|column| column.id == tactic.external_id);
        if let Some(column) = place.and_then(|place| columns.get_mut(place)) {
            let known: BTreeSet<String> = column.cells.iter().map(|cell| cell.id.clone()).collect();
            column.cells.extend(out_of_scope(tactic, &known));
        } else {
            let share =
                Share { text: "–".to_owned(), base: "0/0".to_owned(), title: t!("No test in this tactic").to_owned(), parts: Vec::new() };
            let cells = out_of_scope(tactic, &BTreeSet::new());
            columns.insert(at, Column { id: tactic.external_id.clone(), name: tactic.name.clone(), share: Some(share), cells });
        }
        at = place.unwrap_or(at) + 1;
    }
    columns
}

fn out_of_scope(tactic: &MatrixTactic, known: &BTreeSet<String>) -> Vec<Cell> {
    let off = tactic.techniques.iter().filter(|one| !known.contains(&one.external_id));
    off.map(|one| Cell { id: one.external_id.clone(), name: one.name.clone(), label: t!("not tested").to_owned(), ..Cell::default() })
        .collect()
}

fn column(of: Sources<'_>, tactic: &TacticCount) -> Column {
    let id = tactic.external_id.clone().unwrap_or_default();
    let rows: Vec<&TechniqueCount> = of.synthesis.by_technique.iter().filter(|one| one.tactics.contains(&id)).collect();
    // each technique with its own row, where it has one, and those of its subtechniques
    let mut families: BTreeMap<&str, Vec<&TechniqueCount>> = BTreeMap::new();
    for row in rows {
        families.entry(row.parent_external_id.as_deref().unwrap_or(&row.external_id)).or_default().push(row);
    }
    let mut cells: Vec<(usize, Cell)> = families.into_iter().map(|(id, rows)| technique(of, id, &rows)).collect();
    // the gaps stand on top
    cells.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    let share = percent(tactic.ratio());
    let title = t!("{} of {} tests assessed, {} of the assessed alerted or prevented", tactic.assessed, tactic.tests, share);
    let parts = of.scale.of_tactic(tactic).into_iter().map(|(value, n)| (value.code, n)).collect();
    Column {
        id,
        name: tactic.name.clone(),
        share: Some(Share { text: share, base: format!("{}/{}", tactic.assessed, tactic.tests), title, parts }),
        cells: cells.into_iter().map(|cell| cell.1).collect(),
    }
}

fn technique(of: Sources<'_>, id: &str, rows: &[&TechniqueCount]) -> (usize, Cell) {
    let own = rows.iter().find(|row| row.external_id == id);
    let name = own.map(|row| row.name.clone()).or_else(|| catalogue_name(of.matrix, id)).unwrap_or_else(|| id.to_owned());
    let subs = rows.iter().filter(|row| row.external_id != id).map(|row| cell(of, &row.external_id, &row.name, &[row]).1).collect();
    let (rank, cell) = cell(of, id, &name, rows);
    (rank, Cell { subs, ..cell })
}

/// A technique's name from the catalogue of today, where no test names it by itself.
fn catalogue_name(matrix: Option<&Matrix>, id: &str) -> Option<String> {
    let mut techniques = matrix?.tactics.iter().flat_map(|tactic| &tactic.techniques);
    techniques.find(|technique| technique.external_id == id).map(|technique| technique.name.clone())
}

/// A cell that speaks for these rows, with where it stands among the others.
fn cell(of: Sources<'_>, id: &str, name: &str, rows: &[&TechniqueCount]) -> (usize, Cell) {
    let scale = of.scale;
    let code = scale.lowest(rows.iter().filter_map(|row| scale.of_technique(row)));
    let judged = rows.iter().any(|row| row.assessed > 0);
    let value = scale.shown(code, judged);
    let tests = behind(of, rows);
    let n = tests.len();
    let (change, was) = changed(of, rows);
    let mut label = format!("{}, {n} {}", value.word, if n == 1 { "test" } else { "tests" });
    match change {
        Some(Change::Better) => label.push_str(t!(", better than last time")),
        Some(Change::Worse) => label.push_str(t!(", worse than last time")),
        None => {}
    }
    let rank = code.and_then(|code| scale.rank(code)).unwrap_or(usize::MAX);
    let parts = tests
        .iter()
        .map(|test| (scale.shown(scale.of_test(test), test.state == tyrian_domain::test::TestState::Assessed), test.name.clone()));
    let cell = Cell {
        id: id.to_owned(),
        name: name.to_owned(),
        value: Some(value),
        count: (n > 1).then_some(n as u64),
        change,
        label,
        href: tests.first().map(|first| format!("/missions/{}?find={id}&test={}", of.mission.head.id, first.id)),
        parts: parts.collect(),
        open: Some(if n == 1 { t!("Open the test").to_owned() } else { t!("Open {n} tests"; n) }),
        was,
        subs: Vec::new(),
    };
    (rank, cell)
}

/// The tests that carry one of these, the lowest first; each once.
fn behind<'a>(of: Sources<'a>, rows: &[&TechniqueCount]) -> Vec<&'a MissionTestSummary> {
    let tests = of.mission.scenarios.iter().flat_map(|scenario| &scenario.tests);
    let tagged = |test: &&MissionTestSummary| test.mitre_tags.iter().any(|tag| rows.iter().any(|row| row.external_id == tag.external_id));
    let mut found: Vec<_> = tests.filter(tagged).collect();
    found.sort_by_key(|test| of.scale.of_test(test).and_then(|code| of.scale.rank(code)).unwrap_or(usize::MAX));
    found
}

/// Better or worse than in the mission that this one repeats, and what it was there.
fn changed(of: Sources<'_>, rows: &[&TechniqueCount]) -> (Option<Change>, Option<String>) {
    let Some(comparison) = &of.synthesis.compared_with else { return (None, None) };
    let changes: Vec<_> =
        comparison.technique_changes.iter().filter(|change| rows.iter().any(|row| row.external_id == change.external_id)).collect();
    let by_outcome = || {
        let any = |wanted| changes.iter().any(|change| change.change == wanted);
        match (any(synthesis::Change::Worsened), any(synthesis::Change::Improved)) {
            (true, _) => Some(Change::Worse),
            (false, true) => Some(Change::Better),
            _ => None,
        }
    };
    let now = of.scale.lowest(changes.iter().filter_map(|change| of.scale.of_change(change).0));
    let before = of.scale.lowest(changes.iter().filter_map(|change| of.scale.of_change(change).1));
    // without a level on both sides the outcomes tell it
    let change = now.zip(before).and_then(|(now, before)| direction(of.scale, now, before)).or_else(by_outcome);
    (change, before.and_then(|before| of.scale.value(before)).map(|value| t!("was {}", value.word)))
}

/// From what it was to what it is.
pub fn direction(scale: &Scale, now: &str, before: &str) -> Option<Change> {
    match scale.rank(now)?.cmp(&scale.rank(before)?) {
        std::cmp::Ordering::Greater => Some(Change::Better),
        std::cmp::Ordering::Less => Some(Change::Worse),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tyrian_api_types::catalogue::MatrixTechnique;
    use tyrian_api_types::missions::MissionScenario;
    use tyrian_domain::synthesis::{Level, Tactic, Tag, Test, of as count};
    use tyrian_domain::template::TagKind;
    use tyrian_domain::test::{Fact, TestState};
    use uuid::Uuid;

    use super::super::scale::{Metric, tests::levels};
    use super::*;
    use crate::missions::one::fields::tests::mission;

    /// A judged test of a technique in Execution, with the rank of its level.
    fn test(n: u128, id: &str, rank: Option<i32>) -> Test {
        let kind = if id.contains('.') { TagKind::Subtechnique } else { TagKind::Technique };
        let tactic = Tactic { position: Some(3), external_id: "TA0002".into(), short_name: None, name: Some("Execution then".into()) };
        let level = rank
            .and_then(|rank| levels().into_iter().find(|level| level.rank == rank))
            .map(|level| Level { rank: level.rank, code: level.code });
        Test {
            state: TestState::Assessed,
            alerted: Fact::Yes,
            level,
            tags: vec![Tag { kind, external_id: id.into(), name: format!("Name of {id}"), url: None, tactics: vec![tactic] }],
            ..Test::planned(Uuid::from_u128(n), format!("Test {n}"))
        }
    }

    fn summary(test: &Test) -> MissionTestSummary {
        let level = test.level.as_ref().and_then(|own| levels().into_iter().find(|level| level.code == own.code)).map(|level| level.id);
        let tags: Vec<_> = test
            .tags
            .iter()
            .map(|tag| json!({ "kind": tag.kind, "external_id": tag.external_id, "name": tag.name, "url": null }))
            .collect();
        serde_json::from_value(json!({
            "id": test.id, "mission_scenario_id": Uuid::nil(), "source_test_template_id": null, "name": test.name, "position": 0,
            "state": test.state, "outcome": test.outcome(), "disclosed": true, "opsec_level": "low", "executor": "manual", "category_id": null,
            "operator_id": null, "started_at": null, "ended_at": null, "assessor_id": null, "logged": test.logged, "alerted": test.alerted,
            "prevented": test.prevented, "detection_level_id": level, "detected_at": null, "alerted_at": null, "responded_at": null,
            "finding_status": null, "version": 1, "mitre_tags": tags
        }))
        .unwrap()
    }

    fn drawn(tests: &[Test], metric: Metric, matrix: Option<&Matrix>) -> Vec<Column> {
        let mut mission = mission("Quiet Ledger", None);
        mission.scenarios = vec![MissionScenario {
            id: Uuid::nil(),
            source_scenario_template_id: None,
            name: "One".into(),
            description: None,
            threat_actor: None,
            position: 0,
            tests: tests.iter().map(summary).collect(),
        }];
        let (synthesis, scale) = (count(tests, &[]), Scale::new(metric, &levels()));
        columns(Sources { synthesis: &synthesis, mission: &mission, scale: &scale, matrix, all: matrix.is_some() })
    }

    #[test]
    fn a_technique_takes_the_lowest_of_its_own_and_its_subtechniques_tests() {
        let tests = [test(1, "T1059", Some(4)), test(2, "T1059.001", Some(1)), test(3, "T1059.001", None), test(4, "T1204", Some(3))];
        let columns = drawn(&tests, Metric::Level, None);
        assert_eq!((columns.len(), columns[0].name.as_str()), (1, "Execution then"));
        let cells: Vec<_> = columns[0].cells.iter().map(|cell| (cell.id.as_str(), cell.label.as_str(), cell.count)).collect();
        // the gap stands on top
        assert_eq!(cells, [("T1059", "Telemetry, 3 tests", Some(3)), ("T1204", "Tactic, 1 test", None)]);
        let first = &columns[0].cells[0];
        assert_eq!(first.subs.iter().map(|sub| sub.label.as_str()).collect::<Vec<_>>(), ["Telemetry, 2 tests"]);
        let behind: Vec<_> = first.parts.iter().map(|part| (part.0.word.as_str(), part.1.as_str())).collect();
        assert_eq!(behind, [("Telemetry", "Test 2"), ("Technique", "Test 1"), ("No level", "Test 3")]);
        assert_eq!(first.href.as_deref(), Some(&*format!("/missions/{}?find=T1059&test={}", Uuid::nil(), Uuid::from_u128(2))));
    }

    #[test]
    fn a_map_of_levels_is_the_first_one_where_most_of_what_was_seen_has_a_level() {
        let first = |tests: &[Test]| Metric::of(&count(tests, &[]));
        let missed = |n, id| Test { alerted: Fact::No, ..test(n, id, None) };
        assert_eq!(first(&[test(1, "T1059", Some(4)), test(2, "T1204", None)]), Metric::Level);
        assert_eq!(first(&[test(1, "T1059", Some(4)), missed(2, "T1204"), missed(3, "T1106")]), Metric::Level, "a gap needs no level");
        assert_eq!(first(&[test(1, "T1059", Some(4)), test(2, "T1204", None), test(3, "T1106", None)]), Metric::Outcome);
        assert_eq!(first(&[test(1, "T1059", None)]), Metric::Outcome);
    }

    #[test]
    fn what_nobody_has_judged_says_so() {
        let waits = Test { state: TestState::Executed, ..test(1, "T1059", None) };
        let columns = drawn(&[waits, test(2, "T1204", None)], Metric::Level, None);
        assert_eq!(
            columns[0].cells.iter().map(|cell| cell.label.as_str()).collect::<Vec<_>>(),
            ["Not assessed, 1 test", "No level, 1 test"]
        );
        let share = columns[0].share.clone().unwrap();
        assert_eq!((share.text.as_str(), share.base.as_str()), ("100 %", "1/2"));
        let outcome = drawn(&[test(2, "T1204", None)], Metric::Outcome, None);
        assert_eq!(outcome[0].cells[0].label, "Alerted, 1 test");
    }

    #[test]
    fn the_catalogue_adds_what_the_mission_does_not_touch_in_its_order() {
        let technique = |id: &str| MatrixTechnique { external_id: id.into(), name: format!("{id} today"), subtechniques: Vec::new() };
        let tactic = |id: &str, name: &str, techniques| MatrixTactic {
            external_id: id.into(),
            short_name: name.into(),
            name: name.into(),
            techniques,
        };
        let matrix = Matrix {
            domain: "enterprise".into(),
            version: None,
            tactics: vec![
                tactic("TA0001", "Initial Access", vec![technique("T1566")]),
                tactic("TA0002", "Execution now", vec![technique("T1059"), technique("T1106")]),
                tactic("TA0003", "Persistence", vec![technique("T1098")]),
            ],
        };
        let columns = drawn(&[test(1, "T1059.001", Some(2))], Metric::Level, Some(&matrix));
        let shown: Vec<_> = columns
            .iter()
            .map(|column| {
                (column.name.as_str(), column.cells.iter().map(|cell| (cell.name.as_str(), cell.value.is_some())).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("Initial Access", vec![("T1566 today", false)]),
                // the tactic keeps the name of its day; a technique that no test names by itself has the catalogue's
                ("Execution then", vec![("T1059 today", true), ("T1106 today", false)]),
                ("Persistence", vec![("T1098 today", false)]),
            ]
        );
    }
}
