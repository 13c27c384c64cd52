//! HTTP of detections.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use tyrian_api_types::detections::{Detection, DetectionCreate, DetectionPatch};
use tyrian_api_types::{Items, Problem};
use uuid::Uuid;

use super::{service, store};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::{Body, IfMatch, no_content, ok_versioned};
use crate::missions::{Visit, sees_test};
use crate::state::State;

/// What each defence tool did in all tests of a mission.
///
/// By test, then by tool and kind; of the tests that one sees.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission")), responses(
    (status = 200, body = Items<Detection>), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/detections")]
pub(super) async fn list_mission_detections(state: State, visit: Visit) -> ApiResult<Json<Items<Detection>>> {
    let (_, scope) = visit.read()?;
    Ok(Json(Items { items: store::of_mission(state.db.reader(), &scope).await? }))
}

/// What each defence tool did in a test.
///
/// **Permissions**: to see the test.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test")), responses(
    (status = 200, body = Items<Detection>), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/tests/{test_id}/detections")]
pub(super) async fn list_detections(state: State, visit: Visit, ids: Path<(Uuid, Uuid)>) -> ApiResult<Json<Items<Detection>>> {
    let (_, scope) = visit.read()?;
    if !sees_test(state.db.reader(), &scope, ids.1).await? {
        return Err(ApiError::not_found());
    }
    Ok(Json(Items { items: store::of_test(state.db.reader(), &scope, ids.1).await? }))
}

/// Note what a defence tool did, or missed.
///
/// One row for each tool and kind. The three facts of the test stay as they are. While the test runs or was executed, in a
/// mission in progress; nothing may lie before the start of the test.
///
/// **Permissions**: mission_test.assess and role blue or purple, or mission.read_all.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = DetectionCreate, responses(
    (status = 201, body = Detection), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/tests/{test_id}/detections")]
pub(super) async fn add_detection(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    key: IdempotencyKey,
    body: Body<DetectionCreate>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let request = format!("POST /missions/{}/tests/{}/detections {}", ids.0, ids.1, body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::add(&state, &caller, txn, &scope, ids.1, body.value).await)
        .await
}

/// Change what was noted of a defence tool.
///
/// **Permissions**: mission_test.assess and role blue or purple, or mission.read_all.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test"), ("detection_id" = Uuid, Path, description = "The detection"), ("If-Match" = Option<String>, Header, description = "The version of what is edited")), request_body = DetectionPatch, responses(
    (status = 200, body = Detection), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/missions/{id}/tests/{test_id}/detections/{detection_id}")]
pub(super) async fn update_detection(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid, Uuid)>,
    if_match: IfMatch,
    body: Body<DetectionPatch>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let (detection, tag) = service::update(&state, &caller, &scope, (ids.1, ids.2), &if_match, body.value).await?;
    Ok(ok_versioned(&detection, &tag))
}

/// Take back what was noted of a defence tool.
///
/// **Permissions**: mission_test.assess and role blue or purple, or mission.read_all.
#[utoipa::path(tag = "execution", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test"), ("detection_id" = Uuid, Path, description = "The detection"), ("If-Match" = Option<String>, Header, description = "The version of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/missions/{id}/tests/{test_id}/detections/{detection_id}")]
pub(super) async fn delete_detection(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid, Uuid)>,
    if_match: IfMatch,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    service::delete(&state, &caller, &scope, (ids.1, ids.2), &if_match).await?;
    Ok(no_content())
}
