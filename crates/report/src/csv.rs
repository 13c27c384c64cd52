//! CSV: UTF-8 with the mark that spreadsheets look for, CRLF, a heading, one row a test.

use std::io::Write;

use crate::Result;
use crate::model::Report;
use crate::table::{COLUMNS, Cell, neutral};

/// Writes the tests.
pub fn write(report: &Report, mut to: impl Write) -> Result<()> {
    to.write_all("\u{FEFF}".as_bytes())?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
    csv.write_record(COLUMNS.iter().map(|(name, _)| name))?;
    for test in &report.tests {
        for (_, cell) in COLUMNS {
            match cell(report, test) {
                Cell::Empty => csv.write_field("")?,
                Cell::Text(text) => csv.write_field(neutral(&text).as_bytes())?,
                Cell::Number(n) => csv.write_field(n.to_string())?,
            }
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()?;
    Ok(())
}
