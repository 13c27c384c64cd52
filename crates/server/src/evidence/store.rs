//! SQL of evidence. What is read of a mission is what the caller sees of its tests.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, IntoActiveModel as _, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _, Select,
};
use tyrian_entity::evidence_file::{self, Column};
use tyrian_entity::mission_test;
use uuid::Uuid;

use crate::missions::{MissionScope, store};

/// A piece of evidence with the name of who added it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    /// The piece.
    #[sea_orm(nested)]
    pub file: evidence_file::Model,
    /// The name others see.
    pub uploader: Option<String>,
}

/// Has a piece of this id a row? What is committed counts.
pub async fn is_recorded(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(mission_of(db, id).await?.is_some())
}

/// The mission of a piece of evidence, deleted or not, seen or not: the caller's scope is made of it.
pub async fn mission_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>, DbErr> {
    evidence_file::Entity::find_by_id(id)
        .select_only()
        .expr(Expr::cust("(SELECT t.mission_id FROM mission_tests t WHERE t.id = evidence_files.mission_test_id)"))
        .into_tuple()
        .one(db)
        .await
}

fn visible(scope: &MissionScope) -> Select<evidence_file::Entity> {
    let tests = store::visible_tests(scope).select_only().column(mission_test::Column::Id).into_query();
    evidence_file::Entity::find().filter(Column::MissionTestId.in_subquery(tests)).filter(Column::DeletedAt.is_null())
}

fn rows(query: Select<evidence_file::Entity>) -> Select<evidence_file::Entity> {
    query
        .column_as(Expr::cust("(SELECT u.display_name FROM users u WHERE u.id = evidence_files.uploaded_by_id)"), "uploader")
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
}

/// One piece.
pub async fn one(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> Result<Option<Row>, DbErr> {
    rows(visible(scope).filter(Column::Id.eq(id))).into_model().one(db).await
}

/// Those of one test, the oldest first.
pub async fn of_test(db: &impl ConnectionTrait, scope: &MissionScope, test: Uuid) -> Result<Vec<Row>, DbErr> {
    rows(visible(scope).filter(Column::MissionTestId.eq(test))).into_model().all(db).await
}

/// All of a mission, the oldest first.
pub async fn of_mission(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<Row>, DbErr> {
    rows(visible(scope)).into_model().all(db).await
}

/// Adds a piece.
pub async fn insert(txn: &DatabaseTransaction, row: evidence_file::Model) -> Result<(), DbErr> {
    evidence_file::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(())
}

/// Marks a piece as deleted.
pub async fn delete(txn: &DatabaseTransaction, _scope: &MissionScope, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    evidence_file::Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Which of these files have a row, one of a deleted piece too.
pub async fn known(db: &impl ConnectionTrait, keys: &[String]) -> Result<Vec<String>, DbErr> {
    evidence_file::Entity::find().select_only().column(Column::StorageKey).filter(Column::StorageKey.is_in(keys)).into_tuple().all(db).await
}
