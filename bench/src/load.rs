//! A closed loop: each connection asks, waits for the answer, and asks again.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::client::Connection;
use crate::work::{Steps, Target, Work};

/// Not counted at first: connections open, caches fill.
const WARM_UP: Duration = Duration::from_millis(300);

/// Seconds at least for what takes long: with 64 connections an answer of these takes one or two.
const SLOW: f64 = 3.0;

/// What was measured.
pub struct Sample {
    /// Microseconds of each request.
    pub times: Histogram<u64>,
    /// Answers that were not the right ones, and requests that had none.
    pub errors: u64,
    /// Right answers a second.
    pub rate: f64,
    /// The first wrong answer.
    pub complaint: Option<String>,
}

/// An empty histogram of microseconds, three digits, up to ten minutes.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("constant bounds are good ones")
}

/// Runs a work with so many connections for so long.
pub async fn run(work: Work, target: &Target, connections: usize, seconds: f64) -> Sample {
    // so long that each connection has several answers in it
    let seconds = if matches!(work, Work::Login | Work::Create) { seconds.max(SLOW) } else { seconds };
    let begin = Instant::now() + WARM_UP;
    let end = begin + Duration::from_secs_f64(seconds);
    let tasks: Vec<_> = (0..connections)
        .map(|place| tokio::task::spawn_local(connection(Steps::new(work, target, place), target.clone(), begin, end)))
        .collect();
    let (mut times, mut errors, mut came, mut complaint) = (histogram(), 0, 0_u32, None);
    for task in tasks {
        let Ok(one) = task.await else { continue };
        let _ = times.add(&one.times);
        errors += one.errors;
        came += one.came;
        complaint = complaint.or(one.complaint);
    }
    Sample { times, errors, rate: f64::from(came) / end.duration_since(begin).as_secs_f64(), complaint }
}

struct One {
    /// Of what was asked once it counts.
    times: Histogram<u64>,
    errors: u64,
    /// Right answers that came while it counts, whenever they were asked for: where many wait for few, what is asked near
    /// the end is answered long after it.
    came: u32,
    complaint: Option<String>,
}

async fn connection(mut steps: Steps, target: Target, begin: Instant, end: Instant) -> One {
    let mut connection = Connection::new(target.address);
    let mut one = One { times: histogram(), errors: 0, came: 0, complaint: None };
    loop {
        let preparing = steps.is_preparing();
        let request = steps.next();
        let asked = Instant::now();
        // one at least counts, however long it takes
        if asked >= end && (one.times.len() > 0 || one.errors > 0) {
            return one;
        }
        let answer = connection.send(&request).await;
        let now = Instant::now();
        let right = match &answer {
            Ok(answer) => steps.seen(answer),
            Err(_) => false,
        };
        if !right {
            one.errors += 1;
            one.complaint.get_or_insert_with(|| match answer {
                Ok(answer) => {
                    let body: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
                    format!("{} {}: {} {body}", request.method, request.path, answer.status)
                }
                Err(e) => format!("{} {}: {e:#}", request.method, request.path),
            });
        }
        if right && !preparing {
            if asked >= begin {
                let took = now.duration_since(asked);
                let _ = one.times.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
            }
            one.came += u32::from((begin..end).contains(&now));
        }
        if !right {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
