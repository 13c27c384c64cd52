//! Valid rows for any table, made from what the engine says of its columns: the base that a bad value is put into.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm_migration::prelude::DbErr;
use uuid::Uuid;

use crate::engine::Db;
use crate::expected::{Expected, TABLES};

/// No number stands twice, so that no unique key is what stops a row.
static NUMBERS: AtomicU32 = AtomicU32::new(1000);

/// One valid row in every table; knows their ids.
pub struct Rows {
    db: Db,
    ids: BTreeMap<&'static str, Uuid>,
}

impl Rows {
    /// Adds one valid row to every table, parents first.
    pub async fn fill(db: &Db) -> Self {
        let mut rows = Self { db: db.clone(), ids: BTreeMap::new() };
        for table in TABLES {
            let id = Uuid::now_v7();
            let mine = rows.uuid(id);
            rows.insert_as(table, &mine, &[]).await.unwrap_or_else(|error| panic!("a valid row in {}: {error}", table.name));
            rows.ids.insert(table.name, id);
        }
        rows
    }

    /// Another row of the table, valid but for what is set.
    pub async fn insert(&self, table: &Expected, set: &[(&str, &str)]) -> Result<(), DbErr> {
        self.insert_as(table, &self.uuid(Uuid::now_v7()), set).await
    }

    /// Changes one column of the table's valid row.
    pub async fn update(&self, table: &Expected, column: &str, literal: &str) -> Result<(), DbErr> {
        self.db.run(&format!("UPDATE {} SET {column} = {literal}", table.name)).await
    }

    /// The row of the table that a foreign key points to.
    pub fn parent(&self, table: &Expected, column: &str) -> String {
        let (_, parent, _) = table.foreign.iter().find(|(name, ..)| *name == column).unwrap();
        self.uuid(*self.ids.get(parent).unwrap())
    }

    pub fn uuid(&self, id: Uuid) -> String {
        if self.db.postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    async fn insert_as(&self, table: &Expected, id: &str, set: &[(&str, &str)]) -> Result<(), DbErr> {
        let mut row: BTreeMap<String, String> = BTreeMap::new();
        for column in self.db.columns(table.name).await {
            let name = column.name.as_str();
            let wanted = (column.required && column.default.is_none()) || table.filled.contains(&name);
            if !wanted {
                continue;
            }
            let word = table.words.iter().find(|(of, _)| *of == name).and_then(|(_, words)| words.first());
            let literal = match (name, word) {
                ("id", _) => id.to_owned(),
                (_, Some(word)) => format!("'{word}'"),
                _ if table.foreign.iter().any(|(of, ..)| *of == name) => self.parent(table, name),
                _ => self.any(&column.kind),
            };
            row.insert(column.name, literal);
        }
        for (column, literal) in set {
            let literal = if literal.is_empty() { self.parent(table, column) } else { (*literal).to_owned() };
            row.insert((*column).to_owned(), literal);
        }
        let columns: Vec<String> = row.keys().map(|name| format!("\"{name}\"")).collect();
        let values: Vec<String> = row.into_values().collect();
        self.db.run(&format!("INSERT INTO {} ({}) VALUES ({})", table.name, columns.join(", "), values.join(", "))).await
    }

    fn any(&self, kind: &str) -> String {
        match kind.to_lowercase().as_str() {
            "uuid" | "uuid_text" => self.uuid(Uuid::now_v7()),
            "text" => format!("'text {}'", Uuid::now_v7()),
            "int4" | "int8" | "integer" | "bigint" => NUMBERS.fetch_add(1, Ordering::Relaxed).to_string(),
            "bool" | "boolean" => "TRUE".to_owned(),
            "jsonb" | "jsonb_text" => "'{}'".to_owned(),
            "date" | "date_text" => "'2026-01-01'".to_owned(),
            "timestamptz" | "timestamp_with_timezone_text" => "'2026-01-01T00:00:00.000000+00:00'".to_owned(),
            other => panic!("no value for a column of type {other}"),
        }
    }
}
