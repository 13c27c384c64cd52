//! Pages: what is drawn goes down the page and on to the next. Without a document it only measures.

use std::sync::Arc;

use krilla::Document;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;

use super::fonts::{Fonts, Style};
use super::lines::Line;
use crate::scale;
use crate::{Error, Result};

/// A4, in points.
pub const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right of the text.
pub const MARGIN: f32 = 56.0;
/// Where text begins and ends on a page.
pub const TOP: f32 = 56.0;
/// Where text ends on a page.
pub const BOTTOM: f32 = PAGE.1 - 62.0;
/// Between the margins.
pub const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;

/// Something that is drawn.
enum Op {
    Text { x: f32, y: f32, text: String, style: Style, size: f32, color: u32 },
    Rect { x: f32, y: f32, width: f32, height: f32, color: u32 },
    Picture { x: f32, y: f32, width: f32, height: f32, jpeg: Arc<[u8]> },
}

/// Where a link leads.
enum To {
    Place { page: usize, y: f32 },
    Url(String),
}

/// The page that is being drawn, and those before it.
pub struct Sheet<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    document: Option<Document>,
    ops: Vec<Op>,
    links: Vec<(Rect, To)>,
    /// How far down the page is full.
    pub y: f32,
    /// Pages that are finished.
    pub page: usize,
    /// What stands at the foot of each page but the first, left.
    foot: String,
    /// Pages in all, as the first pass found.
    pages: usize,
}

impl<'a> Sheet<'a> {
    /// Measures only, from page `page` on.
    pub fn measuring(fonts: &'a Fonts, page: usize) -> Self {
        Self { fonts, document: None, ops: Vec::new(), links: Vec::new(), y: TOP, page, foot: String::new(), pages: 0 }
    }

    /// Draws.
    pub fn drawing(fonts: &'a Fonts, foot: String, pages: usize) -> Self {
        Self { document: Some(Document::new()), foot, pages, ..Self::measuring(fonts, 0) }
    }

    /// Points that are left on the page.
    pub fn left(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Goes to the next page unless `height` fits. True: it did.
    pub fn need(&mut self, height: f32) -> Result<bool> {
        if self.left() >= height || self.y <= TOP {
            return Ok(false);
        }
        self.turn()?;
        Ok(true)
    }

    /// Text with its base line at `y`.
    pub fn text(&mut self, x: f32, y: f32, text: &str, style: Style, size: f32, color: u32) {
        if self.document.is_some() && !text.is_empty() {
            self.ops.push(Op::Text { x, y, text: text.to_owned(), style, size, color });
        }
    }

    /// A line of text with its base line at `y`, its links in the accent's colour.
    pub fn line(&mut self, x: f32, y: f32, line: &Line, size: f32, color: u32) {
        let mut x = x;
        for stretch in line {
            let width = self.fonts.width(stretch.style, &stretch.text, size);
            match &stretch.link {
                Some(url) => {
                    self.text(x, y, &stretch.text, stretch.style, size, scale::ACCENT);
                    self.link(x, y - size, width, size * 1.3, To::Url(url.clone()));
                }
                None => self.text(x, y, &stretch.text, stretch.style, size, color),
            }
            x += width;
        }
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, color: u32) {
        if self.document.is_some() {
            self.ops.push(Op::Rect { x, y, width, height, color });
        }
    }

    /// A picture.
    pub fn picture(&mut self, x: f32, y: f32, width: f32, height: f32, jpeg: &Arc<[u8]>) {
        if self.document.is_some() {
            self.ops.push(Op::Picture { x, y, width, height, jpeg: Arc::clone(jpeg) });
        }
    }

    /// A place that leads to another one in the document.
    pub fn jump(&mut self, y: f32, height: f32, page: usize, to: f32) {
        self.link(MARGIN, y, WIDTH, height, To::Place { page, y: to });
    }

    fn link(&mut self, x: f32, y: f32, width: f32, height: f32, to: To) {
        if let (Some(rect), true) = (Rect::from_xywh(x, y, width, height), self.document.is_some()) {
            self.links.push((rect, to));
        }
    }

    /// Finishes the page.
    pub fn turn(&mut self) -> Result<()> {
        let (ops, links) = (std::mem::take(&mut self.ops), std::mem::take(&mut self.links));
        self.y = TOP;
        self.page += 1;
        let Some(document) = &mut self.document else { return Ok(()) };
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| Error::Pdf("a page without a size".into()))?;
        let mut page = document.start_page_with(settings);
        {
            let mut surface = page.surface();
            let mut draw = |op: Op| -> Result<()> {
                match op {
                    Op::Text { x, y, text, style, size, color } => {
                        surface.set_fill(Some(fill(color)));
                        let mut x = x;
                        for piece in self.fonts.pieces(style, &text) {
                            surface.draw_glyphs(Point::from_xy(x, y), &piece.glyphs, piece.font, &piece.text, size, false);
                            x += piece.width * size;
                        }
                    }
                    Op::Rect { x, y, width, height, color } => {
                        let mut path = PathBuilder::new();
                        if let Some(rect) = Rect::from_xywh(x, y, width.max(0.01), height.max(0.01)) {
                            path.push_rect(rect);
                        }
                        if let Some(path) = path.finish() {
                            surface.set_fill(Some(fill(color)));
                            surface.draw_path(&path);
                        }
                    }
                    Op::Picture { x, y, width, height, jpeg } => {
                        let image = Image::from_jpeg(jpeg.to_vec().into(), true).map_err(Error::Pdf)?;
                        if let Some(size) = Size::from_wh(width, height) {
                            surface.push_transform(&Transform::from_translate(x, y));
                            surface.draw_image(image, size);
                            surface.pop();
                        }
                    }
                }
                Ok(())
            };
            for op in ops {
                draw(op)?;
            }
            if self.page > 1 {
                let number = format!("{} / {}", self.page, self.pages);
                let (y, size, color) = (PAGE.1 - 34.0, 8.0, scale::TEXT_2);
                let x = PAGE.0 - MARGIN - self.fonts.width(Style::Regular, &number, size);
                for (x, text) in [(MARGIN, self.foot.clone()), (x, number)] {
                    draw(Op::Text { x, y, text, style: Style::Regular, size, color })?;
                }
            }
            surface.finish();
        }
        for (rect, to) in links {
            let target = match to {
                // a page that does not exist would be a panic of the engine
                To::Place { page, .. } if page >= self.pages => continue,
                To::Place { page, y } => Target::Destination(XyzDestination::new(page, Point::from_xy(MARGIN, y)).into()),
                To::Url(url) => Target::Action(Action::Link(LinkAction::new(url))),
            };
            page.add_annotation(LinkAnnotation::new(rect, target).into());
        }
        page.finish();
        Ok(())
    }

    /// The document, its last page finished.
    pub fn finish(mut self) -> Result<Option<Document>> {
        if self.y > TOP {
            self.turn()?;
        }
        Ok(self.document)
    }
}

fn fill(color: u32) -> Fill {
    let [_, r, g, b] = color.to_be_bytes();
    Fill { paint: rgb::Color::new(r, g, b).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}
