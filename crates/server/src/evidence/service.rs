//! What happens to evidence: each change in one transaction with its event and its audit entry.

use futures_util::StreamExt as _;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tyrian_api_types::evidence::{Evidence, EvidenceDamage, EvidenceVerification};
use tyrian_api_types::{ErrorCode, FieldError};
use tyrian_domain::event::EventKind;
use tyrian_domain::execution::{may_add_evidence, may_delete_evidence};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use tyrian_domain::test::{Side, TestState};
use tyrian_entity::{evidence_file, mission_test};
use uuid::Uuid;

use super::convert;
use super::look::Seen;
use super::store::{self, Row};
use super::upload::Received;
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::execution::refuse;
use crate::http::Caller;
use crate::live::Wake;
use crate::missions::convert::word;
use crate::missions::{Change, MissionScope};
use crate::state::State;

/// A test that the caller sees.
pub async fn test(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> ApiResult<mission_test::Model> {
    crate::missions::store::test(db, scope, id).await?.ok_or_else(ApiError::not_found)
}

/// A piece that the caller sees, with the scope of its mission.
pub async fn find(state: &State, caller: &Caller, id: Uuid) -> ApiResult<(MissionScope, Row)> {
    let db = state.db.reader();
    let mission = store::mission_of(db, id).await?.ok_or_else(ApiError::not_found)?;
    let scope = MissionScope::read(state, caller, mission).await?;
    let row = store::one(db, &scope, id).await?.ok_or_else(ApiError::not_found)?;
    Ok((scope, row))
}

/// May the caller add evidence at all? What is asked before a file travels: whatever else refuses it needs its side.
pub fn may_upload(caller: &Caller, scope: &MissionScope) -> ApiResult<()> {
    caller.needs(Permission::EvidenceUpload)?;
    let hands = scope.hands();
    if hands.red || hands.blue {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::FieldForbidden, "Evidence is added by those who take part on the red or the blue side."))
}

/// May the caller add evidence on that side, with the mission and the test as they are?
pub fn may_add(scope: &MissionScope, mission: MissionStatus, test: &mission_test::Model, side: Side) -> ApiResult<()> {
    let state = word(TestState::parse(&test.state), &test.state)?;
    may_add_evidence(side, scope.hands(), mission, state).map_err(|refusal| {
        let mut error = refuse::error(refusal);
        error.problem.detail = format!("Evidence of the {side} side: {}", error.problem.detail);
        let (code, detail) = (error.code().as_str().to_owned(), refusal.reason());
        error.problem.errors = vec![FieldError { pointer: "/side".into(), code, detail }];
        error
    })
}

/// The mission's status as it was when the scope was made.
pub fn status(scope: &MissionScope) -> ApiResult<MissionStatus> {
    let status = &scope.mission().status;
    word(MissionStatus::parse(status), status)
}

/// Puts an upload that came in whole in its place and records it. Must run to its end, whatever becomes of the client:
/// between the file and its row nobody may leave.
pub async fn add(state: &State, caller: &Caller, scope: &MissionScope, test_id: Uuid, received: Received) -> ApiResult<Evidence> {
    // an upload may take long, and what was allowed when it began may not be so any more
    let caller = caller.again(state.db.reader()).await?;
    let scope = MissionScope::read(state, &caller, scope.id()).await?;
    may_upload(&caller, &scope)?;
    let Received { side, caption, file } = received;
    may_add(&scope, status(&scope)?, &test(state.db.reader(), &scope, test_id).await?, side)?;

    let key = file.bytes.finish().await?;
    let new = New { test_id, side, caption, name: file.name, seen: file.seen, key: key.clone() };
    let recorded = async {
        let txn = state.db.begin().await?;
        let (answer, wake) = record(state, &txn, &caller, &scope, new).await?;
        ApiResult::Ok((txn, answer, wake))
    };
    match recorded.await {
        Ok((txn, answer, wake)) => {
            if let Err(error) = txn.commit().await {
                if did_not_happen(state, answer.id).await {
                    forget(state, &key).await;
                }
                return Err(error.into());
            }
            state.live.publish(wake);
            Ok(answer)
        }
        Err(error) => {
            forget(state, &key).await;
            Err(error)
        }
    }
}

/// Is it certain that a commit that failed wrote no row of this piece? SQLite has ended it by then. PostgreSQL may yet do what
/// it was told, or have done it: then the file has a row, or the sweep finds it.
async fn did_not_happen(state: &State, id: Uuid) -> bool {
    let db = state.db.reader();
    db.get_database_backend() == DbBackend::Sqlite && matches!(store::is_recorded(db, id).await, Ok(false))
}

async fn forget(state: &State, key: &str) {
    if let Err(e) = state.storage.remove(key).await {
        tracing::warn!(key, cause = %e, "a file without a row stays until the next sweep");
    }
}

/// A file that is in its place and has no row yet.
struct New {
    test_id: Uuid,
    side: Side,
    caption: Option<String>,
    name: String,
    seen: Seen,
    key: String,
}

async fn record(state: &State, txn: &DatabaseTransaction, caller: &Caller, scope: &MissionScope, new: New) -> ApiResult<(Evidence, Wake)> {
    let mut change = Change::begin_any(txn, scope).await?;
    let test = test(txn, scope, new.test_id).await?;
    may_add(scope, change.status()?, &test, new.side)?;
    let (id, now) = (Uuid::now_v7(), crate::now());
    let row = evidence_file::Model {
        id,
        mission_test_id: test.id,
        side: new.side.as_str().to_owned(),
        file_name: new.name,
        content_type: new.seen.content_type.to_owned(),
        size_bytes: i64::try_from(new.seen.size).map_err(ApiError::internal)?,
        sha256: new.seen.sha256,
        storage_key: new.key,
        caption: new.caption,
        uploaded_by_id: Some(caller.id),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    store::insert(txn, row.clone()).await?;
    let payload = json!({ "file_name": row.file_name, "side": row.side });
    change.test_event(caller, EventKind::EvidenceAdded, test.id, test.disclosed, payload);
    let detail = json!({
        "mission_test_id": test.id, "file_name": row.file_name, "side": row.side, "size_bytes": row.size_bytes, "sha256": row.sha256,
    });
    let entry = Entry::mission(caller, scope.id(), "evidence.add", "evidence", id, detail);
    let wake = change.write(state, txn, caller, entry).await?;
    let answer = convert::evidence(Row { file: row, uploader: Some(caller.display_name.clone()) })?;
    Ok((answer, wake))
}

/// Takes a piece out of every read. Its file stays, as the audit log does.
pub async fn delete(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    let (scope, _) = find(state, caller, id).await?;
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, &scope).await?;
    // again, behind the lock: of two who delete it, the second finds nothing
    let file = store::one(&txn, &scope, id).await?.ok_or_else(ApiError::not_found)?.file;
    let own = file.uploaded_by_id == Some(caller.id);
    may_delete_evidence(own, &caller.permissions, change.status()?).map_err(refuse::error)?;
    let test = test(&txn, &scope, file.mission_test_id).await?;
    store::delete(&txn, &scope, id, crate::now()).await?;
    let payload = json!({ "file_name": file.file_name, "side": file.side });
    change.test_event(caller, EventKind::EvidenceDeleted, test.id, test.disclosed, payload);
    let detail = json!({ "mission_test_id": test.id, "file_name": file.file_name, "side": file.side, "sha256": file.sha256 });
    let entry = Entry::mission(caller, scope.id(), "evidence.delete", "evidence", id, detail);
    let wake = change.write(state, &txn, caller, entry).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(())
}

/// Reads every file of the mission that the caller sees, and compares it with what came in.
pub async fn verify(state: &State, scope: &MissionScope) -> ApiResult<EvidenceVerification> {
    let _turn = state.storage.turn().await?;
    let mut found = EvidenceVerification { files: 0, bytes: 0, ok: true, damaged: Vec::new() };
    for row in store::of_mission(state.db.reader(), scope).await? {
        let file = row.file;
        found.files += 1;
        let (fault, found_sha256) = match state.storage.read(&file.storage_key, None).await? {
            None => ("missing", None),
            Some(content) => match hash(content.bytes, &mut found.bytes).await {
                Ok(sha256) if sha256 == file.sha256 => continue,
                Ok(sha256) => ("changed", Some(sha256)),
                Err(e) => {
                    tracing::warn!(evidence = %file.id, cause = %e, "a file of evidence cannot be read to its end");
                    ("unreadable", None)
                }
            },
        };
        found.ok = false;
        found.damaged.push(EvidenceDamage {
            id: file.id,
            mission_test_id: file.mission_test_id,
            file_name: file.file_name,
            fault: fault.to_owned(),
            expected_sha256: file.sha256,
            found_sha256,
        });
    }
    Ok(found)
}

/// The hash of what a stream brings; its bytes are counted.
async fn hash(
    mut bytes: futures_util::stream::BoxStream<'static, Result<bytes::Bytes, std::io::Error>>,
    count: &mut u64,
) -> Result<String, std::io::Error> {
    let mut hasher = Sha256::new();
    while let Some(piece) = bytes.next().await {
        let piece = piece?;
        *count += piece.len() as u64;
        hasher.update(&piece);
    }
    Ok(hex::encode(hasher.finalize()))
}
