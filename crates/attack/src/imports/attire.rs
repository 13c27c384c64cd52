//! ATTiRe 1.1: the log of a tool that ran tests, such as Invoke-AtomicRedTeam. A procedure names its test by GUID.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::limits::ITEMS;
use super::navigator::json_error;
use super::text::{attack_ids_in, filled, name, one_line, time, utf8};
use super::{Origin, Parsed, ResultItem, Source};

/// Reads the log.
pub fn parse(source: Source<'_>) -> Parsed {
    let value: Value =
        match utf8(source.bytes).map_err(|e| (None, e)).and_then(|text| serde_json::from_str(text).map_err(|e| json_error(&e))) {
            Ok(value) => value,
            Err((line, detail)) => return Parsed::unreadable(source.file_name, line, "json", detail),
        };
    let execution = value.get("execution-data");
    let procedures = value.get("procedures").and_then(Value::as_array);
    let (Some(execution), Some(procedures)) = (execution, procedures) else {
        return Parsed::unreadable(source.file_name, None, "attire", "This is no ATTiRe log: it needs execution-data and procedures.");
    };
    let Some(execution_id) = filled(text(execution, "execution-id")) else {
        return Parsed::unreadable(
            source.file_name,
            None,
            "attire",
            "execution-data has no execution-id: the log could not be known again.",
        );
    };
    if procedures.len() > ITEMS {
        return Parsed::unreadable(source.file_name, None, "too_many", format!("At most {ITEMS} procedures."));
    }
    let mut parsed = Parsed::default();
    for (i, procedure) in procedures.iter().enumerate() {
        take(&mut parsed, execution, &one_line(&execution_id, 200), i, procedure);
    }
    parsed
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn take(parsed: &mut Parsed, execution: &Value, execution_id: &str, place: usize, procedure: &Value) {
    let title = name(text(procedure, "procedure-name"));
    let origin = Origin::of(if title.is_empty() { format!("procedure {}", place + 1) } else { title.clone() });
    let id = procedure.get("procedure-id").map(|id| text(id, "id").trim().to_ascii_lowercase()).filter(|id| !id.is_empty());
    if id.is_none() && title.is_empty() {
        return parsed.error(&origin, "required", "A procedure needs a procedure-id or a procedure-name.");
    }
    let order = procedure.get("order").and_then(Value::as_u64).unwrap_or(place as u64 + 1);
    let key = format!("attire:{execution_id}:{order}:{}", id.as_deref().unwrap_or(&title));
    if parsed.results.iter().any(|r| r.external_key == key) {
        return parsed.error(&origin, "repeated", "The log has this procedure at this place twice.");
    }
    let mut steps: Vec<&Value> = procedure.get("steps").and_then(Value::as_array).into_iter().flatten().collect();
    steps.sort_by_key(|s| s.get("order").and_then(Value::as_u64).unwrap_or_default());
    let (mut commands, mut output) = (Vec::new(), Vec::new());
    let (mut started_at, mut ended_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (None, None);
    for step in steps {
        commands.extend(filled(text(step, "command")));
        for line in step.get("output").and_then(Value::as_array).into_iter().flatten() {
            if let Some(content) = filled(text(line, "content")) {
                output.push(if text(line, "level").eq_ignore_ascii_case("STDERR") { format!("[stderr] {content}") } else { content });
            }
        }
        for (field, into, earliest) in [("time-start", &mut started_at, true), ("time-stop", &mut ended_at, false)] {
            match time(text(step, field)) {
                Ok(Some(time)) => *into = Some(into.map_or(time, |known| if earliest { known.min(time) } else { known.max(time) })),
                Ok(None) => {}
                Err(detail) => return parsed.error(&origin, "time", format!("{field}: {detail}")),
            }
        }
    }
    let target = execution.get("target");
    let of_target = |field| target.and_then(|t| filled(text(t, field)));
    let host = of_target("host").or_else(|| of_target("ip")).map(|h| one_line(&h, 200));
    let source_host = execution.get("source").and_then(Value::as_array).and_then(|s| s.first());
    let source_host = source_host.and_then(|s| filled(text(s, "ip")).or_else(|| filled(text(s, "domain")))).map(|h| one_line(&h, 200));
    let tool = one_line(text(execution, "execution-source"), 100);
    let user = of_target("user").map(|u| format!(", as {}", one_line(&u, 100))).unwrap_or_default();
    parsed.results.push(ResultItem {
        origin,
        external_key: key,
        guid: id,
        attack_ids: attack_ids_in(text(procedure, "mitre-technique-id")),
        name: Some(title).filter(|t| !t.is_empty()),
        command_run: Some(commands.join("\n")).filter(|c| !c.is_empty()),
        output: Some(output.join("\n")).filter(|o| !o.is_empty()),
        source_host,
        target_host: host,
        started_at,
        ended_at,
        notes: (!tool.is_empty()).then(|| format!("Run by {tool}{user}.")),
    });
}
