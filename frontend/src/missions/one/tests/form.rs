//! The opened test while it is written: what is saved, what is not, and the way from one to the other.
//!
//! Changes are saved by part, one request at a time, each naming the version that its values were compared with. A stale one
//! fetches the present version: what only the reader changed goes on by itself, what both changed waits for a choice. The state
//! lives apart from the page, so a save goes on when another test is opened meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use tyrian_api_types::missions::MissionTest;
use tyrian_api_types::test_templates::TestContent;
use tyrian_api_types::{ErrorCode, Validate};
use tyrian_domain::execution::{Hands, TestField, may_move, may_write, moves};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::test::TestState;

use super::drafts::{self, Place};
use super::queries;
use super::values::{Edits, Part, Snapshot, patch, tidy};
use crate::api::ApiError;
use crate::missions::one::Here;

/// A rest in typing after which what was typed is saved.
const REST_MS: u32 = 1_500;
/// A rest after which it is kept on the device.
const KEEP_MS: u32 = 200;
/// Stale answers in a row after which a save gives up for now.
const MOST_STALE: u32 = 12;

/// How a part stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// nothing written that is not saved; when it was saved last in this visit
    Saved(Option<DateTime<Utc>>),
    /// written, about to be saved
    Waiting,
    /// on its way
    Saving,
    /// the server is not reached; it is tried again by itself
    Offline,
    /// came back from an earlier visit
    Restored,
    /// the server or the rules say no to something
    Refused,
    /// somebody else changed the same
    Conflict,
}

struct Inner {
    place: Place,
    mission: String,
    now: ArcRwSignal<Snapshot>,
    edits: ArcRwSignal<Edits>,
    /// what the device keeps
    kept: Mutex<Edits>,
    /// restored and not touched since: saved only when the reader says so
    held: ArcRwSignal<BTreeSet<TestField>>,
    /// refused as it is, and why
    refused: ArcRwSignal<BTreeMap<TestField, (Value, String)>>,
    sending: ArcRwSignal<bool>,
    offline: ArcRwSignal<bool>,
    saved_at: ArcRwSignal<BTreeMap<Part, DateTime<Utc>>>,
    comparing: ArcRwSignal<bool>,
    running: AtomicBool,
    typed: AtomicU32,
    kept_at: AtomicU32,
    tries: AtomicU32,
}

/// The opened test; a copyable handle for the parts of its page.
#[derive(Clone, Copy)]
pub struct TestForm {
    inner: StoredValue<Arc<Inner>>,
    /// the mission
    pub here: Here,
    /// what the reader may put their hands on
    pub hands: Memo<Hands>,
    status: Memo<MissionStatus>,
}

impl Inner {
    /// Looks at a version that was read.
    fn take(&self, test: MissionTest) {
        if self.now.read_untracked().test.version > test.version {
            return;
        }
        let now = Snapshot::new(test);
        self.change(|edits| edits.rebase(&now));
        self.now.set(now);
    }

    fn change(&self, change: impl FnOnce(&mut Edits)) {
        self.edits.update(change);
        let left: BTreeSet<TestField> = self.edits.read_untracked().0.keys().copied().collect();
        if self.held.read_untracked().iter().any(|field| !left.contains(field)) {
            self.held.update(|held| held.retain(|field| left.contains(field)));
        }
        if self.refused.read_untracked().keys().any(|field| !left.contains(field)) {
            self.refused.update(|refused| refused.retain(|field, _| left.contains(field)));
        }
    }

    /// Keeps what is not saved on the device.
    fn keep(&self) {
        let edits = self.edits.get_untracked();
        if let Ok(mut kept) = self.kept.lock() {
            drafts::keep(self.place, &kept, &edits);
            *kept = edits;
        }
    }

    /// What is to be sent next: of one part, against the version that it was compared with.
    fn next(&self) -> Option<(i64, Part, BTreeMap<TestField, Value>)> {
        let (now, edits) = (self.now.read_untracked(), self.edits.read_untracked());
        let (held, refused) = (self.held.read_untracked(), self.refused.read_untracked());
        Part::ALL.into_iter().find_map(|part| {
            let mut ready = edits.ready(part, &now);
            ready.retain(|field, value| !held.contains(field) && refused.get(field).is_none_or(|(no, _)| no != value));
            (!ready.is_empty()).then_some((now.test.version, part, ready))
        })
    }

    fn refuse(&self, batch: &BTreeMap<TestField, Value>, error: &[tyrian_api_types::FieldError], text: &str) {
        let of = |pointer: &str| TestField::parse(pointer.trim_start_matches('/').split('/').next().unwrap_or_default());
        let named: BTreeMap<TestField, String> = error
            .iter()
            .filter_map(|fault| Some((of(&fault.pointer).filter(|field| batch.contains_key(field))?, fault.detail.clone())))
            .collect();
        self.refused.update(|refused| {
            for (field, value) in batch {
                let why = if named.is_empty() { Some(text.to_owned()) } else { named.get(field).cloned() };
                if let Some(why) = why {
                    refused.insert(*field, (value.clone(), why));
                }
            }
        });
    }

    fn took(&self, part: Part, sent: &BTreeMap<TestField, Value>, test: &MissionTest) {
        let now = Snapshot::new(test.clone());
        self.change(|edits| {
            edits.saved(sent, &now);
            edits.rebase(&now);
        });
        self.now.set(now);
        self.saved_at.update(|at| {
            at.insert(part, Utc::now());
        });
        self.keep();
        queries::note_test(&self.mission, test);
    }

    fn has_conflict(&self) -> bool {
        let conflicts = self.edits.read_untracked().conflicts(&self.now.read_untracked());
        conflicts.iter().any(|field| !self.held.read_untracked().contains(field))
    }

    /// Sends what can be sent, one part after the other.
    async fn save(self: Arc<Self>) {
        if self.running.swap(true, Relaxed) {
            return;
        }
        let mut stale = 0;
        while let Some((version, part, batch)) = self.next() {
            let patch = match patch(&batch) {
                Ok(patch) => patch,
                Err(text) => {
                    self.refuse(&batch, &[], &text);
                    continue;
                }
            };
            if let Err(faults) = patch.check() {
                self.refuse(&batch, &faults, "This cannot be saved as it is.");
                continue;
            }
            self.sending.set(true);
            let mission = self.mission.clone();
            match queries::patch_test(&mission, self.place.test, version, &patch).await {
                Ok(test) => {
                    self.reached();
                    self.took(part, &batch, &test);
                }
                Err(error) if error.is(ErrorCode::PreconditionFailed) && stale < MOST_STALE => {
                    stale += 1;
                    match queries::fetch_test(&mission, self.place.test).await {
                        Ok(test) => {
                            self.take(test.clone());
                            queries::note_test(&mission, &test);
                        }
                        Err(error) => {
                            self.trouble(&error, &batch);
                            break;
                        }
                    }
                }
                Err(error) => {
                    if self.trouble(&error, &batch) {
                        break;
                    }
                }
            }
        }
        self.sending.set(false);
        self.running.store(false, Relaxed);
        self.keep();
        if self.has_conflict() {
            self.comparing.set(true);
        }
    }

    fn reached(&self) {
        self.tries.store(0, Relaxed);
        self.offline.set(false);
    }

    /// What follows a failure; true where nothing else is to be sent now.
    fn trouble(self: &Arc<Self>, error: &ApiError, batch: &BTreeMap<TestField, Value>) -> bool {
        let passes = match error {
            ApiError::Network(_) => true,
            ApiError::Problem(problem) => problem.status >= 500 || problem.status == 429,
            ApiError::Decode(_) => false,
        };
        if !passes {
            self.reached();
            self.refuse(batch, error.fields(), &error.text());
            // Somebody moved the test or the mission: the page is to show how they stand.
            if error.code().is_some_and(|code| code.status() == 409) {
                queries::refresh_mission(&self.mission);
            }
            return false;
        }
        self.offline.set(true);
        let wait = 2_000 * 2_u32.pow(self.tries.fetch_add(1, Relaxed).min(4));
        let later = Arc::downgrade(self);
        spawn_local(async move {
            crate::web::sleep(wait).await;
            // Nobody looks any more: what is not saved lies on the device.
            if let Some(inner) = later.upgrade()
                && inner.offline.get_untracked()
            {
                inner.save().await;
            }
        });
        true
    }

    /// Waits until nothing is on its way, then says whether everything is saved.
    async fn settled(self: &Arc<Self>) -> bool {
        self.clone().save().await;
        while self.running.load(Relaxed) {
            crate::web::sleep(40).await;
        }
        self.edits.read_untracked().0.is_empty()
    }
}

impl TestForm {
    /// The form of a test as it was read, with what was left unsaved of it.
    pub fn open(here: Here, hands: Memo<Hands>, user: uuid::Uuid, test: MissionTest) -> Self {
        let place = Place { user, mission: test.mission_id, test: test.id };
        let now = Snapshot::new(test);
        let mut edits = drafts::load(place);
        let found = edits.clone();
        edits.rebase(&now);
        let held = edits.0.keys().copied().collect();
        let inner = Arc::new(Inner {
            place,
            mission: here.id.get_untracked(),
            now: ArcRwSignal::new(now),
            edits: ArcRwSignal::new(edits),
            kept: Mutex::new(found),
            held: ArcRwSignal::new(held),
            refused: ArcRwSignal::new(BTreeMap::new()),
            sending: ArcRwSignal::new(false),
            offline: ArcRwSignal::new(false),
            saved_at: ArcRwSignal::new(BTreeMap::new()),
            comparing: ArcRwSignal::new(false),
            running: AtomicBool::new(false),
            typed: AtomicU32::new(0),
            kept_at: AtomicU32::new(0),
            tries: AtomicU32::new(0),
        });
        inner.keep();
        let status = Memo::new(move |_| here.read(|data| data.value.head.status).unwrap_or(MissionStatus::Draft));
        let form = Self { inner: StoredValue::new(inner.clone()), here, hands, status };
        // A page that closes, or another test: what was typed last is kept and, where it can be, saved.
        let leave = window_event_listener_untyped("pagehide", {
            let inner = inner.clone();
            move |_| inner.keep()
        });
        let online = window_event_listener_untyped("online", move |_| form.save_touched());
        on_cleanup(move || {
            leave.remove();
            online.remove();
            inner.keep();
            spawn_local(inner.save());
        });
        form
    }

    fn inner(self) -> Arc<Inner> {
        self.inner.get_value()
    }

    /// Takes a version that was read meanwhile.
    pub fn take(self, test: MissionTest) {
        self.inner().take(test);
    }

    /// Where the mission stands.
    pub fn mission_status(self) -> MissionStatus {
        self.status.get()
    }

    /// Which test it is.
    pub fn id(self) -> uuid::Uuid {
        self.inner.with_value(|inner| inner.place.test)
    }

    /// The plan as it stands, without being told of changes.
    pub fn plan(self) -> TestContent {
        self.inner().now.read_untracked().test.content.clone()
    }

    /// Something of the test as it is saved.
    pub fn read<T>(self, of: impl FnOnce(&MissionTest) -> T) -> T {
        of(&self.inner().now.read().test)
    }

    /// What a field shows.
    pub fn value(self, field: TestField) -> Value {
        let inner = self.inner();
        let now = inner.now.read();
        inner.edits.read().value(field, &now)
    }

    /// What a field shows, as text.
    pub fn text(self, field: TestField) -> String {
        match self.value(field) {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// A moment that a field shows.
    pub fn moment(self, field: TestField) -> Option<DateTime<Utc>> {
        self.text(field).parse().ok()
    }

    /// Why the reader cannot write a field now.
    pub fn refusal(self, field: TestField) -> Option<String> {
        let state = self.read(|test| test.state);
        may_write(field, self.hands.get(), self.status.get(), state).err().map(tyrian_domain::execution::Refusal::reason)
    }

    /// What is wrong with a field as it is written.
    pub fn fault(self, field: TestField) -> Option<String> {
        self.inner().refused.read().get(&field).map(|(_, why)| why.clone())
    }

    /// Writes a field.
    pub fn set(self, field: TestField, value: Value) {
        let inner = self.inner();
        let now = inner.now.get_untracked();
        inner.held.update(|held| {
            held.remove(&field);
        });
        if inner.refused.read_untracked().get(&field).is_some_and(|(no, _)| *no != tidy(value.clone())) {
            inner.refused.update(|refused| {
                refused.remove(&field);
            });
        }
        inner.change(|edits| edits.set(field, value, &now));
        let turn = inner.kept_at.fetch_add(1, Relaxed) + 1;
        spawn_local(async move {
            crate::web::sleep(KEEP_MS).await;
            if inner.kept_at.load(Relaxed) == turn {
                inner.keep();
            }
        });
    }

    /// Writes a field that is being typed: it is saved after a rest.
    pub fn type_in(self, field: TestField, value: Value) {
        self.set(field, value);
        let inner = self.inner();
        let turn = inner.typed.fetch_add(1, Relaxed) + 1;
        spawn_local(async move {
            crate::web::sleep(REST_MS).await;
            if inner.typed.load(Relaxed) == turn {
                inner.save().await;
            }
        });
    }

    /// Writes a field that is chosen: it is saved at once.
    pub fn choose(self, field: TestField, value: Value) {
        self.set(field, value);
        self.save_touched();
    }

    /// Saves what the reader has written in this visit.
    pub fn save_touched(self) {
        spawn_local(self.inner().save());
    }

    /// Saves everything, what was restored and what was refused too.
    pub fn save(self) {
        let inner = self.inner();
        inner.held.set(BTreeSet::new());
        inner.refused.set(BTreeMap::new());
        self.save_touched();
    }

    /// How a part stands.
    pub fn standing(self, part: Part) -> Standing {
        let inner = self.inner();
        let now = inner.now.read();
        let edits = inner.edits.read();
        let mine: Vec<TestField> = edits.0.keys().copied().filter(|field| Part::of(*field) == part).collect();
        if mine.is_empty() {
            return Standing::Saved(inner.saved_at.read().get(&part).copied());
        }
        let (held, refused) = (inner.held.read(), inner.refused.read());
        if edits.conflicts(&now).iter().any(|field| mine.contains(field)) {
            Standing::Conflict
        } else if inner.offline.get() {
            Standing::Offline
        } else if mine.iter().all(|field| held.contains(field)) {
            Standing::Restored
        } else if mine.iter().any(|field| refused.contains_key(field)) {
            Standing::Refused
        } else if inner.sending.get() {
            Standing::Saving
        } else {
            Standing::Waiting
        }
    }

    /// What came back from an earlier visit and was not touched since.
    pub fn restored(self) -> Vec<TestField> {
        self.inner().held.read().iter().copied().collect()
    }

    /// Throws away what came back.
    pub fn discard_restored(self) {
        let inner = self.inner();
        let held = inner.held.get_untracked();
        inner.change(|edits| edits.0.retain(|field, _| !held.contains(field)));
        inner.keep();
    }

    /// Are both versions shown?
    pub fn comparing(self) -> ArcRwSignal<bool> {
        self.inner().comparing.clone()
    }

    /// The fields that both changed: what it was, what the reader wrote, what is saved.
    pub fn conflicts(self) -> Vec<(TestField, Value, Value, Value)> {
        let inner = self.inner();
        let (now, edits) = (inner.now.read(), inner.edits.read());
        let of = |field: TestField| edits.0.get(&field).map(|edit| (field, edit.base.clone(), edit.mine.clone(), now.value(field)));
        edits.conflicts(&now).into_iter().filter_map(of).collect()
    }

    /// Takes what was chosen of both versions, as a change of the saved one, and saves it.
    pub fn settle(self, chosen: Vec<(TestField, Value)>) {
        let inner = self.inner();
        let now = inner.now.get_untracked();
        inner.change(|edits| {
            for (field, value) in chosen {
                edits.0.remove(&field);
                edits.set(field, value, &now);
            }
        });
        inner.held.set(BTreeSet::new());
        inner.comparing.set(false);
        inner.keep();
        self.save_touched();
    }

    /// Where the reader may move the test.
    pub fn moves(self) -> Vec<TestState> {
        moves(self.read(|test| test.state), self.hands.get(), self.status.get())
    }

    /// Why the reader cannot move it there.
    pub fn move_refusal(self, to: TestState) -> Option<String> {
        let state = self.read(|test| test.state);
        may_move(state, to, self.hands.get(), self.status.get()).err().map(tyrian_domain::execution::Refusal::reason)
    }

    /// Saves what is written, then moves the test. What is in the way, in words.
    pub async fn move_to(self, to: TestState) -> Result<(), String> {
        let inner = self.inner();
        let from = inner.now.read_untracked().test.state;
        if !inner.settled().await {
            return Err("Some of what you wrote is not saved yet. See to it first.".to_owned());
        }
        for _ in 0..MOST_STALE {
            let version = inner.now.read_untracked().test.version;
            match queries::move_test(&inner.mission, inner.place.test, version, to).await {
                Ok(test) => {
                    inner.take(test.clone());
                    queries::note_test(&inner.mission, &test);
                    return Ok(());
                }
                Err(error) if error.is(ErrorCode::PreconditionFailed) => {
                    let test = queries::fetch_test(&inner.mission, inner.place.test).await.map_err(|error| error.text())?;
                    let state = test.state;
                    inner.take(test.clone());
                    queries::note_test(&inner.mission, &test);
                    if state != from {
                        return Err(format!("Somebody moved it meanwhile: it is {state} now."));
                    }
                }
                Err(error) => {
                    queries::refresh_mission(&inner.mission);
                    return Err(error.text());
                }
            }
        }
        Err("Others are writing this test right now. Try again.".to_owned())
    }
}
