//! The tests as a table: one row a test, the same columns in CSV and XLSX. Row count = number of tests.

use crate::model::{Report, Test};
use crate::words::{stamp, yes_no};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text, as it is in the mission: neutralised only where it is written.
    Text(String),
    /// A number.
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

impl From<&Option<String>> for Cell {
    fn from(text: &Option<String>) -> Self {
        text.clone().into()
    }
}

type Column = (&'static str, fn(&Report, &Test) -> Cell);

fn list<'a>(items: impl Iterator<Item = &'a str>) -> Cell {
    joined(&items.collect::<Vec<_>>(), ", ")
}

/// In one cell, which is empty where nothing is in it.
fn joined(items: &[impl std::borrow::Borrow<str>], by: &str) -> Cell {
    Some(items.join(by)).filter(|text| !text.is_empty()).into()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of an exercise and places in a list are far below 2^52")]
fn number(n: i64) -> Cell {
    Cell::Number(n as f64)
}

/// The columns: their headings, and what stands in them.
pub const COLUMNS: &[Column] = &[
    ("number", |_, t| number(i64::try_from(t.number).unwrap_or_default())),
    ("id", |_, t| t.id.to_string().into()),
    ("scenario", |r, t| r.scenario(t).map(|s| s.name.clone()).into()),
    ("name", |_, t| t.plan.name.as_str().into()),
    ("techniques", |_, t| list(t.techniques())),
    ("tactics", |_, t| list(t.tactics().into_iter().map(|t| t.name.as_deref().unwrap_or(&t.external_id)))),
    ("state", |_, t| t.state.as_str().into()),
    ("outcome", |_, t| t.outcome.as_str().into()),
    ("disclosed", |_, t| yes_no(t.disclosed).into()),
    ("category", |r, t| r.category_name(t).map(str::to_owned).into()),
    ("objective", |_, t| (&t.plan.objective).into()),
    ("platforms", |_, t| list(t.plan.platforms.iter().map(String::as_str))),
    ("tags", |_, t| list(t.plan.tags.iter().map(String::as_str))),
    ("opsec_level", |_, t| t.plan.opsec_level.map(|o| o.as_str().to_owned()).into()),
    ("executor", |_, t| t.plan.executor.map(|e| e.as_str().to_owned()).into()),
    ("command", |_, t| t.filled_command().into()),
    ("argument_values", |_, t| arguments(t)),
    ("expected_detection", |_, t| (&t.plan.expected_detection).into()),
    ("operator", |_, t| (&t.red.operator).into()),
    ("source_host", |_, t| (&t.red.source_host).into()),
    ("target_host", |_, t| (&t.red.target_host).into()),
    ("started_at", |_, t| t.red.started_at.map(stamp).into()),
    ("ended_at", |_, t| t.red.ended_at.map(stamp).into()),
    ("command_run", |_, t| (&t.red.command_run).into()),
    ("output", |_, t| (&t.red.output).into()),
    ("red_notes", |_, t| (&t.red.notes).into()),
    ("assessor", |_, t| (&t.blue.assessor).into()),
    ("logged", |_, t| t.blue.logged.as_str().into()),
    ("alerted", |_, t| t.blue.alerted.as_str().into()),
    ("prevented", |_, t| t.blue.prevented.as_str().into()),
    ("detection_level", |_, t| (&t.blue.level).into()),
    ("is_delayed", |_, t| yes_no(t.blue.is_delayed).into()),
    ("needed_config_change", |_, t| yes_no(t.blue.needed_config_change).into()),
    ("detected_at", |_, t| t.blue.detected_at.map(stamp).into()),
    ("alerted_at", |_, t| t.blue.alerted_at.map(stamp).into()),
    ("responded_at", |_, t| t.blue.responded_at.map(stamp).into()),
    ("seconds_to_detect", |_, t| t.seconds_to_detect().map_or(Cell::Empty, number)),
    ("blue_notes", |_, t| (&t.blue.notes).into()),
    ("recommendation", |_, t| (&t.blue.recommendation).into()),
    ("severity", |_, t| t.blue.severity.as_str().into()),
    ("priority", |_, t| t.blue.priority.as_str().into()),
    ("finding_status", |_, t| t.blue.finding_status.map(|s| s.as_str().to_owned()).into()),
    ("finding_owner", |_, t| (&t.blue.finding_owner).into()),
    ("finding_due", |_, t| t.blue.finding_due.map(|d| d.to_string()).into()),
    ("finding_reference", |_, t| (&t.blue.finding_reference).into()),
    ("detections", |_, t| detections(t)),
    ("evidence", |_, t| list(t.evidence.iter().map(|e| e.file_name.as_str()))),
];

/// `host=WS-1; limit=10`, the values of this run.
fn arguments(test: &Test) -> Cell {
    let shown = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given: Vec<_> = test.red.argument_values.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
    joined(&given, "; ")
}

/// `EDR: alerted yes; SIEM: logged no`
fn detections(test: &Test) -> Cell {
    let rows: Vec<_> = test.blue.detections.iter().map(|d| format!("{}: {} {}", d.tool, d.kind, d.result)).collect();
    joined(&rows, "; ")
}

/// A text that no spreadsheet takes for a formula: one that begins with `=`, `+`, `-`, `@`, a tab or a line end gets an
/// apostrophe in front, which spreadsheets read as "this is text". (OWASP, CSV injection.)
pub fn neutral(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(neutral(formula), format!("'{formula}"));
        }
        assert_eq!(neutral("a=b"), "a=b");
        assert_eq!(neutral(""), "");
    }
}
