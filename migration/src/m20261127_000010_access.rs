//! Other ways in than a password: tokens of scripts, the second factor's recovery codes, the reset of a forgotten password.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, *};
use sea_orm_migration::schema::{big_integer_null, json_binary, text, timestamp_with_time_zone, timestamp_with_time_zone_null};

use crate::helpers::{NewTable, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "api_tokens")
            .id()
            .references("user_id", "users", Cascade)
            .column(text("name"))
            .column(text("token_hash"))
            .column(json_binary("scopes"))
            .column(timestamp_with_time_zone_null("expires_at"))
            .column(timestamp_with_time_zone_null("last_used_at"))
            .column(timestamp_with_time_zone_null("revoked_at"))
            .times()
            .unique(&["token_hash"])
            .index(&["user_id", "created_at"])
            .create()
            .await?;

        NewTable::new(manager, "recovery_codes")
            .id()
            .references("user_id", "users", Cascade)
            .column(text("code_hash"))
            .column(timestamp_with_time_zone_null("used_at"))
            .column(timestamp_with_time_zone("created_at"))
            .unique(&["user_id", "code_hash"])
            .create()
            .await?;

        NewTable::new(manager, "password_resets")
            .id()
            .references("user_id", "users", Cascade)
            .column(text("token_hash"))
            .column(timestamp_with_time_zone("expires_at"))
            .column(timestamp_with_time_zone_null("used_at"))
            .column(timestamp_with_time_zone("created_at"))
            .unique(&["token_hash"])
            .index(&["user_id"])
            .index(&["expires_at"])
            .create()
            .await?;

        // The time step of the last code that was taken: none is taken twice.
        manager.alter_table(Table::alter().table("users").add_column(big_integer_null("totp_last_step")).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("users").drop_column("totp_last_step").take()).await?;
        drop_tables(manager, &["password_resets", "recovery_codes", "api_tokens"]).await
    }
}
