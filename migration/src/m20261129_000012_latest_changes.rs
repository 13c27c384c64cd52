//! The libraries by their latest change, as their lists sort them.

use sea_orm_migration::prelude::*;

use crate::helpers::is_active;

const LIBRARIES: [&str; 2] = ["test_templates", "scenario_templates"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn index(table: &str) -> String {
    format!("ix_{table}_updated_at_id")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in LIBRARIES {
            let by_change = Index::create().name(index(table)).table(table).col("updated_at").col("id").and_where(is_active()).take();
            manager.create_index(by_change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in LIBRARIES {
            manager.drop_index(Index::drop().name(index(table)).table(table).to_owned()).await?;
        }
        Ok(())
    }
}
