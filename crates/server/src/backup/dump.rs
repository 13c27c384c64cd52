//! All rows as text: what two instances are compared by.

use sea_orm::ConnectionTrait as _;

use super::table;
use crate::state::AppState;

/// A table with its rows.
pub struct Dumped {
    /// Its name.
    pub name: String,
    /// A JSON list for each row, in the order of the key.
    pub rows: Vec<String>,
}

/// Every table of the instance, in memory: for tests and small instances.
pub async fn dump(state: &AppState) -> anyhow::Result<Vec<Dumped>> {
    let db = state.db.reader();
    let mut tables = Vec::new();
    for table in table::all()? {
        let mut rows = Vec::new();
        for row in db.query_all(&table.select()).await? {
            rows.push(serde_json::to_string(&table.read(&row)?)?);
        }
        tables.push(Dumped { name: table.name, rows });
    }
    Ok(tables)
}
