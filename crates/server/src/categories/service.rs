//! Making, changing, ordering and removing categories.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;
use tyrian_api_types::categories::{Category, CategoryCreate, CategoryPatch};
use tyrian_domain::event::EventKind;
use tyrian_entity::mission_category;
use uuid::Uuid;

use super::{convert, store};
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::{Caller, IfMatch, etag, valid};
use crate::library;
use crate::missions::{Change, MissionScope};
use crate::state::State;

/// The categories of a mission in order.
pub async fn list(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Vec<Category>> {
    Ok(store::all(db, scope).await?.into_iter().map(convert::category).collect())
}

fn entry(caller: &Caller, action: &'static str, row: &mission_category::Model, detail: serde_json::Value) -> Entry {
    Entry::mission(caller, row.mission_id, action, "category", row.id, detail)
}

/// Makes a category behind the last one.
pub async fn create(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    body: CategoryCreate,
) -> ApiResult<Created<Category>> {
    let mut change = Change::begin(txn, scope).await?;
    let now = crate::now();
    let row = mission_category::Model {
        id: Uuid::now_v7(),
        mission_id: scope.id(),
        name: body.name,
        color: body.color,
        position: store::count(txn, scope).await?,
        summary: body.summary,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let row = row.into_active_model().insert(txn).await?;
    change.event(caller, EventKind::CategoryAdded, json!({ "name": row.name }));
    let wake = change.write(state, txn, caller, entry(caller, "category.create", &row, json!({ "name": row.name }))).await?;
    let location = format!("/api/v1/missions/{}/categories/{}", scope.id(), row.id);
    let etag = Some(etag::etag(row.version));
    Ok(Created { value: convert::category(row), location, etag, wake })
}

/// Moves the others so that a category can go from its place to `to`.
async fn make_room(txn: &DatabaseTransaction, scope: &MissionScope, from: i32, to: i32) -> ApiResult<()> {
    if to > from {
        store::shift(txn, scope, from + 1, to, -1).await?;
    } else if to < from {
        store::shift(txn, scope, to, from - 1, 1).await?;
    }
    Ok(())
}

/// Changes a category, or moves it.
pub async fn update(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    id: Uuid,
    if_match: &IfMatch,
    patch: CategoryPatch,
) -> ApiResult<Category> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin(&txn, scope).await?;
    let row = store::find(&txn, scope, id).await?.ok_or_else(ApiError::not_found)?;
    valid(&patch)?;
    let to = match patch.position.value() {
        None => row.position,
        Some(to) => {
            let last = store::count(&txn, scope).await? - 1;
            i32::try_from(*to)
                .ok()
                .filter(|to| *to <= last)
                .ok_or_else(|| ApiError::field("/position", "out_of_range", format!("From 0 to {last}.")))?
        }
    };
    if_match.require(row.version, &etag::etag(row.version))?;
    make_room(&txn, scope, row.position, to).await?;
    let fields = patch.fields();
    let mut edit = row.clone().into_active_model();
    edit.name = Set(library::set(patch.name, row.name.clone()));
    edit.color = Set(patch.color.apply(row.color.clone()));
    edit.summary = Set(patch.summary.apply(row.summary.clone()));
    edit.position = Set(to);
    edit.version = Set(row.version + 1);
    edit.updated_at = Set(crate::now());
    let row = edit.update(&txn).await?;
    change.event(caller, EventKind::CategoryUpdated, json!({ "name": row.name }));
    let wake = change.write(state, &txn, caller, entry(caller, "category.update", &row, json!({ "fields": fields }))).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(convert::category(row))
}

/// Deletes a category. Its tests stand under none from then on, and the ones behind it move up.
pub async fn delete(state: &State, caller: &Caller, scope: &MissionScope, id: Uuid, if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin(&txn, scope).await?;
    let row = store::find(&txn, scope, id).await?.ok_or_else(ApiError::not_found)?;
    if_match.require(row.version, &etag::etag(row.version))?;
    store::delete(&txn, &row).await?;
    store::shift(&txn, scope, row.position + 1, i32::MAX, -1).await?;
    store::release_tests(&txn, scope, id).await?;
    change.event(caller, EventKind::CategoryDeleted, json!({ "name": row.name }));
    let wake = change.write(state, &txn, caller, entry(caller, "category.delete", &row, json!({ "name": row.name }))).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(())
}

/// Is there such a category? For the order of refusals: what is not there is told before what may not be done.
pub async fn exists(state: &State, scope: &MissionScope, id: Uuid) -> ApiResult<()> {
    store::find(state.db.reader(), scope, id).await?.map(drop).ok_or_else(ApiError::not_found)
}
