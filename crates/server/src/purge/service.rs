//! What is removed, and what is left of it.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::{Value, json};
use tyrian_api_types::purge::{PurgeConfirm, Tombstone};
use tyrian_domain::event::EventKind;
use tyrian_domain::permission::Permission;
use tyrian_entity::{evidence_file, idempotency_key, mission, mission_member, mission_test, notification};
use uuid::Uuid;

use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::keys::sha256_hex;
use crate::missions::{self, Change, MissionScope};
use crate::search::texts;
use crate::state::State;

/// Refuses unless the name is repeated as it is written.
fn confirmed(body: &PurgeConfirm, name: &str) -> ApiResult<()> {
    if body.confirm == name {
        return Ok(());
    }
    Err(ApiError::field("/confirm", "mismatch", "Repeat the name exactly: what is purged cannot be brought back."))
}

/// May the caller know of this mission? A deleted one only those know who may see all, or were in it.
async fn sees(db: &impl ConnectionTrait, caller: &Caller, mission: Uuid) -> Result<bool, DbErr> {
    if caller.can(Permission::MissionReadAll) {
        return Ok(true);
    }
    let member = mission_member::Entity::find_by_id((mission, caller.id)).one(db).await?;
    Ok(member.is_some() && caller.can(Permission::MissionRead))
}

/// A mission and its tests as they were, by one hash.
async fn hash(txn: &DatabaseTransaction, id: Uuid) -> ApiResult<(String, u64)> {
    let mission = mission::Entity::find_by_id(id).into_json().one(txn).await?;
    let tests: Vec<Value> = mission_test::Entity::find()
        .filter(mission_test::Column::MissionId.eq(id))
        .order_by_asc(mission_test::Column::Id)
        .into_json()
        .all(txn)
        .await?;
    Ok((sha256_hex(json!([mission, tests]).to_string()), tests.len() as u64))
}

async fn files_of(txn: &DatabaseTransaction, mission: Uuid) -> Result<Vec<evidence_file::Model>, DbErr> {
    let tests = mission_test::Entity::find()
        .select_only()
        .column(mission_test::Column::Id)
        .filter(mission_test::Column::MissionId.eq(mission))
        .into_query();
    evidence_file::Entity::find()
        .filter(evidence_file::Column::MissionTestId.in_subquery(tests))
        .order_by_asc(evidence_file::Column::Id)
        .all(txn)
        .await
}

/// What else repeats a mission's words: notifications that lead to it, and answers kept for a second try.
async fn forget_copies(txn: &DatabaseTransaction, mission: Uuid) -> Result<(), DbErr> {
    let link = format!("/missions/{mission}%");
    notification::Entity::delete_many().filter(notification::Column::Link.like(link)).exec(txn).await?;
    let body = format!("%{mission}%");
    idempotency_key::Entity::delete_many().filter(idempotency_key::Column::Body.like(body)).exec(txn).await?;
    Ok(())
}

/// The rows are gone; now the files. One that cannot be removed is left to the sweep: no row names it any more.
async fn remove(state: &State, keys: impl IntoIterator<Item = String>) {
    for key in keys {
        if let Err(e) = state.storage.remove(&key).await {
            tracing::warn!(key, cause = %e, "a purged file stays until the next sweep");
        }
    }
}

/// Removes a mission for good.
pub async fn mission(state: &State, caller: &Caller, id: Uuid, body: &PurgeConfirm) -> ApiResult<Tombstone> {
    let txn = state.db.begin().await?;
    crate::db::lock_row(&txn, "missions", id).await?;
    let row = mission::Entity::find_by_id(id).one(&txn).await?.ok_or_else(ApiError::not_found)?;
    if !sees(&txn, caller, id).await? {
        return Err(ApiError::not_found());
    }
    caller.needs(Permission::MissionPurge)?;
    confirmed(body, &row.name)?;
    let (sha256, tests) = hash(&txn, id).await?;
    let files = files_of(&txn, id).await?;
    forget_copies(&txn, id).await?;
    // everything under it goes with it
    mission::Entity::delete_by_id(id).exec(&txn).await?;
    texts::forget(&txn).await?;
    let hashes: Vec<Value> = files.iter().map(|f| json!({ "id": f.id, "sha256": f.sha256 })).collect();
    let tombstone = Tombstone { id, sha256, tests, files: files.len() as u64 };
    let detail = json!({ "sha256": tombstone.sha256, "tests": tests, "evidence": hashes });
    audit::record(state, &txn, &caller.request, Entry::mission(caller, id, "mission.purge", "mission", id, detail)).await?;
    missions::count_anew(&txn).await?;
    txn.commit().await?;
    // whoever looks at it finds it gone
    state.live.rights_changed(None);
    remove(state, files.into_iter().map(|f| f.storage_key)).await;
    Ok(tombstone)
}

/// Removes a piece of evidence for good.
pub async fn evidence(state: &State, caller: &Caller, id: Uuid, body: &PurgeConfirm) -> ApiResult<Tombstone> {
    let db = state.db.reader();
    let file = evidence_file::Entity::find_by_id(id).one(db).await?.ok_or_else(ApiError::not_found)?;
    let test = mission_test::Entity::find_by_id(file.mission_test_id).one(db).await?.ok_or_else(ApiError::not_found)?;
    let scope = MissionScope::authorize(state, caller, test.mission_id, Permission::MissionPurge).await?;
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, &scope).await?;
    // again, behind the lock: of two who purge it, the second finds nothing
    let file = evidence_file::Entity::find_by_id(id).one(&txn).await?.ok_or_else(ApiError::not_found)?;
    confirmed(body, &file.file_name)?;
    evidence_file::Entity::delete_by_id(id).exec(&txn).await?;
    if file.deleted_at.is_none() {
        change.test_event(
            caller,
            EventKind::EvidenceDeleted,
            test.id,
            test.disclosed,
            json!({ "file_name": file.file_name, "side": file.side }),
        );
    }
    let detail = json!({ "mission_test_id": test.id, "sha256": file.sha256, "size_bytes": file.size_bytes });
    let entry = Entry::mission(caller, scope.id(), "evidence.purge", "evidence", id, detail);
    let wake = change.write(state, &txn, caller, entry).await?;
    txn.commit().await?;
    state.live.publish(wake);
    remove(state, [file.storage_key]).await;
    Ok(Tombstone { id, sha256: file.sha256, tests: 0, files: 1 })
}
