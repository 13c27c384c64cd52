//! A table builder that gives every key, constraint and index its name by the convention:
//! `pk_` `fk_` `ck_` `uq_` `ix_`, then the table, then the column or columns. The only place that asks which engine it is.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

/// One table in the making; [`NewTable::create`] writes it and its indexes.
pub(crate) struct NewTable<'m> {
    manager: &'m SchemaManager<'m>,
    postgres: bool,
    name: &'static str,
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

impl<'m> NewTable<'m> {
    pub(crate) fn new(manager: &'m SchemaManager<'m>, name: &'static str) -> Self {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        Self { manager, postgres, name, table: Table::create().table(name).take(), indexes: Vec::new() }
    }

    /// `id uuid`, the primary key. The application makes it (UUID v7).
    pub(crate) fn id(self) -> Self {
        self.column(uuid("id")).primary_key(&["id"])
    }

    /// The primary key over columns that stand in the table already.
    pub(crate) fn primary_key(mut self, columns: &[&'static str]) -> Self {
        let mut key = Index::create().name(format!("pk_{}", self.name)).primary().take();
        for column in columns {
            key.col(*column);
        }
        self.table.primary_key(&mut key);
        self
    }

    /// A column. A JSON one gets a CHECK on SQLite, which would store any text in it.
    pub(crate) fn column(mut self, column: ColumnDef) -> Self {
        let name = column.get_column_name();
        let json = column.get_column_type() == Some(&ColumnType::JsonBinary);
        self.table.col(column);
        if json && !self.postgres {
            let valid = Expr::cust(format!("json_valid(\"{name}\")"));
            return self.check(&name, valid);
        }
        self
    }

    /// Text that is sorted and paged by. PostgreSQL gets the C collation: code-point order, as SQLite has it.
    pub(crate) fn sorted_text(mut self, name: &'static str) -> Self {
        let mut column = text(name);
        if self.postgres {
            column.extra("COLLATE \"C\"");
        }
        self.table.col(column);
        self
    }

    /// Text that may be missing.
    pub(crate) fn optional_texts(mut self, names: &[&'static str]) -> Self {
        for name in names {
            self.table.col(text_null(*name));
        }
        self
    }

    /// `created_at` and `updated_at`. No default: the application's clock sets them, never the database's.
    pub(crate) fn times(self) -> Self {
        self.column(timestamp_with_time_zone("created_at")).column(timestamp_with_time_zone("updated_at"))
    }

    /// The optimistic lock.
    pub(crate) fn version(self) -> Self {
        self.column(big_integer("version").default(1).take())
    }

    /// `deleted_at`, and `ix_<table>_active` over what is not deleted.
    pub(crate) fn soft_delete(self, active: &[&'static str]) -> Self {
        let name = format!("ix_{}_active", self.name);
        self.column(timestamp_with_time_zone_null("deleted_at")).add_index(&name, active, false, Some(is_active()))
    }

    /// A required foreign key to another table's `id`.
    pub(crate) fn references(self, column: &'static str, table: &'static str, on_delete: ForeignKeyAction) -> Self {
        self.column(uuid(column)).foreign_key(column, table, on_delete)
    }

    /// A foreign key that may be null.
    pub(crate) fn may_reference(self, column: &'static str, table: &'static str, on_delete: ForeignKeyAction) -> Self {
        self.column(uuid_null(column)).foreign_key(column, table, on_delete)
    }

    fn foreign_key(mut self, column: &'static str, table: &'static str, on_delete: ForeignKeyAction) -> Self {
        let name = format!("fk_{}_{column}", self.name);
        self.table.foreign_key(ForeignKey::create().name(name).from(self.name, column).to(table, "id").on_delete(on_delete));
        self
    }

    /// `ck_<table>_<column>`: the column, where it is set, is one of these words.
    pub(crate) fn one_of(self, column: &'static str, words: &[&'static str]) -> Self {
        let allowed = Expr::col(column).is_in(words.iter().copied());
        self.check(column, allowed)
    }

    /// `ck_<table>_<subject>`.
    pub(crate) fn check(mut self, subject: &str, rule: Expr) -> Self {
        self.table.check((format!("ck_{}_{subject}", self.name), rule));
        self
    }

    /// `ix_<table>_<columns>`.
    pub(crate) fn index(self, columns: &[&'static str]) -> Self {
        let name = format!("ix_{}_{}", self.name, columns.join("_"));
        self.add_index(&name, columns, false, None)
    }

    /// `ix_<table>_<columns>` over the rows in which the first column is set: for a foreign key that mostly is not.
    pub(crate) fn index_where_set(self, columns: &[&'static str]) -> Self {
        let name = format!("ix_{}_{}", self.name, columns.join("_"));
        let set = columns.first().map(|first| Expr::col(*first).is_not_null());
        self.add_index(&name, columns, false, set)
    }

    /// `ix_<table>_<columns>` over the active rows: what a list sorts and pages by.
    pub(crate) fn index_active(self, columns: &[&'static str]) -> Self {
        let name = format!("ix_{}_{}", self.name, columns.join("_"));
        self.add_index(&name, columns, false, Some(is_active()))
    }

    /// An index of a given subject over the rows that a rule names.
    pub(crate) fn index_where(self, subject: &str, columns: &[&'static str], rule: Expr) -> Self {
        let name = format!("ix_{}_{subject}", self.name);
        self.add_index(&name, columns, false, Some(rule))
    }

    /// `uq_<table>_<columns>`.
    pub(crate) fn unique(self, columns: &[&'static str]) -> Self {
        let name = format!("uq_{}_{}", self.name, columns.join("_"));
        self.add_index(&name, columns, true, None)
    }

    /// `uq_<table>_<subject>` over the rows that a rule names.
    pub(crate) fn unique_where(self, subject: &str, columns: &[&'static str], rule: Expr) -> Self {
        let name = format!("uq_{}_{subject}", self.name);
        self.add_index(&name, columns, true, Some(rule))
    }

    fn add_index(mut self, name: &str, columns: &[&'static str], unique: bool, rule: Option<Expr>) -> Self {
        let mut index = Index::create().name(name).table(self.name).take();
        for column in columns {
            index.col(*column);
        }
        if unique {
            index.unique();
        }
        if let Some(rule) = rule {
            index.and_where(rule);
        }
        self.indexes.push(index);
        self
    }

    /// Writes the table, then its indexes.
    pub(crate) async fn create(self) -> Result<(), DbErr> {
        self.manager.create_table(self.table).await?;
        for index in self.indexes {
            self.manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Not soft-deleted.
pub(crate) fn is_active() -> Expr {
    Expr::col("deleted_at").is_null()
}

/// Not soft-deleted, and the column is set.
pub(crate) fn is_active_and_set(column: &'static str) -> Expr {
    is_active().and(Expr::col(column).is_not_null())
}

/// Drops tables in the order given: children before parents.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).take()).await?;
    }
    Ok(())
}
