//! Making, changing and removing defence tools.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, DbErr, IntoActiveModel, SqlErr};
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::defence_tools::{DefenceTool, DefenceToolCreate, DefenceToolPatch};
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use tyrian_entity::defence_tool;
use uuid::Uuid;

use super::{convert, store};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::{Caller, valid};
use crate::library;
use crate::live::Wake;
use crate::state::State;

/// All tools by name, or those that are offered.
pub async fn list(state: &State, only_active: bool) -> ApiResult<Vec<DefenceTool>> {
    Ok(store::list(state.db.reader(), only_active).await?.into_iter().map(convert::tool).collect())
}

/// Refuses who may not manage tools, after those who look for what is not there: everybody reads the list.
pub async fn authorize(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    if !caller.can(Permission::DefenceToolManage) && !store::exists(state.db.reader(), id).await? {
        return Err(ApiError::not_found());
    }
    caller.needs(Permission::DefenceToolManage)
}

fn name_taken(name: &str) -> ApiError {
    ApiError::new(ErrorCode::AlreadyExists, format!("A defence tool named {name} exists already."))
}

/// What the index on names refuses, when two make the same name at once, is told as the look before would have.
fn written(result: Result<defence_tool::Model, DbErr>, name: &str) -> ApiResult<defence_tool::Model> {
    result.map_err(|e| if matches!(e.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) { name_taken(name) } else { e.into() })
}

/// Makes a tool.
pub async fn create(state: &State, caller: &Caller, txn: &DatabaseTransaction, body: DefenceToolCreate) -> ApiResult<Created<DefenceTool>> {
    if store::name_taken(txn, &body.name, None).await? {
        return Err(name_taken(&body.name));
    }
    let now = crate::now();
    let row = defence_tool::Model {
        id: Uuid::now_v7(),
        name_key: text::key(&body.name),
        name: body.name.clone(),
        vendor: body.vendor.filter(|v| !v.is_empty()),
        kind: body.kind,
        is_active: true,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let row = written(row.into_active_model().insert(txn).await, &body.name)?;
    let detail = json!({ "name": row.name, "vendor": row.vendor, "kind": row.kind });
    audit::record(state, txn, &caller.request, Entry::system(caller, "defence_tool.create", "defence_tool", row.id, detail)).await?;
    let location = format!("/api/v1/defence-tools/{}", row.id);
    Ok(Created { value: convert::tool(row), location, etag: None, wake: Wake::default() })
}

/// Changes a tool.
pub async fn update(state: &State, caller: &Caller, id: Uuid, patch: DefenceToolPatch) -> ApiResult<DefenceTool> {
    let txn = state.db.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    valid(&patch)?;
    let fields = patch.fields();
    let name = library::set(patch.name, row.name.clone());
    if store::name_taken(&txn, &name, Some(id)).await? {
        return Err(name_taken(&name));
    }
    let mut edit = row.clone().into_active_model();
    edit.name_key = Set(text::key(&name));
    edit.name = Set(name.clone());
    edit.vendor = Set(patch.vendor.apply(row.vendor).filter(|v| !v.is_empty()));
    edit.kind = Set(library::set(patch.kind, row.kind));
    edit.is_active = Set(library::set(patch.is_active, row.is_active));
    edit.updated_at = Set(crate::now());
    let row = written(edit.update(&txn).await, &name)?;
    let detail = json!({ "fields": fields, "name": row.name });
    audit::record(state, &txn, &caller.request, Entry::system(caller, "defence_tool.update", "defence_tool", id, detail)).await?;
    txn.commit().await?;
    Ok(convert::tool(row))
}

/// Deletes a tool that no detection names.
pub async fn delete(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    if store::is_used(&txn, id).await? {
        return Err(ApiError::new(
            ErrorCode::InUse,
            format!("Detections name {}. Set is_active to false: it is no longer offered then, and they keep it.", row.name),
        ));
    }
    let (name, now) = (row.name.clone(), crate::now());
    let mut edit = row.into_active_model();
    edit.deleted_at = Set(Some(now));
    edit.updated_at = Set(now);
    edit.update(&txn).await?;
    let entry = Entry::system(caller, "defence_tool.delete", "defence_tool", id, json!({ "name": name }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    Ok(())
}
