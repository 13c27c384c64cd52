//! What this tab asks the API. The keys are those that the live stream makes stale.

use std::sync::Arc;

use gloo_net::http::Method;
use leptos::prelude::*;
use tyrian_api_types::Items;
use tyrian_api_types::defence_tools::{DefenceTool, DefenceToolCreate};
use tyrian_api_types::detections::{Detection, DetectionCreate, DetectionPatch};
use tyrian_api_types::execution::{BULK, BulkAnswer, BulkItem, BulkOutcome, MissionTestCreate, MissionTestPatch, TestMove, TestOrder};
use tyrian_api_types::missions::{Mission, MissionTest, MissionTestSummary};
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::test::TestState;
use uuid::Uuid;

use crate::api::{self, ApiError, Request};
use crate::key;
use crate::missions::queries::{MissionData, mission_key, mission_path};
pub use crate::missions::queries::{use_categories, use_defence_tools, use_presence};
use crate::query::{self, Key, Query, use_query};
use crate::web::encoded;

fn test_path(mission: &str, test: &str) -> String {
    format!("{}/tests/{}", mission_path(mission), encoded(test))
}

/// The key of one test.
pub fn test_key(mission: &str, test: &str) -> Key {
    key!["missions", mission, "tests", test]
}

fn detections_key(mission: &str, test: &str) -> Key {
    key!["missions", mission, "tests", test, "detections"]
}

/// One test of a mission with everything.
pub fn use_mission_test(mission: Memo<String>, test: String) -> Query<MissionTest> {
    let id = test.clone();
    use_query(move || test_key(&mission.get(), &test), move || api::get(test_path(&mission.get_untracked(), &id)))
}

/// Reads a test now: after a change that was stale.
pub async fn fetch_test(mission: &str, test: Uuid) -> Result<MissionTest, ApiError> {
    api::get(test_path(mission, &test.to_string())).await
}

/// Changes a test, if it still has this version.
pub async fn patch_test(mission: &str, test: Uuid, version: i64, patch: &MissionTestPatch) -> Result<MissionTest, ApiError> {
    api::patch(test_path(mission, &test.to_string()), version, patch).await
}

/// Moves a test to another state, if it still has this version.
pub async fn move_test(mission: &str, test: Uuid, version: i64, to: TestState) -> Result<MissionTest, ApiError> {
    let path = format!("{}/state", test_path(mission, &test.to_string()));
    Request::new(Method::POST, path).if_match(version).json(&TestMove { to }).send().await
}

/// Changes many tests, as many requests as it takes; what became of each.
pub async fn bulk(mission: &str, items: Vec<BulkItem>) -> Result<Vec<BulkOutcome>, ApiError> {
    let mut outcomes = Vec::with_capacity(items.len());
    for part in items.chunks(BULK) {
        let answer: BulkAnswer = api::post(format!("{}/tests/bulk", mission_path(mission)), &part).await?;
        outcomes.extend(answer.items);
    }
    Ok(outcomes)
}

/// Puts the tests of a scenario into this order.
pub async fn order(mission: &str, scenario: Uuid, test_ids: Vec<Uuid>) -> Result<(), ApiError> {
    let path = format!("{}/scenarios/{scenario}/tests/order", mission_path(mission));
    Request::new(Method::PUT, path).json(&TestOrder { test_ids }).send::<serde::de::IgnoredAny>().await.map(|_| ())
}

/// Adds a test without a template. The same key with the same request makes one.
pub async fn add_test(mission: &str, request: &MissionTestCreate, key: &str) -> Result<MissionTest, ApiError> {
    Request::new(Method::POST, format!("{}/tests", mission_path(mission))).json(request).idempotency_key(key).send().await
}

/// What the defence tools did in a test.
pub fn use_detections(mission: Memo<String>, test: Uuid) -> Query<Items<Detection>> {
    use_query(
        move || detections_key(&mission.get(), &test.to_string()),
        move || api::get(format!("{}/detections", test_path(&mission.get_untracked(), &test.to_string()))),
    )
}

/// What all tools did in all tests of a mission.
pub fn use_all_detections(mission: Memo<String>) -> Query<Items<Detection>> {
    use_query(
        move || key!["missions", mission.get(), "detections"],
        move || api::get(format!("/missions/{}/detections", mission.get_untracked())),
    )
}

/// Has the detections of a test read again.
pub fn refresh_detections(mission: &str, test: Uuid) {
    query::invalidate(&detections_key(mission, &test.to_string()));
}

/// Reads the detections of a test now.
pub async fn fetch_detections(mission: &str, test: Uuid) -> Result<Items<Detection>, ApiError> {
    api::get(format!("{}/detections", test_path(mission, &test.to_string()))).await
}

/// Notes what a tool did.
pub async fn add_detection(mission: &str, test: Uuid, request: &DetectionCreate, key: &str) -> Result<Detection, ApiError> {
    let path = format!("{}/detections", test_path(mission, &test.to_string()));
    Request::new(Method::POST, path).json(request).idempotency_key(key).send().await
}

/// Changes what was noted.
pub async fn patch_detection(
    mission: &str,
    test: Uuid,
    detection: Uuid,
    version: i64,
    patch: &DetectionPatch,
) -> Result<Detection, ApiError> {
    api::patch(format!("{}/detections/{detection}", test_path(mission, &test.to_string())), version, patch).await
}

/// Takes a row out.
pub async fn delete_detection(mission: &str, test: Uuid, detection: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(format!("{}/detections/{detection}", test_path(mission, &test.to_string())), version).await
}

/// Adds a product of the defenders.
pub async fn add_defence_tool(request: &DefenceToolCreate) -> Result<DefenceTool, ApiError> {
    let tool = api::post("/defence-tools", request).await?;
    query::invalidate(&key!["defence-tools"]);
    Ok(tool)
}

/// Shows a test as a write has answered it, in its own place and in the mission's list. Other parts hear of it by the stream.
pub fn note_test(mission: &str, test: &MissionTest) {
    query::put(&test_key(mission, &test.id.to_string()), test.clone());
    query::update::<MissionData>(&mission_key(mission), |data| {
        let mut fresh = (**data).clone();
        note_in(&mut fresh.value, test);
        *data = Arc::new(fresh);
    });
}

/// Has the mission and all under it read again.
pub fn refresh_mission(mission: &str) {
    query::invalidate(&mission_key(mission));
}

fn note_in(mission: &mut Mission, test: &MissionTest) {
    let Some(row) = mission.scenarios.iter_mut().flat_map(|scenario| &mut scenario.tests).find(|row| row.id == test.id) else { return };
    if row.version > test.version {
        return;
    }
    recount(&mut mission.head.counts, row, test);
    *row = MissionTestSummary {
        name: test.content.name.clone(),
        state: test.state,
        outcome: test.outcome,
        disclosed: test.disclosed,
        opsec_level: test.content.opsec_level,
        executor: test.content.executor,
        category_id: test.category_id,
        operator_id: test.operator_id,
        started_at: test.started_at,
        ended_at: test.ended_at,
        assessor_id: test.assessor_id,
        logged: test.logged,
        alerted: test.alerted,
        prevented: test.prevented,
        detection_level_id: test.detection_level_id,
        detected_at: test.detected_at,
        alerted_at: test.alerted_at,
        responded_at: test.responded_at,
        finding_status: test.finding_status,
        version: test.version,
        mitre_tags: test.mitre_tags.clone(),
        ..row.clone()
    };
}

/// State and outcome as they are counted; levels are known by id here, so their count waits for the next reading.
fn recount(counts: &mut Counters, row: &MissionTestSummary, test: &MissionTest) {
    let level = || counts.by_detection.keys().next().cloned();
    let (before, after) = (
        Counted { state: row.state, outcome: row.outcome, level: level() },
        Counted { state: test.state, outcome: test.outcome, level: level() },
    );
    counts.remove(&before);
    counts.add(&after, 1);
}
