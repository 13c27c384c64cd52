//! A database of one test's own on either engine, and what the engine itself says of the schema in it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{Database, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

/// A fresh database: a file on SQLite, a database of its own on PostgreSQL.
#[derive(Clone)]
pub struct Db {
    pub connection: DatabaseConnection,
    pub postgres: bool,
}

/// A column as the engine has it.
pub struct ColumnInfo {
    pub name: String,
    pub kind: String,
    pub required: bool,
    pub default: Option<String>,
}

/// Runs a test on a new SQLite file.
pub async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let connection = Database::connect(format!("sqlite://{}?mode=rwc", folder.path().join("schema.db").display())).await.unwrap();
    test(Db { connection, postgres: false }).await;
}

/// Runs a test on a new database of the PostgreSQL that `TYRIAN_TEST_PG` names, and drops it whatever the test did.
pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Db) -> F) {
    let Ok(url) = std::env::var("TYRIAN_TEST_PG") else {
        eprintln!("skipped: TYRIAN_TEST_PG is not set");
        return;
    };
    let name = format!("tyrian_schema_{}", Uuid::now_v7().simple());
    let server = Database::connect(&url).await.unwrap();
    server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = url.rsplit_once('/').unwrap();
    let connection = Database::connect(format!("{base}/{name}")).await.unwrap();
    let outcome = tokio::spawn(test(Db { connection, postgres: true })).await;
    server.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

impl Db {
    /// Every row of a question whose answers are text.
    pub async fn ask<const N: usize>(&self, sql: &str) -> Vec<[Option<String>; N]> {
        let backend = if self.postgres { DbBackend::Postgres } else { DbBackend::Sqlite };
        let rows = self.connection.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| std::array::from_fn(|index| row.try_get_by_index(index).unwrap())).collect()
    }

    async fn names(&self, sql: &str) -> BTreeSet<String> {
        self.ask::<1>(sql).await.into_iter().map(|[name]| name.unwrap()).collect()
    }

    pub async fn run(&self, sql: &str) -> Result<(), DbErr> {
        self.connection.execute_unprepared(sql).await.map(|_| ())
    }

    /// Every table but the migrator's own.
    pub async fn tables(&self) -> BTreeSet<String> {
        let mut names = if self.postgres {
            self.names("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await
        } else {
            self.names("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'").await
        };
        names.remove("seaql_migrations");
        names
    }

    pub async fn columns(&self, table: &str) -> Vec<ColumnInfo> {
        let sql = if self.postgres {
            format!(
                "SELECT column_name::text, udt_name::text, is_nullable::text, column_default::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            )
        } else {
            format!("SELECT name, type, CASE \"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END, dflt_value FROM pragma_table_info('{table}')")
        };
        let rows = self.ask::<4>(&sql).await;
        rows.into_iter()
            .map(|[name, kind, nullable, default]| ColumnInfo {
                name: name.unwrap(),
                kind: kind.unwrap(),
                required: nullable.as_deref() == Some("NO"),
                default,
            })
            .collect()
    }

    /// Column, table, rule on delete.
    pub async fn foreign_keys(&self, table: &str) -> BTreeSet<(String, String, String)> {
        let sql = if self.postgres {
            format!(
                "SELECT a.attname::text, c.confrelid::regclass::text, \
                   CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END \
                 FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
                 WHERE c.contype = 'f' AND c.conrelid = '{table}'::regclass"
            )
        } else {
            format!("SELECT \"from\", \"table\", on_delete FROM pragma_foreign_key_list('{table}')")
        };
        self.ask::<3>(&sql).await.into_iter().map(|[column, to, rule]| (column.unwrap(), to.unwrap(), rule.unwrap())).collect()
    }

    /// Names of the foreign keys and the primary key: PostgreSQL alone can tell.
    pub async fn key_names(&self, table: &str) -> BTreeSet<String> {
        self.names(&format!("SELECT conname::text FROM pg_constraint WHERE contype IN ('f', 'p') AND conrelid = '{table}'::regclass")).await
    }

    /// The CHECKs, each with its text. SQLite keeps them only in the statement that made the table.
    pub async fn checks(&self, table: &str) -> BTreeMap<String, String> {
        if self.postgres {
            let sql = format!(
                "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = '{table}'::regclass"
            );
            return self.ask::<2>(&sql).await.into_iter().map(|[name, text]| (name.unwrap(), text.unwrap())).collect();
        }
        let statements = self.names(&format!("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{table}'")).await;
        let constraints = statements.first().unwrap().split("CONSTRAINT \"").filter(|rest| rest.starts_with("ck_"));
        constraints.map(|rest| rest.split_once('"').unwrap()).map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// Partial indexes with their columns in order.
    pub async fn partial_indexes(&self, table: &str) -> BTreeMap<String, Vec<String>> {
        self.indexes(table, "x.indpred IS NOT NULL", "partial = 1").await
    }

    /// Names of the unique indexes over the whole table, the primary key apart.
    pub async fn unique_indexes(&self, table: &str) -> BTreeSet<String> {
        let postgres = "x.indpred IS NULL AND x.indisunique AND NOT x.indisprimary";
        self.indexes(table, postgres, "\"unique\" = 1 AND partial = 0 AND origin <> 'pk'").await.into_keys().collect()
    }

    pub async fn all_indexes(&self, table: &str) -> BTreeMap<String, Vec<String>> {
        self.indexes(table, "NOT x.indisprimary", "origin <> 'pk'").await
    }

    async fn indexes(&self, table: &str, postgres: &str, sqlite: &str) -> BTreeMap<String, Vec<String>> {
        let sql = if self.postgres {
            format!(
                "SELECT x.indexrelid::regclass::text, a.attname::text FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indexrelid \
                 WHERE x.indrelid = '{table}'::regclass AND {postgres} ORDER BY 1, a.attnum"
            )
        } else {
            format!(
                "SELECT l.name, i.name FROM (SELECT * FROM pragma_index_list('{table}') WHERE {sqlite}) l, pragma_index_info(l.name) i \
                 ORDER BY l.name, i.seqno"
            )
        };
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for [index, column] in self.ask::<2>(&sql).await {
            found.entry(index.unwrap()).or_default().push(column.unwrap());
        }
        found
    }

    /// The columns of the primary key in their order.
    pub async fn primary_key(&self, table: &str) -> Vec<String> {
        let sql = if self.postgres {
            format!(
                "SELECT a.attname::text FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indexrelid \
                 WHERE x.indrelid = '{table}'::regclass AND x.indisprimary ORDER BY a.attnum"
            )
        } else {
            format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")
        };
        self.ask::<1>(&sql).await.into_iter().map(|[name]| name.unwrap()).collect()
    }

    /// Text columns in code-point order: on SQLite all of them.
    pub async fn sorted_columns(&self, table: &str) -> BTreeSet<String> {
        self.names(&format!(
            "SELECT a.attname::text FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation \
             WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND c.collname = 'C'"
        ))
        .await
    }
}
