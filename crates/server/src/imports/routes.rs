//! HTTP of imports: an operation a format, all with the same answer.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use tyrian_api_types::Problem;
use tyrian_api_types::imports::{ImportReport, ImportUpload};
use tyrian_api_types::jobs::JobAccepted;
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::kind::ImportKind;
use super::service::{self, Request};
use super::upload;
use crate::error::ApiResult;
use crate::http::{Caller, Params, Routes};
use crate::jobs::{self, Progress, RespondAsync};
use crate::missions::MissionScope;
use crate::state::State;

/// How a file is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// True: say what would happen and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// True: take what is good where something is bad. Else one bad item stops all of them.
    #[serde(default)]
    partial: bool,
}

/// How a log is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ResultQuery {
    /// The mission whose tests the log fills.
    mission_id: Uuid,
    /// True: say what would happen and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// True: take what is good where something is bad. Else one bad item stops all of them.
    #[serde(default)]
    partial: bool,
}

/// Runs it now, or as a job; the job's result is the report, whether it was applied or not.
async fn run(state: State, caller: Caller, respond_async: RespondAsync, request: Request) -> ApiResult<HttpResponse> {
    if !respond_async.0 {
        let partial = request.partial;
        let report = Box::pin(service::run(&state, &caller, request, &Progress::unwatched())).await?;
        return Ok(answer(&report, partial));
    }
    let (own, by) = (state.clone(), caller.clone());
    jobs::spawn(&state, &caller, "import", async move |progress| {
        Ok(serde_json::to_value(Box::pin(service::run(&own, &by, request, &progress)).await?)?)
    })
    .await
}

/// 422 with the same body where something is bad: nothing of the file was, or would be, taken.
pub fn answer(report: &ImportReport, partial: bool) -> HttpResponse {
    let nothing = report.errors.is_empty() || (partial && (report.applied || !report.items.is_empty()));
    let status = if nothing { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    HttpResponse::build(status).json(report)
}

macro_rules! library_imports {
    ($($name:ident $path:tt $kind:ident $summary:tt $text:tt $rights:tt;)+) => {
        $(
            #[doc = $summary]
            #[doc = ""]
            #[doc = $text]
            #[doc = ""]
            #[doc = $rights]
            #[utoipa::path(tag = "imports", params(ImportQuery, ("Prefer" = Option<String>, Header, description = "respond-async: answer with a job at once")),
                request_body(content = ImportUpload, content_type = "multipart/form-data"),
                responses((status = 200, body = ImportReport), (status = 202, description = "With Prefer: respond-async", body = JobAccepted),
                    (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem),
                    (status = 415, body = Problem),
                    (status = 422, description = "An item is bad: the same report, and nothing is written; or the part file is missing: a problem",
                        content((ImportReport = "application/json"), (Problem = "application/problem+json")))))]
            #[post($path)]
            pub(super) async fn $name(
                state: State,
                caller: Caller,
                respond_async: RespondAsync,
                query: Params<ImportQuery>,
                http: HttpRequest,
                payload: web::Payload,
            ) -> ApiResult<HttpResponse> {
                service::authorize(&caller, ImportKind::$kind)?;
                state.costly.imports.admit(caller.id)?;
                let file = upload::receive(&http, payload).await?;
                let ImportQuery { dry_run, partial } = query.0;
                run(state, caller, respond_async, Request { kind: ImportKind::$kind, file, dry_run, partial, mission: None }).await
            }
        )+

        fn library_routes(api: &mut Routes<'_>) {
            api$(.service($name))+;
        }
    };
}

macro_rules! result_imports {
    ($($name:ident $path:tt $kind:ident $summary:tt $text:tt $rights:tt;)+) => {
        $(
            #[doc = $summary]
            #[doc = ""]
            #[doc = $text]
            #[doc = ""]
            #[doc = $rights]
            #[utoipa::path(tag = "imports", params(ResultQuery, ("Prefer" = Option<String>, Header, description = "respond-async: answer with a job at once")),
                request_body(content = ImportUpload, content_type = "multipart/form-data"),
                responses((status = 200, body = ImportReport), (status = 202, description = "With Prefer: respond-async", body = JobAccepted),
                    (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
                    (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
                    (status = 422, description = "An item is bad: the same report, and nothing is written; or the part file is missing: a problem",
                        content((ImportReport = "application/json"), (Problem = "application/problem+json")))))]
            #[post($path)]
            pub(super) async fn $name(
                state: State,
                caller: Caller,
                respond_async: RespondAsync,
                query: Params<ResultQuery>,
                http: HttpRequest,
                payload: web::Payload,
            ) -> ApiResult<HttpResponse> {
                let ResultQuery { mission_id, dry_run, partial } = query.0;
                let scope = MissionScope::authorize(&state, &caller, mission_id, Permission::ImportRun).await?;
                service::authorize(&caller, ImportKind::$kind)?;
                caller.needs(Permission::MissionTestExecute)?;
                state.costly.imports.admit(caller.id)?;
                let file = upload::receive(&http, payload).await?;
                run(state, caller, respond_async, Request { kind: ImportKind::$kind, file, dry_run, partial, mission: Some(scope) }).await
            }
        )+

        fn result_routes(api: &mut Routes<'_>) {
            api$(.service($name))+;
        }
    };
}

library_imports! {
    import_atomic "/imports/atomic" Atomic
        "Import Atomic Red Team tests."
        "A YAML file or a zip of them, up to 64 MiB. A test is known again by its GUID; a later import changes only what nobody edited since. It is held to upstream's own rules."
        "**Permissions**: import.run and test_template.create; test_template.update to change what is here.";
    import_navigator "/imports/navigator" Navigator
        "Import ATT&CK Navigator layers."
        "Each layer becomes a scenario, each enabled technique in it a test. Revoked ids are followed to their successors, unknown ones kept."
        "**Permissions**: import.run, test_template.create and scenario_template.create; their update to change what is here.";
    import_emulation_plan "/imports/emulation-plan" EmulationPlan
        "Import an adversary emulation plan."
        "The plan becomes a scenario, each procedure a test, known again by their ids."
        "**Permissions**: import.run, test_template.create and scenario_template.create; their update to change what is here.";
    import_purpleops "/imports/purpleops" Purpleops
        "Import from PurpleOps."
        "A campaign or test case templates (JSON) become tests; an assessment's export (JSON or CSV) becomes a completed mission."
        "**Permissions**: import.run, and test_template.create or mission.create by what the file holds.";
    import_vectr "/imports/vectr" Vectr
        "Import VECTR's CSV."
        "Each AssessmentGroup becomes a completed mission, each Campaign in it a scenario, each row a test with what red did and what blue saw."
        "**Permissions**: import.run and mission.create; mission.update to change what is here.";
    import_sigma "/imports/sigma" Sigma
        "Import Sigma rules."
        "YAML or a zip of it: each rule becomes a test with the rule as its detection idea."
        "**Permissions**: import.run and test_template.create; test_template.update to change what is here.";
    import_scenario_templates "/imports/scenario" Scenario
        "Import scenario templates of another instance."
        "What `GET /scenario-templates/export` gives. Entries are known again by their names."
        "**Permissions**: import.run, test_template.create and scenario_template.create; their update to change what is here.";
    import_test_templates "/imports/templates" Templates
        "Import test templates of another instance."
        "What `GET /test-templates/export` gives. Entries are known again by their names."
        "**Permissions**: import.run and test_template.create; test_template.update to change what is here.";
}

result_imports! {
    import_attire "/imports/attire" Attire
        "Fill a mission's tests from an ATTiRe log."
        "Procedures find their tests by GUID. An entry that was taken once is skipped: the same execution-id changes nothing a second time."
        "**Permissions**: import.run, and as for red's side of the mission's tests: mission_test.execute and role red or purple, or mission.read_all.";
    import_ghostwriter "/imports/ghostwriter" Ghostwriter
        "Fill a mission's tests from Ghostwriter's operation log."
        "CSV. Rows find their tests by ATT&CK id or by name. An entry that was taken once is skipped."
        "**Permissions**: import.run, and as for red's side of the mission's tests: mission_test.execute and role red or purple, or mission.read_all.";
}

/// The routes of this feature. Our own missions have a route of their own: `/imports/mission`.
pub fn configure(api: &mut Routes<'_>) {
    library_routes(api);
    result_routes(api);
}
