//! Saving the opened test, apart from the page, so that it goes on when another test is opened meanwhile.
//!
//! Changes are saved by part, one request at a time, each naming the version that its values were compared with. A stale one
//! fetches the present version: what only the reader changed goes on by itself, what both changed waits for a choice. Where the
//! server is not reached, it is tried again; what is not saved lies on the device.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use tyrian_api_types::missions::MissionTest;
use tyrian_api_types::{ErrorCode, FieldError, Validate};
use tyrian_domain::execution::TestField;

use super::drafts::{self, Place};
use super::queries;
use super::values::{Edits, Part, Snapshot, patch};
use crate::api::ApiError;

/// Stale answers in a row after which a save gives up for now.
pub const MOST_STALE: u32 = 12;

/// The state of an opened test.
pub struct Work {
    /// whose it is
    pub place: Place,
    /// id of the mission
    pub mission: String,
    /// the version that was read last
    pub now: ArcRwSignal<Snapshot>,
    /// what is written and not saved
    pub edits: ArcRwSignal<Edits>,
    /// what the device keeps
    pub kept: Mutex<Edits>,
    /// restored and not touched since: saved only when the reader says so
    pub held: ArcRwSignal<BTreeSet<TestField>>,
    /// refused as it is, and why
    pub refused: ArcRwSignal<BTreeMap<TestField, (Value, String)>>,
    /// is a request on its way
    pub sending: ArcRwSignal<bool>,
    /// is the server not reached
    pub offline: ArcRwSignal<bool>,
    /// when each part was saved last
    pub saved_at: ArcRwSignal<BTreeMap<Part, DateTime<Utc>>>,
    /// are both versions shown
    pub comparing: ArcRwSignal<bool>,
    /// what the others wrote when both versions were shown last: the same is not shown twice unasked
    pub asked: Mutex<BTreeMap<TestField, Value>>,
    /// is a save under way
    pub running: AtomicBool,
    /// counts what is typed: a rest is one in which it stands still
    pub typed: AtomicU32,
    /// the same, for what the device keeps
    pub kept_at: AtomicU32,
    /// failures in a row
    pub tries: AtomicU32,
}

impl Work {
    /// Of a test as it was read, with what an earlier visit left unsaved of it.
    pub fn open(mission: String, place: Place, test: MissionTest) -> Arc<Self> {
        let now = Snapshot::new(test);
        let found = drafts::load(place);
        let mut edits = found.clone();
        edits.rebase(&now);
        let held = edits.0.keys().copied().collect();
        let work = Self {
            place,
            mission,
            now: ArcRwSignal::new(now),
            edits: ArcRwSignal::new(edits),
            kept: Mutex::new(found),
            held: ArcRwSignal::new(held),
            refused: ArcRwSignal::new(BTreeMap::new()),
            sending: ArcRwSignal::new(false),
            offline: ArcRwSignal::new(false),
            saved_at: ArcRwSignal::new(BTreeMap::new()),
            comparing: ArcRwSignal::new(false),
            asked: Mutex::new(BTreeMap::new()),
            running: AtomicBool::new(false),
            typed: AtomicU32::new(0),
            kept_at: AtomicU32::new(0),
            tries: AtomicU32::new(0),
        };
        work.keep();
        Arc::new(work)
    }

    /// Looks at a version that was read.
    pub fn take(&self, test: MissionTest) {
        if self.now.read_untracked().test.version > test.version {
            return;
        }
        let now = Snapshot::new(test);
        self.change(|edits| edits.rebase(&now));
        self.now.set(now);
    }

    /// Changes what is written, and forgets what was said of fields that are no longer.
    pub fn change(&self, change: impl FnOnce(&mut Edits)) {
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
    pub fn keep(&self) {
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

    fn refuse(&self, batch: &BTreeMap<TestField, Value>, error: &[FieldError], text: &str) {
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

    /// What the others wrote where both wrote.
    fn conflict(&self) -> BTreeMap<TestField, Value> {
        let (now, held) = (self.now.read_untracked(), self.held.read_untracked());
        let fields = self.edits.read_untracked().conflicts(&now);
        fields.into_iter().filter(|field| !held.contains(field)).map(|field| (field, now.value(field))).collect()
    }

    /// Shows both versions where that is new to the reader: whoever went back to writing asks for it themselves.
    fn ask(&self) {
        let conflict = self.conflict();
        let is_new = self.asked.lock().is_ok_and(|mut asked| std::mem::replace(&mut *asked, conflict.clone()) != conflict);
        if is_new && !conflict.is_empty() {
            self.comparing.set(true);
        }
    }

    /// Sends what can be sent, one part after the other.
    pub async fn save(self: Arc<Self>) {
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
                self.refuse(&batch, &faults, t!("This cannot be saved as it is."));
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
        self.ask();
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
            if let Some(work) = later.upgrade()
                && work.offline.get_untracked()
            {
                work.save().await;
            }
        });
        true
    }

    /// Waits until nothing is on its way, then says whether everything is saved.
    pub async fn settled(self: &Arc<Self>) -> bool {
        self.clone().save().await;
        while self.running.load(Relaxed) {
            crate::web::sleep(40).await;
        }
        self.edits.read_untracked().0.is_empty()
    }
}
