//! When what is stale is read again: at once where nothing else happens, at most so often where much does.

use std::collections::HashMap;

use super::stale::Stale;

/// Events that come within this time are one reading.
const BATCH_MS: f64 = 100.0;

/// How long a reading rests after it was done, in milliseconds. What costs the server more rests longer.
fn rest(stale: &Stale) -> f64 {
    let (Stale::One(key) | Stale::Under(key)) = stale;
    match key.0.first().map(String::as_str) {
        None | Some("findings") => 3_000.0,
        Some("missions") if matches!(key.0.get(1).map(String::as_str), Some("list" | "total" | "clients" | "home")) => 3_000.0,
        Some("missions") if key.0.len() == 2 => 600.0,
        Some("missions") if matches!(key.0.get(2).map(String::as_str), Some("synthesis" | "events")) => 600.0,
        _ => 250.0,
    }
}

/// What waits to be read, and what was read last when.
#[derive(Debug, Default)]
pub struct Pace {
    /// what waits, and from when on it may be read
    waiting: HashMap<Stale, f64>,
    /// when it was last read
    done: HashMap<Stale, f64>,
}

impl Pace {
    /// Notes what has become stale at `now`.
    pub fn add(&mut self, stale: Stale, now: f64) {
        let last = self.done.get(&stale).map_or(0.0, |at| at + rest(&stale));
        self.waiting.entry(stale).or_insert_with(|| last.max(now + BATCH_MS));
    }

    /// What is to be read at `now`, and how long after that to look again.
    pub fn take(&mut self, now: f64) -> (Vec<Stale>, Option<f64>) {
        let due: Vec<Stale> = self.waiting.iter().filter(|(_, at)| **at <= now).map(|(stale, _)| stale.clone()).collect();
        // long past: it would be read at once anyway
        self.done.retain(|stale, at| *at + rest(stale) > now);
        for stale in &due {
            self.waiting.remove(stale);
            self.done.insert(stale.clone(), now);
        }
        (due, self.wait(now))
    }

    /// How long from `now` until something is due.
    pub fn wait(&self, now: f64) -> Option<f64> {
        self.waiting.values().copied().min_by(f64::total_cmp).map(|at| (at - now).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;

    fn readings(stale: &Stale, events: impl Iterator<Item = f64>, until: f64) -> usize {
        let mut pace = Pace::default();
        let mut events = events.peekable();
        let (mut now, mut count) = (0.0, 0);
        while now < until {
            while events.next_if(|at| *at <= now).is_some() {
                pace.add(stale.clone(), now);
            }
            count += pace.take(now).0.len();
            now += 1.0;
        }
        count
    }

    #[test]
    fn one_event_is_read_once_after_a_moment() {
        let mut pace = Pace::default();
        let test = Stale::One(key!["missions", "m", "tests", "t"]);
        pace.add(test.clone(), 5_000.0);
        assert_eq!(pace.take(5_050.0), (Vec::new(), Some(50.0)));
        assert_eq!(pace.take(5_100.0), (vec![test], None));
        assert_eq!(pace.take(9_000.0), (Vec::new(), None));
    }

    #[test]
    fn twenty_edits_a_second_are_a_few_readings() {
        let edits = || (0..200).map(|n| 50.0 * f64::from(n));
        for (stale, most) in [
            (Stale::One(key!["missions", "m", "tests", "t"]), 42),
            (Stale::One(key!["missions", "m"]), 18),
            (Stale::Under(key!["missions", "list"]), 5),
            (Stale::Under(key!["findings"]), 5),
        ] {
            let read = readings(&stale, edits(), 14_000.0);
            assert!((2..=most).contains(&read), "{stale:?} read {read} times in ten seconds");
        }
    }

    #[test]
    fn the_last_event_is_never_left_unread() {
        let stale = Stale::Under(key!["missions", "list"]);
        let mut pace = Pace::default();
        pace.add(stale.clone(), 0.0);
        assert_eq!(pace.take(100.0).0.len(), 1);
        pace.add(stale.clone(), 150.0);
        assert_eq!(pace.take(2_000.0), (Vec::new(), Some(1_100.0)));
        assert_eq!(pace.take(3_100.0), (vec![stale], None));
    }
}
