//! HTTP of the search.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use tyrian_api_types::Problem;
use tyrian_api_types::search::SearchResults;
use tyrian_domain::text;
use utoipa::IntoParams;

use super::service;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, Params};
use crate::missions::visible::needs_missions;
use crate::state::State;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words, whatever their case, up to 200 characters.
    q: String,
}

/// Search everything.
///
/// Missions, their tests, templates, techniques and users: five of each at most, and only what the caller may see. Hidden
/// tests are left out for blue and observers.
///
/// **Permissions**: mission.read; for templates and users also the right to read them.
#[utoipa::path(tag = "search", params(SearchQuery), responses(
    (status = 200, body = SearchResults), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/search")]
pub(super) async fn search(state: State, caller: Caller, query: Params<SearchQuery>) -> ApiResult<Json<SearchResults>> {
    needs_missions(&caller)?;
    let q = query.0.q.trim();
    text::check_line(q, text::LINE).map_err(|fault| ApiError::field("/q", fault.code(), fault.detail()))?;
    Ok(Json(service::search(&state, &caller, q).await?))
}
