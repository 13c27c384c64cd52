//! Rows into PostgreSQL by COPY. Indexes are taken away before and built anew behind, which is how large loads are done.

use std::fmt::Write as _;

use anyhow::Context as _;
use bytes::Bytes;
use chrono::SecondsFormat;
use futures_util::{SinkExt as _, pin_mut};
use tokio_postgres::{Client, NoTls};

use super::{Table, Value};

/// Bytes that are sent at once.
const CHUNK: usize = 256 * 1024;

/// A connection that seeds.
pub struct Postgres(Client);

impl Postgres {
    /// Connects.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("PostgreSQL cannot be reached")?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self(client))
    }

    /// Runs statements that need no parameters.
    pub async fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.0.batch_execute(sql).await.with_context(|| sql.chars().take(200).collect::<String>())
    }

    /// Takes the indexes of these tables away and says how they are made. Foreign keys are not checked from now on: the
    /// rows are right by construction.
    pub async fn begin(&self, tables: &[&str]) -> anyhow::Result<Vec<String>> {
        self.run("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'").await?;
        let sql = "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
             WHERE c.relname = ANY($1) AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)";
        let mut made = Vec::new();
        for row in self.0.query(sql, &[&tables]).await? {
            self.run(&format!("DROP INDEX {}", row.get::<_, String>(0))).await?;
            made.push(row.get(1));
        }
        Ok(made)
    }

    /// Writes the rows of a table.
    pub async fn write(&self, table: Table<'_>) -> anyhow::Result<()> {
        let sql = format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
        let copy = self.0.copy_in(&sql).await?;
        pin_mut!(copy);
        let mut buffer = String::with_capacity(CHUNK + 4096);
        for row in table.rows {
            for (i, value) in row.iter().enumerate() {
                if i > 0 {
                    buffer.push('\t');
                }
                push(&mut buffer, value);
            }
            buffer.push('\n');
            if buffer.len() >= CHUNK {
                copy.send(Bytes::copy_from_slice(buffer.as_bytes())).await?;
                buffer.clear();
            }
        }
        copy.send(Bytes::from(buffer)).await?;
        copy.finish().await.with_context(|| table.name)?;
        Ok(())
    }

    /// Builds the indexes and tells the planner what there is.
    pub async fn finish(&self, indexes: Vec<String>) -> anyhow::Result<()> {
        for index in indexes {
            self.run(&index).await?;
        }
        self.run("SET session_replication_role = DEFAULT").await?;
        self.run("VACUUM ANALYZE").await
    }
}

/// A value in COPY's text format.
fn push(buffer: &mut String, value: &Value) {
    match value {
        Value::Null => buffer.push_str("\\N"),
        Value::Int(n) => {
            let _ = write!(buffer, "{n}");
        }
        Value::Bool(yes) => buffer.push(if *yes { 't' } else { 'f' }),
        Value::Id(id) => {
            let _ = write!(buffer, "{id}");
        }
        Value::Time(time) => buffer.push_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
        Value::Text(text) => {
            for c in text.chars() {
                match c {
                    '\t' => buffer.push_str("\\t"),
                    '\n' => buffer.push_str("\\n"),
                    '\r' => buffer.push_str("\\r"),
                    '\\' => buffer.push_str("\\\\"),
                    c => buffer.push(c),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut buffer = String::new();
        push(&mut buffer, &Value::from("a\tb\nc\\d"));
        push(&mut buffer, &Value::Null);
        assert_eq!(buffer, "a\\tb\\nc\\\\d\\N");
    }
}
