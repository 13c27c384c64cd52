//! What the chosen scenarios cover: numbers, a small matrix, the ids.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use tyrian_api_types::catalogue::Matrix;

use super::Chosen;
use crate::missions::queries::use_matrix;
use crate::ui::{Chip, Icon, count};

/// Rows of the small matrix: a tactic with more techniques gets more columns.
const ROWS: usize = 12;

/// By technique (`T1059`, its subtechniques with it): in how many of the chosen scenarios it stands.
fn by_technique(chosen: &[Chosen]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in chosen {
        let techniques: BTreeSet<&str> = one.techniques.iter().filter_map(|id| id.split('.').next()).collect();
        for technique in techniques {
            *counts.entry(technique.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

/// The ids as they are tagged, each once.
fn ids(chosen: &[Chosen]) -> BTreeSet<String> {
    chosen.iter().flat_map(|one| one.techniques.iter().cloned()).collect()
}

/// “42 tests · 35 techniques”.
#[component]
pub fn SumLine(
    /// what is chosen
    #[prop(into)]
    chosen: Signal<Vec<Chosen>>,
) -> impl IntoView {
    let tests = Memo::new(move |_| chosen.with(|chosen| chosen.iter().map(|one| one.tests).sum::<u64>()));
    let techniques = Memo::new(move |_| chosen.with(|chosen| ids(chosen).len() as u64));
    view! {
        <span class="small muted num">
            <b class="ink">{move || tests.get()}</b>
            {move || if tests.get() == 1 { " test · " } else { " tests · " }}
            <b class="ink">{move || techniques.get()}</b>
            {move || if techniques.get() == 1 { " technique" } else { " techniques" }}
        </span>
    }
}

/// The card with the small matrix; where there is no catalogue, the ids alone.
#[component]
pub fn Covers(
    /// what is chosen
    #[prop(into)]
    chosen: Signal<Vec<Chosen>>,
) -> impl IntoView {
    let matrix = use_matrix();
    let counts = Memo::new(move |_| chosen.with(|chosen| by_technique(chosen)));
    let ids = Memo::new(move |_| chosen.with(|chosen| ids(chosen)));
    let has_matrix = Memo::new(move |_| matrix.data.with(|matrix| matrix.as_ref().is_some_and(|matrix| !matrix.tactics.is_empty())));
    view! {
        <section class="card" aria-label="What it covers">
            <div class="card__head">
                <h2>"What it covers"</h2>
                {move || has_matrix.get().then(|| view! {
                    <span class="push legend">
                        <span class="legend__item"><i class="mini__key" data-on="1"></i>"one scenario"</span>
                        <span class="legend__item"><i class="mini__key" data-on="2"></i>"two or more"</span>
                    </span>
                })}
            </div>
            {move || has_matrix.get().then(|| view! {
                <div class="card__body">{move || matrix.data.with(|matrix| matrix.as_ref().map(|matrix| mini(matrix, &counts.read())))}</div>
            })}
            <details class="fold covers__ids">
                <summary>
                    <Icon name="chevron-right" size=14/>
                    <span class="small num">{move || count(ids.read().len() as u64, "ATT&CK id", "ATT&CK ids")}</span>
                </summary>
                <div class="card__body row row--wrap">
                    {move || ids.get().into_iter().map(|id| view! { <Chip code=id/> }).collect_view()}
                </div>
            </details>
        </section>
    }
}

fn mini(matrix: &Matrix, counts: &BTreeMap<String, usize>) -> AnyView {
    let on = |id: &str| counts.get(id).copied().unwrap_or(0);
    let tactics = matrix.tactics.iter().filter(|tactic| tactic.techniques.iter().any(|technique| on(&technique.external_id) > 0)).count();
    let label =
        format!("Matrix: {} in {tactics} of {} tactics", count(counts.len() as u64, "technique", "techniques"), matrix.tactics.len());
    let widths: Vec<usize> = matrix.tactics.iter().map(|tactic| tactic.techniques.len().div_ceil(ROWS).max(1)).collect();
    let template = widths.iter().map(|width| format!("{width}fr")).collect::<Vec<_>>().join(" ");
    let columns: Vec<_> = matrix
        .tactics
        .iter()
        .zip(widths)
        .map(|(tactic, width)| {
            let cells: Vec<_> = tactic
                .techniques
                .iter()
                .map(|technique| {
                    let on = match on(&technique.external_id) {
                        0 => None,
                        1 => Some("1"),
                        _ => Some("2"),
                    };
                    let title = on.map(|_| format!("{} {}", technique.external_id, technique.name));
                    view! { <i data-on=on title=title></i> }
                })
                .collect();
            view! {
                <div class="mini__col" style:grid-template-columns=format!("repeat({width}, 1fr)") title=tactic.name.clone()>
                    <span class="mini__lab">{short(&tactic.short_name, &tactic.name)}</span>
                    {cells}
                </div>
            }
        })
        .collect();
    view! { <div class="mini" style:grid-template-columns=template role="img" aria-label=label>{columns}</div> }.into_any()
}

/// A tactic's name where there is room for one column of squares.
fn short(short_name: &str, name: &str) -> String {
    match short_name {
        "reconnaissance" => "Recon",
        "resource-development" => "ResDev",
        "initial-access" => "Initial",
        "execution" => "Execute",
        "persistence" => "Persist",
        "privilege-escalation" => "Priv esc",
        "defense-evasion" => "Evasion",
        "credential-access" => "Creds",
        "discovery" => "Discov",
        "lateral-movement" => "Lateral",
        "collection" => "Collect",
        "command-and-control" => "C2",
        "exfiltration" => "Exfil",
        _ => return name.split_whitespace().next().unwrap_or(name).to_owned(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_counts_once_a_scenario_with_its_subtechniques() {
        let chosen = |techniques: &[&str]| Chosen {
            id: uuid::Uuid::nil(),
            name: String::new(),
            tests: 1,
            techniques: techniques.iter().map(|id| (*id).to_owned()).collect(),
        };
        let list = [chosen(&["T1059.001", "T1059.003", "T1003"]), chosen(&["T1059"])];
        assert_eq!(by_technique(&list), BTreeMap::from([("T1003".to_owned(), 1), ("T1059".to_owned(), 2)]));
        assert_eq!(ids(&list).len(), 4);
    }
}
