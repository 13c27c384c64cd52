//! A change in a mission: its row is locked first, so that counters, content version and event numbers are right, and
//! written at the end, with the events and the audit entry, in the same transaction.

use sea_orm::sea_query::SubQueryStatement;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryTrait};
use serde_json::Value;
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::event::EventKind;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::visibility::View;
use tyrian_entity::{mission, mission_event};
use uuid::Uuid;

use super::scope::{MissionScope, counters_of, status_of, writable};
use super::store;
use crate::audit::{self, Entry};
use crate::db::together::Writes;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::live::Wake;
use crate::state::State;

/// What one test adds to the counters, and may blue see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Its kind.
    pub counted: Counted,
    /// Does it count for those who see disclosed tests only?
    pub disclosed: bool,
}

/// A change of a mission, or of something under it, in the making.
pub struct Change {
    /// The mission as it was before.
    before: mission::Model,
    /// Fields of its own that are to be written: version and times of its own changes too.
    pub own: mission::ActiveModel,
    all: Counters,
    disclosed: Counters,
    events: Vec<mission_event::ActiveModel>,
    notified: Vec<Uuid>,
    /// Are there more or fewer missions for somebody?
    roster: bool,
    writes: Writes,
}

impl Change {
    /// Locks the mission. One that is archived is refused.
    pub async fn begin(txn: &DatabaseTransaction, scope: &MissionScope) -> ApiResult<Self> {
        let change = Self::begin_any(txn, scope).await?;
        writable(&change.before)?;
        Ok(change)
    }

    /// Locks the mission, archived or not.
    pub async fn begin_any(txn: &DatabaseTransaction, scope: &MissionScope) -> ApiResult<Self> {
        Self::of(scope.lock(txn).await?)
    }

    /// For a mission that this transaction has just made.
    pub fn of_new(row: mission::Model) -> ApiResult<Self> {
        Ok(Self { roster: true, ..Self::of(row)? })
    }

    /// For a mission whose row this transaction has locked.
    pub fn of(row: mission::Model) -> ApiResult<Self> {
        Ok(Self {
            all: counters_of(&row, View::All)?,
            disclosed: counters_of(&row, View::Disclosed)?,
            own: row.clone().into_active_model(),
            before: row,
            events: Vec::new(),
            notified: Vec::new(),
            roster: false,
            writes: Writes::default(),
        })
    }

    /// The mission as it was before, locked.
    pub fn mission(&self) -> &mission::Model {
        &self.before
    }

    /// Its status.
    pub fn status(&self) -> ApiResult<MissionStatus> {
        status_of(&self.before)
    }

    /// Counts a test as it is now instead of as it was.
    pub fn recount(&mut self, before: Option<&Tally>, after: Option<&Tally>) {
        if before == after {
            return;
        }
        if let Some(tally) = before {
            self.all.remove(&tally.counted);
            if tally.disclosed {
                self.disclosed.remove(&tally.counted);
            }
        }
        if let Some(tally) = after {
            self.all.add(&tally.counted, 1);
            if tally.disclosed {
                self.disclosed.add(&tally.counted, 1);
            }
        }
    }

    /// The counters, to add many tests at once.
    pub fn counters(&mut self) -> [&mut Counters; 2] {
        [&mut self.all, &mut self.disclosed]
    }

    /// Was any test run to its end?
    pub fn any_executed(&self) -> bool {
        self.all.any_executed()
    }

    /// Something happened to the mission as a whole.
    pub fn event(&mut self, caller: &Caller, kind: EventKind, payload: Value) {
        self.push(caller, kind, None, true, payload);
    }

    /// Something happened to a test; may blue know of it?
    pub fn test_event(&mut self, caller: &Caller, kind: EventKind, test: Uuid, disclosed: bool, payload: Value) {
        self.push(caller, kind, Some(test), disclosed, payload);
    }

    fn push(&mut self, caller: &Caller, kind: EventKind, test: Option<Uuid>, disclosed: bool, payload: Value) {
        let ahead = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        self.events.push(mission_event::ActiveModel {
            id: Set(Uuid::now_v7()),
            mission_id: Set(self.before.id),
            sequence: Set(self.before.event_sequence + 1 + ahead),
            at: Set(crate::now()),
            actor_id: Set(Some(caller.id)),
            kind: Set(kind.as_str().to_owned()),
            mission_test_id: Set(test),
            disclosed: Set(disclosed),
            payload: Set(payload),
        });
    }

    /// Adds members in one statement; users who do not exist are left out, and the number that was added is told.
    pub async fn add_members(&mut self, txn: &DatabaseTransaction, members: &[(Uuid, &'static str)]) -> Result<u64, DbErr> {
        self.roster = true;
        store::insert_members(txn, self.before.id, members, crate::now()).await
    }

    /// The same after all who were in it are out.
    pub async fn replace_members(&mut self, txn: &DatabaseTransaction, members: &[(Uuid, &'static str)]) -> Result<u64, DbErr> {
        store::remove_members(txn, self.before.id).await?;
        self.add_members(txn, members).await
    }

    /// A write that nothing reads before the end of the change: it goes with the others.
    pub fn also(&mut self, write: impl Into<SubQueryStatement>) {
        self.writes.add(write);
    }

    /// These users are told, once it is committed, that they have notifications.
    pub fn notified(&mut self, users: impl IntoIterator<Item = Uuid>) {
        self.notified.extend(users);
    }

    /// Writes the mission's row, the events and the audit entry. Call it last, and publish what it returns after the commit.
    pub async fn write(mut self, state: &State, txn: &DatabaseTransaction, caller: &Caller, entry: Entry) -> ApiResult<Wake> {
        let first = self.before.event_sequence + 1;
        let count = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        self.own.content_version = Set(self.before.content_version + 1);
        self.own.event_sequence = Set(self.before.event_sequence + count);
        if self.all != counters_of(&self.before, View::All)? {
            self.own.counters_all = Set(serde_json::to_value(&self.all)?);
        }
        if self.disclosed != counters_of(&self.before, View::Disclosed)? {
            self.own.counters_disclosed = Set(serde_json::to_value(&self.disclosed)?);
        }
        let roster = self.roster || self.own.deleted_at.is_set();
        let mut writes = self.writes;
        writes.add(mission::Entity::update(self.own).validate()?.into_query());
        if !self.events.is_empty() {
            writes.add(mission_event::Entity::insert_many(self.events).into_query());
        }
        audit::link(state, txn, &caller.request, entry, &mut writes).await?;
        if roster {
            writes.add(store::counting_anew());
        }
        writes.send(txn).await?;
        self.notified.sort_unstable();
        self.notified.dedup();
        Ok(Wake { mission: (count > 0).then_some((self.before.id, first)), notified: self.notified })
    }
}
