//! The rows that are measured, by number: ids, texts, states and counters. The peer's own seed has the same numbers and
//! the same texts, so that answers can be compared.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use uuid::Uuid;

/// Scenarios of a mission, and of a set of templates.
pub const SCENARIOS: u64 = 10;
/// Tests of a scenario.
pub const TESTS: u64 = 20;
/// Sets of templates: a mission is a copy of one.
pub const SETS: u64 = 20;
/// Users, all with [`PASSWORD`].
pub const USERS: u64 = 50;
/// The one user who may everything.
pub const ADMINISTRATOR: u64 = 1;
/// Whose requests are measured: no administrator, but one of the leads, who see every mission.
pub const CALLER: u64 = 2;
/// What everybody signs in with.
pub const PASSWORD: &str = "correct horse battery staple";
/// The matrix has the size of ATT&CK 18.1's.
pub const TACTICS: u64 = 14;
/// Techniques of the matrix.
pub const TECHNIQUES: u64 = 216;
/// Subtechniques of the matrix.
pub const SUBTECHNIQUES: u64 = 475;

/// What an id belongs to; its number stands in the id.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `users`
    User = 1,
    /// `mitre_tactics`
    Tactic,
    /// `mitre_techniques`
    Technique,
    /// `mitre_subtechniques`
    Subtechnique,
    /// `catalogue_syncs`
    Sync,
    /// `test_templates`
    TestTemplate,
    /// `test_template_mitre_tags`
    TestTemplateTag,
    /// `scenario_templates`
    ScenarioTemplate,
    /// `scenario_template_tests`
    ScenarioTemplateTest,
    /// `missions`
    Mission,
    /// `mission_scenarios`
    Scenario,
    /// `mission_tests`
    Test,
    /// `mission_test_mitre_tags`
    Tag,
    /// `search_texts`: of a template `n` 2n, of its copies 2n + 1
    SearchText,
}

/// 2026-10-01T00:00:00Z in milliseconds: when all of it was made.
const MADE_MS: u128 = 1_790_812_800_000;

/// The id of row `n`, of the form of a UUID v7 and in the order of `n`.
pub fn id(kind: Kind, n: u64) -> Uuid {
    Uuid::from_u128((MADE_MS << 80) | (7 << 76) | ((kind as u128) << 64) | (2 << 62) | u128::from(n))
}

/// When all of it was made.
pub fn made() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(i64::try_from(MADE_MS).unwrap_or_default()).unwrap_or_default()
}

/// How much data there is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Missions, numbered from 1: the first is the newest.
    pub missions: u64,
    /// Texts of a few words instead of a few lines.
    pub short: bool,
}

impl Size {
    /// So many missions; more than 1,000 have short texts.
    pub fn of(missions: u64) -> Self {
        Self { missions, short: missions > 1000 }
    }

    /// `text` as often as the peer's seed has it.
    pub fn text(self, text: &str, times: usize) -> String {
        text.repeat(if self.short { 1 } else { times })
    }
}

/// When mission `n` was made: an hour before the one before it.
pub fn mission_made(n: u64) -> DateTime<Utc> {
    made() - Duration::hours(i64::try_from(n).unwrap_or_default())
}

/// The status of mission `n`: two of three are in progress.
pub fn status(n: u64) -> &'static str {
    if n % 3 == 2 { "completed" } else { "in_progress" }
}

/// Which scenario, counted over all missions.
pub fn scenario_no(mission: u64, scenario: u64) -> u64 {
    mission * SCENARIOS + scenario
}

/// Which test, counted over all missions.
pub fn test_no(mission: u64, scenario: u64, place: u64) -> u64 {
    scenario_no(mission, scenario) * TESTS + place
}

/// Which scenario template a mission's scenario is a copy of.
pub fn scenario_template_no(mission: u64, scenario: u64) -> u64 {
    (mission % SETS) * SCENARIOS + scenario
}

/// Which test template a mission's test is a copy of.
pub fn test_template_no(mission: u64, scenario: u64, place: u64) -> u64 {
    scenario_template_no(mission, scenario) * TESTS + place
}

/// A test of a mission: where it stands and what blue said of it. The same in every mission.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// Its state.
    pub state: &'static str,
    /// Its display outcome.
    pub outcome: &'static str,
    /// Logged, alerted, prevented.
    pub facts: [Option<&'static str>; 3],
    /// Code and rank of its detection level.
    pub level: Option<(&'static str, u64)>,
    /// May blue see it?
    pub disclosed: bool,
}

impl State {
    /// Of the test at this place of this scenario, both from 0.
    pub fn at(scenario: u64, place: u64) -> Self {
        let state = ["planned", "assessed", "assessed", "running"][usize::try_from((scenario + place) % 4).unwrap_or_default()];
        let mut row =
            Self { state, outcome: "not_assessed", facts: [None; 3], level: None, disclosed: state != "planned" || place < TESTS - 2 };
        if state == "assessed" {
            let (yes, no) = (Some("yes"), Some("no"));
            (row.outcome, row.facts, row.level) = match (scenario * 3 + place / 2) % 4 {
                0 => ("logged", [yes, no, no], Some(("telemetry", 1))),
                1 => ("alerted", [yes, yes, no], Some(("tactic", 3))),
                2 => ("missed", [no, no, no], Some(("none", 0))),
                _ => ("prevented", [yes, yes, yes], Some(("prevented", 5))),
            };
        }
        row
    }

    /// Can its operator still write in it?
    pub fn is_open(self) -> bool {
        self.state != "assessed"
    }
}

/// The places of the tests that can be written in, scenario and place.
pub fn open_tests() -> Vec<(u64, u64)> {
    all_tests().filter(|(s, p)| State::at(*s, *p).is_open()).collect()
}

/// The places of all tests of a mission.
pub fn all_tests() -> impl Iterator<Item = (u64, u64)> {
    (0..SCENARIOS).flat_map(|s| (0..TESTS).map(move |p| (s, p)))
}

/// Counters as a mission's row keeps them.
#[derive(Debug, Serialize)]
pub struct Counters {
    tests: u64,
    by_state: BTreeMap<&'static str, u64>,
    by_outcome: BTreeMap<&'static str, u64>,
    by_detection: BTreeMap<&'static str, u64>,
}

impl Counters {
    /// Of a mission's tests, all of them or those that blue sees.
    pub fn of_mission(disclosed_only: bool) -> Self {
        let zero = |names: &[&'static str]| names.iter().map(|n| (*n, 0)).collect::<BTreeMap<_, _>>();
        let mut counters = Self {
            tests: 0,
            by_state: zero(&["planned", "running", "executed", "assessed", "skipped"]),
            by_outcome: zero(&["prevented", "alerted", "logged", "missed", "not_assessed"]),
            by_detection: zero(&["unassessed"]),
        };
        for test in all_tests().map(|(s, p)| State::at(s, p)).filter(|t| t.disclosed || !disclosed_only) {
            counters.tests += 1;
            *counters.by_state.entry(test.state).or_default() += 1;
            *counters.by_outcome.entry(test.outcome).or_default() += 1;
            *counters.by_detection.entry(test.level.map_or("unassessed", |l| l.0)).or_default() += 1;
        }
        counters
    }
}

/// The ATT&CK tags of a test template, and so of its copies: two techniques and a subtechnique.
pub fn tags(template: u64) -> [Attack; 3] {
    let at = |k: u64, of: u64| (template * 7 + k * 13) % of;
    [Attack::Technique(at(0, TECHNIQUES)), Attack::Technique(at(1, TECHNIQUES)), Attack::Subtechnique(at(2, SUBTECHNIQUES))]
}

/// A technique or subtechnique of the made-up matrix.
#[derive(Debug, Clone, Copy)]
pub enum Attack {
    /// A technique.
    Technique(u64),
    /// A subtechnique.
    Subtechnique(u64),
}

impl Attack {
    /// `technique` or `subtechnique`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Technique(_) => "technique",
            Self::Subtechnique(_) => "subtechnique",
        }
    }

    /// The technique that it is or belongs to.
    pub fn technique(self) -> u64 {
        match self {
            Self::Technique(n) => n,
            Self::Subtechnique(n) => n % TECHNIQUES,
        }
    }

    /// `T1017.001`.
    pub fn external_id(self) -> String {
        match self {
            Self::Technique(n) => format!("T{}", 1001 + n),
            Self::Subtechnique(n) => format!("T{}.{:03}", 1001 + n % TECHNIQUES, 1 + n / TECHNIQUES),
        }
    }

    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::Technique(n) => format!("Technique {n}"),
            Self::Subtechnique(n) => format!("Subtechnique {n}"),
        }
    }

    /// The tactic that it stands in.
    pub fn tactic(self) -> u64 {
        self.technique() % TACTICS
    }
}

/// The ATT&CK id of a tactic.
pub fn tactic_id(n: u64) -> String {
    format!("TA{:04}", n + 1)
}

/// The short name of a tactic.
pub fn tactic_short(n: u64) -> String {
    format!("tactic-{n}")
}

/// The tactics of a tag as a snapshot keeps them.
pub fn frozen_tactics(tag: Attack) -> String {
    let n = tag.tactic();
    format!(r#"[{{"position":{n},"external_id":"{}","short_name":"{}","name":"Tactic {n}"}}]"#, tactic_id(n), tactic_short(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_in_order() {
        let (a, b) = (id(Kind::Test, 7), id(Kind::Test, 8));
        assert_eq!((a.get_version_num(), a < b), (7, true));
    }

    #[test]
    fn counters_add_up() {
        let (all, disclosed) = (Counters::of_mission(false), Counters::of_mission(true));
        assert_eq!(all.tests, SCENARIOS * TESTS);
        assert!(disclosed.tests < all.tests);
        for counters in [all, disclosed] {
            for by in [counters.by_state, counters.by_outcome, counters.by_detection] {
                assert_eq!(by.values().sum::<u64>(), counters.tests);
            }
        }
    }

    #[test]
    fn tags_of_a_test_differ() {
        for template in 0..SETS * SCENARIOS * TESTS {
            let ids: std::collections::BTreeSet<_> = tags(template).iter().map(|t| t.external_id()).collect();
            assert_eq!(ids.len(), 3);
        }
    }
}
