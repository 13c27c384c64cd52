//! Tests and scenarios of the library: what is new, what changed, what is left alone; then the writing.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use tyrian_api_types::imports::{ImportAction, ImportReport, ImportSubject};
use tyrian_api_types::test_templates::TestContent;
use tyrian_attack::imports::{Origin, Parsed, ScenarioItem, TestItem};
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use uuid::Uuid;

use super::outcome::{Known, checksum, decide};
use super::store::{self, LibraryRow};
use crate::db::rows::{self, Kind, hex, time};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::search::texts;
use crate::test_templates::convert;
use crate::test_templates::tags::{self, Found, Tag};

/// What is to be written.
#[derive(Default)]
pub struct Plan {
    tests: Vec<(ImportAction, Uuid, TestRow)>,
    scenarios: Vec<(ImportAction, Uuid, ScenarioRow)>,
}

struct TestRow {
    source_id: String,
    checksum: String,
    version: i64,
    content: TestContent,
    tags: Vec<Tag>,
    unresolved: Vec<String>,
}

struct ScenarioRow {
    item: ScenarioItem,
    checksum: String,
    version: i64,
    tests: Vec<Uuid>,
}

fn known(row: &LibraryRow, may_update: bool) -> Known {
    Known { checksum: row.source_checksum.clone(), edited: row.source_version != Some(row.version), may_update }
}

/// Compares the file with the library. At most four statements.
pub async fn plan(
    txn: &DatabaseTransaction,
    caller: &Caller,
    source_kind: &str,
    parsed: &mut Parsed,
    report: &mut ImportReport,
) -> ApiResult<Plan> {
    let mut plan = Plan::default();
    let mut ids: HashMap<String, Uuid> = HashMap::new();
    if !parsed.tests.is_empty() {
        let tests = std::mem::take(&mut parsed.tests);
        let here = store::library(txn, "test_templates", source_kind, tests.iter().map(|t| t.source_id.as_str())).await?;
        let may_update = caller.can(Permission::TestTemplateUpdate);
        let mut wanted = Vec::new();
        for test in tests {
            let sum = checksum(&json!([source_kind, test.source_id, test.content, test.attack_ids]))?;
            let row = here.get(&test.source_id);
            let id = row.map_or_else(Uuid::now_v7, |r| r.id);
            let subject = (ImportSubject::TestTemplate, Some(id));
            let action = decide(report, &test.origin, subject, &sum, row.map(|r| known(r, may_update)).as_ref());
            ids.insert(test.source_id.clone(), id);
            if action != ImportAction::Skipped {
                wanted.push((action, id, row.map_or(1, |r| r.version + 1), sum, test));
            }
        }
        let mut external: Vec<String> = wanted.iter().flat_map(|(.., test)| test.attack_ids.iter().cloned()).collect();
        external.sort_unstable();
        external.dedup();
        let found = tags::look_up(txn, &external).await?;
        for (action, id, version, checksum, test) in wanted {
            let row = test_row(report, test, &found, version, checksum);
            plan.tests.push((action, id, row));
        }
    }
    let scenarios = std::mem::take(&mut parsed.scenarios);
    let here = if scenarios.is_empty() {
        HashMap::new()
    } else {
        store::library(txn, "scenario_templates", source_kind, scenarios.iter().map(|s| s.source_id.as_str())).await?
    };
    for scenario in scenarios {
        let s = &scenario;
        let sum = checksum(&json!(["scenario", source_kind, s.source_id, s.name, s.description, s.threat_actor, s.tags, s.tests]))?;
        let row = here.get(&s.source_id);
        let may_update = caller.can(Permission::ScenarioTemplateUpdate);
        let (id, version) = row.map_or_else(|| (Uuid::now_v7(), 1), |r| (r.id, r.version + 1));
        let subject = (ImportSubject::ScenarioTemplate, Some(id));
        let action = decide(report, &s.origin, subject, &sum, row.map(|r| known(r, may_update)).as_ref());
        if action == ImportAction::Skipped {
            continue;
        }
        let tests: Vec<Uuid> = s.tests.iter().filter_map(|key| ids.get(key).copied()).collect();
        if tests.len() < s.tests.len() {
            let gone = s.tests.len() - tests.len();
            report.warnings.push(s.origin.note("left_out", format!("{gone} of its tests cannot be taken: it comes in without them.")));
        }
        plan.scenarios.push((action, id, ScenarioRow { item: scenario, checksum: sum, version, tests }));
    }
    Ok(plan)
}

/// What is to be said of an ATT&CK id, and what to tag with.
pub fn resolve<'f>(report: &mut ImportReport, origin: &Origin, id: &str, found: &'f HashMap<String, Found>) -> Option<&'f Tag> {
    match found.get(id) {
        Some(Found::Tag { tag, replaces, retired }) => {
            if replaces.is_some() {
                let detail = format!("{id} was revoked: it is taken as its successor {} ({}).", tag.shown.external_id, tag.shown.name);
                report.warnings.push(origin.note("revoked", detail));
            } else if *retired {
                report.warnings.push(origin.note("retired", format!("{id} ({}) is revoked or deprecated.", tag.shown.name)));
            }
            Some(tag)
        }
        Some(Found::Unknown) | None => {
            let detail = format!("The catalogue has no {id}: the id is kept, and a later sync may resolve it.");
            report.warnings.push(origin.note("unknown_technique", detail));
            None
        }
    }
}

fn test_row(report: &mut ImportReport, test: TestItem, found: &HashMap<String, Found>, version: i64, checksum: String) -> TestRow {
    let (mut own, mut unresolved): (Vec<Tag>, Vec<String>) = (Vec::new(), Vec::new());
    for id in test.attack_ids {
        match resolve(report, &test.origin, &id, found) {
            Some(tag) if own.iter().any(|t| t.target == tag.target) => {}
            Some(tag) => own.push(tag.clone()),
            None => unresolved.push(id),
        }
    }
    let (mut content, _) = convert::created(test.content);
    if let Some(tag) = own.first().filter(|_| test.named_by_catalogue) {
        let name = format!("{} {}", tag.shown.external_id, tag.shown.name);
        content.name = name.chars().filter(|c| !c.is_control()).take(text::NAME).collect();
    }
    TestRow { source_id: test.source_id, checksum, version, content, tags: own, unresolved }
}

/// What a test is known by.
const KEY: [(&str, Kind); 2] = [("id", Kind::Uuid), ("name_key", Kind::Text)];
/// What stands after its content.
const REST: [(&str, Kind); 6] = [
    ("unresolved_tags", Kind::Json),
    ("source_id", Kind::Text),
    ("source_checksum", Kind::Text),
    ("source_version", Kind::BigInt),
    ("version", Kind::BigInt),
    ("updated_at", Kind::Time),
];
const SCENARIO: [(&str, Kind); 11] = [
    ("id", Kind::Uuid),
    ("name", Kind::Text),
    ("name_key", Kind::Text),
    ("search_text", Kind::Text),
    ("description", Kind::Text),
    ("threat_actor", Kind::Text),
    ("tags", Kind::Json),
    ("source_checksum", Kind::Text),
    ("source_version", Kind::BigInt),
    ("version", Kind::BigInt),
    ("updated_at", Kind::Time),
];
/// What is written once, when an entry is made.
const TEST_ONCE: [(&str, Kind); 3] = [("source_kind", Kind::Text), ("created_by_id", Kind::Uuid), ("created_at", Kind::Time)];
const SCENARIO_ONCE: [(&str, Kind); 4] =
    [("source_kind", Kind::Text), ("source_id", Kind::Text), ("created_by_id", Kind::Uuid), ("created_at", Kind::Time)];
const PLACE: [(&str, Kind); 5] = [
    ("id", Kind::Uuid),
    ("scenario_template_id", Kind::Uuid),
    ("test_template_id", Kind::Uuid),
    ("position", Kind::Int),
    ("created_at", Kind::Time),
];

impl Plan {
    /// Writes it: at most nine statements.
    pub async fn write(self, txn: &DatabaseTransaction, caller: &Caller, source_kind: &str, now: DateTime<Utc>) -> ApiResult<()> {
        let (mut new, mut changed, mut tag_rows, mut found) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut changed_ids = HashSet::new();
        for (action, id, test) in &self.tests {
            tag_rows.extend(tags::rows(*id, &test.tags, 0, now));
            let found_by = found_by(test);
            let row = test_values(*id, test, &found_by, now);
            found.push(found_by);
            if *action == ImportAction::Created {
                new.push(rows::joined([row, json!([source_kind, hex(&caller.id), time(now)])]));
            } else {
                changed_ids.insert(*id);
                changed.push(row);
            }
        }
        let columns = [&KEY[..], &convert::CONTENT, &REST].concat();
        texts::keep(txn, found).await?;
        rows::insert(txn, "test_templates", &[&columns[..], &TEST_ONCE].concat(), &new).await?;
        rows::update(txn, "test_templates", &columns, &changed).await?;
        rows::delete(txn, "test_template_mitre_tags", "test_template_id", &changed_ids).await?;
        rows::insert(txn, "test_template_mitre_tags", &tags::COLUMNS, &tag_rows).await?;

        let (mut new, mut changed, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut changed_ids = HashSet::new();
        for (action, id, scenario) in &self.scenarios {
            places.extend(
                scenario
                    .tests
                    .iter()
                    .enumerate()
                    .map(|(position, test)| json!([hex(&Uuid::now_v7()), hex(id), hex(test), position, time(now)])),
            );
            let s = &scenario.item;
            let found_by = crate::scenario_templates::search_text(&s.name, s.description.as_deref(), s.threat_actor.as_deref(), &s.tags);
            let row = json!([
                hex(id),
                s.name,
                text::key(&s.name),
                found_by,
                s.description,
                s.threat_actor,
                s.tags,
                scenario.checksum,
                scenario.version,
                scenario.version,
                time(now)
            ]);
            if *action == ImportAction::Created {
                new.push(rows::joined([row, json!([source_kind, s.source_id, hex(&caller.id), time(now)])]));
            } else {
                changed_ids.insert(*id);
                changed.push(row);
            }
        }
        rows::insert(txn, "scenario_templates", &[&SCENARIO[..], &SCENARIO_ONCE].concat(), &new).await?;
        rows::update(txn, "scenario_templates", &SCENARIO, &changed).await?;
        rows::delete(txn, "scenario_template_tests", "scenario_template_id", &changed_ids).await?;
        rows::insert(txn, "scenario_template_tests", &PLACE, &places).await?;
        Ok(())
    }
}

fn found_by(test: &TestRow) -> String {
    let ids = test.tags.iter().map(|t| t.shown.external_id.as_str()).chain(test.unresolved.iter().map(String::as_str));
    convert::search_text(&test.content, ids)
}

fn test_values(id: Uuid, test: &TestRow, found_by: &str, now: DateTime<Utc>) -> Value {
    let c = &test.content;
    rows::joined([
        json!([hex(&id), text::key(&c.name)]),
        convert::content_values(c, found_by),
        json!([test.unresolved, test.source_id, test.checksum, test.version, test.version, time(now)]),
    ])
}
