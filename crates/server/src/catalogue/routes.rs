//! HTTP of the catalogue.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use tyrian_api_types::catalogue::{
    CatalogueStatus, Matrix, Release, SyncAnswer, SyncPreview, SyncRequest, SyncUpload, Tactic, Technique, TechniqueUse,
};
use tyrian_api_types::jobs::JobAccepted;
use tyrian_api_types::{Items, Page, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;

use super::store::Filter;
use super::{Actor, service, sync_service, upload};
use crate::error::{ApiError, ApiResult};
use crate::http::paging::PageRequest;
use crate::http::{Caller, Params, etag};
use crate::jobs::{self, Progress, RespondAsync};
use crate::state::State;

/// Which of ATT&CK's three domains.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DomainQuery {
    /// `enterprise` (if left out), `mobile` or `ics`.
    domain: Option<String>,
}

/// Which releases.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReleaseQuery {
    /// `enterprise`, `mobile` or `ics`; all three if left out.
    domain: Option<String>,
}

/// Which techniques or subtechniques.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TechniqueQuery {
    /// `enterprise` (if left out), `mobile` or `ics`.
    domain: Option<String>,
    /// Only those of this tactic: `TA0002` or `execution`.
    tactic: Option<String>,
    /// Only this technique, or its subtechniques: `T1059`.
    technique: Option<String>,
    /// Part of the name or of the ATT&CK id, in any case.
    q: Option<String>,
    /// True: revoked and deprecated ones too.
    include_retired: Option<bool>,
    /// Rows of a page, 1 to 200.
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// `external_id` or `name`, with `-` in front for downwards.
    sort: Option<String>,
}

impl TechniqueQuery {
    fn checked(self) -> ApiResult<(Filter, PageRequest)> {
        let page = PageRequest::new(self.limit, self.cursor.as_deref(), self.sort.as_deref(), &["external_id", "name"], "external_id")?;
        let filled = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let (q, tactic, technique) = (filled(self.q), filled(self.tactic), filled(self.technique));
        for (name, text) in [("q", &q), ("tactic", &tactic), ("technique", &technique)] {
            if text.as_ref().is_some_and(|t| t.chars().count() > 200) {
                return Err(ApiError::field(format!("/{name}"), "too_long", "At most 200 characters."));
            }
        }
        let domain = service::domain(self.domain.as_deref())?.to_owned();
        Ok((Filter { domain, tactic, technique, q, include_retired: self.include_retired.unwrap_or(false) }, page))
    }
}

/// How answers of the catalogue may be kept: by this browser, asked about each time.
const CACHE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");

/// 304 for who has this edition already.
fn not_modified(http: &HttpRequest, tag: &str) -> Option<HttpResponse> {
    etag::not_modified(http, tag).then(|| HttpResponse::NotModified().insert_header(CACHE).insert_header((header::ETAG, tag)).finish())
}

fn answer<T: Serialize>(tag: &str, body: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header(CACHE).insert_header((header::ETAG, tag)).json(body)
}

/// The tactics, in the matrix's order.
///
/// Those that stand in MITRE's present matrix. The ETag is that of the last sync.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "catalogue", params(DomainQuery, ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = Items<Tactic>), (status = 304, description = "The caller has it already"), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/mitre/tactics")]
pub(super) async fn list_tactics(state: State, http: HttpRequest, query: Params<DomainQuery>) -> ApiResult<HttpResponse> {
    let domain = service::domain(query.0.domain.as_deref())?;
    let edition = service::edition_for_caller(&state, &http, domain).await?;
    if let Some(same) = not_modified(&http, &edition.etag) {
        return Ok(same);
    }
    Ok(answer(&edition.etag, &Items { items: service::tactics(&state, domain).await? }))
}

/// Techniques.
///
/// The ETag is that of the last sync.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "catalogue", params(TechniqueQuery, ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = Page<Technique>), (status = 304, description = "The caller has it already"), (status = 400, body = Problem), (status = 401, body = Problem), (status = 422, body = Problem)))]
#[get("/mitre/techniques")]
pub(super) async fn list_techniques(state: State, http: HttpRequest, query: Params<TechniqueQuery>) -> ApiResult<HttpResponse> {
    let (filter, page) = query.0.checked()?;
    let edition = service::edition_for_caller(&state, &http, &filter.domain).await?;
    if let Some(same) = not_modified(&http, &edition.etag) {
        return Ok(same);
    }
    Ok(answer(&edition.etag, &service::techniques(&state, &filter, &page).await?))
}

/// Subtechniques.
///
/// They stand in the tactics of their technique. The ETag is that of the last sync.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "catalogue", params(TechniqueQuery, ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = Page<Technique>), (status = 304, description = "The caller has it already"), (status = 400, body = Problem), (status = 401, body = Problem), (status = 422, body = Problem)))]
#[get("/mitre/subtechniques")]
pub(super) async fn list_subtechniques(state: State, http: HttpRequest, query: Params<TechniqueQuery>) -> ApiResult<HttpResponse> {
    let (filter, page) = query.0.checked()?;
    let edition = service::edition_for_caller(&state, &http, &filter.domain).await?;
    if let Some(same) = not_modified(&http, &edition.etag) {
        return Ok(same);
    }
    Ok(answer(&edition.etag, &service::subtechniques(&state, &filter, &page).await?))
}

/// The matrix in one answer.
///
/// Tactics in MITRE's order with their live techniques and subtechniques. The ETag is that of the last sync.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "catalogue", params(DomainQuery, ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, body = Matrix), (status = 304, description = "The caller has it already"), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/mitre/matrix")]
pub(super) async fn get_matrix(state: State, http: HttpRequest, query: Params<DomainQuery>) -> ApiResult<HttpResponse> {
    let domain = service::domain(query.0.domain.as_deref())?;
    let edition = service::edition_for_caller(&state, &http, domain).await?;
    if let Some(same) = not_modified(&http, &edition.etag) {
        return Ok(same);
    }
    let packed = service::matrix(&state, domain, &edition).await?;
    let accepted = http.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let takes_brotli = accepted.split(',').any(|part| part.trim() == "br");
    let mut response = HttpResponse::Ok();
    response.insert_header(CACHE).insert_header((header::ETAG, edition.etag)).content_type("application/json");
    Ok(if takes_brotli {
        response.insert_header((header::VARY, "Accept-Encoding")).insert_header((header::CONTENT_ENCODING, "br")).body(packed.brotli)
    } else {
        response.body(packed.plain)
    })
}

/// The catalogue at a glance.
///
/// What the last sync brought, and the pin: what a sync brings when nothing else is said.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "catalogue", params(DomainQuery), responses(
    (status = 200, body = CatalogueStatus), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/mitre/status")]
pub(super) async fn get_status(state: State, _caller: Caller, query: Params<DomainQuery>) -> ApiResult<web::Json<CatalogueStatus>> {
    let domain = service::domain(query.0.domain.as_deref())?;
    Ok(web::Json(service::status(&state, domain).await?))
}

/// The releases of ATT&CK whose hashes this server knows, the newest first.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "catalogue", params(ReleaseQuery), responses(
    (status = 200, body = Items<Release>), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/mitre/releases")]
pub(super) async fn list_releases(_caller: Caller, query: Params<ReleaseQuery>) -> ApiResult<web::Json<Items<Release>>> {
    let domain = query.0.domain.as_deref().map(|name| service::domain(Some(name))).transpose()?;
    Ok(web::Json(Items { items: service::list_releases(domain) }))
}

/// Which tactics, techniques and subtechniques test templates use.
///
/// **Permissions**: signed in; without test_template.read nothing is counted.
#[utoipa::path(tag = "catalogue", params(DomainQuery), responses(
    (status = 200, body = TechniqueUse), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[get("/mitre/use")]
pub(super) async fn technique_use(state: State, caller: Caller, query: Params<DomainQuery>) -> ApiResult<web::Json<TechniqueUse>> {
    let domain = service::domain(query.0.domain.as_deref())?;
    Ok(web::Json(service::technique_use(&state, &caller, domain).await?))
}

/// Replace the catalogue.
///
/// From the pin, from a release that the server knows, from an address, or from a file that comes along. It happens
/// whole or not at all. Where the bundle's hash is neither given nor that of a known release, it needs `allow_unverified`.
/// Missions keep the tags that they were frozen with.
///
/// **Permissions**: mitre.sync.
#[utoipa::path(tag = "catalogue",
    params(("Prefer" = Option<String>, Header, description = "respond-async: answer with a job at once")),
    request_body(content((SyncRequest = "application/json"), (SyncUpload = "multipart/form-data"))),
    responses((status = 200, body = SyncAnswer), (status = 202, description = "With Prefer: respond-async", body = JobAccepted),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
#[post("/mitre/sync")]
pub(super) async fn sync(
    state: State,
    caller: Caller,
    respond_async: RespondAsync,
    http: HttpRequest,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::MitreSync)?;
    drop(sync_service::begin(&state)?); // hear it before a long upload
    let (request, bundle) = upload::receive(&state.settings, &http, payload).await?;
    let (turn, actor) = (sync_service::begin(&state)?, Actor::from(&caller));
    if !respond_async.0 {
        let answer = sync_service::sync(&state, &actor, request, bundle, &Progress::unwatched(), turn).await?;
        return Ok(HttpResponse::Ok().json(answer));
    }
    let own = state.clone();
    jobs::spawn(&state, &caller, "mitre_sync", async move |progress| {
        let answer = sync_service::sync(&own, &actor, request, bundle, &progress, turn).await?;
        Ok(serde_json::to_value(answer)?)
    })
    .await
}

/// What a sync would change.
///
/// Takes what the sync takes and writes nothing. It needs no hash: it tells the bundle's, to be confirmed.
///
/// **Permissions**: mitre.sync.
#[utoipa::path(tag = "catalogue",
    params(("Prefer" = Option<String>, Header, description = "respond-async: answer with a job at once")),
    request_body(content((SyncRequest = "application/json"), (SyncUpload = "multipart/form-data"))),
    responses((status = 200, body = SyncPreview), (status = 202, description = "With Prefer: respond-async", body = JobAccepted),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
#[post("/mitre/sync/preview")]
pub(super) async fn preview_sync(
    state: State,
    caller: Caller,
    respond_async: RespondAsync,
    http: HttpRequest,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::MitreSync)?;
    drop(sync_service::begin(&state)?); // hear it before a long upload
    let (request, bundle) = upload::receive(&state.settings, &http, payload).await?;
    let turn = sync_service::begin(&state)?;
    if !respond_async.0 {
        let answer = sync_service::preview(&state, request, bundle, &Progress::unwatched(), turn).await?;
        return Ok(HttpResponse::Ok().json(answer));
    }
    let own = state.clone();
    jobs::spawn(&state, &caller, "mitre_preview", async move |progress| {
        let answer = sync_service::preview(&own, request, bundle, &progress, turn).await?;
        Ok(serde_json::to_value(answer)?)
    })
    .await
}
