//! An import from its file to its report: read, compared, and written whole or not at all.

use actix_web::web;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tyrian_api_types::imports::ImportReport;
use tyrian_attack::imports::{Parsed, Source};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::kind::ImportKind;
use super::upload::File;
use super::{library, missions, outcome, results, store};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::jobs::Progress;
use crate::missions::MissionScope;
use crate::state::State;

/// What is imported, and how.
pub struct Request {
    /// What the file is.
    pub kind: ImportKind,
    /// The file.
    pub file: File,
    /// Say what would happen and write nothing.
    pub dry_run: bool,
    /// Take what is good where something is bad.
    pub partial: bool,
    /// The mission whose tests a log fills.
    pub mission: Option<MissionScope>,
}

/// Refuses who may not import this kind at all.
pub fn authorize(caller: &Caller, kind: ImportKind) -> ApiResult<()> {
    caller.needs(Permission::ImportRun)?;
    if kind == ImportKind::Purpleops {
        return caller.needs_any(&[Permission::TestTemplateCreate, Permission::MissionCreate]);
    }
    kind.creates().iter().try_for_each(|needed| caller.needs(*needed))
}

/// The rights to create what the file turned out to hold.
fn authorize_content(caller: &Caller, parsed: &Parsed) -> ApiResult<()> {
    let needed = [
        (parsed.tests.is_empty(), Permission::TestTemplateCreate),
        (parsed.scenarios.is_empty(), Permission::ScenarioTemplateCreate),
        (parsed.missions.is_empty(), Permission::MissionCreate),
    ];
    needed.into_iter().filter(|(none, _)| !none).try_for_each(|(_, permission)| caller.needs(permission))
}

async fn read(kind: ImportKind, file: &File) -> ApiResult<Parsed> {
    let (name, bytes) = (file.name.clone(), file.bytes.clone());
    web::block(move || kind.parse_file(Source { file_name: &name, bytes: &bytes })).await.map_err(ApiError::internal)
}

/// Imports. The report says what was done, or with `dry_run` what would be.
pub async fn run(state: &State, caller: &Caller, request: Request, progress: &Progress) -> ApiResult<ImportReport> {
    const STEPS: Option<u64> = Some(3);
    let kind = request.kind;
    progress.step("Reading the file", 0, STEPS).await?;
    let mut parsed = read(kind, &request.file).await?;
    authorize_content(caller, &parsed)?;
    progress.step("Comparing it with what is here", 1, STEPS).await?;

    let mut report = ImportReport {
        errors: std::mem::take(&mut parsed.errors),
        warnings: std::mem::take(&mut parsed.warnings),
        ..ImportReport::default()
    };
    let txn = state.db.begin().await?;
    store::lock(&txn).await?;
    let source_kind = kind.source_kind();
    let of_library = library::plan(&txn, caller, source_kind, &mut parsed, &mut report).await?;
    let of_missions = missions::plan(&txn, caller, source_kind, &mut parsed, &mut report).await?;
    let of_results = match &request.mission {
        Some(scope) => Some(results::plan(&txn, caller, scope, &mut parsed, &mut report).await?),
        None => None,
    };
    let refused = parsed.unreadable || (!report.errors.is_empty() && !request.partial);
    outcome::tidy(&mut report);
    if refused || request.dry_run {
        txn.rollback().await?;
        outcome::forget_ids(&mut report);
        return Ok(report);
    }

    let now = crate::now();
    of_library.write(&txn, caller, source_kind, now).await?;
    let mut wakes = of_missions.write(state, &txn, caller, source_kind, now).await?;
    if let (Some(plan), Some(scope)) = (of_results, &request.mission) {
        wakes.extend(plan.write(state, &txn, caller, scope, kind, now).await?);
    }
    if report.created + report.updated > 0 {
        let detail = json!({
            "kind": kind.as_str(),
            "file_name": request.file.name,
            "sha256": hex::encode(Sha256::digest(&request.file.bytes)),
            "created": report.created,
            "updated": report.updated,
            "skipped": report.skipped,
            "errors": report.errors.len(),
        });
        audit::record(state, &txn, &caller.request, Entry::system(caller, "import.run", "import", Uuid::now_v7(), detail)).await?;
    }
    txn.commit().await?;
    for wake in wakes {
        state.live.publish(wake);
    }
    report.applied = true;
    Ok(report)
}
