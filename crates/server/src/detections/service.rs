//! What happens to detections: each in one transaction with its event and its audit entry.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, SqlErr};
use serde_json::{Value, json};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::detections::{Detection, DetectionCreate, DetectionPatch};
use tyrian_domain::event::EventKind;
use tyrian_domain::execution::may_detect;
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::text::moment;
use tyrian_entity::{defence_tool, mission_test, mission_test_detection as entity};
use uuid::Uuid;

use super::{convert, store};
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::execution::refuse;
use crate::http::idempotency::Created;
use crate::http::{Caller, IfMatch, etag, valid};
use crate::missions::{Change, MissionScope, convert::state_of, store as missions};
use crate::state::State;

/// Locks the mission, finds the test, and refuses who may not judge it now.
async fn begin(txn: &DatabaseTransaction, scope: &MissionScope, test: Uuid) -> ApiResult<(Change, mission_test::Model)> {
    let change = Change::begin_any(txn, scope).await?;
    let test = missions::test(txn, scope, test).await?.ok_or_else(ApiError::not_found)?;
    may_detect(scope.hands(), change.status()?, state_of(&test)?).map_err(refuse::error)?;
    Ok((change, test))
}

fn in_order(test: &mission_test::Model, occurred_at: Option<DateTime<Utc>>) -> ApiResult<()> {
    match (test.started_at, occurred_at) {
        (Some(start), Some(time)) if seconds_between(start, time) < 0 => Err(ApiError::field(
            "/occurred_at",
            "before_start",
            format!("{} lies before the start of the test ({}).", moment(time), moment(start)),
        )),
        _ => Ok(()),
    }
}

fn payload(row: &entity::Model, tool: &str) -> Value {
    json!({ "detection_id": row.id, "tool": tool, "kind": row.kind, "result": row.result })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|t| !t.is_empty())
}

/// Notes what a tool did.
pub async fn add(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    test: Uuid,
    body: DetectionCreate,
) -> ApiResult<Created<Detection>> {
    let (mut change, test) = begin(txn, scope, test).await?;
    valid(&body)?;
    let tool = defence_tool::Entity::find_by_id(body.defence_tool_id)
        .filter(defence_tool::Column::DeletedAt.is_null())
        .one(txn)
        .await?
        .ok_or_else(|| ApiError::field("/defence_tool_id", "unknown", format!("There is no defence tool {}.", body.defence_tool_id)))?;
    in_order(&test, body.occurred_at)?;
    let now = crate::now();
    let row = entity::Model {
        id: Uuid::now_v7(),
        mission_test_id: test.id,
        defence_tool_id: tool.id,
        kind: body.kind.as_str().to_owned(),
        result: body.result.as_str().to_owned(),
        severity: body.severity.map(|s| s.as_str().to_owned()),
        occurred_at: body.occurred_at,
        reference: filled(body.reference),
        rule: filled(body.rule),
        notes: filled(body.notes),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let twin = entity::Entity::find()
        .filter(entity::Column::MissionTestId.eq(test.id))
        .filter(entity::Column::DefenceToolId.eq(tool.id))
        .filter(entity::Column::Kind.eq(row.kind.as_str()))
        .one(txn)
        .await?;
    if twin.is_some() {
        return Err(taken(&tool.name, &row.kind));
    }
    entity::Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await.map_err(|e| match e.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => taken(&tool.name, &row.kind),
        _ => e.into(),
    })?;
    change.test_event(caller, EventKind::DetectionAdded, test.id, test.disclosed, payload(&row, &tool.name));
    let entry = Entry::mission(caller, scope.id(), "detection.add", "detection", row.id, payload(&row, &tool.name));
    let wake = change.write(state, txn, caller, entry).await?;
    let location = format!("/api/v1/missions/{}/tests/{}/detections/{}", scope.id(), test.id, row.id);
    Ok(Created { value: convert::detection(row, tool.name)?, location, etag: Some(etag::etag(1)), wake })
}

fn taken(tool: &str, kind: &str) -> ApiError {
    ApiError::new(ErrorCode::AlreadyExists, format!("{tool} has a row for {kind} in this test: change that one."))
}

/// Changes what was noted.
pub async fn update(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    (test, id): (Uuid, Uuid),
    if_match: &IfMatch,
    patch: DetectionPatch,
) -> ApiResult<(Detection, String)> {
    let txn = state.db.begin().await?;
    let (mut change, test) = begin(&txn, scope, test).await?;
    let (row, tool) = store::find(&txn, scope, test.id, id).await?;
    valid(&patch)?;
    in_order(&test, patch.occurred_at.value().copied())?;
    if_match.require(row.version, &etag::etag(row.version))?;
    let version = row.version + 1;
    let mut new = row.clone().into_active_model();
    if let Some(result) = patch.result.value() {
        new.result = Set(result.as_str().to_owned());
    }
    if !patch.severity.is_keep() {
        new.severity = Set(patch.severity.apply(None).map(|s| s.as_str().to_owned()));
    }
    new.occurred_at = Set(patch.occurred_at.apply(row.occurred_at));
    new.reference = Set(filled(patch.reference.apply(row.reference)));
    new.rule = Set(filled(patch.rule.apply(row.rule)));
    new.notes = Set(filled(patch.notes.apply(row.notes)));
    new.version = Set(version);
    new.updated_at = Set(crate::now());
    let row = new.update(&txn).await?;
    change.test_event(caller, EventKind::DetectionUpdated, test.id, test.disclosed, payload(&row, &tool));
    let entry = Entry::mission(caller, scope.id(), "detection.update", "detection", id, payload(&row, &tool));
    let wake = change.write(state, &txn, caller, entry).await?;
    let answer = convert::detection(row, tool)?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok((answer, etag::etag(version)))
}

/// Takes back what was noted.
pub async fn delete(state: &State, caller: &Caller, scope: &MissionScope, (test, id): (Uuid, Uuid), if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let (mut change, test) = begin(&txn, scope, test).await?;
    let (row, tool) = store::find(&txn, scope, test.id, id).await?;
    if_match.require(row.version, &etag::etag(row.version))?;
    entity::Entity::delete_by_id(id).exec(&txn).await?;
    change.test_event(caller, EventKind::DetectionDeleted, test.id, test.disclosed, payload(&row, &tool));
    let entry = Entry::mission(caller, scope.id(), "detection.delete", "detection", id, payload(&row, &tool));
    let wake = change.write(state, &txn, caller, entry).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(())
}
