//! Markdown made safe: raw HTML is shown as text, addresses are http, https or mailto, images become links.

use leptos::prelude::*;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

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
    let parser = Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut out = String::with_capacity(source.len() * 2);
    html::push_html(
        &mut out,
        parser.flat_map(|event| {
            let (first, second) = plain_headings(event);
            std::iter::once(tame(first)).chain(second)
        }),
    );
    out
}

/// A Markdown text.
#[component]
pub fn Markdown(
    /// the source
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <div class="prose" inner_html=move || markdown_to_html(&text.read())></div> }
}

#[cfg(test)]
mod tests {
    use super::markdown_to_html;

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
    fn a_heading_is_a_bold_paragraph() {
        assert_eq!(markdown_to_html("# Title"), "<p><strong>Title</strong></p>\n");
    }

    #[test]
    fn an_image_becomes_a_link_with_its_text() {
        let html = markdown_to_html("![screen](https://x.example/a.png)");
        assert!(html.contains("<a href=\"https://x.example/a.png\">screen</a>"), "{html}");
    }
}
