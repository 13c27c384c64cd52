//! HTTP of notifications.

use actix_web::web::Json;
use actix_web::{get, post};
use serde::Deserialize;
use tyrian_api_types::Problem;
use tyrian_api_types::notifications::{NotificationPage, NotificationsRead, UnreadCount};
use utoipa::IntoParams;

use super::service;
use crate::error::ApiResult;
use crate::http::paging::PageRequest;
use crate::http::{Body, Caller, Params, valid};
use crate::state::State;

/// How notifications are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NotificationQuery {
    /// True: only those that the caller has not read.
    unread: Option<bool>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The caller's notifications.
///
/// The newest first, with the number of unread ones on every page.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "notifications", params(NotificationQuery), responses(
    (status = 200, body = NotificationPage), (status = 400, body = Problem), (status = 401, body = Problem), (status = 422, body = Problem)))]
#[get("/notifications")]
pub(super) async fn list_notifications(
    state: State,
    caller: Caller,
    query: Params<NotificationQuery>,
) -> ApiResult<Json<NotificationPage>> {
    let query = query.0;
    let request = PageRequest::new(query.limit, query.cursor.as_deref(), None, &["created_at"], "-created_at")?;
    Ok(Json(service::list(&state, &caller, query.unread.unwrap_or(false), &request).await?))
}

/// Note which notifications the caller has read.
///
/// Some by id, or all. An id that is none of the caller's does nothing.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "notifications", request_body = NotificationsRead, responses(
    (status = 200, body = UnreadCount), (status = 400, body = Problem), (status = 401, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/notifications/read")]
pub(super) async fn read_notifications(state: State, caller: Caller, body: Body<NotificationsRead>) -> ApiResult<Json<UnreadCount>> {
    valid(&body.value)?;
    Ok(Json(service::read(&state, &caller, &body.value).await?))
}
