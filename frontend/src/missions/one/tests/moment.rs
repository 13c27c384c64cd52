//! A moment that is typed: in the reader's zone, with UTC beside it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use js_sys::Date;
use wasm_bindgen::JsValue;

/// What was typed, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typed {
    /// nothing
    Empty,
    /// a time of day
    Clock(NaiveTime),
    /// day and time
    Local(NaiveDateTime),
    /// with its zone
    Exact(DateTime<Utc>),
}

/// Reads `14:02`, `14:02:11`, `2026-03-12 14:02:11` or an RFC 3339 time.
fn read(text: &str) -> Option<Typed> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Typed::Empty);
    }
    let clock = |text: &str| ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    if let Some(time) = clock(text) {
        return Some(Typed::Clock(time));
    }
    if let Ok(exact) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
        return Some(Typed::Exact(exact.to_utc()));
    }
    let (day, time) = text.split_once([' ', 'T'])?;
    Some(Typed::Local(NaiveDateTime::new(day.parse::<NaiveDate>().ok()?, clock(time.trim())?)))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit an f64 for 280 000 years")]
fn date_of(at: DateTime<Utc>) -> Date {
    Date::new(&JsValue::from_f64(at.timestamp_millis() as f64))
}

/// `2026-03-12 14:02:11` in the reader's zone.
pub fn write(at: DateTime<Utc>) -> String {
    let date = date_of(at);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}

/// `2026-03-12 13:02:11 UTC`.
pub fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A time of the reader's zone.
fn from_local(local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let date = Date::new(&JsValue::from_str(&local.format("%Y-%m-%dT%H:%M:%S").to_string()));
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let ms = date.get_time() as i64;
    DateTime::from_timestamp_millis(ms)
}

/// A day of the reader's zone.
fn day_of(at: DateTime<Utc>) -> Option<NaiveDate> {
    let day = date_of(at);
    NaiveDate::from_ymd_opt(i32::try_from(day.get_full_year()).ok()?, day.get_month() + 1, day.get_date())
}

/// What was typed as a moment, or as none; a time of day is one of the day of `near`. An error where it is no time at all.
pub fn resolve(text: &str, near: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ()> {
    let local = |local: NaiveDateTime| from_local(local).map(Some).ok_or(());
    match read(text).ok_or(())? {
        Typed::Empty => Ok(None),
        Typed::Exact(at) => Ok(Some(at)),
        Typed::Local(at) => local(at),
        Typed::Clock(time) => local(NaiveDateTime::new(day_of(near).ok_or(())?, time)),
    }
}

/// Now, in whole seconds: more than that nobody types.
pub fn now() -> DateTime<Utc> {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let ms = Date::now() as i64;
    DateTime::from_timestamp(ms / 1_000, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let clock = |h, m, s| NaiveTime::from_hms_opt(h, m, s).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 3, 12).unwrap();
        assert_eq!(read(" "), Some(Typed::Empty));
        assert_eq!(read("14:02"), Some(Typed::Clock(clock(14, 2, 0))));
        assert_eq!(read("14:02:11"), Some(Typed::Clock(clock(14, 2, 11))));
        assert_eq!(read("2026-03-12 14:02"), Some(Typed::Local(day.and_time(clock(14, 2, 0)))));
        assert_eq!(read("2026-03-12T14:02:11Z"), Some(Typed::Exact(day.and_time(clock(14, 2, 11)).and_utc())));
        assert_eq!(read("2026-03-12 14:02:11+02:00"), Some(Typed::Exact(day.and_time(clock(12, 2, 11)).and_utc())));
        for bad in ["soon", "25:00", "2026-13-01 10:00", "12 Mar"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn utc_is_written_with_its_name() {
        let at = DateTime::from_timestamp(1_773_324_131, 0).unwrap();
        assert_eq!(utc(at), "2026-03-12 14:02:11 UTC");
    }
}
