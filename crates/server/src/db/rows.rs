//! Many rows in one statement: they travel as one JSON parameter that the database unpacks, so a statement's text
//! and its number of parameters are the same at any size.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

/// A row that is read by the places of its columns, which a query selects in the order of the fields: to find a column by its name
/// takes longer than to read it.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$about:meta])* $public:vis $field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$about])* $public $field: $type,)+ }

        impl sea_orm::FromQueryResult for $name {
            fn from_query_result(row: &sea_orm::QueryResult, _: &str) -> Result<Self, sea_orm::DbErr> {
                // where it is part of another row, that one's columns stand behind
                debug_assert!(
                    row.column_names().iter().zip([$(stringify!($field)),+]).all(|(column, field)| column == field),
                    "{:?}",
                    row.column_names()
                );
                let mut places = 0..;
                let mut next = || places.next().unwrap_or_default();
                Ok(Self { $($field: row.try_get_by_index(next())?,)+ })
            }
        }
    };
}
pub(crate) use row;

/// What a column of [`rows_of`] holds.
#[derive(Clone, Copy)]
pub enum Kind {
    /// An id, as 32 hex digits in the JSON.
    Uuid,
    /// A text or null.
    Text,
    /// A whole number.
    Int,
    /// JSON, kept as JSON.
    Json,
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    BigInt,
    /// A time as [`time`] writes it, or null.
    Time,
}

/// A SELECT that unpacks parameter `$1`, a JSON array of arrays, into rows of these columns.
pub fn rows_of(backend: DbBackend, columns: &[(&str, Kind)]) -> String {
    let columns = columns.iter().enumerate().map(|(i, (name, kind))| match (backend, kind) {
        (DbBackend::Postgres, Kind::Uuid) => format!("(e->>{i})::uuid AS {name}"),
        (DbBackend::Postgres, Kind::Text) => format!("e->>{i} AS {name}"),
        (DbBackend::Postgres, Kind::Int) => format!("(e->>{i})::int AS {name}"),
        (DbBackend::Postgres, Kind::Json) => format!("e->{i} AS {name}"),
        (DbBackend::Postgres, Kind::Bool) => format!("(e->>{i})::boolean AS {name}"),
        (DbBackend::Postgres, Kind::BigInt) => format!("(e->>{i})::bigint AS {name}"),
        (DbBackend::Postgres, Kind::Time) => format!("(e->>{i})::timestamptz AS {name}"),
        (_, Kind::Uuid) => format!("unhex(json_extract(value, '$[{i}]')) AS {name}"),
        (_, _) => format!("json_extract(value, '$[{i}]') AS {name}"),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    match backend {
        DbBackend::Postgres => format!("SELECT {columns} FROM jsonb_array_elements($1::jsonb) e"),
        _ => format!("SELECT {columns} FROM json_each($1)"),
    }
}

/// The texts of a JSON array in a column, as rows `u` with the `value` and, in its order, the `key`.
pub fn texts_of(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("jsonb_array_elements_text({column}) WITH ORDINALITY AS u (value, key)"),
        _ => format!("json_each({column}) AS u"),
    }
}

/// The other way: an expression that packs rows into one JSON array of arrays of these columns, as a text. What a driver does
/// for each row and column costs more than most of these hold.
pub fn packed(backend: DbBackend, columns: &[(&str, Kind)], order: &str) -> String {
    let (all, each) = match backend {
        DbBackend::Postgres => ("json_agg", "json_build_array"),
        _ => ("json_group_array", "json_array"),
    };
    let columns = columns.iter().map(|(name, kind)| match (backend, kind) {
        // hex of NULL is an empty text
        (DbBackend::Sqlite, Kind::Uuid) => format!("nullif(hex({name}), '')"),
        _ => (*name).to_owned(),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    format!("COALESCE(CAST({all}({each}({columns}) ORDER BY {order}) AS TEXT), '[]')")
}

/// The names of columns, as an INSERT lists them.
pub fn names(columns: &[(&str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Such a list for a SELECT: the same columns of the table `alias`.
pub fn names_of(alias: &str, names: &str) -> String {
    names.split(',').map(|name| format!("{alias}.{}", name.trim())).collect::<Vec<_>>().join(", ")
}

/// A row whose values stand in several JSON arrays.
pub fn joined(parts: impl IntoIterator<Item = serde_json::Value>) -> serde_json::Value {
    parts.into_iter().flat_map(|part| if let serde_json::Value::Array(values) = part { values } else { vec![part] }).collect()
}

/// A time as [`Kind::Time`] takes it: as the driver itself writes it on SQLite, where times are compared as texts.
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// An id as [`Kind::Uuid`] takes it.
pub fn hex(id: &Uuid) -> String {
    id.simple().to_string()
}

/// The parameter of a [`rows_of`] with one [`Kind::Uuid`] column.
pub fn ids<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> ApiResult<Value> {
    Ok(serde_json::to_string(&ids.into_iter().map(|id| [hex(id)]).collect::<Vec<_>>())?.into())
}

/// The parameter of a [`rows_of`] with one [`Kind::Text`] column.
pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> ApiResult<Value> {
    Ok(serde_json::to_string(&texts.into_iter().map(|text| [text]).collect::<Vec<_>>())?.into())
}

/// Runs a statement whose `$1` are `rows`, JSON arrays or tuples, and whose further parameters are `more`. Says how many rows
/// it touched.
pub async fn execute(
    txn: &DatabaseTransaction,
    sql: String,
    rows: &[impl Serialize],
    more: impl IntoIterator<Item = Value>,
) -> ApiResult<u64> {
    let rows = serde_json::to_string(rows)?;
    let values = std::iter::once(Value::from(rows)).chain(more);
    let done = txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    Ok(done.rows_affected())
}

/// Runs a statement that copies one row for each row given, and makes sure that it did.
pub async fn copy(txn: &DatabaseTransaction, sql: String, rows: &[impl Serialize], more: impl IntoIterator<Item = Value>) -> ApiResult<()> {
    let written = execute(txn, sql, rows, more).await?;
    if usize::try_from(written) != Ok(rows.len()) {
        return Err(ApiError::internal(anyhow::anyhow!("{written} of {} rows were copied", rows.len())));
    }
    Ok(())
}

/// Inserts rows of these columns into `table`: one statement at any number. Says how many.
pub async fn insert(txn: &DatabaseTransaction, table: &str, columns: &[(&str, Kind)], rows: &[serde_json::Value]) -> ApiResult<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    execute(txn, inserting(txn, table, columns), rows, []).await
}

/// The same for rows of which some may be there already: these stay as they are.
pub async fn insert_new(txn: &DatabaseTransaction, table: &str, columns: &[(&str, Kind)], rows: &[serde_json::Value]) -> ApiResult<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    // SQLite needs the WHERE to tell ON CONFLICT from the ON of a join
    execute(txn, format!("{} WHERE true ON CONFLICT DO NOTHING", inserting(txn, table, columns)), rows, []).await
}

fn inserting(txn: &DatabaseTransaction, table: &str, columns: &[(&str, Kind)]) -> String {
    let (names, given) = (names(columns), rows_of(txn.get_database_backend(), columns));
    format!("WITH p AS ({given}) INSERT INTO {table} ({names}) SELECT {names} FROM p")
}

/// Sets these columns of the rows of `table` whose id is in the first column: one statement at any number. Says how many.
pub async fn update(txn: &DatabaseTransaction, table: &str, columns: &[(&str, Kind)], rows: &[serde_json::Value]) -> ApiResult<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let set = columns.iter().skip(1).map(|(name, _)| format!("{name} = p.{name}")).collect::<Vec<_>>().join(", ");
    let given = rows_of(txn.get_database_backend(), columns);
    execute(txn, format!("UPDATE {table} SET {set} FROM ({given}) p WHERE {table}.id = p.id"), rows, []).await
}

/// Deletes the rows of `table` whose `column` is one of these ids: one statement at any number.
pub async fn delete<'a>(txn: &DatabaseTransaction, table: &str, column: &str, ids: impl IntoIterator<Item = &'a Uuid>) -> ApiResult<u64> {
    let rows: Vec<_> = ids.into_iter().map(|id| serde_json::json!([hex(id)])).collect();
    if rows.is_empty() {
        return Ok(0);
    }
    let given = rows_of(txn.get_database_backend(), &[("id", Kind::Uuid)]);
    execute(txn, format!("DELETE FROM {table} WHERE {column} IN ({given})"), &rows, []).await
}
