//! Making, changing, retiring and removing detection levels.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, DbErr, IntoActiveModel, SqlErr};
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::detection_levels::{DetectionLevel, DetectionLevelCreate, DetectionLevelPatch};
use tyrian_domain::permission::Permission;
use tyrian_entity::detection_level;
use uuid::Uuid;

use super::{convert, store};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::{Caller, valid};
use crate::library;
use crate::live::Wake;
use crate::state::State;

/// All levels, the best last.
pub async fn list(state: &State) -> ApiResult<Vec<DetectionLevel>> {
    Ok(store::list(state.db.reader()).await?.into_iter().map(convert::level).collect())
}

/// Refuses who may not manage levels, after those who look for what is not there: everybody reads the list.
pub async fn authorize(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    if !caller.can(Permission::DetectionLevelManage) && !store::exists(state.db.reader(), id).await? {
        return Err(ApiError::not_found());
    }
    caller.needs(Permission::DetectionLevelManage)
}

fn entry(caller: &Caller, action: &'static str, id: Uuid, detail: serde_json::Value) -> Entry {
    Entry::system(caller, action, "detection_level", id, detail)
}

fn code_taken(code: &str) -> ApiError {
    ApiError::new(ErrorCode::AlreadyExists, format!("A detection level with the code {code} exists already."))
}

fn in_use(name: &str) -> ApiError {
    ApiError::new(
        ErrorCode::InUse,
        format!("Tests were assessed by {name}. Set is_retired to true: it is no longer offered then, and they keep it."),
    )
}

/// Makes a level.
pub async fn create(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    body: DetectionLevelCreate,
) -> ApiResult<Created<DetectionLevel>> {
    store::lock_all(txn).await?;
    if store::code_taken(txn, &body.code).await? {
        return Err(code_taken(&body.code));
    }
    let (id, now) = (Uuid::now_v7(), crate::now());
    if body.is_default {
        store::only_default(txn, id).await?;
    }
    let row = detection_level::Model {
        id,
        code: body.code.clone(),
        name: body.name,
        description: body.description.filter(|d| !d.is_empty()),
        color: body.color,
        rank: body.rank,
        is_default: body.is_default,
        is_retired: false,
        created_at: now,
        updated_at: now,
    };
    let row = row.into_active_model().insert(txn).await.map_err(|e| match e.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => code_taken(&body.code),
        _ => e.into(),
    })?;
    audit::record(state, txn, &caller.request, entry(caller, "detection_level.create", id, json!({ "code": row.code }))).await?;
    Ok(Created { value: convert::level(row), location: format!("/api/v1/detection-levels/{id}"), etag: None, wake: Wake::default() })
}

/// Changes a level, or retires it. Its code stays: the counters of missions go by it.
pub async fn update(state: &State, caller: &Caller, id: Uuid, patch: DetectionLevelPatch) -> ApiResult<DetectionLevel> {
    let txn = state.db.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    valid(&patch)?;
    let fields = patch.fields();
    let is_default = library::set(patch.is_default, row.is_default);
    let is_retired = library::set(patch.is_retired, row.is_retired);
    if is_default && is_retired {
        let pointer = if row.is_default { "/is_retired" } else { "/is_default" };
        return Err(ApiError::field(
            pointer,
            "default_retired",
            "A level that is proposed first is not retired. Make another one the default first.",
        ));
    }
    if is_default && !row.is_default {
        store::only_default(&txn, id).await?;
    }
    let mut edit = row.clone().into_active_model();
    edit.name = Set(library::set(patch.name, row.name));
    edit.description = Set(patch.description.apply(row.description).filter(|d| !d.is_empty()));
    edit.color = Set(library::set(patch.color, row.color));
    edit.rank = Set(library::set(patch.rank, row.rank));
    edit.is_default = Set(is_default);
    edit.is_retired = Set(is_retired);
    edit.updated_at = Set(crate::now());
    let row = edit.update(&txn).await?;
    let detail = json!({ "code": row.code, "fields": fields });
    audit::record(state, &txn, &caller.request, entry(caller, "detection_level.update", id, detail)).await?;
    txn.commit().await?;
    Ok(convert::level(row))
}

/// Removes a level that no test names.
pub async fn delete(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    if store::is_used(&txn, id).await? {
        return Err(in_use(&row.name));
    }
    // a test that was judged by it just now holds it by its key
    store::delete(&txn, id).await.map_err(|e: DbErr| match e.sql_err() {
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => in_use(&row.name),
        _ => e.into(),
    })?;
    audit::record(state, &txn, &caller.request, entry(caller, "detection_level.delete", id, json!({ "code": row.code }))).await?;
    txn.commit().await?;
    Ok(())
}
