//! Missions: frozen copies of scenarios and tests, who takes part, what red did and what blue saw, and the evidence of both.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, ForeignKeyAction::Restrict, ForeignKeyAction::SetNull, *};
use sea_orm_migration::schema::{
    big_integer, boolean, date_null, integer, json_binary, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

use crate::helpers::{NewTable, drop_tables};

const FACTS: [&str; 5] = ["yes", "partial", "no", "not_applicable", "unknown"];
const SEVERITIES: [&str; 5] = ["none", "low", "medium", "high", "critical"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "detection_levels")
            .id()
            .sorted_text("code")
            .column(text("name"))
            .optional_texts(&["description"])
            .column(text("color"))
            // Higher is better for the defenders.
            .column(integer("rank"))
            .column(boolean("is_default").default(false).take())
            .column(boolean("is_retired").default(false).take())
            .times()
            .unique(&["code"])
            .create()
            .await?;

        missions(manager).await?;
        mission_parts(manager).await?;
        mission_tests(manager).await?;

        // A copy on purpose, without a key into the catalogue: a later sync cannot rewrite history.
        NewTable::new(manager, "mission_test_mitre_tags")
            .id()
            .references("mission_test_id", "mission_tests", Cascade)
            .column(text("kind"))
            .sorted_text("external_id")
            .column(text("name"))
            .optional_texts(&["url"])
            // Short name and name of each tactic that it stood in.
            .column(json_binary("tactics"))
            .optional_texts(&["attack_version"])
            .column(integer("ordinal"))
            .column(timestamp_with_time_zone("created_at"))
            .one_of("kind", &["tactic", "technique", "subtechnique"])
            .index(&["mission_test_id", "ordinal"])
            .index(&["external_id"])
            .create()
            .await?;

        NewTable::new(manager, "evidence_files")
            .id()
            .references("mission_test_id", "mission_tests", Cascade)
            .column(text("side"))
            .column(text("file_name"))
            .column(text("content_type"))
            .column(big_integer("size_bytes"))
            .column(text("sha256"))
            .column(text("storage_key"))
            .optional_texts(&["caption"])
            .may_reference("uploaded_by_id", "users", SetNull)
            .times()
            .one_of("side", &["red", "blue"])
            .check("size_bytes", Expr::col("size_bytes").gte(0))
            .unique(&["storage_key"])
            .soft_delete(&["mission_test_id", "created_at", "id"])
            .index(&["mission_test_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "evidence_files",
                "mission_test_mitre_tags",
                "mission_tests",
                "mission_categories",
                "mission_scenarios",
                "mission_members",
                "missions",
                "detection_levels",
            ],
        )
        .await
    }
}

async fn missions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::new(manager, "missions")
        .id()
        .column(text("name"))
        .sorted_text("name_key")
        .column(text("client"))
        .sorted_text("client_key")
        .column(text("search_text"))
        .optional_texts(&["description", "objectives", "scope", "threat_model", "executive_summary"])
        .column(text("status"))
        .column(date_null("start_date"))
        .column(date_null("end_date"))
        .may_reference("retest_of_id", "missions", SetNull)
        .may_reference("created_by_id", "users", SetNull)
        .optional_texts(&["attack_version"])
        .version()
        // Bumped by any change under the mission, where `version` guards its own fields only.
        .column(big_integer("content_version").default(1).take())
        .column(big_integer("event_sequence").default(0).take())
        // Kept counts, by state and by outcome: of all tests, and of those that blue may see.
        .column(json_binary("counters_all"))
        .column(json_binary("counters_disclosed"))
        .times()
        .one_of("status", &["draft", "in_progress", "completed", "archived"])
        .check("end_date", Expr::col("end_date").gte(Expr::col("start_date")))
        .soft_delete(&["created_at", "id"])
        .index_active(&["name_key", "id"])
        .index_active(&["client_key", "id"])
        .index_active(&["status", "created_at", "id"])
        .index_where_set(&["retest_of_id"])
        .create()
        .await
}

/// Members, scenarios and categories: what hangs on a mission beside its tests.
async fn mission_parts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::new(manager, "mission_members")
        .references("mission_id", "missions", Cascade)
        .references("user_id", "users", Cascade)
        .column(text("role_hint"))
        .times()
        .primary_key(&["mission_id", "user_id"])
        .one_of("role_hint", &["red", "blue", "purple", "observer"])
        .index(&["user_id"])
        .create()
        .await?;

    NewTable::new(manager, "mission_scenarios")
        .id()
        .references("mission_id", "missions", Cascade)
        .may_reference("source_scenario_template_id", "scenario_templates", SetNull)
        .column(text("name"))
        .optional_texts(&["description", "threat_actor"])
        .column(integer("position"))
        .times()
        .soft_delete(&["mission_id", "position", "id"])
        .index(&["mission_id"])
        .index_where_set(&["source_scenario_template_id"])
        .create()
        .await?;

    NewTable::new(manager, "mission_categories")
        .id()
        .references("mission_id", "missions", Cascade)
        .column(text("name"))
        .optional_texts(&["color"])
        .column(integer("position"))
        .optional_texts(&["summary"])
        .version()
        .times()
        .soft_delete(&["mission_id", "position", "id"])
        .index(&["mission_id"])
        .create()
        .await
}

async fn mission_tests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::new(manager, "mission_tests")
        .id()
        .references("mission_id", "missions", Cascade)
        .references("mission_scenario_id", "mission_scenarios", Cascade)
        .may_reference("source_test_template_id", "test_templates", SetNull)
        .may_reference("retest_of_test_id", "mission_tests", SetNull)
        .may_reference("category_id", "mission_categories", SetNull)
        .column(integer("position"))
        // The copied plan: every text and setting of the template.
        .column(text("name"))
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
        .column(json_binary("reference_links"))
        .optional_texts(&["source_kind", "source_id"])
        .column(text("state"))
        .column(boolean("disclosed"))
        // Red.
        .may_reference("operator_id", "users", SetNull)
        .optional_texts(&["source_host", "target_host"])
        .column(timestamp_with_time_zone_null("started_at"))
        .column(timestamp_with_time_zone_null("ended_at"))
        .column(json_binary("argument_values"))
        .optional_texts(&["command_run", "output", "red_notes"])
        // Blue. Three independent facts; null is "nobody said yet", which is not "unknown".
        .may_reference("assessor_id", "users", SetNull)
        .optional_texts(&["logged", "alerted", "prevented"])
        .may_reference("detection_level_id", "detection_levels", Restrict)
        .column(boolean("is_delayed").default(false).take())
        .column(boolean("needed_config_change").default(false).take())
        .column(timestamp_with_time_zone_null("detected_at"))
        .column(timestamp_with_time_zone_null("alerted_at"))
        .column(timestamp_with_time_zone_null("responded_at"))
        .optional_texts(&["blue_notes", "recommendation", "severity", "priority"])
        // The finding; a null status is no finding.
        .optional_texts(&["finding_status"])
        .may_reference("finding_owner_id", "users", SetNull)
        .column(date_null("finding_due"))
        .optional_texts(&["finding_reference"])
        .version()
        .times()
        .one_of("opsec_level", &["low", "medium", "high"])
        .one_of("executor", &["manual", "sh", "bash", "powershell", "cmd", "python", "other"])
        .one_of("state", &["planned", "running", "executed", "assessed", "skipped"])
        .one_of("logged", &FACTS)
        .one_of("alerted", &FACTS)
        .one_of("prevented", &FACTS)
        .one_of("severity", &SEVERITIES)
        .one_of("priority", &SEVERITIES)
        .one_of("finding_status", &["open", "in_progress", "accepted", "fixed", "verified"])
        .soft_delete(&["mission_id", "mission_scenario_id", "position"])
        .index(&["mission_id"])
        // Not unique: a reorder swaps positions row by row.
        .index(&["mission_scenario_id", "position"])
        .index_where_set(&["source_test_template_id"])
        .index_where_set(&["retest_of_test_id"])
        .index_where_set(&["category_id"])
        .index_where_set(&["detection_level_id"])
        .index_where_set(&["finding_status", "finding_owner_id"])
        .create()
        .await
}
