//! XLSX: a sheet of the tests with the columns of the CSV, one of the numbers, one of the detections, one of the gaps.
//! Every cell that people wrote is a text cell: a spreadsheet never reads it as a formula. Rows go to a temporary file as they come.

use std::io::{Seek, Write};

use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, Worksheet};

use tyrian_domain::counters::UNASSESSED;

use crate::Result;
use crate::model::Report;
use crate::table::{COLUMNS, Cell, neutral};
use crate::words::{days, label, stamp};

/// What a cell of a workbook can hold.
const CELL: usize = 32_767;

/// Writes the workbook.
pub fn write(report: &Report, to: impl Write + Seek + Send) -> Result<()> {
    let mut book = Workbook::new();
    let look = Look {
        head: Format::new().set_bold().set_background_color(Color::RGB(0x007F_1D67)).set_font_color(Color::White),
        text: Format::new().set_align(FormatAlign::Top),
    };
    tests(report, &look, book.add_worksheet_with_constant_memory()?)?;
    numbers(report, &look, book.add_worksheet_with_constant_memory()?)?;
    detections(report, &look, book.add_worksheet_with_constant_memory()?)?;
    gaps(report, &look, book.add_worksheet_with_constant_memory()?)?;
    book.save_to_writer(to)?;
    Ok(())
}

struct Look {
    head: Format,
    text: Format,
}

fn put(sheet: &mut Worksheet, look: &Look, row: u32, column: u16, cell: Cell) -> Result<()> {
    match cell {
        Cell::Empty => {}
        Cell::Number(n) => {
            sheet.write_number_with_format(row, column, n, &look.text)?;
        }
        Cell::Text(text) => {
            let text = neutral(&text);
            // the limit counts UTF-16 units
            let mut units = 0;
            let end = text.char_indices().find(|(_, c)| {
                units += c.len_utf16();
                units > CELL - 1
            });
            let fits = end.and_then(|(at, _)| text.get(..at)).map(|cut| format!("{cut}…"));
            sheet.write_string_with_format(row, column, fits.as_deref().unwrap_or(&text), &look.text)?;
        }
    }
    Ok(())
}

fn head<'a>(sheet: &mut Worksheet, look: &Look, name: &str, titles: impl Iterator<Item = (&'a str, f64)>) -> Result<()> {
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, (title, width)) in (0u16..).zip(titles) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, title, &look.head)?;
    }
    Ok(())
}

fn rows(sheet: &mut Worksheet, look: &Look, rows: impl Iterator<Item = Vec<Cell>>) -> Result<()> {
    for (row, cells) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            put(sheet, look, row, column, cell)?;
        }
    }
    Ok(())
}

fn tests(report: &Report, look: &Look, sheet: &mut Worksheet) -> Result<()> {
    let width = |name: &str| match name {
        "number" => 8.0,
        "name" | "objective" | "command" | "command_run" | "red_notes" | "blue_notes" | "recommendation" => 40.0,
        _ => 18.0,
    };
    head(sheet, look, "Tests", COLUMNS.iter().map(|(name, _)| (*name, width(name))))?;
    rows(sheet, look, report.tests.iter().map(|test| COLUMNS.iter().map(|(_, cell)| cell(report, test)).collect()))
}

#[expect(clippy::cast_precision_loss, reason = "counts of tests and seconds are far below 2^52")]
fn count(n: u64) -> Cell {
    Cell::Number(n as f64)
}

fn numbers(report: &Report, look: &Look, sheet: &mut Worksheet) -> Result<()> {
    let s = &report.synthesis;
    head(sheet, look, "Summary", [("what", 28.0), ("of", 28.0), ("value", 14.0)].into_iter())?;
    let m = &report.mission;
    let mut all: Vec<Vec<Cell>> = vec![
        vec!["mission".into(), "name".into(), m.name.as_str().into()],
        vec!["mission".into(), "client".into(), m.client.as_str().into()],
        vec!["mission".into(), "days".into(), days(m.start_date, m.end_date).into()],
        vec!["tests".into(), "all".into(), count(s.tests)],
    ];
    all.extend(s.by_state.iter().map(|(k, n)| vec!["tests by state".into(), k.as_str().into(), count(*n)]));
    all.extend(s.by_outcome.iter().map(|(k, n)| vec!["tests by outcome".into(), k.as_str().into(), count(*n)]));
    let level = |code: &str| if code == UNASSESSED { "without a level".to_owned() } else { code.to_owned() };
    all.extend(s.by_detection_level.iter().map(|(k, n)| vec!["tests by detection level".into(), level(k).into(), count(*n)]));
    let c = &s.coverage;
    for (name, n) in
        [("all", c.techniques), ("assessed", c.assessed), ("detected", c.detected), ("prevented", c.prevented), ("covered", c.covered)]
    {
        all.push(vec!["techniques".into(), name.into(), count(n)]);
    }
    for (name, d) in [("detect", &s.times.detect), ("alert", &s.times.alert), ("respond", &s.times.respond)] {
        let seconds = |n: Option<u64>| n.map_or(Cell::Empty, count);
        let values = [
            ("n", count(d.n)),
            ("n_without", count(d.n_without)),
            ("mean_s", seconds(d.mean_s)),
            ("median_s", seconds(d.median_s)),
            ("p90_s", seconds(d.p90_s)),
        ];
        all.extend(values.into_iter().map(|(of, value)| vec![format!("time to {name}").into(), of.into(), value]));
    }
    for t in &s.by_tactic {
        for (of, n) in
            [("tests", t.counts.tests), ("assessed", t.counts.assessed), ("alerted", t.counts.alerted), ("prevented", t.counts.prevented)]
        {
            all.push(vec![format!("tactic {}", t.name).into(), of.into(), count(n)]);
        }
    }
    rows(sheet, look, all.into_iter())
}

fn detections(report: &Report, look: &Look, sheet: &mut Worksheet) -> Result<()> {
    let titles = ["number", "test", "tool", "kind", "result", "severity", "occurred_at", "reference", "rule", "notes"];
    head(sheet, look, "Detections", titles.into_iter().map(|t| (t, if t == "number" { 8.0 } else { 22.0 })))?;
    let all = report.tests.iter().flat_map(|t| t.blue.detections.iter().map(move |d| (t, d)));
    rows(
        sheet,
        look,
        all.map(|(t, d)| {
            vec![
                count(t.number as u64),
                t.plan.name.as_str().into(),
                d.tool.as_str().into(),
                d.kind.as_str().into(),
                d.result.as_str().into(),
                d.severity.map(|s| s.as_str().to_owned()).into(),
                d.at.map(stamp).into(),
                (&d.reference).into(),
                (&d.rule).into(),
                (&d.notes).into(),
            ]
        }),
    )
}

fn gaps(report: &Report, look: &Look, sheet: &mut Worksheet) -> Result<()> {
    let titles =
        ["test", "scenario", "techniques", "outcome", "status", "priority", "severity", "owner", "due", "reference", "recommendation"];
    head(sheet, look, "Open gaps", titles.into_iter().map(|t| (t, 22.0)))?;
    rows(
        sheet,
        look,
        report.synthesis.findings.iter().map(|g| {
            vec![
                g.test_name.as_str().into(),
                g.scenario_name.as_str().into(),
                g.techniques.join(", ").into(),
                label(g.outcome.as_str()).into(),
                g.status.map(|s| label(s.as_str())).into(),
                g.priority.as_str().into(),
                g.severity.as_str().into(),
                (&g.owner_name).into(),
                g.due.map(|d| d.to_string()).into(),
                (&g.reference).into(),
                (&g.recommendation).into(),
            ]
        }),
    )
}
