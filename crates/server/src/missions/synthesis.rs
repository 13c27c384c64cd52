//! What a mission tells, counted from its rows. A pure function of what was read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use tyrian_api_types::synthesis::{Synthesis, TacticCount};
use tyrian_domain::counters::Counters;
use tyrian_domain::test::{Fact, TestState};
use tyrian_entity::mission_test_mitre_tag;
use uuid::Uuid;

use super::store::TestRow;
use crate::error::ApiResult;

/// A tactic as a tag remembers it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Tactic {
    position: Option<i32>,
    external_id: String,
    short_name: Option<String>,
    name: Option<String>,
}

/// Counts the tests by the tactics that their tags stood in on the day of the copy. A test with several tags of one
/// tactic counts once in it; a test without a tactic counts under none.
pub fn count(counters: &Counters, tests: &[TestRow], tags: &[mission_test_mitre_tag::Model]) -> ApiResult<Synthesis> {
    let mut of_test: HashMap<Uuid, BTreeSet<Tactic>> = HashMap::with_capacity(tests.len());
    for tag in tags {
        let tactics: Vec<Tactic> = Deserialize::deserialize(&tag.tactics)?;
        of_test.entry(tag.mission_test_id).or_default().extend(tactics);
    }
    let mut rows: BTreeMap<(bool, Option<i32>, Option<String>), TacticCount> = BTreeMap::new();
    for test in tests {
        let tactics = of_test.remove(&test.id).unwrap_or_default();
        if tactics.is_empty() {
            add(rows.entry((true, None, None)).or_insert_with(|| empty(None, None, "No tactic".into())), test);
        }
        for t in tactics {
            let key = (false, t.position, Some(t.external_id.clone()));
            let name = t.name.unwrap_or_else(|| t.external_id.clone());
            add(rows.entry(key).or_insert_with(|| empty(Some(t.external_id), t.short_name, name)), test);
        }
    }
    Ok(Synthesis {
        tests: counters.tests,
        by_state: counters.by_state.clone(),
        by_outcome: counters.by_outcome.clone(),
        by_detection_level: counters.by_detection.clone(),
        by_tactic: rows.into_values().collect(),
    })
}

fn empty(external_id: Option<String>, short_name: Option<String>, name: String) -> TacticCount {
    TacticCount { external_id, short_name, name, tests: 0, assessed: 0, logged: 0, alerted: 0, prevented: 0 }
}

fn add(row: &mut TacticCount, test: &TestRow) {
    row.tests += 1;
    if TestState::parse(&test.state) == Some(TestState::Assessed) {
        let holds = |fact: Option<&str>| u64::from(fact.and_then(Fact::parse).is_some_and(Fact::holds));
        row.assessed += 1;
        row.logged += holds(test.logged.as_deref());
        row.alerted += holds(test.alerted.as_deref());
        row.prevented += holds(test.prevented.as_deref());
    }
}
