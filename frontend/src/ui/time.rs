//! Times in the reader's zone with UTC on hover, dates, and lengths of time in words.

use chrono::{DateTime, NaiveDate, Utc};
use js_sys::Date;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::texts::{self, Shape};

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit an f64 for 280 000 years")]
fn local(at: DateTime<Utc>) -> Date {
    Date::new(&JsValue::from_f64(at.timestamp_millis() as f64))
}

/// `9 Mar 2026, 14:02` in the reader's zone, as the reader's locale writes it.
pub fn date_time(at: DateTime<Utc>) -> String {
    texts::local(at, Shape::DayAndTime)
}

/// `14:02:31` in the reader's zone.
pub fn clock(at: DateTime<Utc>) -> String {
    texts::local(at, Shape::Clock)
}

/// `just now`, `9 min ago`, `2 h ago`, `3 days ago`, then the date.
pub fn ago(at: DateTime<Utc>) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let now = Date::now() as i64;
    let seconds = (now - at.timestamp_millis()) / 1_000;
    match seconds {
        ..-60 => date_time(at),
        -60..60 => t!("just now").to_owned(),
        60..3_600 => t!("{} min ago", seconds / 60),
        3_600..86_400 => t!("{} h ago", seconds / 3_600),
        86_400..172_800 => t!("yesterday").to_owned(),
        172_800..2_592_000 => t!("{} days ago", seconds / 86_400),
        _ => texts::local(at, Shape::Day),
    }
}

/// `9 Mar 2026`.
pub fn day(date: NaiveDate) -> String {
    texts::day(date, Shape::Day)
}

/// `9–20 Mar 2026`, `28 Feb – 3 Mar 2026`, `from 9 Mar 2026`; “No dates yet” where both are missing.
pub fn days(start: Option<NaiveDate>, end: Option<NaiveDate>) -> String {
    match (start, end) {
        (None, None) => t!("No dates yet").to_owned(),
        (Some(start), None) => t!("from {}", day(start)),
        (None, Some(end)) => t!("until {}", day(end)),
        (Some(start), Some(end)) if start >= end => day(start),
        (Some(start), Some(end)) => texts::days(start, end),
    }
}

/// A length of time in one or two units: `47 s`, `3 min 39 s`, `1 h 52`. What took less than a second took one: it did
/// not take no time.
pub fn duration(seconds: i64) -> String {
    let s = seconds.max(1);
    match s {
        0..60 => t!("{s} s"; s),
        60..600 if s % 60 != 0 => t!("{} min {} s", s / 60, s % 60),
        60..3_600 => t!("{} min", s / 60),
        3_600..86_400 if (s / 60) % 60 != 0 => t!("{} h {}", s / 3_600, format_args!("{:02}", (s / 60) % 60)),
        3_600..86_400 => t!("{} h", s / 3_600),
        86_400.. if (s / 3_600) % 24 != 0 => t!("{} d {} h", s / 86_400, (s / 3_600) % 24),
        _ => t!("{} d", s / 86_400),
    }
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// how long ago
    #[default]
    Ago,
    /// date and time of day
    Full,
    /// time of day with seconds
    Clock,
}

/// A moment in the reader's zone, UTC on hover.
#[component]
pub fn Time(
    /// the moment
    at: DateTime<Utc>,
    /// how it is written
    #[prop(optional)]
    format: TimeFormat,
) -> impl IntoView {
    let text = match format {
        TimeFormat::Ago => ago(at),
        TimeFormat::Full => date_time(at),
        TimeFormat::Clock => clock(at),
    };
    let machine: String = local(at).to_iso_string().into();
    let utc = format!("{} UTC", machine.get(..19).unwrap_or(&machine).replace('T', " "));
    view! { <time class="num" datetime=machine title=utc>{text}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_one_or_two_units() {
        for (seconds, words) in [
            (0, "1 s"),
            (1, "1 s"),
            (59, "59 s"),
            (60, "1 min"),
            (47, "47 s"),
            (219, "3 min 39 s"),
            (180, "3 min"),
            (1_500, "25 min"),
            (6_720, "1 h 52"),
            (3_600, "1 h"),
            (90_000, "1 d 1 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }
}
