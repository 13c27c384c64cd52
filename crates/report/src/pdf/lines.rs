//! Text broken into lines that fit.

use super::fonts::{Fonts, Style};

/// A stretch of text in one look.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The text, without line ends.
    pub text: String,
    /// How it looks.
    pub style: Style,
    /// Where it leads.
    pub link: Option<String>,
}

impl Stretch {
    /// Text that leads nowhere.
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, link: None }
    }
}

/// A line: stretches from left to right.
pub type Line = Vec<Stretch>;

struct Setter<'a> {
    fonts: &'a Fonts,
    width: f32,
    size: f32,
    lines: Vec<Line>,
    line: Line,
    /// How far the line goes.
    at: f32,
    /// Where the line can be broken: stretches, and bytes of the last of them.
    chance: Option<(usize, usize)>,
}

/// Breaks text into lines of `width` points; at least one line. A word that is wider than a line is broken inside.
pub fn wrap(fonts: &Fonts, text: &[Stretch], width: f32, size: f32) -> Vec<Line> {
    let mut setter = Setter { fonts, width, size, lines: Vec::new(), line: Vec::new(), at: 0.0, chance: None };
    for stretch in text {
        for c in stretch.text.chars() {
            match c {
                '\n' => setter.end(),
                '\t' => (0..4).for_each(|_| setter.put(stretch, ' ')),
                c => setter.put(stretch, c),
            }
        }
    }
    setter.lines.push(setter.line);
    setter.lines
}

impl Setter<'_> {
    fn put(&mut self, of: &Stretch, c: char) {
        let advance = self.fonts.advance(of.style, c, self.size);
        if self.at + advance > self.width && self.at > 0.0 {
            if c == ' ' {
                // a space at the end of a line is the break
                self.end();
                return;
            }
            self.turn();
        }
        match self.line.last_mut() {
            Some(last) if last.style == of.style && last.link == of.link => last.text.push(c),
            _ => self.line.push(Stretch { text: c.to_string(), style: of.style, link: of.link.clone() }),
        }
        self.at += advance;
        if matches!(c, ' ' | '-' | '/' | '\\' | ',' | ';' | '|' | '–' | '—' | '&' | '?' | '_' | '.') {
            self.chance = self.line.last().map(|last| (self.line.len(), last.text.len()));
        }
    }

    fn end(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
        (self.at, self.chance) = (0.0, None);
    }

    /// Ends the line at the last chance; what stood behind it begins the next one.
    fn turn(&mut self) {
        let mut rest = Vec::new();
        if let Some((stretches, bytes)) = self.chance.filter(|(stretches, _)| *stretches > 0) {
            rest = self.line.split_off(stretches);
            if let Some(last) = self.line.last_mut() {
                let tail = last.text.split_off(bytes);
                if !tail.is_empty() {
                    rest.insert(0, Stretch { text: tail, style: last.style, link: last.link.clone() });
                }
            }
        }
        self.end();
        self.at = rest.iter().map(|s| self.fonts.width(s.style, &s.text, self.size)).sum();
        self.line = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, width: f32) -> Vec<String> {
        let fonts = Fonts::load().unwrap();
        let lines = wrap(&fonts, &[Stretch::new(text, Style::Regular)], width, 10.0);
        for line in &lines {
            let is: f32 = line.iter().map(|s| fonts.width(s.style, s.text.trim_end(), 10.0)).sum();
            assert!(is <= width + 0.01, "{line:?} is {is} wide");
        }
        lines.iter().map(|l| l.iter().map(|s| s.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = "The quick brown fox jumps over a-very-long-hyphenated-word and /usr/local/share/some/path";
        let lines = told(text, 90.0);
        assert!(lines.len() > 4);
        let strip = |s: &str| s.replace(' ', "");
        assert_eq!(strip(&lines.concat()), strip(text));
        let word = "x".repeat(400);
        assert_eq!(told(&word, 90.0).concat(), word);
        assert_eq!(told("a\n\nb", 90.0), ["a", "", "b"]);
    }
}
