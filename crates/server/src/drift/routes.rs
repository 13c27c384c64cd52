//! HTTP of drift.

use actix_web::get;
use actix_web::web::Json;
use tyrian_api_types::Problem;
use tyrian_api_types::retests::Drift;
use tyrian_domain::permission::Permission;

use super::service;
use crate::error::ApiResult;
use crate::missions::Visit;
use crate::state::State;

/// How far a mission is from today's templates.
///
/// Field by field what the mission holds and what the template says now, templates that were deleted, and tests that a
/// scenario gained or lost since. ATT&CK tags are compared by id, so a renamed technique is no drift. It changes nothing.
///
/// **Permissions**: mission.update, and to see the mission; test_template.read and scenario_template.read, since it tells
/// what the templates say.
#[utoipa::path(tag = "missions", params(("id" = Uuid, Path, description = "The mission")), responses(
    (status = 200, body = Drift), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/drift")]
pub(super) async fn get_mission_drift(state: State, visit: Visit) -> ApiResult<Json<Drift>> {
    let (caller, scope) = visit.authorize(Permission::MissionUpdate)?;
    caller.needs(Permission::TestTemplateRead)?;
    caller.needs(Permission::ScenarioTemplateRead)?;
    Ok(Json(service::drift(state.db.reader(), &scope).await?))
}
