//! The details of missions as they last went out, by ETag. The ETag holds all that the answer depends on (`MissionScope::etag`):
//! the mission's versions, which tests the caller sees, where they may move it, and the versions of the people it names. So what
//! is found under it is what would be built; when anything changes, another ETag is asked for, and the old answer is pushed out.

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use uuid::Uuid;

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
