//! The audit log: one hash chain a stream (a mission's id, or `system`), written in the transaction of the change, read and
//! verified by whoever may.

mod anchor;
mod convert;
mod routes;
mod service;
mod store;
mod verify;

pub use anchor::{anchor, check};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait};
use serde_json::Value;
use tyrian_entity::{audit_event, audit_head};
use uuid::Uuid;

use crate::db::together::Writes;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, RequestInfo, Routes};
use crate::state::AppState;

/// The stream of what belongs to no mission.
pub const SYSTEM: &str = "system";

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Entry {
    /// [`SYSTEM`], or a mission's id.
    pub stream: String,
    /// Who did it; none: nobody signed in, or the command line.
    pub actor_id: Option<Uuid>,
    /// What, `mission.create`.
    pub action: &'static str,
    /// To what kind of object.
    pub object_kind: &'static str,
    /// To which.
    pub object_id: Option<Uuid>,
    /// More of it; never a secret.
    pub detail: Value,
}

impl Entry {
    /// Something that `caller` did outside any mission.
    pub fn system(caller: &Caller, action: &'static str, object_kind: &'static str, object_id: Uuid, detail: Value) -> Self {
        Self { stream: SYSTEM.to_owned(), actor_id: Some(caller.id), action, object_kind, object_id: Some(object_id), detail }
    }

    /// Something that `caller` did in a mission.
    pub fn mission(
        caller: &Caller,
        mission: Uuid,
        action: &'static str,
        object_kind: &'static str,
        object_id: Uuid,
        detail: Value,
    ) -> Self {
        Self { stream: mission.to_string(), actor_id: Some(caller.id), action, object_kind, object_id: Some(object_id), detail }
    }
}

/// Writes an entry: two statements. Call it last in the transaction, since it locks the stream's head.
pub async fn record(state: &AppState, txn: &DatabaseTransaction, request: &RequestInfo, entry: Entry) -> ApiResult<()> {
    let mut writes = Writes::default();
    link(state, txn, request, entry, &mut writes).await?;
    Ok(writes.send(txn).await?)
}

/// The same for who has more to write: the head is taken, the entry and the new head come to the others.
pub async fn link(state: &AppState, txn: &DatabaseTransaction, request: &RequestInfo, entry: Entry, writes: &mut Writes) -> ApiResult<()> {
    // Taking the next number locks the head row until the commit, so the chain never forks.
    let head = audit_head::Entity::insert(audit_head::ActiveModel {
        stream: Set(entry.stream.clone()),
        sequence: Set(1),
        hash: Set(String::new()),
    })
    .on_conflict(
        OnConflict::column(audit_head::Column::Stream)
            .value(audit_head::Column::Sequence, Expr::col((audit_head::Entity, audit_head::Column::Sequence)).add(1))
            .to_owned(),
    )
    .exec_with_returning(txn)
    .await?;
    let mut detail = entry.detail;
    if let (Some(token), Some(detail)) = (request.api_token, detail.as_object_mut()) {
        detail.insert("api_token".into(), serde_json::json!(token));
    }
    let mut row = audit_event::Model {
        id: Uuid::now_v7(),
        stream: entry.stream.clone(),
        sequence: head.sequence,
        at: crate::now(),
        actor_id: entry.actor_id,
        action: entry.action.to_owned(),
        object_kind: entry.object_kind.to_owned(),
        object_id: entry.object_id.map(|id| id.to_string()),
        ip: request.ip.map(|ip| ip.to_string()),
        request_id: Some(request.id.clone()),
        detail,
        hash: String::new(),
    };
    row.hash = hash_of(state, &row, &head.hash);
    let hash = row.hash.clone();
    writes.add(audit_event::Entity::insert(row.into_active_model()).into_query());
    let next = audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Hash, Expr::value(hash))
        .filter(audit_head::Column::Stream.eq(entry.stream));
    writes.add(next.into_query());
    Ok(())
}

/// The hash of an entry behind the one with the hash `before`.
fn hash_of(state: &AppState, row: &audit_event::Model, before: &str) -> String {
    let canonical = serde_json::json!([
        row.stream,
        row.sequence,
        row.at.timestamp_micros(),
        row.actor_id,
        row.action,
        row.object_kind,
        row.object_id,
        row.ip,
        row.request_id,
        row.detail,
        before
    ]);
    hex::encode(crate::keys::hmac(&state.keys.audit, canonical.to_string().as_bytes()))
}

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::verify_audit).service(routes::list_audit_events);
}

/// Denials a minute and user that are kept: who tries without end must not fill the log.
pub const DENIALS_A_MINUTE: u32 = 30;

/// Notes that somebody tried what they may not, in a transaction of its own: that of the attempt is rolled back.
pub async fn denied(state: &AppState, request: &RequestInfo, caller: Uuid, method: &str, path: &str, error: &ApiError) -> ApiResult<()> {
    if state.denials.check(caller).is_err() {
        return Ok(());
    }
    let entry = Entry {
        stream: SYSTEM.to_owned(),
        actor_id: Some(caller),
        action: "denied",
        object_kind: "request",
        object_id: None,
        detail: serde_json::json!({
            "method": method,
            "path": path.chars().take(300).collect::<String>(),
            "code": error.code().as_str(),
            "permission": error.problem.permission,
        }),
    };
    let txn = state.db.begin().await?;
    record(state, &txn, request, entry).await?;
    txn.commit().await?;
    Ok(())
}
