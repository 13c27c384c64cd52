//! The cells of a column as HTML. Pure: everything that comes from data is escaped.

use std::collections::BTreeSet;

use super::{Cell, Change, Column, hit, technique_hit};
use crate::html::{push_attribute, push_text};

/// How many techniques out of scope a column names before “n more”.
const OFF: usize = 9;

/// What decides which cells are in sight.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sight {
    /// only what holds this, in lower case
    pub query: String,
    /// all subtechniques
    pub unfold_all: bool,
    /// subtechniques of these, by key
    pub unfolded: BTreeSet<String>,
    /// all that is out of scope, by column
    pub widened: BTreeSet<String>,
}

/// The key of a cell: a technique stands in several columns.
pub fn key(column: &str, id: &str) -> String {
    format!("{column}/{id}")
}

/// The key of the button that widens a column.
pub const MORE: &str = "more";

/// The rows of a column that are in sight, one element each.
pub fn rows(column: &Column, sight: &Sight) -> Vec<String> {
    let mut rows = Vec::with_capacity(column.cells.len());
    let mut off = Vec::new();
    for cell in column.cells.iter().filter(|cell| technique_hit(&sight.query, cell)) {
        if cell.value.is_none() {
            off.push(cell);
            continue;
        }
        let own = key(&column.id, &cell.id);
        let found = |sub: &&Cell| hit(&sight.query, sub);
        // What a search found under a technique is shown under it.
        let by_search = !sight.query.is_empty() && cell.subs.iter().any(|sub| found(&sub));
        let open = by_search || sight.unfold_all || sight.unfolded.contains(&own);
        rows.push(technique_row(&own, cell, open));
        if open {
            rows.extend(cell.subs.iter().filter(found).map(|sub| sub_row(&key(&column.id, &sub.id), sub)));
        }
    }
    let wide = sight.widened.contains(&column.id) || !sight.query.is_empty();
    // “1 more” would take the room of the one.
    let shown = if wide || off.len() <= OFF + 1 { off.len() } else { OFF };
    rows.extend(off.iter().take(shown).map(|cell| off_row(cell)));
    let (hidden, widened) = (off.len() - shown, sight.widened.contains(&column.id) && sight.query.is_empty());
    if hidden > 0 || widened {
        rows.push(more_row(column, hidden, widened));
    }
    rows
}

/// Bytes that most rows need.
const ROW: usize = 640;

fn technique_row(key: &str, cell: &Cell, open: bool) -> String {
    let mut row = String::with_capacity(ROW);
    let out = &mut row;
    out.push_str("<div class=\"mrow\">");
    push_cell(out, key, cell, "cell");
    if !cell.subs.is_empty() {
        let n = cell.subs.len().to_string();
        let label = [t!("Subtechniques of "), &cell.id, " ", &cell.name, ", ", &n];
        out.push_str("<button class=\"cell__more\" type=\"button\" tabindex=\"-1\"");
        push_attribute(out, "data-for", &[key]);
        push_attribute(out, "data-lv", &[cell.value.as_ref().map_or("", |value| &value.code)]);
        push_attribute(out, "aria-label", &label);
        push_attribute(out, "title", &label);
        push_attribute(out, "aria-expanded", &[if open { "true" } else { "false" }]);
        out.push('>');
        out.push_str(&n);
        out.push_str("<svg class=\"i i--12\" aria-hidden=\"true\"><use href=\"#i-chevron-down\"></use></svg></button>");
    }
    out.push_str("</div>");
    row
}

fn sub_row(key: &str, cell: &Cell) -> String {
    let mut row = String::with_capacity(ROW);
    row.push_str("<div class=\"mrow mrow--sub\">");
    push_cell(&mut row, key, cell, "cell cell--sub");
    row.push_str("</div>");
    row
}

/// Id, name and what is said of it.
fn label(cell: &Cell) -> [&str; 5] {
    [&cell.id, " ", &cell.name, if cell.label.is_empty() { "" } else { ", " }, &cell.label]
}

/// A link where it leads somewhere, else a button.
fn push_cell(out: &mut String, key: &str, cell: &Cell, class: &str) {
    let label = label(cell);
    match &cell.href {
        Some(href) => {
            out.push_str("<a");
            push_attribute(out, "href", &[href]);
        }
        None => out.push_str("<button type=\"button\""),
    }
    push_attribute(out, "class", &[class]);
    push_attribute(out, "data-key", &[key]);
    push_attribute(out, "data-lv", &[cell.value.as_ref().map_or("", |value| &value.code)]);
    push_attribute(out, "aria-label", &label);
    push_attribute(out, "title", &label);
    out.push_str(" tabindex=\"-1\"><span class=\"cell__top\"><span>");
    match cell.id.split_once('.') {
        Some((of, sub)) => {
            out.push_str("<span class=\"cell__of\">");
            push_text(out, of);
            out.push_str("</span>.");
            push_text(out, sub);
        }
        None => push_text(out, &cell.id),
    }
    out.push_str("</span>");
    if let Some(n) = cell.count {
        out.push_str("<span class=\"cell__n\">");
        out.push_str(&n.to_string());
        out.push_str("</span>");
    }
    push_marks(out, cell);
    out.push_str("</span><span class=\"cell__name\">");
    push_text(out, &cell.name);
    out.push_str(if cell.href.is_some() { "</span></a>" } else { "</span></button>" });
}

fn push_marks(out: &mut String, cell: &Cell) {
    let glyph = cell.value.as_ref().and_then(|value| value.glyph.as_ref());
    if glyph.is_none() && cell.change.is_none() {
        return;
    }
    out.push_str("<span class=\"cell__marks\">");
    if let Some(change) = cell.change {
        out.push_str("<svg class=\"g g--delta\" viewBox=\"0 0 8 8\" aria-hidden=\"true\"><path fill=\"currentColor\" d=\"");
        out.push_str(arrow(change));
        out.push_str("\"></path></svg>");
    }
    if let Some(glyph) = glyph {
        out.push_str("<svg class=\"g\" aria-hidden=\"true\"><use");
        push_attribute(out, "href", &["#g-", glyph]);
        out.push_str("></use></svg>");
    }
    out.push_str("</span>");
}

/// The mark of a change in a box of 8.
pub fn arrow(change: Change) -> &'static str {
    match change {
        Change::Better => "M4 1l3.2 5.6H.8z",
        Change::Worse => "M4 7L.8 1.4h6.4z",
    }
}

fn off_row(cell: &Cell) -> String {
    let mut row = String::from("<span class=\"cell cell--off\"");
    push_attribute(&mut row, "title", &label(cell));
    row.push('>');
    push_text(&mut row, &cell.name);
    row.push_str("</span>");
    row
}

fn more_row(column: &Column, hidden: usize, widened: bool) -> String {
    let mut row = String::from("<div class=\"mrow\"><button class=\"cell cell--more\" type=\"button\" tabindex=\"-1\"");
    push_attribute(&mut row, "data-key", &[&column.id, "/", MORE]);
    push_attribute(&mut row, "aria-expanded", &[if widened { "true" } else { "false" }]);
    row.push('>');
    if widened {
        row.push_str("fewer");
    } else {
        row.push_str(&hidden.to_string());
        row.push_str(" more");
    }
    row.push_str("<span class=\"sr\"> in ");
    push_text(&mut row, &column.name);
    row.push_str("</span></button></div>");
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::tests::technique;

    fn column() -> Column {
        let mut cells = vec![technique("T1059", "Interpreter", &[("T1059.001", "PowerShell"), ("T1059.003", "Shell")])];
        let off = (0..12).map(|n| Cell { value: None, ..technique(&format!("T200{n}"), &format!("Off <{n}>"), &[]) });
        cells.extend(off);
        Column { id: "TA0002".into(), name: "Execution".into(), cells, ..Column::default() }
    }

    fn all(sight: &Sight) -> String {
        rows(&column(), sight).concat()
    }

    fn count(html: &str, what: &str) -> usize {
        html.matches(what).count()
    }

    #[test]
    fn subtechniques_are_in_sight_where_they_are_unfolded_or_found() {
        let subs = |sight: Sight| count(&all(&sight), "cell--sub");
        assert_eq!(subs(Sight::default()), 0);
        assert_eq!(subs(Sight { unfolded: BTreeSet::from(["TA0002/T1059".to_owned()]), ..Sight::default() }), 2);
        assert_eq!(subs(Sight { unfold_all: true, ..Sight::default() }), 2);
        assert_eq!(subs(Sight { query: "powershell".into(), ..Sight::default() }), 1);
    }

    #[test]
    fn nine_out_of_scope_are_named_and_the_rest_counted() {
        let html = all(&Sight::default());
        assert_eq!(count(&html, "cell--off"), 9);
        assert!(html.contains("3 more<span class=\"sr\"> in Execution"), "{html}");
        let html = all(&Sight { widened: BTreeSet::from(["TA0002".to_owned()]), ..Sight::default() });
        assert_eq!(count(&html, "cell--off"), 12);
        assert!(html.contains("fewer"), "{html}");
    }

    #[test]
    fn names_are_text() {
        let html = all(&Sight::default());
        assert!(html.contains("Off &lt;0&gt;") && !html.contains("Off <"), "{html}");
        let odd = Cell { href: Some("/x?a=\"b\"&c".into()), change: Some(Change::Worse), ..technique("T1", "a\"b", &[]) };
        let mut html = String::new();
        push_cell(&mut html, "k", &odd, "cell");
        assert!(html.starts_with("<a href=\"/x?a=&quot;b&quot;&amp;c\"") && html.ends_with("</a>"), "{html}");
        assert!(html.contains("aria-label=\"T1 a&quot;b\"") && html.contains("g--delta"), "{html}");
    }
}
