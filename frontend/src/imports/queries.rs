//! What an import asks the API.

use tyrian_api_types::imports::ImportReport;
use tyrian_api_types::jobs::{Job, JobAccepted};
use web_sys::File;

use crate::api::{ApiError, query_string};
use crate::key;
use crate::query;
use crate::upload::{follow, upload};

/// An import as it is asked for.
pub struct Order {
    /// the format's word in the API
    pub kind: &'static str,
    /// the mission whose tests a log fills
    pub mission: Option<String>,
    /// the file
    pub file: File,
    /// say what would happen and write nothing
    pub dry_run: bool,
    /// take what is good where something is bad
    pub partial: bool,
}

/// Sends the file, then waits for the job. `sending` hears the bytes, `working` sees the job each time that it was asked for.
///
/// Always as a job: the report of a refused file is the job's result, where a direct answer would be an error without it.
pub async fn run(order: Order, sending: impl Fn(u64, u64) + 'static, working: impl Fn(&Job)) -> Result<ImportReport, ApiError> {
    let yes = |on: bool| on.then(|| "true".to_owned());
    let query = query_string([("mission_id", order.mission), ("dry_run", yes(order.dry_run)), ("partial", yes(order.partial))]);
    let path = format!("/imports/{}{query}", order.kind);
    let accepted = upload::<JobAccepted>(&path, &[], &order.file, true, sending).await?;
    follow(accepted, working).await
}

/// Something came in: what was read of the library and of missions is out of date.
pub fn changed() {
    for key in [key!["test-templates"], key!["scenario-templates"], key!["missions"], key!["findings"], key!["mitre"]] {
        query::invalidate(&key);
    }
}
