//! Growing delays after wrong passwords: per account and address, and a looser one per address. Never a lock of the
//! account for everybody. Kept in memory: a restart forgives.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Failures that cost nothing, per account and address.
const FREE: u32 = 5;
/// The same per address, where several people may sit.
const FREE_PER_ADDRESS: u32 = 50;
const LONGEST: Duration = Duration::from_mins(15);
/// Entries kept before old ones are swept out.
const SWEEP_AT: usize = 10_000;

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn wait(self, free: u32, now: Instant) -> Option<Duration> {
        let over = self.count.checked_sub(free)?;
        let delay = Duration::from_secs(1u64 << over.min(10)).min(LONGEST);
        (self.last + delay).checked_duration_since(now).filter(|d| !d.is_zero())
    }
}

type Key = (Option<IpAddr>, Option<String>);

/// The failures so far.
pub struct Throttle {
    on: bool,
    failures: Mutex<HashMap<Key, Failures>>,
}

impl Throttle {
    /// Off: nothing is ever delayed.
    pub fn new(on: bool) -> Self {
        Self { on, failures: Mutex::default() }
    }

    /// How many seconds this account must wait at this address, if at all.
    pub fn wait(&self, ip: Option<IpAddr>, account: &str) -> Option<u64> {
        if !self.on {
            return None;
        }
        let failures = self.failures.lock().ok()?;
        let now = Instant::now();
        let of = |key: &Key, free| failures.get(key).and_then(|f| f.wait(free, now));
        let pair = of(&(ip, Some(account.to_owned())), FREE);
        let address = of(&(ip, None), FREE_PER_ADDRESS);
        pair.max(address).map(|d| d.as_secs() + 1)
    }

    /// Notes a failure.
    pub fn failed(&self, ip: Option<IpAddr>, account: &str) {
        if !self.on {
            return;
        }
        let Ok(mut failures) = self.failures.lock() else { return };
        let now = Instant::now();
        if failures.len() > SWEEP_AT {
            failures.retain(|_, f| now.duration_since(f.last) < LONGEST);
        }
        for key in [(ip, Some(account.to_owned())), (ip, None)] {
            let entry = failures.entry(key).or_insert(Failures { count: 0, last: now });
            if now.duration_since(entry.last) > LONGEST {
                entry.count = 0;
            }
            entry.count += 1;
            entry.last = now;
        }
    }

    /// Forgives an account at an address after a right password.
    pub fn succeeded(&self, ip: Option<IpAddr>, account: &str) {
        if let Ok(mut failures) = self.failures.lock() {
            failures.remove(&(ip, Some(account.to_owned())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_begins_after_five_failures_and_grows() {
        let t = Throttle::new(true);
        for _ in 0..4 {
            t.failed(None, "a");
        }
        assert_eq!(t.wait(None, "a"), None);
        t.failed(None, "a");
        let first = t.wait(None, "a").unwrap();
        t.failed(None, "a");
        t.failed(None, "a");
        assert!(t.wait(None, "a").unwrap() > first);
        assert_eq!(t.wait(None, "b"), None, "another account is free");
        t.succeeded(None, "a");
        assert_eq!(t.wait(None, "a"), None);
    }

    #[test]
    fn off_means_off() {
        let t = Throttle::new(false);
        for _ in 0..99 {
            t.failed(None, "a");
        }
        assert_eq!(t.wait(None, "a"), None);
    }
}
