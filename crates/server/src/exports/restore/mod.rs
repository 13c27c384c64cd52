//! A mission on its way back in: its lossless JSON or its bundle. All or nothing, by its own ids, so that a second time
//! changes nothing.

mod check;
mod people;
mod rows;
mod source;
mod store;
mod write;

pub use source::receive;

use tyrian_api_types::exports::MissionExport;
use tyrian_api_types::imports::{ImportAction, ImportItem, ImportNote, ImportReport, ImportSubject};

use self::source::{Source, Upload};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::jobs::Progress;
use crate::state::State;

/// Something to be said about an item.
fn note(item: impl Into<String>, code: &str, detail: impl Into<String>) -> ImportNote {
    ImportNote { item: item.into(), line: None, code: code.to_owned(), detail: detail.into() }
}

/// Takes the mission in, or says what would happen.
pub async fn run(state: &State, caller: &Caller, upload: Upload, dry_run: bool, progress: &Progress) -> ApiResult<ImportReport> {
    progress.step("Reading the file", 0, Some(3)).await?;
    let mut report = ImportReport::default();
    let Source { export, mut archive } = match source::read(upload).await? {
        Ok(source) => source,
        Err(note) => {
            report.errors.push(note);
            return Ok(report);
        }
    };
    report.errors = check::faults(&export);
    if !report.errors.is_empty() {
        return Ok(report);
    }
    let db = state.db.reader();
    let id = (!dry_run).then_some(export.mission.head.id);
    let becomes = |action: ImportAction, code: Option<&str>| ImportItem {
        item: export.mission.head.name.clone(),
        line: None,
        action,
        code: code.map(str::to_owned),
        kind: ImportSubject::Mission,
        id,
    };
    if let Some(deleted) = store::mission_is_here(db, export.mission.head.id).await? {
        if deleted {
            let detail = "This mission was deleted here. What is deleted does not come back by an import.";
            report.errors.push(note(&*export.mission.head.name, "deleted", detail));
        } else {
            report.skipped = 1;
            report.items.push(becomes(ImportAction::Skipped, Some("exists")));
        }
        return Ok(report);
    }
    report.errors = store::taken_ids(db, &export).await?;
    let plan = people::plan(db, caller, &export, &mut report).await?;
    if !report.errors.is_empty() {
        return Ok(report);
    }
    progress.step("Checking the evidence", 1, Some(3)).await?;
    let stored = match source::evidence(state, &export, archive.take(), !dry_run).await? {
        Ok(stored) => stored,
        Err(faults) => {
            report.errors = faults;
            return Ok(report);
        }
    };
    let without = export.evidence.iter().filter(|e| !stored.has(e.id)).count();
    if without > 0 {
        let detail = format!("{without} files of evidence come with their names and hashes only: their content is in the bundle.");
        report.warnings.push(note(&*export.mission.head.name, "evidence_without_file", detail));
    }
    report.created = 1;
    report.items.push(becomes(ImportAction::Created, None));
    if dry_run {
        return Ok(report);
    }
    progress.step("Writing the mission", 2, Some(3)).await?;
    let keys = stored.keys();
    match write::all(state, caller, export, &plan, stored).await {
        Ok(()) => report.applied = true,
        Err(error) => {
            for key in keys {
                if let Err(e) = state.storage.remove(&key).await {
                    tracing::warn!(key, cause = %e, "a file without a row stays until the next sweep");
                }
            }
            return Err(error);
        }
    }
    Ok(report)
}

/// How a test is called in notes.
fn named(export: &MissionExport, test: uuid::Uuid) -> String {
    export.tests.iter().find(|t| t.test.id == test).map_or_else(|| test.to_string(), |t| t.test.content.name.clone())
}
