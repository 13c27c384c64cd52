//! SQL of detection levels.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, SelectExt};
use tyrian_entity::detection_level::{Column, Entity, Model};
use tyrian_entity::mission_test;
use uuid::Uuid;

/// All levels, the best last.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Rank).order_by_asc(Column::Code).all(db).await
}

/// Is there such a level?
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Entity::find_by_id(id).exists(db).await
}

/// Has a level this code?
pub async fn code_taken(db: &impl ConnectionTrait, code: &str) -> Result<bool, DbErr> {
    Entity::find().filter(Column::Code.eq(code)).exists(db).await
}

/// One level. All of them are locked, in one order: which one is the default concerns all.
pub async fn lock(txn: &DatabaseTransaction, id: Uuid) -> Result<Option<Model>, DbErr> {
    lock_all(txn).await?;
    Entity::find_by_id(id).one(txn).await
}

/// Waits until nobody else changes levels; on SQLite the transaction holds the only write lock already.
pub async fn lock_all(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    if txn.get_database_backend() == sea_orm::DbBackend::Postgres {
        txn.execute_unprepared("SELECT 1 FROM detection_levels ORDER BY id FOR NO KEY UPDATE").await?;
    }
    Ok(())
}

/// No level but this one is the default any more.
pub async fn only_default(txn: &DatabaseTransaction, id: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::IsDefault, Expr::value(false))
        .col_expr(Column::UpdatedAt, Expr::value(crate::now()))
        .filter(Column::IsDefault.eq(true))
        .filter(Column::Id.ne(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Does a test name this level, in whatever mission, deleted ones too?
pub async fn is_used(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    mission_test::Entity::find().filter(mission_test::Column::DetectionLevelId.eq(id)).exists(db).await
}

/// Removes a level for good.
pub async fn delete(txn: &DatabaseTransaction, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}
