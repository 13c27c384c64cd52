//! PDF: cover, contents with page numbers, the report, bookmarks; text that can be searched, charts as vectors.
//!
//! Everything is laid out twice: once to learn on which page each heading comes, once to draw. Only the page that is
//! being drawn is held as more than its bytes. Text is placed glyph by glyph and is never read as anything but text.
//!
//! The engine is krilla, not typst: typst keeps the layout of all pages in memory, which for 2,000 tests is far above
//! what a server may take, and it would have to be fed with markup.

mod fonts;
mod lines;
mod paper;
mod sheet;

use std::io::Write;

use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};

use self::fonts::{Fonts, Style};
use self::paper::{Mark, Pdf};
use self::sheet::{MARGIN, PAGE, Sheet, TOP, WIDTH};
use crate::model::Report;
use crate::scale;
use crate::section::tell;
use crate::{Error, Result};

/// A line of the contents.
const ENTRY: f32 = 15.0;

/// Writes the report.
pub fn write(report: &Report, mut to: impl Write) -> Result<()> {
    let fonts = Fonts::load()?;
    // the cover is page 0, and the contents have no number of pages yet
    let mut measured = Pdf::new(Sheet::measuring(&fonts, 0), &[]);
    tell(report, &mut measured)?;
    let (marks, pages) = measured.measured();
    let contents = contents_pages(marks.len());
    let marks: Vec<Mark> = marks.into_iter().map(|m| Mark { page: m.page + contents, ..m }).collect();

    let mut foot = vec![report.mission.name.as_str(), &report.mission.client];
    foot.extend(report.classification.as_deref());
    let foot: String = foot.join(" · ").chars().take(110).collect();
    let mut drawn = Pdf::new(Sheet::drawing(&fonts, foot.replace('\n', " "), pages + contents), &marks);
    tell(report, &mut drawn)?;
    let Some(mut document) = drawn.sheet.finish()? else { return Err(Error::Pdf("nothing was drawn".into())) };
    document.set_outline(outline(&marks, pages + contents));
    let mut metadata = Metadata::new().title(report.mission.name.clone()).language("en".to_owned()).creator("Tyrian".to_owned());
    if let Some(company) = &report.company {
        metadata = metadata.authors(vec![company.clone()]);
    }
    document.set_metadata(metadata);
    let bytes = document.finish().map_err(|e| Error::Pdf(format!("{e:?}")))?;
    to.write_all(&bytes)?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lines of a page, some fifty")]
fn entries_of(first: bool) -> usize {
    let head = if first { 46.0 } else { 0.0 };
    ((sheet::BOTTOM - TOP - head) / ENTRY) as usize
}

fn contents_pages(entries: usize) -> usize {
    1 + entries.saturating_sub(entries_of(true)).div_ceil(entries_of(false))
}

/// Draws the contents, on pages of their own.
fn contents(sheet: &mut Sheet<'_>, marks: &[Mark]) -> Result<()> {
    let (mut left, first) = (entries_of(true), sheet.y + 22.0);
    sheet.text(MARGIN, first, "Contents", Style::Bold, 20.0, scale::ACCENT);
    sheet.y = TOP + 46.0;
    for mark in marks {
        if left == 0 {
            sheet.turn()?;
            left = entries_of(false);
        }
        left -= 1;
        let (style, indent, size) = match mark.level {
            1 => (Style::Bold, 0.0, 10.0),
            2 => (Style::Regular, 14.0, 9.5),
            _ => (Style::Regular, 28.0, 9.0),
        };
        let number = (mark.page + 1).to_string();
        let width = sheet.fonts.width(Style::Regular, &number, 9.5);
        let text = cut(sheet.fonts, &mark.text, style, size, WIDTH - indent - 50.0);
        let y = sheet.y + 10.0;
        sheet.text(MARGIN + indent, y, &text, style, size, scale::TEXT);
        sheet.text(PAGE.0 - MARGIN - width, y, &number, Style::Regular, 9.5, scale::TEXT_2);
        sheet.jump(sheet.y, ENTRY, mark.page, (mark.y - 10.0).max(0.0));
        sheet.y += ENTRY;
    }
    sheet.turn()
}

/// A text on one line, cut where it does not fit.
fn cut(fonts: &Fonts, text: &str, style: Style, size: f32, width: f32) -> String {
    let text = text.replace(['\n', '\t'], " ");
    if fonts.width(style, &text, size) <= width {
        return text;
    }
    let (mut out, mut at) = (String::new(), fonts.advance(style, '…', size));
    for c in text.chars() {
        at += fonts.advance(style, c, size);
        if at > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// The bookmarks: three levels.
fn outline(marks: &[Mark], pages: usize) -> Outline {
    let node = |m: &Mark| {
        let page = m.page.min(pages.saturating_sub(1));
        OutlineNode::new(m.text.clone(), XyzDestination::new(page, Point::from_xy(MARGIN, (m.y - 10.0).max(0.0))))
    };
    let (mut outline, mut rest) = (Outline::new(), marks);
    while let Some((first, after)) = rest.split_first() {
        let own = after.iter().position(|m| m.level == 1).unwrap_or(after.len());
        let (mut below, others) = after.split_at(own);
        let mut one = node(first);
        while let Some((second, after)) = below.split_first() {
            let own = after.iter().position(|m| m.level <= 2).unwrap_or(after.len());
            let (third, others) = after.split_at(own);
            let mut two = node(second);
            for mark in third {
                two.push_child(node(mark));
            }
            one.push_child(two);
            below = others;
        }
        outline.push_child(one);
        rest = others;
    }
    outline
}
