//! HTTP of categories.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use tyrian_api_types::categories::{Category, CategoryCreate, CategoryPatch};
use tyrian_api_types::{Items, Problem};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::{Body, IfMatch, etag, no_content, ok_versioned, valid};
use crate::missions::Visit;
use crate::missions::scope::writable;
use crate::state::State;

/// A mission's categories in order.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "categories", params(("id" = Uuid, Path, description = "The mission")), responses(
    (status = 200, body = Items<Category>), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/categories")]
pub(super) async fn list_categories(state: State, visit: Visit) -> ApiResult<Json<Items<Category>>> {
    let (_, scope) = visit.read()?;
    Ok(Json(Items { items: service::list(state.db.reader(), &scope).await? }))
}

/// Add a category to a mission.
///
/// It goes behind the last one. Tests are put under it by their `category_id`.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "categories", params(("id" = Uuid, Path, description = "The mission"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = CategoryCreate, responses(
    (status = 201, body = Category, headers(("Location" = String), ("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/categories")]
pub(super) async fn add_category(
    state: State,
    visit: Visit,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<CategoryCreate>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.authorize(Permission::MissionUpdate)?;
    writable(scope.mission())?;
    valid(&body.value)?;
    let request = format!("POST /missions/{id}/categories {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, &scope, body.value).await).await
}

/// Change a category, or move it.
///
/// With `position` it goes to that place, and the others move up or down.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "categories", params(("id" = Uuid, Path, description = "The mission"), ("cid" = Uuid, Path, description = "The category"), ("If-Match" = Option<String>, Header, description = "The version of what is edited")), request_body = CategoryPatch, responses(
    (status = 200, body = Category, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/missions/{id}/categories/{cid}")]
pub(super) async fn update_category(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    body: Body<CategoryPatch>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    service::exists(&state, &scope, ids.1).await?;
    caller.needs(Permission::MissionUpdate)?;
    let category = service::update(&state, &caller, &scope, ids.1, &if_match, body.value).await?;
    Ok(ok_versioned(&category, &etag::etag(category.version)))
}

/// Delete a category.
///
/// Its tests stand under none from then on.
///
/// **Permissions**: mission.update, and to see the mission.
#[utoipa::path(tag = "categories", params(("id" = Uuid, Path, description = "The mission"), ("cid" = Uuid, Path, description = "The category"), ("If-Match" = Option<String>, Header, description = "The version of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/missions/{id}/categories/{cid}")]
pub(super) async fn delete_category(state: State, visit: Visit, ids: Path<(Uuid, Uuid)>, if_match: IfMatch) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    service::exists(&state, &scope, ids.1).await?;
    caller.needs(Permission::MissionUpdate)?;
    service::delete(&state, &caller, &scope, ids.1, &if_match).await?;
    Ok(no_content())
}
