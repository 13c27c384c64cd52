//! SQL of categories. Their positions are dense from 0; who changes them holds the mission's row, so two moves cannot mix.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};
use tyrian_entity::mission_category::{Column, Entity, Model};
use tyrian_entity::mission_test;
use uuid::Uuid;

use crate::missions::MissionScope;

fn active(scope: &MissionScope) -> Select<Entity> {
    Entity::find().filter(Column::MissionId.eq(scope.id())).filter(Column::DeletedAt.is_null())
}

/// The categories of a mission in order.
pub async fn all(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<Model>, DbErr> {
    active(scope).order_by_asc(Column::Position).order_by_asc(Column::Id).all(db).await
}

/// One category.
pub async fn find(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> Result<Option<Model>, DbErr> {
    active(scope).filter(Column::Id.eq(id)).one(db).await
}

/// How many there are.
pub async fn count(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<i32, DbErr> {
    Ok(i32::try_from(active(scope).count(db).await?).unwrap_or(i32::MAX))
}

/// Makes room: those from `first` to `last` move by `by`. Their versions stay, since nobody edited them.
pub async fn shift(txn: &DatabaseTransaction, scope: &MissionScope, first: i32, last: i32, by: i32) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Position, Expr::col(Column::Position).add(by))
        .filter(Column::MissionId.eq(scope.id()))
        .filter(Column::DeletedAt.is_null())
        .filter(Column::Position.between(first, last))
        .exec(txn)
        .await?;
    Ok(())
}

/// Takes the tests out of a category. It changes what they say, so an edit that did not know it is stale.
pub async fn release_tests(txn: &DatabaseTransaction, scope: &MissionScope, category: Uuid) -> Result<(), DbErr> {
    use mission_test::Column as T;
    mission_test::Entity::update_many()
        .col_expr(T::CategoryId, Expr::value(Option::<Uuid>::None))
        .col_expr(T::Version, Expr::col(T::Version).add(1))
        .col_expr(T::UpdatedAt, Expr::value(crate::now()))
        .filter(T::MissionId.eq(scope.id()))
        .filter(T::CategoryId.eq(category))
        .exec(txn)
        .await?;
    Ok(())
}

/// Marks a category as deleted.
pub async fn delete(txn: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    let now = crate::now();
    Entity::update(tyrian_entity::mission_category::ActiveModel {
        id: ActiveValue::Unchanged(row.id),
        deleted_at: ActiveValue::Set(Some(now)),
        updated_at: ActiveValue::Set(now),
        version: ActiveValue::Set(row.version + 1),
        ..Default::default()
    })
    .exec_without_returning(txn)
    .await?;
    Ok(())
}
