//! Rows of missions to what travels.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tyrian_api_types::missions::{Member, Mission, MissionScenario, MissionSummary, MissionTest, MissionTestSummary};
use tyrian_api_types::test_templates::{MitreTag, TestContent};
use tyrian_api_types::users::Author;
use tyrian_domain::counters::Counters;
use tyrian_domain::mission::{MissionStatus, RoleHint, allowed_transitions};
use tyrian_domain::template::{Executor, OpsecLevel, TagKind};
use tyrian_domain::test::{Fact, FindingStatus, Grade, Outcome, TestState};
use tyrian_domain::visibility::View;
use tyrian_entity::{mission, mission_test};
use uuid::Uuid;

use super::scope::{MissionScope, counters_of, status_of};
use super::store::list::ListRow;
use super::store::{MemberRow, ScenarioRow, TagRow, TestRow};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;

/// A word of the database that must be one of ours: a CHECK holds it to that.
pub fn word<T>(parsed: Option<T>, word: &str) -> ApiResult<T> {
    parsed.ok_or_else(|| ApiError::internal(anyhow::anyhow!("unknown word {word:?} in the database")))
}

fn json<T: DeserializeOwned>(value: Value) -> ApiResult<T> {
    Ok(serde_json::from_value(value)?)
}

fn fact(word: Option<&str>) -> Fact {
    word.and_then(Fact::parse).unwrap_or(Fact::Unknown)
}

/// What is shown for the facts of a row.
pub fn outcome(state: TestState, logged: Option<&str>, alerted: Option<&str>, prevented: Option<&str>) -> Outcome {
    Outcome::derive(state, fact(logged), fact(alerted), fact(prevented))
}

/// Members.
pub fn members(rows: Vec<MemberRow>) -> ApiResult<Vec<Member>> {
    rows.into_iter().map(member).collect()
}

fn member(row: MemberRow) -> ApiResult<Member> {
    let role_hint = word(RoleHint::parse(&row.role_hint), &row.role_hint)?;
    Ok(Member { user_id: row.user_id, email: row.email, display_name: row.display_name, role_hint })
}

/// The head of a mission, as far as that view goes.
pub fn summary(
    mission: &mission::Model,
    view: View,
    transitions: Vec<MissionStatus>,
    created_by: Option<Author>,
    members: Vec<Member>,
) -> ApiResult<MissionSummary> {
    Ok(MissionSummary {
        id: mission.id,
        name: mission.name.clone(),
        client: mission.client.clone(),
        status: status_of(mission)?,
        allowed_transitions: transitions,
        start_date: mission.start_date,
        end_date: mission.end_date,
        retest_of_id: mission.retest_of_id,
        attack_version: mission.attack_version.clone(),
        members,
        counts: counters_of(mission, view)?,
        created_by,
        version: mission.version,
        created_at: mission.created_at,
        updated_at: mission.updated_at,
    })
}

/// The same of a row of a list, as far as the caller may see it.
pub fn listed(row: ListRow, caller: &Caller) -> ApiResult<MissionSummary> {
    let members = members(serde_json::from_str(&row.members)?)?;
    let view = View::of(row.role_hint.as_deref().and_then(RoleHint::parse));
    let status = word(MissionStatus::parse(&row.status), &row.status)?;
    let all: Counters = serde_json::from_str(&row.counters_all)?;
    let transitions = allowed_transitions(status, all.any_executed(), &caller.permissions);
    Ok(MissionSummary {
        id: row.id,
        name: row.name,
        client: row.client,
        status,
        allowed_transitions: transitions,
        start_date: row.start_date,
        end_date: row.end_date,
        retest_of_id: row.retest_of_id,
        attack_version: row.attack_version,
        members,
        counts: match view {
            View::All => all,
            View::Disclosed => serde_json::from_str(&row.counters_disclosed)?,
        },
        created_by: row.created_by_id.zip(row.creator_name).map(|(id, display_name)| Author { id, display_name }),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The tags of a test, as `store::attack_tags` packs them.
pub fn tags(packed: &str) -> ApiResult<Vec<MitreTag>> {
    let tags: Vec<(String, String, String, Option<String>)> = serde_json::from_str(packed)?;
    tags.into_iter().map(|(kind, external_id, name, url)| mitre_tag(&kind, external_id, name, url)).collect()
}

/// One of these.
pub fn tag(row: TagRow) -> ApiResult<MitreTag> {
    mitre_tag(&row.kind, row.external_id, row.name, row.url)
}

fn mitre_tag(kind: &str, external_id: String, name: String, url: Option<String>) -> ApiResult<MitreTag> {
    Ok(MitreTag { kind: word(TagKind::parse(kind), kind)?, external_id, name, url })
}

/// A mission with everything in it.
pub fn mission(scope: &MissionScope, members: Vec<MemberRow>, scenarios: Vec<ScenarioRow>, tests: Vec<TestRow>) -> ApiResult<Mission> {
    let mut tests_of: HashMap<Uuid, Vec<MissionTestSummary>> = HashMap::with_capacity(scenarios.len());
    for row in tests {
        let list = tests_of.entry(row.mission_scenario_id).or_default();
        // positions in answers are dense, whatever was left out
        let position = u32::try_from(list.len()).unwrap_or(u32::MAX);
        list.push(test_summary(row, position)?);
    }
    let scenarios = scenarios
        .into_iter()
        .zip(0..)
        .map(|(s, position)| MissionScenario {
            tests: tests_of.remove(&s.id).unwrap_or_default(),
            id: s.id,
            source_scenario_template_id: s.source_scenario_template_id,
            name: s.name,
            description: s.description,
            threat_actor: s.threat_actor,
            position,
        })
        .collect();
    let m = scope.mission();
    Ok(Mission {
        head: summary(m, scope.view(), scope.transitions()?, scope.creator(), self::members(members)?)?,
        description: m.description.clone(),
        objectives: m.objectives.clone(),
        scope: m.scope.clone(),
        threat_model: m.threat_model.clone(),
        executive_summary: m.executive_summary.clone(),
        scenarios,
    })
}

/// A test in the detail or in a list.
pub fn test_summary(row: TestRow, position: u32) -> ApiResult<MissionTestSummary> {
    let state = word(TestState::parse(&row.state), &row.state)?;
    Ok(MissionTestSummary {
        mitre_tags: tags(&row.attack_tags)?,
        outcome: outcome(state, row.logged.as_deref(), row.alerted.as_deref(), row.prevented.as_deref()),
        opsec_level: word(OpsecLevel::parse(&row.opsec_level), &row.opsec_level)?,
        executor: word(Executor::parse(&row.executor), &row.executor)?,
        id: row.id,
        mission_scenario_id: row.mission_scenario_id,
        source_test_template_id: row.source_test_template_id,
        name: row.name,
        position,
        state,
        disclosed: row.disclosed,
        category_id: row.category_id,
        operator_id: row.operator_id,
        started_at: row.started_at,
        ended_at: row.ended_at,
        assessor_id: row.assessor_id,
        logged: fact(row.logged.as_deref()),
        alerted: fact(row.alerted.as_deref()),
        prevented: fact(row.prevented.as_deref()),
        detection_level_id: row.detection_level_id,
        detected_at: row.detected_at,
        alerted_at: row.alerted_at,
        responded_at: row.responded_at,
        finding_status: row.finding_status.as_deref().and_then(FindingStatus::parse),
        version: row.version,
    })
}

/// What was copied: the plan.
pub fn content(row: &mission_test::Model) -> ApiResult<TestContent> {
    Ok(TestContent {
        name: row.name.clone(),
        objective: row.objective.clone(),
        procedure: row.procedure.clone(),
        prerequisites: row.prerequisites.clone(),
        cleanup: row.cleanup.clone(),
        expected_detection: row.expected_detection.clone(),
        detection_rules: json(row.detection_rules.clone())?,
        opsec_level: word(OpsecLevel::parse(&row.opsec_level), &row.opsec_level)?,
        platforms: json(row.platforms.clone())?,
        tags: json(row.tags.clone())?,
        executor: word(Executor::parse(&row.executor), &row.executor)?,
        command: row.command.clone(),
        arguments: json(row.arguments.clone())?,
        elevation_required: row.elevation_required,
        references: json(row.reference_links.clone())?,
    })
}

/// The state of a row.
pub fn state_of(row: &mission_test::Model) -> ApiResult<TestState> {
    word(TestState::parse(&row.state), &row.state)
}

/// A test with everything that was copied and recorded. `position` is its place among the tests that the caller sees.
pub fn test(row: mission_test::Model, position: u32, mitre_tags: Vec<MitreTag>) -> ApiResult<MissionTest> {
    let (state, content) = (state_of(&row)?, content(&row)?);
    let argument_values: BTreeMap<String, Value> = json(row.argument_values)?;
    Ok(MissionTest {
        id: row.id,
        mission_id: row.mission_id,
        mission_scenario_id: row.mission_scenario_id,
        source_test_template_id: row.source_test_template_id,
        position,
        content,
        mitre_tags,
        state,
        outcome: outcome(state, row.logged.as_deref(), row.alerted.as_deref(), row.prevented.as_deref()),
        disclosed: row.disclosed,
        operator_id: row.operator_id,
        source_host: row.source_host,
        target_host: row.target_host,
        started_at: row.started_at,
        ended_at: row.ended_at,
        argument_values,
        command_run: row.command_run,
        output: row.output,
        red_notes: row.red_notes,
        assessor_id: row.assessor_id,
        logged: fact(row.logged.as_deref()),
        alerted: fact(row.alerted.as_deref()),
        prevented: fact(row.prevented.as_deref()),
        detection_level_id: row.detection_level_id,
        is_delayed: row.is_delayed,
        needed_config_change: row.needed_config_change,
        detected_at: row.detected_at,
        alerted_at: row.alerted_at,
        responded_at: row.responded_at,
        blue_notes: row.blue_notes,
        recommendation: row.recommendation,
        severity: row.severity.as_deref().and_then(Grade::parse).unwrap_or(Grade::None),
        priority: row.priority.as_deref().and_then(Grade::parse).unwrap_or(Grade::None),
        category_id: row.category_id,
        finding_status: row.finding_status.as_deref().and_then(FindingStatus::parse),
        finding_owner_id: row.finding_owner_id,
        finding_due: row.finding_due,
        finding_reference: row.finding_reference,
        people: Vec::new(),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
