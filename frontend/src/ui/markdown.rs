//! Markdown made safe: raw HTML is shown as text, addresses are http, https or mailto, images become links.

use std::ops::Range;

use leptos::prelude::*;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

/// Is this an address that a reader may be sent to? Anything else (`javascript:`, `data:`, an unknown scheme) is not.
fn is_safe(url: &str) -> bool {
    // What a browser would skip must not hide a scheme: control characters and white space are not allowed at all.
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return false;
    }
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("mailto:") {
        return true;
    }
    // A path, a query or a fragment has no scheme: no colon before the first slash.
    !url.starts_with("//") && lower.split(['/', '?', '#']).next().is_some_and(|head| !head.contains(':'))
}

fn safe_url(url: CowStr<'_>) -> CowStr<'_> {
    if is_safe(&url) { url } else { CowStr::Borrowed("#") }
}

fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        // Raw HTML is text: shown, never run.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe_url(dest_url), title, id })
        }
        // An image would tell a foreign server who reads; its text becomes a link instead.
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: safe_url(dest_url), title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    }
}

/// A heading becomes a bold paragraph: the outline of the page belongs to the page, whatever stands in a text.
fn plain_headings(event: Event<'_>) -> (Event<'_>, Option<Event<'_>>) {
    match event {
        Event::Start(Tag::Heading { .. }) => (Event::Start(Tag::Paragraph), Some(Event::Start(Tag::Strong))),
        Event::End(TagEnd::Heading(_)) => (Event::End(TagEnd::Strong), Some(Event::End(TagEnd::Paragraph))),
        other => (other, None),
    }
}

/// Markdown as HTML that holds nothing but text, structure and safe links.
pub fn markdown_to_html(source: &str) -> String {
    marked_markdown(source, &|_| Vec::new())
}

/// As [`markdown_to_html`], with the parts set off that `marks` finds in its plain text: byte ranges in their order.
pub fn marked_markdown(source: &str, marks: &dyn Fn(&str) -> Vec<Range<usize>>) -> String {
    let parser = Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut out = String::with_capacity(source.len() * 2);
    let tamed = parser.flat_map(|event| {
        let (first, second) = plain_headings(event);
        std::iter::once(tame(first)).chain(second)
    });
    // Code says what it says: nobody is meant in it.
    let mut in_code = false;
    html::push_html(
        &mut out,
        TextMergeStream::new(tamed).flat_map(|event| {
            match &event {
                Event::Start(Tag::CodeBlock(_)) => in_code = true,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                _ => {}
            }
            match event {
                Event::Text(text) if !in_code => set_off(&text, &marks(&text)),
                other => vec![other],
            }
        }),
    );
    out
}

/// A text with these parts of it set off. What is put around them is the only HTML that does not come from the renderer.
fn set_off<'a>(text: &str, marks: &[Range<usize>]) -> Vec<Event<'a>> {
    let plain = |range: Range<usize>| text.get(range).filter(|part| !part.is_empty()).map(|part| Event::Text(part.to_owned().into()));
    let mut events = Vec::new();
    let mut from = 0;
    for mark in marks.iter().filter(|mark| text.get((*mark).clone()).is_some()) {
        if mark.start < from {
            continue;
        }
        events.extend(plain(from..mark.start));
        events.push(Event::InlineHtml("<span class=\"mention\">".into()));
        events.extend(plain(mark.clone()));
        events.push(Event::InlineHtml("</span>".into()));
        from = mark.end;
    }
    events.extend(plain(from..text.len()));
    events
}

/// A Markdown text.
#[component]
pub fn Markdown(
    /// the source
    #[prop(into)]
    text: Signal<String>,
    /// finds what is to be set off in its plain text
    #[prop(optional, into)]
    marks: Option<Callback<String, Vec<Range<usize>>>>,
) -> impl IntoView {
    let html = move || match marks {
        Some(marks) => marked_markdown(&text.read(), &|text| marks.run(text.to_owned())),
        None => markdown_to_html(&text.read()),
    };
    view! { <div class="prose" inner_html=html></div> }
}

#[cfg(test)]
mod tests {
    use super::{markdown_to_html, marked_markdown};

    #[test]
    fn raw_html_is_shown_as_text() {
        for source in ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<div onclick=\"x()\">\n\nhi\n\n</div>"] {
            let html = markdown_to_html(source);
            assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<div"), "{html}");
        }
    }

    #[test]
    fn only_safe_addresses_stay() {
        for bad in
            ["javascript:alert(1)", "JaVaScript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "jav\tascript:alert(1)"]
        {
            let html = markdown_to_html(&format!("[x](<{bad}>)"));
            assert!(
                !html.contains("href=\"j")
                    && !html.to_lowercase().contains("script:")
                    && !html.contains("data:")
                    && !html.contains("//evil"),
                "{bad}: {html}"
            );
        }
        assert!(markdown_to_html("[x](https://attack.mitre.org)").contains("href=\"https://attack.mitre.org\""));
        assert!(markdown_to_html("[x](/missions?q=a:b)").contains("href=\"/missions?q=a:b\""));
    }

    #[test]
    fn nothing_in_a_text_runs_or_loads_anything() {
        for source in [
            "<svg onload=alert(1)>",
            "<iframe src=\"https://evil.example\"></iframe>",
            "<style>*{background:url(https://evil.example/x)}</style>",
            "![x](https://evil.example/a.png \"t\")",
            "[![x](https://evil.example/a.png)](javascript:alert(1))",
            "![x][1]\n\n[1]: javascript:alert(1)",
            "<https://evil.example/a.png>",
            "[x](data:image/svg+xml;base64,AAAA)",
            "[x](\u{1}javascript:alert(1))",
            "[a](https://x.example/\"onmouseover=alert(1))",
            "`<img src=x onerror=alert(1)>`",
            "```\"><script>alert(1)</script>\nx\n```",
        ] {
            let html = markdown_to_html(source);
            // what stands between < and > is all that a browser takes for more than text
            for tag in html.split('<').skip(1).map(|part| part.split('>').next().unwrap_or(part)) {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(["p", "a", "code", "pre", "strong", "br"].contains(&name), "{source}: {html}");
                let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
                let plain = attributes.is_empty() || attributes.starts_with("href=\"") || attributes.starts_with("class=\"language-");
                assert!(plain && !attributes.contains("\" on"), "{source}: {html}");
                let address = attributes.strip_prefix("href=\"").unwrap_or("https://");
                assert!(["https://", "#"].iter().any(|start| address.starts_with(start)), "{source}: {html}");
            }
        }
    }

    #[test]
    fn marks_set_off_text_and_never_open_a_way_for_html() {
        let at = |text: &str| text.match_indices("@Ada").map(|(at, found)| at..at + found.len()).collect::<Vec<_>>();
        assert_eq!(
            marked_markdown("Hi @Ada, **@Ada**", &at),
            "<p>Hi <span class=\"mention\">@Ada</span>, <strong><span class=\"mention\">@Ada</span></strong></p>\n"
        );
        assert_eq!(marked_markdown("`@Ada`", &at), "<p><code>@Ada</code></p>\n");
        let html = marked_markdown("@Ada<script>alert(1)</script>", &at);
        assert!(!html.contains("<script"), "{html}");
        // a name with signs of Markdown in it is found in what the reader sees
        let odd = |text: &str| text.find("@A&B").map(|at| at..at + 4).into_iter().collect::<Vec<_>>();
        assert!(marked_markdown("x @A&B y", &odd).contains("<span class=\"mention\">@A&amp;B</span>"));
        // ranges that do not fit are left out
        assert_eq!(marked_markdown("é", &|_| vec![0..1, 5..9]), "<p>é</p>\n");
    }

    #[test]
    fn a_heading_is_a_bold_paragraph() {
        assert_eq!(markdown_to_html("# Title"), "<p><strong>Title</strong></p>\n");
    }

    #[test]
    fn an_image_becomes_a_link_with_its_text() {
        let html = markdown_to_html("![screen](https://x.example/a.png)");
        assert!(html.contains("<a href=\"https://x.example/a.png\">screen</a>"), "{html}");
    }
}
