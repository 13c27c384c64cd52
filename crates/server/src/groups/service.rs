//! Making, changing and removing groups. Every change runs under the lock of rights (see `auth::grants`).

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;
use tyrian_api_types::groups::{Group, GroupCreate, GroupMembers, GroupPatch, GroupPermissions};
use tyrian_api_types::{ErrorCode, FieldError};
use tyrian_domain::permission::{self, Permission, Permissions};
use tyrian_entity::group;
use uuid::Uuid;

use super::{convert, store};
use crate::audit::{self, Entry};
use crate::auth::grants;
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::{Caller, IfMatch, etag, valid};
use crate::live::Wake;
use crate::state::State;
use crate::users;

/// The group that has every code, and keeps them.
const ADMINISTRATORS: &str = "Administrators";

fn name_taken(name: &str) -> ApiError {
    ApiError::new(ErrorCode::AlreadyExists, format!("A group named {name} exists already."))
}

fn built_in(detail: &str) -> ApiError {
    ApiError::new(ErrorCode::SystemGroup, detail)
}

async fn complete(db: &impl ConnectionTrait, row: group::Model) -> ApiResult<Group> {
    let members = store::members_of(db, [row.id]).await?.remove(&row.id).unwrap_or_default();
    Ok(convert::group(row, members))
}

/// A group.
pub async fn get(state: &State, id: Uuid) -> ApiResult<Group> {
    let row = store::find(state.db.reader(), id).await?.ok_or_else(ApiError::not_found)?;
    complete(state.db.reader(), row).await
}

/// Makes a group.
pub async fn create(state: &State, txn: &DatabaseTransaction, caller: &Caller, body: GroupCreate) -> ApiResult<Created<Group>> {
    let caller = grants::enter(txn, caller, Permission::GroupCreate).await?;
    let codes: Permissions = body.permissions.iter().copied().collect();
    grants::holds_all(&caller, &codes)?;
    if store::find_by_name(txn, &body.name).await?.is_some() {
        return Err(name_taken(&body.name));
    }
    let row = store::insert(txn, &body.name, body.description.filter(|d| !d.is_empty()), &codes).await?;
    let entry = Entry::system(&caller, "group.create", "group", row.id, json!({ "name": row.name, "permissions": codes }));
    audit::record(state, txn, &caller.request, entry).await?;
    let location = format!("/api/v1/groups/{}", row.id);
    let etag = Some(etag::etag(row.version));
    Ok(Created { value: convert::group(row, Vec::new()), location, etag, wake: Wake::default() })
}

/// A group to be changed, locked, and what it gives: all of which the caller must hold, or by changing what
/// others rely on they would govern rights that they lack.
async fn to_change(txn: &DatabaseTransaction, caller: &Caller, id: Uuid) -> ApiResult<(group::Model, Permissions)> {
    crate::db::lock_row(txn, "groups", id).await?;
    let row = store::find(txn, id).await?.ok_or_else(ApiError::not_found)?;
    let codes = permission::parse_all(&row.codes);
    grants::holds_all(caller, &codes)?;
    Ok((row, codes))
}

/// Changes a group's name and description.
pub async fn update(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch, patch: GroupPatch) -> ApiResult<Group> {
    let (txn, caller) = grants::begin(state, caller, Permission::GroupUpdate).await?;
    let (row, _) = to_change(&txn, &caller, id).await?;
    let name = patch.name.value().cloned().unwrap_or_else(|| row.name.clone());
    if row.is_system && name != row.name {
        return Err(built_in("A built-in group keeps its name."));
    }
    valid(&patch)?;
    if name != row.name && store::find_by_name(&txn, &name).await?.is_some_and(|other| other.id != id) {
        return Err(name_taken(&name));
    }
    if_match.require(row.version, &etag::etag(row.version))?;
    let mut detail = serde_json::Map::new();
    if name != row.name {
        detail.insert("name".into(), json!([row.name, name]));
    }
    let description = patch.description.apply(row.description.clone()).filter(|d| !d.is_empty());
    if description != row.description {
        detail.insert("description".into(), json!(true));
    }
    let row = store::update(&txn, row, name, description).await?;
    let group = complete(&txn, row).await?;
    audit::record(state, &txn, &caller.request, Entry::system(&caller, "group.update", "group", id, detail.into())).await?;
    txn.commit().await?;
    Ok(group)
}

/// Removes a group: nobody is in it any more.
pub async fn delete(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch) -> ApiResult<()> {
    let (txn, caller) = grants::begin(state, caller, Permission::GroupDelete).await?;
    let (row, _) = to_change(&txn, &caller, id).await?;
    if row.is_system {
        return Err(built_in("A built-in group stays. Take its members out instead."));
    }
    if_match.require(row.version, &etag::etag(row.version))?;
    let (name, members) = (row.name.clone(), store::member_ids(&txn, id).await?);
    users::store::touch(&txn, members.iter().copied()).await?;
    store::delete(&txn, row).await?;
    let entry = Entry::system(&caller, "group.delete", "group", id, json!({ "name": name, "members": members }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    state.live.rights_changed(None);
    Ok(())
}

/// Sets what a group gives.
pub async fn set_permissions(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch, body: GroupPermissions) -> ApiResult<Group> {
    let (txn, caller) = grants::begin(state, caller, Permission::GroupUpdate).await?;
    let (row, present) = to_change(&txn, &caller, id).await?;
    let wanted: Permissions = body.codes.iter().copied().collect();
    grants::holds_all(&caller, &wanted)?;
    if row.is_system && row.name == ADMINISTRATORS && wanted != permission::all() {
        return Err(built_in("The group Administrators keeps every permission."));
    }
    valid(&body)?;
    if_match.honour(row.version, &etag::etag(row.version))?;
    if wanted == present {
        txn.rollback().await?;
        return get(state, id).await;
    }
    store::replace_codes(&txn, id, &wanted).await?;
    store::touch(&txn, [id]).await?;
    let row = store::find(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    let group = complete(&txn, row).await?;
    let (added, removed) = (lacking(&present, &wanted), lacking(&wanted, &present));
    let entry = Entry::system(&caller, "group.permissions", "group", id, json!({ "added": added, "removed": removed }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    state.live.rights_changed(None);
    Ok(group)
}

fn lacking(held: &Permissions, wanted: &Permissions) -> Vec<Permission> {
    permission::lacking(held, wanted.iter().copied())
}

/// Sets who is in a group.
pub async fn set_members(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch, body: GroupMembers) -> ApiResult<Group> {
    let (txn, caller) = grants::begin(state, caller, Permission::GroupUpdate).await?;
    let (row, _) = to_change(&txn, &caller, id).await?;
    valid(&body)?;
    let wanted: BTreeSet<Uuid> = body.user_ids.iter().copied().collect();
    known_users(&body.user_ids, &users::store::existing(&txn, &wanted).await?)?;
    if_match.honour(row.version, &etag::etag(row.version))?;
    let present = store::member_ids(&txn, id).await?;
    let added: BTreeSet<Uuid> = wanted.difference(&present).copied().collect();
    let removed: BTreeSet<Uuid> = present.difference(&wanted).copied().collect();
    if added.is_empty() && removed.is_empty() {
        txn.rollback().await?;
        return get(state, id).await;
    }
    store::leave(&txn, id, &removed).await?;
    users::store::join(&txn, added.iter().map(|user| (*user, id))).await?;
    users::store::touch(&txn, added.iter().chain(&removed).copied()).await?;
    store::touch(&txn, [id]).await?;
    let row = store::find(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    let group = complete(&txn, row).await?;
    let entry = Entry::system(&caller, "group.members", "group", id, json!({ "added": added, "removed": removed }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    state.live.rights_changed(None);
    Ok(group)
}

/// Refuses ids that are no users, naming each.
fn known_users(ids: &[Uuid], known: &BTreeSet<Uuid>) -> ApiResult<()> {
    let unknown = |(i, id): (usize, &Uuid)| FieldError {
        pointer: format!("/user_ids/{i}"),
        code: "unknown".into(),
        detail: format!("There is no user {id}."),
    };
    let errors: Vec<_> = ids.iter().enumerate().filter(|(_, id)| !known.contains(id)).take(100).map(unknown).collect();
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(errors)) }
}
