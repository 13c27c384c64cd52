//! DOCX: WordprocessingML, written part by part into a zip as it is told.
//!
//! By hand and not by a library: those that write DOCX hold the whole document as a tree, which for 2,000 tests is
//! hundreds of megabytes; this holds a paragraph. (ECMA-376; LibreOffice opens it in a test.)

use std::fmt::Write as _;
use std::io::{Seek, Write};
use std::sync::Arc;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::Result;
use crate::model::{Evidence, Report, Thumbnail};
use crate::prose::{Block, Span, blocks};
use crate::scale;
use crate::section::{Bar, Column, Paper, tell};
use crate::words::{bytes, printable};
use tyrian_domain::test::Outcome;

/// Twentieths of a point between the margins of an A4 page.
const WIDTH: f32 = 9_638.0;
/// English Metric Units of a pixel at 96 a inch.
const EMU: u64 = 9_525;
/// Pixels that a picture is drawn across at most.
const PICTURE: u64 = 400;
/// Blocks of a bar.
const BLOCKS: u64 = 40;

const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Writes the report.
pub fn write(report: &Report, to: impl Write + Seek) -> Result<()> {
    let mut zip = ZipWriter::new(to);
    let packed = SimpleFileOptions::default().large_file(false);
    for (name, content) in [
        ("[Content_Types].xml", include_str!("docx/content-types.xml")),
        ("_rels/.rels", include_str!("docx/rels.xml")),
        ("word/styles.xml", include_str!("docx/styles.xml")),
    ] {
        zip.start_file(name, packed)?;
        zip.write_all(content.as_bytes())?;
    }
    zip.start_file("docProps/core.xml", packed)?;
    zip.write_all(properties(report).as_bytes())?;
    zip.start_file("word/footer1.xml", packed)?;
    zip.write_all(footer(report).as_bytes())?;
    zip.start_file("word/document.xml", packed)?;
    let mut docx = Docx { zip, pictures: Vec::new(), bookmarks: 0, links: Vec::new() };
    docx.put(&format!("{XML}<w:document {NAMESPACES}><w:body>"))?;
    tell(report, &mut docx)?;
    docx.put(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rIdFooter\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>\
         <w:titlePg/></w:sectPr></w:body></w:document>",
    )?;
    let Docx { mut zip, pictures, links, .. } = docx;
    let mut rels = format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rIdStyles\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>\
         <Relationship Id=\"rIdFooter\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/>"
    );
    for place in 0..pictures.len() {
        let _ = write!(
            rels,
            "<Relationship Id=\"rIdPic{place}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"media/{place}.jpeg\"/>"
        );
    }
    for (place, url) in links.iter().enumerate() {
        let _ = write!(
            rels,
            "<Relationship Id=\"rIdLink{place}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" Target=\"{}\" TargetMode=\"External\"/>",
            escape(url)
        );
    }
    rels.push_str("</Relationships>");
    zip.start_file("word/_rels/document.xml.rels", packed)?;
    zip.write_all(rels.as_bytes())?;
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (place, jpeg) in pictures.iter().enumerate() {
        zip.start_file(format!("word/media/{place}.jpeg"), stored)?;
        zip.write_all(jpeg)?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

struct Docx<W: Write + Seek> {
    zip: ZipWriter<W>,
    pictures: Vec<Arc<[u8]>>,
    bookmarks: usize,
    links: Vec<String>,
}

fn escape(text: &str) -> String {
    crate::html::escape(text)
}

/// Text with its line ends and tabs, inside a run.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for (place, line) in printable(text).split('\n').enumerate() {
        if place > 0 {
            out.push_str("<w:br/>");
        }
        for (place, part) in line.split('\t').enumerate() {
            if place > 0 {
                out.push_str("<w:tab/>");
            }
            if !part.is_empty() {
                out.push_str("<w:t xml:space=\"preserve\">");
                out.push_str(&escape(part));
                out.push_str("</w:t>");
            }
        }
    }
    out
}

fn run(look: &str, content: &str) -> String {
    let look = if look.is_empty() { String::new() } else { format!("<w:rPr>{look}</w:rPr>") };
    format!("<w:r>{look}{}</w:r>", text(content))
}

fn paragraph(style: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{runs}</w:p>")
}

fn cell(width: f32, shade: Option<u32>, content: &str) -> String {
    let shade = shade.map(|c| format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{c:06X}\"/>")).unwrap_or_default();
    format!("<w:tc><w:tcPr><w:tcW w:w=\"{width:.0}\" w:type=\"dxa\"/>{shade}</w:tcPr>{content}</w:tc>")
}

fn table_head(widths: &[f32], lines: bool) -> String {
    let grid = widths.iter().fold(String::new(), |mut grid, w| {
        let _ = write!(grid, "<w:gridCol w:w=\"{w:.0}\"/>");
        grid
    });
    let borders = if lines {
        "<w:tblBorders><w:top w:val=\"single\" w:sz=\"4\" w:color=\"E2DEE2\"/><w:bottom w:val=\"single\" w:sz=\"4\" w:color=\"E2DEE2\"/>\
         <w:insideH w:val=\"single\" w:sz=\"4\" w:color=\"E2DEE2\"/></w:tblBorders>"
    } else {
        ""
    };
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{WIDTH:.0}\" w:type=\"dxa\"/>{borders}<w:tblLayout w:type=\"fixed\"/>\
         <w:tblCellMar><w:left w:w=\"40\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
    )
}

fn properties(report: &Report) -> String {
    let at = report.generated_at.format("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created></cp:coreProperties>",
        escape(&report.mission.name),
        escape(report.company.as_deref().unwrap_or("Tyrian")),
    )
}

fn footer(report: &Report) -> String {
    let mut words = vec![report.mission.name.as_str(), &report.mission.client];
    words.extend(report.classification.as_deref());
    let field = |code: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {code} </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let runs = format!("{}<w:r><w:tab/></w:r>{}{}{}", run("", &words.join(" · ")), field("PAGE"), run("", " / "), field("NUMPAGES"));
    format!("{XML}<w:ftr {NAMESPACES}>{}</w:ftr>", paragraph("Footer", &runs))
}

impl<W: Write + Seek> Docx<W> {
    fn put(&mut self, xml: &str) -> Result<()> {
        Ok(self.zip.write_all(xml.as_bytes())?)
    }

    fn spans(&mut self, spans: &[Span]) -> String {
        let mut out = String::new();
        for span in spans {
            let mut look = String::new();
            for (it, tag) in [(span.bold, "<w:b/>"), (span.italic, "<w:i/>"), (span.code, "<w:rStyle w:val=\"CodeChar\"/>")] {
                if it {
                    // a style stands before all else
                    if tag.contains("rStyle") { look.insert_str(0, tag) } else { look.push_str(tag) }
                }
            }
            match &span.link {
                Some(url) => {
                    let id = self.links.len();
                    self.links.push(url.clone());
                    look.push_str("<w:color w:val=\"7F1D67\"/><w:u w:val=\"single\"/>");
                    let _ = write!(out, "<w:hyperlink r:id=\"rIdLink{id}\">{}</w:hyperlink>", run(&look, &span.text));
                }
                None => out.push_str(&run(&look, &span.text)),
            }
        }
        out
    }

    fn picture(&mut self, thumbnail: &Thumbnail, name: &str) -> String {
        let id = self.pictures.len();
        self.pictures.push(Arc::clone(&thumbnail.jpeg));
        let width = u64::from(thumbnail.width.max(1));
        let shown = width.min(PICTURE);
        let (cx, cy) = (shown * EMU, u64::from(thumbnail.height) * shown / width * EMU);
        let name = escape(name);
        format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/><wp:docPr id=\"{0}\" name=\"{name}\" descr=\"{name}\"/>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"{0}\" name=\"{name}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"rIdPic{id}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>",
            id + 1
        )
    }
}

impl<W: Write + Seek> Paper for Docx<W> {
    fn cover(&mut self, report: &Report, facts: &[(&str, String)]) -> Result<()> {
        self.put(&paragraph("Subtitle", &run("", "Purple-team report")))?;
        self.put(&paragraph("Title", &run("", &report.mission.name)))?;
        self.facts(facts)?;
        // a word processor fills in the pages when the contents are updated
        self.put(&paragraph("TOCHeading", &run("", "Contents")))?;
        self.put("<w:p><w:pPr><w:pStyle w:val=\"TOC1\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-2\" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r></w:p>")?;
        let mut entries: Vec<(&str, &str, String)> = [
            ("scope", "Scope"),
            ("participants", "Participants"),
            ("summary", "Summary"),
            ("gaps", "Open gaps"),
            ("categories", "Findings by category"),
            ("tests", "Tests"),
        ]
        .map(|(anchor, name)| ("TOC1", name, anchor.to_owned()))
        .into();
        entries.extend(report.scenarios.iter().enumerate().map(|(place, s)| ("TOC2", s.name.as_str(), format!("scenario-{}", place + 1))));
        entries.push(("TOC1", "Appendix", "appendix".to_owned()));
        for (style, name, anchor) in entries {
            self.put(&paragraph(style, &format!("<w:hyperlink w:anchor=\"{anchor}\">{}</w:hyperlink>", run("", name))))?;
        }
        self.put("<w:p><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>")
    }

    fn heading(&mut self, level: u8, content: &str, anchor: &str) -> Result<()> {
        self.bookmarks += 1;
        let id = self.bookmarks;
        let runs = format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{anchor}\"/>{}<w:bookmarkEnd w:id=\"{id}\"/>", run("", content));
        self.put(&paragraph(&format!("Heading{level}"), &runs))
    }

    fn facts(&mut self, rows: &[(&str, String)]) -> Result<()> {
        let mut out = String::new();
        for (name, value) in rows {
            let runs = format!("{}<w:r><w:tab/></w:r>{}", run("<w:color w:val=\"554D56\"/>", name), run("", value));
            out.push_str(&paragraph("Fact", &runs));
        }
        self.put(&out)
    }

    fn label(&mut self, content: &str) -> Result<()> {
        self.put(&paragraph("Label", &run("", content)))
    }

    fn prose(&mut self, markdown: &str) -> Result<()> {
        for block in blocks(markdown) {
            let xml = match block {
                Block::Paragraph(spans) => paragraph("Normal", &self.spans(&spans)),
                Block::Heading(spans) => paragraph("Label", &self.spans(&spans)),
                Block::Item { depth, marker, spans } => {
                    let left = depth * 360;
                    let runs = self.spans(&spans);
                    format!(
                        "<w:p><w:pPr><w:pStyle w:val=\"Normal\"/><w:tabs><w:tab w:val=\"left\" w:pos=\"{left}\"/></w:tabs><w:ind w:left=\"{left}\" w:hanging=\"360\"/></w:pPr>{}<w:r><w:tab/></w:r>{runs}</w:p>",
                        run("", &marker)
                    )
                }
                Block::Code(code) => paragraph("Code", &run("", &code)),
                Block::Rule => paragraph("Normal", &run("", "———")),
            };
            self.put(&xml)?;
        }
        Ok(())
    }

    fn note(&mut self, content: &str) -> Result<()> {
        self.put(&paragraph("Note", &run("", content)))
    }

    fn code(&mut self, content: &str) -> Result<()> {
        self.put(&paragraph("Code", &run("", content.trim_end())))
    }

    fn table(&mut self, head: &[&str], widths: &[f32], rows: &mut dyn Iterator<Item = Vec<String>>) -> Result<()> {
        let widths: Vec<f32> = widths.iter().map(|w| w * WIDTH).collect();
        let mut out = table_head(&widths, true);
        out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        for (name, width) in head.iter().zip(&widths) {
            out.push_str(&cell(*width, None, &paragraph("Cell", &run("<w:b/>", name))));
        }
        out.push_str("</w:tr>");
        self.put(&out)?;
        for row in rows {
            let cells: String =
                row.iter().zip(&widths).map(|(content, width)| cell(*width, None, &paragraph("Cell", &run("", content)))).collect();
            self.put(&format!("<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"))?;
        }
        self.put("</w:tbl><w:p/>")
    }

    #[expect(clippy::cast_precision_loss, reason = "tactics are counted in tens")]
    fn heat_map(&mut self, columns: &[Column]) -> Result<()> {
        let mut legend = String::new();
        for o in Outcome::ALL {
            let s = scale::of(*o);
            let look =
                format!("<w:b/><w:color w:val=\"{:06X}\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{:06X}\"/>", s.on, s.fill);
            legend.push_str(&run(&look, &format!(" {} ", s.mark)));
            legend.push_str(&run("", &format!(" {}   ", s.label)));
        }
        self.put(&paragraph("Note", &legend))?;
        let widths = vec![WIDTH / columns.len() as f32; columns.len()];
        let mut out = table_head(&widths, false);
        let row = |content: &dyn Fn(&Column, f32) -> String| {
            let cells: String = columns.iter().zip(&widths).map(|(c, w)| content(c, *w)).collect();
            format!("<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
        };
        out.push_str(&row(&|c, w| cell(w, None, &paragraph("Map", &run("<w:b/>", &c.name)))));
        for place in 0..columns.iter().map(|c| c.cells.len()).max().unwrap_or_default() {
            out.push_str(&row(&|c, w| match c.cells.get(place) {
                Some(it) => {
                    let s = scale::of(it.outcome);
                    cell(
                        w,
                        Some(s.fill),
                        &paragraph("Map", &run(&format!("<w:color w:val=\"{:06X}\"/>", s.on), &format!("{} {}", it.id, s.mark))),
                    )
                }
                None => cell(w, None, &paragraph("Map", "")),
            }));
        }
        out.push_str("</w:tbl><w:p/>");
        self.put(&out)
    }

    fn bars(&mut self, bars: &[Bar]) -> Result<()> {
        let widths = [0.28 * WIDTH, 0.5 * WIDTH, 0.22 * WIDTH];
        let mut out = table_head(&widths, false);
        for bar in bars {
            let mut drawn = String::new();
            for (n, outcome) in bar.parts.iter().filter(|(n, _)| *n > 0) {
                let color = outcome.map_or(scale::ACCENT, |o| scale::of(o).fill);
                let blocks = (n * BLOCKS).div_ceil(bar.whole.max(1)).clamp(1, BLOCKS);
                drawn
                    .push_str(&run(&format!("<w:color w:val=\"{color:06X}\"/>"), &"█".repeat(usize::try_from(blocks).unwrap_or_default())));
            }
            let cells = [paragraph("Cell", &run("", &bar.label)), paragraph("Map", &drawn), paragraph("Cell", &run("", &bar.told))];
            let cells: String = cells.iter().zip(widths).map(|(content, width)| cell(width, None, content)).collect();
            let _ = write!(out, "<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>");
        }
        out.push_str("</w:tbl><w:p/>");
        self.put(&out)
    }

    fn evidence(&mut self, files: &[&Evidence]) -> Result<()> {
        for e in files {
            if let Some(thumbnail) = &e.thumbnail {
                let picture = self.picture(thumbnail, &e.file_name);
                self.put(&paragraph("Normal", &picture))?;
            }
            let caption = e.caption.as_deref().map(|c| format!("{c}\n")).unwrap_or_default();
            self.note(&format!("{caption}{}, {}, {}", e.file_name, e.side, bytes(e.size_bytes)))?;
        }
        Ok(())
    }
}
