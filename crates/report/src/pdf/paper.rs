//! The report on pages.

use super::fonts::Style;
use super::lines::{Line, Stretch, wrap};
use super::sheet::{MARGIN, PAGE, Sheet, TOP, WIDTH};
use super::{contents, cut};
use crate::Result;
use crate::model::{Evidence, Report};
use crate::prose::{Block, Span, blocks};
use crate::scale::{self, ACCENT, BORDER, SUNKEN, TEXT, TEXT_2};
use crate::section::{Bar, Column, Paper, Stat, headline, stats};
use crate::words::{bytes, label, printable};
use tyrian_domain::test::Outcome;

/// Lines of an output that are drawn; the rest is in the other formats.
const CODE_LINES: usize = 150;
/// Columns of the heat map side by side.
const COLUMNS: usize = 14;
/// Running text.
const BODY: f32 = 9.5;
/// From a base line to the next one.
const LEADING: f32 = 1.42;

/// A heading and where it stands.
#[derive(Debug, Clone)]
pub struct Mark {
    /// 1 to 3.
    pub level: u8,
    /// What it says.
    pub text: String,
    /// On which page, from 0.
    pub page: usize,
    /// How far down.
    pub y: f32,
}

/// The report on pages.
pub struct Pdf<'a> {
    /// The pages.
    pub sheet: Sheet<'a>,
    /// What the contents list; empty while it is not known.
    contents: &'a [Mark],
    marks: Vec<Mark>,
}

impl<'a> Pdf<'a> {
    /// On these pages.
    pub fn new(sheet: Sheet<'a>, contents: &'a [Mark]) -> Self {
        Self { sheet, contents, marks: Vec::new() }
    }

    /// The headings, and how many pages there are.
    pub fn measured(self) -> (Vec<Mark>, usize) {
        let pages = self.sheet.page + usize::from(self.sheet.y > TOP);
        (self.marks, pages)
    }

    /// Lines down the page, each whole.
    fn lines(&mut self, x: f32, lines: &[Line], size: f32, color: u32) -> Result<()> {
        for line in lines {
            self.sheet.need(size * LEADING)?;
            self.sheet.line(x, self.sheet.y + size, line, size, color);
            self.sheet.y += size * LEADING;
        }
        Ok(())
    }

    fn paragraph(&mut self, x: f32, text: &[Stretch], size: f32, color: u32, after: f32) -> Result<()> {
        let lines = wrap(self.sheet.fonts, text, WIDTH - (x - MARGIN), size);
        self.lines(x, &lines, size, color)?;
        self.sheet.y += after;
        Ok(())
    }

    /// Numbers side by side, between two lines.
    fn stats(&mut self, stats: &[Stat; 4]) {
        const EACH: f32 = WIDTH / 4.0;
        const VALUE: f32 = 18.0;
        let top = self.sheet.y;
        let mut tall = 0.0f32;
        let mut x = MARGIN;
        for stat in stats {
            let room = EACH - 16.0;
            self.sheet.text(x, top + 16.0, stat.label, Style::Regular, 8.5, TEXT_2);
            let value = cut(self.sheet.fonts, &stat.value, Style::Bold, VALUE, room);
            self.sheet.text(x, top + 38.0, &value, Style::Bold, VALUE, TEXT);
            let mut y = top + 52.0;
            for line in wrap(self.sheet.fonts, &plain(&stat.told, Style::Regular), room, 7.8) {
                self.sheet.line(x, y, &line, 7.8, TEXT_2);
                y += 10.5;
            }
            tall = tall.max(y - top);
            x += EACH;
        }
        for n in [1.0, 2.0, 3.0] {
            self.sheet.rect(MARGIN + n * EACH - 10.0, top, 0.7, tall, BORDER);
        }
        self.sheet.rect(MARGIN, top, WIDTH, 0.7, BORDER);
        self.sheet.rect(MARGIN, top + tall, WIDTH, 0.7, BORDER);
        self.sheet.y = top + tall + 20.0;
    }

    /// How wide the labels are, and no narrower than this.
    fn labels(&self, rows: &[(&str, String)], least: f32) -> f32 {
        rows.iter().map(|(name, _)| self.sheet.fonts.width(Style::Regular, name, BODY) + 12.0).fold(least, f32::max)
    }

    /// Labels with what belongs to them, one under the other.
    fn facts_down(&mut self, rows: &[(&str, String)]) -> Result<()> {
        let label = self.labels(rows, 118.0);
        for (name, value) in rows {
            let lines = wrap(self.sheet.fonts, &plain(value, Style::Regular), WIDTH - label, BODY);
            self.sheet.need(BODY * LEADING)?;
            self.sheet.text(MARGIN, self.sheet.y + BODY, name, Style::Regular, BODY, TEXT_2);
            self.lines(MARGIN + label, &lines, BODY, TEXT)?;
        }
        self.sheet.y += 6.0;
        Ok(())
    }

    /// A label with what belongs to it, on one line.
    fn fact(&mut self, x: f32, label: f32, (name, value): &(&str, String)) {
        let y = self.sheet.y + BODY;
        self.sheet.text(x, y, name, Style::Regular, BODY, TEXT_2);
        self.sheet.text(x + label, y, &printable(value), Style::Regular, BODY, TEXT);
    }

    /// The same in two columns, the left one first, where all of it is short and there is enough of it. Says whether it was.
    fn facts_in_columns(&mut self, rows: &[(&str, String)]) -> Result<bool> {
        const HALF: f32 = WIDTH / 2.0 + 6.0;
        let (left, right) = rows.split_at(rows.len().div_ceil(2));
        let fonts = self.sheet.fonts;
        let (left_label, right_label) = (self.labels(left, 118.0), self.labels(right, 0.0));
        let fit = |rows: &[(&str, String)], room: f32| {
            rows.iter().all(|(_, value)| !value.contains('\n') && fonts.width(Style::Regular, &printable(value), BODY) <= room)
        };
        if rows.len() < 4 || !fit(left, HALF - left_label - 6.0) || !fit(right, WIDTH - HALF - right_label) {
            return Ok(false);
        }
        for (n, row) in left.iter().enumerate() {
            self.sheet.need(BODY * LEADING)?;
            self.fact(MARGIN, left_label, row);
            if let Some(row) = right.get(n) {
                self.fact(MARGIN + HALF, right_label, row);
            }
            self.sheet.y += BODY * LEADING;
        }
        self.sheet.y += 6.0;
        Ok(true)
    }

    /// The most urgent gaps, as far as the page goes.
    fn first_gaps(&mut self, report: &Report) -> Result<()> {
        let gaps = &report.synthesis.findings;
        if gaps.is_empty() || self.sheet.left() < 120.0 {
            return Ok(());
        }
        self.sheet.y += 12.0;
        self.paragraph(MARGIN, &plain("What to do first", Style::Bold), 14.0, TEXT, 6.0)?;
        let first_line =
            |text: &Option<String>| text.as_deref().and_then(|t| t.lines().next()).unwrap_or_default().chars().take(160).collect();
        let mut rows = gaps.iter().take(5).enumerate().map(|(n, g)| {
            let name: String = g.test_name.chars().take(100).collect();
            vec![(n + 1).to_string(), label(g.priority.as_str()), name, g.techniques.join(", "), first_line(&g.recommendation)]
        });
        self.table(&["#", "Priority", "Gap", "Techniques", "Recommendation"], &[0.05, 0.12, 0.29, 0.16, 0.38], &mut rows)
    }

    fn head_of_table(&mut self, head: &[&str], edges: &[f32]) {
        let y = self.sheet.y + 9.0;
        for (name, x) in head.iter().zip(edges) {
            self.sheet.text(*x, y, name, Style::Bold, 8.0, TEXT_2);
        }
        self.sheet.rect(MARGIN, self.sheet.y + 13.0, WIDTH, 0.7, BORDER);
        self.sheet.y += 16.0;
    }

    #[expect(clippy::cast_precision_loss, reason = "columns of the map, a dozen")]
    fn map(&mut self, columns: &[Column]) -> Result<()> {
        const CELL: f32 = 12.0;
        let width = WIDTH / columns.len().max(8) as f32;
        let heads: Vec<Vec<Line>> =
            columns.iter().map(|c| wrap(self.sheet.fonts, &[Stretch::new(&*c.name, Style::Bold)], width - 3.0, 6.0)).collect();
        let tall = heads.iter().map(Vec::len).max().unwrap_or_default() as f32 * 7.5 + 3.0;
        let rows = columns.iter().map(|c| c.cells.len()).max().unwrap_or_default();
        self.sheet.need(tall + CELL * 3.0)?;
        let mut begin = true;
        for row in 0..rows {
            if self.sheet.need(CELL)? || begin {
                begin = false;
                for (place, head) in heads.iter().enumerate() {
                    for (n, line) in head.iter().enumerate() {
                        self.sheet.line(MARGIN + place as f32 * width, self.sheet.y + 7.0 + n as f32 * 7.5, line, 6.0, TEXT);
                    }
                }
                self.sheet.y += tall;
            }
            for (place, cell) in columns.iter().enumerate().filter_map(|(place, c)| Some((place, c.cells.get(row)?))) {
                let (x, y, look) = (MARGIN + place as f32 * width, self.sheet.y, scale::of(cell.outcome));
                self.sheet.rect(x, y, width - 2.0, CELL - 1.5, look.fill);
                let id = cut(self.sheet.fonts, &cell.id, Style::Mono, 5.4, width - 11.0);
                self.sheet.text(x + 2.0, y + 7.5, &id, Style::Mono, 5.4, look.on);
                self.sheet.text(x + width - 8.0, y + 7.5, &look.mark.to_string(), Style::Bold, 5.4, look.on);
            }
            self.sheet.y += CELL;
        }
        self.sheet.y += 8.0;
        Ok(())
    }
}

fn stretches(spans: &[Span]) -> Vec<Stretch> {
    let style = |s: &Span| match (s.code, s.bold) {
        (true, _) => Style::Mono,
        (false, true) => Style::Bold,
        (false, false) => Style::Regular,
    };
    spans.iter().map(|s| Stretch { text: s.text.clone(), style: style(s), link: s.link.clone() }).collect()
}

fn plain(text: &str, style: Style) -> Vec<Stretch> {
    vec![Stretch::new(printable(text), style)]
}

impl Paper for Pdf<'_> {
    fn cover(&mut self, report: &Report, facts: &[(&str, String)]) -> Result<()> {
        self.sheet.rect(0.0, 0.0, PAGE.0, 14.0, ACCENT);
        let company = report.company.as_deref().map_or("Tyrian".into(), printable);
        let company = cut(self.sheet.fonts, &company, Style::Bold, 11.0, WIDTH - 180.0);
        self.sheet.text(MARGIN, 62.0, &company, Style::Bold, 11.0, ACCENT);
        let kind = format!("Purple-team report · {}", report.generated_at.date_naive());
        let width = self.sheet.fonts.width(Style::Regular, &kind, 9.5);
        self.sheet.text(PAGE.0 - MARGIN - width, 62.0, &kind, Style::Regular, 9.5, TEXT_2);
        self.sheet.rect(MARGIN, 74.0, WIDTH, 0.7, BORDER);
        self.sheet.y = 130.0;
        self.paragraph(MARGIN, &plain(&report.mission.name, Style::Bold), 30.0, TEXT, 6.0)?;
        self.paragraph(MARGIN, &plain(&headline(report), Style::Regular), 13.0, TEXT_2, 24.0)?;
        self.stats(&stats(report));
        self.facts_down(facts)?;
        self.first_gaps(report)?;
        self.sheet.turn()?;
        if !self.contents.is_empty() {
            contents(&mut self.sheet, self.contents)?;
        }
        Ok(())
    }

    fn heading(&mut self, level: u8, text: &str, _: &str) -> Result<()> {
        let (size, before, after, color, room) = match level {
            1 => (20.0, 30.0, 10.0, ACCENT, 220.0),
            2 => (14.0, 16.0, 6.0, TEXT, 90.0),
            _ => (11.5, 16.0, 4.0, TEXT, 80.0),
        };
        self.sheet.need(before + size + room)?;
        if self.sheet.y > TOP {
            self.sheet.y += before;
            if level != 2 {
                self.sheet.rect(MARGIN, self.sheet.y - 7.0, WIDTH, 0.7, BORDER);
            }
        }
        let text = printable(text).replace('\n', " ");
        self.marks.push(Mark { level, text: text.clone(), page: self.sheet.page, y: self.sheet.y });
        self.paragraph(MARGIN, &plain(&text, Style::Bold), size, color, after)
    }

    fn facts(&mut self, rows: &[(&str, String)]) -> Result<()> {
        if self.facts_in_columns(rows)? { Ok(()) } else { self.facts_down(rows) }
    }

    fn label(&mut self, text: &str) -> Result<()> {
        self.sheet.need(50.0)?;
        self.sheet.y += 4.0;
        self.paragraph(MARGIN, &plain(text, Style::Bold), BODY, TEXT, 1.0)
    }

    fn prose(&mut self, markdown: &str) -> Result<()> {
        for block in blocks(markdown) {
            match block {
                Block::Paragraph(spans) => self.paragraph(MARGIN, &stretches(&spans), BODY, TEXT, 4.0)?,
                Block::Heading(spans) => {
                    let bold: Vec<_> = stretches(&spans).into_iter().map(|s| Stretch { style: Style::Bold, ..s }).collect();
                    self.paragraph(MARGIN, &bold, BODY + 0.5, TEXT, 2.0)?;
                }
                Block::Item { depth, marker, spans } => {
                    let x = MARGIN + f32::from(u8::try_from(depth).unwrap_or(1)) * 14.0;
                    self.sheet.need(BODY * LEADING)?;
                    self.sheet.text(x - 12.0, self.sheet.y + BODY, &marker, Style::Regular, BODY, TEXT_2);
                    self.paragraph(x + if marker.len() > 3 { 8.0 } else { 0.0 }, &stretches(&spans), BODY, TEXT, 2.0)?;
                }
                Block::Code(code) => self.code(&code)?,
                Block::Rule => {
                    self.sheet.need(10.0)?;
                    self.sheet.rect(MARGIN, self.sheet.y + 4.0, WIDTH, 0.7, BORDER);
                    self.sheet.y += 9.0;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, text: &str) -> Result<()> {
        self.paragraph(MARGIN, &plain(text, Style::Regular), 8.5, TEXT_2, 4.0)
    }

    fn code(&mut self, text: &str) -> Result<()> {
        const SIZE: f32 = 7.8;
        // no more of a long output is looked at than can be drawn
        let text = printable(text);
        let head: String = text.trim_end().chars().take(CODE_LINES * 200).collect();
        let mut lines = wrap(self.sheet.fonts, &[Stretch::new(head.as_str(), Style::Mono)], WIDTH - 14.0, SIZE);
        let more = lines.len() > CODE_LINES || head.len() < text.trim_end().len();
        lines.truncate(CODE_LINES);
        self.sheet.y += 2.0;
        for line in &lines {
            self.sheet.need(SIZE * 1.4)?;
            self.sheet.rect(MARGIN, self.sheet.y, WIDTH, SIZE * 1.4 + 0.2, SUNKEN);
            self.sheet.line(MARGIN + 7.0, self.sheet.y + SIZE, line, SIZE, TEXT);
            self.sheet.y += SIZE * 1.4;
        }
        self.sheet.y += 6.0;
        if more {
            self.note("Cut here: the whole text is in the HTML, CSV and JSON exports.")?;
        }
        Ok(())
    }

    fn table(&mut self, head: &[&str], widths: &[f32], rows: &mut dyn Iterator<Item = Vec<String>>) -> Result<()> {
        const SIZE: f32 = 8.2;
        const STEP: f32 = SIZE * 1.35;
        let mut edges = Vec::with_capacity(widths.len());
        let mut x = MARGIN;
        for width in widths {
            edges.push(x);
            x += width * WIDTH;
        }
        self.sheet.need(50.0)?;
        self.head_of_table(head, &edges);
        for row in rows {
            let fonts = self.sheet.fonts;
            let cells: Vec<Vec<Line>> =
                row.iter().zip(widths).map(|(text, width)| wrap(fonts, &plain(text, Style::Regular), width * WIDTH - 6.0, SIZE)).collect();
            let tall = cells.iter().map(Vec::len).max().unwrap_or_default();
            // a row stays together unless it is a page by itself
            if tall < 20 && self.sheet.need(f32::from(u8::try_from(tall).unwrap_or(20)) * STEP + 4.0)? {
                self.head_of_table(head, &edges);
            }
            for n in 0..tall {
                if self.sheet.need(STEP)? {
                    self.head_of_table(head, &edges);
                }
                for (cell, x) in cells.iter().zip(&edges) {
                    if let Some(line) = cell.get(n) {
                        self.sheet.line(*x, self.sheet.y + SIZE, line, SIZE, TEXT);
                    }
                }
                self.sheet.y += STEP;
            }
            self.sheet.rect(MARGIN, self.sheet.y + 1.5, WIDTH, 0.5, BORDER);
            self.sheet.y += 4.0;
        }
        self.sheet.y += 6.0;
        Ok(())
    }

    fn heat_map(&mut self, columns: &[Column]) -> Result<()> {
        self.sheet.need(80.0)?;
        let mut x = MARGIN;
        for o in Outcome::ALL {
            let look = scale::of(*o);
            self.sheet.rect(x, self.sheet.y, 12.0, 10.0, look.fill);
            self.sheet.text(x + 3.0, self.sheet.y + 7.7, &look.mark.to_string(), Style::Bold, 7.5, look.on);
            self.sheet.text(x + 16.0, self.sheet.y + 8.0, look.label, Style::Regular, 8.0, TEXT_2);
            x += 26.0 + self.sheet.fonts.width(Style::Regular, look.label, 8.0);
        }
        self.sheet.y += 20.0;
        for part in columns.chunks(COLUMNS) {
            self.map(part)?;
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of tests, thousands")]
    fn bars(&mut self, bars: &[Bar]) -> Result<()> {
        const LABEL: f32 = 130.0;
        const TOLD: f32 = 84.0;
        let full = WIDTH - LABEL - TOLD - 10.0;
        for bar in bars {
            self.sheet.need(16.0)?;
            let y = self.sheet.y;
            let name = cut(self.sheet.fonts, &bar.label, Style::Regular, 9.0, LABEL - 6.0);
            self.sheet.text(MARGIN, y + 9.5, &name, Style::Regular, 9.0, TEXT);
            self.sheet.rect(MARGIN + LABEL, y + 2.5, full, 9.0, SUNKEN);
            let mut x = MARGIN + LABEL;
            for (n, outcome) in bar.parts.iter().filter(|(n, _)| *n > 0) {
                let width = full * *n as f32 / bar.whole.max(1) as f32;
                self.sheet.rect(x, y + 2.5, (width - 0.6).max(0.4), 9.0, outcome.map_or(ACCENT, |o| scale::of(o).fill));
                x += width;
            }
            let width = self.sheet.fonts.width(Style::Regular, &bar.told, 9.0);
            self.sheet.text(PAGE.0 - MARGIN - width, y + 9.5, &bar.told, Style::Regular, 9.0, TEXT_2);
            self.sheet.y += 16.0;
        }
        self.sheet.y += 6.0;
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "pixels of a thumbnail")]
    fn evidence(&mut self, files: &[&Evidence]) -> Result<()> {
        const ACROSS: f32 = (WIDTH - 14.0) / 2.0;
        for pair in files.chunks(2) {
            let sizes = pair.iter().map(|e| {
                let Some(t) = &e.thumbnail else { return (0.0, 0.0) };
                let (w, h) = (t.width.max(1) as f32, t.height.max(1) as f32);
                let scale = (ACROSS / w).min(190.0 / h).min(0.75);
                (w * scale, h * scale)
            });
            let sizes: Vec<(f32, f32)> = sizes.collect();
            let captions: Vec<Vec<Line>> = pair
                .iter()
                .map(|e| {
                    let caption = e.caption.as_deref().map(|c| format!("{c}\n")).unwrap_or_default();
                    let text = format!("{caption}{}, {}, {}", e.file_name, e.side, bytes(e.size_bytes));
                    wrap(self.sheet.fonts, &plain(&text, Style::Regular), ACROSS, 8.0)
                })
                .collect();
            let pictures = sizes.iter().map(|s| s.1).fold(0.0, f32::max);
            let lines = captions.iter().map(Vec::len).max().unwrap_or_default().min(20);
            self.sheet.need(pictures + lines as f32 * 11.0 + 12.0)?;
            let y = self.sheet.y + 2.0;
            for (n, ((e, (width, height)), caption)) in pair.iter().zip(&sizes).zip(&captions).enumerate() {
                let x = MARGIN + n as f32 * (ACROSS + 14.0);
                if let Some(t) = &e.thumbnail {
                    self.sheet.rect(x - 0.5, y - 0.5, width + 1.0, height + 1.0, BORDER);
                    self.sheet.picture(x, y, *width, *height, &t.jpeg);
                }
                for (n, line) in caption.iter().take(20).enumerate() {
                    self.sheet.line(x, y + pictures + 10.0 + n as f32 * 11.0, line, 8.0, TEXT_2);
                }
            }
            self.sheet.y = y + pictures + lines as f32 * 11.0 + 10.0;
        }
        Ok(())
    }
}
