//! What happens to missions: each change in one transaction with its audit entry.

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use tyrian_api_types::missions::{AddScenarios, MemberInput, Mission, MissionCreate, MissionMembers, MissionPatch, Transition};
use tyrian_api_types::{ErrorCode, FieldError, Patch};
use tyrian_domain::counters::Counters;
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::text;
use tyrian_domain::visibility::View;
use tyrian_entity::{catalogue_sync, mission, mission_scenario};
use uuid::Uuid;

use super::scope::{MissionScope, counters_of, status_of, writable};
use super::snapshot::Snapshot;
use super::{reading, store};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::{Caller, IfMatch};
use crate::state::State;

/// What a mission is found by.
fn search_text(name: &str, client: &str, description: Option<&str>) -> String {
    text::key(&format!("{name} {client} {}", description.unwrap_or_default()))
}

fn location(id: Uuid) -> String {
    format!("/api/v1/missions/{id}")
}

/// Who is in a new mission: those who were listed, and a creator who is no admin and did not list themselves, as red.
fn members_of(caller: &Caller, listed: &[MemberInput]) -> Vec<(Uuid, &'static str)> {
    let mut members: Vec<_> = listed.iter().map(|m| (m.user_id, m.role_hint.as_str())).collect();
    if !caller.is_admin && !listed.iter().any(|m| m.user_id == caller.id) {
        members.push((caller.id, RoleHint::Red.as_str()));
    }
    members
}

async fn unknown_members(txn: &DatabaseTransaction, members: &[MemberInput]) -> ApiResult<ApiError> {
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
async fn attack_version(db: &impl ConnectionTrait) -> ApiResult<Option<String>> {
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
    mission::Entity::insert(mission::ActiveModel {
        id: Set(id),
        name_key: Set(text::key(&body.name)),
        client_key: Set(text::key(&body.client)),
        search_text: Set(search_text(&body.name, &body.client, body.description.as_deref())),
        name: Set(body.name.clone()),
        client: Set(body.client.clone()),
        description: Set(body.description),
        objectives: Set(body.objectives),
        scope: Set(body.scope),
        threat_model: Set(body.threat_model),
        executive_summary: Set(None),
        status: Set(MissionStatus::Draft.as_str().to_owned()),
        start_date: Set(body.start_date),
        end_date: Set(body.end_date),
        retest_of_id: Set(None),
        created_by_id: Set(Some(caller.id)),
        attack_version: Set(version.clone()),
        version: Set(1),
        content_version: Set(1),
        event_sequence: Set(0),
        // every copied test is disclosed, so both views count the same
        counters_all: Set(counters.clone()),
        counters_disclosed: Set(counters),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    })
    .exec_without_returning(txn)
    .await?;
    let members = members_of(caller, &body.members);
    let added = store::insert_members(txn, id, &members, now).await?;
    if usize::try_from(added) != Ok(members.len()) {
        return Err(unknown_members(txn, &body.members).await?);
    }
    snapshot.write(txn, id, 0, version.as_deref(), now).await?;
    let detail = json!({ "name": body.name, "client": body.client, "scenarios": body.scenario_template_ids, "tests": tests });
    audit::record(state, txn, &caller.request, Entry::mission(caller, id, "mission.create", "mission", id, detail)).await?;
    let scope = MissionScope::of_new(txn, caller, id).await?;
    Ok(Created { value: reading::detail(txn, &scope).await?, location: location(id), etag: Some(scope.etag()?) })
}

/// Copies further scenarios behind the last one.
pub async fn add_scenarios(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    body: AddScenarios,
) -> ApiResult<Created<Mission>> {
    let row = scope.lock(txn).await?;
    writable(&row)?;
    let version = attack_version(txn).await?;
    let snapshot = Snapshot::read(txn, &body.scenario_template_ids).await?;
    let last: Option<Option<i32>> = mission_scenario::Entity::find()
        .select_only()
        .expr(Expr::col(mission_scenario::Column::Position).max())
        .filter(mission_scenario::Column::MissionId.eq(row.id))
        .into_tuple()
        .one(txn)
        .await?;
    let first = last.flatten().map_or(0, |position| position + 1);
    let tests = snapshot.test_count();
    let (mut all, mut disclosed) = (counters_of(&row, View::All)?, counters_of(&row, View::Disclosed)?);
    snapshot.add_to(&mut all);
    snapshot.add_to(&mut disclosed);
    snapshot.write(txn, row.id, first, version.as_deref(), crate::now()).await?;
    let content_version = row.content_version;
    let mut change = row.into_active_model();
    change.content_version = Set(content_version + 1);
    change.counters_all = Set(serde_json::to_value(all)?);
    change.counters_disclosed = Set(serde_json::to_value(disclosed)?);
    change.update(txn).await?;
    let detail = json!({ "scenarios": body.scenario_template_ids, "tests": tests });
    audit::record(state, txn, &caller.request, Entry::mission(caller, scope.id(), "mission.scenarios.add", "mission", scope.id(), detail))
        .await?;
    let scope = scope.reread(txn, caller).await?;
    Ok(Created { value: reading::detail(txn, &scope).await?, location: location(scope.id()), etag: Some(scope.etag()?) })
}

/// The answer after a change, and its commit.
async fn finish(txn: DatabaseTransaction, caller: &Caller, scope: &MissionScope) -> ApiResult<(Mission, String)> {
    let scope = scope.reread(&txn, caller).await?;
    let answer = (reading::detail(&txn, &scope).await?, scope.etag()?);
    txn.commit().await?;
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
    let row = scope.lock(&txn).await?;
    writable(&row)?;
    crate::http::valid(&patch)?;
    let start = patch.start_date.clone().apply(row.start_date);
    let end = patch.end_date.clone().apply(row.end_date);
    check_dates(&patch, start, end)?;
    if_match.require(row.version, &scope.etag()?)?;
    let changed = serde_json::to_value(&patch)?;
    let fields: Vec<String> = changed.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default();

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
    let mut change = row.into_active_model();
    change.name_key = Set(text::key(&name));
    change.client_key = Set(text::key(&client));
    change.search_text = Set(search_text(&name, &client, description.as_deref()));
    change.name = Set(name);
    change.client = Set(client);
    change.description = Set(description);
    change.objectives = Set(objectives);
    change.scope = Set(scope_text);
    change.threat_model = Set(threat_model);
    change.executive_summary = Set(executive_summary);
    change.start_date = Set(start);
    change.end_date = Set(end);
    change.version = Set(version + 1);
    change.updated_at = Set(crate::now());
    change.update(&txn).await?;
    audit::record(
        state,
        &txn,
        &caller.request,
        Entry::mission(caller, scope.id(), "mission.update", "mission", scope.id(), json!({ "fields": fields })),
    )
    .await?;
    finish(txn, caller, scope).await
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
    let row = scope.lock(&txn).await?;
    writable(&row)?;
    crate::http::valid(&body)?;
    if_match.honour(row.version, &scope.etag()?)?;
    let now = crate::now();
    let members: Vec<_> = body.members.iter().map(|m| (m.user_id, m.role_hint.as_str())).collect();
    let added = store::replace_members(&txn, row.id, &members, now).await?;
    if usize::try_from(added) != Ok(members.len()) {
        return Err(unknown_members(&txn, &body.members).await?);
    }
    let version = row.version;
    let mut change = row.into_active_model();
    change.version = Set(version + 1);
    change.updated_at = Set(now);
    change.update(&txn).await?;
    let detail = json!({ "members": body.members });
    audit::record(state, &txn, &caller.request, Entry::mission(caller, scope.id(), "mission.members.set", "mission", scope.id(), detail))
        .await?;
    finish(txn, caller, scope).await
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
    let row = scope.lock(&txn).await?;
    let (from, executed) = (status_of(&row)?, counters_of(&row, View::All)?.any_executed());
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
    if_match.honour(row.version, &scope.etag()?)?;
    let version = row.version;
    let mut change = row.into_active_model();
    change.status = Set(body.to.as_str().to_owned());
    change.version = Set(version + 1);
    change.updated_at = Set(crate::now());
    change.update(&txn).await?;
    let detail = json!({ "from": from, "to": body.to });
    audit::record(state, &txn, &caller.request, Entry::mission(caller, scope.id(), "mission.transition", "mission", scope.id(), detail))
        .await?;
    finish(txn, caller, scope).await
}

/// Deletes a mission softly: it and all under it are gone from every read.
pub async fn delete(state: &State, caller: &Caller, scope: &MissionScope, if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let row = scope.lock(&txn).await?;
    if_match.require(row.version, &scope.etag()?)?;
    let (version, now) = (row.version, crate::now());
    let mut change = row.into_active_model();
    change.deleted_at = Set(Some(now));
    change.updated_at = Set(now);
    change.version = Set(version + 1);
    change.update(&txn).await?;
    audit::record(state, &txn, &caller.request, Entry::mission(caller, scope.id(), "mission.delete", "mission", scope.id(), json!({})))
        .await?;
    txn.commit().await?;
    Ok(())
}
