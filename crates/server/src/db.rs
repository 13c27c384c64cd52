//! The database: one pool on PostgreSQL; on SQLite many readers and one writer, so that nobody waits on a lock upgrade.

pub mod pulse;
pub mod rows;
pub mod together;
pub mod watch;

use std::future::ready;
use std::time::Duration;

use anyhow::{Context as _, bail};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection as _, Error, SqliteConnection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait as _;
use tyrian_migration::Migrator;

use self::pulse::Pulse;
use self::watch::Watch;
use crate::config::{Database, Settings};

/// A number that two migrating processes on one PostgreSQL agree on.
const MIGRATION_LOCK: i64 = 0x7479_7269_616e;

/// The connections.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    watch: Watch,
    pulse: Pulse,
}

impl Db {
    /// Connects as the settings say. Does not migrate.
    pub async fn connect(settings: &Settings) -> anyhow::Result<Self> {
        let watch = Watch::new(settings.slow_query);
        let pulse = Pulse::default();
        let counted = |mut connection: DatabaseConnection| {
            let watch = watch.clone();
            connection.set_metric_callback(move |info| watch.note(info));
            connection
        };
        let (read, write) = match &settings.database {
            Database::Sqlite(path) => {
                if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder).with_context(|| format!("the folder of {} cannot be made", path.display()))?;
                }
                let url = format!("sqlite://{}?mode=rwc", path.display());
                let options = |connections: u32| {
                    let mut o = ConnectOptions::new(&url);
                    let full = settings.sqlite_full;
                    o.max_connections(connections)
                        .min_connections(1)
                        .acquire_timeout(Duration::from_secs(30))
                        .idle_timeout(Duration::from_mins(10))
                        .sqlx_logging(false)
                        .map_sqlx_sqlite_opts(move |s| {
                            s.journal_mode(SqliteJournalMode::Wal)
                                .busy_timeout(Duration::from_secs(5))
                                .foreign_keys(true)
                                .synchronous(if full { SqliteSynchronous::Full } else { SqliteSynchronous::Normal })
                                .statement_cache_capacity(256)
                                // a mission has hundreds of rows; with room for fewer its thread would wait again and again for who reads them
                                .row_buffer_size(1024)
                                .pragma("temp_store", "memory")
                                .optimize_on_close(true, 400)
                        });
                    o
                };
                let mut one = options(1);
                one.map_sqlx_sqlite_pool_opts(|pool| {
                    pool.before_acquire(|connection, _| Box::pin(ready(Ok(is_between_transactions(connection)))))
                });
                let write =
                    sea_orm::Database::connect(one).await.with_context(|| format!("the database {} cannot be opened", path.display()))?;
                let read = sea_orm::Database::connect(options(8)).await?;
                (counted(read), counted(write))
            }
            Database::Postgres(url) => {
                let mut o = ConnectOptions::new(url);
                o.max_connections(settings.database_connections)
                    .min_connections(1)
                    .acquire_timeout(Duration::from_secs(2))
                    .connect_timeout(Duration::from_secs(2))
                    .sqlx_logging(false)
                    .test_before_acquire(false);
                // what comes back from a request that was ended would wait for an answer too, and keep its place in the pool
                let silence = pulse.clone();
                o.map_sqlx_postgres_pool_opts(move |pool| {
                    let silence = silence.clone();
                    pool.after_release(move |_, _| {
                        let end = if silence.is_lost() { Err(Error::Io(std::io::ErrorKind::TimedOut.into())) } else { Ok(true) };
                        Box::pin(ready(end))
                    })
                });
                let pool = counted(sea_orm::Database::connect(o).await.context("PostgreSQL cannot be reached")?);
                (pool.clone(), pool)
            }
        };
        Ok(Self { read, write, watch, pulse })
    }

    /// For reads outside a transaction.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    /// Which engine it is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Is it PostgreSQL?
    pub fn is_postgres(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    /// How many statements were sent so far: tests hold operations to their numbers by it.
    pub fn statements(&self) -> u64 {
        self.watch.sent()
    }

    /// What watches the statements.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether the database answers at all: never silent where nobody asks.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// How many connections there are, and how many of them nobody uses.
    pub fn connections(&self) -> (u64, u64) {
        let of = |connection: &DatabaseConnection| {
            if connection.get_database_backend() == DbBackend::Postgres {
                let pool = connection.get_postgres_connection_pool();
                (u64::from(pool.size()), pool.num_idle() as u64)
            } else {
                let pool = connection.get_sqlite_connection_pool();
                (u64::from(pool.size()), pool.num_idle() as u64)
            }
        };
        let (all, idle) = of(&self.read);
        if self.is_postgres() {
            return (all, idle);
        }
        let (one, free) = of(&self.write);
        (all + one, idle + free)
    }

    /// Refuses a database that a newer version has changed: what this one does not know of it, it could only spoil.
    pub async fn refuse_newer(&self) -> anyhow::Result<()> {
        let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
        let done = Migrator::get_migration_models(&self.write).await?;
        if let Some(step) = done.iter().find(|step| !known.contains(&step.version)) {
            bail!(
                "the database is newer than this Tyrian, which does not know its step {}: use the version that made it, or a newer one",
                step.version
            );
        }
        Ok(())
    }

    /// Runs what migrations are open. Several processes on one PostgreSQL: one runs, the others wait.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        if !self.is_postgres() {
            self.refuse_newer().await?;
            Migrator::up(&self.write, None).await.context("the database cannot be migrated")?;
            return Ok(());
        }
        // a session lock, on one connection that the transaction holds
        let lock = self.write.begin().await?;
        lock.execute_raw(Statement::from_string(DbBackend::Postgres, format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))).await?;
        self.refuse_newer().await?;
        Migrator::up(&self.write, None).await.context("the database cannot be migrated")?;
        lock.commit().await?;
        Ok(())
    }

    /// The connection that migrations use, for the `migrate` command.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }
}

/// May this connection be used again? Not where a transaction is left on it: when the disk is full SQLite ends a transaction by
/// itself, and sqlx, which could not roll back what was no more, would take the next BEGIN for a savepoint in it; what is
/// written from then on would be answered, and never committed. What was queued for it is done: the pool asked it when it came back.
fn is_between_transactions(connection: &SqliteConnection) -> bool {
    let left = connection.is_in_transaction();
    if left {
        tracing::warn!("a connection with a transaction that did not end is closed");
    }
    !left
}

/// Locks a row of `table` until the transaction ends; on SQLite the transaction holds the only write lock already.
/// Rows that refer to it can still be inserted meanwhile: their foreign-key check must not wait, or two transactions
/// could wait for one another.
pub async fn lock_row(txn: &DatabaseTransaction, table: &'static str, id: uuid::Uuid) -> Result<(), DbErr> {
    if txn.get_database_backend() == DbBackend::Postgres {
        txn.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            format!("SELECT 1 FROM {table} WHERE id = $1 FOR NO KEY UPDATE"),
            [id.into()],
        ))
        .await?;
    }
    Ok(())
}

/// `%text%` for LIKE with `\` as the escape character.
pub fn like_pattern(text: &str) -> String {
    format!("%{}%", like_literal(&tyrian_domain::text::key(text)))
}

/// A text that stands for itself in a LIKE with `\` as the escape character.
pub fn like_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}
