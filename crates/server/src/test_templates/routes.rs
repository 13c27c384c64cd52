//! HTTP of test templates.

use actix_web::http::header;
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use tyrian_api_types::catalogue::{RemapAnswer, RemapRequest, TemplateRemap};
use tyrian_api_types::test_templates::{TestTemplate, TestTemplateCreate, TestTemplateExport, TestTemplatePatch, TestTemplateSummary};
use tyrian_api_types::{Items, Page, Problem};
use tyrian_domain::permission::Permission;
use tyrian_domain::template::{Executor, OpsecLevel};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{remap, service, store};
use crate::error::ApiResult;
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::paging::PageRequest;
use crate::http::{Body, Caller, IfMatch, Params, etag, no_content, ok_versioned, valid};
use crate::library;
use crate::state::State;

/// How a list of test templates is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TestTemplateQuery {
    /// Tagged with this tactic, or with a technique or subtechnique that stands in it: `TA0002` or `execution`, in any case.
    tactic: Option<String>,
    /// Tagged with this technique or one of its subtechniques: `T1059`, in any case.
    technique: Option<String>,
    /// Tagged with this subtechnique: `T1059.001`, in any case.
    subtechnique: Option<String>,
    /// `low`, `medium` or `high`.
    #[param(inline)]
    opsec: Option<OpsecLevel>,
    /// What runs the command: `manual`, `sh`, `bash`, `powershell`, `cmd`, `python` or `other`.
    #[param(inline)]
    executor: Option<Executor>,
    /// With this very label.
    tag: Option<String>,
    /// Part of the name, the objective, a label or an ATT&CK id, in any case.
    q: Option<String>,
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, `name` or `updated_at`, with `-` in front for downwards; `-created_at` if left out.
    sort: Option<String>,
}

/// List test templates.
///
/// Without their long texts: an objective is cut after 1000 characters.
///
/// **Permissions**: test_template.read.
#[utoipa::path(tag = "test templates", params(TestTemplateQuery), responses(
    (status = 200, body = Page<TestTemplateSummary>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/test-templates")]
pub(super) async fn list_test_templates(
    state: State,
    caller: Caller,
    query: Params<TestTemplateQuery>,
) -> ApiResult<Json<Page<TestTemplateSummary>>> {
    caller.needs(Permission::TestTemplateRead)?;
    let query = query.0;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), library::SORTS, "-created_at")?;
    let filter = store::Filter {
        tactic: query.tactic,
        technique: query.technique,
        subtechnique: query.subtechnique,
        opsec: query.opsec,
        executor: query.executor,
        tag: query.tag,
        q: query.q,
    };
    Ok(Json(service::list(&state, &filter, &page).await?))
}

/// Create a test template.
///
/// Every ATT&CK tag must be in the catalogue; one on a revoked technique is refused with its successor's id.
///
/// **Permissions**: test_template.create.
#[utoipa::path(tag = "test templates", request_body = TestTemplateCreate, params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request answer the same for 24 hours")), responses(
    (status = 201, body = TestTemplate), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/test-templates")]
pub(super) async fn create_test_template(
    state: State,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<TestTemplateCreate>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::TestTemplateCreate)?;
    valid(&body.value)?;
    let request = format!("POST /test-templates {}", body.sha256);
    idempotency::create(&state, &caller, key, request, async |txn| service::create(&state, &caller, txn, body.value).await).await
}

/// All test templates as a file.
///
/// Each as it is created, for another instance or for safe keeping.
///
/// **Permissions**: test_template.read.
#[utoipa::path(tag = "test templates", responses((status = 200, body = TestTemplateExport), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[get("/test-templates/export")]
pub(super) async fn export_test_templates(state: State, caller: Caller) -> ApiResult<HttpResponse> {
    caller.needs(Permission::TestTemplateRead)?;
    Ok(library::download("test-templates.json", &service::export(&state).await?))
}

/// One test template.
///
/// **Permissions**: test_template.read.
#[utoipa::path(tag = "test templates", params(("id" = Uuid, Path, description = "The test template"), ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = TestTemplate), (status = 304, description = "The caller has it"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/test-templates/{id}")]
pub(super) async fn get_test_template(state: State, caller: Caller, id: Path<Uuid>, http: HttpRequest) -> ApiResult<HttpResponse> {
    caller.needs(Permission::TestTemplateRead)?;
    let tag = service::etag(state.db.reader(), *id).await?;
    if etag::not_modified(&http, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(ok_versioned(&service::get(&state, *id).await?, &tag))
}

/// Change a test template.
///
/// A field left out stays, null clears it; a list replaces the list. Missions that copied it do not change. A tag that it
/// has already may stay when its technique is revoked.
///
/// **Permissions**: test_template.update.
#[utoipa::path(tag = "test templates", params(("id" = Uuid, Path, description = "The test template"), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), request_body = TestTemplatePatch, responses(
    (status = 200, body = TestTemplate), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
#[patch("/test-templates/{id}")]
pub(super) async fn update_test_template(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<TestTemplatePatch>,
) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id, Permission::TestTemplateUpdate).await?;
    let (template, tag) = service::update(&state, &caller, *id, &if_match, body.value).await?;
    Ok(ok_versioned(&template, &tag))
}

/// Delete a test template.
///
/// Scenarios show it no more; missions that copied it do not change.
///
/// **Permissions**: test_template.delete.
#[utoipa::path(tag = "test templates", params(("id" = Uuid, Path, description = "The test template"), ("If-Match" = Option<String>, Header, description = "The ETag of what is deleted")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
#[delete("/test-templates/{id}")]
pub(super) async fn delete_test_template(state: State, caller: Caller, id: Path<Uuid>, if_match: IfMatch) -> ApiResult<HttpResponse> {
    service::authorize(&state, &caller, *id, Permission::TestTemplateDelete).await?;
    service::delete(&state, &caller, *id, &if_match).await?;
    Ok(no_content())
}

/// Templates tagged with what ATT&CK has retired.
///
/// Test templates with tags on what is revoked or deprecated, by name, and for each tag what took its place.
///
/// **Permissions**: test_template.read.
#[utoipa::path(tag = "catalogue", responses((status = 200, body = Items<TemplateRemap>), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[get("/mitre/remap")]
pub(super) async fn list_retired_tags(state: State, caller: Caller) -> ApiResult<Json<Items<TemplateRemap>>> {
    caller.needs(Permission::TestTemplateRead)?;
    Ok(Json(Items { items: remap::list(&state).await? }))
}

/// Move tags to their successors.
///
/// All at once or not at all: each tag on something revoked becomes one on what took its place, at the end of the chain. Tags
/// without a live successor stay. Missions keep the tags that they were frozen with.
///
/// **Permissions**: test_template.update.
#[utoipa::path(tag = "catalogue", request_body = RemapRequest, responses(
    (status = 200, body = RemapAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/mitre/remap")]
pub(super) async fn remap_retired_tags(state: State, caller: Caller, body: Body<RemapRequest>) -> ApiResult<Json<RemapAnswer>> {
    caller.needs(Permission::TestTemplateUpdate)?;
    valid(&body.value)?;
    Ok(Json(remap::remap(&state, &caller, body.value).await?))
}
