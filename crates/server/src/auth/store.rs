//! SQL of users' sign-in and of refresh tokens.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};
use tyrian_domain::permission::{self, Permissions};
use tyrian_entity::{group, refresh_token, user, user_group};
use uuid::Uuid;

/// How many users there ever were.
pub async fn count_users(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    user::Entity::find().count(db).await
}

/// An active user by their address.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find()
        .filter(user::Column::Email.eq(email))
        .filter(user::Column::DeletedAt.is_null())
        .filter(user::Column::IsActive.eq(true))
        .one(db)
        .await
}

/// An active user by id.
pub async fn find_user(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(id).filter(user::Column::DeletedAt.is_null()).filter(user::Column::IsActive.eq(true)).one(db).await
}

/// An active user by id, locked until the transaction ends.
pub async fn lock_user(txn: &DatabaseTransaction, id: Uuid) -> Result<Option<user::Model>, DbErr> {
    crate::db::lock_row(txn, "users", id).await?;
    find_user(txn, id).await
}

/// The groups that a user is in.
pub async fn groups_of(db: &impl ConnectionTrait, user_id: Uuid) -> Result<Vec<group::Model>, DbErr> {
    let ids = user_group::Entity::find()
        .select_only()
        .column(user_group::Column::GroupId)
        .filter(user_group::Column::UserId.eq(user_id))
        .into_query();
    group::Entity::find()
        .filter(group::Column::Id.in_subquery(ids))
        .filter(group::Column::DeletedAt.is_null())
        .order_by_asc(group::Column::NameKey)
        .all(db)
        .await
}

/// Everything that a user may do: all of it for an admin, else what their groups give.
pub async fn permissions_of(db: &impl ConnectionTrait, user: &user::Model) -> Result<Permissions, DbErr> {
    if user.is_admin {
        return Ok(permission::all());
    }
    let groups = groups_of(db, user.id).await?;
    Ok(groups.iter().flat_map(|group| permission::parse_all(&group.codes)).collect())
}

/// What a new refresh token is stored with.
pub struct NewToken {
    /// Whose.
    pub user_id: Uuid,
    /// Of which session.
    pub family_id: Uuid,
    /// SHA-256 of the token.
    pub token_hash: String,
    /// How many came before it.
    pub generation: i64,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
    /// The browser or program.
    pub user_agent: Option<String>,
    /// The address.
    pub ip: Option<String>,
}

/// Stores a refresh token.
pub async fn insert_token(txn: &DatabaseTransaction, token: NewToken) -> Result<(), DbErr> {
    let now = crate::now();
    refresh_token::Entity::insert(refresh_token::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(token.user_id),
        family_id: Set(token.family_id),
        token_hash: Set(token.token_hash),
        generation: Set(token.generation),
        expires_at: Set(token.expires_at),
        used_at: Set(None),
        revoked_at: Set(None),
        user_agent: Set(token.user_agent),
        ip: Set(token.ip),
        created_at: Set(now),
        updated_at: Set(now),
    })
    .exec_without_returning(txn)
    .await?;
    Ok(())
}

fn by_hash(hash: &str) -> Select<refresh_token::Entity> {
    refresh_token::Entity::find().filter(refresh_token::Column::TokenHash.eq(hash))
}

/// A token by its hash.
pub async fn find_token(db: &impl ConnectionTrait, hash: &str) -> Result<Option<refresh_token::Model>, DbErr> {
    by_hash(hash).one(db).await
}

/// A token by its hash, locked until the transaction ends.
pub async fn lock_token(txn: &DatabaseTransaction, hash: &str) -> Result<Option<refresh_token::Model>, DbErr> {
    let query = by_hash(hash);
    if txn.get_database_backend() == sea_orm::DbBackend::Postgres { query.lock_exclusive().one(txn).await } else { query.one(txn).await }
}

/// Notes that a token was exchanged for the next one.
pub async fn mark_used(txn: &DatabaseTransaction, id: Uuid) -> Result<(), DbErr> {
    let now = crate::now();
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
        .col_expr(refresh_token::Column::UpdatedAt, Expr::value(now))
        .filter(refresh_token::Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends one session. Says whether there was one of that user to end.
pub async fn end_session(db: &impl ConnectionTrait, user_id: Uuid, family: Uuid) -> Result<bool, DbErr> {
    let now = crate::now();
    let done = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::RevokedAt, Expr::value(now))
        .col_expr(refresh_token::Column::UpdatedAt, Expr::value(now))
        .filter(refresh_token::Column::UserId.eq(user_id))
        .filter(refresh_token::Column::FamilyId.eq(family))
        .filter(refresh_token::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends all sessions of a user, but for one if given.
pub async fn end_sessions(db: &impl ConnectionTrait, user_id: Uuid, but: Option<Uuid>) -> Result<(), DbErr> {
    let now = crate::now();
    let mut update = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::RevokedAt, Expr::value(now))
        .col_expr(refresh_token::Column::UpdatedAt, Expr::value(now))
        .filter(refresh_token::Column::UserId.eq(user_id))
        .filter(refresh_token::Column::RevokedAt.is_null());
    if let Some(family) = but {
        update = update.filter(refresh_token::Column::FamilyId.ne(family));
    }
    update.exec(db).await?;
    Ok(())
}

/// The newest token of each session that still holds: all rows that can be renewed.
pub async fn live_tokens(db: &impl ConnectionTrait, user_id: Uuid) -> Result<Vec<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find()
        .filter(refresh_token::Column::UserId.eq(user_id))
        .filter(refresh_token::Column::RevokedAt.is_null())
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::ExpiresAt.gt(crate::now()))
        .order_by_desc(refresh_token::Column::CreatedAt)
        .all(db)
        .await
}

/// Notes a sign-in.
pub async fn note_login(txn: &DatabaseTransaction, user_id: Uuid) -> Result<(), DbErr> {
    user::Entity::update_many()
        .col_expr(user::Column::LastLoginAt, Expr::value(crate::now()))
        .filter(user::Column::Id.eq(user_id))
        .exec(txn)
        .await?;
    Ok(())
}
