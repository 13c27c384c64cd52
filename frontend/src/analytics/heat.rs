//! The matrix of all missions: each technique by its last outcome, in the columns of today's catalogue.

use std::collections::BTreeMap;

use leptos::prelude::*;
use tyrian_api_types::analytics::{CoverageAnswer, Period, TechniqueCoverage};
use tyrian_api_types::catalogue::{Matrix, MatrixTechnique};
use tyrian_domain::synthesis::{percent, share};
use tyrian_domain::test::Outcome;

use super::filter::Filter;
use super::outcome::{JUDGED, word};
use crate::attack::queries::use_matrix;
use crate::matrix::{Cell, Change, Column, Legend, MatrixGrid, Readout, Share, Value};
use crate::missions::Url;
use crate::ui::{Seg, count, outcome_look};

/// What `?show=` says for the whole catalogue.
const ALL: &str = "all";

fn value(outcome: Outcome) -> Value {
    Value::of_level(outcome_look(outcome), word(outcome))
}

/// What the cells are made of.
struct Sources<'a> {
    /// the techniques of the missions, each with its subtechniques, by the technique's id
    families: BTreeMap<&'a str, Vec<&'a TechniqueCoverage>>,
    /// where a technique leads
    href: &'a dyn Fn(&str) -> String,
}

impl<'a> Sources<'a> {
    fn new(answer: &'a CoverageAnswer, href: &'a dyn Fn(&str) -> String) -> Self {
        let mut families: BTreeMap<&str, Vec<&TechniqueCoverage>> = BTreeMap::new();
        for row in &answer.techniques {
            families.entry(row.parent_external_id.as_deref().unwrap_or(&row.external_id)).or_default().push(row);
        }
        Self { families, href }
    }

    /// A cell that speaks for these: the gravest of their last outcomes.
    fn cell(&self, id: &str, name: &str, rows: &[&TechniqueCoverage]) -> Cell {
        let last = rows.iter().map(|row| row.last_outcome).min_by_key(|outcome| outcome.gravity()).unwrap_or(Outcome::NotAssessed);
        let tests: u64 = rows.iter().map(|row| row.counts.tests).sum();
        let before = rows.iter().filter_map(|row| row.previous_outcome).min_by_key(|outcome| outcome.gravity());
        let change = before.filter(|_| last != Outcome::NotAssessed).and_then(|before| match last.gravity().cmp(&before.gravity()) {
            std::cmp::Ordering::Greater => Some(Change::Better),
            std::cmp::Ordering::Less => Some(Change::Worse),
            std::cmp::Ordering::Equal => None,
        });
        let label = t!("{}, {} in all", word(last), count(tests, "test", "tests"));
        let parts = rows.iter().map(|row| (value(row.last_outcome), t!("{} in {}", row.external_id, row.last_mission.name)));
        Cell {
            id: id.to_owned(),
            name: name.to_owned(),
            value: Some(value(last)),
            change,
            label,
            href: Some((self.href)(id)),
            parts: parts.collect(),
            open: Some(t!("Open its history").to_owned()),
            was: before.map(|before| t!("was {}", word(before))),
            ..Cell::default()
        }
    }

    fn technique(&self, id: &str, name: &str) -> Option<Cell> {
        let rows = self.families.get(id)?;
        let subs = rows.iter().filter(|row| row.external_id != id).map(|row| self.cell(&row.external_id, &row.name, &[row]));
        Some(Cell { subs: subs.collect(), ..self.cell(id, name, rows) })
    }

    /// What a column's head says: of its techniques and subtechniques that were assessed, those that are covered.
    fn share(&self, ids: &[&str]) -> Share {
        let rows = || ids.iter().filter_map(|id| self.families.get(id)).flatten();
        let n = |of: &dyn Fn(Outcome) -> bool| rows().map(|row| u64::from(of(row.last_outcome))).sum::<u64>();
        let (all, assessed) = (n(&|_| true), n(&|outcome| outcome != Outcome::NotAssessed));
        let covered = n(&|outcome| matches!(outcome, Outcome::Alerted | Outcome::Prevented));
        let text = percent(share(covered, assessed));
        Share {
            base: format!("{covered}/{assessed}"),
            title: t!("{covered} of {assessed} assessed techniques were alerted or prevented, {text}; {all} were tested"; covered, assessed, text, all),
            parts: JUDGED
                .iter()
                .map(|outcome| (outcome_look(*outcome).to_owned(), n(&|one| one == *outcome)))
                .filter(|part| part.1 > 0)
                .collect(),
            text,
        }
    }
}

/// The columns of the catalogue; with all, what no mission tests stands in grey. What the catalogue has no more comes last.
fn columns(matrix: &Matrix, answer: &CoverageAnswer, href: &dyn Fn(&str) -> String, all: bool) -> Vec<Column> {
    let of = Sources::new(answer, href);
    let off = |one: &MatrixTechnique| Cell {
        id: one.external_id.clone(),
        name: one.name.clone(),
        label: t!("not tested").to_owned(),
        ..Cell::default()
    };
    let column = |id: &str, name: &str, techniques: &[(&str, &str)], off: Vec<Cell>| {
        let mut cells: Vec<Cell> = techniques.iter().filter_map(|(id, name)| of.technique(id, name)).collect();
        let ids: Vec<&str> = techniques.iter().map(|technique| technique.0).collect();
        cells.extend(off);
        Column { id: id.to_owned(), name: name.to_owned(), share: Some(of.share(&ids)), cells }
    };
    let known = |id: &str| of.families.contains_key(id);
    let mut columns: Vec<Column> = matrix
        .tactics
        .iter()
        .map(|tactic| {
            let techniques: Vec<_> = tactic.techniques.iter().map(|one| (one.external_id.as_str(), one.name.as_str())).collect();
            let off = tactic.techniques.iter().filter(|one| all && !known(&one.external_id)).map(off).collect();
            column(&tactic.external_id, &tactic.name, &techniques, off)
        })
        .collect();
    let today: std::collections::BTreeSet<&str> =
        matrix.tactics.iter().flat_map(|tactic| &tactic.techniques).map(|one| one.external_id.as_str()).collect();
    let gone: Vec<(&str, &str)> = of
        .families
        .iter()
        .filter(|(id, _)| !today.contains(*id))
        .map(|(id, rows)| (*id, rows.first().map_or("", |row| row.name.as_str())))
        .collect();
    if !gone.is_empty() {
        columns.push(column("gone", t!("Not in ATT&CK today"), &gone, Vec::new()));
    }
    columns
}

/// The card.
#[component]
pub fn HeatCard(
    /// the techniques by their last outcome
    answer: CoverageAnswer,
    /// the page's URL
    url: Url,
    /// which missions
    filter: Memo<Filter>,
    /// how long a step is, for the links
    by: Memo<Period>,
) -> impl IntoView {
    let show = url.param("show");
    let all = Memo::new(move |_| show.with(|show| show.as_deref() == Some(ALL)));
    let shown = RwSignal::new(String::new());
    Effect::new(move |_| shown.set(if all.get() { ALL.to_owned() } else { String::new() }));
    let matrix = use_matrix();
    let cells = Memo::new(move |_| {
        let href = |id: &str| filter.with(|filter| filter.technique_href(by.get(), id));
        matrix.data.with(|matrix| matrix.as_ref().map(|matrix| columns(matrix, &answer, &href, all.get()))).unwrap_or_default()
    });
    let told = RwSignal::new(None);
    let sizes = vec![(String::new(), t!("In scope").to_owned()), (ALL.to_owned(), t!("All").to_owned())];
    let legend = JUDGED.into_iter().map(value).chain([value(Outcome::NotAssessed)]).collect::<Vec<_>>();
    view! {
        <section class="card" aria-label=t!("Coverage of ATT&CK")>
            <div class="card__head heat__head">
                <h2>{t!("Coverage of ATT&CK")}</h2>
                <span class="small muted hide-md">{t!("Each technique by its last outcome, over all missions that you may see.")}</span>
                <span class="push row row--wrap heat__tools">
                    <Seg value=shown label=t!("Techniques shown") options=Signal::stored(sizes) on_change=move |to: String| url.push(&[("show", Some(to).filter(|to| !to.is_empty()))])/>
                </span>
            </div>
            <div class="heat__body">
                <Legend values=Signal::stored(legend) changes=Signal::stored(true)/>
                <Readout told=told hint=t!("Point at a cell, or walk over them with the arrow keys, to read what was last seen. Enter or a click opens its history.")/>
                <div class="matrix-box"><MatrixGrid columns=cells label=t!("ATT&CK matrix of all missions") told=told/></div>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn technique(id: &str, last: &str, previous: Option<&str>) -> serde_json::Value {
        let mission =
            json!({"id": "00000000-0000-0000-0000-000000000000", "name": "M", "client": "C", "status": "completed", "day": "2026-01-01"});
        json!({
            "external_id": id, "parent_external_id": id.split_once('.').map(|(parent, _)| parent), "name": format!("Name of {id}"),
            "last_outcome": last, "last_mission": mission, "previous_outcome": previous, "by_client": [], "missions": 1,
            "tests": 1, "assessed": u8::from(last != "not_assessed"), "logged": 0, "alerted": 0, "prevented": 0, "covered": 0,
        })
    }

    #[test]
    fn a_cell_takes_the_gravest_of_its_family_and_what_the_catalogue_lost_comes_last() {
        let matrix: Matrix = serde_json::from_value(json!({"domain": "enterprise", "version": null, "tactics": [{
            "external_id": "TA0002", "short_name": "execution", "name": "Execution",
            "techniques": [
                {"external_id": "T1059", "name": "Interpreter", "subtechniques": []},
                {"external_id": "T1047", "name": "WMI", "subtechniques": []},
            ],
        }]}))
        .unwrap();
        let answer: CoverageAnswer = serde_json::from_value(json!({
            "missions": 1, "clients": ["C"],
            "coverage": {"techniques": 4, "assessed": 3, "logged": 0, "detected": 0, "prevented": 0, "covered": 0, "ratio": 0.0, "tests_without": 0},
            "techniques": [
                technique("T1059", "prevented", None),
                technique("T1059.001", "missed", Some("alerted")),
                technique("T1059.003", "not_assessed", None),
                technique("T1086", "alerted", Some("missed")),
            ],
        }))
        .unwrap();
        let href = |id: &str| format!("/t/{id}");
        let drawn = columns(&matrix, &answer, &href, false);
        assert_eq!(drawn.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["Execution", "Not in ATT&CK today"]);
        let [execution, gone] = drawn.as_slice() else { panic!("{drawn:?}") };
        assert_eq!(execution.cells.len(), 1, "what nobody tests is not in scope");
        let cell = &execution.cells[0];
        assert_eq!(
            (cell.value.as_ref().map(|value| value.code.as_str()), cell.change, cell.subs.len()),
            (Some("none"), Some(Change::Worse), 2)
        );
        assert_eq!(cell.href.as_deref(), Some("/t/T1059"));
        assert_eq!(execution.share.as_ref().map(|share| (share.text.as_str(), share.base.as_str())), Some(("50 %", "1/2")));
        assert_eq!((gone.cells[0].id.as_str(), gone.cells[0].change), ("T1086", Some(Change::Better)));
        assert_eq!(columns(&matrix, &answer, &href, true)[0].cells.len(), 2);
    }
}
