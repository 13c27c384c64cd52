//! Numbers that grow with each change of something that is dear to count, so that a count which is kept can be told from an
//! old one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

use crate::helpers::{NewTable, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "stamps").sorted_text("name").column(big_integer("version")).primary_key(&["name"]).create().await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["stamps"]).await
    }
}
