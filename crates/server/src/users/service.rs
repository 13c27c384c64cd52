//! Making, changing and removing users. Every change runs under the lock of rights (see `auth::grants`).

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;
use tyrian_api_types::auth::PasswordResetLink;
use tyrian_api_types::users::{User, UserCreate, UserGroups, UserPatch};
use tyrian_api_types::{ErrorCode, FieldError};
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use tyrian_entity::user;
use uuid::Uuid;

use super::{convert, store};
use crate::audit::{self, Entry};
use crate::auth::{self, grants, resets, second_factor};
use crate::error::{ApiError, ApiResult};
use crate::groups;
use crate::http::idempotency::Created;
use crate::http::{Caller, IfMatch, etag, valid};
use crate::live::Wake;
use crate::state::State;

/// Somebody has this address already.
pub fn address_taken(email: &str) -> ApiError {
    ApiError::new(ErrorCode::AlreadyExists, format!("A user with the address {email} exists already."))
}

/// A row with the groups it is in.
async fn with_groups(db: &impl ConnectionTrait, row: user::Model) -> ApiResult<User> {
    let groups = store::groups_of(db, [row.id]).await?.remove(&row.id).unwrap_or_default();
    Ok(convert::user(row, groups))
}

/// A user.
pub async fn get(state: &State, id: Uuid) -> ApiResult<User> {
    let row = store::find(state.db.reader(), id).await?.ok_or_else(ApiError::not_found)?;
    with_groups(state.db.reader(), row).await
}

/// A user about to be made: checked, the password hashed before any transaction is open.
pub struct NewUser {
    body: UserCreate,
    password_hash: Option<String>,
}

/// Checks what can be checked without the database, and hashes.
pub async fn prepare(state: &State, caller: &Caller, mut body: UserCreate) -> ApiResult<NewUser> {
    if body.is_admin == Some(true) {
        grants::is_admin(caller)?;
    }
    valid(&body)?;
    let password_hash = match body.password.take() {
        Some(password) => Some(state.passwords.hash("/password", password, &body.email, &body.display_name).await?),
        None => None,
    };
    Ok(NewUser { body, password_hash })
}

/// Makes a user.
pub async fn create(state: &State, txn: &DatabaseTransaction, caller: &Caller, new: NewUser) -> ApiResult<Created<User>> {
    let caller = grants::enter(txn, caller, Permission::UserCreate).await?;
    let is_admin = new.body.is_admin.unwrap_or(false);
    if is_admin {
        grants::is_admin(&caller)?;
    }
    let row = auth::new_user(&new.body.email, &new.body.display_name, new.password_hash, is_admin);
    let email = text::normalise_email(&new.body.email);
    if store::find_by_email(txn, &email).await?.is_some() {
        return Err(address_taken(&email));
    }
    let made = store::insert(txn, row).await?;
    let detail = json!({ "email": made.email, "is_admin": made.is_admin });
    let entry = Entry::system(&caller, "user.create", "user", made.id, detail);
    audit::record(state, txn, &caller.request, entry).await?;
    let location = format!("/api/v1/users/{}", made.id);
    let etag = Some(etag::etag(made.version));
    Ok(Created { value: convert::user(made, Vec::new()), location, etag, wake: Wake::default() })
}

/// Refuses when this user is the only one who could undo it.
async fn not_the_last_admin(txn: &DatabaseTransaction, user: &user::Model) -> ApiResult<()> {
    if user.is_admin && user.is_active && store::other_admins(txn, user.id).await? == 0 {
        return Err(ApiError::new(
            ErrorCode::LastAdmin,
            "This is the last active administrator. Make somebody else an administrator first.",
        ));
    }
    Ok(())
}

/// The user to be changed, locked, within the caller's reach.
async fn to_change(txn: &DatabaseTransaction, caller: &Caller, id: Uuid) -> ApiResult<user::Model> {
    crate::db::lock_row(txn, "users", id).await?;
    let user = store::find(txn, id).await?.ok_or_else(ApiError::not_found)?;
    grants::within_reach(txn, caller, &user).await?;
    Ok(user)
}

/// Changes a user.
pub async fn update(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch, patch: UserPatch) -> ApiResult<User> {
    let (txn, caller) = grants::begin(state, caller, Permission::UserUpdate).await?;
    let user = to_change(&txn, &caller, id).await?;
    let is_admin = patch.is_admin.value().copied().unwrap_or(user.is_admin);
    let is_active = patch.is_active.value().copied().unwrap_or(user.is_active);
    if is_admin != user.is_admin {
        grants::is_admin(&caller)?;
    }
    if !(is_admin && is_active) {
        not_the_last_admin(&txn, &user).await?;
    }
    valid(&patch)?;
    let email = patch.email.value().map_or_else(|| user.email.clone(), |email| text::normalise_email(email));
    if email != user.email && store::find_by_email(&txn, &email).await?.is_some() {
        return Err(address_taken(&email));
    }
    if_match.require(user.version, &etag::etag(user.version))?;
    let mut detail = serde_json::Map::new();
    if email != user.email {
        detail.insert("email".into(), json!([user.email, email]));
    }
    if is_active != user.is_active {
        detail.insert("is_active".into(), json!(is_active));
    }
    if is_admin != user.is_admin {
        detail.insert("is_admin".into(), json!(is_admin));
    }
    let display_name = patch.display_name.value().cloned().unwrap_or_else(|| user.display_name.clone());
    if display_name != user.display_name {
        detail.insert("display_name".into(), json!([user.display_name, display_name]));
    }
    if user.is_active && !is_active {
        auth::end_sessions(&txn, id, None).await?;
    }
    let row = store::update(&txn, user, store::Change { email, display_name, is_active, is_admin }).await?;
    let user = with_groups(&txn, row).await?;
    audit::record(state, &txn, &caller.request, Entry::system(&caller, "user.update", "user", id, detail.into())).await?;
    txn.commit().await?;
    state.live.rights_changed(Some(id));
    Ok(user)
}

/// Removes a user: their sessions end, and they are in no group any more.
pub async fn delete(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch) -> ApiResult<()> {
    let (txn, caller) = grants::begin(state, caller, Permission::UserDelete).await?;
    let user = to_change(&txn, &caller, id).await?;
    not_the_last_admin(&txn, &user).await?;
    if_match.require(user.version, &etag::etag(user.version))?;
    let email = user.email.clone();
    auth::end_sessions(&txn, id, None).await?;
    crate::api_tokens::revoke_all(&txn, id).await?;
    let groups = store::memberships(&txn, id).await?;
    store::leave(&txn, id, &groups).await?;
    groups::store::touch(&txn, groups).await?;
    store::delete(&txn, user).await?;
    audit::record(state, &txn, &caller.request, Entry::system(&caller, "user.delete", "user", id, json!({ "email": email }))).await?;
    txn.commit().await?;
    state.live.rights_changed(Some(id));
    Ok(())
}

/// Sets the groups that a user is in.
pub async fn set_groups(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch, body: UserGroups) -> ApiResult<User> {
    let (txn, caller) = grants::begin(state, caller, Permission::UserUpdate).await?;
    let user = to_change(&txn, &caller, id).await?;
    valid(&body)?;
    let wanted: BTreeSet<Uuid> = body.group_ids.iter().copied().collect();
    let present = store::memberships(&txn, id).await?;
    let added: BTreeSet<Uuid> = wanted.difference(&present).copied().collect();
    let removed: BTreeSet<Uuid> = present.difference(&wanted).copied().collect();
    let codes = groups::store::codes_of(&txn, added.iter().copied()).await?;
    grants::holds_all(&caller, &codes.into_values().flatten().collect())?;
    let known = groups::store::existing(&txn, &wanted).await?;
    known_groups(&body.group_ids, &known)?;
    if_match.honour(user.version, &etag::etag(user.version))?;
    if added.is_empty() && removed.is_empty() {
        txn.rollback().await?;
        return get(state, id).await;
    }
    store::leave(&txn, id, &removed).await?;
    store::join(&txn, added.iter().map(|group| (id, *group))).await?;
    groups::store::touch(&txn, added.iter().chain(&removed).copied()).await?;
    store::touch(&txn, [id]).await?;
    let row = store::find(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    let user = with_groups(&txn, row).await?;
    let entry = Entry::system(&caller, "user.groups", "user", id, json!({ "added": added, "removed": removed }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    state.live.rights_changed(Some(id));
    Ok(user)
}

/// Makes a link by which a user sets a new password: for whoever has no mail, or whose mail does not arrive.
pub async fn make_password_reset(state: &State, caller: &Caller, origin: &str, id: Uuid) -> ApiResult<PasswordResetLink> {
    let (txn, caller) = grants::begin(state, caller, Permission::UserUpdate).await?;
    let user = to_change(&txn, &caller, id).await?;
    resets::can_have_one(&user)?;
    let (path, expires_at) = resets::make(&txn, id).await?;
    let entry = Entry::system(&caller, "user.password_reset", "user", id, json!({ "email": user.email }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    Ok(PasswordResetLink { url: format!("{origin}{path}"), expires_at })
}

/// Takes the second factor from a user who lost it.
pub async fn remove_totp(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    let (txn, caller) = grants::begin(state, caller, Permission::UserUpdate).await?;
    let user = to_change(&txn, &caller, id).await?;
    if second_factor::remove(&txn, user).await? {
        audit::record(state, &txn, &caller.request, Entry::system(&caller, "user.totp_remove", "user", id, json!({}))).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Refuses ids that are no groups, naming each.
pub fn known_groups(ids: &[Uuid], known: &BTreeSet<Uuid>) -> ApiResult<()> {
    let unknown = |(i, id): (usize, &Uuid)| FieldError {
        pointer: format!("/group_ids/{i}"),
        code: "unknown".into(),
        detail: format!("There is no group {id}."),
    };
    let errors: Vec<_> = ids.iter().enumerate().filter(|(_, id)| !known.contains(id)).take(100).map(unknown).collect();
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(errors)) }
}
