//! HTTP of missions.

use actix_web::http::header::{self, ContentType};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use serde::Deserialize;
use tyrian_api_types::missions::{
    AddScenarios, Mission, MissionCreate, MissionMembers, MissionPatch, MissionSummary, MissionTest, Transition,
};
use tyrian_api_types::retests::MissionRetest;
use tyrian_api_types::{ErrorCode, Page, Problem};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Visit;
use super::store::list::Filter;
use super::{reading, retest, service};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::PageRequest;
use crate::http::{Body, Caller, IfMatch, Params, etag, no_content, ok_versioned, valid};
use crate::state::State;

/// How a list of missions is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MissionQuery {
    /// Words in name, client or description, whatever their case.
    q: Option<String>,
    /// The client's name, whatever its case.
    client: Option<String>,
    /// One or more statuses, comma separated.
    status: Option<String>,
    /// A technique or subtechnique that a test of it is tagged with; a technique includes its subtechniques.
    technique: Option<String>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, `name` or `client`, with `-` in front for downwards; `-created_at` if left out.
    sort: Option<String>,
}

/// List missions.
///
/// Those that the caller is a member of, or all with mission.read_all; without their scenarios.
///
/// **Permissions**: mission.read.
#[utoipa::path(tag = "missions", params(MissionQuery), responses(
    (status = 200, body = Page<MissionSummary>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/missions")]
pub(super) async fn list_missions(state: State, caller: Caller, query: Params<MissionQuery>) -> ApiResult<HttpResponse> {
    caller.needs_any(&[Permission::MissionRead, Permission::MissionReadAll])?;
    let query = query.0;
    let request =
        PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), &["created_at", "name", "client"], "-created_at")?;
    let statuses = query.status.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|s| !s.is_empty());
    let statuses = statuses
        .map(|s| {
            MissionStatus::parse(s)
                .ok_or_else(|| ApiError::new(ErrorCode::InvalidQuery, "status: draft, in_progress, completed or archived."))
        })
        .collect::<ApiResult<_>>()?;
    let filter = Filter { q: query.q, client: query.client, statuses, technique: query.technique };
    let body = reading::packed_list(&state, &caller, &filter, &request).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

/// Create a mission.
///
/// The chosen scenarios, their tests and their tags are copied; later edits of the templates or of the catalogue change nothing in it.
/// A creator who is no administrator and did not list themselves joins as red.
///
/// **Permissions**: mission.create.
#[utoipa::path(tag = "missions", request_body = MissionCreate, params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), responses(
    (status = 201, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions")]
pub(super) async fn create_mission(
    state: State,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<MissionCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::MissionCreate)?;
    valid(&body.value)?;
    let request = format!("POST /missions {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, body.value).await).await
}

/// One mission with its scenarios and tests.
///
/// **Permissions**: mission.read and membership, or mission.read_all.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = Mission), (status = 304, description = "The caller has it"), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}")]
pub(super) async fn get_mission(state: State, visit: Visit, http: HttpRequest) -> ApiResult<HttpResponse> {
    let (_, scope) = visit.read()?;
    let tag = scope.etag()?;
    if etag::not_modified(&http, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let body = reading::packed_detail(&state, &scope, &tag).await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type(ContentType::json()).body(body))
}

/// Change a mission's own fields.
///
/// A field left out stays, null clears it.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), request_body = MissionPatch, responses(
    (status = 200, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/missions/{id}")]
pub(super) async fn update_mission(state: State, visit: Visit, if_match: IfMatch, body: Body<MissionPatch>) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(Permission::MissionUpdate)?;
    let (mission, tag) = service::update(&state, &caller, &scope, &if_match, body.value).await?;
    Ok(ok_versioned(&mission, &tag))
}

/// Delete a mission.
///
/// It and all under it are gone from every read; the audit log keeps its story.
///
/// **Permissions**: mission.delete, and to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("If-Match" = Option<String>, Header, description = "The ETag of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/missions/{id}")]
pub(super) async fn delete_mission(state: State, visit: Visit, if_match: IfMatch) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(Permission::MissionDelete)?;
    service::delete(&state, &caller, &scope, &if_match).await?;
    Ok(no_content())
}

/// Copy further scenarios into a mission.
///
/// They go behind the last one.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = AddScenarios, responses(
    (status = 201, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/scenarios")]
pub(super) async fn add_mission_scenarios(
    state: State,
    visit: Visit,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<AddScenarios>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(Permission::MissionUpdate)?;
    super::scope::writable(scope.mission())?;
    valid(&body.value)?;
    let request = format!("POST /missions/{id}/scenarios {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::add_scenarios(&state, &caller, txn, &scope, body.value).await)
        .await
}

/// Replace a mission's members.
///
/// The list is the whole set; a member has one role.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("If-Match" = Option<String>, Header, description = "Honoured when sent")), request_body = MissionMembers, responses(
    (status = 200, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[put("/missions/{id}/members")]
pub(super) async fn set_mission_members(
    state: State,
    visit: Visit,
    if_match: IfMatch,
    body: Body<MissionMembers>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(Permission::MissionUpdate)?;
    let (mission, tag) = service::set_members(&state, &caller, &scope, &if_match, body.value).await?;
    Ok(ok_versioned(&mission, &tag))
}

/// Move a mission to another status.
///
/// draft → in_progress → completed → archived; back to draft while nothing was executed, and from completed to in_progress. All else is a 409 that lists what is possible.
///
/// **Permissions**: mission.archive for archived, else mission.update, and to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("If-Match" = Option<String>, Header, description = "Honoured when sent")), request_body = Transition, responses(
    (status = 200, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
#[post("/missions/{id}/transition")]
pub(super) async fn transition_mission(state: State, visit: Visit, if_match: IfMatch, body: Body<Transition>) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(body.value.to.permission_to_enter())?;
    let (mission, tag) = service::transition(&state, &caller, &scope, &if_match, &body.value).await?;
    Ok(ok_versioned(&mission, &tag))
}

/// One test of a mission with everything that was copied and recorded.
///
/// A test that is not disclosed is not there for blue and observers.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test")), responses(
    (status = 200, body = MissionTest), (status = 304, description = "The caller has it"), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/tests/{test_id}")]
pub(super) async fn get_mission_test(state: State, ids: Path<(Uuid, Uuid)>, http: HttpRequest) -> ApiResult<HttpResponse> {
    let (test, tag) = reading::seen_test(&state, &http, ids.0, ids.1).await?;
    if etag::not_modified(&http, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(ok_versioned(&test, &tag))
}

/// Play a mission again.
///
/// A new draft on the same frozen tests, scenarios, tags and categories, as they stand in this mission, whatever became of
/// the templates. What red and blue wrote is left behind; which tests are hidden stays. Its synthesis compares it with this
/// mission. This mission stays as it is, and may be archived.
///
/// **Permissions**: mission.update and mission.create, and to see the mission.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission that is repeated"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = MissionRetest, responses(
    (status = 201, body = Mission), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/retest")]
pub(super) async fn retest_mission(
    state: State,
    visit: Visit,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<MissionRetest>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(Permission::MissionUpdate)?;
    caller.needs(Permission::MissionCreate)?;
    valid(&body.value)?;
    let request = format!("POST /missions/{id}/retest {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| retest::retest(&state, &caller, txn, &scope, body.value).await).await
}
