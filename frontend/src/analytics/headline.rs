//! The numbers above the drawings: missions, tests, techniques covered, time to detect, with what became of them.

use leptos::prelude::*;
use tyrian_api_types::analytics::{CoverageAnswer, Trend, TrendPoint};
use tyrian_domain::synthesis::percent;

use super::filter::{Days, Filter};
use super::queries::use_ratio;
use super::steps::{last_two, step_name};
use super::times::in_words;
use crate::query::Query;
use crate::ui::{Delta, Stat};

/// The same missions without those of the last step; nothing where there is one step only.
fn before_last(filter: &Filter, trend: &Trend, from: Option<chrono::NaiveDate>) -> Option<Filter> {
    let (Some(last), Some(_)) = last_two(trend) else { return None };
    let to = last.first_day.pred_opt()?;
    from.is_none_or(|from| from <= to).then(|| Filter { client: filter.client.clone(), days: Days::Between(from, Some(to)) })
}

/// A share against the one before, in points of a hundred.
fn points(now: Option<f64>, before: Option<f64>) -> Option<Delta> {
    let by = (now? * 100.0).round() - (before? * 100.0).round();
    let word = if by.abs() < 1.5 { "point" } else { "points" };
    (by.abs() >= 0.5).then(|| Delta { up: by > 0.0, better: by > 0.0, by: format!("{:.0} {word}", by.abs()) })
}

/// A length of time against the one before: shorter is better.
fn lapse(now: Option<u64>, before: Option<u64>) -> Option<Delta> {
    let (now, before) = (now?, before?);
    let by = now.abs_diff(before);
    (by > 0).then(|| Delta { up: now > before, better: now < before, by: in_words(Some(by)) })
}

fn counted(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// The band.
#[component]
pub fn Headline(
    /// which missions
    filter: Memo<Filter>,
    /// the numbers over time
    trend: Query<Trend>,
    /// the techniques by their last outcome
    coverage: Query<CoverageAnswer>,
) -> impl IntoView {
    let before = Memo::new(move |_| {
        let filter = filter.get();
        trend.data.with(|trend| before_last(&filter, trend.as_ref()?, filter.ends().0))
    });
    let ratio_before = use_ratio(before);
    move || {
        let (trend, coverage) = (trend.data.get()?, coverage.data.get()?);
        let sum = |of: fn(&TrendPoint) -> u64| trend.periods.iter().map(of).sum::<u64>();
        let (tests, judged) = (sum(|point| point.tests), sum(|point| point.assessed));
        let (last, previous) = last_two(&trend);
        let now = coverage.coverage.ratio;
        let was = ratio_before.data.get().flatten();
        let step = last.map(|point| step_name(&point.period)).unwrap_or_default();
        let covered_sub = match was {
            Some(was) => t!("was {} before {}", percent(Some(was)), step),
            None => t!("{} named, by their last outcome", counted(coverage.coverage.techniques, "technique", "techniques")),
        };
        let median = |point: Option<&TrendPoint>| point.and_then(|point| point.times.detect.median_s);
        let (detect, detect_before) = (median(last), median(previous));
        let detect_sub = match (previous, detect_before) {
            (Some(previous), Some(before)) => t!("was {} in {}", in_words(Some(before)), step_name(&previous.period)),
            _ => format!("n = {}", last.map_or(0, |point| point.times.detect.n)),
        };
        Some(view! {
            <div class="stats" role="group" aria-label=t!("In short")>
                <Stat label=t!("Missions") value=coverage.missions.to_string() unit="" sub=t!("of {}", counted(coverage.clients.len() as u64, "client", "clients"))/>
                <Stat label=t!("Tests") value=tests.to_string() unit="" sub=t!("{judged} assessed"; judged)/>
                <Stat
                    label=t!("Techniques covered")
                    value=percent(now)
                    unit=t!("{} of {}", coverage.coverage.covered, coverage.coverage.assessed)
                    sub=covered_sub
                    delta=points(now, was)
                />
                <Stat
                    label=if step.is_empty() { t!("Time to detect").to_owned() } else { t!("Time to detect, {step}"; step) }
                    value=in_words(detect)
                    unit=t!("median")
                    sub=detect_sub
                    delta=lapse(detect, detect_before)
                />
            </div>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::steps::tests::trend;
    use super::*;

    #[test]
    fn a_change_of_a_share_is_told_in_points() {
        let told = |now, before| points(now, before).map(|delta| (delta.better, delta.by));
        assert_eq!(told(Some(0.62), Some(0.40)), Some((true, "22 points".to_owned())));
        assert_eq!(told(Some(0.39), Some(0.40)), Some((false, "1 point".to_owned())));
        assert_eq!(told(Some(0.401), Some(0.4)), None);
        assert_eq!(told(Some(0.4), None), None);
    }

    #[test]
    fn a_shorter_time_is_better() {
        let told = |now, before| lapse(now, before).map(|delta| (delta.up, delta.better, delta.by));
        assert_eq!(told(Some(240), Some(600)), Some((false, true, "6 min".to_owned())));
        assert_eq!(told(Some(600), Some(600)), None);
    }

    #[test]
    fn what_was_before_ends_before_the_last_step() {
        let told = trend(&[("2025-H2", "2025-07-01", "2025-12-31"), ("2026-H1", "2026-01-01", "2026-06-30")]);
        let days =
            |from: Option<&str>| before_last(&Filter::default(), &told, from.and_then(|day| day.parse().ok())).map(|filter| filter.days);
        let end = "2025-12-31".parse().ok();
        assert_eq!(days(None), Some(Days::Between(None, end)));
        assert_eq!(days(Some("2025-08-01")), Some(Days::Between("2025-08-01".parse().ok(), end)));
        assert_eq!(days(Some("2026-01-01")), None);
        assert_eq!(before_last(&Filter::default(), &trend(&[("2026-H1", "2026-01-01", "2026-06-30")]), None), None);
    }
}
