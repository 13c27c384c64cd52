//! The ATT&CK matrix as a picture: tactics as columns, techniques as cells, subtechniques unfolding under them.
//!
//! It knows only what a cell says: who shows a matrix gives columns and cells, and learns which cell was picked or is read.
//! A cell is plain HTML, drawn a few columns at a time (`html`, `paint`), and one listener of each kind on the whole hears all
//! of them (`grid`): seven hundred cells cost no closure and no long task. One tab stop: `walk` is what the arrow keys do.

mod grid;
mod html;
mod paint;
mod readout;
mod walk;

pub use grid::MatrixGrid;
pub use readout::{Legend, Readout, Swatch};

/// A value that a cell can have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// `data-lv`: what gives its colour
    pub code: String,
    /// its glyph, the part after `g-` in the sprite; none where a number says it
    pub glyph: Option<String>,
    /// its word
    pub word: String,
}

impl Value {
    /// A value that looks like a step of the ramp of detection levels.
    pub fn of_level(code: &str, word: impl Into<String>) -> Self {
        Self { code: code.to_owned(), glyph: Some(format!("lv-{code}")), word: word.into() }
    }
}

/// What became of a cell since last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// better for the defenders
    Better,
    /// worse for the defenders
    Worse,
}

/// A technique or subtechnique.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// `T1059`, `T1059.001`
    pub id: String,
    /// its name
    pub name: String,
    /// what it says; none: out of scope, a grey name
    pub value: Option<Value>,
    /// a number after the id
    pub count: Option<u64>,
    /// since last time
    pub change: Option<Change>,
    /// what follows id and name when it is spoken: `None, 3 tests`
    pub label: String,
    /// where it leads; a cell without one is picked
    pub href: Option<String>,
    /// what lies behind it: each with its value
    pub parts: Vec<(Value, String)>,
    /// the word on the way to them: `Open 3 tests`
    pub open: Option<String>,
    /// what it was last time: `was General`
    pub was: Option<String>,
    /// its subtechniques
    pub subs: Vec<Cell>,
}

/// What the head of a column says of its tests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Share {
    /// `71 %`
    pub text: String,
    /// of how many: `5/7`
    pub base: String,
    /// both in words
    pub title: String,
    /// the strip: `data-lv` and how many
    pub parts: Vec<(String, u64)>,
}

/// A tactic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// `TA0002`
    pub id: String,
    /// its name
    pub name: String,
    /// what its head says; none: how many techniques it has
    pub share: Option<Share>,
    /// its techniques, those out of scope last
    pub cells: Vec<Cell>,
}

impl Column {
    /// The cell of this id, a subtechnique too.
    pub fn find(&self, id: &str) -> Option<&Cell> {
        self.cells.iter().flat_map(|cell| std::iter::once(cell).chain(&cell.subs)).find(|cell| cell.id == id)
    }
}

/// What was picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// `TA0002`, `T1059`, `T1059.001`
    pub external_id: String,
    /// its name
    pub name: String,
}

fn hit(query: &str, cell: &Cell) -> bool {
    query.is_empty() || cell.id.to_lowercase().starts_with(query) || cell.name.to_lowercase().contains(query)
}

/// Does a search, in lower case, leave this technique: by itself or by one of its subtechniques?
fn technique_hit(query: &str, cell: &Cell) -> bool {
    hit(query, cell) || cell.subs.iter().any(|sub| hit(query, sub))
}

/// How many techniques and subtechniques a search would leave.
pub fn count_hits(columns: &[Column], query: &str) -> usize {
    let query = query.trim().to_lowercase();
    let cells = columns.iter().flat_map(|column| &column.cells).flat_map(|cell| std::iter::once(cell).chain(&cell.subs));
    cells.filter(|cell| hit(&query, cell)).map(|cell| cell.id.as_str()).collect::<std::collections::BTreeSet<_>>().len()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn technique(id: &str, name: &str, subs: &[(&str, &str)]) -> Cell {
        let sub = |(id, name): &(&str, &str)| technique(id, name, &[]);
        Cell {
            id: id.into(),
            name: name.into(),
            value: Some(Value::of_level("none", "None")),
            subs: subs.iter().map(sub).collect(),
            ..Cell::default()
        }
    }

    fn interpreter() -> Cell {
        technique("T1059", "Command and Scripting Interpreter", &[("T1059.001", "PowerShell")])
    }

    #[test]
    fn a_technique_is_found_by_its_subtechniques_too() {
        for query in ["", "t1059", "script", "powershell", "t1059.001"] {
            assert!(technique_hit(query, &interpreter()), "{query}");
        }
        assert!(!technique_hit("kerberos", &interpreter()));
    }

    #[test]
    fn a_technique_in_two_tactics_counts_once() {
        let column = |id: &str| Column { id: id.into(), cells: vec![interpreter()], ..Column::default() };
        let columns = [column("TA0001"), column("TA0002")];
        assert_eq!(count_hits(&columns, "T1059"), 2);
        assert_eq!(count_hits(&columns, "PowerShell"), 1);
        assert_eq!(columns[0].find("T1059.001").map(|cell| cell.name.as_str()), Some("PowerShell"));
    }
}
