//! What stands in a report for words, times and numbers. English, as the reports are.

use chrono::{DateTime, NaiveDate, Utc};
pub use tyrian_domain::synthesis::percent;
pub use tyrian_domain::text::words as label;

/// `2026-11-25 04:47:09 UTC`
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A time as tables hold it, to the second, in which times are counted everywhere: `2026-11-25T04:47:09Z`.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// First and last day, as far as they are known.
pub fn days(start: Option<NaiveDate>, end: Option<NaiveDate>) -> Option<String> {
    match (start, end) {
        (Some(start), Some(end)) if start == end => Some(start.to_string()),
        (Some(start), Some(end)) => Some(format!("{start} – {end}")),
        (Some(start), None) => Some(format!("from {start}")),
        (None, Some(end)) => Some(format!("until {end}")),
        (None, None) => None,
    }
}

/// Seconds as people read them: `4 min 40 s`, `1 h 52 min`, `3 d 4 h`. Less than a second is one, never none.
pub fn duration(seconds: u64) -> String {
    let seconds = seconds.max(1);
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let two = |a: u64, unit: &str, b: u64, small: &str| if b == 0 { format!("{a} {unit}") } else { format!("{a} {unit} {b} {small}") };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => two(minutes, "min", rest, "s"),
        (0, _, _) => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

/// Bytes as people read them.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{} kB", n / 1_000),
        _ => format!("{} MB", n / 1_000_000),
    }
}

/// `yes` or `no`.
pub const fn yes_no(it: bool) -> &'static str {
    if it { "yes" } else { "no" }
}

/// Text without the control characters that no XML, no page and no printer takes; line ends and tabs stay.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let bad = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.contains(bad) { text.replace("\r\n", "\n").replace(bad, "").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_well() {
        assert_eq!(label("not_assessed"), "Not assessed");
        assert_eq!(label(""), "");
        assert_eq!(duration(0), "1 s");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(280), "4 min 40 s");
        assert_eq!(duration(6720), "1 h 52 min");
        assert_eq!(duration(3 * 86_400 + 14_400), "3 d 4 h");
        assert_eq!(percent(Some(0.714)), "71 %");
        assert_eq!(percent(None), "–");
        assert_eq!(printable("a\u{1b}[0m\r\nb\0"), "a[0m\nb");
    }
}
