//! Nobody grants what they lack: the lock under which rights change, and the checks that every such change goes through.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tyrian_api_types::ErrorCode;
use tyrian_domain::permission::{self, Permission, Permissions};
use tyrian_entity::user;

use super::store;
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::state::State;

/// A number that all changes of rights on one PostgreSQL agree on.
const RIGHTS_LOCK: &str = "SELECT pg_advisory_xact_lock(7479727331)";

/// Begins a transaction that changes who may do what, for a caller who holds `permission`.
///
/// Such changes run one after the other, so that two of them at once can neither remove the last admin nor grant
/// by a right that was just taken away: the caller is read again under the lock.
pub async fn begin(state: &State, caller: &Caller, permission: Permission) -> ApiResult<(DatabaseTransaction, Caller)> {
    caller.needs(permission)?;
    let txn = state.db.begin().await?;
    let caller = enter(&txn, caller, permission).await?;
    Ok((txn, caller))
}

/// As [`begin`], in a transaction that is open already.
pub async fn enter(txn: &DatabaseTransaction, caller: &Caller, permission: Permission) -> ApiResult<Caller> {
    lock(txn).await?;
    let caller = caller.again(txn).await?;
    caller.needs(permission)?;
    Ok(caller)
}

/// Waits until no other transaction changes rights; on SQLite the transaction holds the only write lock already.
pub async fn lock(txn: &DatabaseTransaction) -> ApiResult<()> {
    if txn.get_database_backend() == sea_orm::DbBackend::Postgres {
        txn.execute_unprepared(RIGHTS_LOCK).await?;
    }
    Ok(())
}

/// Refuses to give what the caller lacks.
pub fn holds_all(caller: &Caller, codes: &Permissions) -> ApiResult<()> {
    let lacking = permission::lacking(&caller.permissions, codes.iter().copied());
    let Some(first) = lacking.first() else { return Ok(()) };
    let names: Vec<&str> = lacking.iter().map(|p| p.as_str()).collect();
    let mut error = ApiError::new(
        ErrorCode::CannotGrant,
        format!("This would give or govern rights that you do not hold: {}. An administrator can do it.", names.join(", ")),
    );
    error.problem.permission = Some(first.to_string());
    Err(error)
}

/// Refuses what only an admin may do to admins.
pub fn is_admin(caller: &Caller) -> ApiResult<()> {
    if caller.is_admin {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::CannotGrant, "Only an administrator makes, changes or removes an administrator."))
}

/// Refuses to touch a user who may do more than the caller: whoever changes an address or takes an account over
/// would gain its rights.
pub async fn within_reach(db: &impl ConnectionTrait, caller: &Caller, user: &user::Model) -> ApiResult<()> {
    if caller.is_admin || caller.id == user.id {
        return Ok(());
    }
    if user.is_admin {
        return is_admin(caller);
    }
    holds_all(caller, &store::permissions_of(db, user).await?)
}
