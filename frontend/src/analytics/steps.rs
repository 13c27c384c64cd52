//! The steps of a trend as they are drawn: in a row without holes, with names for people.

use std::iter::successors;

use chrono::{Months, NaiveDate};
use tyrian_api_types::analytics::{Period, Trend, TrendPoint};

use crate::texts::{self, Shape};

/// More steps than these are drawn without the empty ones between them.
const MOST: usize = 60;

/// A step; without numbers where it has no missions.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// `H1 2026`
    pub name: String,
    /// its numbers
    pub point: Option<TrendPoint>,
}

/// `2026-H1` as `H1 2026`, `2026-05` as `May 2026`.
pub fn step_name(period: &str) -> String {
    let Some((year, part)) = period.split_once('-') else { return period.to_owned() };
    let first = year.parse().ok().zip(part.parse().ok()).and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
    first.map_or_else(|| format!("{part} {year}"), |day| texts::day(day, Shape::Month))
}

/// The first day of the step after the one that begins with `first`.
fn next(by: Period, first: NaiveDate) -> Option<NaiveDate> {
    (1..=12).filter_map(|n| first.checked_add_months(Months::new(n))).find(|day| by.of(*day).0 == *day)
}

/// The steps from the first to the last, those without missions too.
pub fn steps(trend: &Trend) -> Vec<Step> {
    let there = |point: &TrendPoint| Step { name: step_name(&point.period), point: Some(point.clone()) };
    let (Some(first), Some(last)) = (trend.periods.first(), trend.periods.last()) else { return Vec::new() };
    let days: Vec<NaiveDate> =
        successors(Some(first.first_day), |day| next(trend.by, *day)).take_while(|day| *day <= last.first_day).take(MOST + 1).collect();
    if days.len() > MOST {
        return trend.periods.iter().map(there).collect();
    }
    let step = |day: NaiveDate| {
        let point = trend.periods.iter().find(|point| point.first_day == day);
        point.map_or_else(|| Step { name: step_name(&trend.by.of(day).1), point: None }, there)
    };
    days.into_iter().map(step).collect()
}

/// The last step in which something is assessed and such a one before it: a mission that is only planned says nothing yet.
pub fn last_two(trend: &Trend) -> (Option<&TrendPoint>, Option<&TrendPoint>) {
    let mut newest = trend.periods.iter().rev().filter(|point| point.assessed > 0);
    (newest.next(), newest.next())
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use tyrian_domain::synthesis::{Counts, Times};

    use super::*;

    /// A trend of half-years from name, first and last day of each.
    pub fn trend(points: &[(&str, &str, &str)]) -> Trend {
        let point = |(period, first, last): &(&str, &str, &str)| TrendPoint {
            period: (*period).to_owned(),
            first_day: first.parse().unwrap(),
            last_day: last.parse().unwrap(),
            missions: 1,
            executed: 0,
            by_outcome: BTreeMap::new(),
            counts: Counts { assessed: 1, ..Counts::default() },
            ratio: None,
            times: Times::of(&[]),
        };
        Trend { by: Period::HalfYear, periods: points.iter().map(point).collect() }
    }

    #[test]
    fn steps_have_names_for_people() {
        assert_eq!(step_name("2026-H1"), "H1 2026");
        assert_eq!(step_name("2026-Q3"), "Q3 2026");
        assert_eq!(step_name("2026-05"), "May 2026");
        assert_eq!(step_name("later"), "later");
    }

    #[test]
    fn a_step_without_missions_keeps_its_place() {
        let told = trend(&[("2024-H2", "2024-07-01", "2024-12-31"), ("2026-H1", "2026-01-01", "2026-06-30")]);
        let names: Vec<_> = steps(&told).into_iter().map(|step| (step.name, step.point.is_some())).collect();
        let there = |name: &str, there| (name.to_owned(), there);
        assert_eq!(names, [there("H2 2024", true), there("H1 2025", false), there("H2 2025", false), there("H1 2026", true)]);
    }

    #[test]
    fn what_is_only_planned_is_not_the_last_step() {
        let mut told = trend(&[
            ("2025-H1", "2025-01-01", "2025-06-30"),
            ("2025-H2", "2025-07-01", "2025-12-31"),
            ("2026-H1", "2026-01-01", "2026-06-30"),
        ]);
        told.periods[2].counts.assessed = 0;
        let (last, before) = last_two(&told);
        assert_eq!((last.unwrap().period.as_str(), before.unwrap().period.as_str()), ("2025-H2", "2025-H1"));
    }

    #[test]
    fn a_stray_mission_of_long_ago_makes_no_row_of_empty_steps() {
        let told = trend(&[("1970-H1", "1970-01-01", "1970-06-30"), ("2026-H1", "2026-01-01", "2026-06-30")]);
        assert_eq!(steps(&told).len(), 2);
    }
}
