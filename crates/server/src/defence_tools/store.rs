//! SQL of defence tools. A deleted one is invisible here.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, Select, SelectExt};
use tyrian_domain::text;
use tyrian_entity::defence_tool::{Column, Entity, Model};
use tyrian_entity::mission_test_detection;
use uuid::Uuid;

fn active() -> Select<Entity> {
    Entity::find().filter(Column::DeletedAt.is_null())
}

/// The tools by name: all, or those that are offered for new detections.
pub async fn list(db: &impl ConnectionTrait, only_active: bool) -> Result<Vec<Model>, DbErr> {
    let mut query = active();
    if only_active {
        query = query.filter(Column::IsActive.eq(true));
    }
    query.order_by_asc(Column::NameKey).order_by_asc(Column::Id).all(db).await
}

/// Is there such a tool?
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    active().filter(Column::Id.eq(id)).exists(db).await
}

/// One tool, locked until the transaction ends.
pub async fn lock(txn: &DatabaseTransaction, id: Uuid) -> Result<Option<Model>, DbErr> {
    crate::db::lock_row(txn, "defence_tools", id).await?;
    active().filter(Column::Id.eq(id)).one(txn).await
}

/// Has another tool this name, whatever the case?
pub async fn name_taken(db: &impl ConnectionTrait, name: &str, but: Option<Uuid>) -> Result<bool, DbErr> {
    let mut query = active().filter(Column::NameKey.eq(text::key(name)));
    if let Some(id) = but {
        query = query.filter(Column::Id.ne(id));
    }
    query.exists(db).await
}

/// Does a detection name this tool, in whatever mission?
pub async fn is_used(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    mission_test_detection::Entity::find().filter(mission_test_detection::Column::DefenceToolId.eq(id)).exists(db).await
}
