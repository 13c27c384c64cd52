//! Tickets by which a browser, which cannot send a token with a link, downloads one thing once.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, *};
use sea_orm_migration::schema::{text, timestamp_with_time_zone, uuid};

use crate::helpers::{NewTable, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "download_tickets")
            .id()
            .references("user_id", "users", Cascade)
            // the session that asked: with it the ticket ends
            .column(uuid("family_id"))
            .column(text("token_hash"))
            .column(text("path"))
            .column(timestamp_with_time_zone("expires_at"))
            .column(timestamp_with_time_zone("created_at"))
            .unique(&["token_hash"])
            .index(&["expires_at"])
            .index(&["user_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["download_tickets"]).await
    }
}
