//! Logs of tools onto the tests of a mission: each entry fills the test that it names, once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::{Value, json};
use tyrian_api_types::imports::{ImportAction, ImportReport, ImportSubject};
use tyrian_attack::imports::{Parsed, ResultItem};
use tyrian_domain::counters::Counted;
use tyrian_domain::event::EventKind;
use tyrian_domain::test::TestState;
use tyrian_domain::text::{LONG, check_text};
use tyrian_entity::{detection_level, mission_test};
use uuid::Uuid;

use super::kind::ImportKind;
use super::outcome::note;
use super::store;
use crate::audit::Entry;
use crate::db::rows::{self, Kind, hex, time};
use crate::error::ApiResult;
use crate::execution::refuse;
use crate::http::Caller;
use crate::live::Wake;
use crate::missions::{Change, MissionScope, Tally, convert, store as mission_store};
use crate::state::State;

/// Fields of red's side that a log fills.
const FIELDS: [&str; 6] = ["command_run", "output", "red_notes", "source_host", "target_host", "started_at"];

/// What is to be written.
pub struct Plan {
    change: Change,
    /// Each test as it was and as it will be.
    tests: Vec<(mission_test::Model, mission_test::Model)>,
    /// Which entry fills which test.
    keys: Vec<(String, Uuid)>,
    levels: HashMap<Uuid, String>,
}

/// Finds the test of each entry. Five statements, the lock counted.
pub async fn plan(
    txn: &DatabaseTransaction,
    caller: &Caller,
    scope: &MissionScope,
    parsed: &mut Parsed,
    report: &mut ImportReport,
) -> ApiResult<Plan> {
    let change = Change::begin_any(txn, scope).await?;
    let status = change.status()?;
    refuse::fields(&FIELDS, scope.hands(), status, TestState::Running)?;
    let known: HashSet<String> = store::result_keys(txn, scope.id()).await?.into_iter().collect();
    let before = mission_store::full_tests(txn, mission_store::visible_tests(scope)).await?;
    let mut tags: HashMap<Uuid, Vec<String>> = HashMap::new();
    for tag in mission_store::tags(txn, scope).await? {
        tags.entry(tag.mission_test_id).or_default().push(tag.external_id);
    }
    let levels = detection_level::Entity::find().all(txn).await?.into_iter().map(|l| (l.id, l.code)).collect();
    let mut after = before.clone();
    let (mut filled, mut keys) = (HashSet::new(), Vec::new());
    for item in std::mem::take(&mut parsed.results) {
        if known.contains(&item.external_key) {
            note(report, &item.origin, (ImportSubject::MissionTest, None), ImportAction::Skipped, Some("unchanged"));
            continue;
        }
        let Some(place) = find(&item, &after, &tags, &filled) else {
            let detail = "No test of this mission has its key, its ATT&CK id or its name.";
            report.errors.push(item.origin.note("no_such_test", detail));
            continue;
        };
        let Some(test) = after.get_mut(place) else { continue };
        let state = convert::state_of(test)?;
        if let Err(refusal) = refuse::fields(&FIELDS, scope.hands(), status, state) {
            let detail = format!("The test {:?} is {state}: {}", test.name, refusal.problem.detail);
            report.errors.push(item.origin.note("test_locked", detail));
            continue;
        }
        let old = test.clone();
        fill(caller, test, &item);
        if let Some((field, detail)) = too_much(test) {
            *test = old;
            report.errors.push(item.origin.note("too_long", format!("{field}: {detail}")));
            continue;
        }
        note(report, &item.origin, (ImportSubject::MissionTest, Some(test.id)), ImportAction::Updated, None);
        filled.insert(test.id);
        keys.push((item.external_key, test.id));
    }
    let tests = before.into_iter().zip(after).filter(|(_, new)| filled.contains(&new.id)).collect();
    Ok(Plan { change, tests, keys, levels })
}

/// Where the test of an entry stands: by key, else by ATT&CK id, else by name; of several one that no log has filled.
fn find(item: &ResultItem, tests: &[mission_test::Model], tags: &HashMap<Uuid, Vec<String>>, filled: &HashSet<Uuid>) -> Option<usize> {
    let best = |fits: &dyn Fn(&mission_test::Model) -> bool| {
        let places = tests.iter().enumerate().filter(|(_, t)| fits(t));
        places.min_by_key(|(place, t)| (filled.contains(&t.id) || t.command_run.is_some(), *place)).map(|(place, _)| place)
    };
    if let Some(guid) = item.guid.as_deref() {
        let of_atomic = ImportKind::Atomic.source_kind();
        let by_key = best(&|t| t.source_kind.as_deref() == Some(of_atomic) && t.source_id.as_deref() == Some(guid));
        // a GUID that the mission lacks may still be a test of that name and technique, made by hand
        return by_key.or_else(|| {
            let name = item.name.as_deref()?;
            best(&|t| {
                t.name.eq_ignore_ascii_case(name) && item.attack_ids.iter().any(|id| tags.get(&t.id).is_some_and(|own| own.contains(id)))
            })
        });
    }
    let tagged = |t: &mission_test::Model| item.attack_ids.iter().any(|id| tags.get(&t.id).is_some_and(|own| own.contains(id)));
    let named = |t: &mission_test::Model| {
        let name = tyrian_domain::text::key(&t.name);
        item.name.as_deref().is_some_and(|said| tyrian_domain::text::key(said).contains(&name))
    };
    best(&|t| tagged(t) && named(t)).or_else(|| best(&tagged)).or_else(|| best(&named))
}

/// Adds what the entry says; what stands there stays.
fn fill(caller: &Caller, test: &mut mission_test::Model, item: &ResultItem) {
    let append = |there: &mut Option<String>, more: &Option<String>| {
        let Some(more) = more.as_ref().filter(|m| !m.is_empty()) else { return };
        match there {
            Some(text) if !text.is_empty() => {
                text.push_str("\n\n");
                text.push_str(more);
            }
            _ => *there = Some(more.clone()),
        }
    };
    append(&mut test.command_run, &item.command_run);
    append(&mut test.output, &item.output);
    append(&mut test.red_notes, &item.notes);
    test.source_host = test.source_host.take().or_else(|| item.source_host.clone());
    test.target_host = test.target_host.take().or_else(|| item.target_host.clone());
    test.operator_id.get_or_insert(caller.id);
    let was_run = test.state == TestState::Executed.as_str();
    let start = item.started_at.or(item.ended_at);
    if !was_run || test.started_at.is_none() {
        test.started_at = test.started_at.or(start).or_else(|| Some(crate::now()));
    }
    if !was_run || test.ended_at.is_none() {
        let end = test.ended_at.or(item.ended_at).or(test.started_at);
        test.ended_at = end.map(|end| test.started_at.map_or(end, |start| end.max(start)));
    }
    TestState::Executed.as_str().clone_into(&mut test.state);
}

/// Which text can no longer be stored, and why.
fn too_much(test: &mission_test::Model) -> Option<(&'static str, String)> {
    let texts = [("command_run", &test.command_run), ("output", &test.output), ("red_notes", &test.red_notes)];
    let hosts = [("source_host", &test.source_host), ("target_host", &test.target_host)];
    texts
        .into_iter()
        .chain(hosts)
        .find_map(|(field, text)| check_text(text.as_deref().unwrap_or_default(), LONG).err().map(|fault| (field, fault.detail())))
}

const TEST: [(&str, Kind); 12] = [
    ("id", Kind::Uuid),
    ("command_run", Kind::Text),
    ("output", Kind::Text),
    ("red_notes", Kind::Text),
    ("source_host", Kind::Text),
    ("target_host", Kind::Text),
    ("operator_id", Kind::Uuid),
    ("started_at", Kind::Time),
    ("ended_at", Kind::Time),
    ("state", Kind::Text),
    ("version", Kind::BigInt),
    ("updated_at", Kind::Time),
];
const RESULT: [(&str, Kind); 5] = [
    ("id", Kind::Uuid),
    ("mission_id", Kind::Uuid),
    ("mission_test_id", Kind::Uuid),
    ("external_key", Kind::Text),
    ("created_at", Kind::Time),
];

impl Plan {
    /// Writes it: one statement for the tests, one for the keys, and the mission's row, events and audit entry.
    pub async fn write(
        mut self,
        state: &State,
        txn: &DatabaseTransaction,
        caller: &Caller,
        scope: &MissionScope,
        kind: ImportKind,
        now: DateTime<Utc>,
    ) -> ApiResult<Vec<Wake>> {
        if self.tests.is_empty() {
            return Ok(Vec::new());
        }
        let at = |t: Option<DateTime<Utc>>| t.map(time);
        let mut values: Vec<Value> = Vec::with_capacity(self.tests.len());
        for (old, new) in &self.tests {
            let version = old.version + 1;
            values.push(json!([
                hex(&new.id),
                new.command_run,
                new.output,
                new.red_notes,
                new.source_host,
                new.target_host,
                new.operator_id.as_ref().map(hex),
                at(new.started_at),
                at(new.ended_at),
                new.state,
                version,
                time(now)
            ]));
            let (before, after) = (tally(old, &self.levels)?, tally(new, &self.levels)?);
            self.change.recount(Some(&before), Some(&after));
            let fields = json!({ "fields": FIELDS, "version": version });
            self.change.test_event(caller, EventKind::TestUpdated, new.id, new.disclosed, fields);
            if old.state != new.state {
                let moved = json!({ "from": old.state, "to": new.state, "version": version });
                self.change.test_event(caller, EventKind::TestStateChanged, new.id, new.disclosed, moved);
            }
        }
        rows::update(txn, "mission_tests", &TEST, &values).await?;
        let keys: Vec<Value> =
            self.keys.iter().map(|(key, test)| json!([hex(&Uuid::now_v7()), hex(&scope.id()), hex(test), key, time(now)])).collect();
        rows::insert(txn, "mission_test_results", &RESULT, &keys).await?;
        let detail = json!({ "source_kind": kind.source_kind(), "tests": self.tests.len(), "entries": keys.len() });
        let entry = Entry::mission(caller, scope.id(), "mission.results.import", "mission", scope.id(), detail);
        Ok(vec![self.change.write(state, txn, caller, entry).await?])
    }
}

fn tally(row: &mission_test::Model, levels: &HashMap<Uuid, String>) -> ApiResult<Tally> {
    let state = convert::state_of(row)?;
    let outcome = convert::outcome(state, row.logged.as_deref(), row.alerted.as_deref(), row.prevented.as_deref());
    let level = row.detection_level_id.and_then(|id| levels.get(&id).cloned());
    Ok(Tally { counted: Counted { state, outcome, level }, disclosed: row.disclosed })
}
