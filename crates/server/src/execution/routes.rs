//! HTTP of executing a mission.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, patch, post, put};
use serde::Deserialize;
use tyrian_api_types::execution::{BulkAnswer, BulkItem, MissionTestCreate, MissionTestPatch, TestMove, TestOrder};
use tyrian_api_types::missions::{Mission, MissionTest, MissionTestSummary};
use tyrian_api_types::{ErrorCode, Page, Problem};
use tyrian_domain::test::TestState;
use utoipa::IntoParams;
use uuid::Uuid;

use super::service::{self, Edit};
use super::{adhoc, bulk, list, order};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::PageRequest;
use crate::http::{Body, IfMatch, Params, ok_versioned};
use crate::missions::Visit;
use crate::state::State;

/// How a list of a mission's tests is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TestQuery {
    /// Words in name, objective, labels or ATT&CK ids, whatever their case.
    q: Option<String>,
    /// One or more states, comma separated.
    state: Option<String>,
    /// One of the mission's scenarios.
    scenario: Option<Uuid>,
    /// One of its categories.
    category: Option<Uuid>,
    /// Who executes it.
    operator: Option<Uuid>,
    /// Who assesses it.
    assessor: Option<Uuid>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List a mission's tests.
///
/// Scenario by scenario, in their order. Hidden ones are not there for blue and observers.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), TestQuery), responses(
    (status = 200, body = Page<MissionTestSummary>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/missions/{id}/tests")]
pub(super) async fn list_mission_tests(state: State, visit: Visit, query: Params<TestQuery>) -> ApiResult<Json<Page<MissionTestSummary>>> {
    let (_, scope) = visit.read()?;
    let query = query.0;
    let request = PageRequest::new(query.limit, query.cursor.as_deref(), None, &["position"], "position")?;
    let states = query.state.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|s| !s.is_empty());
    let states = states
        .map(|s| {
            TestState::parse(s)
                .ok_or_else(|| ApiError::new(ErrorCode::InvalidQuery, "state: planned, running, executed, assessed or skipped."))
        })
        .collect::<ApiResult<_>>()?;
    let filter = list::Filter {
        states,
        q: query.q,
        scenario: query.scenario,
        category: query.category,
        operator: query.operator,
        assessor: query.assessor,
    };
    Ok(Json(list::list(&state, &scope, &filter, &request).await?))
}

/// Add a test without a template.
///
/// At the end of one of the mission's scenarios, or of the scenario "Ad hoc". Only while the mission is a draft or in progress.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = MissionTestCreate, responses(
    (status = 201, body = MissionTest), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/tests")]
pub(super) async fn add_mission_test(
    state: State,
    visit: Visit,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<MissionTestCreate>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(tyrian_domain::permission::Permission::MissionUpdate)?;
    let request = format!("POST /missions/{id}/tests {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| adhoc::add(&state, &caller, txn, &scope, body.value).await).await
}

/// Change fields of a test.
///
/// A field left out stays, null clears it. Red writes red's fields and blue blue's, as the test's state allows; a field of
/// the other side is a 403 that names it. Outside a mission in progress only the plan, its preparation (draft), category and
/// finding (until archived) can be changed. Nothing may lie before the start.
///
/// **Permissions**: by field: mission_test.execute and role red or purple, mission_test.assess and role blue or purple, or mission.update.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test"), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), request_body = MissionTestPatch, responses(
    (status = 200, body = MissionTest), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/missions/{id}/tests/{test_id}")]
pub(super) async fn update_mission_test(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    body: Body<MissionTestPatch>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let edit = Edit { patch: Some(Box::new(body.value)), to: None };
    let (test, tag) = Box::pin(service::edit(&state, &caller, &scope, ids.1, &if_match, edit)).await?;
    Ok(ok_versioned(&test, &tag))
}

/// Move a test to another state.
///
/// planned → running → executed → assessed; planned, running or executed → skipped → planned; executed → running and
/// assessed → executed to correct. Running sets the start and executed the end where they are not set. All else is a 409
/// that lists what is possible.
///
/// **Permissions**: red's moves mission_test.execute and role red or purple; executed ⇄ assessed mission_test.assess and role blue or purple.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test"), ("If-Match" = Option<String>, Header, description = "Honoured when sent")), request_body = TestMove, responses(
    (status = 200, body = MissionTest), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
#[post("/missions/{id}/tests/{test_id}/state")]
pub(super) async fn move_mission_test(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    body: Body<TestMove>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let edit = Edit { patch: None, to: Some(body.value.to) };
    let (test, tag) = Box::pin(service::edit(&state, &caller, &scope, ids.1, &if_match, edit)).await?;
    Ok(ok_versioned(&test, &tag))
}

/// Change many tests at once.
///
/// Each item holds a test's id and version, fields to change, and `state` to move it. Each is done or refused for itself
/// and answered in the same place.
///
/// **Permissions**: for each item as for one test.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission")), request_body = Vec<BulkItem>, responses(
    (status = 200, body = BulkAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/tests/bulk")]
pub(super) async fn change_mission_tests(state: State, visit: Visit, body: Body<Vec<BulkItem>, true>) -> ApiResult<Json<BulkAnswer>> {
    let (caller, scope) = visit.read()?;
    Ok(Json(Box::pin(bulk::change(&state, &caller, &scope, body.value)).await?))
}

/// Put the tests of a scenario into an order.
///
/// The list is the whole order; two at once leave one of the two. The answer is the mission.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("scenario_id" = Uuid, Path, description = "One of its scenarios"), ("If-Match" = Option<String>, Header, description = "The mission's, honoured when sent")), request_body = TestOrder, responses(
    (status = 200, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[put("/missions/{id}/scenarios/{scenario_id}/tests/order")]
pub(super) async fn order_mission_tests(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    body: Body<TestOrder>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let (mission, tag) = order::replace(&state, &caller, &scope, ids.1, &if_match, body.value).await?;
    Ok(ok_versioned(&mission, &tag))
}
