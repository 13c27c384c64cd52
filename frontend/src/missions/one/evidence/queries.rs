//! What evidence asks the API.

use leptos::prelude::*;
use tyrian_api_types::Items;
use tyrian_api_types::evidence::Evidence;
use tyrian_api_types::purge::{PurgeConfirm, Tombstone};
use tyrian_domain::test::Side;
use uuid::Uuid;
use web_sys::{Blob, File};

use crate::api::{self, ApiError};
use crate::key;
use crate::missions::queries::mission_path;
use crate::query::{self, Key, Query, use_query};
use crate::upload::upload;

fn evidence_key(mission: &str, test: Uuid) -> Key {
    key!["missions", mission, "tests", test, "evidence"]
}

fn test_path(mission: &str, test: Uuid) -> String {
    format!("{}/tests/{test}/evidence", mission_path(mission))
}

/// The files of a test, the oldest first.
pub fn use_evidence(mission: Memo<String>, test: Uuid) -> Query<Items<Evidence>> {
    use_query(move || evidence_key(&mission.get(), test), move || api::get(test_path(&mission.get_untracked(), test)))
}

/// Has the files of a test read again.
pub fn refresh(mission: &str, test: Uuid) {
    query::invalidate(&evidence_key(mission, test));
}

/// Sends a file; dropped, it is cut off, and nothing of it stays.
pub async fn add(
    mission: &str,
    test: Uuid,
    side: Side,
    caption: &str,
    file: &File,
    progress: impl Fn(u64, u64) + 'static,
) -> Result<Evidence, ApiError> {
    // the side first: a refusal then comes before the file has travelled
    let mut fields = vec![("side", side.as_str().to_owned())];
    if !caption.trim().is_empty() {
        fields.push(("caption", caption.trim().to_owned()));
    }
    upload(&test_path(mission, test), &fields, file, false, progress).await
}

/// What is in a file.
pub async fn content(evidence: Uuid) -> Result<Blob, ApiError> {
    api::blob(format!("/evidence/{evidence}/content")).await
}

/// Gives a file to the reader.
pub async fn download(evidence: Uuid, file_name: &str) -> Result<(), ApiError> {
    api::download(format!("/evidence/{evidence}/content"), file_name).await
}

/// Removes a file for good; `confirm` is its name.
pub async fn purge(evidence: Uuid, confirm: String) -> Result<Tombstone, ApiError> {
    api::post(format!("/evidence/{evidence}/purge"), &PurgeConfirm { confirm }).await
}

/// Deletes a file.
pub async fn delete(evidence: Uuid) -> Result<(), ApiError> {
    api::delete_unversioned(format!("/evidence/{evidence}")).await
}
