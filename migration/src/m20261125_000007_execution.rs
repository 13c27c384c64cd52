//! Running a mission: what each defence tool did, what people say about it, and the numbered log of what happened.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, ForeignKeyAction::Restrict, ForeignKeyAction::SetNull, *};
use sea_orm_migration::schema::{big_integer, boolean, json_binary, text, timestamp_with_time_zone, timestamp_with_time_zone_null};

use crate::helpers::{NewTable, drop_tables, is_active};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "defence_tools")
            .id()
            .column(text("name"))
            .sorted_text("name_key")
            .optional_texts(&["vendor"])
            .column(text("kind"))
            .column(boolean("is_active").default(true).take())
            .times()
            .soft_delete(&["name_key", "id"])
            .unique_where("name", &["name_key"], is_active())
            .create()
            .await?;

        NewTable::new(manager, "mission_test_detections")
            .id()
            .references("mission_test_id", "mission_tests", Cascade)
            .references("defence_tool_id", "defence_tools", Restrict)
            .column(text("kind"))
            .column(text("result"))
            .optional_texts(&["severity"])
            .column(timestamp_with_time_zone_null("occurred_at"))
            .optional_texts(&["reference", "rule", "notes"])
            .version()
            .times()
            .one_of("kind", &["logged", "alerted", "prevented"])
            .one_of("result", &["yes", "partial", "no", "not_applicable"])
            .one_of("severity", &["none", "low", "medium", "high", "critical"])
            .unique(&["mission_test_id", "defence_tool_id", "kind"])
            .index(&["defence_tool_id"])
            .create()
            .await?;

        NewTable::new(manager, "mission_comments")
            .id()
            .references("mission_id", "missions", Cascade)
            // Null: on the mission as a whole.
            .may_reference("mission_test_id", "mission_tests", Cascade)
            .may_reference("author_id", "users", SetNull)
            .column(text("body"))
            .column(timestamp_with_time_zone_null("edited_at"))
            .version()
            .times()
            .index(&["mission_id", "created_at", "id"])
            .index_where_set(&["mission_test_id", "created_at", "id"])
            .create()
            .await?;

        // Numbered by the mission's row in the writing transaction, so that numbers become visible in their order.
        NewTable::new(manager, "mission_events")
            .id()
            .references("mission_id", "missions", Cascade)
            .column(big_integer("sequence"))
            .column(timestamp_with_time_zone("at"))
            .may_reference("actor_id", "users", SetNull)
            .column(text("kind"))
            .may_reference("mission_test_id", "mission_tests", Cascade)
            .column(boolean("disclosed"))
            .column(json_binary("payload"))
            .unique(&["mission_id", "sequence"])
            .index(&["at"])
            .index_where_set(&["mission_test_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["mission_events", "mission_comments", "mission_test_detections", "defence_tools"]).await
    }
}
