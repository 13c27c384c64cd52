//! HTTP of scenario templates.

use actix_web::http::header;
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use serde::Deserialize;
use tyrian_api_types::scenario_templates::{
    ScenarioTemplate, ScenarioTemplateCreate, ScenarioTemplateExport, ScenarioTemplatePatch, ScenarioTemplateSummary, ScenarioTests,
};
use tyrian_api_types::{Page, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{service, store};
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::PageRequest;
use crate::http::{Body, Caller, IfMatch, Params, etag, no_content, ok_versioned, valid};
use crate::library;
use crate::state::State;

/// How a list of scenario templates is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ScenarioTemplateQuery {
    /// With this very label.
    tag: Option<String>,
    /// Part of the name, the threat actor, a label or the description, in any case.
    q: Option<String>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, `name` or `updated_at`, with `-` in front for downwards; `-created_at` if left out.
    sort: Option<String>,
}

/// List scenario templates.
///
/// Each with the number of its tests and the techniques that they are tagged with.
///
/// **Permissions**: scenario_template.read.
#[utoipa::path(tag = "scenario templates", params(ScenarioTemplateQuery), responses(
    (status = 200, body = Page<ScenarioTemplateSummary>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/scenario-templates")]
pub(super) async fn list_scenario_templates(
    state: State,
    caller: Caller,
    query: Params<ScenarioTemplateQuery>,
) -> ApiResult<Json<Page<ScenarioTemplateSummary>>> {
    caller.needs(Permission::ScenarioTemplateRead)?;
    let query = query.0;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), library::SORTS, "-created_at")?;
    let filter = store::Filter { tag: query.tag, q: query.q };
    Ok(Json(service::list(&state, &filter, &page).await?))
}

/// Create a scenario template.
///
/// Its tests stand in the order given; the same one may stand several times.
///
/// **Permissions**: scenario_template.create.
#[utoipa::path(tag = "scenario templates", request_body = ScenarioTemplateCreate, params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), responses(
    (status = 201, body = ScenarioTemplate), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/scenario-templates")]
pub(super) async fn create_scenario_template(
    state: State,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<ScenarioTemplateCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::ScenarioTemplateCreate)?;
    valid(&body.value)?;
    let request = format!("POST /scenario-templates {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, body.value).await).await
}

/// All scenario templates as a file.
///
/// With the content of their tests, for another instance or for safe keeping.
///
/// **Permissions**: scenario_template.read and test_template.read.
#[utoipa::path(tag = "scenario templates", responses((status = 200, body = ScenarioTemplateExport), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[get("/scenario-templates/export")]
pub(super) async fn export_scenario_templates(state: State, caller: Caller) -> ApiResult<HttpResponse> {
    caller.needs(Permission::ScenarioTemplateRead)?;
    caller.needs(Permission::TestTemplateRead)?;
    Ok(library::download("scenario-templates.json", &service::export(&state).await?))
}

/// One scenario template with its tests.
///
/// **Permissions**: scenario_template.read.
#[utoipa::path(tag = "scenario templates", params(("id" = Uuid, Path, description = "The scenario template"), ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = ScenarioTemplate), (status = 304, description = "The caller has it"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/scenario-templates/{id}")]
pub(super) async fn get_scenario_template(state: State, caller: Caller, id: Path<Uuid>, http: HttpRequest) -> ApiResult<HttpResponse> {
    caller.needs(Permission::ScenarioTemplateRead)?;
    let tag = service::etag(state.db.reader(), *id).await?;
    if etag::not_modified(&http, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(ok_versioned(&service::get(&state, *id).await?, &tag))
}

/// Change a scenario template.
///
/// A field left out stays, null clears it; its tests have their own PUT. Missions that copied it do not change.
///
/// **Permissions**: scenario_template.update.
#[utoipa::path(tag = "scenario templates", params(("id" = Uuid, Path, description = "The scenario template"), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), request_body = ScenarioTemplatePatch, responses(
    (status = 200, body = ScenarioTemplate), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/scenario-templates/{id}")]
pub(super) async fn update_scenario_template(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<ScenarioTemplatePatch>,
) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id, Permission::ScenarioTemplateUpdate).await?;
    let (scenario, tag) = service::update(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&scenario, &tag))
}

/// Delete a scenario template.
///
/// Its tests stay in the library; missions that copied it do not change.
///
/// **Permissions**: scenario_template.delete.
#[utoipa::path(tag = "scenario templates", params(("id" = Uuid, Path, description = "The scenario template"), ("If-Match" = Option<String>, Header, description = "The ETag of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/scenario-templates/{id}")]
pub(super) async fn delete_scenario_template(state: State, caller: Caller, id: Path<Uuid>, if_match: IfMatch) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id, Permission::ScenarioTemplateDelete).await?;
    service::delete(&state, &caller, *id, &if_match).await?;
    Ok(no_content())
}

/// Replace a scenario template's tests.
///
/// The list is the whole order. Two at once leave one of the two lists, never a mixture.
///
/// **Permissions**: scenario_template.update.
#[utoipa::path(tag = "scenario templates", params(("id" = Uuid, Path, description = "The scenario template"), ("If-Match" = Option<String>, Header, description = "Honoured when sent")), request_body = ScenarioTests, responses(
    (status = 200, body = ScenarioTemplate), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[put("/scenario-templates/{id}/tests")]
pub(super) async fn set_scenario_tests(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<ScenarioTests>,
) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id, Permission::ScenarioTemplateUpdate).await?;
    let (scenario, tag) = service::set_tests(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&scenario, &tag))
}
