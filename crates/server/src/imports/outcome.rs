//! The report in the making.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use tyrian_api_types::imports::{ImportAction, ImportItem, ImportNote, ImportReport, ImportSubject};
use tyrian_attack::imports::Origin;
use tyrian_attack::imports::limits::NOTES;
use uuid::Uuid;

use crate::error::ApiResult;

/// What is known of an item that an earlier import brought.
#[derive(Debug, Clone)]
pub struct Known {
    /// What it said then.
    pub checksum: Option<String>,
    /// Did somebody change it since?
    pub edited: bool,
    /// May the caller change it?
    pub may_update: bool,
}

/// What an item becomes, and the id that it has or gets.
pub type Subject = (ImportSubject, Option<Uuid>);

/// Decides what becomes of an item and notes it.
pub fn decide(report: &mut ImportReport, origin: &Origin, subject: Subject, checksum: &str, known: Option<&Known>) -> ImportAction {
    let (action, code) = match known {
        None => (ImportAction::Created, None),
        Some(known) if known.edited => {
            report.warnings.push(origin.note("edited", "Somebody edited it since the last import: it is left as it is."));
            (ImportAction::Skipped, Some("edited"))
        }
        Some(known) if known.checksum.as_deref() == Some(checksum) => (ImportAction::Skipped, Some("unchanged")),
        Some(known) if !known.may_update => {
            report.warnings.push(origin.note("forbidden", "It is here already, and you may not change it: it is left as it is."));
            (ImportAction::Skipped, Some("forbidden"))
        }
        Some(_) => (ImportAction::Updated, None),
    };
    note(report, origin, subject, action, code);
    action
}

/// Notes what becomes of an item.
pub fn note(report: &mut ImportReport, origin: &Origin, (kind, id): Subject, action: ImportAction, code: Option<&str>) {
    match action {
        ImportAction::Created => report.created += 1,
        ImportAction::Updated => report.updated += 1,
        ImportAction::Skipped => report.skipped += 1,
    }
    report.items.push(ImportItem { item: origin.item.clone(), line: origin.line, action, code: code.map(str::to_owned), kind, id });
}

/// What an item says, as one word: the same for the same content, another for each key.
pub fn checksum(parts: &impl serde::Serialize) -> ApiResult<String> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(parts)?)))
}

/// Nothing was written: the ids that items would have had lead nowhere.
pub fn forget_ids(report: &mut ImportReport) {
    for item in &mut report.items {
        item.id = None;
    }
}

/// Each note once, and no more than a person can read.
pub fn tidy(report: &mut ImportReport) {
    for notes in [&mut report.errors, &mut report.warnings] {
        let mut seen = HashSet::new();
        notes.retain(|n| seen.insert((n.item.clone(), n.line, n.code.clone(), n.detail.clone())));
        if let Some(more) = notes.len().checked_sub(NOTES).filter(|n| *n > 0) {
            notes.truncate(NOTES);
            let detail = format!("{more} more are not listed.");
            notes.push(ImportNote { item: String::new(), line: None, code: "more".to_owned(), detail });
        }
    }
}
