//! HTML written as text, for what is too much for views: hundreds of cells with a closure each are one long task. Whatever
//! comes from data goes through here.

/// Adds a text, escaped for an element or a quoted attribute.
pub fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// Adds an attribute, its value escaped.
pub fn push_attribute(out: &mut String, name: &str, parts: &[&str]) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for part in parts {
        push_text(out, part);
    }
    out.push('"');
}
