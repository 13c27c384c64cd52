//! What the heat map measures by: the scale of values from the lowest up, and the value of one test on it.

use std::collections::BTreeMap;

use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::missions::MissionTestSummary;
use tyrian_api_types::synthesis::{Synthesis, TacticCount, TechniqueChange, TechniqueCount};
use tyrian_domain::test::{Outcome, TestState};
use uuid::Uuid;

use crate::matrix::Value;
use crate::missions::one::tests::list::code_of;
use crate::ui::{outcome_look, words};

/// What a cell tells of a technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// how good the detection was
    Level,
    /// what became of the tests
    Outcome,
}

impl Metric {
    /// The metrics that can be chosen, with their words.
    pub const ALL: [(Self, &'static str, &'static str); 2] =
        [(Self::Level, "level", mark!("Detection level")), (Self::Outcome, "outcome", mark!("Outcome"))];

    /// As it stands in the URL.
    pub fn code(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Outcome => "outcome",
        }
    }

    /// The one that the URL names.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.1 == text).map(|one| one.0)
    }

    /// The one to begin with: levels where blue works with them, which is where most of what was seen has one. Else a map of
    /// levels would hide what the outcomes tell.
    pub fn of(synthesis: &Synthesis) -> Self {
        let seen = synthesis.by_technique.iter().filter(|one| one.assessed > 0 && one.worst != Outcome::Missed);
        let (with, all) = seen.fold((0, 0), |(with, all), one| (with + usize::from(one.worst_detection_level.is_some()), all + 1));
        let any = synthesis.by_tactic.iter().any(|one| !one.by_detection_level.is_empty());
        if any && with * 2 >= all { Self::Level } else { Self::Outcome }
    }
}

/// One value of the scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// the API's word for it
    pub code: String,
    /// how it looks and is called
    pub value: Value,
}

/// The values of a metric from the lowest up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// what is measured
    pub metric: Metric,
    /// its values
    pub steps: Vec<Step>,
    /// the code of each level
    levels: BTreeMap<Uuid, String>,
}

/// An outcome as a value.
pub fn outcome_value(outcome: Outcome) -> Value {
    Value::of_level(outcome_look(outcome), words(outcome.as_str()))
}

/// Nobody has judged it.
pub fn unassessed() -> Value {
    Value::of_level("unassessed", t!("Not assessed"))
}

/// It is judged, and no level was given.
pub fn no_level() -> Value {
    Value::of_level("nolevel", t!("No level"))
}

impl Scale {
    /// The scale of a metric.
    pub fn new(metric: Metric, levels: &[DetectionLevel]) -> Self {
        let steps = match metric {
            Metric::Level => {
                let mut sorted: Vec<&DetectionLevel> = levels.iter().collect();
                sorted.sort_by_key(|level| level.rank);
                sorted
                    .into_iter()
                    .map(|level| Step { code: level.code.clone(), value: Value::of_level(&code_of(level), &*level.name) })
                    .collect()
            }
            Metric::Outcome => [Outcome::Missed, Outcome::Logged, Outcome::Alerted, Outcome::Prevented]
                .into_iter()
                .map(|outcome| Step { code: outcome.as_str().to_owned(), value: outcome_value(outcome) })
                .collect(),
        };
        Self { metric, steps, levels: levels.iter().map(|level| (level.id, level.code.clone())).collect() }
    }

    /// Where a code stands, from the lowest.
    pub fn rank(&self, code: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.code == code)
    }

    /// The value of a code; none for one that the scale does not have.
    pub fn value(&self, code: &str) -> Option<Value> {
        self.steps.iter().find(|step| step.code == code).map(|step| step.value.clone())
    }

    /// The lowest of these codes.
    pub fn lowest<'a>(&self, codes: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        codes.into_iter().filter_map(|code| Some((self.rank(code)?, code))).min().map(|found| found.1)
    }

    /// The code of the lowest value: where a missed test stands that nobody gave a level, or its gap would hide.
    fn bottom(&self) -> Option<&str> {
        self.steps.first().map(|step| step.code.as_str())
    }

    /// The lowest code of a technique's judged tests.
    pub fn of_technique<'a>(&'a self, technique: &'a TechniqueCount) -> Option<&'a str> {
        match self.metric {
            Metric::Level if technique.worst == Outcome::Missed => self.bottom(),
            Metric::Level => technique.worst_detection_level.as_deref(),
            Metric::Outcome => Some(technique.worst).filter(|worst| *worst != Outcome::NotAssessed).map(Outcome::as_str),
        }
    }

    /// The code of a judged test; none where nobody has judged it or given a level.
    pub fn of_test<'a>(&'a self, test: &MissionTestSummary) -> Option<&'a str> {
        if test.state != TestState::Assessed {
            return None;
        }
        match self.metric {
            Metric::Level => match test.detection_level_id {
                Some(level) => self.levels.get(&level).map(String::as_str),
                None => self.bottom().filter(|_| test.outcome == Outcome::Missed),
            },
            Metric::Outcome => Some(test.outcome.as_str()),
        }
    }

    /// The value of a code among tests of which some are judged.
    pub fn shown(&self, code: Option<&str>, judged: bool) -> Value {
        code.and_then(|code| self.value(code)).unwrap_or_else(|| if judged { no_level() } else { unassessed() })
    }

    /// The lowest codes of a technique's judged tests, now and in the other mission.
    pub fn of_change<'a>(&self, change: &'a TechniqueChange) -> (Option<&'a str>, Option<&'a str>) {
        match self.metric {
            Metric::Level => (change.detection_level.as_deref(), change.other_detection_level.as_deref()),
            // of outcomes a comparison holds the best only
            Metric::Outcome => (None, None),
        }
    }

    /// The tests of a tactic by value, from the lowest; then judged ones without a value, then those that wait.
    pub fn of_tactic(&self, tactic: &TacticCount) -> Vec<(Value, u64)> {
        let n = |code: &str| match self.metric {
            Metric::Level => tactic.by_detection_level.get(code).copied().unwrap_or(0),
            Metric::Outcome => Outcome::parse(code).and_then(|outcome| tactic.by_outcome.get(&outcome).copied()).unwrap_or(0),
        };
        let mut parts: Vec<(Value, u64)> = self.steps.iter().map(|step| (step.value.clone(), n(&step.code))).collect();
        let mut known: u64 = parts.iter().map(|part| part.1).sum();
        if let (Metric::Level, Some(bottom)) = (self.metric, parts.first_mut()) {
            let missed = tactic.by_outcome.get(&Outcome::Missed).copied().unwrap_or(0).saturating_sub(bottom.1);
            let missed = missed.min(tactic.assessed.saturating_sub(known));
            bottom.1 += missed;
            known += missed;
        }
        parts.push((no_level(), tactic.assessed.saturating_sub(known)));
        parts.push((unassessed(), tactic.tests.saturating_sub(tactic.assessed)));
        parts.retain(|part| part.1 > 0);
        parts
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn levels() -> Vec<DetectionLevel> {
        ["none", "telemetry", "general", "tactic", "technique", "prevented"]
            .into_iter()
            .zip([0_i32, 1, 2, 3, 4, 5])
            .map(|(code, rank)| DetectionLevel {
                id: Uuid::from_u128(u128::from(rank.unsigned_abs()) + 1),
                code: (*code).to_owned(),
                name: words(code),
                description: None,
                color: "#000000".to_owned(),
                rank,
                is_default: false,
                is_retired: false,
            })
            .rev()
            .collect()
    }

    #[test]
    fn levels_stand_by_rank_and_the_lowest_wins() {
        let scale = Scale::new(Metric::Level, &levels());
        assert_eq!(scale.lowest(["prevented", "telemetry", "gone"]), Some("telemetry"));
        assert_eq!(scale.lowest(["gone"]), None);
        assert_eq!(scale.shown(None, true).word, "No level");
        assert_eq!(scale.shown(None, false).word, "Not assessed");
        assert_eq!(Metric::parse("outcome"), Some(Metric::Outcome));
        let technique = |worst, level: Option<&str>| TechniqueCount {
            external_id: "T1003".to_owned(),
            parent_external_id: None,
            name: String::new(),
            url: None,
            tactics: Vec::new(),
            best: Outcome::Alerted,
            worst,
            detection_level: level.map(str::to_owned),
            worst_detection_level: level.map(str::to_owned),
            by_outcome: BTreeMap::new(),
            counts: tyrian_domain::synthesis::Counts::default(),
        };
        assert_eq!(scale.of_technique(&technique(Outcome::Missed, Some("technique"))), Some("none"), "a missed test without a level");
        assert_eq!(scale.of_technique(&technique(Outcome::Alerted, Some("technique"))), Some("technique"));
        assert_eq!(Scale::new(Metric::Outcome, &[]).lowest(["prevented", "missed"]), Some("missed"));
    }
}
