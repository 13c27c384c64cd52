//! The colours of outcomes, from the design's tokens in light. Orange against teal survives every common colour
//! blindness, and each outcome has a mark too: colour alone tells nothing.

use tyrian_domain::test::Outcome;

/// How an outcome looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swatch {
    /// What is filled, `0xRRGGBB`.
    pub fill: u32,
    /// Text on it.
    pub on: u32,
    /// Its letter.
    pub mark: char,
    /// What it is called.
    pub label: &'static str,
}

/// Tyrian purple: headings, and bars that compare nothing.
pub const ACCENT: u32 = 0x007f_1d67;
/// Text.
pub const TEXT: u32 = 0x001d_151e;
/// Labels.
pub const TEXT_2: u32 = 0x0055_4d56;
/// Lines.
pub const BORDER: u32 = 0x00e2_dee2;
/// Behind code.
pub const SUNKEN: u32 = 0x00f5_f3f6;

/// How an outcome looks.
pub const fn of(outcome: Outcome) -> Swatch {
    match outcome {
        Outcome::Prevented => Swatch { fill: 0x0002_4459, on: 0x00ff_ffff, mark: 'P', label: "Prevented" },
        Outcome::Alerted => Swatch { fill: 0x0005_747d, on: 0x00ff_ffff, mark: 'A', label: "Alerted" },
        Outcome::Logged => Swatch { fill: 0x00f5_a843, on: 0x0017_121a, mark: 'L', label: "Logged" },
        Outcome::Missed => Swatch { fill: 0x00ba_4d04, on: 0x00ff_ffff, mark: 'M', label: "Missed" },
        Outcome::NotAssessed => Swatch { fill: 0x00ea_e6eb, on: 0x0055_4d56, mark: '–', label: "Not assessed" },
    }
}

/// `#rrggbb`
pub fn hex(color: u32) -> String {
    format!("#{color:06x}")
}
