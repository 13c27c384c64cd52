//! A test that has no template: thought of while the exercise is planned or runs.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;
use tyrian_api_types::execution::MissionTestCreate;
use tyrian_api_types::missions::MissionTest;
use tyrian_domain::counters::Counted;
use tyrian_domain::event::EventKind;
use tyrian_domain::test::TestState;
use tyrian_domain::text;
use tyrian_entity::{mission_scenario, mission_test, mission_test_mitre_tag};
use uuid::Uuid;

use super::patch::write_content;
use super::refuse;
use crate::audit::Entry;
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::{Caller, valid};
use crate::missions::{Change, MissionScope, Tally, reading, store};
use crate::search::texts;
use crate::state::State;
use crate::test_templates::{convert, tags};

/// What the scenario is called that such tests join where nobody names one.
const AD_HOC: &str = "Ad hoc";

/// Adds a test at the end of a scenario.
pub async fn add(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    body: MissionTestCreate,
) -> ApiResult<Created<MissionTest>> {
    let mut change = Change::begin_any(txn, scope).await?;
    refuse::planning(scope.hands(), change.status()?)?;
    valid(&body)?;
    let now = crate::now();
    let scenario = match body.mission_scenario_id {
        Some(id) => known_scenario(txn, scope, id).await?,
        None => ad_hoc_scenario(txn, scope, now).await?,
    };
    let (content, wanted) = convert::created(body.content);
    let tags = tags::resolve(txn, &wanted, &[]).await?;
    let position = next_position(txn, scenario).await?;
    let (id, name, disclosed) = (Uuid::now_v7(), content.name.clone(), body.disclosed.unwrap_or(true));
    let mut row = blank(scope.id(), scenario, id, position, disclosed, now);
    let attack_ids: Vec<String> = tags.iter().map(|t| t.shown.external_id.clone()).collect();
    let found_by = write_content(&mut row, content, &attack_ids)?;
    texts::keep(txn, [found_by]).await?;
    mission_test::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    copy_tags(txn, id, &tags, change.mission().attack_version.as_deref(), now).await?;

    change.recount(None, Some(&Tally { counted: Counted::PLANNED, disclosed }));
    change.test_event(caller, EventKind::TestAdded, id, disclosed, json!({ "name": name }));
    let detail = json!({ "name": name, "scenario": scenario, "disclosed": disclosed });
    let wake = change.write(state, txn, caller, Entry::mission(caller, scope.id(), "mission_test.add", "mission_test", id, detail)).await?;
    // who sees disclosed tests only cannot read back what they have just hidden
    let (value, etag) = match reading::test(txn, scope, id).await {
        Err(e) if e.code() == tyrian_api_types::ErrorCode::NotFound => {
            return Err(ApiError::field("/disclosed", "invisible", "You see disclosed tests only: a hidden one would be lost to you."));
        }
        other => other?,
    };
    let location = format!("/api/v1/missions/{}/tests/{id}", scope.id());
    Ok(Created { value, location, etag: Some(etag), wake })
}

fn blank(mission: Uuid, scenario: Uuid, id: Uuid, position: i32, disclosed: bool, now: DateTime<Utc>) -> mission_test::Model {
    mission_test::Model {
        id,
        mission_id: mission,
        mission_scenario_id: scenario,
        source_test_template_id: None,
        retest_of_test_id: None,
        category_id: None,
        position,
        name: String::new(),
        search_text_id: None,
        objective: None,
        procedure: None,
        prerequisites: None,
        cleanup: None,
        expected_detection: None,
        detection_rules: json!([]),
        opsec_level: String::new(),
        platforms: json!([]),
        tags: json!([]),
        executor: String::new(),
        command: None,
        arguments: json!({}),
        elevation_required: false,
        reference_links: json!([]),
        source_kind: None,
        source_id: None,
        state: TestState::Planned.as_str().to_owned(),
        disclosed,
        operator_id: None,
        source_host: None,
        target_host: None,
        started_at: None,
        ended_at: None,
        argument_values: json!({}),
        command_run: None,
        output: None,
        red_notes: None,
        assessor_id: None,
        logged: None,
        alerted: None,
        prevented: None,
        detection_level_id: None,
        is_delayed: false,
        needed_config_change: false,
        detected_at: None,
        alerted_at: None,
        responded_at: None,
        blue_notes: None,
        recommendation: None,
        severity: None,
        priority: None,
        finding_status: None,
        finding_owner_id: None,
        finding_due: None,
        finding_reference: None,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

async fn known_scenario(txn: &DatabaseTransaction, scope: &MissionScope, id: Uuid) -> ApiResult<Uuid> {
    let found = store::scenarios(txn, scope).await?.into_iter().any(|s| s.id == id);
    if found {
        return Ok(id);
    }
    Err(ApiError::field("/mission_scenario_id", "unknown", format!("This mission has no scenario {id}.")))
}

/// The mission's own scenario of that name, made where it is lacking.
async fn ad_hoc_scenario(txn: &DatabaseTransaction, scope: &MissionScope, now: DateTime<Utc>) -> ApiResult<Uuid> {
    let own = store::scenarios(txn, scope).await?.into_iter().find(|s| s.source_scenario_template_id.is_none() && s.name == AD_HOC);
    if let Some(own) = own {
        return Ok(own.id);
    }
    let id = Uuid::now_v7();
    mission_scenario::Entity::insert(mission_scenario::ActiveModel {
        id: Set(id),
        mission_id: Set(scope.id()),
        source_scenario_template_id: Set(None),
        name: Set(AD_HOC.to_owned()),
        description: Set(None),
        threat_actor: Set(None),
        position: Set(store::next_scenario_position(txn, scope).await?),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    })
    .exec_without_returning(txn)
    .await?;
    Ok(id)
}

async fn next_position(txn: &DatabaseTransaction, scenario: Uuid) -> ApiResult<i32> {
    let last: Option<(Option<i32>, i64)> = mission_test::Entity::find()
        .select_only()
        .expr(Expr::col(mission_test::Column::Position).max())
        .expr(Expr::col(mission_test::Column::Id).count())
        .filter(mission_test::Column::MissionScenarioId.eq(scenario))
        .filter(mission_test::Column::DeletedAt.is_null())
        .into_tuple()
        .one(txn)
        .await?;
    let (last, count) = last.unwrap_or((None, 0));
    if usize::try_from(count).is_ok_and(|n| n >= text::SCENARIO_TESTS) {
        return Err(ApiError::field("/mission_scenario_id", "too_many", format!("A scenario has at most {} tests.", text::SCENARIO_TESTS)));
    }
    Ok(last.map_or(0, |position| position + 1))
}

/// Copies the tags with the tactics that they stand in now.
async fn copy_tags(
    txn: &DatabaseTransaction,
    test: Uuid,
    tags: &[tags::Tag],
    attack_version: Option<&str>,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let tactics = tags::tactics_of(txn, tags.iter().map(|t| &t.target)).await?;
    let rows = tags.iter().zip(0..).map(|(tag, ordinal)| {
        let of_tag = tactics.get(&tag.target).map(Vec::as_slice).unwrap_or_default();
        mission_test_mitre_tag::ActiveModel {
            id: Set(Uuid::now_v7()),
            mission_test_id: Set(test),
            kind: Set(tag.shown.kind.as_str().to_owned()),
            external_id: Set(tag.shown.external_id.clone()),
            name: Set(tag.shown.name.clone()),
            url: Set(tag.shown.url.clone()),
            tactics: Set(json!(of_tag)),
            attack_version: Set(attack_version.map(str::to_owned)),
            ordinal: Set(ordinal),
            created_at: Set(now),
        }
    });
    mission_test_mitre_tag::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}
