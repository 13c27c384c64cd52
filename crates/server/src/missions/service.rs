//! What happens to missions: each change in one transaction with its audit entry.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use tyrian_api_types::missions::{AddScenarios, MemberInput, Mission, MissionCreate, MissionMembers, MissionPatch, Transition};
use tyrian_api_types::{ErrorCode, FieldError, Patch};
use tyrian_domain::counters::Counters;
use tyrian_domain::event::EventKind;
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::notification::NotificationKind;
use tyrian_domain::text;
use tyrian_entity::{catalogue_sync, mission};
use uuid::Uuid;

use super::change::Change;
use super::scope::MissionScope;
use super::snapshot::Snapshot;
use super::{reading, store};
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::execution::told::change as change_of;
use crate::http::idempotency::Created;
use crate::http::{Caller, IfMatch};
use crate::live::Wake;
use crate::notifications::{self, Note};
use crate::state::State;

/// What a mission is found by.
pub(crate) fn search_text(name: &str, client: &str, description: Option<&str>) -> String {
    text::key(&format!("{name} {client} {}", description.unwrap_or_default()))
}

pub(super) fn location(id: Uuid) -> String {
    format!("/api/v1/missions/{id}")
}

/// Who is in a new mission: those who were listed, and a creator who is no admin and did not list themselves, as red.
pub(super) fn members_of(caller: &Caller, listed: &[MemberInput]) -> Vec<(Uuid, &'static str)> {
    let mut members: Vec<_> = listed.iter().map(|m| (m.user_id, m.role_hint.as_str())).collect();
    if !caller.is_admin && !listed.iter().any(|m| m.user_id == caller.id) {
        members.push((caller.id, RoleHint::Red.as_str()));
    }
    members
}

pub(super) async fn unknown_members(txn: &DatabaseTransaction, members: &[MemberInput]) -> ApiResult<ApiError> {
    let ids: Vec<Uuid> = members.iter().map(|m| m.user_id).collect();
    let missing = store::missing_users(txn, &ids).await?;
    let errors = members
        .iter()
        .enumerate()
        .filter(|(_, m)| missing.contains(&m.user_id))
        .map(|(i, m)| FieldError {
            pointer: format!("/members/{i}/user_id"),
            code: "unknown".into(),
            detail: format!("There is no user {}.", m.user_id),
        })
        .collect();
    Ok(ApiError::invalid(errors))
}

/// The version of the catalogue now: what a snapshot is dated with.
pub(crate) async fn attack_version(db: &impl ConnectionTrait) -> ApiResult<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        version: Option<String>,
    }
    let row = catalogue_sync::Entity::find()
        .select_only()
        .column(catalogue_sync::Column::Version)
        .filter(catalogue_sync::Column::Outcome.eq("succeeded"))
        .filter(catalogue_sync::Column::Domain.eq("enterprise"))
        .order_by_desc(catalogue_sync::Column::FinishedAt)
        .into_model::<Row>()
        .one(db)
        .await?;
    Ok(row.and_then(|r| r.version))
}

/// Makes a mission: the chosen scenarios are copied, and nothing that later happens to them touches it.
pub async fn create(state: &State, caller: &Caller, txn: &DatabaseTransaction, body: MissionCreate) -> ApiResult<Created<Mission>> {
    let version = attack_version(txn).await?;
    let snapshot = Snapshot::read(txn, &body.scenario_template_ids).await?;
    let mut counters = Counters::empty();
    snapshot.add_to(&mut counters);
    let counters = serde_json::to_value(&counters)?;
    let (id, now) = (Uuid::now_v7(), crate::now());
    let tests = snapshot.test_count();
    let row = mission::Model {
        id,
        name_key: text::key(&body.name),
        client_key: text::key(&body.client),
        search_text: search_text(&body.name, &body.client, body.description.as_deref()),
        name: body.name.clone(),
        client: body.client.clone(),
        description: body.description,
        objectives: body.objectives,
        scope: body.scope,
        threat_model: body.threat_model,
        executive_summary: None,
        status: MissionStatus::Draft.as_str().to_owned(),
        start_date: body.start_date,
        end_date: body.end_date,
        retest_of_id: None,
        created_by_id: Some(caller.id),
        attack_version: version.clone(),
        version: 1,
        content_version: 1,
        event_sequence: 0,
        // every copied test is disclosed, so both views count the same
        counters_all: counters.clone(),
        counters_disclosed: counters,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    mission::Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
    let mut change = Change::of_new(row)?;
    let members = members_of(caller, &body.members);
    let added = change.add_members(txn, &members).await?;
    if usize::try_from(added) != Ok(members.len()) {
        return Err(unknown_members(txn, &body.members).await?);
    }
    snapshot.write(txn, id, 0, version.as_deref(), now).await?;
    let detail = json!({ "name": body.name, "client": body.client, "scenarios": body.scenario_template_ids, "tests": tests });
    change.event(caller, EventKind::MissionCreated, json!({ "name": body.name }));
    let added: Vec<Uuid> = members.iter().map(|(user, _)| *user).collect();
    change.notified(tell_added(txn, caller, id, &body.name, &added).await?);
    let wake = change.write(state, txn, caller, Entry::mission(caller, id, "mission.create", "mission", id, detail)).await?;
    let scope = MissionScope::of_new(txn, caller, id).await?;
    Ok(Created { value: reading::detail(txn, &scope).await?, location: location(id), etag: Some(scope.etag()?), wake })
}

/// Copies further scenarios behind the last one.
pub async fn add_scenarios(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    body: AddScenarios,
) -> ApiResult<Created<Mission>> {
    let mut change = Change::begin(txn, scope).await?;
    let version = attack_version(txn).await?;
    let snapshot = Snapshot::read(txn, &body.scenario_template_ids).await?;
    let first = store::next_scenario_position(txn, scope).await?;
    let (tests, names) = (snapshot.test_count(), snapshot.scenario_names());
    for counters in change.counters() {
        snapshot.add_to(counters);
    }
    snapshot.write(txn, scope.id(), first, version.as_deref(), crate::now()).await?;
    change.event(caller, EventKind::MissionScenariosAdded, json!({ "scenarios": names, "tests": tests }));
    let detail = json!({ "scenarios": body.scenario_template_ids, "tests": tests });
    let entry = Entry::mission(caller, scope.id(), "mission.scenarios.add", "mission", scope.id(), detail);
    let wake = change.write(state, txn, caller, entry).await?;
    let scope = scope.reread(txn, caller).await?;
    Ok(Created { value: reading::detail(txn, &scope).await?, location: location(scope.id()), etag: Some(scope.etag()?), wake })
}

/// Tells people that they are in a mission now.
pub(super) async fn tell_added(
    txn: &DatabaseTransaction,
    caller: &Caller,
    mission: Uuid,
    name: &str,
    users: &[Uuid],
) -> ApiResult<Vec<Uuid>> {
    let note = Note {
        kind: NotificationKind::AddedToMission,
        subject: format!("{} added you to the mission {name}", caller.display_name),
        body: None,
        link: &format!("/missions/{mission}"),
    };
    notifications::tell(txn, caller, users, note).await
}

/// The answer after a change, and its commit.
async fn finish(
    state: &State,
    txn: DatabaseTransaction,
    caller: &Caller,
    scope: &MissionScope,
    wake: Wake,
) -> ApiResult<(Mission, String)> {
    let scope = scope.reread(&txn, caller).await?;
    let answer = (reading::detail(&txn, &scope).await?, scope.etag()?);
    txn.commit().await?;
    state.live.publish(wake);
    Ok(answer)
}

/// Changes a mission's own fields.
pub async fn update(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    if_match: &IfMatch,
    patch: MissionPatch,
) -> ApiResult<(Mission, String)> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin(&txn, scope).await?;
    let row = change.mission().clone();
    crate::http::valid(&patch)?;
    let start = patch.start_date.clone().apply(row.start_date);
    let end = patch.end_date.clone().apply(row.end_date);
    check_dates(&patch, start, end)?;
    if_match.require(row.version, &scope.etag()?)?;
    let fields = patch.fields();

    let name = patch.name.apply(Some(row.name.clone())).unwrap_or_default();
    let client = patch.client.apply(Some(row.client.clone())).unwrap_or_default();
    let description = patch.description.apply(row.description.clone());
    let version = row.version;
    let (objectives, scope_text, threat_model, executive_summary) = (
        patch.objectives.apply(row.objectives.clone()),
        patch.scope.apply(row.scope.clone()),
        patch.threat_model.apply(row.threat_model.clone()),
        patch.executive_summary.apply(row.executive_summary.clone()),
    );
    let changes: Vec<Value> = [
        change_of("name", json!(row.name), json!(name)),
        change_of("client", json!(row.client), json!(client)),
        change_of("start_date", json!(row.start_date), json!(start)),
        change_of("end_date", json!(row.end_date), json!(end)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let own = &mut change.own;
    own.name_key = Set(text::key(&name));
    own.client_key = Set(text::key(&client));
    own.search_text = Set(search_text(&name, &client, description.as_deref()));
    own.name = Set(name);
    own.client = Set(client);
    own.description = Set(description);
    own.objectives = Set(objectives);
    own.scope = Set(scope_text);
    own.threat_model = Set(threat_model);
    own.executive_summary = Set(executive_summary);
    own.start_date = Set(start);
    own.end_date = Set(end);
    own.version = Set(version + 1);
    own.updated_at = Set(crate::now());
    change.event(caller, EventKind::MissionUpdated, json!({ "fields": fields, "changes": changes }));
    let entry = Entry::mission(caller, scope.id(), "mission.update", "mission", scope.id(), json!({ "fields": fields }));
    let wake = change.write(state, &txn, caller, entry).await?;
    finish(state, txn, caller, scope, wake).await
}

fn check_dates(patch: &MissionPatch, start: Option<NaiveDate>, end: Option<NaiveDate>) -> ApiResult<()> {
    let inverted = matches!((start, end), (Some(start), Some(end)) if end < start);
    if !inverted {
        return Ok(());
    }
    let pointer = if matches!(patch.end_date, Patch::Keep) { "/start_date" } else { "/end_date" };
    Err(ApiError::field(pointer, "before_start", "The last day lies before the first. Correct one of them."))
}

/// Replaces the members as a whole.
pub async fn set_members(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    if_match: &IfMatch,
    body: MissionMembers,
) -> ApiResult<(Mission, String)> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin(&txn, scope).await?;
    crate::http::valid(&body)?;
    let (version, name) = (change.mission().version, change.mission().name.clone());
    if_match.honour(version, &scope.etag()?)?;
    let now = crate::now();
    let before = store::member_ids(&txn, scope).await?;
    let members: Vec<_> = body.members.iter().map(|m| (m.user_id, m.role_hint.as_str())).collect();
    let added = change.replace_members(&txn, &members).await?;
    if usize::try_from(added) != Ok(members.len()) {
        return Err(unknown_members(&txn, &body.members).await?);
    }
    change.own.version = Set(version + 1);
    change.own.updated_at = Set(now);
    let new: Vec<Uuid> = members.iter().map(|(user, _)| *user).filter(|user| !before.contains(user)).collect();
    change.notified(tell_added(&txn, caller, scope.id(), &name, &new).await?);
    change.event(caller, EventKind::MissionMembersChanged, json!({}));
    let detail = json!({ "members": body.members });
    let entry = Entry::mission(caller, scope.id(), "mission.members.set", "mission", scope.id(), detail);
    let wake = change.write(state, &txn, caller, entry).await?;
    finish(state, txn, caller, scope, wake).await
}

/// Moves a mission to another status.
pub async fn transition(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    if_match: &IfMatch,
    body: &Transition,
) -> ApiResult<(Mission, String)> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, scope).await?;
    let (from, executed) = (change.status()?, change.any_executed());
    if !from.may_become(body.to, executed) {
        let legal: Vec<String> = from.next(executed).iter().map(ToString::to_string).collect();
        let list = if legal.is_empty() { "nothing any more".to_owned() } else { legal.join(" or ") };
        let mut error = ApiError::new(
            ErrorCode::IllegalTransition,
            format!("A mission that is {from} cannot become {}; it can become {list}.", body.to),
        );
        error.problem.allowed = Some(legal);
        return Err(error);
    }
    let (version, name) = (change.mission().version, change.mission().name.clone());
    if_match.honour(version, &scope.etag()?)?;
    change.own.status = Set(body.to.as_str().to_owned());
    change.own.version = Set(version + 1);
    change.own.updated_at = Set(crate::now());
    let note = Note {
        kind: NotificationKind::StatusChanged,
        subject: format!("{name} is {} now", body.to.label()),
        body: None,
        link: &format!("/missions/{}", scope.id()),
    };
    let members = store::member_ids(&txn, scope).await?;
    change.notified(notifications::tell(&txn, caller, &members, note).await?);
    let detail = json!({ "from": from, "to": body.to });
    change.event(caller, EventKind::MissionStatusChanged, detail.clone());
    let entry = Entry::mission(caller, scope.id(), "mission.transition", "mission", scope.id(), detail);
    let wake = change.write(state, &txn, caller, entry).await?;
    finish(state, txn, caller, scope, wake).await
}

/// Deletes a mission softly: it and all under it are gone from every read.
pub async fn delete(state: &State, caller: &Caller, scope: &MissionScope, if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, scope).await?;
    let (version, now) = (change.mission().version, crate::now());
    if_match.require(version, &scope.etag()?)?;
    change.own.deleted_at = Set(Some(now));
    change.own.updated_at = Set(now);
    change.own.version = Set(version + 1);
    change.event(caller, EventKind::MissionDeleted, json!({}));
    let entry = Entry::mission(caller, scope.id(), "mission.delete", "mission", scope.id(), json!({}));
    let wake = change.write(state, &txn, caller, entry).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(())
}
