//! Files that nobody knows: what a killed process left between a file and its row.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::store;
use crate::error::ApiResult;
use crate::state::State;

/// A file that is younger may still get its row.
pub const GRACE: Duration = Duration::from_hours(1);
/// Between two sweeps.
const PAUSE: Duration = Duration::from_hours(24);
/// Files that are looked up at once.
const BATCH: usize = 500;
/// So many files without a row are what crashes leave. More of them than files with one are another server's files, or
/// the rows of a database that was put back to an older state: they stay, and the log says so.
const PLAUSIBLE: usize = 16;

/// What a sweep removed.
#[derive(Debug, PartialEq, Eq)]
pub struct Swept {
    /// Files without a row.
    pub files: usize,
    /// What was coming in when its process was killed.
    pub left_over: u64,
}

/// Sweeps now and every day. It ends with the process.
pub fn start(state: &State) {
    let state = state.clone();
    actix_web::rt::spawn(async move {
        loop {
            match sweep(&state, GRACE).await {
                Ok(Swept { files: 0, left_over: 0 }) => {}
                Ok(swept) => tracing::info!(files = swept.files, left_over = swept.left_over, "files that nobody knows were removed"),
                Err(e) => tracing::warn!(cause = e.cause.map(|c| format!("{c:#}")), "the storage of evidence could not be swept"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Removes files without a row, and what uploads left behind, that are older than `grace`.
pub async fn sweep(state: &State, grace: Duration) -> ApiResult<Swept> {
    let before = SystemTime::now() - grace;
    let left_over = state.storage.remove_left_over(before).await?;
    let (mut unknown, mut known) = (Vec::new(), 0);
    let old = |at: DateTime<Utc>| at < DateTime::<Utc>::from(before);
    let mut batches = state.storage.files().try_filter(|meta| std::future::ready(old(meta.last_modified))).try_chunks(BATCH).boxed();
    while let Some(batch) = batches.next().await {
        let keys: Vec<String> = batch.map_err(|e| e.1)?.into_iter().map(|meta| meta.location.to_string()).collect();
        let with_row = store::known(state.db.reader(), &keys).await?;
        known += with_row.len();
        unknown.extend(keys.into_iter().filter(|key| !with_row.contains(key)));
    }
    if unknown.len() > PLAUSIBLE && unknown.len() > known {
        tracing::warn!(unknown = unknown.len(), known, "most files of the storage have no row in this database: none is removed");
        unknown.clear();
    }
    for key in &unknown {
        state.storage.remove(key).await?;
    }
    Ok(Swept { files: unknown.len(), left_over })
}

/// Removes every file: after a reset no row is left.
pub async fn clear(state: &State) -> ApiResult<()> {
    let mut files = state.storage.files();
    while let Some(file) = files.next().await {
        state.storage.remove(file?.location.as_ref()).await?;
    }
    Ok(())
}
