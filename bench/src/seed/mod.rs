//! Fills a migrated database with the rows of [`crate::data`], in bulk.

mod postgres;
mod rows;
mod sqlite;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use self::postgres::Postgres;
pub use self::sqlite::Sqlite;
use crate::data::Size;

/// A value of a row.
#[derive(Debug, Clone)]
pub enum Value {
    /// NULL.
    Null,
    /// A text, or JSON.
    Text(String),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// An id.
    Id(Uuid),
    /// A time.
    Time(DateTime<Utc>),
}

macro_rules! from {
    ($($type:ty => $make:expr;)*) => { $(impl From<$type> for Value {
        fn from(value: $type) -> Self {
            #[allow(clippy::redundant_closure_call)]
            ($make)(value)
        }
    })* };
}

from! {
    &str => |v: &str| Self::Text(v.to_owned());
    String => Self::Text;
    u64 => |v| Self::Int(i64::try_from(v).unwrap_or(i64::MAX));
    bool => Self::Bool;
    Uuid => Self::Id;
    DateTime<Utc> => Self::Time;
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Rows of one table.
pub struct Table<'a> {
    /// Its name.
    pub name: &'static str,
    /// The columns that are given; the others take their defaults.
    pub columns: &'static [&'static str],
    /// The rows.
    pub rows: Box<dyn Iterator<Item = Vec<Value>> + 'a>,
}

/// A database that takes rows in bulk.
pub enum Sink {
    /// By COPY.
    Postgres(Postgres),
    /// By prepared statements.
    Sqlite(Sqlite),
}

/// Fills the database. `password_hash` is everybody's.
pub async fn fill(sink: &mut Sink, size: Size, password_hash: &str) -> anyhow::Result<()> {
    let tables = rows::tables(size, password_hash);
    let names: Vec<&str> = tables.iter().map(|t| t.name).collect();
    match sink {
        Sink::Postgres(postgres) => {
            let indexes = postgres.begin(&names).await?;
            for table in tables {
                postgres.write(table).await?;
            }
            postgres.finish(indexes).await
        }
        Sink::Sqlite(sqlite) => {
            let indexes = sqlite.begin()?;
            for table in tables {
                sqlite.write(table)?;
            }
            sqlite.finish(&indexes)
        }
    }
}
