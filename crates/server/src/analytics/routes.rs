//! HTTP of analytics.

use actix_web::get;
use actix_web::web::{Json, Path};
use chrono::NaiveDate;
use serde::Deserialize;
use tyrian_api_types::analytics::{CoverageAnswer, Period, TechniqueHistory, Trend};
use tyrian_api_types::{ErrorCode, Problem};
use utoipa::IntoParams;

use super::service;
use super::store::Filter;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, Params};
use crate::missions::visible::needs_missions;
use crate::state::State;

/// Which missions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MissionsQuery {
    /// From this day on: a mission's first day, else the day on which it was made.
    from: Option<NaiveDate>,
    /// Until this day.
    to: Option<NaiveDate>,
    /// The client's name, whatever its case.
    client: Option<String>,
}

/// Which missions, and in which steps.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TrendQuery {
    /// `month`, `quarter` or `half-year`; `half-year` if left out.
    by: Option<String>,
    /// From this day on: a mission's first day, else the day on which it was made.
    from: Option<NaiveDate>,
    /// Until this day.
    to: Option<NaiveDate>,
    /// The client's name, whatever its case.
    client: Option<String>,
}

fn filter(from: Option<NaiveDate>, to: Option<NaiveDate>, client: Option<String>) -> ApiResult<Filter> {
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(ApiError::field("/to", "before_from", "It lies before `from`. Correct one of them."));
    }
    Ok(Filter { from, to, client })
}

/// Techniques by their last outcome.
///
/// Over the missions that the caller sees: the best outcome of each technique's judged tests in the newest mission that
/// judged it. Hidden tests do not count for blue and observers.
///
/// **Permissions**: mission.read.
#[utoipa::path(tag = "analytics", params(MissionsQuery), responses(
    (status = 200, body = CoverageAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/analytics/coverage")]
pub(super) async fn get_coverage(state: State, caller: Caller, query: Params<MissionsQuery>) -> ApiResult<Json<CoverageAnswer>> {
    needs_missions(&caller)?;
    let filter = filter(query.0.from, query.0.to, query.0.client)?;
    Ok(Json(service::coverage(state.db.reader(), &caller, &filter).await?))
}

/// Numbers over time.
///
/// Over the missions that the caller sees, by month, quarter or half-year; steps without missions are left out. Hidden tests do not
/// count for blue and observers.
///
/// **Permissions**: mission.read.
#[utoipa::path(tag = "analytics", params(TrendQuery), responses(
    (status = 200, body = Trend), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/analytics/trend")]
pub(super) async fn get_trend(state: State, caller: Caller, query: Params<TrendQuery>) -> ApiResult<Json<Trend>> {
    needs_missions(&caller)?;
    let TrendQuery { by, from, to, client } = query.0;
    let by = match by.as_deref().filter(|by| !by.is_empty()) {
        None => Period::HalfYear,
        Some(by) => Period::parse(by).ok_or_else(|| ApiError::new(ErrorCode::InvalidQuery, "by: month, quarter or half-year."))?,
    };
    Ok(Json(service::trend(state.db.reader(), &caller, &filter(from, to, client)?, by).await?))
}

/// A technique over the missions.
///
/// Its tests and those of its subtechniques in each mission that the caller sees, the oldest first. A technique that no
/// mission tests has none; what cannot be an ATT&CK id is a 404. Hidden tests are left out for blue and observers.
///
/// **Permissions**: mission.read.
#[utoipa::path(tag = "analytics", params(("external_id" = String, Path, description = "The technique or subtechnique, `T1059`"), MissionsQuery), responses(
    (status = 200, body = TechniqueHistory), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/analytics/techniques/{external_id}")]
pub(super) async fn get_technique_history(
    state: State,
    caller: Caller,
    external_id: Path<String>,
    query: Params<MissionsQuery>,
) -> ApiResult<Json<TechniqueHistory>> {
    needs_missions(&caller)?;
    let external_id = external_id.trim().to_uppercase();
    let plausible = (2..=20).contains(&external_id.len()) && external_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    if !plausible {
        return Err(ApiError::not_found());
    }
    let filter = filter(query.0.from, query.0.to, query.0.client)?;
    Ok(Json(service::history(state.db.reader(), &caller, &filter, &external_id).await?))
}
