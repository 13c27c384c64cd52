//! Time to detect as a histogram: how many tests were seen within a minute, five, fifteen and so on.

use leptos::prelude::*;
use tyrian_api_types::synthesis::TimeSpread;
use tyrian_domain::synthesis::BUCKETS;

use super::told::seconds;
use crate::ui::{Card, CardBody, EmptyState};

/// Pixels from the top to the highest bar, and from the axis to the bottom.
const TOP: f64 = 52.0;
const HEIGHT: f64 = 196.0;
const AXIS: f64 = HEIGHT - 22.0;

/// What a grid line counts at most this many times.
const LINES: u64 = 4;

#[expect(clippy::cast_precision_loss, reason = "tests of a mission")]
fn real(n: u64) -> f64 {
    n as f64
}

/// The bucket of a time.
fn bucket_of(at: u64) -> usize {
    BUCKETS.iter().take_while(|bucket| bucket.below_s.is_some_and(|end| end <= at)).count()
}

/// Where a time stands on the axis, 0 to 1: each bucket is as wide as the next.
fn place(at: u64) -> f64 {
    let bucket = bucket_of(at);
    let end = |bucket: usize| BUCKETS.get(bucket).and_then(|bucket| bucket.below_s);
    let from = bucket.checked_sub(1).and_then(end).unwrap_or(0);
    let within = end(bucket).map_or(0.5, |to| real(at - from) / real(to - from));
    (real(bucket as u64) + within) / real(BUCKETS.len() as u64)
}

/// The step between grid lines: 1, 2, 5, 10, 20 …
fn step(most: u64) -> u64 {
    let mut step = 1;
    for factor in [2_u64, 5, 10].into_iter().cycle().scan(1, |ten, factor| {
        let now = *ten * factor;
        if factor == 10 {
            *ten *= 10;
        }
        Some(now)
    }) {
        if most / step <= LINES {
            break;
        }
        step = factor;
    }
    step
}

/// The card.
#[component]
pub fn HistogramCard(
    /// this mission's times
    now: TimeSpread,
    /// name and times of the mission that it repeats
    before: Option<(String, TimeSpread)>,
) -> impl IntoView {
    let without = now.n_without;
    let head = match without {
        0 => String::new(),
        1 => t!("1 seen test has no time").to_owned(),
        n => t!("{n} seen tests have no time"; n),
    };
    view! {
        <Card title=t!("Time to detect") head=move || view! { <span class="small muted push">{head.clone()}</span> }>
            {if now.n == 0 {
                view! { <EmptyState title=t!("No time yet") text=t!("Times count from red’s start to blue’s first detection, once a test is assessed.") tight=true/> }.into_any()
            } else {
                view! { <CardBody><Drawing now=now before=before/></CardBody> }.into_any()
            }}
        </Card>
    }
}

#[component]
fn Drawing(now: TimeSpread, before: Option<(String, TimeSpread)>) -> impl IntoView {
    let count = |duration: &TimeSpread, at: usize| duration.buckets.get(at).copied().unwrap_or(0);
    let most = now.buckets.iter().chain(before.iter().flat_map(|before| &before.1.buckets)).copied().max().unwrap_or(1).max(1);
    let y = move |n: u64| AXIS - (AXIS - TOP) * real(n) / real(most);
    let (median, p90) = (seconds(now.median_s), seconds(now.p90_s));
    let label =
        t!("Time to detect: {} tests with a time, median {}, 90 % within {}. The table after it holds the numbers.", now.n, median, p90);
    let every = step(most);
    let grid = (1..=most / every).map(|n| n * every).map(|n| {
        view! {
            <line class="grid" x1="0" x2="100%" y1=px(y(n)) y2=px(y(n))></line>
            <text class="t-faint" x="100%" y=px(y(n) - 3.0) text-anchor="end">{n}</text>
        }
    });
    let width = 100.0 / real(BUCKETS.len() as u64);
    let bars = BUCKETS.iter().enumerate().map(|(at, bucket)| {
        let (n, last) = (count(&now, at), before.as_ref().map(|before| count(&before.1, at)));
        let told = match last {
            Some(last) => t!("{}: {}, last time {}", bucket.label, n, last),
            None => format!("{}: {n}", bucket.label),
        };
        let beside = last.is_some();
        view! {
            <svg x=format!("{:.3}%", width * real(at as u64)) y="0" width=format!("{width:.3}%") height=HEIGHT.to_string()>
                <title>{told}</title>
                <rect class="hist__hit" x="0" y="0" width="100%" height=px(AXIS)></rect>
                {(n > 0).then(|| view! { <rect class="hist__now" x="12%" width=if beside { "58%" } else { "76%" } y=px(y(n)) height=px(AXIS - y(n)) rx="2"></rect> })}
                {last.filter(|last| *last > 0).map(|last| view! { <rect class="hist__last" x="74%" width="14%" y=px(y(last)) height=px(AXIS - y(last)) rx="2"></rect> })}
                <text class="t-strong" x=if beside { "41%" } else { "50%" } y=px(y(n) - 5.0) text-anchor="middle">{n}</text>
                <text x="50%" y=px(AXIS + 16.0) text-anchor="middle">{short(bucket.label)}</text>
            </svg>
        }
    });
    let mark = |word: &str, at: Option<u64>, row: f64| {
        let at = at?;
        let x = place(at) * 100.0;
        let (x, text) = (format!("{x:.2}%"), format!("{word} {}", seconds(Some(at))));
        let left = place(at) > 0.6;
        // it ends above the bars and their numbers
        let most = count(&now, bucket_of(at)).max(before.as_ref().map_or(0, |before| count(&before.1, bucket_of(at))));
        Some(view! {
            <line class="hist__mark" x1=x.clone() x2=x.clone() y1=px(row - 9.0) y2=px(y(most) - 18.0)></line>
            <text class="t-strong" x=x dx=if left { "-5" } else { "5" } y=px(row) text-anchor=if left { "end" } else { "start" }>{text}</text>
        })
    };
    view! {
        <svg class="hist" width="100%" height=HEIGHT.to_string() role="img" aria-label=label>
            {grid.collect_view()}
            {bars.collect_view()}
            <line class="axis" x1="0" x2="100%" y1=px(AXIS) y2=px(AXIS)></line>
            {mark("median", now.median_s, 12.0)}
            {mark("p90", now.p90_s, 28.0)}
        </svg>
        <div class="legend">
            <span class="legend__item"><i class="hist__key" aria-hidden="true"></i>{t!("this mission, n = {}", now.n)}</span>
            {before.as_ref().map(|(name, before)| view! { <span class="legend__item"><i class="hist__key hist__key--last" aria-hidden="true"></i>{format!("{name}, n = {}", before.n)}</span> })}
        </div>
        <div class="sr">
            <table>
                <caption>{t!("Tests by time to detect")}</caption>
                <thead><tr><th scope="col">{t!("Within")}</th><th scope="col">{t!("This mission")}</th>{before.as_ref().map(|before| view! { <th scope="col">{before.0.clone()}</th> })}</tr></thead>
                <tbody>
                    {BUCKETS.iter().enumerate().map(|(at, bucket)| view! {
                        <tr><th scope="row">{bucket.label}</th><td>{count(&now, at)}</td>{before.as_ref().map(|before| view! { <td>{count(&before.1, at)}</td> })}</tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn px(n: f64) -> String {
    format!("{:.1}", n.round() - 0.5)
}

/// A label as it fits under a bar on a phone: the unit of minutes is said by the first.
fn short(label: &str) -> &str {
    if label.starts_with('<') { label } else { label.strip_suffix(" min").unwrap_or(label) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stands_within_its_bucket() {
        let at = |s: u64| (place(s) * 7.0 * 100.0).round();
        assert_eq!((at(0), at(30), at(60), at(180), at(86_400)), (0.0, 50.0, 100.0, 150.0, 650.0));
    }

    #[test]
    fn a_few_grid_lines_at_round_numbers() {
        let steps: Vec<u64> = [1, 4, 9, 14, 40, 90, 300].into_iter().map(step).collect();
        assert_eq!(steps, [1, 1, 2, 5, 10, 20, 100]);
    }

    #[test]
    fn the_unit_of_minutes_is_said_once() {
        assert_eq!([short("< 1 min"), short("1–5 min"), short("1–4 h")], ["< 1 min", "1–5", "1–4 h"]);
    }
}
