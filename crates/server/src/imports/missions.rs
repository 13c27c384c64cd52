//! Missions that were run elsewhere: they come in completed, with what red did and what blue saw.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use tyrian_api_types::imports::{ImportAction, ImportReport, ImportSubject};
use tyrian_attack::imports::{MissionItem, Parsed, RunItem};
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::event::EventKind;
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::permission::Permission;
use tyrian_domain::synthesis::Tactic;
use tyrian_domain::template::TagKind;
use tyrian_domain::test::{Fact, Outcome, TestState};
use tyrian_domain::text;
use tyrian_entity::mission;
use uuid::Uuid;

use super::library::resolve;
use super::outcome::{Known, checksum, decide};
use super::store;
use crate::audit::Entry;
use crate::db::rows::{self, Kind, hex, time};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::live::Wake;
use crate::missions::{Change, attack_version, search_text};
use crate::search::texts;
use crate::state::State;
use crate::test_templates::convert;
use crate::test_templates::tags::{self, Found};

/// What is to be written.
#[derive(Default)]
pub struct Plan {
    missions: Vec<(ImportAction, Uuid, String, MissionItem)>,
    found: HashMap<String, Found>,
    tactics: HashMap<Uuid, Vec<Tactic>>,
}

/// Compares the file with the missions that the caller sees. At most four statements.
pub async fn plan(
    txn: &DatabaseTransaction,
    caller: &Caller,
    source_kind: &str,
    parsed: &mut Parsed,
    report: &mut ImportReport,
) -> ApiResult<Plan> {
    let missions = std::mem::take(&mut parsed.missions);
    if missions.is_empty() {
        return Ok(Plan::default());
    }
    let here = store::missions(txn, caller, source_kind, missions.iter().map(|m| m.source_id.as_str())).await?;
    let mut plan = Plan::default();
    for item in missions {
        let sum = checksum(&said(&item))?;
        let known = here.get(&item.source_id).map(|row| Known {
            checksum: Some(row.source_checksum.clone()),
            edited: row.source_version != row.content_version,
            may_update: caller.can(Permission::MissionUpdate),
        });
        let id = here.get(&item.source_id).map_or_else(Uuid::now_v7, |row| row.id);
        let action = decide(report, &item.origin, (ImportSubject::Mission, Some(id)), &sum, known.as_ref());
        if action != ImportAction::Skipped {
            plan.missions.push((action, id, sum, item));
        }
    }
    let runs = || plan.missions.iter().flat_map(|(.., m)| &m.scenarios).flat_map(|(_, tests)| tests);
    let mut external: Vec<String> = runs().flat_map(|t| t.attack.iter().map(|(id, _)| id.clone())).collect();
    external.sort_unstable();
    external.dedup();
    plan.found = tags::look_up(txn, &external).await?;
    let targets: HashSet<Uuid> = plan
        .found
        .values()
        .filter_map(|f| match f {
            Found::Tag { tag, .. } => Some(tag.target),
            Found::Unknown => None,
        })
        .collect();
    if !targets.is_empty() {
        plan.tactics = tags::tactics_of(txn, &targets).await?;
    }
    for (.., mission) in &plan.missions {
        for test in mission.scenarios.iter().flat_map(|(_, tests)| tests) {
            for (id, _) in &test.attack {
                resolve(report, &test.origin, id, &plan.found);
            }
        }
    }
    Ok(plan)
}

/// All that a mission says, for its checksum. Where it stands in its file is none of it.
fn said(m: &MissionItem) -> Value {
    let tests = |tests: &[RunItem]| tests.iter().map(|t| json!([t.content, t.attack, format!("{:?}", t.run)])).collect::<Vec<_>>();
    let scenarios: Vec<Value> = m.scenarios.iter().map(|(name, list)| json!([name, tests(list)])).collect();
    json!([m.source_id, m.name, m.client, m.description, scenarios])
}

/// What a test counts as.
fn counted(test: &RunItem) -> Counted {
    let r = &test.run;
    Counted { state: r.state, outcome: Outcome::derive(r.state, r.logged, r.alerted, r.prevented), level: None }
}

const SCENARIO: [(&str, Kind); 6] = [
    ("id", Kind::Uuid),
    ("mission_id", Kind::Uuid),
    ("name", Kind::Text),
    ("position", Kind::Int),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
];
const TAG: [(&str, Kind); 10] = [
    ("id", Kind::Uuid),
    ("mission_test_id", Kind::Uuid),
    ("kind", Kind::Text),
    ("external_id", Kind::Text),
    ("name", Kind::Text),
    ("url", Kind::Text),
    ("tactics", Kind::Json),
    ("attack_version", Kind::Text),
    ("ordinal", Kind::Int),
    ("created_at", Kind::Time),
];
/// Where a test stands.
const PLACE: [(&str, Kind); 4] =
    [("id", Kind::Uuid), ("mission_id", Kind::Uuid), ("mission_scenario_id", Kind::Uuid), ("position", Kind::Int)];
/// What stands after its content.
const RUN: [(&str, Kind); 24] = [
    ("source_kind", Kind::Text),
    ("state", Kind::Text),
    ("disclosed", Kind::Bool),
    ("source_host", Kind::Text),
    ("target_host", Kind::Text),
    ("started_at", Kind::Time),
    ("ended_at", Kind::Time),
    ("argument_values", Kind::Json),
    ("red_notes", Kind::Text),
    ("logged", Kind::Text),
    ("alerted", Kind::Text),
    ("prevented", Kind::Text),
    ("is_delayed", Kind::Bool),
    ("needed_config_change", Kind::Bool),
    ("detected_at", Kind::Time),
    ("alerted_at", Kind::Time),
    ("responded_at", Kind::Time),
    ("blue_notes", Kind::Text),
    ("recommendation", Kind::Text),
    ("severity", Kind::Text),
    ("priority", Kind::Text),
    ("version", Kind::BigInt),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
];
const SOURCE: [(&str, Kind); 7] = [
    ("mission_id", Kind::Uuid),
    ("source_kind", Kind::Text),
    ("source_id", Kind::Text),
    ("source_checksum", Kind::Text),
    ("source_version", Kind::BigInt),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
];

/// The rows of one import.
#[derive(Default)]
struct Rows {
    scenarios: Vec<Value>,
    tests: Vec<Value>,
    tags: Vec<Value>,
    sources: Vec<Value>,
    /// What its tests are found by.
    found_by: Vec<String>,
}

impl Plan {
    /// Writes it: one statement for the scenarios, the tests, the tags and the sources of all missions together, and
    /// for each mission its row, its event and its audit entry.
    pub async fn write(
        self,
        state: &State,
        txn: &DatabaseTransaction,
        caller: &Caller,
        source_kind: &str,
        now: DateTime<Utc>,
    ) -> ApiResult<Vec<Wake>> {
        if self.missions.is_empty() {
            return Ok(Vec::new());
        }
        let version = attack_version(txn).await?;
        let (mut rows, mut changes) = (Rows::default(), Vec::new());
        let replaced: Vec<Uuid> = self.missions.iter().filter(|(a, ..)| *a == ImportAction::Updated).map(|(_, id, ..)| *id).collect();
        // their tests and the tags of these go with them
        rows::delete(txn, "mission_scenarios", "mission_id", &replaced).await?;
        rows::delete(txn, "mission_sources", "mission_id", &replaced).await?;
        for (action, id, checksum, item) in &self.missions {
            let tests: Vec<&RunItem> = item.scenarios.iter().flat_map(|(_, tests)| tests).collect();
            let all: Vec<Counted> = tests.iter().map(|t| counted(t)).collect();
            let disclosed: Vec<Counted> = tests.iter().filter(|t| t.run.disclosed).map(|t| counted(t)).collect();
            let counters = [Counters::of(&all), Counters::of(&disclosed)];
            let mut change = if *action == ImportAction::Created {
                create(txn, caller, *id, item, version.clone(), now).await?
            } else {
                replace(txn, *id, item, version.clone(), now).await?
            };
            for (kept, counted) in change.counters().into_iter().zip(counters) {
                *kept = counted;
            }
            let names: Vec<&str> = item.scenarios.iter().map(|(name, _)| name.as_str()).collect();
            if *action == ImportAction::Created {
                change.event(caller, EventKind::MissionCreated, json!({ "name": item.name }));
                change.event(caller, EventKind::MissionScenariosAdded, json!({ "scenarios": names, "tests": tests.len() }));
                let moved = json!({ "from": MissionStatus::Draft, "to": MissionStatus::Completed });
                change.event(caller, EventKind::MissionStatusChanged, moved);
            } else {
                change.event(caller, EventKind::MissionScenariosAdded, json!({ "scenarios": names, "tests": tests.len() }));
                change.event(caller, EventKind::MissionTestsChanged, json!({}));
            }
            let left_at = change.mission().content_version + 1;
            rows.sources.push(json!([hex(id), source_kind, item.source_id, checksum, left_at, time(now), time(now)]));
            self.add_tests(&mut rows, *id, item, source_kind, version.as_deref(), now);
            let detail = json!({ "source_kind": source_kind, "source_id": item.source_id, "tests": tests.len() });
            let act = if *action == ImportAction::Created { "mission.import" } else { "mission.import.update" };
            changes.push((change, Entry::mission(caller, *id, act, "mission", *id, detail)));
        }
        rows::insert(txn, "mission_scenarios", &SCENARIO, &rows.scenarios).await?;
        texts::keep(txn, rows.found_by).await?;
        rows::insert(txn, "mission_tests", &[&PLACE[..], &convert::CONTENT, &RUN].concat(), &rows.tests).await?;
        rows::insert(txn, "mission_test_mitre_tags", &TAG, &rows.tags).await?;
        rows::insert(txn, "mission_sources", &SOURCE, &rows.sources).await?;
        let mut wakes = Vec::with_capacity(changes.len());
        for (change, entry) in changes {
            wakes.push(change.write(state, txn, caller, entry).await?);
        }
        Ok(wakes)
    }

    fn add_tests(&self, rows: &mut Rows, mission: Uuid, item: &MissionItem, source_kind: &str, version: Option<&str>, now: DateTime<Utc>) {
        for (place, (name, tests)) in item.scenarios.iter().enumerate() {
            let scenario = Uuid::now_v7();
            rows.scenarios.push(json!([hex(&scenario), hex(&mission), name, place, time(now), time(now)]));
            for (position, test) in tests.iter().enumerate() {
                let id = Uuid::now_v7();
                let ids = self.add_tags(rows, id, test, version, now);
                let (content, _) = convert::created(test.content.clone());
                let found_by = convert::search_text(&content, ids.iter().map(String::as_str));
                let content = convert::content_values(&content, &found_by);
                rows.tests.push(test_values(test, [id, mission, scenario], position, source_kind, content, now));
                rows.found_by.push(found_by);
            }
        }
    }

    /// The tags as they are frozen with the test. An id that the catalogue lacks is kept with the name that the file has.
    fn add_tags(&self, rows: &mut Rows, test: Uuid, item: &RunItem, version: Option<&str>, now: DateTime<Utc>) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for (external_id, label) in &item.attack {
            let (kind, id, name, url, tactics) = if let Some(Found::Tag { tag, .. }) = self.found.get(external_id) {
                let tactics = self.tactics.get(&tag.target).map(Vec::as_slice).unwrap_or_default();
                (tag.shown.kind, tag.shown.external_id.clone(), tag.shown.name.clone(), tag.shown.url.clone(), tactics)
            } else {
                (TagKind::of_id(external_id), external_id.clone(), label.clone().unwrap_or_else(|| external_id.clone()), None, &[][..])
            };
            if ids.contains(&id) {
                continue;
            }
            rows.tags.push(json!([hex(&Uuid::now_v7()), hex(&test), kind, id, name, url, tactics, version, ids.len(), time(now)]));
            ids.push(id);
        }
        ids
    }
}

fn test_values(
    test: &RunItem,
    [id, mission, scenario]: [Uuid; 3],
    position: usize,
    source_kind: &str,
    content: Value,
    now: DateTime<Utc>,
) -> Value {
    let r = &test.run;
    let at = |t: Option<DateTime<Utc>>| t.map(time);
    // null is "nobody has said"; who judged the test and did not know has said so
    let fact = |fact: Fact| (fact != Fact::Unknown || r.state == TestState::Assessed).then_some(fact);
    let ended_at = r.ended_at.filter(|end| r.started_at.is_none_or(|start| *end >= start));
    let run = json!([
        source_kind,
        r.state,
        r.disclosed,
        r.source_host,
        r.target_host,
        at(r.started_at),
        at(ended_at),
        {},
        r.red_notes,
        fact(r.logged),
        fact(r.alerted),
        fact(r.prevented),
        false,
        false,
        at(r.detected_at),
        at(r.alerted_at),
        at(r.responded_at),
        r.blue_notes,
        r.recommendation,
        r.severity,
        r.priority,
        1,
        time(now),
        time(now)
    ]);
    let place = json!([hex(&id), hex(&mission), hex(&scenario), position]);
    rows::joined([place, content, run])
}

/// The first and the last day on which something happened.
fn days(item: &MissionItem) -> (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>) {
    let runs = || item.scenarios.iter().flat_map(|(_, tests)| tests).map(|t| &t.run);
    let all = || runs().flat_map(|r| [r.started_at, r.ended_at]).flatten().map(|t| t.date_naive());
    (all().min(), all().max())
}

async fn create(
    txn: &DatabaseTransaction,
    caller: &Caller,
    id: Uuid,
    item: &MissionItem,
    version: Option<String>,
    now: DateTime<Utc>,
) -> ApiResult<Change> {
    let none = serde_json::to_value(Counters::empty())?;
    let (start_date, end_date) = days(item);
    let row = mission::Model {
        id,
        name: item.name.clone(),
        name_key: text::key(&item.name),
        client: item.client.clone(),
        client_key: text::key(&item.client),
        search_text: search_text(&item.name, &item.client, item.description.as_deref()),
        description: item.description.clone(),
        objectives: None,
        scope: None,
        threat_model: None,
        executive_summary: None,
        status: MissionStatus::Completed.as_str().to_owned(),
        start_date,
        end_date,
        retest_of_id: None,
        created_by_id: Some(caller.id),
        attack_version: version,
        version: 1,
        content_version: 1,
        event_sequence: 0,
        counters_all: none.clone(),
        counters_disclosed: none,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    mission::Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
    let mut change = Change::of_new(row)?;
    if !caller.is_admin {
        change.add_members(txn, &[(caller.id, RoleHint::Red.as_str())]).await?;
    }
    Ok(change)
}

async fn replace(
    txn: &DatabaseTransaction,
    id: Uuid,
    item: &MissionItem,
    version: Option<String>,
    now: DateTime<Utc>,
) -> ApiResult<Change> {
    crate::db::lock_row(txn, "missions", id).await?;
    let row = mission::Entity::find_by_id(id).one(txn).await?.ok_or_else(ApiError::not_found)?;
    let own_version = row.version;
    let mut change = Change::of(row)?;
    let (start_date, end_date) = days(item);
    let own = &mut change.own;
    own.client = Set(item.client.clone());
    own.client_key = Set(text::key(&item.client));
    own.search_text = Set(search_text(&item.name, &item.client, item.description.as_deref()));
    own.description = Set(item.description.clone());
    own.start_date = Set(start_date);
    own.end_date = Set(end_date);
    own.attack_version = Set(version);
    own.version = Set(own_version + 1);
    own.updated_at = Set(now);
    Ok(change)
}
