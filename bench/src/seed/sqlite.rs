//! Rows into SQLite by prepared statements in one transaction. Indexes are taken away before and built anew behind.

use std::path::Path;

use anyhow::Context as _;
use chrono::SecondsFormat;
use rusqlite::types::{ToSqlOutput, Value as Sql};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::{Table, Value};

/// A connection that seeds.
pub struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
        Ok(Self(connection))
    }

    /// Begins the transaction, takes the indexes away and says how they are made.
    pub fn begin(&self) -> anyhow::Result<Vec<String>> {
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        let mut statement = self.0.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")?;
        let indexes = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<(String, String)>, _>>()?;
        drop(statement);
        for (name, _) in &indexes {
            self.0.execute_batch(&format!("DROP INDEX \"{name}\""))?;
        }
        Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
    }

    /// Writes the rows of a table.
    pub fn write(&self, table: Table<'_>) -> anyhow::Result<()> {
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.columns.join(", "));
        let mut statement = self.0.prepare(&sql).with_context(|| table.name)?;
        for row in table.rows {
            statement.execute(params_from_iter(row)).with_context(|| table.name)?;
        }
        Ok(())
    }

    /// Builds the indexes and tells the planner what there is.
    pub fn finish(&self, indexes: &[String]) -> anyhow::Result<()> {
        for index in indexes {
            self.0.execute_batch(index)?;
        }
        self.0.execute_batch("COMMIT; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Sql::Null),
            Self::Text(text) => text.as_str().into(),
            Self::Int(n) => (*n).into(),
            Self::Bool(yes) => i64::from(*yes).into(),
            Self::Id(id) => id.as_bytes().as_slice().into(),
            // as the server's driver writes it: times are compared as texts
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, false).into(),
        })
    }
}
