//! Making, listing and revoking one's own tokens; and who calls with one.

use chrono::Duration;
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::api_tokens::{ApiToken, ApiTokenCreate, ApiTokenCreated};
use tyrian_domain::permission::Permissions;
use tyrian_entity::api_token;
use uuid::Uuid;

use super::{PREFIX, store};
use crate::audit::{self, Entry};
use crate::auth::grants;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, RequestInfo, caller as callers, valid};
use crate::keys::{random_token, sha256_hex};
use crate::state::AppState;

/// Tokens that a user may have at once.
const AT_ONCE: usize = 50;

/// The caller of a request that came with a token.
pub async fn caller(state: &AppState, token: &str, request: RequestInfo) -> ApiResult<Caller> {
    let row = store::find_live(state.db.reader(), &sha256_hex(token)).await?.ok_or_else(ApiError::unauthenticated)?;
    state.rate_limit.admit(row.user_id)?;
    let request = RequestInfo { api_token: Some(row.id), ..request };
    let caller = callers::of_token(state.db.reader(), row.user_id, row.id, &store::scopes(&row), request).await?;
    let now = crate::now();
    if store::is_to_be_noted(&row, now) {
        store::note_use(state.db.writer(), row.id, now).await?;
    }
    Ok(caller)
}

fn convert(row: &api_token::Model) -> ApiToken {
    ApiToken {
        id: row.id,
        name: row.name.clone(),
        scopes: store::scopes(row).into_iter().collect(),
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        created_at: row.created_at,
    }
}

/// The caller's tokens.
pub async fn list(state: &AppState, caller: &Caller) -> ApiResult<Vec<ApiToken>> {
    caller.session()?;
    Ok(store::list(state.db.reader(), caller.id).await?.iter().map(convert).collect())
}

/// Makes a token. Its scopes are among what the caller may do.
pub async fn create(state: &AppState, caller: &Caller, body: ApiTokenCreate) -> ApiResult<ApiTokenCreated> {
    caller.session()?;
    let scopes: Permissions = body.scopes.iter().copied().collect();
    grants::holds_all(caller, &scopes)?;
    valid(&body)?;
    let txn = state.db.begin().await?;
    crate::db::lock_row(&txn, "users", caller.id).await?;
    if store::list(&txn, caller.id).await?.len() >= AT_ONCE {
        return Err(ApiError::new(ErrorCode::InUse, format!("You have {AT_ONCE} tokens. Revoke one that is not used.")));
    }
    let token = format!("{PREFIX}{}", random_token());
    let expires_at = body.expires_in_days.map(|days| crate::now() + Duration::days(days.into()));
    let row = store::insert(&txn, caller.id, body.name, sha256_hex(&token), &scopes, expires_at).await?;
    let detail = json!({ "name": row.name, "scopes": row.scopes, "expires_at": row.expires_at });
    audit::record(state, &txn, &caller.request, Entry::system(caller, "api_token.create", "api_token", row.id, detail)).await?;
    txn.commit().await?;
    Ok(ApiTokenCreated { api_token: convert(&row), token })
}

/// Revokes one of the caller's tokens.
pub async fn revoke(state: &AppState, caller: &Caller, id: Uuid) -> ApiResult<()> {
    caller.session()?;
    let txn = state.db.begin().await?;
    if !store::revoke(&txn, caller.id, id).await? {
        return Err(ApiError::not_found());
    }
    audit::record(state, &txn, &caller.request, Entry::system(caller, "api_token.revoke", "api_token", id, json!({}))).await?;
    txn.commit().await?;
    state.live.rights_changed(Some(caller.id));
    Ok(())
}
