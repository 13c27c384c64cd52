//! The counters of a mission: kept on its row in the transaction that changes what they count.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::test::{Outcome, TestState};

/// The key under which tests without a detection level are counted.
pub const UNASSESSED: &str = "unassessed";

/// What one test adds to the counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its state.
    pub state: TestState,
    /// Its display outcome.
    pub outcome: Outcome,
    /// The code of its detection level, if it has one.
    pub level: Option<String>,
}

impl Counted {
    /// A test that was just made: planned, and nobody has judged it.
    pub const PLANNED: Self = Self { state: TestState::Planned, outcome: Outcome::NotAssessed, level: None };
}

/// Counts of a mission's tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counters {
    /// All tests.
    pub tests: u64,
    /// By state: every state has its entry.
    pub by_state: BTreeMap<TestState, u64>,
    /// By display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// By detection level code, and `unassessed`.
    pub by_detection: BTreeMap<String, u64>,
}

impl Counters {
    /// Zero of everything, with every state and outcome named.
    pub fn empty() -> Self {
        Self {
            tests: 0,
            by_state: TestState::ALL.iter().map(|s| (*s, 0)).collect(),
            by_outcome: Outcome::ALL.iter().map(|o| (*o, 0)).collect(),
            by_detection: BTreeMap::from([(UNASSESSED.to_owned(), 0)]),
        }
    }

    /// The counters of these tests.
    pub fn of<'a>(tests: impl IntoIterator<Item = &'a Counted>) -> Self {
        let mut counters = Self::empty();
        for test in tests {
            counters.add(test, 1);
        }
        counters
    }

    /// Counts `n` tests more of this kind.
    pub fn add(&mut self, test: &Counted, n: u64) {
        self.tests += n;
        *self.by_state.entry(test.state).or_default() += n;
        *self.by_outcome.entry(test.outcome).or_default() += n;
        *self.by_detection.entry(test.level.clone().unwrap_or_else(|| UNASSESSED.to_owned())).or_default() += n;
    }

    /// Counts one test of this kind less.
    pub fn remove(&mut self, test: &Counted) {
        self.tests = self.tests.saturating_sub(1);
        for n in [
            self.by_state.get_mut(&test.state),
            self.by_outcome.get_mut(&test.outcome),
            self.by_detection.get_mut(test.level.as_deref().unwrap_or(UNASSESSED)),
        ]
        .into_iter()
        .flatten()
        {
            *n = n.saturating_sub(1);
        }
    }

    /// Tests of this outcome.
    pub fn of_outcome(&self, outcome: Outcome) -> u64 {
        self.by_outcome.get(&outcome).copied().unwrap_or(0)
    }

    /// Tests that blue has assessed: those with a result, whatever it is.
    pub fn with_result(&self) -> u64 {
        Outcome::ALL.iter().filter(|o| **o != Outcome::NotAssessed).map(|o| self.of_outcome(*o)).sum()
    }

    /// Tests that alerted or were prevented.
    pub fn covered(&self) -> u64 {
        self.of_outcome(Outcome::Alerted) + self.of_outcome(Outcome::Prevented)
    }

    /// Was any test run to its end?
    pub fn any_executed(&self) -> bool {
        self.by_state.iter().any(|(state, n)| state.was_executed() && *n > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_state_and_outcome_add_up_to_the_tests() {
        let a = Counted { state: TestState::Planned, outcome: Outcome::NotAssessed, level: None };
        let b = Counted { state: TestState::Assessed, outcome: Outcome::Alerted, level: Some("tactic".into()) };
        let mut c = Counters::of([&a, &a, &b]);
        assert_eq!(c.tests, 3);
        assert_eq!(c.by_state.values().sum::<u64>(), 3);
        assert_eq!(c.by_outcome.values().sum::<u64>(), 3);
        assert_eq!(c.by_detection.values().sum::<u64>(), 3);
        assert!(c.any_executed());
        c.remove(&b);
        assert_eq!(c, {
            let mut e = Counters::of([&a, &a]);
            e.by_detection.insert("tactic".into(), 0);
            e
        });
        assert!(!c.any_executed());
    }

    #[test]
    fn a_result_counts_without_a_level() {
        let test = |outcome| Counted { state: TestState::Assessed, outcome, level: None };
        let c = Counters::of(&[test(Outcome::Alerted), test(Outcome::Logged), test(Outcome::Missed), Counted::PLANNED]);
        assert_eq!((c.with_result(), c.covered(), c.of_outcome(Outcome::Missed)), (3, 1, 1));
        assert_eq!(Counters::empty().with_result(), 0);
    }

    #[test]
    fn the_counters_travel_as_plain_words() {
        let json = serde_json::to_value(Counters::empty()).unwrap();
        assert_eq!(json["by_state"]["planned"], 0);
        assert_eq!(json["by_outcome"]["not_assessed"], 0);
        assert_eq!(json["by_detection"]["unassessed"], 0);
    }
}
