//! Who may sign in and what they may do: users, groups, permissions, invitations, sessions.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, ForeignKeyAction::SetNull, *};
use sea_orm_migration::schema::{big_integer, boolean, json_binary, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

use crate::helpers::{NewTable, drop_tables, is_active};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "users")
            .id()
            // Normalised before it is stored, so that unique means unique.
            .sorted_text("email")
            .column(text("display_name"))
            .sorted_text("name_key")
            .column(text("search_text"))
            // Null for whoever signs in by SSO only.
            .optional_texts(&["password_hash"])
            .column(boolean("is_active"))
            .column(boolean("is_admin"))
            .column(timestamp_with_time_zone_null("last_login_at"))
            .optional_texts(&["totp_secret_enc"])
            .column(json_binary("preferences"))
            .version()
            .times()
            .soft_delete(&["created_at", "id"])
            .unique_where("email", &["email"], is_active())
            .index_active(&["name_key", "id"])
            .create()
            .await?;

        NewTable::new(manager, "groups")
            .id()
            .sorted_text("name")
            .sorted_text("name_key")
            .optional_texts(&["description"])
            .column(boolean("is_system").default(false).take())
            .version()
            .times()
            .soft_delete(&["created_at", "id"])
            .unique_where("name", &["name"], is_active())
            .index_active(&["name_key", "id"])
            .create()
            .await?;

        NewTable::new(manager, "permissions").id().sorted_text("code").column(text("description")).unique(&["code"]).create().await?;

        NewTable::new(manager, "user_groups")
            .references("user_id", "users", Cascade)
            .references("group_id", "groups", Cascade)
            .primary_key(&["user_id", "group_id"])
            .index(&["group_id"])
            .create()
            .await?;

        NewTable::new(manager, "group_permissions")
            .references("group_id", "groups", Cascade)
            .references("permission_id", "permissions", Cascade)
            .primary_key(&["group_id", "permission_id"])
            .index(&["permission_id"])
            .create()
            .await?;

        NewTable::new(manager, "invitations")
            .id()
            .sorted_text("email")
            .column(text("token_hash"))
            .may_reference("invited_by_id", "users", SetNull)
            .column(timestamp_with_time_zone("expires_at"))
            .column(timestamp_with_time_zone_null("accepted_at"))
            .column(timestamp_with_time_zone_null("revoked_at"))
            .times()
            .unique(&["token_hash"])
            .index(&["email"])
            .index(&["created_at", "id"])
            .create()
            .await?;

        NewTable::new(manager, "invitation_groups")
            .references("invitation_id", "invitations", Cascade)
            .references("group_id", "groups", Cascade)
            .primary_key(&["invitation_id", "group_id"])
            .index(&["group_id"])
            .create()
            .await?;

        NewTable::new(manager, "refresh_tokens")
            .id()
            .references("user_id", "users", Cascade)
            // All tokens that came from one sign-in; a reuse revokes the whole family.
            .column(uuid("family_id"))
            .column(text("token_hash"))
            .column(big_integer("generation"))
            .column(timestamp_with_time_zone("expires_at"))
            .column(timestamp_with_time_zone_null("used_at"))
            .column(timestamp_with_time_zone_null("revoked_at"))
            .optional_texts(&["user_agent", "ip"])
            .times()
            .unique(&["token_hash"])
            .unique(&["family_id", "generation"])
            .index(&["user_id", "created_at"])
            .index(&["expires_at"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["refresh_tokens", "invitation_groups", "invitations", "group_permissions", "user_groups", "permissions", "groups", "users"],
        )
        .await
    }
}
