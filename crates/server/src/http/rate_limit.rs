//! Requests a minute and user: counted after the token's signature is checked and before the database is asked.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

/// After so many checks those who did nothing lately are forgotten.
const SWEEP: u32 = 1000;

/// A limit for each user, or for each of something else, or none.
pub struct RateLimit<Key: Copy + Eq + Hash = Uuid> {
    limiter: Option<DefaultKeyedRateLimiter<Key>>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl<Key: Copy + Eq + Hash> RateLimit<Key> {
    /// So many a minute, all of which may come at once; none: no limit.
    pub fn new(per_minute: Option<u32>) -> Self {
        let limiter = per_minute.and_then(NonZeroU32::new).map(|n| RateLimiter::keyed(Quota::per_minute(n)));
        Self { limiter, clock: DefaultClock::default(), checks: AtomicU32::new(0) }
    }

    /// Counts one; if it was too many, the seconds to wait.
    pub fn check(&self, key: Key) -> Result<(), u64> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    /// As [`RateLimit::check`], as an answer.
    pub fn admit(&self, key: Key) -> ApiResult<()> {
        self.check(key).map_err(|seconds| ApiError::too_many(format!("Too many requests in a minute. Wait {seconds} s."), seconds))
    }
}

/// What costs the server much, or others: each kind has a minute of its own for each user, within that of all requests.
pub struct Costly {
    /// Files that are read and written into the library or a mission.
    pub imports: RateLimit,
    /// Files of evidence.
    pub uploads: RateLimit,
    /// Invitations, each of which may send a mail.
    pub invitations: RateLimit,
}

impl Costly {
    /// No limits where there is none for all requests together.
    pub fn new(on: bool) -> Self {
        let limit = |per_minute| RateLimit::new(on.then_some(per_minute));
        Self { imports: limit(30), uploads: limit(240), invitations: limit(60) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_has_their_own_minute() {
        let limit = RateLimit::new(Some(2));
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(limit.check(a).is_ok() && limit.check(a).is_ok());
        let wait = limit.check(a).unwrap_err();
        assert!((1..=30).contains(&wait), "{wait}");
        assert!(limit.check(b).is_ok());
    }

    #[test]
    fn who_did_nothing_lately_is_forgotten() {
        // a thousand users, each of whose only request is over within a microsecond of the quota
        let limit = RateLimit::new(Some(u32::MAX));
        for n in 0..u128::from(SWEEP) * 10 {
            assert!(limit.check(Uuid::from_u128(n)).is_ok());
        }
        assert!(limit.limiter.as_ref().is_some_and(|l| l.len() < SWEEP as usize * 2));
    }

    #[test]
    fn off_is_off() {
        let limit = RateLimit::<Uuid>::new(None);
        assert!((0..10_000).all(|_| limit.check(Uuid::nil()).is_ok()));
    }
}
