//! Rows of analytics to the values that `domain::analytics` counts.

use tyrian_domain::analytics::{Alike, MissionDay, Tagged};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::synthesis::{Sighting, Test};
use tyrian_domain::test::{DetectionKind, DetectionResult, Fact, TestState};
use uuid::Uuid;

use super::store::{AlikeRow, MissionRow, TaggedRow, TimedRow};
use crate::error::ApiResult;
use crate::missions::convert::word;

fn fact(word: Option<&str>) -> Fact {
    word.and_then(Fact::parse).unwrap_or(Fact::Unknown)
}

/// A mission and the day that it belongs to.
pub fn mission(row: MissionRow) -> ApiResult<MissionDay> {
    Ok(MissionDay {
        status: word(MissionStatus::parse(&row.status), &row.status)?,
        day: row.start_date.unwrap_or_else(|| row.created_at.date_naive()),
        id: row.id,
        name: row.name,
        client: row.client,
    })
}

/// Tests that are alike.
pub fn alike(row: &AlikeRow) -> ApiResult<Alike> {
    let test = Test {
        state: word(TestState::parse(&row.state), &row.state)?,
        logged: fact(row.logged.as_deref()),
        alerted: fact(row.alerted.as_deref()),
        prevented: fact(row.prevented.as_deref()),
        ..Test::planned(Uuid::nil(), "")
    };
    Ok(Alike { mission_id: row.mission_id, test, n: u64::try_from(row.n).unwrap_or_default() })
}

/// Tests of a technique that are alike.
pub fn tagged(row: TaggedRow) -> ApiResult<Tagged> {
    Ok(Tagged {
        parent_external_id: row.external_id.split_once('.').map(|(parent, _)| parent.to_owned()),
        tests: alike(&row.tests)?,
        external_id: row.external_id,
        name: row.name,
    })
}

/// A judged test with its times. Of what the tools did only the earliest is known, of all kinds and of alerts.
pub fn timed(row: &TimedRow) -> (Uuid, Test) {
    let sighting = |kind, at| Sighting { kind, result: DetectionResult::Yes, at: Some(at) };
    let seen = row.seen_at.map(|at| sighting(DetectionKind::Logged, at));
    let alert = row.alert_at.map(|at| sighting(DetectionKind::Alerted, at));
    let test = Test {
        state: TestState::Assessed,
        logged: fact(row.logged.as_deref()),
        alerted: fact(row.alerted.as_deref()),
        prevented: fact(row.prevented.as_deref()),
        started_at: row.started_at,
        detected_at: row.detected_at,
        alerted_at: row.alerted_at,
        responded_at: row.responded_at,
        sightings: seen.into_iter().chain(alert).collect(),
        ..Test::planned(Uuid::nil(), "")
    };
    (row.mission_id, test)
}
