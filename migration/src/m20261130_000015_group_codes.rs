//! What a group gives as one text beside its rows: whoever calls is asked for their rights with each request.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("codes").text().not_null().default("").take();
        manager.alter_table(Table::alter().table("groups").add_column(column).take()).await?;
        let codes = "UPDATE groups SET codes = COALESCE((SELECT string_agg(p.code, ' ' ORDER BY p.code) FROM group_permissions gp \
                     JOIN permissions p ON p.id = gp.permission_id WHERE gp.group_id = groups.id), '')";
        manager.get_connection().execute_unprepared(codes).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("groups").drop_column("codes").take()).await
    }
}
