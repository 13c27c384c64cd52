//! The opened test while it is written: what is saved, what is not, and the way from one to the other.
//!
//! The handle that the parts of the page share; what it does with the server is `saving`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::missions::MissionTest;
use tyrian_api_types::test_templates::TestContent;
use tyrian_domain::execution::{Hands, TestField, may_move, may_write, moves};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::test::TestState;

use super::drafts::Place;
use super::queries;
use super::saving::{MOST_STALE, Work};
use super::values::{Part, tidy};
use crate::missions::one::Here;
use crate::texts::spoken;

/// A rest in typing after which what was typed is saved.
const REST_MS: u32 = 1_500;
/// A rest after which it is kept on the device.
const KEEP_MS: u32 = 200;

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

/// The opened test; a copyable handle for the parts of its page.
#[derive(Clone, Copy)]
pub struct TestForm {
    work: StoredValue<Arc<Work>>,
    /// the mission
    pub here: Here,
    /// what the reader may put their hands on
    pub hands: Memo<Hands>,
    status: Memo<MissionStatus>,
}

impl TestForm {
    /// The form of a test as it was read, with what was left unsaved of it.
    pub fn open(here: Here, hands: Memo<Hands>, user: uuid::Uuid, test: MissionTest) -> Self {
        let place = Place { user, mission: test.mission_id, test: test.id };
        let work = Work::open(here.id.get_untracked(), place, test);
        let status = Memo::new(move |_| here.read(|data| data.value.head.status).unwrap_or(MissionStatus::Draft));
        let form = Self { work: StoredValue::new(work.clone()), here, hands, status };
        // A page that closes, or another test: what was typed last is kept and, where it can be, saved.
        let leave = window_event_listener_untyped("pagehide", {
            let work = work.clone();
            move |_| work.keep()
        });
        let online = window_event_listener_untyped("online", move |_| form.save_touched());
        on_cleanup(move || {
            leave.remove();
            online.remove();
            work.keep();
            spawn_local(work.save());
        });
        form
    }

    fn work(self) -> Arc<Work> {
        self.work.get_value()
    }

    /// Takes a version that was read meanwhile.
    pub fn take(self, test: MissionTest) {
        self.work().take(test);
    }

    /// Where the mission stands.
    pub fn mission_status(self) -> MissionStatus {
        self.status.get()
    }

    /// Which test it is.
    pub fn id(self) -> uuid::Uuid {
        self.work.with_value(|work| work.place.test)
    }

    /// The plan as it stands, without being told of changes.
    pub fn plan(self) -> TestContent {
        self.work().now.read_untracked().test.content.clone()
    }

    /// Something of the test as it is saved.
    pub fn read<T>(self, of: impl FnOnce(&MissionTest) -> T) -> T {
        of(&self.work().now.read().test)
    }

    /// The name of somebody whom the saved test names.
    pub fn name_of(self, id: uuid::Uuid) -> Option<String> {
        self.read(|test| test.people.iter().find(|person| person.id == id).map(|person| person.display_name.clone()))
    }

    /// What a field shows.
    pub fn value(self, field: TestField) -> Value {
        let work = self.work();
        let now = work.now.read();
        work.edits.read().value(field, &now)
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
        may_write(field, self.hands.get(), self.status.get(), state).err().map(|refusal| spoken(refusal.reason()))
    }

    /// What is wrong with a field as it is written.
    pub fn fault(self, field: TestField) -> Option<String> {
        self.work().refused.read().get(&field).map(|(_, why)| why.clone())
    }

    /// Writes a field.
    pub fn set(self, field: TestField, value: Value) {
        let work = self.work();
        let now = work.now.get_untracked();
        work.held.update(|held| {
            held.remove(&field);
        });
        if work.refused.read_untracked().get(&field).is_some_and(|(no, _)| *no != tidy(value.clone())) {
            work.refused.update(|refused| {
                refused.remove(&field);
            });
        }
        work.change(|edits| edits.set(field, value, &now));
        let turn = work.kept_at.fetch_add(1, Relaxed) + 1;
        spawn_local(async move {
            crate::web::sleep(KEEP_MS).await;
            if work.kept_at.load(Relaxed) == turn {
                work.keep();
            }
        });
    }

    /// Writes a field that is being typed: it is saved after a rest.
    pub fn type_in(self, field: TestField, value: Value) {
        self.set(field, value);
        let work = self.work();
        let turn = work.typed.fetch_add(1, Relaxed) + 1;
        spawn_local(async move {
            crate::web::sleep(REST_MS).await;
            if work.typed.load(Relaxed) == turn {
                work.save().await;
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
        spawn_local(self.work().save());
    }

    /// Saves everything, what was restored and what was refused too.
    pub fn save(self) {
        let work = self.work();
        work.held.set(BTreeSet::new());
        work.refused.set(BTreeMap::new());
        self.save_touched();
    }

    /// How a part stands.
    pub fn standing(self, part: Part) -> Standing {
        let work = self.work();
        let now = work.now.read();
        let edits = work.edits.read();
        let mine: Vec<TestField> = edits.0.keys().copied().filter(|field| Part::of(*field) == part).collect();
        if mine.is_empty() {
            return Standing::Saved(work.saved_at.read().get(&part).copied());
        }
        let (held, refused) = (work.held.read(), work.refused.read());
        if edits.conflicts(&now).iter().any(|field| mine.contains(field)) {
            Standing::Conflict
        } else if work.offline.get() {
            Standing::Offline
        } else if mine.iter().all(|field| held.contains(field)) {
            Standing::Restored
        } else if mine.iter().any(|field| refused.contains_key(field)) {
            Standing::Refused
        } else if work.sending.get() {
            Standing::Saving
        } else {
            Standing::Waiting
        }
    }

    /// What came back from an earlier visit and was not touched since.
    pub fn restored(self) -> Vec<TestField> {
        self.work().held.read().iter().copied().collect()
    }

    /// Throws away what came back.
    pub fn discard_restored(self) {
        let work = self.work();
        let held = work.held.get_untracked();
        work.change(|edits| edits.0.retain(|field, _| !held.contains(field)));
        work.keep();
    }

    /// Are both versions shown?
    pub fn comparing(self) -> ArcRwSignal<bool> {
        self.work().comparing.clone()
    }

    /// The fields that both changed: what it was, what the reader wrote, what is saved.
    pub fn conflicts(self) -> Vec<(TestField, Value, Value, Value)> {
        let work = self.work();
        let (now, edits) = (work.now.read(), work.edits.read());
        let of = |field: TestField| edits.0.get(&field).map(|edit| (field, edit.base.clone(), edit.mine.clone(), now.value(field)));
        edits.conflicts(&now).into_iter().filter_map(of).collect()
    }

    /// Takes what was chosen of both versions, as a change of the saved one, and saves it.
    pub fn settle(self, chosen: Vec<(TestField, Value)>) {
        let work = self.work();
        let now = work.now.get_untracked();
        work.change(|edits| {
            for (field, value) in chosen {
                edits.0.remove(&field);
                edits.set(field, value, &now);
            }
        });
        work.held.set(BTreeSet::new());
        work.comparing.set(false);
        work.keep();
        self.save_touched();
    }

    /// Where the reader may move the test.
    pub fn moves(self) -> Vec<TestState> {
        moves(self.read(|test| test.state), self.hands.get(), self.status.get())
    }

    /// Why the reader cannot move it there.
    pub fn move_refusal(self, to: TestState) -> Option<String> {
        let state = self.read(|test| test.state);
        may_move(state, to, self.hands.get(), self.status.get()).err().map(|refusal| spoken(refusal.reason()))
    }

    /// Saves what is written, then moves the test. What is in the way, in words.
    pub async fn move_to(self, to: TestState) -> Result<(), String> {
        let work = self.work();
        let from = work.now.read_untracked().test.state;
        if !work.settled().await {
            return Err(t!("Some of what you wrote is not saved yet. See to it first.").to_owned());
        }
        for _ in 0..MOST_STALE {
            let version = work.now.read_untracked().test.version;
            match queries::move_test(&work.mission, work.place.test, version, to).await {
                Ok(test) => {
                    work.take(test.clone());
                    queries::note_test(&work.mission, &test);
                    return Ok(());
                }
                Err(error) if error.is(ErrorCode::PreconditionFailed) => {
                    let test = queries::fetch_test(&work.mission, work.place.test).await.map_err(|error| error.text())?;
                    let state = test.state;
                    work.take(test.clone());
                    queries::note_test(&work.mission, &test);
                    if state != from {
                        return Err(t!("Somebody moved it meanwhile: it is {state} now."; state));
                    }
                }
                Err(error) => {
                    queries::refresh_mission(&work.mission);
                    return Err(error.text());
                }
            }
        }
        Err(t!("Others are writing this test right now. Try again.").to_owned())
    }
}
