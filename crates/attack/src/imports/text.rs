//! Small texts of foreign files: ATT&CK ids, times, lines, labels, Markdown fences.

use chrono::{DateTime, NaiveDateTime, SubsecRound, TimeZone, Utc};
use tyrian_domain::text::{LABEL, LABELS, NAME};

fn digits(text: &str, n: usize) -> bool {
    text.len() == n && text.bytes().all(|b| b.is_ascii_digit())
}

/// `T1059` or `T1059.001`.
pub fn is_technique_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('T') else { return false };
    match rest.split_once('.') {
        None => digits(rest, 4),
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
    }
}

/// `TA0002`, `T1059` or `T1059.001`.
pub fn is_attack_id(text: &str) -> bool {
    is_technique_id(text) || text.strip_prefix("TA").is_some_and(|rest| digits(rest, 4))
}

/// The technique ids that stand in a text, each once, upper case.
pub fn attack_ids_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')) {
        let word = word.trim_matches('.').to_ascii_uppercase();
        if is_technique_id(&word) && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// Not empty but for white space.
pub fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// One line: white space and control characters become single spaces; at most `max` characters, cut with an ellipsis.
pub fn one_line(text: &str, max: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A name.
pub fn name(text: &str) -> String {
    one_line(text, NAME)
}

/// Labels: one line each, none empty, each once, at most as many as may be.
pub fn labels<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for label in labels {
        let label = one_line(label, LABEL);
        if !label.is_empty() && !once.contains(&label) && once.len() < LABELS {
            once.push(label);
        }
    }
    once
}

/// The entries of a list in one cell.
pub fn list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(',').map(str::trim).filter(|e| !e.is_empty())
}

/// A time as tools write it: RFC 3339, or `YYYY-MM-DD HH:MM:SS` taken as UTC. Nothing, `None` and `null` are none.
pub fn time(text: &str) -> Result<Option<DateTime<Utc>>, String> {
    let text = text.trim();
    if text.is_empty() || ["none", "null", "nan"].contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(time.with_timezone(&Utc).trunc_subsecs(6)));
    }
    let zoned = ["%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%dT%H:%M:%S%.f%z"];
    if let Some(time) = zoned.iter().find_map(|f| DateTime::parse_from_str(text, f).ok()) {
        return Ok(Some(time.with_timezone(&Utc).trunc_subsecs(6)));
    }
    let plain = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let parsed = plain.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok());
    match parsed {
        Some(time) if (1970..=9999).contains(&chrono::Datelike::year(&time)) => Ok(Some(Utc.from_utc_datetime(&time).trunc_subsecs(6))),
        _ => Err(format!("{:?} is no time: use 2026-01-31T12:00:00Z, or 2026-01-31 12:00:00 for UTC.", one_line(text, 60))),
    }
}

/// A Markdown block of code whose fence its content cannot end.
pub fn fenced(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", code.trim_end())
}

/// Paragraphs, those that are filled.
pub fn paragraphs<'a>(parts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// Bytes as text without a byte order mark.
pub fn utf8(bytes: &[u8]) -> Result<&str, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| format!("The file is no UTF-8 text (byte {}).", e.valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_words() {
        for good in ["T1059", "T1059.001", "TA0002"] {
            assert!(is_attack_id(good), "{good}");
        }
        for bad in ["", "x", "T105", "T10590", "T1059.01", "8.A.2", "TA002", "t1059", "T1059.001.1"] {
            assert!(!is_attack_id(bad), "{bad}");
        }
        assert_eq!(attack_ids_in("att&ck:t1059.001, T1003; (T1059.001) T99999 xT1003"), ["T1059.001", "T1003"]);
    }

    #[test]
    fn times_of_every_tool() {
        let noon = Utc.with_ymd_and_hms(2026, 1, 31, 12, 0, 0).unwrap();
        for text in ["2026-01-31T12:00:00Z", "2026-01-31 12:00:00", "2026-01-31T13:00:00+01:00", " 2026-01-31 12:00:00+00:00 "] {
            assert_eq!(time(text), Ok(Some(noon)), "{text}");
        }
        assert_eq!(time("None"), Ok(None));
        assert_eq!(time(""), Ok(None));
        for bad in ["yesterday", "2026-13-01 00:00:00", "31.01.2026"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("sh", "a"), "```sh\na\n```");
        assert!(fenced("", "```\nx").starts_with("````\n"));
    }

    #[test]
    fn lines_are_cut_at_a_character() {
        assert_eq!(one_line(" a\tb\r\n c ", 10), "a b c");
        assert_eq!(one_line("ééééé", 3), "éé…");
    }
}
