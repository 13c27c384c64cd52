//! The counting.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    CategoryCount, Counts, Coverage, Funnel, Gap, Heading, Level, Synthesis, Tactic, TacticCount, Tag, TechniqueCount, Test, Times,
    by_outcome, share,
};
use crate::counters::Counters;
use crate::template::TagKind;
use crate::test::{FindingStatus, Outcome};

/// What these tests tell. Their order, and that of the headings, makes no difference. It is compared with nothing yet.
pub fn of(tests: &[Test], headings: &[Heading]) -> Synthesis {
    let mut tests: Vec<&Test> = tests.iter().collect();
    tests.sort_by_key(|t| (t.place, t.id));
    let counted: Vec<_> = tests.iter().map(|t| t.counted()).collect();
    let counters = Counters::of(&counted);
    let by_technique = by_technique(&tests);
    let mut by_finding_status: BTreeMap<_, u64> = FindingStatus::ALL.iter().map(|s| (*s, 0)).collect();
    for status in tests.iter().filter_map(|t| t.finding.status) {
        *by_finding_status.entry(status).or_default() += 1;
    }
    Synthesis {
        tests: counters.tests,
        by_state: counters.by_state,
        by_outcome: counters.by_outcome,
        by_detection_level: counters.by_detection,
        by_tactic: by_tactic(&tests),
        by_category: by_category(&tests, headings),
        coverage: coverage(&tests, &by_technique),
        by_technique,
        funnel: funnel(&tests),
        times: Times::of(&tests),
        by_finding_status,
        findings: gaps(&tests),
        compared_with: None,
    }
}

/// A tactic's place in the matrix, and its id: what tactics are sorted by. Unknown places are last.
type TacticKey = (i32, String);

fn tactic_key(tactic: &Tactic) -> TacticKey {
    (tactic.position.unwrap_or(i32::MAX), tactic.external_id.clone())
}

/// Which of two memories of the same tactic speaks for it: any, but always the same.
fn rank(tactic: &Tactic) -> (i32, &Option<String>, &Option<String>) {
    (tactic.position.unwrap_or(i32::MAX), &tactic.name, &tactic.short_name)
}

fn by_tactic(tests: &[&Test]) -> Vec<TacticCount> {
    let mut names: HashMap<&str, &Tactic> = HashMap::new();
    let mut own: HashMap<&str, Vec<&Test>> = HashMap::new();
    let mut without: Vec<&Test> = Vec::new();
    for test in tests {
        let tactics: BTreeSet<&str> = test.tags.iter().flat_map(|tag| &tag.tactics).map(|t| t.external_id.as_str()).collect();
        for tactic in test.tags.iter().flat_map(|tag| &tag.tactics) {
            let known = names.entry(&tactic.external_id).or_insert(tactic);
            if rank(tactic) < rank(known) {
                *known = tactic;
            }
        }
        if tactics.is_empty() {
            without.push(test);
        }
        for id in tactics {
            own.entry(id).or_default().push(test);
        }
    }
    let mut tactics: Vec<&Tactic> = names.into_values().collect();
    tactics.sort_by_key(|t| tactic_key(t));
    let row = |external_id: Option<String>, short_name, name, own: &[&Test]| TacticCount {
        external_id,
        short_name,
        name,
        by_outcome: outcomes(own),
        by_detection_level: levels(own),
        counts: Counts::of(own.iter().copied()),
    };
    let named = tactics.into_iter().map(|t| {
        let name = t.name.clone().unwrap_or_else(|| t.external_id.clone());
        let own = own.get(t.external_id.as_str()).map_or(&[][..], Vec::as_slice);
        row(Some(t.external_id.clone()), t.short_name.clone(), name, own)
    });
    let without = (!without.is_empty()).then(|| row(None, None, "No tactic".into(), &without));
    named.chain(without).collect()
}

fn outcomes(tests: &[&Test]) -> BTreeMap<Outcome, u64> {
    by_outcome(tests.iter().map(|t| (t.outcome(), 1)))
}

/// The judged tests by their level.
fn levels(tests: &[&Test]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for level in tests.iter().filter(|t| t.is_assessed()).filter_map(|t| t.level.as_ref()) {
        *counts.entry(level.code.clone()).or_default() += 1;
    }
    counts
}

/// The technique that a subtechnique belongs to, from its id.
fn parent(tag: &Tag) -> Option<String> {
    (tag.kind == TagKind::Subtechnique).then(|| tag.external_id.split_once('.').map(|(parent, _)| parent.to_owned())).flatten()
}

#[derive(Default)]
struct TechniqueRow<'a> {
    tag: Option<&'a Tag>,
    tactics: BTreeMap<&'a str, i32>,
    tests: Vec<&'a Test>,
}

fn by_technique(tests: &[&Test]) -> Vec<TechniqueCount> {
    let mut rows: BTreeMap<&str, TechniqueRow<'_>> = BTreeMap::new();
    for test in tests {
        for tag in test.techniques() {
            let row = rows.entry(&tag.external_id).or_default();
            if row.tag.is_none_or(|known| (&tag.name, &tag.url) < (&known.name, &known.url)) {
                row.tag = Some(tag);
            }
            for tactic in &tag.tactics {
                let place = row.tactics.entry(&tactic.external_id).or_insert(i32::MAX);
                *place = (*place).min(tactic.position.unwrap_or(i32::MAX));
            }
            if row.tests.last().is_none_or(|last| last.id != test.id) {
                row.tests.push(test);
            }
        }
    }
    rows.into_values().filter_map(|row| Some(technique(row.tag?, row))).collect()
}

fn technique(tag: &Tag, row: TechniqueRow<'_>) -> TechniqueCount {
    let mut tactics: Vec<(i32, &str)> = row.tactics.into_iter().map(|(id, place)| (place, id)).collect();
    tactics.sort_unstable();
    let judged = || row.tests.iter().filter(|t| t.is_assessed());
    let levels = || judged().filter_map(|t| t.level.as_ref());
    let code = |level: &Level| level.code.clone();
    TechniqueCount {
        external_id: tag.external_id.clone(),
        parent_external_id: parent(tag),
        name: tag.name.clone(),
        url: tag.url.clone(),
        tactics: tactics.into_iter().map(|(_, id)| id.to_owned()).collect(),
        best: judged().map(|t| t.outcome()).min().unwrap_or(Outcome::NotAssessed),
        worst: judged().map(|t| t.outcome()).max().unwrap_or(Outcome::NotAssessed),
        detection_level: levels().max().map(code),
        worst_detection_level: levels().min().map(code),
        by_outcome: outcomes(&row.tests),
        counts: Counts::of(row.tests.iter().copied()),
    }
}

fn by_category(tests: &[&Test], headings: &[Heading]) -> Vec<CategoryCount> {
    let mut headings: Vec<&Heading> = headings.iter().collect();
    headings.sort_by_key(|h| (h.position, h.id));
    let row = |heading: Option<&Heading>, own: &[&Test]| CategoryCount {
        id: heading.map(|h| h.id),
        name: heading.map_or_else(|| "Uncategorised".into(), |h| h.name.clone()),
        color: heading.and_then(|h| h.color.clone()),
        summary: heading.and_then(|h| h.summary.clone()),
        by_outcome: outcomes(own),
        counts: Counts::of(own.iter().copied()),
    };
    let of = |id| tests.iter().copied().filter(|t| t.category_id == Some(id)).collect::<Vec<_>>();
    let known = |t: &&Test| t.category_id.is_some_and(|id| headings.iter().any(|h| h.id == id));
    let without: Vec<&Test> = tests.iter().copied().filter(|t| !known(t)).collect();
    let mut rows: Vec<_> = headings.iter().map(|h| row(Some(h), &of(h.id))).collect();
    if !without.is_empty() {
        rows.push(row(None, &without));
    }
    rows
}

fn coverage(tests: &[&Test], techniques: &[TechniqueCount]) -> Coverage {
    let count = |of: fn(&Counts) -> u64| techniques.iter().map(|t| u64::from(of(t) > 0)).sum();
    let (assessed, covered) = (count(|c| c.assessed), count(|c| c.covered));
    Coverage {
        techniques: count(|c| c.tests),
        assessed,
        logged: count(|c| c.logged),
        detected: count(|c| c.alerted),
        prevented: count(|c| c.prevented),
        covered,
        ratio: share(covered, assessed),
        tests_without: tests.iter().map(|t| u64::from(t.techniques().next().is_none())).sum(),
    }
}

fn funnel(tests: &[&Test]) -> Funnel {
    let Counts { assessed, logged, alerted, prevented, .. } = Counts::of(tests.iter().copied());
    let executed = tests.iter().map(|t| u64::from(t.state.was_executed())).sum();
    let responded = tests.iter().map(|t| u64::from(t.is_seen() && t.responded_at.is_some())).sum();
    Funnel { executed, assessed, logged, alerted, responded, prevented }
}

fn gaps(tests: &[&Test]) -> Vec<Gap> {
    let mut open: Vec<&Test> = tests.iter().copied().filter(|t| t.is_open_gap()).collect();
    // they come in their order, which decides between equals
    open.sort_by_key(|t| std::cmp::Reverse((t.priority, t.severity)));
    let gap = |t: &Test| Gap {
        mission_test_id: t.id,
        test_name: t.name.clone(),
        scenario_name: t.scenario.clone(),
        outcome: t.outcome(),
        status: t.finding.status,
        priority: t.priority,
        severity: t.severity,
        category_id: t.category_id,
        owner_id: t.finding.owner_id,
        owner_name: t.finding.owner_name.clone(),
        due: t.finding.due,
        reference: t.finding.reference.clone(),
        recommendation: t.recommendation.clone(),
        techniques: t.techniques().map(|tag| tag.external_id.clone()).collect(),
    };
    open.into_iter().map(gap).collect()
}
