//! HTTP of detection levels.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use tyrian_api_types::detection_levels::{DetectionLevel, DetectionLevelCreate, DetectionLevelPatch};
use tyrian_api_types::{Items, Problem};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::{Body, Caller, no_content, valid};
use crate::state::State;

/// All detection levels, the best last.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "detection levels", responses((status = 200, body = Items<DetectionLevel>), (status = 401, body = Problem)))]
#[get("/detection-levels")]
pub(super) async fn list_detection_levels(state: State, _caller: Caller) -> ApiResult<Json<Items<DetectionLevel>>> {
    Ok(Json(Items { items: service::list(&state).await? }))
}

/// Add a detection level.
///
/// Its code is unique and stays for good. At most one level is the default: a new one takes it over.
///
/// **Permissions**: detection_level.manage.
#[utoipa::path(tag = "detection levels", params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = DetectionLevelCreate, responses(
    (status = 201, body = DetectionLevel, headers(("Location" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/detection-levels")]
pub(super) async fn create_detection_level(
    state: State,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<DetectionLevelCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::DetectionLevelManage)?;
    valid(&body.value)?;
    let request = format!("POST /detection-levels {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, body.value).await).await
}

/// Change a detection level.
///
/// A retired one is no longer offered, and stays where tests name it. The default cannot be retired.
///
/// **Permissions**: detection_level.manage.
#[utoipa::path(tag = "detection levels", params(("id" = Uuid, Path, description = "The level")), request_body = DetectionLevelPatch, responses(
    (status = 200, body = DetectionLevel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[patch("/detection-levels/{id}")]
pub(super) async fn update_detection_level(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    body: Body<DetectionLevelPatch>,
) -> ApiResult<Json<DetectionLevel>> {
    service::authorize(&state, &caller, *id).await?;
    Ok(Json(service::update(&state, &caller, *id, body.value).await?))
}

/// Delete a detection level.
///
/// One that tests name cannot be deleted: retire it instead.
///
/// **Permissions**: detection_level.manage.
#[utoipa::path(tag = "detection levels", params(("id" = Uuid, Path, description = "The level")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[delete("/detection-levels/{id}")]
pub(super) async fn delete_detection_level(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id).await?;
    service::delete(&state, &caller, *id).await?;
    Ok(no_content())
}
