//! A report on the page: how many of what, filters, and the items with the reason for each.

use std::sync::Arc;

use leptos::prelude::*;
use tyrian_api_types::imports::{ImportReport, ImportSubject};

use super::rows::{Fate, Filter, Row, problems, rows, tally};
use crate::ui::{Badge, Button, ButtonSize, Pill, Select, words};

/// How many rows are drawn before somebody asks for more.
const STEP: usize = 200;

/// What becomes, or became, of each item.
#[component]
pub fn Report(
    /// what the server said
    report: Arc<ImportReport>,
    /// was it written?
    done: bool,
    /// the mission whose tests a log filled
    mission: Signal<String>,
    /// the dialog: a link closes it
    open: RwSignal<bool>,
) -> impl IntoView {
    let rows = StoredValue::new(rows(&report));
    let filter = RwSignal::new(Filter::default());
    let shown = RwSignal::new(STEP);
    let left = Memo::new(move |_| {
        filter.with(|filter| {
            rows.with_value(|rows| (0..rows.len()).filter(|at| rows.get(*at).is_some_and(|row| filter.fits(row))).collect::<Vec<usize>>())
        })
    });
    Effect::new(move |_| {
        filter.track();
        shown.set(STEP);
    });
    // a file of several kinds says of each item what it is
    let mixed = rows.with_value(|rows| {
        let mut subjects = rows.iter().filter_map(|row| row.subject);
        subjects.next().is_some_and(|first| subjects.any(|other| other != first))
    });
    let drawn = move || left.with(|left| left.iter().copied().take(shown.get()).collect::<Vec<_>>());
    view! {
        <Filters rows=rows filter=filter done=done/>
        <div class="imp__box" tabindex="0" role="region" aria-label=t!("Items of the file")>
            <ul class="imp__rows">
                <For each=drawn key=|at| *at let:at>
                    {rows.with_value(|rows| rows.get(at).cloned()).map(|row| view! { <Item row=row done=done mixed=mixed mission=mission open=open/> })}
                </For>
            </ul>
            {move || left.read().is_empty().then(|| view! { <p class="imp__none muted">{t!("No item of this kind.")}</p> })}
            {move || (left.read().len() > shown.get()).then(|| view! {
                <div class="table-more num">
                    <span>{t!("{} of {}", shown.get(), left.read().len())}</span>
                    <Button size=ButtonSize::Small on_click=move |_| shown.update(|n| *n += STEP)>{t!("Show more")}</Button>
                </div>
            })}
        </div>
    }
}

/// How many of what; each number shows only those.
#[component]
fn Filters(
    /// all rows
    rows: StoredValue<Vec<Row>>,
    /// what the list shows
    filter: RwSignal<Filter>,
    /// was it written?
    done: bool,
) -> impl IntoView {
    let (counts, all, noted, kinds) = rows.with_value(|rows| {
        let noted = rows.iter().filter(|row| !row.problems.is_empty()).count();
        (tally(rows), rows.len(), noted, problems(rows))
    });
    let problem = RwSignal::new(String::new());
    let options: Vec<(String, String)> = std::iter::once((String::new(), t!("Any problem").to_owned()))
        .chain(kinds.iter().map(|(code, n)| (code.clone(), format!("{} ({n})", words(code)))))
        .collect();
    let fate = move |fate: Fate| {
        let n = counts.get(&fate).copied()?;
        let pressed = Signal::derive(move || filter.with(|filter| filter.fate == Some(fate)));
        Some(view! {
            <Pill
                label=fate.word(done)
                icon=fate.icon()
                pressed=pressed
                count=Signal::stored(Some(n))
                on_click=move |()| filter.update(|filter| filter.fate = (filter.fate != Some(fate)).then_some(fate))
            />
        })
    };
    view! {
        <div class="row row--wrap" role="group" aria-label=t!("Show only")>
            <Pill
                label=t!("All")
                pressed=Signal::derive(move || filter.with(|filter| *filter == Filter::default()))
                count=Signal::stored(Some(all as u64))
                on_click=move |()| { problem.set(String::new()); filter.set(Filter::default()); }
            />
            {Fate::ALL.into_iter().map(fate).collect_view()}
            {(noted > 0).then(|| view! {
                <Pill
                    label=t!("With a problem")
                    icon="triangle-alert"
                    pressed=Signal::derive(move || filter.with(|filter| filter.noted))
                    count=Signal::stored(Some(noted as u64))
                    on_click=move |()| filter.update(|filter| filter.noted = !filter.noted)
                />
            })}
            {(kinds.len() > 1).then(|| view! {
                <div class="toolbar__item">
                    <Select value=problem options=Signal::stored(options) label=t!("Problem") small=true on_change=Callback::new(move |code: String| filter.update(|filter| filter.problem = code))/>
                </div>
            })}
        </div>
    }
}

fn subject_word(subject: ImportSubject) -> &'static str {
    match subject {
        ImportSubject::TestTemplate | ImportSubject::MissionTest => t!("Test"),
        ImportSubject::ScenarioTemplate => t!("Scenario"),
        ImportSubject::Mission => t!("Mission"),
    }
}

/// One item: what becomes of it, its name, and why.
#[component]
fn Item(
    /// the item
    row: Row,
    /// was it written?
    done: bool,
    /// the file holds several kinds
    mixed: bool,
    /// the mission whose tests a log filled
    mission: Signal<String>,
    /// the dialog: a link closes it
    open: RwSignal<bool>,
) -> impl IntoView {
    let name = if row.name.is_empty() { t!("The file").to_owned() } else { row.name.clone() };
    let href = row.href(&mission.get_untracked());
    let subject = row.subject.filter(|_| mixed).map(subject_word);
    view! {
        <li class="imp__row">
            <span class="imp__fate"><Badge tone=row.fate.tone() icon=row.fate.icon()>{row.fate.word(done)}</Badge></span>
            <span class="imp__name">
                {match href {
                    Some(href) => view! { <a href=href on:click=move |_| open.set(false)>{name}</a> }.into_any(),
                    None => view! { <span>{name}</span> }.into_any(),
                }}
                <span class="small faint num nowrap">
                    {subject.map(|word| format!(" {word}"))}{row.line.map(|line| t!(" line {line}"; line))}
                </span>
            </span>
            {row.reasons.into_iter().map(|reason| view! {
                <span class="imp__why small muted">{reason.text}{reason.line.map(|line| t!(" Line {line}."; line))}</span>
            }).collect_view()}
        </li>
    }
}
