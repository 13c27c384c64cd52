//! The fonts of the PDF, and how wide text is in them. Inter for Latin, DejaVu for Greek, Cyrillic, symbols, frames and
//! code. Glyphs are placed one by one: scripts whose letters join or reorder, and CJK, are not drawn as they should be;
//! the text in the file stays right, so that it can be searched and copied.

use std::cell::RefCell;
use std::collections::HashMap;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use ttf_parser::Face;

use crate::{Error, Result};

/// A look of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Style {
    /// Running text.
    #[default]
    Regular,
    /// Headings and labels.
    Bold,
    /// Code and ids.
    Mono,
}

const FILES: [&[u8]; 4] = [
    include_bytes!("../../fonts/Inter-Regular.ttf"),
    include_bytes!("../../fonts/Inter-Bold.ttf"),
    include_bytes!("../../fonts/DejaVuSansMono.ttf"),
    include_bytes!("../../fonts/DejaVuSans.ttf"),
];
/// Where to look for a character that the look's own font lacks.
const FALLBACK: usize = 3;

struct Loaded {
    font: Font,
    face: Face<'static>,
    em: f32,
}

/// A character in a font.
#[derive(Debug, Clone, Copy)]
struct Placed {
    font: usize,
    glyph: u16,
    /// In ems.
    advance: f32,
}

/// All fonts.
pub struct Fonts {
    loaded: Vec<Loaded>,
    known: RefCell<HashMap<(Style, char), Placed>>,
}

/// A piece of text in one font.
pub struct Piece {
    /// The font.
    pub font: Font,
    /// Its glyphs; their ranges are bytes of `text`.
    pub glyphs: Vec<KrillaGlyph>,
    /// The text.
    pub text: String,
    /// In ems.
    pub width: f32,
}

impl Fonts {
    /// Reads the fonts that are built in.
    pub fn load() -> Result<Self> {
        let loaded = FILES.into_iter().map(|bytes| {
            let face = Face::parse(bytes, 0).map_err(|e| Error::Pdf(e.to_string()))?;
            let font = Font::new(bytes.into(), 0).ok_or_else(|| Error::Pdf("a font cannot be read".into()))?;
            Ok(Loaded { font, em: f32::from(face.units_per_em()), face })
        });
        Ok(Self { loaded: loaded.collect::<Result<_>>()?, known: RefCell::default() })
    }

    fn place(&self, style: Style, c: char) -> Placed {
        *self.known.borrow_mut().entry((style, c)).or_insert_with(|| {
            let own = style as usize;
            let find = |font: usize, c: char| {
                let it = self.loaded.get(font)?;
                let glyph = it.face.glyph_index(c)?;
                Some(Placed { font, glyph: glyph.0, advance: f32::from(it.face.glyph_hor_advance(glyph)?) / it.em })
            };
            let none = Placed { font: FALLBACK, glyph: 0, advance: 0.6 };
            find(own, c).or_else(|| find(FALLBACK, c)).or_else(|| find(FALLBACK, '\u{FFFD}')).unwrap_or(none)
        })
    }

    /// How wide a character is at that size, in points.
    pub fn advance(&self, style: Style, c: char, size: f32) -> f32 {
        self.place(style, c).advance * size
    }

    /// How wide a text is at that size, in points.
    pub fn width(&self, style: Style, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(style, c, size)).sum()
    }

    /// A text cut into pieces of one font each.
    pub fn pieces(&self, style: Style, text: &str) -> Vec<Piece> {
        let mut pieces: Vec<(usize, Piece)> = Vec::new();
        for c in text.chars() {
            let at = self.place(style, c);
            if pieces.last().is_none_or(|(font, _)| *font != at.font) {
                let Some(font) = self.loaded.get(at.font).map(|l| l.font.clone()) else { continue };
                pieces.push((at.font, Piece { font, glyphs: Vec::new(), text: String::new(), width: 0.0 }));
            }
            if let Some((_, piece)) = pieces.last_mut() {
                let start = piece.text.len();
                piece.text.push(c);
                piece.width += at.advance;
                piece.glyphs.push(KrillaGlyph {
                    glyph_id: GlyphId::new(u32::from(at.glyph)),
                    text_range: start..piece.text.len(),
                    x_advance: at.advance,
                    x_offset: 0.0,
                    y_offset: 0.0,
                    y_advance: 0.0,
                    location: None,
                });
            }
        }
        pieces.into_iter().map(|(_, piece)| piece).collect()
    }
}
