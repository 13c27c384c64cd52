//! What a mission tells: its tests counted by state, outcome, tactic, technique and heading, coverage, the funnel, the
//! times, and the gaps that are open. Pure functions of the tests that the asker may see.
//!
//! The one definition of each number; `docs/synthesis.md` says the same in prose:
//! - A fact (logged, alerted, prevented) counts once its test is **assessed**, and holds when it is yes or partial.
//! - A test is **detected** when it alerted, **covered** when it was detected or prevented. Logged alone covers nothing.
//! - A technique is detected, prevented or covered when one of its assessed tests is.
//! - A technique and its subtechniques are rows of their own; each counts the tests that are tagged with it.
//! - A skipped or planned test counts in `tests` and by state, and in nothing that is judged.
//! - A test that the asker may not see is not among the tests, so it counts nowhere.

mod count;
mod input;
#[cfg(test)]
mod tests;
mod times;

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Deref;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::count::of;
pub use self::input::{Finding, Heading, Level, Sighting, Tactic, Tag, Test};
pub use self::times::{BUCKETS, Bucket, TimeSpread, Times, alerted_at, detected_at, seconds_between};
use crate::compare::Comparison;
use crate::test::{FindingStatus, Grade, Outcome, TestState};

/// Tests counted, and of those that blue has judged what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// All tests.
    pub tests: u64,
    /// Those that blue has judged.
    pub assessed: u64,
    /// Those of the judged that were logged, in part at least.
    pub logged: u64,
    /// Those of the judged that were alerted, in part at least.
    pub alerted: u64,
    /// Those of the judged that were prevented, in part at least.
    pub prevented: u64,
    /// Those of the judged that were alerted or prevented, in part at least.
    pub covered: u64,
}

impl Counts {
    /// The counts of these tests.
    pub fn of<'a>(tests: impl IntoIterator<Item = &'a Test>) -> Self {
        tests.into_iter().fold(Self::default(), |mut counts, test| {
            counts.add(test);
            counts
        })
    }

    /// Counts a test more.
    pub fn add(&mut self, test: &Test) {
        self.add_many(test, 1);
    }

    /// Counts `n` tests more that are in this state and have these facts.
    pub fn add_many(&mut self, test: &Test, n: u64) {
        let if_so = |holds: bool| if holds { n } else { 0 };
        *self = *self
            + Self {
                tests: n,
                assessed: if_so(test.is_assessed()),
                logged: if_so(test.is_logged()),
                alerted: if_so(test.is_detected()),
                prevented: if_so(test.is_prevented()),
                covered: if_so(test.is_covered()),
            };
    }

    /// The share of the judged tests that are covered, 0 to 1; none where nothing is judged.
    pub fn ratio(&self) -> Option<f64> {
        share(self.covered, self.assessed)
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            tests: self.tests + more.tests,
            assessed: self.assessed + more.assessed,
            logged: self.logged + more.logged,
            alerted: self.alerted + more.alerted,
            prevented: self.prevented + more.prevented,
            covered: self.covered + more.covered,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, more| all + more)
    }
}

/// `part` of `whole`, 0 to 1; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share of tests, of which there are thousands at most")]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A share as a whole percentage, on the page as in each report; a dash of nothing.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", (s * 100.0).round()))
}

/// What a mission tells, as far as the asker sees its tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Synthesis {
    /// All tests.
    pub tests: u64,
    /// By state: every state has its entry.
    pub by_state: BTreeMap<TestState, u64>,
    /// By display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// By detection level code, and `unassessed`.
    pub by_detection_level: BTreeMap<String, u64>,
    /// By tactic of the snapshot, in the order in which they stood in the matrix.
    pub by_tactic: Vec<TacticCount>,
    /// By technique and subtechnique of the snapshot, by id.
    pub by_technique: Vec<TechniqueCount>,
    /// By heading, in their order; tests under none last, in a row without an id.
    pub by_category: Vec<CategoryCount>,
    /// How many of the techniques are covered.
    pub coverage: Coverage,
    /// From what red did to what the defenders made of it.
    pub funnel: Funnel,
    /// How long the defenders took.
    pub times: Times,
    /// By where the work on the finding stands; tests without a finding are left out.
    pub by_finding_status: BTreeMap<FindingStatus, u64>,
    /// The gaps that are open, the most urgent first, then the gravest.
    pub findings: Vec<Gap>,
    /// Against the mission that this one repeats; null where it repeats none, or the asker may not see that one.
    pub compared_with: Option<Comparison>,
}

/// A tactic's tests. A test that stands in several tactics counts in each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TacticCount {
    /// `TA0002`; null for tests without a tactic.
    pub external_id: Option<String>,
    /// `execution`.
    pub short_name: Option<String>,
    /// Its name on the day of the copy.
    pub name: String,
    /// By display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Its judged tests by the code of their detection level; those without a level are left out.
    pub by_detection_level: BTreeMap<String, u64>,
    /// Its tests.
    #[serde(flatten)]
    pub counts: Counts,
}

/// The tests that are tagged with a technique or subtechnique. A test with several tags counts in each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TechniqueCount {
    /// `T1059.001`.
    pub external_id: String,
    /// `T1059` for a subtechnique.
    pub parent_external_id: Option<String>,
    /// Its name on the day of the copy.
    pub name: String,
    /// Its page at MITRE.
    pub url: Option<String>,
    /// The ids of the tactics that it stood in, in the order of the matrix.
    pub tactics: Vec<String>,
    /// The best outcome of its tests.
    pub best: Outcome,
    /// The worst outcome of its judged tests; not assessed where none is judged.
    pub worst: Outcome,
    /// The code of the best detection level of its judged tests.
    pub detection_level: Option<String>,
    /// The code of the lowest detection level of its judged tests: a gap does not hide behind a success.
    pub worst_detection_level: Option<String>,
    /// By display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Its tests.
    #[serde(flatten)]
    pub counts: Counts,
}

/// The tests under a heading. Every test is under exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CategoryCount {
    /// The category; null for tests under none.
    pub id: Option<Uuid>,
    /// What it is called.
    pub name: String,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// What is to be said of its tests, Markdown.
    pub summary: Option<String>,
    /// By display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Its tests.
    #[serde(flatten)]
    pub counts: Counts,
}

macro_rules! counts {
    ($($row:ty),+) => { $(
        /// A row is read as its counts.
        impl Deref for $row {
            type Target = Counts;

            fn deref(&self) -> &Counts {
                &self.counts
            }
        }
    )+ };
}

counts!(TacticCount, TechniqueCount, CategoryCount);

/// Tests by display outcome: every outcome has its entry.
pub(crate) fn by_outcome(outcomes: impl IntoIterator<Item = (Outcome, u64)>) -> BTreeMap<Outcome, u64> {
    let mut counts: BTreeMap<_, u64> = Outcome::ALL.iter().map(|o| (*o, 0)).collect();
    for (outcome, n) in outcomes {
        *counts.entry(outcome).or_default() += n;
    }
    counts
}

/// How many techniques and subtechniques are covered: one is when one of its assessed tests is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Coverage {
    /// All that a test is tagged with.
    pub techniques: u64,
    /// Those of which a test is judged.
    pub assessed: u64,
    /// Those of which a judged test was logged.
    pub logged: u64,
    /// Those of which a judged test was alerted.
    pub detected: u64,
    /// Those of which a judged test was prevented.
    pub prevented: u64,
    /// Those of which a judged test was alerted or prevented.
    pub covered: u64,
    /// Covered of assessed, 0 to 1; null where nothing is judged.
    pub ratio: Option<f64>,
    /// Tests without a technique: they count in none.
    pub tests_without: u64,
}

/// How many tests came how far. The facts are independent of one another: a test that was prevented need not have been
/// logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Funnel {
    /// Run to their end, judged or not.
    pub executed: u64,
    /// Judged.
    pub assessed: u64,
    /// Judged and logged.
    pub logged: u64,
    /// Judged and alerted.
    pub alerted: u64,
    /// Judged and seen, and somebody responded.
    pub responded: u64,
    /// Judged and prevented.
    pub prevented: u64,
}

/// A gap that is open: a finding that somebody ought to work on, or a test that was missed and has no finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gap {
    /// The test that found it.
    pub mission_test_id: Uuid,
    /// The test's name.
    pub test_name: String,
    /// The scenario that the test stands in.
    pub scenario_name: String,
    /// What is shown for the test's facts.
    pub outcome: Outcome,
    /// Where the work stands; null: nobody has made a finding of it.
    pub status: Option<FindingStatus>,
    /// How urgent it is to close.
    pub priority: Grade,
    /// How grave it is.
    pub severity: Grade,
    /// The heading that the test stands under.
    pub category_id: Option<Uuid>,
    /// Whose it is.
    pub owner_id: Option<Uuid>,
    /// Their name.
    pub owner_name: Option<String>,
    /// Until when.
    pub due: Option<NaiveDate>,
    /// Its ticket elsewhere.
    pub reference: Option<String>,
    /// What to do better, Markdown.
    pub recommendation: Option<String>,
    /// The test's techniques and subtechniques.
    pub techniques: Vec<String>,
}
