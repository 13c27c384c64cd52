//! How long the defenders took.
//!
//! A duration begins with `started_at`, when red began. What has no beginning, no end, or an end before its beginning
//! is left out and counted as `n_without`.
//!
//! - to **detect**: until `detected_at`, else the earliest detection row that saw or stopped it. Enters: every assessed
//!   test in which a fact holds.
//! - to **alert**: until `alerted_at`, else the earliest alert row that holds. Enters: every assessed test that alerted.
//! - to **respond**: until `responded_at`. Enters: every assessed test in which a fact holds.
//!
//! Median and 90th percentile are interpolated between the two nearest values (Hyndman and Fan's type 7: what
//! `PERCENTILE.INC` is in a spreadsheet and `percentile_cont` in PostgreSQL), in whole seconds, rounded half up.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::input::Test;
use crate::test::DetectionKind;

/// A range of lapses, as a histogram has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// What it is called: `1–5 min`.
    pub label: &'static str,
    /// Where it ends, in seconds; what takes as long is in the next one. The last one has no end.
    pub below_s: Option<u64>,
}

const fn bucket(label: &'static str, below_s: u64) -> Bucket {
    Bucket { label, below_s: Some(below_s) }
}

/// The ranges that `TimeSpread::buckets` counts, the shortest first.
pub const BUCKETS: [Bucket; 7] = [
    bucket("< 1 min", 60),
    bucket("1–5 min", 5 * 60),
    bucket("5–15 min", 15 * 60),
    bucket("15–60 min", 60 * 60),
    bucket("1–4 h", 4 * 3600),
    bucket("4–24 h", 24 * 3600),
    Bucket { label: "≥ 1 day", below_s: None },
];

/// How long it took, over the tests that have a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeSpread {
    /// Tests with a time.
    pub n: u64,
    /// Tests that ought to have one and have none.
    pub n_without: u64,
    /// Mean in seconds; null without tests.
    pub mean_s: Option<u64>,
    /// Median in seconds; null without tests.
    pub median_s: Option<u64>,
    /// 90th percentile in seconds; null without tests.
    pub p90_s: Option<u64>,
    /// How many took how long: < 1 min, 1–5 min, 5–15 min, 15–60 min, 1–4 h, 4–24 h, 1 day or more. Adds up to `n`.
    pub buckets: [u64; BUCKETS.len()],
}

/// Time to detect, to alert and to respond.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Times {
    /// From red's start until somebody or something saw or stopped it.
    pub detect: TimeSpread,
    /// From red's start until the alert.
    pub alert: TimeSpread,
    /// From red's start until somebody responded.
    pub respond: TimeSpread,
}

impl Times {
    /// The times of these tests.
    pub fn of(tests: &[&Test]) -> Self {
        let over = |enters: fn(&Test) -> bool, until: fn(&Test) -> Option<DateTime<Utc>>| {
            TimeSpread::of(tests.iter().filter(|t| enters(t)).map(|t| lapse(t.started_at, until(t))))
        };
        Self {
            detect: over(Test::is_seen, detected_at),
            alert: over(Test::is_detected, alerted_at),
            respond: over(Test::is_seen, |t| t.responded_at),
        }
    }
}

/// When a test was detected: as blue says, else the earliest row that saw or stopped it.
pub fn detected_at(test: &Test) -> Option<DateTime<Utc>> {
    test.detected_at.or_else(|| earliest(test, |_| true))
}

/// When a test alerted: as blue says, else the earliest alert.
pub fn alerted_at(test: &Test) -> Option<DateTime<Utc>> {
    test.alerted_at.or_else(|| earliest(test, |kind| kind == DetectionKind::Alerted))
}

fn earliest(test: &Test, of: impl Fn(DetectionKind) -> bool) -> Option<DateTime<Utc>> {
    test.sightings.iter().filter(|s| s.result.holds() && of(s.kind)).filter_map(|s| s.at).min()
}

/// From one moment to another in seconds, as both are shown: what is less than a second of either is not seen.
pub fn seconds_between(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    to.timestamp() - from.timestamp()
}

/// The same in microseconds; none where a moment is missing or they stand in the wrong order. Counted as it is shown beside one
/// test, or the median of one test would be another number than that test's own.
fn lapse(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Option<u64> {
    u64::try_from(seconds_between(from?, until?)).ok()?.checked_mul(1_000_000)
}

impl TimeSpread {
    /// Of these lapses in microseconds; none stands for a test without one.
    pub fn of(lapses: impl IntoIterator<Item = Option<u64>>) -> Self {
        let (mut known, mut n_without) = (Vec::new(), 0);
        for lapse in lapses {
            match lapse {
                Some(lapse) => known.push(lapse),
                None => n_without += 1,
            }
        }
        known.sort_unstable();
        let sum: u128 = known.iter().map(|n| u128::from(*n)).sum();
        let n = u64::try_from(known.len()).unwrap_or(u64::MAX);
        Self {
            n,
            n_without,
            mean_s: sum.checked_div(u128::from(n)).map(seconds),
            median_s: percentile(&known, 50),
            p90_s: percentile(&known, 90),
            buckets: buckets(&known),
        }
    }
}

/// How many of these microseconds lie in each range.
fn buckets(known: &[u64]) -> [u64; BUCKETS.len()] {
    let mut counts = [0; BUCKETS.len()];
    for lapse in known {
        let within = |b: &Bucket| b.below_s.is_none_or(|end| u128::from(*lapse) < u128::from(end) * MICROS);
        if let Some(count) = BUCKETS.iter().position(within).and_then(|i| counts.get_mut(i)) {
            *count += 1;
        }
    }
    counts
}

const MICROS: u128 = 1_000_000;

fn seconds(micros: u128) -> u64 {
    u64::try_from((micros + MICROS / 2) / MICROS).unwrap_or(u64::MAX)
}

/// The `p`-th percentile of sorted microseconds, in seconds: linear between the two values around place
/// `(n - 1) · p / 100`.
fn percentile(sorted: &[u64], p: usize) -> Option<u64> {
    let place = sorted.len().checked_sub(1)? * p;
    let low = u128::from(*sorted.get(place / 100)?);
    let high = sorted.get(place / 100 + 1).copied().map_or(low, u128::from);
    let part = u128::try_from(place % 100).ok()?;
    Some(seconds(low + (high - low) * part / 100))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::synthesis::input::Sighting;
    use crate::test::{DetectionResult, Fact, TestState};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn alerted(n: u128) -> Test {
        Test { state: TestState::Assessed, alerted: Fact::Yes, started_at: Some(at(100)), ..Test::planned(Uuid::from_u128(n), "t") }
    }

    #[test]
    fn percentiles_are_those_of_a_spreadsheet() {
        let s = |n: u64| Some(n * 1_000_000);
        let of = |list: &[u64]| {
            let d = TimeSpread::of(list.iter().map(|n| s(*n)));
            (d.n, d.mean_s, d.median_s, d.p90_s)
        };
        assert_eq!(of(&[]), (0, None, None, None));
        assert_eq!(of(&[7]), (1, Some(7), Some(7), Some(7)));
        // PERCENTILE.INC({10;20;40;80};0.5) = 30, ({…};0.9) = 68
        assert_eq!(of(&[80, 10, 40, 20]), (4, Some(38), Some(30), Some(68)));
        assert_eq!(of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000]), (11, Some(96), Some(6), Some(10)));
    }

    #[test]
    fn each_lapse_is_in_one_range_and_a_border_belongs_to_the_longer_one() {
        let s = |n: u64| Some(n * 1_000_000);
        let lapses = [Some(59_999_999), s(60), s(299), s(300), s(899), s(3600), s(4 * 3600), s(86_400), s(900_000), None];
        let told = TimeSpread::of(lapses);
        assert_eq!(told.buckets, [1, 2, 2, 0, 1, 1, 2]);
        assert_eq!(told.buckets.iter().sum::<u64>(), told.n);
    }

    #[test]
    fn what_has_no_time_or_a_wrong_one_is_counted_apart() {
        let tests = [
            Test { detected_at: Some(at(160)), ..alerted(1) },
            Test { detected_at: Some(at(40)), ..alerted(2) },
            Test { detected_at: Some(at(160)), started_at: None, ..alerted(3) },
            alerted(4),
        ];
        let detect = Times::of(&tests.each_ref()).detect;
        assert_eq!((detect.n, detect.n_without, detect.mean_s), (1, 3, Some(60)));
    }

    #[test]
    fn a_time_on_a_test_that_nothing_saw_or_that_is_not_judged_does_not_count() {
        let missed = Test { alerted: Fact::No, detected_at: Some(at(900)), ..alerted(1) };
        let unjudged = Test { state: TestState::Executed, detected_at: Some(at(900)), ..alerted(2) };
        assert_eq!(Times::of(&[&missed, &unjudged]), Times::default());
    }

    #[test]
    fn blues_own_word_comes_before_the_rows_and_only_rows_that_hold_count() {
        let row = |kind, result, s| Sighting { kind, result, at: Some(at(s)) };
        let mut test = alerted(1);
        test.sightings = vec![
            row(DetectionKind::Logged, DetectionResult::No, 101),
            row(DetectionKind::Logged, DetectionResult::Partial, 110),
            row(DetectionKind::Alerted, DetectionResult::Yes, 130),
        ];
        assert_eq!((detected_at(&test), alerted_at(&test)), (Some(at(110)), Some(at(130))));
        test.detected_at = Some(at(150));
        test.alerted_at = Some(at(155));
        assert_eq!((detected_at(&test), alerted_at(&test)), (Some(at(150)), Some(at(155))));
        let times = Times::of(&[&test]);
        assert_eq!((times.alert.mean_s, times.respond.n, times.respond.n_without), (Some(55), 0, 1));
    }
}
