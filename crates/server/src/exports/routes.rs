//! HTTP of exports, downloads, and of a mission's way back in.

use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use tyrian_api_types::Problem;
use tyrian_api_types::exports::{DownloadTicket, DownloadTicketCreate};
use tyrian_api_types::imports::{ImportReport, ImportUpload};
use tyrian_api_types::jobs::JobAccepted;
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::format::{Choice, Format};
use super::{produce, restore, tickets};
use crate::error::{ApiError, ApiResult};
use crate::http::{Body, Caller, Params, valid};
use crate::jobs::RespondAsync;
use crate::missions::Visit;
use crate::state::State;

/// A mission as a report or in an exchange format.
///
/// `json` (lossless), `csv`, `xlsx`, `markdown`, `html` (one file), `pdf`, `docx`, `navigator` (layer 4.5), `attack-flow`
/// (2.0), `scenario` (the chain without results), `bundle` (zip of the JSON, the evidence and their hashes). Holds what
/// the caller sees. With `Prefer: respond-async` a job makes it, whose result names the `path` of the file.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "exports", params(("id" = Uuid, Path, description = "The mission"),
    ("format" = String, Path, description = "json, csv, xlsx, markdown, html, pdf, docx, navigator, attack-flow, scenario or bundle"),
    ("state" = Option<String>, Query, description = "Only tests in these states: several by commas, or the parameter several times"),
    ("comments" = Option<bool>, Query, description = "Of a report: false leaves out what people wrote to each other"),
    ("metric" = Option<String>, Query, description = "What a layer's scores tell: detection (if left out), prevention, coverage or delta, against the mission that this one repeats"),
    ("Prefer" = Option<String>, Header, description = "`respond-async` for a job")), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream", body = [u8]), (status = 202, body = JobAccepted),
    (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/missions/{id}/export/{format}")]
pub(super) async fn export_mission(
    state: State,
    visit: Visit,
    path: Path<(Uuid, String)>,
    respond_async: RespondAsync,
    http: HttpRequest,
) -> ApiResult<HttpResponse> {
    let (caller, scope) = visit.read()?;
    let format = Format::parse(&path.1).ok_or_else(ApiError::not_found)?;
    produce::available(format)?;
    let choice = Choice::of(&http)?;
    if respond_async.0 {
        return tickets::begin(&state, &caller, scope, format, choice).await;
    }
    tickets::export(&state, &caller, &scope, format, &choice).await
}

/// How a file that a job made is read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportFileQuery {
    /// Of a report in html: for a frame of the app instead of the disk. It runs and loads nothing and has no origin.
    #[serde(default)]
    inline: bool,
}

/// The file that an export job made.
///
/// For an hour at least. It is not there for whoever sees the mission otherwise than when the job ran.
///
/// **Permissions**: the one who asked for the job, and to see the mission.
#[utoipa::path(tag = "exports", params(("id" = Uuid, Path, description = "The job"), ExportFileQuery), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream", body = [u8]), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/exports/{id}")]
pub(super) async fn get_export_file(
    state: State,
    caller: Caller,
    id: Path<Uuid>,
    query: Params<ExportFileQuery>,
) -> ApiResult<HttpResponse> {
    tickets::made(&state, &caller, *id, query.0.inline).await
}

/// An address for one download without a token.
///
/// For evidence content, exports, and files that jobs made. It works once, for 60 seconds, while the session lasts; what
/// the caller may see is asked again when it is used.
///
/// **Permissions**: to see what is downloaded.
#[utoipa::path(tag = "exports", request_body = DownloadTicketCreate, responses(
    (status = 201, body = DownloadTicket), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 413, body = Problem),
    (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/download-tickets")]
pub(super) async fn create_download_ticket(state: State, caller: Caller, body: Body<DownloadTicketCreate>) -> ApiResult<HttpResponse> {
    valid(&body.value)?;
    let ticket = tickets::create(&state, &caller, &body.value.path).await?;
    Ok(HttpResponse::Created().insert_header((actix_web::http::header::LOCATION, ticket.url.clone())).json(ticket))
}

/// Download with a ticket.
///
/// As the address that the ticket is for. A ticket that was used, is too old, or whose session ended is not there.
///
/// **Permissions**: none: the ticket says on whose behalf.
#[utoipa::path(tag = "exports", params(("token" = String, Path, description = "The ticket")), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream", body = [u8]), (status = 206, description = "A part of the file", content_type = "application/octet-stream", body = [u8]),
    (status = 304, description = "The caller has it"), (status = 404, body = Problem), (status = 416, body = Problem), (status = 422, body = Problem)))]
#[get("/downloads/{token}")]
pub(super) async fn download(state: State, token: Path<String>, http: HttpRequest) -> ApiResult<HttpResponse> {
    tickets::redeem(&state, &http, &token).await
}

/// How a mission is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// Take a mission back in: its lossless JSON or its bundle.
///
/// The mission and all under it keep their ids, so a second import changes nothing (`skipped`, code `exists`). Users are
/// found by their addresses; those who are not here are named in comments. Without a bundle the evidence comes without
/// its files. All or nothing: with one bad item nothing is written, and the answer is a 422 of the same shape.
///
/// **Permissions**: import.run and mission.create.
#[utoipa::path(tag = "exports", params(ImportQuery, ("Prefer" = Option<String>, Header, description = "`respond-async` for a job")),
    request_body(content = ImportUpload, content_type = "multipart/form-data"), responses(
    (status = 200, body = ImportReport), (status = 202, body = JobAccepted), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, description = "What is wrong with the file: the same report, and nothing is written; or a problem",
        content((ImportReport = "application/json"), (Problem = "application/problem+json")))))]
#[post("/imports/mission")]
pub(super) async fn import_mission(
    state: State,
    caller: Caller,
    query: Params<ImportQuery>,
    respond_async: RespondAsync,
    http: HttpRequest,
    payload: Payload,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::ImportRun)?;
    caller.needs(Permission::MissionCreate)?;
    state.costly.imports.admit(caller.id)?;
    let upload = restore::receive(&state, &http, payload).await?;
    let dry_run = query.0.dry_run;
    if respond_async.0 {
        let (for_job, who) = (state.clone(), caller.clone());
        return crate::jobs::spawn(&state, &caller, "import_mission", move |progress| async move {
            let report = restore::run(&for_job, &who, upload, dry_run, &progress).await?;
            Ok(serde_json::to_value(report)?)
        })
        .await;
    }
    let report = restore::run(&state, &caller, upload, dry_run, &crate::jobs::Progress::unwatched()).await?;
    Ok(crate::imports::answer(&report, false))
}
