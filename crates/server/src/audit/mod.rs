//! The audit log: one hash chain a stream (a mission's id, or `system`), written in the transaction of the change.
//!
//! Not here yet: reading, filtering, verifying over the API.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::Value;
use tyrian_entity::{audit_event, audit_head};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, RequestInfo};
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

/// Writes an entry: three statements. Call it last in the transaction, since it locks the stream's head.
pub async fn record(state: &AppState, txn: &DatabaseTransaction, request: &RequestInfo, entry: Entry) -> ApiResult<()> {
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
    let now = crate::now();
    let ip = request.ip.map(|ip| ip.to_string());
    let canonical = serde_json::json!([
        entry.stream,
        head.sequence,
        now.timestamp_micros(),
        entry.actor_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        ip,
        request.id,
        entry.detail,
        head.hash
    ]);
    let hash = hex::encode(crate::keys::hmac(&state.keys.audit, canonical.to_string().as_bytes()));
    audit_event::Entity::insert(audit_event::ActiveModel {
        id: Set(Uuid::now_v7()),
        stream: Set(entry.stream.clone()),
        sequence: Set(head.sequence),
        at: Set(now),
        actor_id: Set(entry.actor_id),
        action: Set(entry.action.to_owned()),
        object_kind: Set(entry.object_kind.to_owned()),
        object_id: Set(entry.object_id.map(|id| id.to_string())),
        ip: Set(ip),
        request_id: Set(Some(request.id.clone())),
        detail: Set(entry.detail),
        hash: Set(hash.clone()),
    })
    .exec_without_returning(txn)
    .await?;
    let updated = audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Hash, Expr::value(hash))
        .filter(audit_head::Column::Stream.eq(entry.stream))
        .exec(txn)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(ApiError::internal(anyhow::anyhow!("the audit head is gone"))) }
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
