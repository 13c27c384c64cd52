//! What imports need to know again what they brought: the version that they left a template at, where a mission came
//! from, and which entry of which log filled which test.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, *};
use sea_orm_migration::schema::{big_integer, big_integer_null, text, timestamp_with_time_zone};

use crate::helpers::{NewTable, drop_tables};

/// Libraries whose entries can be imported.
const LIBRARIES: [&str; 2] = ["test_templates", "scenario_templates"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for library in LIBRARIES {
            // Another version than this: somebody edited it since.
            manager.alter_table(Table::alter().table(library).add_column(big_integer_null("source_version")).take()).await?;
        }

        // Not unique: two people who do not see one another's missions can import the same file.
        NewTable::new(manager, "mission_sources")
            .references("mission_id", "missions", Cascade)
            .column(text("source_kind"))
            .column(text("source_id"))
            .column(text("source_checksum"))
            // The mission's content_version as the import left it.
            .column(big_integer("source_version"))
            .times()
            .primary_key(&["mission_id"])
            .index(&["source_kind", "source_id"])
            .create()
            .await?;

        NewTable::new(manager, "mission_test_results")
            .id()
            .references("mission_id", "missions", Cascade)
            .references("mission_test_id", "mission_tests", Cascade)
            .column(text("external_key"))
            .column(timestamp_with_time_zone("created_at"))
            .unique(&["mission_id", "external_key"])
            .index(&["mission_test_id"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["mission_test_results", "mission_sources"]).await?;
        for library in LIBRARIES {
            manager.alter_table(Table::alter().table(library).drop_column("source_version").take()).await?;
        }
        Ok(())
    }
}
