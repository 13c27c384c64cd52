//! Saying something, changing it, taking it back: each with its event, its audit entry and the notifications of whom it mentions.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;
use tyrian_api_types::comments::{Comment, CommentCreate, CommentPatch};
use tyrian_api_types::{ErrorCode, Page, Patch};
use tyrian_domain::event::EventKind;
use tyrian_domain::execution::may_comment;
use tyrian_domain::notification::NotificationKind;
use tyrian_domain::permission::Permission;
use tyrian_entity::{mission_comment, mission_test};
use uuid::Uuid;

use super::store::{CommentRow, Person};
use super::{convert, store};
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::paging::{PageRequest, page};
use crate::http::{Caller, IfMatch, etag, valid};
use crate::missions::scope::writable;
use crate::missions::{self, Change, MissionScope};
use crate::notifications::{self, Note};
use crate::state::State;

/// Characters of a comment that its notification shows.
const EXCERPT: usize = 300;

/// A page of what people said: four statements at most besides the scope's.
pub async fn list(state: &State, scope: &MissionScope, test: Option<Uuid>, request: &PageRequest) -> ApiResult<Page<Comment>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, scope, test, request).await?;
    let people = store::people(db, scope).await?;
    Ok(page(rows.into_iter().map(|row| convert::comment(row, &people)).collect(), next, total))
}

/// Everything that the caller sees of what was said in a mission, the oldest first.
pub async fn of_mission(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Vec<Comment>> {
    let rows = store::all(db, scope).await?;
    let people = store::people(db, scope).await?;
    Ok(rows.into_iter().map(|row| convert::comment(row, &people)).collect())
}

fn looks_on() -> ApiError {
    ApiError::new(ErrorCode::Forbidden, "Observers look on: the other members comment. A lead can change your role.")
}

/// Refuses who may not say this here: nothing is written yet.
pub async fn authorize(state: &State, scope: &MissionScope, body: &CommentCreate) -> ApiResult<()> {
    if let Some(test) = body.mission_test_id
        && !missions::sees_test(state.db.reader(), scope, test).await?
    {
        return Err(ApiError::not_found());
    }
    if !may_comment(scope.viewer()) {
        return Err(looks_on());
    }
    writable(scope.mission())
}

/// What a comment is about.
async fn subject(txn: &DatabaseTransaction, scope: &MissionScope, test: Option<Uuid>) -> ApiResult<Option<mission_test::Model>> {
    let Some(id) = test else { return Ok(None) };
    missions::store::test(txn, scope, id).await?.map(Some).ok_or_else(ApiError::not_found)
}

/// Notes an event about the comment: one on a hidden test is as hidden as the test.
fn event(change: &mut Change, caller: &Caller, kind: EventKind, test: Option<&mission_test::Model>, comment: Uuid) {
    let payload = json!({ "comment_id": comment });
    match test {
        Some(test) => change.test_event(caller, kind, test.id, test.disclosed, payload),
        None => change.event(caller, kind, payload),
    }
}

/// Tells those of `mentioned` who can see what the comment is about.
async fn tell(
    txn: &DatabaseTransaction,
    change: &mut Change,
    caller: &Caller,
    test: Option<&mission_test::Model>,
    mentioned: &[&Person],
    body: &str,
) -> ApiResult<()> {
    let disclosed = test.is_none_or(|t| t.disclosed);
    let users: Vec<Uuid> = mentioned.iter().filter(|p| convert::sees(p, disclosed)).map(|p| p.id).collect();
    let mission = change.mission();
    let (place, link) = match test {
        Some(test) => (format!("{} in {}", test.name, mission.name), format!("/missions/{}?test={}", mission.id, test.id)),
        None => (mission.name.clone(), format!("/missions/{}", mission.id)),
    };
    let note = Note {
        kind: NotificationKind::Mentioned,
        subject: format!("{} mentioned you at {place}", caller.display_name),
        body: Some(body.chars().take(EXCERPT).collect()),
        link: &link,
    };
    let told = notifications::tell(txn, caller, &users, note).await?;
    change.notified(told);
    Ok(())
}

fn entry(caller: &Caller, action: &'static str, row: &mission_comment::Model) -> Entry {
    let detail = json!({ "mission_test_id": row.mission_test_id, "author_id": row.author_id });
    Entry::mission(caller, row.mission_id, action, "comment", row.id, detail)
}

/// Says something.
pub async fn create(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    body: CommentCreate,
) -> ApiResult<Created<Comment>> {
    let mut change = Change::begin(txn, scope).await?;
    let test = subject(txn, scope, body.mission_test_id).await?;
    let now = crate::now();
    let row = mission_comment::Model {
        id: Uuid::now_v7(),
        mission_id: scope.id(),
        mission_test_id: body.mission_test_id,
        author_id: Some(caller.id),
        body: body.body,
        edited_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let row = row.into_active_model().insert(txn).await?;
    let people = store::people(txn, scope).await?;
    tell(txn, &mut change, caller, test.as_ref(), &convert::mentioned(&row.body, &people), &row.body).await?;
    event(&mut change, caller, EventKind::CommentAdded, test.as_ref(), row.id);
    let wake = change.write(state, txn, caller, entry(caller, "comment.create", &row)).await?;
    let location = format!("/api/v1/missions/{}/comments/{}", scope.id(), row.id);
    let etag = Some(etag::etag(row.version));
    let value = convert::comment(CommentRow { comment: row, author_name: Some(caller.display_name.clone()) }, &people);
    Ok(Created { value, location, etag, wake })
}

/// Changes one's own comment. Who was mentioned before is not told again.
pub async fn update(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    id: Uuid,
    if_match: &IfMatch,
    patch: CommentPatch,
) -> ApiResult<Comment> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, scope).await?;
    let CommentRow { comment: row, author_name } = store::find(&txn, scope, id).await?.ok_or_else(ApiError::not_found)?;
    if row.author_id != Some(caller.id) {
        return Err(ApiError::new(ErrorCode::Forbidden, "A comment is changed by who wrote it. Answer with one of your own."));
    }
    if !may_comment(scope.viewer()) {
        return Err(looks_on());
    }
    writable(change.mission())?;
    valid(&patch)?;
    if_match.require(row.version, &etag::etag(row.version))?;
    let people = store::people(&txn, scope).await?;
    let row = match patch.body {
        Patch::Set(body) if body != row.body => {
            let before = convert::mentioned(&row.body, &people);
            let test = subject(&txn, scope, row.mission_test_id).await?;
            let (now, version) = (crate::now(), row.version);
            let mut edit = row.clone().into_active_model();
            edit.body = Set(body);
            edit.edited_at = Set(Some(now));
            edit.updated_at = Set(now);
            edit.version = Set(version + 1);
            let row = edit.update(&txn).await?;
            let new: Vec<&Person> =
                convert::mentioned(&row.body, &people).into_iter().filter(|p| !before.iter().any(|b| b.id == p.id)).collect();
            tell(&txn, &mut change, caller, test.as_ref(), &new, &row.body).await?;
            event(&mut change, caller, EventKind::CommentUpdated, test.as_ref(), row.id);
            let wake = change.write(state, &txn, caller, entry(caller, "comment.update", &row)).await?;
            txn.commit().await?;
            state.live.publish(wake);
            row
        }
        // nothing changes: nobody is told of an edit that was none
        _ => row,
    };
    Ok(convert::comment(CommentRow { comment: row, author_name }, &people))
}

/// Takes a comment away: one's own, or as who keeps all missions.
pub async fn delete(state: &State, caller: &Caller, scope: &MissionScope, id: Uuid, if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, scope).await?;
    let row = store::find(&txn, scope, id).await?.ok_or_else(ApiError::not_found)?.comment;
    // red holds mission.update too, and must not remove what blue said
    let moderates = caller.can(Permission::MissionUpdate) && caller.can(Permission::MissionReadAll);
    if !moderates {
        if row.author_id != Some(caller.id) {
            return Err(ApiError::new(ErrorCode::Forbidden, "A comment is deleted by who wrote it, or by a lead."));
        }
        if !may_comment(scope.viewer()) {
            return Err(looks_on());
        }
    }
    writable(change.mission())?;
    if_match.require(row.version, &etag::etag(row.version))?;
    let test = subject(&txn, scope, row.mission_test_id).await?;
    store::delete(&txn, id).await?;
    event(&mut change, caller, EventKind::CommentDeleted, test.as_ref(), id);
    let wake = change.write(state, &txn, caller, entry(caller, "comment.delete", &row)).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(())
}
