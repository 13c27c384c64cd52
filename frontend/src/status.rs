//! What several pages ask about the instance: version, database, catalogue.

use tyrian_api_types::catalogue::CatalogueStatus;
use tyrian_api_types::diag::{DatabaseStatus, Health};

use crate::query::{Query, use_query};
use crate::{api, key};

/// Version and commit of the server.
pub fn use_health() -> Query<Health> {
    use_query(|| key!["diag", "health"], || api::get("/diag/health"))
}

/// The database as it answers.
pub fn use_database_status() -> Query<DatabaseStatus> {
    use_query(|| key!["diag", "db"], || api::get("/diag/db"))
}

/// The ATT&CK catalogue at a glance. A sync invalidates `key!["mitre"]`.
pub fn use_catalogue_status() -> Query<CatalogueStatus> {
    use_query(|| key!["mitre", "status"], || api::get("/mitre/status"))
}
