//! The ATT&CK catalogue as the last sync left it: tactics, techniques, subtechniques, and which technique stands in which tactic.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, *};
use sea_orm_migration::schema::{boolean, integer, json_binary, text};

use crate::helpers::{NewTable, drop_tables};

const DOMAINS: [&str; 3] = ["enterprise", "mobile", "ics"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "mitre_tactics")
            .id()
            .column(text("stix_id"))
            .column(text("domain"))
            .sorted_text("external_id")
            .sorted_text("short_name")
            .column(text("name"))
            .optional_texts(&["description", "url"])
            // The matrix's own order.
            .column(integer("position"))
            // A tactic too can leave the bundle; it is marked, as a technique is.
            .column(boolean("is_deprecated").default(false).take())
            .column(boolean("is_revoked").default(false).take())
            .times()
            .one_of("domain", &DOMAINS)
            .unique(&["domain", "stix_id"])
            .index(&["external_id"])
            .create()
            .await?;

        technique_columns(NewTable::new(manager, "mitre_techniques")).create().await?;

        technique_columns(NewTable::new(manager, "mitre_subtechniques"))
            .references("technique_id", "mitre_techniques", Cascade)
            .index(&["technique_id"])
            .create()
            .await?;

        NewTable::new(manager, "mitre_technique_tactics")
            .references("technique_id", "mitre_techniques", Cascade)
            .references("tactic_id", "mitre_tactics", Cascade)
            .primary_key(&["technique_id", "tactic_id"])
            .index(&["tactic_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["mitre_technique_tactics", "mitre_subtechniques", "mitre_techniques", "mitre_tactics"]).await
    }
}

/// What a technique and a subtechnique have in common: all but the parent.
fn technique_columns(table: NewTable<'_>) -> NewTable<'_> {
    table
        .id()
        .column(text("stix_id"))
        .column(text("domain"))
        .sorted_text("external_id")
        .column(text("name"))
        .optional_texts(&["description", "url"])
        .column(json_binary("platforms"))
        .column(boolean("is_deprecated").default(false).take())
        .column(boolean("is_revoked").default(false).take())
        // The end of the chain of revocations.
        .optional_texts(&["revoked_by_external_id"])
        .column(text("search_text"))
        .times()
        .one_of("domain", &DOMAINS)
        .unique(&["domain", "stix_id"])
        .index(&["external_id"])
}
