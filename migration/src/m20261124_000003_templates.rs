//! What a mission is built from: test templates with their ATT&CK tags, and scenarios that order them.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, ForeignKeyAction::Restrict, ForeignKeyAction::SetNull, *};
use sea_orm_migration::schema::{boolean, integer, json_binary, text, timestamp_with_time_zone};

use crate::helpers::{NewTable, drop_tables, is_active_and_set};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "test_templates")
            .id()
            .column(text("name"))
            .sorted_text("name_key")
            .column(text("search_text"))
            .optional_texts(&["objective", "procedure", "prerequisites", "cleanup", "expected_detection"])
            .column(json_binary("detection_rules"))
            .column(text("opsec_level"))
            .column(json_binary("platforms"))
            .column(json_binary("tags"))
            .column(text("executor"))
            .optional_texts(&["command"])
            .column(json_binary("arguments"))
            .column(boolean("elevation_required").default(false).take())
            // `references` is a reserved word.
            .column(json_binary("reference_links"))
            // Ids that an import named and the catalogue lacks: a later sync may resolve them.
            .column(json_binary("unresolved_tags"))
            .optional_texts(&["source_kind", "source_id", "source_checksum"])
            .may_reference("created_by_id", "users", SetNull)
            .version()
            .times()
            .one_of("opsec_level", &["low", "medium", "high"])
            .one_of("executor", &["manual", "sh", "bash", "powershell", "cmd", "python", "other"])
            .soft_delete(&["created_at", "id"])
            .index_active(&["name_key", "id"])
            .unique_where("source", &["source_kind", "source_id"], is_active_and_set("source_id"))
            .unique_where("source_checksum", &["source_checksum"], is_active_and_set("source_checksum"))
            .create()
            .await?;

        // A tag stops its catalogue row from being deleted: a sync marks what left the bundle.
        let targets = ["tactic_id", "technique_id", "subtechnique_id"];
        let set: Vec<String> = targets.iter().map(|column| format!("(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)")).collect();
        NewTable::new(manager, "test_template_mitre_tags")
            .id()
            .references("test_template_id", "test_templates", Cascade)
            .may_reference("tactic_id", "mitre_tactics", Restrict)
            .may_reference("technique_id", "mitre_techniques", Restrict)
            .may_reference("subtechnique_id", "mitre_subtechniques", Restrict)
            // The place in the template's own list.
            .column(integer("ordinal"))
            .column(timestamp_with_time_zone("created_at"))
            .check("exactly_one_mitre_fk", Expr::cust(format!("{} = 1", set.join(" + "))))
            // Nulls are distinct on both engines: each of the three holds only where its column is set.
            .unique(&["test_template_id", "tactic_id"])
            .unique(&["test_template_id", "technique_id"])
            .unique(&["test_template_id", "subtechnique_id"])
            .index_where_set(&["tactic_id"])
            .index_where_set(&["technique_id"])
            .index_where_set(&["subtechnique_id"])
            .create()
            .await?;

        NewTable::new(manager, "scenario_templates")
            .id()
            .column(text("name"))
            .sorted_text("name_key")
            .column(text("search_text"))
            .optional_texts(&["description", "threat_actor"])
            .column(json_binary("tags"))
            .optional_texts(&["source_kind", "source_id", "source_checksum"])
            .may_reference("created_by_id", "users", SetNull)
            .version()
            .times()
            .soft_delete(&["created_at", "id"])
            .index_active(&["name_key", "id"])
            .unique_where("source", &["source_kind", "source_id"], is_active_and_set("source_id"))
            .unique_where("source_checksum", &["source_checksum"], is_active_and_set("source_checksum"))
            .create()
            .await?;

        // One test may stand at several positions, so the pair is not unique: the position is.
        NewTable::new(manager, "scenario_template_tests")
            .id()
            .references("scenario_template_id", "scenario_templates", Cascade)
            .references("test_template_id", "test_templates", Cascade)
            .column(integer("position"))
            .column(timestamp_with_time_zone("created_at"))
            .unique(&["scenario_template_id", "position"])
            .index(&["test_template_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["scenario_template_tests", "scenario_templates", "test_template_mitre_tags", "test_templates"]).await
    }
}
