//! One test changed and moved, in one transaction with its event and its audit entry.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use tyrian_api_types::execution::MissionTestPatch;
use tyrian_api_types::missions::MissionTest;
use tyrian_domain::event::EventKind;
use tyrian_domain::execution::may_move;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::notification::NotificationKind;
use tyrian_domain::test::TestState;
use tyrian_entity::{mission_member, mission_test};
use uuid::Uuid;

use super::{patch as patching, refuse, told};
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, IfMatch, valid};
use crate::missions::{Change, MissionScope, reading, store};
use crate::notifications::{self, Note};
use crate::search::texts;
use crate::state::State;

/// What is to be done to a test.
#[derive(Debug, Default)]
pub struct Edit {
    /// Fields to change.
    pub patch: Option<Box<MissionTestPatch>>,
    /// Where to move it after that.
    pub to: Option<TestState>,
}

/// Changes and moves a test. A patch needs If-Match, a move alone honours it. The test after it, and its ETag.
pub async fn edit(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    id: Uuid,
    if_match: &IfMatch,
    edit: Edit,
) -> ApiResult<(MissionTest, String)> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, scope).await?;
    let placed = store::placed_test(&txn, scope, id).await?.ok_or_else(ApiError::not_found)?;
    let row = &placed.test;
    let before = patching::tally(&txn, row).await?;
    let mut now = row.clone();
    let mut fields = Vec::new();
    if let Some(patch) = edit.patch {
        fields = patch.fields();
        refuse::fields(&fields, scope.hands(), change.status()?, before.counted.state)?;
        valid(&*patch)?;
        patching::check(&txn, row, &patch).await?;
        if_match.require(row.version, &format!("\"{}\"", row.version))?;
        let attack_ids = if patching::is_of_plan(&fields) { store::attack_ids(&txn, id).await? } else { Vec::new() };
        if let Some(found_by) = patching::apply(&mut now, *patch, &attack_ids)? {
            texts::keep(&txn, [found_by]).await?;
        }
    }
    let mut moved = None;
    if let Some(to) = edit.to {
        let from = before.counted.state;
        let status = change.status()?;
        may_move(from, to, scope.hands(), status).map_err(|r| refuse::illegal_move(from, to, scope.hands(), status, r))?;
        if_match.honour(row.version, &format!("\"{}\"", row.version))?;
        step(caller, &mut now, to);
        moved = Some((from, to));
    }
    if fields.is_empty() && moved.is_none() {
        txn.rollback().await?;
        return reading::test(state.db.reader(), scope, id).await;
    }
    now.version = row.version + 1;
    now.updated_at = crate::now();
    change.also(patching::saving(row, &now)?);

    change.recount(Some(&before), Some(&patching::tally(&txn, &now).await?));
    tell(&txn, caller, &mut change, row, &now, &fields, moved).await?;
    let action = if moved.is_some() { "mission_test.move" } else { "mission_test.update" };
    let detail = json!({ "fields": fields, "from": moved.map(|m| m.0), "to": moved.map(|m| m.1), "version": now.version });
    let entry = Entry::mission(caller, scope.id(), action, "mission_test", id, detail);
    let wake = change.write(state, &txn, caller, entry).await?;
    let answer = if is_as_written(row, &now) {
        reading::whole_test(store::PlacedTest { test: now, ..placed })?
    } else {
        reading::test(&txn, scope, id).await?
    };
    txn.commit().await?;
    state.live.publish(wake);
    Ok(answer)
}

/// Is the row what a reading would give, with the place, the tags and the names that were read before? Not where somebody else
/// is named now, and not where the database may keep something in another way than it was given: times and JSON.
fn is_as_written(before: &mission_test::Model, after: &mission_test::Model) -> bool {
    let people = |row: &mission_test::Model| (row.operator_id, row.assessor_id, row.finding_owner_id);
    let times = |row: &mission_test::Model| (row.started_at, row.ended_at, row.detected_at, row.alerted_at, row.responded_at);
    people(before) == people(after)
        && times(before) == times(after)
        && before.detection_rules == after.detection_rules
        && before.platforms == after.platforms
        && before.tags == after.tags
        && before.arguments == after.arguments
        && before.reference_links == after.reference_links
        && before.argument_values == after.argument_values
}

/// What a move brings with it: who and when, where nobody has said so. Going back keeps what is there.
fn step(caller: &Caller, row: &mut mission_test::Model, to: TestState) {
    let now = crate::now();
    match to {
        TestState::Running => {
            row.started_at.get_or_insert(now);
            row.operator_id.get_or_insert(caller.id);
        }
        // a start in the future is somebody's clock: the end must not lie before it
        TestState::Executed if row.ended_at.is_none() => row.ended_at = Some(row.started_at.map_or(now, |start| start.max(now))),
        TestState::Assessed => {
            row.assessor_id.get_or_insert(caller.id);
        }
        _ => {}
    }
    to.as_str().clone_into(&mut row.state);
}

/// The events and notifications of a change.
async fn tell(
    txn: &DatabaseTransaction,
    caller: &Caller,
    change: &mut Change,
    before: &mission_test::Model,
    after: &mission_test::Model,
    fields: &[&str],
    moved: Option<(TestState, TestState)>,
) -> ApiResult<()> {
    let id = after.id;
    if before.disclosed != after.disclosed {
        let kind = if after.disclosed { EventKind::TestDisclosed } else { EventKind::TestHidden };
        change.test_event(caller, kind, id, after.disclosed, json!({ "version": after.version }));
        if !after.disclosed {
            // for those from whom it has just vanished, and who must not learn which it was
            change.event(caller, EventKind::MissionTestsChanged, json!({}));
        }
    }
    let others: Vec<&str> = fields.iter().copied().filter(|f| *f != "disclosed").collect();
    if !others.is_empty() {
        let changes = told::changes(txn, before, after, &others).await?;
        let payload = json!({ "fields": others, "changes": changes, "version": after.version });
        change.test_event(caller, EventKind::TestUpdated, id, after.disclosed, payload);
    }
    if let Some((from, to)) = moved {
        change.test_event(
            caller,
            EventKind::TestStateChanged,
            id,
            after.disclosed,
            json!({ "from": from, "to": to, "version": after.version }),
        );
    }

    let link = format!("/missions/{}?test={id}", after.mission_id);
    let new = |was: Option<Uuid>, is: Option<Uuid>| is.filter(|_| was != is);
    let assigned: Vec<Uuid> =
        [new(before.operator_id, after.operator_id), new(before.assessor_id, after.assessor_id)].into_iter().flatten().collect();
    if !assigned.is_empty() {
        let who = who_sees(txn, after, &assigned).await?;
        let subject = format!("{} gave you the test {}", caller.display_name, after.name);
        let note = Note { kind: NotificationKind::Assigned, subject, body: Some(change.mission().name.clone()), link: &link };
        change.notified(notifications::tell(txn, caller, &who, note).await?);
    }
    if matches!(moved, Some((_, TestState::Executed))) && before.state != TestState::Assessed.as_str() {
        let who = match after.assessor_id {
            Some(assessor) => who_sees(txn, after, &[assessor]).await?,
            None => blue_of(txn, after).await?,
        };
        let subject = format!("{} was executed and waits for you", after.name);
        let note = Note { kind: NotificationKind::Executed, subject, body: Some(change.mission().name.clone()), link: &link };
        change.notified(notifications::tell(txn, caller, &who, note).await?);
    }
    Ok(())
}

async fn members(txn: &DatabaseTransaction, mission: Uuid) -> ApiResult<Vec<(Uuid, Option<RoleHint>)>> {
    let rows: Vec<(Uuid, String)> = mission_member::Entity::find()
        .select_only()
        .columns([mission_member::Column::UserId, mission_member::Column::RoleHint])
        .filter(mission_member::Column::MissionId.eq(mission))
        .into_tuple()
        .all(txn)
        .await?;
    Ok(rows.into_iter().map(|(user, role)| (user, RoleHint::parse(&role))).collect())
}

/// Those of these members who see the test.
async fn who_sees(txn: &DatabaseTransaction, test: &mission_test::Model, users: &[Uuid]) -> ApiResult<Vec<Uuid>> {
    if test.disclosed {
        return Ok(users.to_vec());
    }
    let blind = |role| matches!(role, Some(RoleHint::Blue | RoleHint::Observer));
    let members = members(txn, test.mission_id).await?;
    Ok(users.iter().copied().filter(|u| !members.iter().any(|(m, role)| m == u && blind(*role))).collect())
}

/// Those who would assess the test: its blue members who see it.
async fn blue_of(txn: &DatabaseTransaction, test: &mission_test::Model) -> ApiResult<Vec<Uuid>> {
    let assesses = |role| match role {
        Some(RoleHint::Purple) => true,
        Some(RoleHint::Blue) => test.disclosed,
        _ => false,
    };
    Ok(members(txn, test.mission_id).await?.into_iter().filter(|(_, role)| assesses(*role)).map(|(user, _)| user).collect())
}
