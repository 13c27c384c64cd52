//! What a field was and what it became, in words.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use tyrian_domain::execution::TestField;

use crate::ui::{day, words};

/// One field of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// the field
    pub field: String,
    /// what it was
    pub from: String,
    /// what it became
    pub to: String,
}

/// What stands for no value, by field.
fn nothing(field: Option<TestField>) -> &'static str {
    use TestField as F;
    match field {
        Some(F::Operator | F::Assessor | F::FindingOwner) => t!("Nobody"),
        Some(F::Logged | F::Alerted | F::Prevented | F::DetectionLevel) => t!("Not said"),
        Some(F::Category | F::FindingStatus | F::Severity | F::Priority) => t!("None"),
        _ => "–",
    }
}

fn shown(field: Option<TestField>, value: &Value, time: fn(DateTime<Utc>) -> String) -> String {
    use TestField as F;
    let Some(text) = value.as_str() else {
        return match value {
            Value::Bool(true) => t!("Yes").to_owned(),
            Value::Bool(false) => t!("No").to_owned(),
            _ => nothing(field).to_owned(),
        };
    };
    match field {
        Some(F::Logged | F::Alerted | F::Prevented) if text == "unknown" => nothing(field).to_owned(),
        Some(F::Logged | F::Alerted | F::Prevented | F::Severity | F::Priority | F::FindingStatus | F::OpsecLevel | F::Executor) => {
            words(text)
        }
        Some(F::StartedAt | F::EndedAt | F::DetectedAt | F::AlertedAt | F::RespondedAt) => {
            text.parse().map_or_else(|_| text.to_owned(), time)
        }
        Some(F::FindingDue) | None => text.parse::<NaiveDate>().map_or_else(|_| text.to_owned(), day),
        Some(_) => text.to_owned(),
    }
}

/// The changes that the payload of an event tells; `time` writes a moment, `name` a field.
pub fn told(payload: &Value, time: fn(DateTime<Utc>) -> String, name: fn(&str) -> String) -> Vec<Told> {
    let list = payload.get("changes").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|change| {
        let code = change.get("field")?.as_str()?;
        let field = TestField::parse(code);
        let side = |key: &str| shown(field, change.get(key).unwrap_or(&Value::Null), time);
        let (from, to) = (side("from"), side("to"));
        (from != to).then(|| Told { field: name(code), from, to })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(changes: &Value) -> Vec<String> {
        let told = told(&json!({ "changes": changes }), |at| at.format("%H:%M:%S").to_string(), |code| code.replace('_', " "));
        told.into_iter().map(|one| format!("{}: {} → {}", one.field, one.from, one.to)).collect()
    }

    #[test]
    fn each_field_is_told_in_its_own_words() {
        let changes = json!([
            { "field": "operator_id", "from": null, "to": "Aiko Brandt" },
            { "field": "logged", "from": "unknown", "to": "partial" },
            { "field": "detection_level_id", "from": "Tactic", "to": null },
            { "field": "detected_at", "from": null, "to": "2026-03-12T14:02:11.5Z" },
            { "field": "is_delayed", "from": false, "to": true },
            { "field": "finding_status", "from": "open", "to": "in_progress" },
            { "field": "finding_due", "from": null, "to": "2026-04-01" },
            { "field": "target_host", "from": "WS-1", "to": "WS-2" }
        ]);
        assert_eq!(
            lines(&changes),
            [
                "operator id: Nobody → Aiko Brandt",
                "logged: Not said → Partial",
                "detection level id: Tactic → Not said",
                "detected at: – → 14:02:11",
                "is delayed: No → Yes",
                "finding status: Open → In progress",
                "finding due: – → 1 Apr 2026",
                "target host: WS-1 → WS-2",
            ]
        );
    }

    #[test]
    fn what_reads_the_same_is_no_change_and_old_events_tell_none() {
        assert!(lines(&json!([{ "field": "alerted", "from": null, "to": "unknown" }])).is_empty());
        assert!(told(&json!({ "fields": ["output"] }), |_| String::new(), str::to_owned).is_empty());
        assert_eq!(lines(&json!([{ "field": "start_date", "from": null, "to": "2026-03-09" }])), ["start date: – → 9 Mar 2026"]);
    }
}
