//! HTTP of comments.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use tyrian_api_types::comments::{Comment, CommentCreate, CommentPatch};
use tyrian_api_types::{Page, Problem};
use utoipa::IntoParams;
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::PageRequest;
use crate::http::{Body, IfMatch, Params, etag, no_content, ok_versioned, valid};
use crate::missions::Visit;
use crate::state::State;

/// How a list of comments is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CommentQuery {
    /// Those on one test.
    test: Option<Uuid>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, with `-` in front for the newest first; `created_at` if left out.
    sort: Option<String>,
}

/// What people said in a mission.
///
/// About it as a whole and about its tests, the oldest first. What is about a hidden test is left out for blue and observers.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path, description = "The mission"), CommentQuery), responses(
    (status = 200, body = Page<Comment>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/missions/{id}/comments")]
pub(super) async fn list_comments(state: State, visit: Visit, query: Params<CommentQuery>) -> ApiResult<Json<Page<Comment>>> {
    let (_, scope) = visit.read()?;
    let query = query.0;
    let request = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), &["created_at"], "created_at")?;
    Ok(Json(service::list(&state, &scope, query.test, &request).await?))
}

/// Comment on a mission or one of its tests.
///
/// The text is Markdown and is kept exactly as it is sent. `@name` or `@address` of a member mentions them: they are
/// notified if they can see the test.
///
/// **Permissions**: to be a member, but not as an observer; or mission.read_all.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path, description = "The mission"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), request_body = CommentCreate, responses(
    (status = 201, body = Comment, headers(("Location" = String), ("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/comments")]
pub(super) async fn add_comment(
    state: State,
    visit: Visit,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<CommentCreate>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    service::authorize(&state, &scope, &body.value).await?;
    valid(&body.value)?;
    let request = format!("POST /missions/{id}/comments {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, &scope, body.value).await).await
}

/// Change one's own comment.
///
/// Those whom it mentions only now are notified.
///
/// **Permissions**: to have written it, and to be a member, but not as an observer; or mission.read_all.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path, description = "The mission"), ("cid" = Uuid, Path, description = "The comment"), ("If-Match" = Option<String>, Header, description = "The version of what is edited")), request_body = CommentPatch, responses(
    (status = 200, body = Comment, headers(("ETag" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/missions/{id}/comments/{cid}")]
pub(super) async fn update_comment(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    body: Body<CommentPatch>,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let comment = service::update(&state, &caller, &scope, ids.1, &if_match, body.value).await?;
    Ok(ok_versioned(&comment, &etag::etag(comment.version)))
}

/// Delete a comment.
///
/// **Permissions**: to have written it, and to be a member, but not as an observer; or mission.update with mission.read_all.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path, description = "The mission"), ("cid" = Uuid, Path, description = "The comment"), ("If-Match" = Option<String>, Header, description = "The version of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/missions/{id}/comments/{cid}")]
pub(super) async fn delete_comment(state: State, visit: Visit, ids: Path<(Uuid, Uuid)>, if_match: IfMatch) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    service::delete(&state, &caller, &scope, ids.1, &if_match).await?;
    Ok(no_content())
}
