//! What the chosen scenarios cover: numbers, a small matrix, the techniques by name.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::Chosen;
use super::brought::{Brought, Column, Square, brought};
use crate::missions::queries::{use_matrix, use_test_tags};
use crate::ui::{Button, ButtonSize, Chip, Icon, count};

/// Rows of the small matrix: a tactic with more techniques gets more columns.
const ROWS: usize = 12;

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
            {move || if tests.get() == 1 { t!(" test · ") } else { t!(" tests · ") }}
            <b class="ink">{move || techniques.get()}</b>
            {move || if techniques.get() == 1 { t!(" technique") } else { t!(" techniques") }}
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
    let ids = Memo::new(move |_| chosen.with(|chosen| ids(chosen)));
    let tags = use_test_tags(Memo::new(move |_| chosen.with(|chosen| chosen.iter().map(|one| one.id).collect::<BTreeSet<_>>())));
    let laid = Memo::new(move |_| {
        let tests = tags.data.get();
        matrix.data.with(|matrix| {
            let matrix = matrix.as_ref().filter(|matrix| !matrix.tactics.is_empty())?;
            Some(brought(matrix, &ids.read(), tests.as_deref()))
        })
    });
    let has_matrix = Memo::new(move |_| laid.read().is_some());
    let failed = Memo::new(move |_| tags.error.read().is_some() && tags.data.read().is_none());
    view! {
        <section class="card" aria-label=t!("What it covers")>
            <div class="card__head">
                <h2>{t!("What it covers")}</h2>
                {move || has_matrix.get().then(|| view! {
                    <span class="push legend">
                        <span class="legend__item"><i class="mini__key" data-on="1"></i>{t!("one test")}</span>
                        <span class="legend__item"><i class="mini__key" data-on="2"></i>{t!("two or more")}</span>
                    </span>
                })}
            </div>
            {move || has_matrix.get().then(|| view! {
                <div class="card__body covers">{move || laid.with(|laid| laid.as_ref().map(mini))}</div>
            })}
            {move || failed.get().then(|| view! {
                <div class="card__foot row row--wrap" role="alert">
                    <span>{t!("How many tests each tactic gets could not be read.")}</span>
                    <Button size=ButtonSize::Small busy=tags.loading on_click=move |_| tags.refetch.run(())>{t!("Try again")}</Button>
                </div>
            })}
            <details class="fold covers__ids">
                <summary>
                    <Icon name="chevron-right" size=14/>
                    <span class="small num">{move || count(ids.read().len() as u64, "technique by name", "techniques by name")}</span>
                </summary>
                <div class="card__body stack stack--2">
                    {move || laid.with(|laid| match laid {
                        Some(laid) => names(laid),
                        None => view! { <div class="row row--wrap">{chips(ids.get())}</div> }.into_any(),
                    })}
                </div>
            </details>
        </section>
    }
}

fn chips(ids: impl IntoIterator<Item = String>) -> impl IntoView {
    ids.into_iter().map(|id| view! { <Chip code=id/> }).collect_view()
}

/// “3 techniques, 4 tests”; without the tests until they were read.
fn numbers(column: &Column) -> String {
    let techniques = count(column.techniques(), "technique", "techniques");
    match column.tests {
        Some(tests) => format!("{techniques}, {}", count(tests, "test", "tests")),
        None => techniques,
    }
}

/// What a square says on hover: id, name, how many tests.
fn said(square: &Square) -> String {
    let tests = square.tests.filter(|_| square.brought).map(|tests| format!(", {}", count(tests, "test", "tests")));
    format!("{} {}{}", square.id, square.name, tests.unwrap_or_default())
}

fn mini(laid: &Brought) -> AnyView {
    let touched = laid.columns.iter().filter(|column| column.techniques() > 0).count();
    let label = t!("Techniques in {} of {} tactics", touched, laid.columns.len());
    let widths: Vec<usize> = laid.columns.iter().map(|column| column.squares.len().div_ceil(ROWS).max(1)).collect();
    let template = widths.iter().map(|width| format!("{width}fr")).collect::<Vec<_>>().join(" ");
    let columns: Vec<_> = laid.columns.iter().zip(widths).map(|(column, width)| column_view(column, width)).collect();
    let rest = laid.columns.iter().filter(|column| !column.is_touched()).count() as u64;
    let loose = laid.loose.filter(|loose| *loose > 0).map(|loose| count(loose, "test stands in no tactic.", "tests stand in no tactic."));
    view! {
        <ul class="mini" style:--columns=template aria-label=label>{columns}</ul>
        <p class="small muted num mini__below">
            <span class="mini__hint">{t!("Under each tactic: techniques, then tests. ")}</span>
            {(rest > 0).then(|| view! { <span class="mini__rest">{t!("Nothing in {}. ", count(rest, "other tactic", "other tactics"))}</span> })}
            {loose}
        </p>
    }
    .into_any()
}

fn column_view(column: &Column, width: usize) -> AnyView {
    let squares: Vec<_> = column
        .squares
        .iter()
        .map(|square| {
            let on = square.brought.then_some(if square.tests.is_some_and(|tests| tests > 1) { "2" } else { "1" });
            let title = square.brought.then(|| said(square));
            view! { <i data-on=on title=title></i> }
        })
        .collect();
    let touched = column.is_touched();
    let title = format!("{}: {}", column.name, numbers(column));
    let tests = column.tests.map_or_else(|| "–".to_owned(), |tests| tests.to_string());
    view! {
        <li class="mini__tactic" data-none=(!touched).then_some("") title=title>
            <span class="mini__lab" aria-hidden="true">{short(&column.short_name, &column.name)}</span>
            <span class="mini__name">{column.name.clone()}</span>
            <span class="mini__squares" style:--n=width.to_string() aria-hidden="true">{squares}</span>
            <span class="mini__nums num" aria-hidden="true"><b>{column.techniques()}</b><span>{tests}</span></span>
            <span class="mini__said num">{numbers(column)}</span>
        </li>
    }
    .into_any()
}

/// Every technique that is brought by its name, under its tactic; what the matrix does not hold comes last.
fn names(laid: &Brought) -> AnyView {
    let tactics: Vec<_> = laid
        .columns
        .iter()
        .filter(|column| column.techniques() > 0)
        .map(|column| {
            let items: Vec<_> = column.brought().map(named).collect();
            view! { <div><h3 class="overline">{column.name.clone()}</h3><ul class="covers__names small">{items}</ul></div> }
        })
        .collect();
    let others = laid.others.clone();
    view! {
        {tactics}
        {(!others.is_empty()).then(|| view! {
            <div><h3 class="overline">{t!("Not in this ATT&CK version")}</h3><div class="row row--wrap">{chips(others)}</div></div>
        })}
    }
    .into_any()
}

fn named(square: &Square) -> impl IntoView + use<> {
    let subs: Vec<_> =
        square.subs.iter().map(|(id, name)| view! { <li><span class="mono">{id.clone()}</span>" "{name.clone()}</li> }).collect();
    view! {
        <li>
            <span class="mono">{square.id.clone()}</span>" "{square.name.clone()}
            {square.tests.map(|tests| view! { <span class="faint num">{format!(" · {}", count(tests, "test", "tests"))}</span> })}
            {(!subs.is_empty()).then(|| view! { <ul>{subs}</ul> })}
        </li>
    }
}

/// A tactic's name where there is room for one column of squares.
fn short(short_name: &str, name: &str) -> String {
    match short_name {
        "reconnaissance" => t!("Recon"),
        "resource-development" => t!("ResDev"),
        "initial-access" => t!("Initial"),
        "execution" => t!("Execute"),
        "persistence" => t!("Persist"),
        "privilege-escalation" => t!("Priv esc"),
        "defense-evasion" => t!("Evasion"),
        "credential-access" => t!("Creds"),
        "discovery" => t!("Discov"),
        "lateral-movement" => t!("Lateral"),
        "collection" => t!("Collect"),
        "command-and-control" => "C2",
        "exfiltration" => t!("Exfil"),
        _ => return name.split_whitespace().next().unwrap_or(name).to_owned(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_counts_once_however_many_scenarios_bring_it() {
        let chosen = |techniques: &[&str]| Chosen {
            id: uuid::Uuid::nil(),
            name: String::new(),
            tests: 1,
            techniques: techniques.iter().map(|id| (*id).to_owned()).collect(),
        };
        let list = [chosen(&["T1059.001", "T1059.003", "T1003"]), chosen(&["T1059", "T1003"])];
        assert_eq!(ids(&list).len(), 4);
    }

    #[test]
    fn the_numbers_of_a_tactic_are_told_as_far_as_they_are_known() {
        let square = |brought| Square { id: "T1".to_owned(), name: "One".to_owned(), brought, tests: Some(2), subs: Vec::new() };
        let column = |tests| Column {
            id: "TA0002".to_owned(),
            short_name: "execution".to_owned(),
            name: "Execution".to_owned(),
            squares: vec![square(true), square(false)],
            tests,
        };
        assert_eq!(numbers(&column(None)), "1 technique");
        assert_eq!(numbers(&column(Some(2))), "1 technique, 2 tests");
        assert_eq!(said(&square(true)), "T1 One, 2 tests");
    }
}
