//! Ghostwriter's operation log as CSV: each row is something red ran, for the test whose ATT&CK id or name it has.

use super::table::Table;
use super::text::{attack_ids_in, filled, one_line, paragraphs, time};
use super::{Origin, Parsed, ResultItem, Source};

/// Reads the log.
pub fn parse(source: Source<'_>) -> Parsed {
    let table = match Table::read(source.bytes, &["start_date", "command", "description"]) {
        Ok(table) => table,
        Err((line, code, detail)) => return Parsed::unreadable(source.file_name, line, code, detail),
    };
    let mut parsed = Parsed::default();
    for row in &table.rows {
        let cell = |column: &'static str| table.cell(row, column);
        let said = [cell("description"), cell("command"), cell("tool")].into_iter().find(|t| !t.is_empty()).unwrap_or("an empty entry");
        let origin = Origin::at(one_line(said, 100), row.line);
        let mut times = [("start_date", None), ("end_date", None)];
        for (column, value) in &mut times {
            match time(cell(column)) {
                Ok(time) => *value = time,
                Err(detail) => parsed.error(&origin, "time", format!("{column}: {detail}")),
            }
        }
        let [(_, started_at), (_, ended_at)] = times;
        // older exports have no identifier: the entry is then known again by what red cannot change of it
        let entry = filled(cell("entry_identifier")).unwrap_or_else(|| format!("{}/{}", cell("start_date"), cell("command")));
        let key = format!("ghostwriter:{}:{}", one_line(cell("oplog_id"), 60), one_line(&entry, 400));
        if parsed.results.iter().any(|r| r.external_key == key) {
            parsed.error(&origin, "repeated", "Another row of the file is the same entry.");
            continue;
        }
        let mut attack_ids = attack_ids_in(cell("tags"));
        if attack_ids.is_empty() {
            attack_ids = attack_ids_in(cell("description"));
        }
        let line = |label: &str, column: &'static str| filled(cell(column)).map(|v| format!("{label}: {v}")).unwrap_or_default();
        let notes = [
            cell("description").to_owned(),
            line("Comments", "comments"),
            line("Tool", "tool"),
            line("User", "user_context"),
            line("Operator", "operator_name"),
        ];
        parsed.results.push(ResultItem {
            origin,
            external_key: key,
            guid: None,
            attack_ids,
            name: filled(cell("description")),
            command_run: filled(cell("command")),
            output: filled(cell("output")),
            source_host: filled(cell("source_ip")).map(|h| one_line(&h, 200)),
            target_host: filled(cell("dest_ip")).map(|h| one_line(&h, 200)),
            started_at,
            ended_at,
            notes: paragraphs(notes.iter().map(String::as_str)),
        });
    }
    if table.rows.is_empty() {
        return Parsed::unreadable(source.file_name, None, "empty", "The file has no rows.");
    }
    parsed
}
