//! The matrix of the catalogue, to browse and to choose from: each cell says how many templates use it.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use tyrian_api_types::catalogue::{Matrix, MatrixTechnique};

pub use crate::matrix::Picked;
use crate::matrix::{Cell, Column, MatrixGrid, Value};

fn value(uses: u64) -> Value {
    let code = match uses {
        0 => "unused",
        1 => "used",
        _ => "used-often",
    };
    Value { code: code.to_owned(), glyph: None, word: in_words(uses) }
}

fn in_words(uses: u64) -> String {
    match uses {
        0 => String::new(),
        1 => "1 template".to_owned(),
        n => t!("{n} templates"; n),
    }
}

fn cell(id: &str, name: &str, uses: &BTreeMap<String, u64>) -> Cell {
    let n = uses.get(id).copied().unwrap_or(0);
    let value = value(n);
    let label = value.word.clone();
    Cell { id: id.to_owned(), name: name.to_owned(), value: Some(value), count: (n > 0).then_some(n), label, ..Cell::default() }
}

/// The columns of the catalogue's matrix with the number of templates on each cell, by id.
pub fn columns(matrix: &Matrix, uses: &BTreeMap<String, u64>) -> Vec<Column> {
    let technique = |technique: &MatrixTechnique| Cell {
        subs: technique.subtechniques.iter().map(|sub| cell(&sub.external_id, &sub.name, uses)).collect(),
        ..cell(&technique.external_id, &technique.name, uses)
    };
    let tactics = matrix.tactics.iter().map(|tactic| Column {
        id: tactic.external_id.clone(),
        name: tactic.name.clone(),
        share: None,
        cells: tactic.techniques.iter().map(technique).collect(),
    });
    tactics.collect()
}

/// The matrix.
#[component]
pub fn MatrixView(
    /// what it shows
    matrix: Matrix,
    /// leaves the cells whose id or name holds this
    #[prop(into)]
    query: Signal<String>,
    /// all subtechniques are in sight
    #[prop(optional, into)]
    unfold_all: Signal<bool>,
    /// which are chosen, by id
    #[prop(into)]
    on: Signal<BTreeSet<String>>,
    /// numbers on the cells, by id
    #[prop(optional, into)]
    uses: Signal<BTreeMap<String, u64>>,
    /// the heading of a column can be chosen too
    #[prop(optional)]
    pick_tactics: bool,
    /// takes what was chosen
    #[prop(into)]
    on_pick: Callback<Picked>,
) -> impl IntoView {
    let columns = Memo::new(move |_| uses.with(|uses| columns(&matrix, uses)));
    view! {
        <MatrixGrid columns=columns label=t!("Techniques by tactic") wide=true query=query unfold_all=unfold_all on=on pick_columns=pick_tactics on_pick=on_pick/>
    }
}

#[cfg(test)]
mod tests {
    use tyrian_api_types::catalogue::{MatrixSubtechnique, MatrixTactic};

    use super::*;

    #[test]
    fn a_cell_says_how_many_templates_use_it() {
        let sub = MatrixSubtechnique { external_id: "T1059.001".into(), name: "PowerShell".into() };
        let technique = MatrixTechnique { external_id: "T1059".into(), name: "Interpreter".into(), subtechniques: vec![sub] };
        let tactic = MatrixTactic {
            external_id: "TA0002".into(),
            short_name: "execution".into(),
            name: "Execution".into(),
            techniques: vec![technique],
        };
        let matrix = Matrix { domain: "enterprise".into(), version: None, tactics: vec![tactic] };
        let columns = columns(&matrix, &BTreeMap::from([("T1059".to_owned(), 3)]));
        let cell = &columns[0].cells[0];
        assert_eq!((cell.count, cell.label.as_str(), cell.subs[0].count), (Some(3), "3 templates", None));
        assert_eq!(cell.value.as_ref().map(|value| value.code.as_str()), Some("used-often"));
    }
}
