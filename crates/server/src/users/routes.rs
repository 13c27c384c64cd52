//! HTTP of users and the roster.

use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use serde::Deserialize;
use tyrian_api_types::auth::PasswordResetLink;
use tyrian_api_types::users::{User, UserCreate, UserGroups, UserPatch, UserRef};
use tyrian_api_types::{Items, Page, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{convert, service, store};
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::{self, PageRequest};
use crate::http::{Body, Caller, IfMatch, Params, etag, no_content, ok_versioned, origin};
use crate::state::State;

/// People that a roster holds at most.
const ROSTER: u64 = 10_000;

/// How a list of users is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// Part of the name or the address, whatever its case.
    q: Option<String>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, `name` or `email`, with `-` in front for downwards; `-created_at` if left out.
    sort: Option<String>,
}

/// List users.
///
/// Deactivated ones too, with the groups they are in.
///
/// **Permissions**: user.read.
#[utoipa::path(tag = "users", params(UserQuery), responses(
    (status = 200, body = Page<User>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/users")]
pub(super) async fn list_users(state: State, caller: Caller, query: Params<UserQuery>) -> ApiResult<Json<Page<User>>> {
    caller.needs(Permission::UserRead)?;
    let query = query.0;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), store::SORTS, "-created_at")?;
    let (rows, next, total) = store::list(state.db.reader(), query.q.as_deref(), &page).await?;
    let mut groups = store::groups_of(state.db.reader(), rows.iter().map(|row| row.id)).await?;
    let items = rows.into_iter().map(|row| {
        let groups = groups.remove(&row.id).unwrap_or_default();
        convert::user(row, groups)
    });
    Ok(Json(paging::page(items.collect(), next, total)))
}

/// Create a user.
///
/// Without a password they cannot sign in by one. Only an admin makes an admin.
///
/// **Permissions**: user.create.
#[utoipa::path(tag = "users", request_body = UserCreate, params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answers the same for 24 hours")), responses(
    (status = 201, body = User, headers(("Location" = String), ("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
#[post("/users")]
pub(super) async fn create_user(
    state: State,
    caller: Caller,
    http: HttpRequest,
    key: IdempotencyKey,
    body: Body<UserCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::UserCreate)?;
    let request = format!("{} {}", http.path(), body.sha256);
    let new = service::prepare(&state, &caller, body.value).await?;
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, txn, &caller, new).await).await
}

/// Who can be chosen.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RosterQuery {
    /// Part of the name or the address, whatever its case.
    q: Option<String>,
}

/// The people to choose from.
///
/// All active users by name, at most 10,000: what a picker of members needs, and no more than that.
///
/// **Permissions**: user.read, mission.create or mission.update.
#[utoipa::path(tag = "users", params(RosterQuery), responses(
    (status = 200, body = Items<UserRef>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/users/roster")]
pub(super) async fn roster(state: State, caller: Caller, query: Params<RosterQuery>) -> ApiResult<Json<Items<UserRef>>> {
    caller.needs_any(&[Permission::UserRead, Permission::MissionCreate, Permission::MissionUpdate])?;
    let rows = store::roster(state.db.reader(), query.0.q.as_deref(), ROSTER).await?;
    Ok(Json(Items { items: rows.into_iter().map(convert::user_ref).collect() }))
}

/// A user.
///
/// **Permissions**: user.read.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path, description = "The user's id")), responses(
    (status = 200, body = User, headers(("ETag" = String))), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/users/{id}")]
pub(super) async fn get_user(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    caller.needs(Permission::UserRead)?;
    let user = service::get(&state, *id).await?;
    Ok(ok_versioned(&user, &etag::etag(user.version)))
}

/// Change a user.
///
/// Nobody changes a user who may do more than they do themselves. Deactivating ends all sessions; the last active admin stays one.
///
/// **Permissions**: user.update; for `is_admin` one must be an admin.
#[utoipa::path(tag = "users", request_body = UserPatch, params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), responses(
    (status = 200, body = User, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/users/{id}")]
pub(super) async fn update_user(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UserPatch>,
) -> ApiResult<HttpResponse> {
    let user = service::update(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&user, &etag::etag(user.version)))
}

/// Delete a user.
///
/// Their sessions end and they leave all groups; what they made stays. Nobody deletes a user who may do more than they do
/// themselves, and the last active admin stays.
///
/// **Permissions**: user.delete.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = Option<String>, Header, description = "The ETag of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/users/{id}")]
pub(super) async fn delete_user(state: State, caller: Caller, id: Path<Uuid>, if_match: IfMatch) -> ApiResult<HttpResponse> {
    service::delete(&state, &caller, *id, &if_match).await?;
    Ok(no_content())
}

/// Set the groups of a user.
///
/// The list as a whole. One must hold every right that an added group gives, and every right that the user has.
///
/// **Permissions**: user.update.
#[utoipa::path(tag = "users", request_body = UserGroups, params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = Option<String>, Header, description = "The user's ETag, honoured when sent")), responses(
    (status = 200, body = User, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[put("/users/{id}/groups")]
pub(super) async fn set_user_groups(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UserGroups>,
) -> ApiResult<HttpResponse> {
    let user = service::set_groups(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&user, &etag::etag(user.version)))
}

/// Make a link for a new password.
///
/// For passing on to the user: it works once and for an hour, and voids the ones before. Nobody makes one for a user who may
/// do more than they do themselves.
///
/// **Permissions**: user.update.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path, description = "The user's id")), responses(
    (status = 200, body = PasswordResetLink), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/users/{id}/password-reset")]
pub(super) async fn make_password_reset(
    state: State,
    caller: Caller,
    http: HttpRequest,
    id: Path<Uuid>,
) -> ApiResult<Json<PasswordResetLink>> {
    Ok(Json(service::make_password_reset(&state, &caller, &origin(&state, &http), *id).await?))
}

/// Take the second factor from a user.
///
/// For one who lost their authenticator and their recovery codes. Once more changes nothing.
///
/// **Permissions**: user.update.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path, description = "The user's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[delete("/users/{id}/totp")]
pub(super) async fn remove_totp(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::remove_totp(&state, &caller, *id).await?;
    Ok(no_content())
}
