//! A forgotten password: a link, by mail or from an administrator, by which a user sets a new one, once.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::{PasswordReset, PasswordResetRequest};
use tyrian_domain::text;
use tyrian_entity::{password_reset, user};
use uuid::Uuid;

use super::{grants, service, store};
use crate::audit;
use crate::error::{ApiError, ApiResult};
use crate::http::{RequestInfo, valid};
use crate::keys::{random_token, sha256_hex};
use crate::mail::Letter;
use crate::state::State;

/// For so long a link can be used.
const VALID_FOR: Duration = Duration::hours(1);

/// Makes a link for a user; those made before are void. Answers with its path and its end.
pub async fn make(txn: &DatabaseTransaction, user: Uuid) -> Result<(String, DateTime<Utc>), DbErr> {
    let (token, now) = (random_token(), crate::now());
    void(txn, user).await?;
    password_reset::Entity::insert(password_reset::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user),
        token_hash: Set(sha256_hex(&token)),
        expires_at: Set(now + VALID_FOR),
        used_at: Set(None),
        created_at: Set(now),
    })
    .exec_without_returning(txn)
    .await?;
    Ok((format!("/reset/{token}"), now + VALID_FOR))
}

async fn void(txn: &DatabaseTransaction, user: Uuid) -> Result<(), DbErr> {
    password_reset::Entity::delete_many()
        .filter(password_reset::Column::UserId.eq(user))
        .filter(password_reset::Column::UsedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Sends a link to whoever has this address, if anybody has and mail is set up. The answer comes before any of it, so
/// that it tells nothing, not by its time either.
pub fn request(state: &State, request: &RequestInfo, origin: String, body: PasswordResetRequest) -> ApiResult<()> {
    valid(&body)?;
    state.strangers.admit(request.ip)?;
    if !state.mailer.is_on() {
        return Ok(());
    }
    let (state, request) = (state.clone(), request.clone());
    actix_web::rt::spawn(async move {
        if let Err(error) = send(&state, &request, &origin, &body.email).await {
            tracing::error!(%error, "a mail for a forgotten password was not sent");
        }
    });
    Ok(())
}

async fn send(state: &State, request: &RequestInfo, origin: &str, email: &str) -> ApiResult<()> {
    let email = text::normalise_email(email);
    let txn = state.db.begin().await?;
    // who signs in by a provider only has no password to forget
    let user = store::find_by_email(&txn, &email).await?.filter(|user| user.password_hash.is_some());
    let Some(user) = user else { return Ok(()) };
    let (path, _) = make(&txn, user.id).await?;
    audit::record(state, &txn, request, service::entry(None, "password.reset_asked", Some(user.id), json!({}))).await?;
    txn.commit().await?;
    let letter = Letter {
        to: user.email,
        name: user.display_name,
        subject: "Set a new password for Tyrian".into(),
        body: format!(
            "Somebody asked for a new password for this address.\n\nSet it here within an hour:\n{origin}{path}\n\n\
             If it was not you, there is nothing to do: your password stays as it is.\n"
        ),
    };
    state.mailer.send(letter).await
}

async fn find(db: &impl ConnectionTrait, token: &str) -> ApiResult<(password_reset::Model, user::Model)> {
    let row = password_reset::Entity::find()
        .filter(password_reset::Column::TokenHash.eq(sha256_hex(token)))
        .filter(password_reset::Column::UsedAt.is_null())
        .filter(password_reset::Column::ExpiresAt.gt(crate::now()))
        .one(db)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let user = store::find_user(db, row.user_id).await?.ok_or_else(ApiError::not_found)?;
    Ok((row, user))
}

/// Sets a new password by a link. Every session of the user ends; a second factor stays on.
pub async fn redeem(state: &State, request: &RequestInfo, token: &str, body: PasswordReset) -> ApiResult<()> {
    state.strangers.admit(request.ip)?;
    let (_, user) = find(state.db.reader(), token).await?;
    valid(&body)?;
    let hash = state.passwords.hash("/new_password", body.new_password, &user.email, &user.display_name).await?;
    let txn = state.db.begin().await?;
    grants::lock(&txn).await?;
    let (row, user) = find(&txn, token).await?;
    let (id, version, email) = (user.id, user.version, user.email.clone());
    let used = password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UsedAt, Expr::value(crate::now()))
        .filter(password_reset::Column::Id.eq(row.id))
        .filter(password_reset::Column::UsedAt.is_null())
        .exec(&txn)
        .await?;
    if used.rows_affected != 1 {
        return Err(ApiError::not_found());
    }
    void(&txn, id).await?;
    let mut changed = user.into_active_model();
    changed.password_hash = Set(Some(hash));
    changed.version = Set(version + 1);
    changed.updated_at = Set(crate::now());
    user::Entity::update(changed).exec(&txn).await?;
    store::end_sessions(&txn, id, None).await?;
    audit::record(state, &txn, request, service::entry(Some(id), "password.reset", Some(id), json!({}))).await?;
    txn.commit().await?;
    state.throttle.succeeded(request.ip, &email);
    state.live.rights_changed(Some(id));
    Ok(())
}

/// Refuses a link for somebody who has no password to forget.
pub fn can_have_one(user: &user::Model) -> ApiResult<()> {
    if user.is_active {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::InUse, "This user is deactivated: a new password would not let them in."))
}
