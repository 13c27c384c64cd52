//! SQL of imports: what earlier ones brought.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use crate::db::rows::{Kind, rows_of, texts};
use crate::error::ApiResult;
use crate::http::Caller;

/// A number that two instances on one PostgreSQL agree on.
const IMPORT_LOCK: i64 = 0x0074_7969_6d70;

/// One import at a time until the transaction ends: two of the same file must not both find nothing.
pub async fn lock(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    if txn.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT pg_advisory_xact_lock({IMPORT_LOCK})");
        txn.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    }
    Ok(())
}

/// An entry of a library that an import brought.
#[derive(Debug, FromQueryResult)]
pub struct LibraryRow {
    pub id: Uuid,
    pub source_id: String,
    pub source_checksum: Option<String>,
    pub source_version: Option<i64>,
    pub version: i64,
}

/// The active entries of `table` with these keys, by key; they stay as they are until the transaction ends.
pub async fn library(
    txn: &DatabaseTransaction,
    table: &str,
    source_kind: &str,
    keys: impl Iterator<Item = &str>,
) -> ApiResult<HashMap<String, LibraryRow>> {
    let backend = txn.get_database_backend();
    let lock = if backend == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT id, source_id, source_checksum, source_version, version FROM {table} \
         WHERE deleted_at IS NULL AND source_kind = $2 AND source_id IN ({}) ORDER BY id{lock}",
        rows_of(backend, &[("source_id", Kind::Text)])
    );
    let values = [texts(keys)?, source_kind.into()];
    let rows = LibraryRow::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(txn).await?;
    Ok(rows.into_iter().map(|row| (row.source_id.clone(), row)).collect())
}

/// A mission that an import brought.
#[derive(Debug, FromQueryResult)]
pub struct MissionRow {
    pub id: Uuid,
    pub source_id: String,
    pub source_checksum: String,
    pub source_version: i64,
    pub content_version: i64,
}

/// The missions with these keys that the caller sees, by key; of several the oldest.
pub async fn missions(
    txn: &DatabaseTransaction,
    caller: &Caller,
    source_kind: &str,
    keys: impl Iterator<Item = &str>,
) -> ApiResult<HashMap<String, MissionRow>> {
    let backend = txn.get_database_backend();
    let (lock, given) =
        (if backend == DbBackend::Postgres { " FOR UPDATE OF m" } else { "" }, rows_of(backend, &[("source_id", Kind::Text)]));
    let mine = "AND m.id IN (SELECT mission_id FROM mission_members WHERE user_id = $3)";
    let mine = if caller.can(Permission::MissionReadAll) { "" } else { mine };
    let sql = format!(
        "SELECT m.id, s.source_id, s.source_checksum, s.source_version, m.content_version \
         FROM mission_sources s JOIN missions m ON m.id = s.mission_id \
         WHERE m.deleted_at IS NULL AND s.source_kind = $2 AND s.source_id IN ({given}) {mine} ORDER BY m.created_at DESC, m.id DESC{lock}"
    );
    let mut values = vec![texts(keys)?, source_kind.into()];
    if !mine.is_empty() {
        values.push(caller.id.into());
    }
    let rows = MissionRow::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(txn).await?;
    Ok(rows.into_iter().map(|row| (row.source_id.clone(), row)).collect())
}

/// The entries of logs that filled tests of this mission.
pub async fn result_keys(txn: &DatabaseTransaction, mission: Uuid) -> ApiResult<Vec<String>> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
    use tyrian_entity::mission_test_result::{Column, Entity};
    Ok(Entity::find().select_only().column(Column::ExternalKey).filter(Column::MissionId.eq(mission)).into_tuple().all(txn).await?)
}
