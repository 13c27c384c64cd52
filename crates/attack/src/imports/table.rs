//! CSV with a header: cells by the name of their column, each row with its line.

use std::collections::HashMap;

use super::limits::ITEMS;
use super::text::utf8;

/// A table.
pub struct Table {
    columns: HashMap<String, usize>,
    /// Its rows, blank ones left out.
    pub rows: Vec<Row>,
}

/// A row.
pub struct Row {
    /// Where it begins, from 1; the header is line 1.
    pub line: u64,
    cells: csv::StringRecord,
}

/// Why a file is no such table: line and sentence.
pub type TableError = (Option<u64>, &'static str, String);

impl Table {
    /// Reads a table that must have these columns, in any order and any case.
    pub fn read(bytes: &[u8], needed: &[&str]) -> Result<Self, TableError> {
        let text = utf8(bytes).map_err(|e| (None, "encoding", e))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| (Some(1), "csv", format!("The header cannot be read: {e}.")))?;
        let columns: HashMap<String, usize> = header.iter().enumerate().map(|(i, name)| (key(name), i)).collect();
        let missing: Vec<&str> = needed.iter().copied().filter(|name| !columns.contains_key(&key(name))).collect();
        if !missing.is_empty() {
            return Err((Some(1), "columns", format!("The header lacks the columns {}.", missing.join(", "))));
        }
        let (mut rows, mut lines) = (Vec::new(), Lines { text: text.as_bytes(), at: 0, line: 1 });
        for record in reader.records() {
            let record = record.map_err(|e| {
                let line = e.position().map(csv::Position::line);
                (line, "csv", format!("The row cannot be read: {e}."))
            })?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if rows.len() == ITEMS {
                return Err((record.position().map(csv::Position::line), "too_many", format!("At most {ITEMS} rows.")));
            }
            rows.push(Row { line: lines.of(record.position()), cells: record });
        }
        Ok(Self { columns, rows })
    }

    /// A cell without the white space around it; empty where the row or the header has none.
    pub fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        self.columns.get(&key(column)).and_then(|i| row.cells.get(*i)).unwrap_or_default().trim()
    }

    /// The names of its columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }
}

/// Counts lines as far as rows go: what the reader itself says is one too few after a CRLF.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a row that begins here, or after the breaks that stand here.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(self.at);
        while let Some(byte) = self.text.get(self.at).filter(|b| self.at < start || [b'\r', b'\n'].contains(b)) {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
