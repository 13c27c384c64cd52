//! Two missions of one client side by side: which tests and which techniques became better.
//!
//! Tests are matched in four rounds, each over what the rounds before left, in the order of the mission: the same chain
//! of retests; the same template in a scenario of the same name; the same template; the same name in a scenario of the
//! same name. Only tests that the asker sees take part, so a test whose match is hidden from them is new or gone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::mission::MissionStatus;
use crate::synthesis::{self, Coverage, Funnel, Synthesis, TechniqueCount, Test, Times};
use crate::test::Outcome;

words! {
    /// What became of a test or a technique from one mission to the other.
    pub enum Change {
        /// It went better for the defenders.
        Improved = "improved",
        /// It went worse for the defenders.
        Worsened = "worsened",
        /// It went as before.
        Same = "same",
        /// It is in this mission only.
        New = "new",
        /// It is in the other mission only.
        Gone = "gone",
        /// It is in both, and not judged in one of them or in both.
        NotAssessed = "not_assessed",
    }
}

/// A mission as a comparison names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissionName {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: MissionStatus,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// The ATT&CK version of its snapshot.
    pub attack_version: Option<String>,
}

/// One of the two missions, with its own numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Compared {
    /// Which mission.
    #[serde(flatten)]
    pub mission: MissionName,
    /// All its tests.
    pub tests: u64,
    /// By display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// How many of its techniques are covered.
    pub coverage: Coverage,
    /// How many tests came how far.
    pub funnel: Funnel,
    /// How long the defenders took.
    pub times: Times,
}

/// A test of one mission or of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestChange {
    /// What became of it.
    pub change: Change,
    /// What it is called: in this mission, else in the other.
    pub name: String,
    /// The scenario that it stands in.
    pub scenario_name: String,
    /// The test of this mission.
    pub mission_test_id: Option<Uuid>,
    /// The test of the other mission.
    pub other_test_id: Option<Uuid>,
    /// Its outcome in this mission.
    pub outcome: Option<Outcome>,
    /// Its outcome in the other mission.
    pub other_outcome: Option<Outcome>,
}

/// A technique or subtechnique of one mission or of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TechniqueChange {
    /// What became of it.
    pub change: Change,
    /// `T1059.001`.
    pub external_id: String,
    /// `T1059` for a subtechnique.
    pub parent_external_id: Option<String>,
    /// Its name: in this mission, else in the other.
    pub name: String,
    /// Its best outcome in this mission.
    pub outcome: Option<Outcome>,
    /// Its best outcome in the other mission.
    pub other_outcome: Option<Outcome>,
    /// The code of its lowest detection level in this mission.
    pub detection_level: Option<String>,
    /// The code of its lowest detection level in the other mission.
    pub other_detection_level: Option<String>,
    /// The share of its judged tests that are covered in this mission, 0 to 1.
    pub ratio: Option<f64>,
    /// The same in the other mission.
    pub other_ratio: Option<f64>,
}

/// A mission against another one, as far as the asker sees both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    /// This mission.
    pub mission: Compared,
    /// What it is compared with.
    pub other: Compared,
    /// Tests by what became of them: every change has its entry.
    pub tests: BTreeMap<Change, u64>,
    /// Techniques by what became of them: every change has its entry.
    pub techniques: BTreeMap<Change, u64>,
    /// Every test of both, in the order of this mission, what is gone last.
    pub test_changes: Vec<TestChange>,
    /// Every technique of both, by id.
    pub technique_changes: Vec<TechniqueChange>,
}

/// A mission's tests and what they tell.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Which mission.
    pub mission: &'a MissionName,
    /// Its tests.
    pub tests: &'a [Test],
    /// What they tell.
    pub synthesis: &'a Synthesis,
}

/// Compares a mission with another one. The order of the tests makes no difference.
pub fn compare(this: Told<'_>, other: Told<'_>) -> Comparison {
    let test_changes: Vec<_> = pairs(this.tests, other.tests).into_iter().filter_map(test_change).collect();
    let technique_changes = technique_changes(&this.synthesis.by_technique, &other.synthesis.by_technique);
    Comparison {
        mission: compared(this),
        other: compared(other),
        tests: counted(test_changes.iter().map(|c| c.change)),
        techniques: counted(technique_changes.iter().map(|c| c.change)),
        test_changes,
        technique_changes,
    }
}

fn compared(told: Told<'_>) -> Compared {
    let Synthesis { tests, by_outcome, coverage, funnel, times, .. } = told.synthesis;
    Compared {
        mission: told.mission.clone(),
        tests: *tests,
        by_outcome: by_outcome.clone(),
        coverage: coverage.clone(),
        funnel: *funnel,
        times: times.clone(),
    }
}

fn counted(changes: impl Iterator<Item = Change>) -> BTreeMap<Change, u64> {
    let mut counts: BTreeMap<Change, u64> = Change::ALL.iter().map(|c| (*c, 0)).collect();
    for change in changes {
        *counts.entry(change).or_default() += 1;
    }
    counts
}

type Pair<'a> = (Option<&'a Test>, Option<&'a Test>);

/// Every test of both exactly once, those that belong together as a pair.
fn pairs<'a>(this: &'a [Test], other: &'a [Test]) -> Vec<Pair<'a>> {
    let ordered = |tests: &'a [Test]| {
        let mut tests: Vec<&Test> = tests.iter().collect();
        tests.sort_by_key(|t| (t.place, t.id));
        tests
    };
    let mut pairs: Vec<Pair<'a>> = ordered(this).into_iter().map(|t| (Some(t), None)).collect();
    let mut rest = ordered(other);
    match_by(&mut pairs, &mut rest, |t| Some(t.root_id));
    match_by(&mut pairs, &mut rest, |t| Some((t.template_id?, key(&t.scenario))));
    match_by(&mut pairs, &mut rest, |t| t.template_id);
    match_by(&mut pairs, &mut rest, |t| Some((key(&t.scenario), key(&t.name))));
    pairs.extend(rest.into_iter().map(|t| (None, Some(t))));
    pairs
}

fn key(name: &str) -> String {
    crate::text::key(name)
}

/// One round: gives each test that has no match yet the first one of `rest` with the same key.
fn match_by<'a, K: Hash + Eq>(pairs: &mut [Pair<'a>], rest: &mut Vec<&'a Test>, key: impl Fn(&Test) -> Option<K>) {
    let mut waiting: HashMap<K, VecDeque<&'a Test>> = HashMap::new();
    for test in rest.iter().copied() {
        if let Some(key) = key(test) {
            waiting.entry(key).or_default().push_back(test);
        }
    }
    let mut taken = Vec::new();
    for (this, other) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
        let found = this.and_then(&key).and_then(|key| waiting.get_mut(&key)?.pop_front());
        if let Some(found) = found {
            *other = Some(found);
            taken.push(found.id);
        }
    }
    taken.sort_unstable();
    rest.retain(|t| taken.binary_search(&t.id).is_err());
}

fn test_change((this, other): Pair<'_>) -> Option<TestChange> {
    let shown = this.or(other)?;
    Some(TestChange {
        change: change(this.map(Test::outcome), other.map(Test::outcome)),
        name: shown.name.clone(),
        scenario_name: shown.scenario.clone(),
        mission_test_id: this.map(|t| t.id),
        other_test_id: other.map(|t| t.id),
        outcome: this.map(Test::outcome),
        other_outcome: other.map(Test::outcome),
    })
}

/// What became of it, from what it was to what it is.
fn change(now: Option<Outcome>, before: Option<Outcome>) -> Change {
    // the best outcome is declared first
    by(now, before, |o| *o == Outcome::NotAssessed, |now, before| before.cmp(now))
}

/// Compares what is in both and judged in both; `better` is greater where it improved.
fn by<T>(now: Option<T>, before: Option<T>, unjudged: impl Fn(&T) -> bool, better: impl Fn(&T, &T) -> std::cmp::Ordering) -> Change {
    match (now, before) {
        (Some(_), None) => Change::New,
        (None, _) => Change::Gone,
        (Some(now), Some(before)) if unjudged(&now) || unjudged(&before) => Change::NotAssessed,
        (Some(now), Some(before)) => match better(&now, &before) {
            std::cmp::Ordering::Greater => Change::Improved,
            std::cmp::Ordering::Less => Change::Worsened,
            std::cmp::Ordering::Equal => Change::Same,
        },
    }
}

/// A technique went better when a greater share of its judged tests is covered, or with the same share its best outcome
/// is better.
fn technique_changes(this: &[TechniqueCount], other: &[TechniqueCount]) -> Vec<TechniqueChange> {
    type Sides<'a> = (Option<&'a TechniqueCount>, Option<&'a TechniqueCount>);
    let mut sides: BTreeMap<&str, Sides<'_>> = BTreeMap::new();
    for technique in this {
        sides.entry(&technique.external_id).or_default().0 = Some(technique);
    }
    for technique in other {
        sides.entry(&technique.external_id).or_default().1 = Some(technique);
    }
    let better = |now: &&TechniqueCount, before: &&TechniqueCount| {
        let share = (now.covered * before.assessed).cmp(&(before.covered * now.assessed));
        share.then(before.best.cmp(&now.best))
    };
    let row = |(now, before): Sides<'_>| {
        let shown = now.or(before)?;
        Some(TechniqueChange {
            change: by(now, before, |t| t.assessed == 0, better),
            external_id: shown.external_id.clone(),
            parent_external_id: shown.parent_external_id.clone(),
            name: shown.name.clone(),
            outcome: now.map(|t| t.best),
            other_outcome: before.map(|t| t.best),
            detection_level: now.and_then(|t| t.worst_detection_level.clone()),
            other_detection_level: before.and_then(|t| t.worst_detection_level.clone()),
            ratio: now.and_then(|t| t.ratio()),
            other_ratio: before.and_then(|t| t.ratio()),
        })
    };
    sides.into_values().filter_map(row).collect()
}

/// Compares the tests of two missions, counting both first.
pub fn of_tests(this: (&MissionName, &[Test]), other: (&MissionName, &[Test])) -> Comparison {
    let [a, b] = [this.1, other.1].map(|tests| synthesis::of(tests, &[]));
    compare(Told { mission: this.0, tests: this.1, synthesis: &a }, Told { mission: other.0, tests: other.1, synthesis: &b })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::{Fact, TestState};

    fn test(n: u128, name: &str, outcome: Outcome) -> Test {
        let holds = |o| if outcome == o { Fact::Yes } else { Fact::No };
        Test {
            state: if outcome == Outcome::NotAssessed { TestState::Executed } else { TestState::Assessed },
            logged: holds(Outcome::Logged),
            alerted: holds(Outcome::Alerted),
            prevented: holds(Outcome::Prevented),
            scenario: "S".into(),
            place: (0, i32::try_from(n % 100).unwrap()),
            ..Test::planned(Uuid::from_u128(n), name)
        }
    }

    fn told(this: &[Test], other: &[Test]) -> Vec<(String, Change)> {
        let name = |n| MissionName {
            id: Uuid::from_u128(n),
            name: "M".into(),
            status: MissionStatus::Draft,
            start_date: None,
            end_date: None,
            attack_version: None,
        };
        of_tests((&name(1), this), (&name(2), other)).test_changes.into_iter().map(|c| (c.name, c.change)).collect()
    }

    #[test]
    fn a_change_goes_by_the_order_of_outcomes() {
        use Outcome as O;
        for (now, before, want) in [
            (O::Prevented, O::Alerted, Change::Improved),
            (O::Logged, O::Missed, Change::Improved),
            (O::Missed, O::Prevented, Change::Worsened),
            (O::Alerted, O::Alerted, Change::Same),
            (O::NotAssessed, O::Alerted, Change::NotAssessed),
            (O::Alerted, O::NotAssessed, Change::NotAssessed),
        ] {
            assert_eq!(change(Some(now), Some(before)), want, "{before} to {now}");
        }
        assert_eq!((change(Some(O::Missed), None), change(None, Some(O::Missed))), (Change::New, Change::Gone));
    }

    #[test]
    fn a_chain_of_retests_comes_before_the_template_and_that_before_the_name() {
        let template = Some(Uuid::from_u128(77));
        let root = Uuid::from_u128(500);
        let before = [
            Test { template_id: template, ..test(101, "by template", Outcome::Missed) },
            Test { root_id: root, template_id: template, ..test(102, "old name", Outcome::Missed) },
            test(103, "By Name", Outcome::Alerted),
            test(104, "dropped", Outcome::Alerted),
        ];
        let now = [
            Test { root_id: root, template_id: template, ..test(1, "new name", Outcome::Prevented) },
            Test { template_id: template, scenario: "elsewhere".into(), ..test(2, "by template", Outcome::Missed) },
            test(3, "by name", Outcome::Missed),
            Test { scenario: "elsewhere".into(), ..test(4, "dropped", Outcome::Alerted) },
        ];
        let want = [
            ("new name", Change::Improved),
            ("by template", Change::Same),
            ("by name", Change::Worsened),
            ("dropped", Change::New),
            ("dropped", Change::Gone),
        ];
        let want: Vec<_> = want.into_iter().map(|(name, change)| (name.to_owned(), change)).collect();
        assert_eq!(told(&now, &before), want);
    }
}
