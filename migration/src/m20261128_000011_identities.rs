//! Who signs in by a provider of identities: matched by its issuer and its subject, never by an address.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, *};
use sea_orm_migration::schema::{text, timestamp_with_time_zone};

use crate::helpers::{NewTable, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "user_identities")
            .id()
            .references("user_id", "users", Cascade)
            .column(text("issuer"))
            .column(text("subject"))
            .column(timestamp_with_time_zone("created_at"))
            .unique(&["issuer", "subject"])
            .index(&["user_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["user_identities"]).await
    }
}
