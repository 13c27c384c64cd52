//! HTTP of findings.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use tyrian_api_types::findings::Finding;
use tyrian_api_types::{ErrorCode, Page, Problem};
use tyrian_domain::test::FindingStatus;
use utoipa::IntoParams;

use super::service;
use super::store::{Filter, Owner};
use crate::error::{ApiError, ApiResult};
use crate::http::paging::PageRequest;
use crate::http::{Caller, Params};
use crate::missions::visible::needs_missions;
use crate::state::State;

/// How a list of findings is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FindingQuery {
    /// One or more statuses, comma separated.
    status: Option<String>,
    /// A user's id, `me`, or `none` for those that nobody has taken.
    owner: Option<String>,
    /// The client's name, whatever its case.
    client: Option<String>,
    /// Words in the test's or the mission's texts, whatever their case.
    q: Option<String>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at` or `updated_at`, with `-` in front for downwards; `-created_at` if left out.
    sort: Option<String>,
}

fn filter(query: &FindingQuery, caller: &Caller) -> ApiResult<Filter> {
    let refused = |detail: &str| ApiError::new(ErrorCode::InvalidQuery, detail);
    let statuses = query.status.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|s| !s.is_empty());
    let statuses = statuses.map(|s| {
        let words = || FindingStatus::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
        FindingStatus::parse(s).ok_or_else(|| refused(&format!("status: one or more of {}.", words())))
    });
    let owner = match query.owner.as_deref().filter(|o| !o.is_empty()) {
        None => None,
        Some("me") => Some(Owner::User(caller.id)),
        Some("none") => Some(Owner::Nobody),
        Some(id) => Some(Owner::User(id.parse().map_err(|_| refused("owner: a user's id, me or none."))?)),
    };
    Ok(Filter { statuses: statuses.collect::<ApiResult<_>>()?, owner, client: query.client.clone(), q: query.q.clone() })
}

/// Findings over all missions.
///
/// Of every mission that the caller sees; those of hidden tests are left out for blue and observers. One is changed on its
/// test, after completion too.
///
/// **Permissions**: mission.read.
#[utoipa::path(tag = "findings", params(FindingQuery), responses(
    (status = 200, body = Page<Finding>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/findings")]
pub(super) async fn list_findings(state: State, caller: Caller, query: Params<FindingQuery>) -> ApiResult<Json<Page<Finding>>> {
    needs_missions(&caller)?;
    let query = query.0;
    let request =
        PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), &["created_at", "updated_at"], "-created_at")?;
    Ok(Json(service::list(&state, &caller, &filter(&query, &caller)?, &request).await?))
}
