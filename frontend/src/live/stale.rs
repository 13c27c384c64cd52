//! What an event makes stale: the one place that knows which reading shows what.

use serde_json::Value;
use tyrian_api_types::events::MissionEvent;
use tyrian_domain::event::EventKind;
use tyrian_domain::execution::TestField;

use crate::key;
use crate::query::Key;

/// What is to be read again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stale {
    /// This alone: a mission without its tests.
    One(Key),
    /// This and all under it.
    Under(Key),
}

/// Everything that is shown.
pub fn everything() -> Stale {
    Stale::Under(Key(Vec::new()))
}

/// The notifications and their number.
pub fn notifications() -> Stale {
    Stale::Under(key!["notifications"])
}

/// Who is in a mission.
pub fn presence(mission: impl ToString) -> Stale {
    Stale::One(key!["missions", mission, "presence"])
}

/// Lists of missions and what is counted over them.
fn lists() -> [Stale; 4] {
    ["list", "total", "clients", "home"].map(|part| Stale::Under(key!["missions", part]))
}

/// Fields of a test that the mission counts.
const COUNTED: [TestField; 4] = [TestField::Logged, TestField::Alerted, TestField::Prevented, TestField::DetectionLevel];

/// Fields of a test that the list of findings shows.
const FOUND: [TestField; 9] = [
    TestField::Name,
    TestField::FindingStatus,
    TestField::FindingOwner,
    TestField::FindingDue,
    TestField::FindingReference,
    TestField::Severity,
    TestField::Priority,
    TestField::Recommendation,
    TestField::Prevented,
];

fn names_any(payload: &Value, fields: &[TestField]) -> bool {
    let named = payload.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    named.into_iter().any(|name| fields.iter().any(|field| field.as_str() == name))
}

/// What has to be read again after this.
pub fn stale_by(event: &MissionEvent) -> Vec<Stale> {
    use EventKind as K;
    let id = event.mission_id;
    let mission = || Stale::One(key!["missions", id]);
    let part = |part: &str| Stale::Under(key!["missions", id, part]);
    let test = || event.mission_test_id.map(|test| Stale::One(key!["missions", id, "tests", test]));
    let of_test = |part: &str| event.mission_test_id.map(|test| Stale::Under(key!["missions", id, "tests", test, part]));
    let findings = || Stale::Under(key!["findings"]);
    let all = || Stale::Under(key!["missions", id]);

    let mut stale = vec![part("events")];
    match event.kind {
        K::MissionCreated => stale.extend(lists()),
        K::MissionUpdated => {
            stale.push(mission());
            stale.extend(lists());
            // its name and client stand there too
            stale.push(findings());
        }
        K::MissionStatusChanged | K::MissionMembersChanged => {
            // what may be written in each of its tests depends on it
            stale.push(all());
            stale.extend(lists());
            stale.push(findings());
        }
        K::MissionDeleted | K::MissionTestsChanged | K::TestDisclosed | K::TestHidden => {
            stale.push(all());
            stale.extend(lists());
            stale.push(findings());
        }
        K::MissionScenariosAdded | K::TestAdded => {
            stale.extend([mission(), part("synthesis")]);
            stale.extend(lists());
        }
        K::TestUpdated => {
            stale.extend(test());
            stale.extend([mission(), part("synthesis")]);
            if names_any(&event.payload, &COUNTED) {
                stale.extend(lists());
            }
            if names_any(&event.payload, &COUNTED) || names_any(&event.payload, &FOUND) {
                stale.push(findings());
            }
        }
        K::TestStateChanged => {
            stale.extend(test());
            stale.extend([mission(), part("synthesis"), findings()]);
            stale.extend(lists());
        }
        K::TestsReordered => stale.push(mission()),
        K::DetectionAdded | K::DetectionUpdated | K::DetectionDeleted => {
            stale.extend(of_test("detections"));
            stale.extend([part("detections"), part("synthesis")]);
        }
        K::EvidenceAdded | K::EvidenceDeleted => stale.extend(of_test("evidence")),
        K::CommentAdded | K::CommentUpdated | K::CommentDeleted => {
            stale.extend(of_test("comments"));
            // the mission's own list has those of its tests, too
            stale.push(part("comments"));
        }
        K::CategoryAdded | K::CategoryUpdated => stale.extend([part("categories"), part("synthesis")]),
        // its tests stand under no heading now
        K::CategoryDeleted => stale.push(all()),
    }
    stale
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    const MISSION: Uuid = Uuid::from_u128(7);
    const TEST: Uuid = Uuid::from_u128(8);

    fn event(kind: EventKind, test: bool, payload: Value) -> MissionEvent {
        let actor = None;
        let at = chrono::DateTime::UNIX_EPOCH;
        let mission_test_id = test.then_some(TEST);
        MissionEvent { sequence: 1, at, actor, kind, mission_id: MISSION, mission_test_id, test_name: None, payload }
    }

    /// Would this reading be done again?
    fn reads(kind: EventKind, test: bool, payload: &Value, key: &Key) -> bool {
        stale_by(&event(kind, test, payload.clone())).iter().any(|stale| match stale {
            Stale::One(one) => one == key,
            Stale::Under(prefix) => key.starts_with(prefix),
        })
    }

    #[test]
    fn every_event_is_on_the_activity_page() {
        for kind in EventKind::ALL {
            assert!(reads(*kind, true, &json!({}), &key!["missions", MISSION, "events", "all"]), "{kind}");
        }
    }

    #[test]
    fn a_moved_test_is_read_with_its_mission_and_the_counts() {
        let kind = EventKind::TestStateChanged;
        for key in [
            key!["missions", MISSION],
            key!["missions", MISSION, "tests", TEST],
            key!["missions", MISSION, "synthesis"],
            key!["missions", "list", "…"],
            key!["missions", "total", "all", "…"],
            key!["findings", "…"],
        ] {
            assert!(reads(kind, true, &json!({}), &key), "{key:?}");
        }
        for key in [
            key!["missions", MISSION, "tests", TEST, "comments"],
            key!["missions", MISSION, "tests", Uuid::nil()],
            key!["missions", MISSION, "categories"],
            key!["missions", Uuid::nil()],
        ] {
            assert!(!reads(kind, true, &json!({}), &key), "{key:?}");
        }
    }

    #[test]
    fn notes_of_a_test_leave_lists_and_findings_alone() {
        let (notes, level) = (json!({ "fields": ["red_notes"] }), json!({ "fields": ["detection_level_id"] }));
        let kind = EventKind::TestUpdated;
        assert!(reads(kind, true, &notes, &key!["missions", MISSION, "tests", TEST]));
        assert!(!reads(kind, true, &notes, &key!["missions", "list", "…"]));
        assert!(!reads(kind, true, &notes, &key!["findings", "…"]));
        assert!(reads(kind, true, &level, &key!["missions", "list", "…"]));
        assert!(reads(kind, true, &json!({ "fields": ["finding_due"] }), &key!["findings", "…"]));
    }

    #[test]
    fn a_comment_is_read_where_it_stands() {
        let (of_test, of_mission) = (key!["missions", MISSION, "tests", TEST, "comments"], key!["missions", MISSION, "comments"]);
        let kind = EventKind::CommentAdded;
        assert!(reads(kind, true, &json!({}), &of_test) && reads(kind, true, &json!({}), &of_mission));
        assert!(reads(kind, false, &json!({}), &of_mission) && !reads(kind, false, &json!({}), &of_test));
    }

    #[test]
    fn detections_and_evidence_do_not_read_the_test_again() {
        for (kind, part) in [(EventKind::DetectionAdded, "detections"), (EventKind::EvidenceDeleted, "evidence")] {
            assert!(reads(kind, true, &json!({}), &key!["missions", MISSION, "tests", TEST, part]));
            assert!(!reads(kind, true, &json!({}), &key!["missions", MISSION, "tests", TEST]));
        }
    }

    #[test]
    fn another_view_of_the_tests_is_read_as_a_whole() {
        for kind in [EventKind::TestDisclosed, EventKind::TestHidden, EventKind::MissionTestsChanged, EventKind::MissionMembersChanged] {
            assert!(reads(kind, true, &json!({}), &key!["missions", MISSION, "tests", TEST, "comments"]), "{kind}");
        }
    }
}
