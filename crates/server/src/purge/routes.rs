//! HTTP of purging.

use actix_web::post;
use actix_web::web::{Json, Path};
use tyrian_api_types::Problem;
use tyrian_api_types::purge::{PurgeConfirm, Tombstone};
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::{Body, Caller};
use crate::state::State;

/// Remove a mission for good.
///
/// The mission, its tests, comments, events, members and evidence with its files, deleted before or not. `confirm` is its
/// name, as it is written. The audit log keeps its story, and of the mission a hash.
///
/// **Permissions**: mission.purge, and to see the mission if it was not deleted.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission")), request_body = PurgeConfirm, responses(
    (status = 200, body = Tombstone), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/purge")]
pub(super) async fn purge_mission(state: State, caller: Caller, id: Path<Uuid>, body: Body<PurgeConfirm>) -> ApiResult<Json<Tombstone>> {
    Ok(Json(service::mission(&state, &caller, *id, &body.value).await?))
}

/// Remove a piece of evidence for good.
///
/// The row and the file, deleted before or not. `confirm` is the name of the file. The audit log keeps its hash.
///
/// **Permissions**: mission.purge, and to see the mission.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The piece of evidence")), request_body = PurgeConfirm, responses(
    (status = 200, body = Tombstone), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/evidence/{id}/purge")]
pub(super) async fn purge_evidence(state: State, caller: Caller, id: Path<Uuid>, body: Body<PurgeConfirm>) -> ApiResult<Json<Tombstone>> {
    Ok(Json(service::evidence(&state, &caller, *id, &body.value).await?))
}
