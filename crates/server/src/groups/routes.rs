//! HTTP of groups and permissions.

use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use serde::Deserialize;
use tyrian_api_types::groups::{Group, GroupCreate, GroupMembers, GroupPatch, GroupPermissions, PermissionInfo};
use tyrian_api_types::{Items, Page, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{convert, service, store};
use crate::auth::grants;
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::{self, PageRequest};
use crate::http::{Body, Caller, IfMatch, Params, etag, no_content, ok_versioned, valid};
use crate::state::State;

/// How a list of groups is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GroupQuery {
    /// Part of the name, whatever its case.
    q: Option<String>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `name` or `created_at`, with `-` in front for downwards; `name` if left out.
    sort: Option<String>,
}

/// List groups.
///
/// With the permissions that they give and who is in them.
///
/// **Permissions**: group.read.
#[utoipa::path(tag = "groups", params(GroupQuery), responses(
    (status = 200, body = Page<Group>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/groups")]
pub(super) async fn list_groups(state: State, caller: Caller, query: Params<GroupQuery>) -> ApiResult<Json<Page<Group>>> {
    caller.needs(Permission::GroupRead)?;
    let query = query.0;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), store::SORTS, "name")?;
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, query.q.as_deref(), &page).await?;
    let mut members = store::members_of(db, rows.iter().map(|row| row.id)).await?;
    let items = rows.into_iter().map(|row| {
        let members = members.remove(&row.id).unwrap_or_default();
        convert::group(row, members)
    });
    Ok(Json(paging::page(items.collect(), next, total)))
}

/// Create a group.
///
/// One must hold every permission that it gives.
///
/// **Permissions**: group.create.
#[utoipa::path(tag = "groups", request_body = GroupCreate, params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answers the same for 24 hours")), responses(
    (status = 201, body = Group, headers(("Location" = String), ("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/groups")]
pub(super) async fn create_group(
    state: State,
    caller: Caller,
    http: HttpRequest,
    key: IdempotencyKey,
    body: Body<GroupCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::GroupCreate)?;
    grants::holds_all(&caller, &body.value.permissions.iter().copied().collect())?;
    valid(&body.value)?;
    let request = format!("{} {}", http.path(), body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, txn, &caller, body.value).await).await
}

/// A group.
///
/// **Permissions**: group.read.
#[utoipa::path(tag = "groups", params(("id" = Uuid, Path, description = "The group's id")), responses(
    (status = 200, body = Group, headers(("ETag" = String))), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/groups/{id}")]
pub(super) async fn get_group(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    caller.needs(Permission::GroupRead)?;
    let group = service::get(&state, *id).await?;
    Ok(ok_versioned(&group, &etag::etag(group.version)))
}

/// Change a group's name and description.
///
/// A built-in group keeps its name. One must hold all that the group gives.
///
/// **Permissions**: group.update.
#[utoipa::path(tag = "groups", request_body = GroupPatch, params(("id" = Uuid, Path, description = "The group's id"), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), responses(
    (status = 200, body = Group, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/groups/{id}")]
pub(super) async fn update_group(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<GroupPatch>,
) -> ApiResult<HttpResponse> {
    let group = service::update(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&group, &etag::etag(group.version)))
}

/// Delete a group.
///
/// A built-in group stays. One must hold all that the group gives.
///
/// **Permissions**: group.delete.
#[utoipa::path(tag = "groups", params(("id" = Uuid, Path, description = "The group's id"), ("If-Match" = Option<String>, Header, description = "The ETag of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/groups/{id}")]
pub(super) async fn delete_group(state: State, caller: Caller, id: Path<Uuid>, if_match: IfMatch) -> ApiResult<HttpResponse> {
    service::delete(&state, &caller, *id, &if_match).await?;
    Ok(no_content())
}

/// Set what a group gives.
///
/// The list as a whole. One must hold every permission that the group gives, before and after; Administrators keeps all.
///
/// **Permissions**: group.update.
#[utoipa::path(tag = "groups", request_body = GroupPermissions, params(("id" = Uuid, Path, description = "The group's id"), ("If-Match" = Option<String>, Header, description = "The group's ETag, honoured when sent")), responses(
    (status = 200, body = Group, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
#[put("/groups/{id}/permissions")]
pub(super) async fn set_group_permissions(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<GroupPermissions>,
) -> ApiResult<HttpResponse> {
    let group = service::set_permissions(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&group, &etag::etag(group.version)))
}

/// Set who is in a group.
///
/// The list as a whole. One must hold all that the group gives.
///
/// **Permissions**: group.update.
#[utoipa::path(tag = "groups", request_body = GroupMembers, params(("id" = Uuid, Path, description = "The group's id"), ("If-Match" = Option<String>, Header, description = "The group's ETag, honoured when sent")), responses(
    (status = 200, body = Group, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[put("/groups/{id}/members")]
pub(super) async fn set_group_members(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<GroupMembers>,
) -> ApiResult<HttpResponse> {
    let group = service::set_members(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&group, &etag::etag(group.version)))
}

/// Every permission code and what it allows.
///
/// **Permissions**: group.read.
#[utoipa::path(tag = "groups", responses(
    (status = 200, body = Items<PermissionInfo>), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[get("/permissions")]
pub(super) async fn list_permissions(state: State, caller: Caller) -> ApiResult<Json<Items<PermissionInfo>>> {
    caller.needs(Permission::GroupRead)?;
    let rows = store::permissions(state.db.reader()).await?;
    let mut items: Vec<_> = rows
        .into_iter()
        .filter_map(|row| Some(PermissionInfo { code: Permission::parse(&row.code)?, description: row.description }))
        .collect();
    items.sort_by_key(|item| item.code);
    Ok(Json(Items { items }))
}
