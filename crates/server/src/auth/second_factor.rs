//! The second factor: an authenticator's codes, each taken once, and recovery codes for a lost one.
//!
//! The secret is stored sealed by a key of the server's: a copy of the database alone gives no codes.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::{PasswordProof, RecoveryCodes, TotpConfirm, TotpEnrolment};
use tyrian_entity::{recovery_code, user};
use uuid::Uuid;

use super::{service, store, totp};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, valid};
use crate::keys;
use crate::state::AppState;

/// Seconds between the picture and the first code.
const ENROLMENT_SECONDS: u64 = 600;

/// A sealed secret belongs to one user and one use.
fn context(purpose: &str, user: Uuid) -> String {
    format!("totp {purpose} {user}")
}

fn secret_of(state: &AppState, user: &user::Model) -> Option<Vec<u8>> {
    keys::open(&state.keys.seal, user.totp_secret_enc.as_deref()?, &context("secret", user.id))
}

fn hash(state: &AppState, user: Uuid, code: &str) -> String {
    hex::encode(keys::hmac(&state.keys.recovery, format!("{user} {}", totp::normal(code)).as_bytes()))
}

/// Recovery codes that are left.
pub async fn codes_left(db: &impl ConnectionTrait, user: Uuid) -> Result<u64, DbErr> {
    recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(db)
        .await
}

/// What proved the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A code of the authenticator.
    Authenticator,
    /// A recovery code.
    RecoveryCode,
}

/// Takes a code: none is taken twice. None: it does not fit.
pub async fn spend(state: &AppState, txn: &DatabaseTransaction, user: &user::Model, code: &str) -> ApiResult<Option<Proof>> {
    let now = crate::now();
    if let Some(step) = secret_of(state, user).and_then(|secret| totp::step_of(&secret, code, now.timestamp())) {
        let newer = user::Column::TotpLastStep.is_null().or(user::Column::TotpLastStep.lt(step));
        let taken = user::Entity::update_many()
            .col_expr(user::Column::TotpLastStep, Expr::value(step))
            .filter(user::Column::Id.eq(user.id))
            .filter(newer)
            .exec(txn)
            .await?;
        return Ok((taken.rows_affected == 1).then_some(Proof::Authenticator));
    }
    let taken = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(now))
        .filter(recovery_code::Column::UserId.eq(user.id))
        .filter(recovery_code::Column::CodeHash.eq(hash(state, user.id, code)))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(txn)
        .await?;
    Ok((taken.rows_affected == 1).then_some(Proof::RecoveryCode))
}

/// A new secret, which is on once a code of it has come back.
pub async fn begin(state: &AppState, caller: &Caller, proof: PasswordProof) -> ApiResult<TotpEnrolment> {
    let user = service::prove(state, caller, proof.current_password).await?;
    if user.totp_secret_enc.is_some() {
        return Err(already_on());
    }
    let secret = totp::new_secret();
    let (base32, otpauth_url, qr_svg) = totp::to_show(&secret, &user.email)?;
    let until = crate::now().timestamp().saturating_add_unsigned(ENROLMENT_SECONDS);
    let mut sealed = secret.to_vec();
    sealed.extend(until.to_be_bytes());
    let enrolment = keys::seal(&state.keys.seal, &sealed, &context("enrolment", user.id)).map_err(ApiError::internal)?;
    Ok(TotpEnrolment { secret: base32, otpauth_url, qr_svg, enrolment, expires_in: ENROLMENT_SECONDS })
}

fn already_on() -> ApiError {
    ApiError::new(ErrorCode::AlreadyExists, "A second factor is on already. Turn it off first.")
}

/// Turns the second factor on. Answers with recovery codes.
pub async fn confirm(state: &AppState, caller: &Caller, body: TotpConfirm) -> ApiResult<RecoveryCodes> {
    caller.session()?;
    let stale = || ApiError::field("/enrolment", "stale", "Begin again: this is too old, or not yours.");
    let sealed = keys::open(&state.keys.seal, &body.enrolment, &context("enrolment", caller.id)).ok_or_else(stale)?;
    let (secret, until) = sealed.split_last_chunk::<8>().ok_or_else(stale)?;
    let now = crate::now();
    if i64::from_be_bytes(*until) < now.timestamp() {
        return Err(stale());
    }
    let step = totp::step_of(secret, &body.code, now.timestamp())
        .ok_or_else(|| ApiError::field("/code", "wrong", "The code does not fit. Is the clock of the device right?"))?;
    let txn = state.db.begin().await?;
    let user = store::lock_user(&txn, caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    if user.totp_secret_enc.is_some() {
        return Err(already_on());
    }
    let sealed = keys::seal(&state.keys.seal, secret, &context("secret", user.id)).map_err(ApiError::internal)?;
    set(&txn, user, Some(sealed), Some(step)).await?;
    let codes = replace_codes(state, &txn, caller.id).await?;
    audit::record(state, &txn, &caller.request, Entry::system(caller, "totp.on", "user", caller.id, json!({}))).await?;
    txn.commit().await?;
    Ok(codes)
}

async fn set(txn: &DatabaseTransaction, user: user::Model, sealed: Option<String>, step: Option<i64>) -> Result<(), DbErr> {
    let version = user.version;
    let mut row = user.into_active_model();
    row.totp_secret_enc = Set(sealed);
    row.totp_last_step = Set(step);
    row.version = Set(version + 1);
    row.updated_at = Set(crate::now());
    user::Entity::update(row).exec(txn).await?;
    Ok(())
}

async fn replace_codes(state: &AppState, txn: &DatabaseTransaction, user: Uuid) -> ApiResult<RecoveryCodes> {
    forget_codes(txn, user).await?;
    let (codes, now) = (totp::new_recovery_codes(), crate::now());
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user),
        code_hash: Set(hash(state, user, code)),
        used_at: Set(None),
        created_at: Set(now),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(RecoveryCodes { codes })
}

async fn forget_codes(txn: &DatabaseTransaction, user: Uuid) -> Result<(), DbErr> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user)).exec(txn).await?;
    Ok(())
}

/// Takes the second factor from a user. Says whether there was one.
pub async fn remove(txn: &DatabaseTransaction, user: user::Model) -> Result<bool, DbErr> {
    if user.totp_secret_enc.is_none() {
        return Ok(false);
    }
    forget_codes(txn, user.id).await?;
    set(txn, user, None, None).await?;
    Ok(true)
}

/// Turns one's own second factor off.
pub async fn turn_off(state: &AppState, caller: &Caller, proof: PasswordProof) -> ApiResult<()> {
    service::prove(state, caller, proof.current_password).await?;
    let txn = state.db.begin().await?;
    let user = store::lock_user(&txn, caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    if remove(&txn, user).await? {
        audit::record(state, &txn, &caller.request, Entry::system(caller, "totp.off", "user", caller.id, json!({}))).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Makes new recovery codes; the old ones are void.
pub async fn renew_codes(state: &AppState, caller: &Caller, proof: PasswordProof) -> ApiResult<RecoveryCodes> {
    valid(&proof)?;
    service::prove(state, caller, proof.current_password).await?;
    let txn = state.db.begin().await?;
    let user = store::lock_user(&txn, caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    if user.totp_secret_enc.is_none() {
        return Err(ApiError::new(ErrorCode::TotpOff, "Turn the second factor on first."));
    }
    let codes = replace_codes(state, &txn, caller.id).await?;
    audit::record(state, &txn, &caller.request, Entry::system(caller, "totp.recovery_codes", "user", caller.id, json!({}))).await?;
    txn.commit().await?;
    Ok(codes)
}
