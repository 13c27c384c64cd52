//! HTTP of the synthesis.

use actix_web::get;
use actix_web::web::{Json, Path};
use tyrian_api_types::Problem;
use tyrian_api_types::synthesis::Synthesis;
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::missions::MissionScope;
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
pub(super) async fn get_mission_synthesis(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<Synthesis>> {
    let scope = MissionScope::read(&state, &caller, *id).await?;
    Ok(Json(service::of_mission(&state, &caller, &scope).await?))
}
