//! HTTP of the synthesis.

use actix_web::get;
use actix_web::web::{Json, Path};
use tyrian_api_types::Problem;
use tyrian_api_types::synthesis::{Comparison, Synthesis};
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::missions::Visit;
use crate::state::State;

/// What a mission tells.
///
/// Its tests counted by state, outcome, detection level, tactic, technique and category; coverage, the funnel, how long the
/// defenders took, the open gaps, and where it repeats another mission, the comparison with that one. Only tests that the
/// caller sees count. `docs/synthesis.md` defines each number.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "synthesis", params(("id" = Uuid, Path, description = "The mission")), responses((status = 200, body = Synthesis), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/synthesis")]
pub(super) async fn get_mission_synthesis(state: State, visit: Visit) -> ApiResult<Json<Synthesis>> {
    let (caller, scope) = visit.read()?;
    Ok(Json(service::of_mission(&state, &caller, &scope).await?.synthesis))
}

/// Two missions side by side.
///
/// What became of each test and each technique of `id` since `other`: improved, worsened, same, new, gone, or not judged in
/// one of them. Both must be of the same client; tests that the caller sees in one of them only are new or gone.
///
/// **Permissions**: to see both missions.
#[utoipa::path(tag = "synthesis", params(("id" = Uuid, Path, description = "The mission"), ("other" = Uuid, Path, description = "What it is compared with")), responses(
    (status = 200, body = Comparison), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/missions/{id}/compare/{other}")]
pub(super) async fn compare_missions(state: State, caller: Caller, path: Path<(Uuid, Uuid)>) -> ApiResult<Json<Comparison>> {
    let (id, other) = *path;
    Ok(Json(service::compare(&state, &caller, id, other).await?))
}
