use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::compare::{self, Change, MissionName};
use crate::mission::MissionStatus;
use crate::template::TagKind;
use crate::test::{DetectionKind, DetectionResult, Fact};

fn tag(id: &str, tactics: &[(&str, i32)]) -> Tag {
    let kind = match id {
        id if id.starts_with("TA") => TagKind::Tactic,
        id if id.contains('.') => TagKind::Subtechnique,
        _ => TagKind::Technique,
    };
    let tactics = tactics
        .iter()
        .map(|(id, position)| Tactic {
            position: Some(*position),
            external_id: (*id).to_owned(),
            short_name: Some(id.to_lowercase()),
            name: Some(format!("Name of {id}")),
        })
        .collect();
    Tag { kind, external_id: id.to_owned(), name: format!("Name of {id}"), url: None, tactics }
}

fn assessed(n: u128, facts: [Fact; 3], tags: Vec<Tag>) -> Test {
    let [logged, alerted, prevented] = facts;
    let id = Uuid::from_u128(n);
    Test { state: TestState::Assessed, logged, alerted, prevented, tags, ..Test::planned(id, format!("test {n}")) }
}

const NO: [Fact; 3] = [Fact::No, Fact::No, Fact::No];
const LOGGED: [Fact; 3] = [Fact::Yes, Fact::No, Fact::Unknown];
const ALERTED: [Fact; 3] = [Fact::Unknown, Fact::Partial, Fact::No];
const PREVENTED: [Fact; 3] = [Fact::NotApplicable, Fact::No, Fact::Yes];

#[test]
fn a_technique_is_covered_by_one_alert_or_prevention_and_not_by_a_log_line() {
    let execution = [("TA0002", 3)];
    let tests = [
        assessed(1, LOGGED, vec![tag("T1059", &execution), tag("T1059.001", &execution)]),
        assessed(2, ALERTED, vec![tag("T1059.001", &execution)]),
        assessed(3, PREVENTED, vec![tag("T1003", &[("TA0006", 8)])]),
        assessed(4, NO, vec![tag("T1003", &[("TA0006", 8)])]),
        Test { tags: vec![tag("T1021", &[("TA0008", 9)])], ..Test::planned(Uuid::from_u128(5), "planned") },
        assessed(6, NO, vec![tag("TA0008", &[("TA0008", 9)])]),
    ];
    let told = of(&tests, &[]);
    let coverage =
        Coverage { techniques: 4, assessed: 3, logged: 2, detected: 1, prevented: 1, covered: 2, ratio: Some(2.0 / 3.0), tests_without: 1 };
    assert_eq!(told.coverage, coverage);
    let row = |id: &str| told.by_technique.iter().find(|t| t.external_id == id).unwrap();
    assert_eq!(row("T1059.001").parent_external_id.as_deref(), Some("T1059"));
    assert_eq!((row("T1059").tests, row("T1059").covered, row("T1059.001").tests, row("T1059.001").covered), (1, 0, 2, 1));
    assert_eq!((row("T1003").best, row("T1003").worst, row("T1021").best), (Outcome::Prevented, Outcome::Missed, Outcome::NotAssessed));
    let tactics: Vec<_> = told.by_tactic.iter().map(|t| (t.external_id.as_deref(), t.tests, t.assessed, t.covered)).collect();
    assert_eq!(tactics, [(Some("TA0002"), 2, 2, 1), (Some("TA0006"), 2, 2, 1), (Some("TA0008"), 2, 1, 0)]);
    assert_eq!(told.funnel, Funnel { executed: 5, assessed: 5, logged: 1, alerted: 1, responded: 0, prevented: 1 });
}

#[test]
fn the_lowest_level_stands_beside_the_highest_and_only_judged_tests_have_one() {
    let level = |rank| Some(Level { rank, code: format!("level {rank}") });
    let with = |n, level, state| Test { state, level, ..assessed(n, ALERTED, vec![tag("T1059", &[("TA0002", 3)])]) };
    let tests = [
        with(1, level(2), TestState::Assessed),
        with(2, level(1), TestState::Assessed),
        with(3, level(0), TestState::Executed),
        with(4, None, TestState::Assessed),
    ];
    let told = of(&tests, &[]);
    let row = &told.by_technique[0];
    assert_eq!((row.worst_detection_level.as_deref(), row.detection_level.as_deref()), (Some("level 1"), Some("level 2")));
    assert_eq!((row.by_outcome[&Outcome::Alerted], row.by_outcome[&Outcome::NotAssessed]), (3, 1));
    let levels: Vec<_> = told.by_tactic[0].by_detection_level.iter().map(|(code, n)| (code.as_str(), *n)).collect();
    assert_eq!(levels, [("level 1", 1), ("level 2", 1)]);
}

#[test]
fn facts_of_a_test_that_is_not_judged_count_nowhere() {
    let mut test = assessed(1, PREVENTED, vec![tag("T1059", &[])]);
    test.state = TestState::Executed;
    let told = of(&[test], &[]);
    assert_eq!((told.coverage.techniques, told.coverage.assessed, told.coverage.prevented, told.coverage.ratio), (1, 0, 0, None));
    assert_eq!((told.funnel.executed, told.funnel.assessed, told.funnel.prevented), (1, 0, 0));
    assert_eq!(told.by_tactic.first().map(|t| (t.external_id.clone(), t.tests)), Some((None, 1)));
    assert!(told.findings.is_empty());
}

#[test]
fn headings_stand_in_their_order_with_what_is_written_and_the_rest_last() {
    let heading = |n: u128, position| Heading {
        id: Uuid::from_u128(n),
        name: format!("heading {n}"),
        color: Some("#112233".into()),
        position,
        summary: Some("said".into()),
    };
    let under = |n, heading: Option<u128>| Test { category_id: heading.map(Uuid::from_u128), ..assessed(n, NO, vec![]) };
    let told = of(&[under(1, Some(11)), under(2, None), under(3, Some(99))], &[heading(11, 1), heading(12, 0)]);
    let rows: Vec<_> = told.by_category.iter().map(|c| (c.name.as_str(), c.tests, c.summary.as_deref())).collect();
    assert_eq!(rows, [("heading 12", 0, Some("said")), ("heading 11", 1, Some("said")), ("Uncategorised", 2, None)]);
    assert_eq!(told.by_category.last().map(|c| (c.id, c.by_outcome[&Outcome::Missed])), Some((None, 2)));
}

#[test]
fn open_gaps_are_the_most_urgent_first_then_the_gravest() {
    let gap = |n, facts, status, priority, severity| Test {
        priority,
        severity,
        finding: Finding { status, ..Finding::default() },
        ..assessed(n, facts, vec![])
    };
    let tests = [
        gap(1, NO, None, Grade::None, Grade::None),
        gap(2, ALERTED, None, Grade::Critical, Grade::Critical),
        gap(3, ALERTED, Some(FindingStatus::InProgress), Grade::High, Grade::Low),
        gap(4, NO, Some(FindingStatus::Open), Grade::High, Grade::High),
        gap(5, NO, Some(FindingStatus::Accepted), Grade::High, Grade::High),
        gap(6, NO, None, Grade::None, Grade::None),
    ];
    let told = of(&tests, &[]);
    assert_eq!(told.findings.iter().map(|g| g.mission_test_id.as_u128()).collect::<Vec<_>>(), [4, 3, 1, 6]);
    assert_eq!((told.by_finding_status[&FindingStatus::Open], told.by_finding_status[&FindingStatus::Accepted]), (1, 1));
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn any_tag() -> impl Strategy<Value = Tag> {
    let ids = proptest::sample::select(vec!["TA0002", "T1059", "T1059.001", "T1003", "T1021.002"]);
    let tactics = proptest::sample::subsequence(vec![("TA0002", 3), ("TA0002", 4), ("TA0008", 9)], 0..=3);
    (ids, tactics, any::<bool>()).prop_map(|(id, tactics, renamed)| {
        let mut tag = tag(id, &tactics);
        if renamed {
            tag.name.push_str(" (new)");
        }
        tag
    })
}

fn time() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    proptest::option::of((0i64..100_000).prop_map(|s| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(s)))
}

prop_compose! {
    fn any_test()(
        state in any_of(TestState::ALL),
        facts in proptest::array::uniform3(any_of(Fact::ALL)),
        tags in proptest::collection::vec(any_tag(), 0..4),
        category in proptest::option::of(1u128..5),
        level in proptest::option::of((0i32..4).prop_map(|rank| Level { rank, code: format!("level {rank}") })),
        times in proptest::array::uniform4(time()),
        sighting in (any_of(DetectionKind::ALL), any_of(DetectionResult::ALL), time()),
        grades in proptest::array::uniform2(any_of(Grade::ALL)),
        status in proptest::option::of(any_of(FindingStatus::ALL)),
        template in proptest::option::of(1u128..6),
        place in (0i32..3, 0i32..3),
    ) -> Test {
        let [started_at, detected_at, alerted_at, responded_at] = times;
        let (kind, result, at) = sighting;
        Test {
            state,
            category_id: category.map(Uuid::from_u128),
            level,
            started_at, detected_at, alerted_at, responded_at,
            sightings: vec![Sighting { kind, result, at }],
            priority: grades[0],
            severity: grades[1],
            finding: Finding { status, ..Finding::default() },
            template_id: template.map(Uuid::from_u128),
            scenario: format!("scenario {}", place.0),
            place,
            ..assessed(0, facts, tags)
        }
    }
}

fn mission_tests(offset: u128) -> impl Strategy<Value = Vec<Test>> {
    proptest::collection::vec(any_test(), 0..30).prop_map(move |tests| {
        tests
            .into_iter()
            .zip(offset..)
            .map(|(test, n)| Test { id: Uuid::from_u128(n), root_id: Uuid::from_u128(n), name: format!("test {}", n % 100), ..test })
            .collect()
    })
}

fn headings() -> Vec<Heading> {
    let heading = |n| Heading { id: Uuid::from_u128(n), name: format!("{n}"), color: None, position: 0, summary: None };
    vec![heading(1), heading(2), heading(3)]
}

fn name(n: u128) -> MissionName {
    MissionName {
        id: Uuid::from_u128(n),
        name: "M".into(),
        status: MissionStatus::Completed,
        start_date: None,
        end_date: None,
        attack_version: None,
    }
}

proptest! {
    #[test]
    fn every_test_is_counted_once_wherever_rows_do_not_overlap(tests in mission_tests(1)) {
        let told = of(&tests, &headings());
        let all = tests.len() as u64;
        prop_assert_eq!(told.tests, all);
        prop_assert_eq!(told.by_state.values().sum::<u64>(), all);
        prop_assert_eq!(told.by_outcome.values().sum::<u64>(), all);
        prop_assert_eq!(told.by_detection_level.values().sum::<u64>(), all);
        prop_assert_eq!(told.by_category.iter().map(|c| c.tests).sum::<u64>(), all);
        for (outcome, n) in &told.by_outcome {
            prop_assert_eq!(told.by_category.iter().map(|c| c.by_outcome[outcome]).sum::<u64>(), *n);
        }
        let mut seen: Vec<_> = told.findings.iter().map(|g| g.mission_test_id).collect();
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), told.findings.len());
        prop_assert_eq!(told.by_finding_status.values().sum::<u64>(), tests.iter().filter(|t| t.finding.status.is_some()).count() as u64);
    }

    #[test]
    fn parts_are_no_more_than_the_whole_and_ratios_lie_within_0_and_1(tests in mission_tests(1)) {
        let told = of(&tests, &headings());
        let rows = told.by_tactic.iter().map(|t| t.counts).chain(told.by_technique.iter().map(|t| t.counts)).chain(told.by_category.iter().map(|t| t.counts));
        for c in rows {
            prop_assert!(c.tests <= told.tests && c.assessed <= c.tests && c.logged <= c.assessed && c.covered <= c.assessed);
            prop_assert!(c.alerted <= c.covered && c.prevented <= c.covered && c.covered <= c.alerted + c.prevented);
            prop_assert_eq!(c.ratio().is_some(), c.assessed > 0);
            prop_assert!(c.ratio().is_none_or(|r| (0.0..=1.0).contains(&r)));
        }
        let c = &told.coverage;
        prop_assert!(c.assessed <= c.techniques && c.covered <= c.assessed && c.detected <= c.covered && c.prevented <= c.covered);
        prop_assert!(c.ratio.is_none_or(|r| (0.0..=1.0).contains(&r)));
        let f = told.funnel;
        prop_assert!(f.executed <= told.tests && f.assessed <= f.executed && f.logged <= f.assessed && f.alerted <= f.assessed && f.prevented <= f.assessed);
        prop_assert_eq!(f.assessed, told.by_state[&TestState::Assessed]);
        for d in [&told.times.detect, &told.times.alert, &told.times.respond] {
            prop_assert!(d.n + d.n_without <= f.assessed);
            prop_assert_eq!(d.n > 0, d.mean_s.is_some() && d.median_s.is_some() && d.p90_s.is_some());
            prop_assert!(d.median_s <= d.p90_s);
            prop_assert_eq!(d.buckets.iter().sum::<u64>(), d.n);
        }
    }

    #[test]
    fn the_order_of_tests_headings_and_tags_makes_no_difference(tests in mission_tests(1), turn in 0usize..30) {
        let mut turned = tests.clone();
        turned.rotate_left(turn.checked_rem(tests.len()).unwrap_or(0));
        turned.reverse();
        let mut told = of(&tests, &headings());
        let mut again = of(&turned, &headings().into_iter().rev().collect::<Vec<_>>());
        prop_assert_eq!(&told, &again);
        for test in &mut turned {
            test.tags.reverse();
        }
        again = of(&turned, &headings());
        for gap in told.findings.iter_mut().chain(&mut again.findings) {
            gap.techniques.sort();
        }
        prop_assert_eq!(told, again);
    }

    #[test]
    fn what_is_sent_is_read_back(a in mission_tests(1), b in mission_tests(1001)) {
        let mut told = of(&a, &headings());
        told.compared_with = Some(compare::of_tests((&name(1), &a), (&name(2), &b)));
        let sent = serde_json::to_value(&told).unwrap();
        for row in sent["by_technique"].as_array().unwrap() {
            prop_assert!(row["tests"].is_u64() && row["covered"].is_u64(), "the counts of a row lie beside its name: {row}");
        }
        prop_assert_eq!(serde_json::from_value::<Synthesis>(sent).unwrap(), told);
    }

    #[test]
    fn a_comparison_holds_every_test_of_both_once_and_turns_round_with_its_sides(a in mission_tests(1), b in mission_tests(1001)) {
        let (na, nb) = (name(1), name(2));
        let there = compare::of_tests((&na, &a), (&nb, &b));
        prop_assert_eq!(there.tests.values().sum::<u64>(), there.test_changes.len() as u64);
        let sorted = |ids: Vec<Option<Uuid>>| { let mut ids: Vec<_> = ids.into_iter().flatten().collect(); ids.sort_unstable(); ids };
        let of = |tests: &[Test]| sorted(tests.iter().map(|t| Some(t.id)).collect());
        prop_assert_eq!(sorted(there.test_changes.iter().map(|c| c.mission_test_id).collect()), of(&a));
        prop_assert_eq!(sorted(there.test_changes.iter().map(|c| c.other_test_id).collect()), of(&b));
        let back = compare::of_tests((&nb, &b), (&na, &a));
        let turned = |c| match c {
            Change::Improved => Change::Worsened,
            Change::Worsened => Change::Improved,
            Change::New => Change::Gone,
            Change::Gone => Change::New,
            same => same,
        };
        for (there, back) in there.technique_changes.iter().zip(&back.technique_changes) {
            prop_assert_eq!(turned(there.change), back.change);
        }
        prop_assert_eq!(there.tests[&Change::New], back.tests[&Change::Gone]);
        let same = compare::of_tests((&na, &a), (&na, &a));
        prop_assert_eq!(same.tests[&Change::Same] + same.tests[&Change::NotAssessed], a.len() as u64);
    }
}
