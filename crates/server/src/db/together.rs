//! Writes of a transaction that do not read what one another wrote, in one statement: what costs is to wait for each.

use sea_orm::sea_query::{CommonTableExpression, Query, SubQueryStatement};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

/// Writes that are to be sent, in the order in which they were added.
#[derive(Default)]
pub struct Writes(Vec<SubQueryStatement>);

impl Writes {
    /// One more, of rows that no other of them touches.
    pub fn add(&mut self, write: impl Into<SubQueryStatement>) {
        self.0.push(write.into());
    }

    /// Sends them: on PostgreSQL the last one with the others as its WITH, on SQLite one behind the other in one text.
    pub async fn send(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        let backend = txn.get_database_backend();
        let statement = if backend == DbBackend::Postgres { as_one(self.0) } else { in_a_row(backend, &self.0) };
        if let Some(statement) = statement {
            txn.execute_raw(statement).await?;
        }
        Ok(())
    }
}

fn as_one(mut writes: Vec<SubQueryStatement>) -> Option<Statement> {
    let last = writes.pop()?;
    if writes.is_empty() {
        return Some(alone(DbBackend::Postgres, &last));
    }
    let mut before = Query::with();
    for (n, write) in writes.into_iter().enumerate() {
        before.cte(CommonTableExpression::new().table_name(format!("w{n}")).query(write).to_owned());
    }
    Some(DbBackend::Postgres.build(&before.query(last)))
}

fn in_a_row(backend: DbBackend, writes: &[SubQueryStatement]) -> Option<Statement> {
    let each: Vec<Statement> = writes.iter().map(|write| alone(backend, write)).collect();
    let sql = each.iter().map(|s| s.sql.as_str()).collect::<Vec<_>>().join("; ");
    let values = each.into_iter().flat_map(|s| s.values.map(|values| values.0).unwrap_or_default());
    (!sql.is_empty()).then(|| Statement::from_sql_and_values(backend, sql, values))
}

fn alone(backend: DbBackend, write: &SubQueryStatement) -> Statement {
    match write {
        SubQueryStatement::SelectStatement(s) => backend.build(s),
        SubQueryStatement::InsertStatement(s) => backend.build(s),
        SubQueryStatement::UpdateStatement(s) => backend.build(s),
        SubQueryStatement::DeleteStatement(s) => backend.build(s),
        SubQueryStatement::WithStatement(s) => backend.build(s),
    }
}
