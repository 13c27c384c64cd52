//! Statements on either engine. PostgreSQL: a small pool, prepared statements, all of a request's sent at once. SQLite: one
//! connection a worker thread, asked right there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use rusqlite::Connection;
use rusqlite::types::{FromSql, ToSqlOutput, Value as Sql};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Connections to PostgreSQL: more than the cores can feed cost more than they give.
const CONNECTIONS: usize = 8;

/// A parameter.
#[derive(Debug, Clone)]
pub enum Param {
    /// An id.
    Id(Uuid),
    /// Ids.
    Ids(Vec<Uuid>),
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A time.
    Time(DateTime<Utc>),
}

/// A row, read by place.
pub trait Cells {
    /// An id.
    fn id(&self, at: usize) -> Uuid;
    /// An id or nothing.
    fn id_or(&self, at: usize) -> Option<Uuid>;
    /// A text.
    fn text(&self, at: usize) -> String;
    /// A text or nothing.
    fn text_or(&self, at: usize) -> Option<String>;
    /// A whole number.
    fn int(&self, at: usize) -> i64;
    /// True or false.
    fn yes(&self, at: usize) -> bool;
    /// A time or nothing.
    fn time_or(&self, at: usize) -> Option<DateTime<Utc>>;
}

macro_rules! cells {
    ($row:ty, $get:ident) => {
        impl Cells for $row {
            fn id(&self, at: usize) -> Uuid {
                $get(self, at)
            }
            fn id_or(&self, at: usize) -> Option<Uuid> {
                $get(self, at)
            }
            fn text(&self, at: usize) -> String {
                $get(self, at)
            }
            fn text_or(&self, at: usize) -> Option<String> {
                $get(self, at)
            }
            fn int(&self, at: usize) -> i64 {
                $get(self, at)
            }
            fn yes(&self, at: usize) -> bool {
                $get(self, at)
            }
            fn time_or(&self, at: usize) -> Option<DateTime<Utc>> {
                $get(self, at)
            }
        }
    };
}

fn of_postgres<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a tokio_postgres::Row, at: usize) -> T {
    row.get(at)
}

fn of_sqlite<T: FromSql>(row: &rusqlite::Row<'_>, at: usize) -> T {
    row.get_unwrap(at)
}

cells!(tokio_postgres::Row, of_postgres);
cells!(rusqlite::Row<'_>, of_sqlite);

/// A database.
pub enum Store {
    /// PostgreSQL.
    Postgres(Pool),
    /// The file of an SQLite.
    Sqlite(PathBuf),
}

/// A connection for one request.
pub enum Handle {
    /// One of the pool's.
    Postgres(Object),
    /// The worker thread's own.
    Sqlite,
}

thread_local! {
    static OWN: RefCell<Option<Connection>> = const { RefCell::new(None) };
    /// The statements as SQLite takes them.
    static ADAPTED: RefCell<HashMap<(*const u8, usize), &'static str>> = RefCell::new(HashMap::new());
}

impl Store {
    /// Opens what the setting names.
    pub fn open(database: &str) -> anyhow::Result<Self> {
        if !database.starts_with("postgres") {
            return Ok(Self::Sqlite(database.into()));
        }
        let config: tokio_postgres::Config = database.parse()?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, tokio_postgres::NoTls, recycling);
        Ok(Self::Postgres(Pool::builder(manager).max_size(CONNECTIONS).build()?))
    }

    /// A connection.
    pub async fn get(&self) -> anyhow::Result<Handle> {
        match self {
            Self::Postgres(pool) => Ok(Handle::Postgres(pool.get().await?)),
            Self::Sqlite(path) => OWN.with_borrow_mut(|own| {
                if own.is_none() {
                    let connection = Connection::open(path)?;
                    connection.set_prepared_statement_cache_capacity(64);
                    connection.execute_batch(
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; \
                         PRAGMA temp_store = memory",
                    )?;
                    *own = Some(connection);
                }
                Ok(Handle::Sqlite)
            }),
        }
    }
}

/// A statement as SQLite takes it.
fn adapted(sql: &'static str) -> &'static str {
    ADAPTED.with_borrow_mut(|known| {
        *known.entry((sql.as_ptr(), sql.len())).or_insert_with(|| {
            let text = sql.replace('$', "?").replace("::text::jsonb", "").replace("gen_random_uuid()", "randomblob(16)");
            // once for each statement and thread
            Box::leak(text.into_boxed_str())
        })
    })
}

fn for_sqlite(param: &Param) -> Sql {
    match param {
        Param::Id(id) => Sql::Blob(id.as_bytes().to_vec()),
        Param::Ids(ids) => {
            Sql::Text(serde_json::to_string(&ids.iter().map(|id| id.simple().to_string()).collect::<Vec<_>>()).unwrap_or_default())
        }
        Param::Text(text) => Sql::Text(text.clone()),
        Param::Int(n) => Sql::Integer(*n),
        Param::Time(time) => Sql::Text(time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)),
    }
}

impl rusqlite::ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(for_sqlite(self)))
    }
}

fn for_postgres(param: &Param) -> &(dyn ToSql + Sync) {
    match param {
        Param::Id(id) => id,
        Param::Ids(ids) => ids,
        Param::Text(text) => text,
        Param::Int(n) => n,
        Param::Time(time) => time,
    }
}

fn on_own<T>(work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> anyhow::Result<T> {
    OWN.with_borrow(|own| Ok(work(own.as_ref().context("no connection")?)?))
}

impl Handle {
    /// Of two ways to say the same, the one that this engine takes.
    pub fn pick(&self, postgres: &'static str, sqlite: &'static str) -> &'static str {
        match self {
            Self::Postgres(_) => postgres,
            Self::Sqlite => sqlite,
        }
    }

    /// Has these statements prepared, one after the other, so that they can be sent at once in their order.
    pub async fn prepare(&self, statements: &[&'static str]) -> anyhow::Result<()> {
        if let Self::Postgres(client) = self {
            for sql in statements {
                client.prepare_cached(sql).await?;
            }
        }
        Ok(())
    }

    /// All rows of a statement.
    pub async fn all<T>(&self, sql: &'static str, params: &[Param], map: impl Fn(&dyn Cells) -> T) -> anyhow::Result<Vec<T>> {
        match self {
            Self::Postgres(client) => {
                let statement = client.prepare_cached(sql).await?;
                let params: Vec<_> = params.iter().map(for_postgres).collect();
                Ok(client.query(&statement, &params).await?.iter().map(|row| map(row)).collect())
            }
            Self::Sqlite => on_own(|connection| {
                let mut statement = connection.prepare_cached(adapted(sql))?;
                let params = &params[..statement.parameter_count()];
                statement.query_map(rusqlite::params_from_iter(params), |row| Ok(map(row)))?.collect()
            }),
        }
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn run(&self, sql: &'static str, params: &[Param]) -> anyhow::Result<u64> {
        match self {
            Self::Postgres(client) => {
                let statement = client.prepare_cached(sql).await?;
                let params: Vec<_> = params.iter().map(for_postgres).collect();
                Ok(client.execute(&statement, &params).await?)
            }
            Self::Sqlite => on_own(|connection| {
                let mut statement = connection.prepare_cached(adapted(sql))?;
                let params = &params[..statement.parameter_count()];
                Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
            }),
        }
    }

    /// Begins, commits or takes back a transaction.
    pub async fn simple(&self, postgres: &'static str, sqlite: &'static str) -> anyhow::Result<()> {
        match self {
            Self::Postgres(client) => Ok(client.batch_execute(postgres).await?),
            Self::Sqlite => on_own(|connection| connection.execute_batch(sqlite)),
        }
    }
}
