//! HTTP of defence tools.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use tyrian_api_types::defence_tools::{DefenceTool, DefenceToolCreate, DefenceToolPatch};
use tyrian_api_types::{Items, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::{Body, Caller, Params, no_content, valid};
use crate::state::State;

/// Which tools are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DefenceToolQuery {
    /// True: only those that are offered for new detections.
    active: Option<bool>,
}

/// All defence tools by name.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "defence tools", params(DefenceToolQuery), responses(
    (status = 200, body = Items<DefenceTool>), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/defence-tools")]
pub(super) async fn list_defence_tools(
    state: State,
    _caller: Caller,
    query: Params<DefenceToolQuery>,
) -> ApiResult<Json<Items<DefenceTool>>> {
    Ok(Json(Items { items: service::list(&state, query.0.active.unwrap_or(false)).await? }))
}

/// Add a defence tool.
///
/// No two have one name, whatever its case.
///
/// **Permissions**: defence_tool.manage.
#[utoipa::path(tag = "defence tools", params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = DefenceToolCreate, responses(
    (status = 201, body = DefenceTool, headers(("Location" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/defence-tools")]
pub(super) async fn create_defence_tool(
    state: State,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<DefenceToolCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::DefenceToolManage)?;
    valid(&body.value)?;
    let request = format!("POST /defence-tools {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, body.value).await).await
}

/// Change a defence tool.
///
/// One with `is_active` false is no longer offered, and stays where detections name it.
///
/// **Permissions**: defence_tool.manage.
#[utoipa::path(tag = "defence tools", params(("id" = Uuid, Path, description = "The tool")), request_body = DefenceToolPatch, responses(
    (status = 200, body = DefenceTool), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[patch("/defence-tools/{id}")]
pub(super) async fn update_defence_tool(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    body: Body<DefenceToolPatch>,
) -> ApiResult<Json<DefenceTool>> {
    service::authorize(&state, &caller, *id).await?;
    Ok(Json(service::update(&state, &caller, *id, body.value).await?))
}

/// Delete a defence tool.
///
/// One that detections name cannot be deleted: set `is_active` to false instead.
///
/// **Permissions**: defence_tool.manage.
#[utoipa::path(tag = "defence tools", params(("id" = Uuid, Path, description = "The tool")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[delete("/defence-tools/{id}")]
pub(super) async fn delete_defence_tool(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id).await?;
    service::delete(&state, &caller, *id).await?;
    Ok(no_content())
}
