//! Answers as they last went out.
//!
//! The details of missions, by ETag. The ETag holds all that the answer depends on (`MissionScope::etag`):
//! the mission's versions, which tests the caller sees, where they may move it, and the versions of the people it names. So what
//! is found under it is what would be built; when anything changes, another ETag is asked for, and the old answer is pushed out.

//!
//! What lists show of a mission, by all that it depends on ([`SummaryKey`]), so that a list asks for places and versions only;
//! and how many missions somebody has, which holds until its stamp changes.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::value::RawValue;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::permission::Permission;
use tyrian_domain::visibility::View;
use uuid::Uuid;

use super::store::list::{ListRow, Place, Total};
use crate::http::Caller;

/// Bytes that are kept in all.
const ROOM: u64 = 16 << 20;
/// About so many answers are kept: those of 200 tests take 110 kB.
const ANSWERS: usize = 256;

#[derive(Clone)]
struct Length;

impl Weighter<(Uuid, String), Bytes> for Length {
    fn weight(&self, _: &(Uuid, String), body: &Bytes) -> u64 {
        body.len() as u64
    }
}

/// Answers by mission and ETag.
pub struct DetailCache(Cache<(Uuid, String), Bytes, Length>);

impl Default for DetailCache {
    fn default() -> Self {
        Self(Cache::with_weighter(ANSWERS, ROOM, Length))
    }
}

impl DetailCache {
    /// The answer of this ETag, if it is still kept.
    pub fn get(&self, mission: Uuid, etag: &str) -> Option<Bytes> {
        self.0.get(&(mission, etag.to_owned()))
    }

    /// Keeps an answer.
    pub fn put(&self, mission: Uuid, etag: &str, body: Bytes) {
        self.0.insert((mission, etag.to_owned()), body);
    }

    /// Forgets all answers.
    pub fn clear(&self) {
        self.0.clear();
    }
}

/// Bytes of summaries that are kept.
const LIST_ROOM: u64 = 4 << 20;
/// About so many: one takes a kilobyte.
const SUMMARIES: usize = 4096;
/// Totals of so many people are kept.
const TOTALS: usize = 1024;

/// All that a mission's summary depends on: the mission as it is, the people it names as they are, which tests the caller sees,
/// and what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SummaryKey {
    mission: Uuid,
    version: i64,
    content_version: i64,
    people_version: i64,
    view: View,
    /// As `permission::bits` tells them.
    rights: u64,
}

impl SummaryKey {
    /// Of a mission in a list, for a caller with these rights.
    pub fn of_place(place: &Place, rights: u64) -> Self {
        Self::new(place.id, [place.version, place.content_version, place.people_version], place.role_hint.as_deref(), rights)
    }

    /// Of a summary that was read.
    pub fn of_row(row: &ListRow, rights: u64) -> Self {
        Self::new(row.id, [row.version, row.content_version, row.people_version], row.role_hint.as_deref(), rights)
    }

    fn new(mission: Uuid, [version, content_version, people_version]: [i64; 3], role: Option<&str>, rights: u64) -> Self {
        Self { mission, version, content_version, people_version, view: View::of(role.and_then(RoleHint::parse)), rights }
    }
}

impl Weighter<SummaryKey, Arc<RawValue>> for Length {
    fn weight(&self, _: &SummaryKey, summary: &Arc<RawValue>) -> u64 {
        summary.get().len() as u64
    }
}

/// Summaries, and totals: of somebody, or of whoever sees all.
pub struct ListCache {
    summaries: Cache<SummaryKey, Arc<RawValue>, Length>,
    totals: Cache<Option<Uuid>, Total>,
}

impl Default for ListCache {
    fn default() -> Self {
        Self { summaries: Cache::with_weighter(SUMMARIES, LIST_ROOM, Length), totals: Cache::new(TOTALS) }
    }
}

impl ListCache {
    /// The summary of this key, if it is still kept.
    pub fn get(&self, key: &SummaryKey) -> Option<Arc<RawValue>> {
        self.summaries.get(key)
    }

    /// Keeps a summary.
    pub fn put(&self, key: SummaryKey, summary: Arc<RawValue>) {
        self.summaries.insert(key, summary);
    }

    /// How many missions there were for this caller when they were last counted.
    pub fn total(&self, caller: &Caller) -> Option<Total> {
        self.totals.get(&whose(caller))
    }

    /// Keeps how many there are.
    pub fn put_total(&self, caller: &Caller, total: Total) {
        self.totals.insert(whose(caller), total);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.summaries.clear();
        self.totals.clear();
    }
}

fn whose(caller: &Caller) -> Option<Uuid> {
    (!caller.can(Permission::MissionReadAll)).then_some(caller.id)
}
