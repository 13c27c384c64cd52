//! Who has which page of a mission open: kept in memory, each instance hears of the others' by signals. Somebody who
//! says nothing for a while has left.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Seconds after which who says nothing has left.
const STALE_AFTER: TimeDelta = TimeDelta::seconds(40);

/// Somebody who was seen at a page of a mission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Who.
    pub user: Uuid,
    /// Their name.
    pub name: String,
    /// Which test they have open.
    pub test: Option<Uuid>,
    /// When; they left where it is null.
    pub at: Option<DateTime<Utc>>,
}

/// All who are there.
#[derive(Default)]
pub struct Presences(Mutex<HashMap<Uuid, HashMap<Uuid, Seen>>>);

impl Presences {
    /// Notes it. Says whether it changed what others see.
    pub fn note(&self, mission: Uuid, seen: Seen) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = crate::now();
        // whole missions that nobody looks at any more go, so that the map does not grow for ever
        all.retain(|_, people| people.values().any(|p| is_fresh(p, now)));
        let people = all.entry(mission).or_default();
        let before = people.get(&seen.user).filter(|p| is_fresh(p, now)).map(|p| p.test);
        if seen.at.is_none() {
            people.remove(&seen.user);
            return before.is_some();
        }
        let changed = before != Some(seen.test);
        people.insert(seen.user, seen);
        changed
    }

    /// Who is in this mission now, by name.
    pub fn of(&self, mission: Uuid) -> Vec<Seen> {
        let now = crate::now();
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut people: Vec<Seen> = all.get(&mission).into_iter().flat_map(HashMap::values).filter(|p| is_fresh(p, now)).cloned().collect();
        people.sort_by(|a, b| (&a.name, a.user).cmp(&(&b.name, b.user)));
        people
    }
}

fn is_fresh(seen: &Seen, now: DateTime<Utc>) -> bool {
    seen.at.is_some_and(|at| now - at < STALE_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(user: u128, test: Option<u128>, ago: i64) -> Seen {
        let at = Some(crate::now() - TimeDelta::seconds(ago));
        Seen { user: Uuid::from_u128(user), name: user.to_string(), test: test.map(Uuid::from_u128), at }
    }

    #[test]
    fn who_says_nothing_has_left() {
        let (here, m) = (Presences::default(), Uuid::from_u128(9));
        assert!(here.note(m, seen(1, None, 0)));
        assert!(!here.note(m, seen(1, None, 0)), "the same again changes nothing");
        assert!(here.note(m, seen(1, Some(5), 0)), "another test does");
        assert!(here.note(m, seen(2, None, 39)));
        assert!(here.note(m, seen(3, None, 41)));
        assert_eq!(here.of(m).iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert!(here.note(m, Seen { at: None, ..seen(1, None, 0) }));
        assert_eq!(here.of(m).len(), 1);
        assert!(here.of(Uuid::nil()).is_empty());
    }
}
