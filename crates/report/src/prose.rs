//! Markdown that people wrote, as plain blocks that every format draws in its own way. Raw HTML and pictures in it are
//! text: nothing that somebody wrote becomes markup of a report, and no report loads anything.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::words::printable;

/// A piece of text in one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Strong.
    pub bold: bool,
    /// Emphasised.
    pub italic: bool,
    /// Code.
    pub code: bool,
    /// Where it leads: http, https or mailto only.
    pub link: Option<String>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A heading inside the text: it is no heading of the report.
    Heading(Vec<Span>),
    /// An item of a list, `depth` from 1; without a marker it goes on from the item before.
    Item { depth: usize, marker: String, spans: Vec<Span> },
    /// Lines as they are.
    Code(String),
    /// A line across.
    Rule,
}

/// Deeper lists are drawn no deeper.
const DEEPEST: usize = 5;

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    bold: usize,
    italic: usize,
    links: Vec<Option<String>>,
    lists: Vec<Option<u64>>,
    marker: String,
    heading: bool,
    code: Option<String>,
}

/// The blocks of a text.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let text = printable(markdown);
    let mut reader = Reader::default();
    for event in Parser::new_ext(&text, Options::empty()) {
        reader.take(event);
    }
    reader.flush();
    reader.blocks
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text, false),
            Event::Code(text) => self.text(&text, true),
            Event::SoftBreak => self.text(" ", false),
            Event::HardBreak => self.text("\n", false),
            Event::Rule => {
                self.flush();
                self.blocks.push(Block::Rule);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.flush();
                self.heading = true;
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}.");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => "•".to_owned(),
                };
            }
            Tag::Strong => self.bold += 1,
            Tag::Emphasis => self.italic += 1,
            Tag::Link { dest_url, .. } => self.links.push(safe(&dest_url)),
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::HtmlBlock => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.flush();
                self.heading = false;
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.blocks.push(Block::Code(code.trim_end().to_owned()));
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Link => {
                self.links.pop();
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::HtmlBlock => self.flush(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, code: bool) {
        if let Some(block) = &mut self.code {
            block.push_str(text);
            return;
        }
        let (bold, italic, link) = (self.bold > 0, self.italic > 0, self.links.last().cloned().flatten());
        match self.spans.last_mut() {
            Some(last) if (last.bold, last.italic, last.code, &last.link) == (bold, italic, code, &link) => last.text.push_str(text),
            _ => self.spans.push(Span { text: text.to_owned(), bold, italic, code, link }),
        }
    }

    fn flush(&mut self) {
        if self.spans.iter().all(|s| s.text.trim().is_empty()) {
            self.spans.clear();
            return;
        }
        let spans = std::mem::take(&mut self.spans);
        self.blocks.push(match self.lists.len() {
            _ if self.heading => Block::Heading(spans),
            0 => Block::Paragraph(spans),
            depth => Block::Item { depth: depth.min(DEEPEST), marker: std::mem::take(&mut self.marker), spans },
        });
    }
}

/// An address that a reader may follow.
pub fn safe(url: &str) -> Option<String> {
    let lower = url.trim().to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)).then(|| url.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Span {
        Span { text: text.into(), ..Span::default() }
    }

    #[test]
    fn markdown_becomes_blocks() {
        let text = "# Head\n\nOne **two** `three` [four](https://x.test/) \n\n1. a\n   - b\n2. c\n\n```\nx <y>\n```\n---\n";
        let found = blocks(text);
        assert_eq!(found[0], Block::Heading(vec![plain("Head")]));
        let Block::Paragraph(spans) = &found[1] else { panic!("{found:?}") };
        assert!(spans[1].bold && spans[3].code && spans[5].link.as_deref() == Some("https://x.test/"));
        assert_eq!(found[2], Block::Item { depth: 1, marker: "1.".into(), spans: vec![plain("a")] });
        assert_eq!(found[3], Block::Item { depth: 2, marker: "•".into(), spans: vec![plain("b")] });
        assert_eq!(found[4], Block::Item { depth: 1, marker: "2.".into(), spans: vec![plain("c")] });
        assert_eq!(found[5], Block::Code("x <y>".into()));
        assert_eq!(found[6], Block::Rule);
    }

    #[test]
    fn html_pictures_and_evil_links_are_text() {
        let found = blocks("<script>alert(1)</script>\n\n![alt](https://evil.test/p.png) [x](javascript:alert(1))");
        let text = format!("{found:?}");
        assert!(text.contains("<script>alert(1)</script>") && text.contains("alt"));
        assert!(!text.contains("evil.test") && !text.contains("javascript:"), "{text}");
    }
}
