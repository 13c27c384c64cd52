//! SQL of one user's notifications: every function takes whose they are.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Select};
use tyrian_entity::notification::{Column, Entity, Model};
use uuid::Uuid;

use crate::http::paging::{Key, PageRequest};

fn of(user: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}

/// A page of a user's notifications, and how many there are on the first page.
pub async fn list(
    db: &impl ConnectionTrait,
    user: Uuid,
    unread: bool,
    page: &PageRequest,
) -> Result<(Vec<Model>, Option<String>, Option<u64>), DbErr> {
    let mut query = of(user);
    if unread {
        query = query.filter(Column::ReadAt.is_null());
    }
    let total = if page.is_first() { Some(query.clone().count(db).await?) } else { None };
    let rows = page.apply(query, Column::CreatedAt, Column::Id).all(db).await?;
    let (rows, next) = page.cut(rows, |row| (Key::Time(row.created_at), row.id));
    Ok((rows, next, total))
}

/// How many a user has not read.
pub async fn unread(db: &impl ConnectionTrait, user: Uuid) -> Result<u64, DbErr> {
    of(user).filter(Column::ReadAt.is_null()).count(db).await
}

/// Notes that a user has read these of theirs, or all. Says how many of them were unread; ids of others do nothing.
pub async fn read(txn: &DatabaseTransaction, user: Uuid, ids: Option<&[Uuid]>) -> Result<u64, DbErr> {
    let now = crate::now();
    let mut update = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::UserId.eq(user))
        .filter(Column::ReadAt.is_null());
    if let Some(ids) = ids {
        update = update.filter(Column::Id.is_in(ids.iter().copied()));
    }
    Ok(update.exec(txn).await?.rows_affected)
}
