//! HTTP of diagnostics.

use actix_web::{HttpRequest, get, post, web};
use serde::Deserialize;
use tyrian_api_types::diag::{DatabaseStatus, Health, Ready, ResetAnswer};
use tyrian_api_types::{ErrorCode, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;

use super::service;
use crate::api_tokens;
use crate::auth::tokens;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, Params, RequestInfo, caller};
use crate::state::State;

/// Is the process alive?
///
/// **Permissions**: none.
#[utoipa::path(tag = "diag", responses((status = 200, body = Health)))]
#[get("/diag/health")]
pub(super) async fn health() -> web::Json<Health> {
    web::Json(Health { status: "ok".into(), version: crate::VERSION.into(), commit: crate::COMMIT.into() })
}

/// Can it serve?
///
/// The database answers, all migrations ran, and the storage of evidence can be written.
///
/// **Permissions**: none.
#[utoipa::path(tag = "diag", responses((status = 200, body = Ready), (status = 503, body = Problem)))]
#[get("/diag/ready")]
pub(super) async fn ready(state: State) -> ApiResult<web::Json<Ready>> {
    service::ready(&state).await?;
    Ok(web::Json(Ready { status: "ready".into() }))
}

/// The database: engine, revision, number of tables.
///
/// While the database is away, it answers whoever has a token with a good signature.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "diag", operation_id = "database_status", responses((status = 200, body = DatabaseStatus), (status = 401, body = Problem), (status = 503, body = Problem)))]
#[get("/diag/db")]
pub(super) async fn database(state: State, http: HttpRequest) -> ApiResult<web::Json<DatabaseStatus>> {
    let token = caller::bearer(&http).ok_or_else(ApiError::unauthenticated)?;
    if api_tokens::looks_like_one(token) {
        match api_tokens::caller(&state, token, RequestInfo::of(&http)).await {
            // the database is away: that is what is asked
            Err(e) if e.code() == ErrorCode::Unavailable => {}
            known => drop(known?),
        }
    } else {
        tokens::read_access(&state.keys, token).ok_or_else(ApiError::unauthenticated)?;
    }
    Ok(web::Json(service::database(&state).await?))
}

/// How much to empty.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ResetQuery {
    /// True: users, groups and sessions too, and set-up opens again.
    all: Option<bool>,
}

/// Empty the instance.
///
/// Only where the server was started with it enabled; otherwise there is nothing here.
///
/// **Permissions**: diag.reset.
#[utoipa::path(tag = "diag", params(ResetQuery), responses(
    (status = 200, body = ResetAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[post("/diag/reset")]
pub(super) async fn reset(state: State, caller: Caller, query: Params<ResetQuery>) -> ApiResult<web::Json<ResetAnswer>> {
    if !state.settings.enable_diag_reset {
        return Err(ApiError::not_found());
    }
    caller.needs(Permission::DiagReset)?;
    Ok(web::Json(service::reset(&state, &caller, query.0.all.unwrap_or(false)).await?))
}
