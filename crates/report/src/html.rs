//! HTML: one file that loads and runs nothing, light, printable. What people wrote is escaped; their Markdown is
//! rebuilt from `prose` blocks, so no tag of theirs survives.

use std::fmt::Write as _;
use std::io::Write;

use crate::Result;
use crate::model::{Evidence, Report};
use crate::prose::{Block, Span, blocks};
use crate::scale::{self, hex};
use crate::section::{Bar, Column, Paper, tell};
use crate::words::{bytes, printable};
use tyrian_domain::test::Outcome;

const STYLE: &str = include_str!("html.css");

/// Writes the report.
pub fn write(report: &Report, to: impl Write) -> Result<()> {
    let mut html = Html { to, open: 0 };
    let title = escape(&format!("{} – {}", report.mission.name, report.mission.client));
    html.put("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")?;
    html.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">")?;
    html.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light\">")?;
    html.put(&format!("<title>{title}</title><style>{STYLE}</style></head><body>"))?;
    tell(report, &mut html)?;
    html.close(0)?;
    html.put("</main></body></html>\n")
}

struct Html<W> {
    to: W,
    /// Sections that are open.
    open: u8,
}

/// Text in HTML, in attributes too.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

fn spans(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        let mut text = escape(&span.text).replace('\n', "<br>");
        for (it, tag) in [(span.code, "code"), (span.italic, "em"), (span.bold, "strong")] {
            if it {
                text = format!("<{tag}>{text}</{tag}>");
            }
        }
        match &span.link {
            Some(url) => {
                let _ = write!(out, "<a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">{text}</a>", escape(url));
            }
            None => out.push_str(&text),
        }
    }
    out
}

fn swatch(outcome: Outcome) -> String {
    let s = scale::of(outcome);
    format!("background:{};color:{}", hex(s.fill), hex(s.on))
}

impl<W: Write> Html<W> {
    fn put(&mut self, text: &str) -> Result<()> {
        Ok(self.to.write_all(text.as_bytes())?)
    }

    /// Closes sections until `level` are open.
    fn close(&mut self, level: u8) -> Result<()> {
        while self.open > level {
            self.open -= 1;
            self.put("</section>\n")?;
        }
        Ok(())
    }
}

impl<W: Write> Paper for Html<W> {
    fn cover(&mut self, report: &Report, facts: &[(&str, String)]) -> Result<()> {
        self.put(&format!("<header><p class=\"kind\">Purple-team report</p><h1>{}</h1>", escape(&report.mission.name)))?;
        self.facts(facts)?;
        self.put("<nav aria-label=\"Contents\"><h2>Contents</h2><ol>")?;
        for (anchor, name) in [
            ("scope", "Scope"),
            ("participants", "Participants"),
            ("summary", "Summary"),
            ("gaps", "Open gaps"),
            ("categories", "Findings by category"),
            ("tests", "Tests"),
        ] {
            self.put(&format!("<li><a href=\"#{anchor}\">{name}</a>"))?;
            if anchor == "tests" {
                self.put("<ol>")?;
                for (place, scenario) in report.scenarios.iter().enumerate() {
                    self.put(&format!("<li><a href=\"#scenario-{}\">{}</a><ul>", place + 1, escape(&scenario.name)))?;
                    for t in report.tests.iter().filter(|t| t.scenario == place) {
                        self.put(&format!("<li><a href=\"#test-{0}\">{0}. {1}</a></li>", t.number, escape(&t.plan.name)))?;
                    }
                    self.put("</ul></li>")?;
                }
                self.put("</ol>")?;
            }
            self.put("</li>")?;
        }
        self.put("<li><a href=\"#appendix\">Appendix</a></li></ol></nav></header>\n<main>")
    }

    fn heading(&mut self, level: u8, text: &str, anchor: &str) -> Result<()> {
        self.close(level - 1)?;
        let h = level + 1;
        while self.open < level {
            self.open += 1;
            let id = if self.open == level { format!(" id=\"{anchor}\"") } else { String::new() };
            self.put(&format!("<section class=\"l{}\"{id}>", self.open))?;
        }
        self.put(&format!("<h{h}>{}</h{h}>\n", escape(text)))
    }

    fn facts(&mut self, rows: &[(&str, String)]) -> Result<()> {
        let mut out = String::from("<dl>");
        for (name, value) in rows {
            let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value));
        }
        out.push_str("</dl>\n");
        self.put(&out)
    }

    fn label(&mut self, text: &str) -> Result<()> {
        self.put(&format!("<p class=\"label\">{}</p>\n", escape(text)))
    }

    fn prose(&mut self, markdown: &str) -> Result<()> {
        let mut out = String::from("<div class=\"prose\">");
        for block in blocks(markdown) {
            let _ = match block {
                Block::Paragraph(text) => write!(out, "<p>{}</p>", spans(&text)),
                Block::Heading(text) => write!(out, "<p><strong>{}</strong></p>", spans(&text)),
                Block::Item { depth, marker, spans: text } => {
                    write!(out, "<p class=\"item d{depth}\"><span>{marker}</span> {}</p>", spans(&text))
                }
                Block::Code(text) => write!(out, "<pre>{}</pre>", escape(&text)),
                Block::Rule => write!(out, "<hr>"),
            };
        }
        out.push_str("</div>\n");
        self.put(&out)
    }

    fn note(&mut self, text: &str) -> Result<()> {
        self.put(&format!("<p class=\"note\">{}</p>\n", escape(text)))
    }

    fn code(&mut self, text: &str) -> Result<()> {
        self.put(&format!("<pre>{}</pre>\n", escape(text.trim_end())))
    }

    fn table(&mut self, head: &[&str], _: &[f32], rows: &mut dyn Iterator<Item = Vec<String>>) -> Result<()> {
        let mut out = String::from("<div class=\"wide\"><table><thead><tr>");
        for name in head {
            let _ = write!(out, "<th scope=\"col\">{}</th>", escape(name));
        }
        out.push_str("</tr></thead><tbody>");
        self.put(&out)?;
        for row in rows {
            let mut out = String::from("<tr>");
            for cell in row {
                let _ = write!(out, "<td>{}</td>", escape(&cell).replace('\n', "<br>"));
            }
            out.push_str("</tr>");
            self.put(&out)?;
        }
        self.put("</tbody></table></div>\n")
    }

    fn heat_map(&mut self, columns: &[Column]) -> Result<()> {
        let mut out = String::from("<p class=\"legend\">");
        for o in Outcome::ALL {
            let s = scale::of(*o);
            let _ = write!(out, "<span><b style=\"{}\">{}</b> {}</span> ", swatch(*o), s.mark, s.label);
        }
        out.push_str("</p><div class=\"wide\"><div class=\"map\">");
        for column in columns {
            let _ = write!(out, "<div><b>{}</b>", escape(&column.name));
            for cell in &column.cells {
                let s = scale::of(cell.outcome);
                let told = escape(&format!("{} {}: {}, {}", cell.id, cell.name, s.label.to_lowercase(), cell.told));
                let _ =
                    write!(out, "<span style=\"{}\" title=\"{told}\">{}<i>{}</i></span>", swatch(cell.outcome), escape(&cell.id), s.mark);
            }
            out.push_str("</div>");
        }
        out.push_str("</div></div>\n");
        self.put(&out)
    }

    fn bars(&mut self, bars: &[Bar]) -> Result<()> {
        let mut out = String::from("<table class=\"bars\"><tbody>");
        for bar in bars {
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td><svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
                escape(&bar.label),
                escape(&bar.told)
            );
            let mut x = 0;
            for (n, outcome) in bar.parts.iter().filter(|(n, _)| *n > 0) {
                let width = (n * 1000).checked_div(bar.whole).unwrap_or_default();
                let fill = outcome.map_or(scale::ACCENT, |o| scale::of(o).fill);
                let _ = write!(out, "<rect x=\"{x}\" width=\"{width}\" height=\"12\" fill=\"{}\"/>", hex(fill));
                x += width;
            }
            let _ = write!(out, "</svg></td><td>{}</td></tr>", escape(&bar.told));
        }
        out.push_str("</tbody></table>\n");
        self.put(&out)
    }

    fn evidence(&mut self, files: &[&Evidence]) -> Result<()> {
        use base64::Engine as _;
        self.put("<div class=\"files\">")?;
        for e in files {
            let name = escape(&e.file_name);
            let caption = e.caption.as_deref().map(|c| format!("{}<br>", escape(c))).unwrap_or_default();
            let picture = e.thumbnail.as_ref().map(|t| {
                let data = base64::engine::general_purpose::STANDARD.encode(&t.jpeg);
                format!("<img alt=\"{name}\" width=\"{}\" height=\"{}\" src=\"data:image/jpeg;base64,{data}\">", t.width, t.height)
            });
            let picture = picture.unwrap_or_default();
            self.put(&format!("<figure>{picture}<figcaption>{caption}{name}, {}, {}</figcaption></figure>", e.side, bytes(e.size_bytes)))?;
        }
        self.put("</div>\n")
    }
}
