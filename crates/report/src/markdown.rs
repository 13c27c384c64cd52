//! Markdown (CommonMark with tables). What people wrote as Markdown stands in it as it is, in quotes, so that its
//! headings are not the report's; every other text is escaped.

use std::fmt::Write as _;
use std::io::Write;

use crate::Result;
use crate::model::{Evidence, Report};
use crate::scale;
use crate::section::{Bar, Column, Paper, tell};
use crate::words::{bytes, label, printable};

/// Writes the report.
pub fn write(report: &Report, to: impl Write) -> Result<()> {
    tell(report, &mut Markdown { to })
}

struct Markdown<W> {
    to: W,
}

/// A text of one line without a meaning of its own.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in printable(text).chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    // a line that would begin a list
    let begins_list = out.starts_with(['-', '+', '=']) || out.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']);
    if begins_list && let Some(at) = out.find(['-', '+', '=', '.', ')']) {
        out.insert(at, '\\');
    }
    out
}

/// A fence that does not stand in the text.
fn fence(text: &str) -> String {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest.max(2) + 1)
}

impl<W: Write> Markdown<W> {
    fn put(&mut self, text: &str) -> Result<()> {
        Ok(self.to.write_all(text.as_bytes())?)
    }
}

impl<W: Write> Paper for Markdown<W> {
    fn cover(&mut self, report: &Report, facts: &[(&str, String)]) -> Result<()> {
        self.put(&format!("# {}\n\n", escape(&report.mission.name)))?;
        self.facts(facts)
    }

    fn heading(&mut self, level: u8, text: &str, _: &str) -> Result<()> {
        self.put(&format!("{} {}\n\n", "#".repeat(usize::from(level) + 1), escape(text)))
    }

    fn facts(&mut self, rows: &[(&str, String)]) -> Result<()> {
        let mut out = String::new();
        for (name, value) in rows {
            let _ = writeln!(out, "- **{name}**: {}", escape(value));
        }
        out.push('\n');
        self.put(&out)
    }

    fn label(&mut self, text: &str) -> Result<()> {
        self.put(&format!("**{}**\n\n", escape(text)))
    }

    fn prose(&mut self, markdown: &str) -> Result<()> {
        let mut out = String::with_capacity(markdown.len() + 16);
        for line in printable(markdown).trim_end().lines() {
            out.push_str(if line.is_empty() { ">" } else { "> " });
            out.push_str(line);
            out.push('\n');
        }
        out.push('\n');
        self.put(&out)
    }

    fn note(&mut self, text: &str) -> Result<()> {
        self.put(&format!("*{}*\n\n", escape(text)))
    }

    fn code(&mut self, text: &str) -> Result<()> {
        let (text, fence) = (printable(text), fence(text));
        self.put(&format!("{fence}text\n{}\n{fence}\n\n", text.trim_end()))
    }

    fn table(&mut self, head: &[&str], _: &[f32], rows: &mut dyn Iterator<Item = Vec<String>>) -> Result<()> {
        self.put(&format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len())))?;
        for row in rows {
            let cells: Vec<_> = row.iter().map(|cell| escape(cell)).collect();
            self.put(&format!("| {} |\n", cells.join(" | ")))?;
        }
        self.put("\n")
    }

    fn heat_map(&mut self, columns: &[Column]) -> Result<()> {
        let rows = columns.iter().flat_map(|c| c.cells.iter().map(move |cell| (c, cell)));
        let mut rows = rows
            .map(|(c, cell)| vec![c.name.clone(), format!("{} {}", cell.id, cell.name), label(cell.outcome.as_str()), cell.told.clone()]);
        self.table(&["Tactic", "Technique", "Worst outcome", "Covered"], &[], &mut rows)
    }

    fn bars(&mut self, bars: &[Bar]) -> Result<()> {
        let mut rows = bars.iter().map(|b| {
            let parts: Vec<_> = b
                .parts
                .iter()
                .filter(|(n, _)| *n > 0)
                .filter_map(|(n, o)| Some(format!("{n} {}", scale::of((*o)?).label.to_lowercase())))
                .collect();
            vec![b.label.clone(), b.told.clone(), parts.join(", ")]
        });
        self.table(&["", "Share", "Tests"], &[], &mut rows)
    }

    fn evidence(&mut self, files: &[&Evidence]) -> Result<()> {
        let mut out = String::new();
        for e in files {
            let caption = e.caption.as_deref().map(|c| format!(": {}", escape(c))).unwrap_or_default();
            let _ = writeln!(out, "- {} ({}, {}){caption}", escape(&e.file_name), e.side, bytes(e.size_bytes));
        }
        out.push('\n');
        self.put(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_is_markup() {
        assert_eq!(escape("a *b* <c> | #d\ne"), "a \\*b\\* \\<c\\> \\| \\#d e");
        assert_eq!(escape("1. x"), "1\\. x");
        assert_eq!(escape("- x"), "\\- x");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
