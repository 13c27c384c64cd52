//! What diagnostics find out, and the reset.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::MigratorTrait as _;
use serde_json::json;
use tyrian_api_types::diag::{DatabaseStatus, ResetAnswer};
use tyrian_migration::Migrator;

use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::missions;
use crate::state::State;

/// What a reset empties, children before their parents, so that no foreign key stops it.
const CONTENT: &[&str] = &[
    "notifications",
    "evidence_files",
    "mission_test_mitre_tags",
    "mission_tests",
    "mission_categories",
    "mission_scenarios",
    "mission_members",
    "missions",
    "scenario_template_tests",
    "scenario_templates",
    "test_template_mitre_tags",
    "test_templates",
    "mitre_technique_tactics",
    "mitre_subtechniques",
    "mitre_techniques",
    "mitre_tactics",
    "catalogue_syncs",
    "settings",
    "idempotency_keys",
    "jobs",
    "download_tickets",
];
/// What goes too with `all=true`. Groups, permissions and the audit log stay.
const PEOPLE: &[&str] = &["invitation_groups", "invitations", "refresh_tokens", "user_groups", "users"];

/// A database that says nothing for so long does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does the database answer, is its schema the one that this server needs, and can evidence be stored?
pub async fn ready(state: &State) -> ApiResult<()> {
    let newest = soon(newest_migration(state)).await.map_err(|e| away(e, false))?;
    if Migrator::migrations().last().map(|m| m.name().to_owned()) != Some(newest) {
        return Err(ApiError::unavailable("The database's schema is not the one that this server needs.", 5));
    }
    state.storage.probe().await
}

async fn newest_migration(state: &State) -> Result<String, DbErr> {
    let sql = "SELECT version FROM seaql_migrations ORDER BY version DESC LIMIT 1";
    let row = state.db.reader().query_one_raw(Statement::from_string(state.db.backend(), sql)).await?;
    row.map_or_else(|| Ok(String::new()), |r| r.try_get("", "version"))
}

/// Whoever asks how it is wants to know now.
async fn soon<T>(work: impl Future<Output = Result<T, DbErr>>) -> anyhow::Result<T> {
    Ok(tokio::time::timeout(PATIENCE, work).await??)
}

fn away(cause: anyhow::Error, say_reachable: bool) -> ApiError {
    let mut error = ApiError::no_database();
    error.problem.reachable = say_reachable.then_some(false);
    error.cause = Some(cause);
    error
}

/// Engine, revision and number of tables; a 503 that says so when it cannot be reached.
pub async fn database(state: &State) -> ApiResult<DatabaseStatus> {
    soon(read_status(state)).await.map_err(|e| away(e, true))
}

async fn read_status(state: &State) -> Result<DatabaseStatus, DbErr> {
    let (name, version, tables) = match state.db.backend() {
        DbBackend::Postgres => (
            "PostgreSQL",
            "SELECT current_setting('server_version') AS v",
            "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations'",
        ),
        _ => (
            "SQLite",
            "SELECT sqlite_version() AS v",
            "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'",
        ),
    };
    let db = state.db.reader();
    let one = async |sql: &str| {
        db.query_one_raw(Statement::from_string(state.db.backend(), sql)).await?.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))
    };
    let version: String = one(version).await?.try_get("", "v")?;
    let tables: i64 = one(tables).await?.try_get("", "n")?;
    let version = version.split_whitespace().next().unwrap_or_default().to_owned();
    Ok(DatabaseStatus {
        reachable: true,
        engine: format!("{name} {version}"),
        revision: newest_migration(state).await?,
        table_count: u64::try_from(tables).unwrap_or_default(),
    })
}

/// Empties missions, templates, catalogue, settings and what hangs on them; with `all` the users too.
pub async fn reset(state: &State, caller: &Caller, all: bool) -> ApiResult<ResetAnswer> {
    let _no_sync = state.sync_lock.lock().await;
    let txn = state.db.begin().await?;
    let mut emptied = Vec::new();
    for table in CONTENT.iter().chain(if all { PEOPLE } else { &[] }) {
        // self-references (a retest, a revoked chain) need no order: the rows go in one statement
        txn.execute_unprepared(&format!("DELETE FROM {table}")).await?;
        emptied.push((*table).to_owned());
    }
    missions::count_anew(&txn).await?;
    audit::record(state, &txn, &caller.request, Entry::system(caller, "diag.reset", "instance", caller.id, json!({ "all": all }))).await?;
    txn.commit().await?;
    crate::evidence::clear(state).await?;
    Ok(ResetAnswer { emptied, users_removed: all })
}
