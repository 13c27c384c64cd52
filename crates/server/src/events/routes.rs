//! HTTP of events, streams and presence.

use actix_web::http::header;
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::DateTime;
use serde::Deserialize;
use tyrian_api_types::events::{MissionEvent, Presence, PresenceReport};
use tyrian_api_types::users::Author;
use tyrian_api_types::{ErrorCode, Items, Problem};
use tyrian_domain::visibility::View;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{store, stream};
use crate::error::{ApiError, ApiResult};
use crate::http::paging::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::http::{Body, Caller, Params};
use crate::live::Seen;
use crate::missions::{MissionScope, Visit};
use crate::state::State;

/// Which events are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Those behind this number, the oldest first.
    after: Option<i64>,
    /// Those before this number, the newest first; left out with `after`, too: from the newest downwards.
    before: Option<i64>,
    /// Those about one test.
    test: Option<Uuid>,
    /// How many, 1 to 200; 50 if left out.
    limit: Option<i64>,
}

/// What happened in a mission.
///
/// The newest first, or with `after` from there upwards. What is about a hidden test is left out for blue and observers.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "activity", params(("id" = Uuid, Path, description = "The mission"), EventQuery), responses(
    (status = 200, body = Items<MissionEvent>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/missions/{id}/events")]
pub(super) async fn list_mission_events(state: State, visit: Visit, query: Params<EventQuery>) -> ApiResult<Json<Items<MissionEvent>>> {
    let (_, scope) = visit.read()?;
    let limit = match query.0.limit {
        None => DEFAULT_LIMIT,
        Some(n) => u64::try_from(n)
            .ok()
            .filter(|n| (1..=MAX_LIMIT).contains(n))
            .ok_or_else(|| ApiError::field("/limit", "out_of_range", format!("From 1 to {MAX_LIMIT}.")))?,
    };
    let place = match (query.0.after, query.0.before) {
        (Some(_), Some(_)) => return Err(ApiError::new(ErrorCode::InvalidQuery, "after or before, not both.")),
        (Some(after), None) => store::Place::After(after),
        (None, before) => store::Place::Before(before),
    };
    Ok(Json(Items { items: store::list(state.db.reader(), &scope, place, query.0.test, limit).await? }))
}

/// The header that a client sends with the `id` of the last event that it has.
fn last_event_id(request: &HttpRequest) -> ApiResult<Option<i64>> {
    let Some(value) = request.headers().get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|v| v.trim().parse().ok()).filter(|n| *n >= 0);
    number.map(Some).ok_or_else(|| ApiError::new(ErrorCode::BadRequest, "Last-Event-ID: the id of an event of this stream."))
}

/// A mission's events as they happen.
///
/// Server-sent events. `id` is the event's number; with `Last-Event-ID` the stream goes on behind it, and nothing is
/// missed or doubled; without, it starts now. `event: presence` says that somebody came or left. It ends when the
/// caller signs out or may no longer see the mission.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "activity", params(("id" = Uuid, Path, description = "The mission"), ("Last-Event-ID" = Option<i64>, Header, description = "The number of the last event that the caller has")), responses(
    (status = 200, description = "The stream; each `data` is a MissionEvent", content_type = "text/event-stream", body = String), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/stream")]
pub(super) async fn stream_mission(state: State, caller: Caller, id: Path<Uuid>, http: HttpRequest) -> ApiResult<HttpResponse> {
    let after = last_event_id(&http)?;
    // before the mission is read, so that nothing happens unheard in between
    let receiver = state.live.listen();
    let scope = MissionScope::read(&state, &caller, *id).await?;
    Ok(stream::mission(state, caller, receiver, &scope, after))
}

/// Everything that concerns the caller, as it happens.
///
/// Server-sent events of all missions that the caller sees; `event: notifications` says that there are new ones,
/// `event: presence` that somebody came to a mission or left, `event: resync` that the caller had better read anew what
/// it shows. With `Last-Event-ID` events since then are sent again, some of them twice: mission and sequence tell.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "activity", params(("Last-Event-ID" = Option<i64>, Header, description = "The id of the last event that the caller has")), responses(
    (status = 200, description = "The stream; each `data` is a MissionEvent", content_type = "text/event-stream", body = String), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/stream")]
pub(super) async fn stream_all(state: State, caller: Caller, http: HttpRequest) -> ApiResult<HttpResponse> {
    let since = last_event_id(&http)?;
    let receiver = state.live.listen();
    stream::all(state, caller, receiver, since.and_then(DateTime::from_timestamp_micros)).await
}

async fn present(state: &State, scope: &MissionScope) -> ApiResult<Json<Items<Presence>>> {
    let seen = state.live.presences.of(scope.id());
    // a hidden test that red has open must not show either
    let hidden = match scope.view() {
        View::Disclosed if seen.iter().any(|s| s.test.is_some()) => store::hidden_tests(state.db.reader(), scope).await?,
        _ => Vec::new(),
    };
    let items = seen
        .into_iter()
        .filter_map(|s| {
            let user = Author { id: s.user, display_name: s.name };
            Some(Presence { user, mission_test_id: s.test.filter(|t| !hidden.contains(t)), at: s.at? })
        })
        .collect();
    Ok(Json(Items { items }))
}

/// Who has the mission open.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "activity", params(("id" = Uuid, Path, description = "The mission")), responses(
    (status = 200, body = Items<Presence>), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/presence")]
pub(super) async fn list_presence(state: State, visit: Visit) -> ApiResult<Json<Items<Presence>>> {
    let (_, scope) = visit.read()?;
    present(&state, &scope).await
}

/// Say what one has open.
///
/// To be repeated every 15 seconds or so; who says nothing for 40 seconds has left. The answer is who else is there.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "activity", params(("id" = Uuid, Path, description = "The mission")), request_body = PresenceReport, responses(
    (status = 200, body = Items<Presence>), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[post("/missions/{id}/presence")]
pub(super) async fn report_presence(state: State, visit: Visit, body: Body<PresenceReport>) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let test = body.value.mission_test_id;
    if let Some(test) = test
        && !crate::missions::sees_test(state.db.reader(), &scope, test).await?
    {
        return Err(ApiError::not_found());
    }
    let seen = Seen { user: caller.id, name: caller.display_name.clone(), test, at: (!body.value.gone).then(crate::now) };
    // noted here at once, so that the answer knows it; the signal tells the others
    state.live.present(scope.id(), seen);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(present(&state, &scope).await?.0))
}
