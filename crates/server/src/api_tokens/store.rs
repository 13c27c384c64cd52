//! SQL of API tokens.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use tyrian_domain::permission::{Permission, Permissions};
use tyrian_entity::api_token::{ActiveModel, Column, Entity, Model};
use uuid::Uuid;

/// A use is noted when the last one is at least so long ago: not every request writes.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// The scopes of a row; a code of a newer version counts for nothing.
pub fn scopes(row: &Model) -> Permissions {
    row.scopes.as_array().into_iter().flatten().filter_map(|code| Permission::parse(code.as_str()?)).collect()
}

/// Not revoked and not too old.
fn holds(now: DateTime<Utc>) -> Condition {
    Condition::all().add(Column::RevokedAt.is_null()).add(Column::ExpiresAt.is_null().or(Column::ExpiresAt.gt(now)))
}

/// A token that holds, by its hash.
pub async fn find_live(db: &impl ConnectionTrait, hash: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::TokenHash.eq(hash)).filter(holds(crate::now())).one(db).await
}

/// The scopes of a user's token, if it still holds.
pub async fn live_scopes(db: &impl ConnectionTrait, user: Uuid, token: Uuid) -> Result<Option<Permissions>, DbErr> {
    let row = Entity::find_by_id(token).filter(Column::UserId.eq(user)).filter(holds(crate::now())).one(db).await?;
    Ok(row.map(|row| scopes(&row)))
}

/// A user's tokens that hold, the newest first.
pub async fn list(db: &impl ConnectionTrait, user: Uuid) -> Result<Vec<Model>, DbErr> {
    let mine = Entity::find().filter(Column::UserId.eq(user)).filter(holds(crate::now()));
    mine.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(db).await
}

/// Stores a token.
pub async fn insert(
    db: &impl ConnectionTrait,
    user: Uuid,
    name: String,
    hash: String,
    scopes: &Permissions,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Model, DbErr> {
    let now = crate::now();
    ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user),
        name: Set(name),
        token_hash: Set(hash),
        scopes: Set(scopes.iter().map(|p| p.as_str()).collect::<Vec<_>>().into()),
        expires_at: Set(expires_at),
        last_used_at: Set(None),
        revoked_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(db)
    .await
}

/// Is the last use of this token so long ago that a new one is to be noted?
pub fn is_to_be_noted(row: &Model, now: DateTime<Utc>) -> bool {
    row.last_used_at.is_none_or(|last| now - last >= NOTED_EVERY)
}

/// Notes a use.
pub async fn note_use(db: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let stale = Column::LastUsedAt.is_null().or(Column::LastUsedAt.lte(now - NOTED_EVERY));
    Entity::update_many().col_expr(Column::LastUsedAt, Expr::value(now)).filter(Column::Id.eq(id)).filter(stale).exec(db).await?;
    Ok(())
}

fn revoking() -> sea_orm::UpdateMany<Entity> {
    let now = crate::now();
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::RevokedAt.is_null())
}

/// Revokes one of a user's tokens. Says whether there was one.
pub async fn revoke(db: &impl ConnectionTrait, user: Uuid, id: Uuid) -> Result<bool, DbErr> {
    let done = revoking().filter(Column::Id.eq(id)).filter(Column::UserId.eq(user)).exec(db).await?;
    Ok(done.rows_affected > 0)
}

/// Revokes all of a user's tokens. Says how many there were.
pub async fn revoke_all(db: &impl ConnectionTrait, user: Uuid) -> Result<u64, DbErr> {
    Ok(revoking().filter(Column::UserId.eq(user)).exec(db).await?.rows_affected)
}
