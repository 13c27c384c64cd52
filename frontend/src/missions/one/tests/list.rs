//! What the list shows: rows by scenario, and what a filter leaves of them. Pure.

use std::collections::{BTreeMap, HashMap};

use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::missions::{Mission, MissionScenario, MissionTestSummary};
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::template::TagKind;
use tyrian_domain::test::{Outcome, TestState};
use uuid::Uuid;

/// A test as a row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// the test
    pub id: Uuid,
    /// its name
    pub name: String,
    /// which of those of this name in its scenario it is, where there are several
    pub nth: Option<usize>,
    /// its most exact ATT&CK id
    pub code: Option<String>,
    /// where it stands
    pub state: TestState,
    /// what is shown for its facts
    pub outcome: Outcome,
    /// code of its level
    pub level: Option<String>,
    /// may blue see it
    pub disclosed: bool,
    /// seconds from start to detection
    pub seen_after: Option<i64>,
    /// first name of who executes it
    pub operator: Option<String>,
    /// first names of who else has it open
    pub here: Vec<String>,
}

/// A scenario with those of its tests that the filter leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// the scenario
    pub id: Uuid,
    /// its name
    pub name: String,
    /// how many are assessed
    pub done: usize,
    /// how many there are
    pub all: usize,
    /// what is left of them
    pub rows: Vec<Row>,
}

/// What the list knows beside the mission.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Around {
    /// code of each level
    pub levels: BTreeMap<Uuid, String>,
    /// names of the members
    pub names: HashMap<Uuid, String>,
    /// who else has which test open
    pub open: HashMap<Uuid, Vec<String>>,
}

/// What is to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// part of a name, of an ATT&CK id or name, of an operator
    pub text: String,
    /// one state
    pub state: Option<TestState>,
}

/// The seeded code nearest to a level: an administrator's own level takes its colour and glyph.
pub fn code_of(level: &DetectionLevel) -> String {
    const RAMP: [&str; 6] = ["none", "telemetry", "general", "tactic", "technique", "prevented"];
    if RAMP.contains(&level.code.as_str()) {
        return level.code.clone();
    }
    usize::try_from(level.rank)
        .ok()
        .and_then(|rank| RAMP.get(rank))
        .or(if level.rank < 0 { RAMP.first() } else { RAMP.last() })
        .copied()
        .unwrap_or("none")
        .to_owned()
}

/// The id by which a test is known: its most exact tag.
pub fn attack_id(test: &MissionTestSummary) -> Option<String> {
    let of = |kind: TagKind| test.mitre_tags.iter().find(|tag| tag.kind == kind).map(|tag| tag.external_id.clone());
    of(TagKind::Subtechnique).or_else(|| of(TagKind::Technique)).or_else(|| of(TagKind::Tactic))
}

/// The first word of a name.
pub fn first_name(name: &str) -> String {
    name.split_whitespace().next().unwrap_or(name).to_owned()
}

fn fits(test: &MissionTestSummary, filter: &Filter, needle: &str, around: &Around) -> bool {
    let key = tyrian_domain::text::key;
    filter.state.is_none_or(|state| test.state == state)
        && (needle.is_empty()
            || key(&test.name).contains(needle)
            || test.operator_id.and_then(|id| around.names.get(&id)).is_some_and(|name| key(name).contains(needle))
            || test.mitre_tags.iter().any(|tag| key(&tag.external_id).starts_with(needle) || key(&tag.name).contains(needle)))
}

/// Tests with the number of each among those of its name, where it is not the only one.
fn numbered(tests: &[MissionTestSummary]) -> impl Iterator<Item = (&MissionTestSummary, Option<usize>)> {
    let mut all: HashMap<&str, usize> = HashMap::new();
    for test in tests {
        *all.entry(&test.name).or_default() += 1;
    }
    let mut met: HashMap<&str, usize> = HashMap::new();
    tests.iter().map(move |test| {
        let several = all.get(test.name.as_str()).is_some_and(|all| *all > 1);
        let nth = met.entry(&test.name).or_default();
        *nth += 1;
        (test, several.then_some(*nth))
    })
}

/// The list as it is shown.
pub fn groups(mission: &Mission, around: &Around, filter: &Filter) -> Vec<Group> {
    let needle = tyrian_domain::text::key(filter.text.trim());
    let row = |test: &MissionTestSummary, nth: Option<usize>| Row {
        id: test.id,
        name: test.name.clone(),
        nth,
        code: attack_id(test),
        state: test.state,
        outcome: test.outcome,
        level: test.detection_level_id.and_then(|id| around.levels.get(&id).cloned()),
        disclosed: test.disclosed,
        seen_after: test.started_at.zip(test.detected_at).map(|(start, seen)| seconds_between(start, seen)).filter(|seconds| *seconds >= 0),
        operator: test.operator_id.and_then(|id| around.names.get(&id)).map(|name| first_name(name)),
        here: around.open.get(&test.id).cloned().unwrap_or_default(),
    };
    let filtered = filter.state.is_some() || !needle.is_empty();
    let group = |scenario: &MissionScenario| Group {
        id: scenario.id,
        name: scenario.name.clone(),
        done: scenario.tests.iter().filter(|test| test.state == TestState::Assessed).count(),
        all: scenario.tests.len(),
        rows: numbered(&scenario.tests).filter(|(test, _)| fits(test, filter, &needle, around)).map(|(test, nth)| row(test, nth)).collect(),
    };
    mission.scenarios.iter().map(group).filter(|group| !filtered || !group.rows.is_empty()).collect()
}

/// The list with `id` one place up or down; none at the end.
pub fn stepped(list: &[Uuid], id: Uuid, down: bool) -> Option<Vec<Uuid>> {
    let at = list.iter().position(|one| *one == id)?;
    let to = if down { at + 1 } else { at.checked_sub(1)? };
    (to < list.len()).then(|| {
        let mut list = list.to_vec();
        list.swap(at, to);
        list
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::missions::one::fields::tests::mission;
    use serde_json::json;

    fn test(n: u128, name: &str, state: &str, operator: Option<u128>) -> MissionTestSummary {
        serde_json::from_value(json!({
            "id": Uuid::from_u128(n), "mission_scenario_id": Uuid::nil(), "source_test_template_id": null, "name": name, "position": 0, "state": state, "outcome": "not_assessed",
            "disclosed": true, "opsec_level": "low", "executor": "manual", "category_id": null, "operator_id": operator.map(Uuid::from_u128),
            "started_at": "2026-03-12T14:02:11Z", "ended_at": null, "assessor_id": null, "logged": "unknown", "alerted": "unknown",
            "prevented": "unknown", "detection_level_id": null, "detected_at": "2026-03-12T14:02:58Z", "alerted_at": null, "responded_at": null,
            "finding_status": null, "version": 1,
            "mitre_tags": [{ "kind": "technique", "external_id": "T1003", "name": "OS Credential Dumping", "url": null }]
        }))
        .unwrap()
    }

    fn of(filter: &Filter) -> Vec<String> {
        let mut mission = mission("Quiet Ledger", None);
        let scenario = |id: u128, tests: Vec<MissionTestSummary>| MissionScenario {
            id: Uuid::from_u128(id),
            source_scenario_template_id: None,
            name: format!("Scenario {id}"),
            description: None,
            threat_actor: None,
            position: 0,
            tests,
        };
        mission.scenarios = vec![
            scenario(1, vec![test(1, "Dump LSASS", "executed", Some(9)), test(2, "Kerberoast", "planned", None)]),
            scenario(2, vec![test(3, "Run key", "planned", None)]),
        ];
        let around = Around { names: HashMap::from([(Uuid::from_u128(9), "Aiko Brandt".to_owned())]), ..Around::default() };
        let list = groups(&mission, &around, filter);
        list.iter().flat_map(|group| group.rows.iter().map(|row| row.name.clone())).collect()
    }

    #[test]
    fn the_filter_looks_at_names_ids_and_operators_and_at_one_state() {
        let text = |text: &str| Filter { text: text.to_owned(), state: None };
        assert_eq!(of(&Filter::default()).len(), 3);
        assert_eq!(of(&text("lsass")), ["Dump LSASS"]);
        assert_eq!(of(&text("t1003")).len(), 3);
        assert_eq!(of(&text("aiko")), ["Dump LSASS"]);
        assert_eq!(of(&Filter { text: "key".to_owned(), state: Some(TestState::Planned) }), ["Run key"]);
        assert!(of(&Filter { text: String::new(), state: Some(TestState::Running) }).is_empty());
    }

    #[test]
    fn a_row_knows_after_how_long_it_was_seen() {
        let mut mission = mission("Quiet Ledger", None);
        mission.scenarios = vec![MissionScenario {
            id: Uuid::nil(),
            source_scenario_template_id: None,
            name: "One".to_owned(),
            description: None,
            threat_actor: None,
            position: 0,
            tests: vec![test(1, "Dump LSASS", "assessed", None)],
        }];
        let list = groups(&mission, &Around::default(), &Filter::default());
        assert_eq!((list[0].done, list[0].all, list[0].rows[0].seen_after), (1, 1, Some(47)));
    }

    #[test]
    fn a_step_swaps_two_neighbours_and_ends_at_the_ends() {
        let id = Uuid::from_u128;
        let list = [id(1), id(2), id(3)];
        assert_eq!(stepped(&list, id(1), true), Some(vec![id(2), id(1), id(3)]));
        assert_eq!(stepped(&list, id(3), false), Some(vec![id(1), id(3), id(2)]));
        assert_eq!(stepped(&list, id(3), true), None);
        assert_eq!(stepped(&list, id(1), false), None);
        assert_eq!(stepped(&list, id(9), true), None);
    }
}
