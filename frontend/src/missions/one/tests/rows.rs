//! The list: search and filter, scenarios that fold, tests with state, outcome, operator and who has them open.

use std::collections::{BTreeSet, HashMap, HashSet};

use leptos::{ev, prelude::*};
use tyrian_domain::test::{Outcome, TestState};
use uuid::Uuid;

use super::list::{Group, Row};
use super::{AddTo, Desk, element_id, plain_click};
use crate::missions::url::Url;
use crate::ui::{Button, ButtonSize, EmptyState, Icon, IconButton, LevelDot, Menu, MenuItem, SearchInput, StateCoin, duration, words};

/// With more tests than this, scenarios begin folded but for the one that is opened.
const FOLD_FROM: usize = 400;

/// The word of a state in the filter.
fn state_word(state: TestState) -> String {
    match state {
        TestState::Executed => t!("Executed, wait for blue").to_owned(),
        other => words(other.as_str()),
    }
}

/// Search, the filter by state, and what can be done with the list.
#[component]
pub fn Tools(
    /// the tab
    desk: Desk,
) -> impl IntoView {
    let Desk { here, url, state, selecting, .. } = desk;
    let text = url.typed("find");
    let count = move |state: TestState| here.read(|data| data.value.head.counts.by_state.get(&state).copied().unwrap_or(0)).unwrap_or(0);
    let waiting = Memo::new(move |_| count(TestState::Executed));
    let shown = Memo::new(move |_| match state.get() {
        Some(TestState::Executed) => t!("Wait for blue").to_owned(),
        Some(state) => words(state.as_str()),
        None if waiting.get() > 0 => t!("{} wait for blue", waiting.get()),
        None => t!("All states").to_owned(),
    });
    let put = move |to: Option<TestState>| url.push(&[("state", to.map(|state| state.as_str().to_owned()))]);
    view! {
        <div class="tlist__tools">
            <SearchInput value=text label=t!("Filter tests") placeholder=t!("Filter tests") small=true main=true/>
            <span class="tlist__filter" data-on=move || state.read().is_some().then_some("")>
                <Menu
                    label=t!("Filter by state")
                    class="btn btn--sm"
                    trigger=move || view! { <Icon name="filter" size=14/>{move || shown.get()} }
                >
                    <MenuItem checked=Signal::derive(move || state.read().is_none()) on_select=move |()| put(None)>{t!("All states")}</MenuItem>
                    {TestState::ALL
                        .iter()
                        .map(|one| {
                            let one = *one;
                            view! {
                                <MenuItem checked=Signal::derive(move || state.get() == Some(one)) on_select=move |()| put(Some(one))>
                                    {state_word(one)}" "<span class="count">{move || count(one)}</span>
                                </MenuItem>
                            }
                        })
                        .collect_view()}
                </Menu>
            </span>
            {move || desk.acts().then(|| view! {
                <Menu label=t!("More about the list") trigger=|| view! { <Icon name="ellipsis"/> }>
                    <MenuItem icon="list-checks" on_select=move |()| selecting.set(true)>{t!("Select several")}</MenuItem>
                    {move || desk.plans().then(|| view! { <MenuItem icon="plus" on_select=move |()| desk.add_to.set(Some(AddTo::Any))>{t!("Add a test")}</MenuItem> })}
                </Menu>
            })}
        </div>
    }
}

/// The scenarios.
#[component]
pub fn Groups(
    /// the tab
    desk: Desk,
    /// what the filter leaves
    list: Memo<Vec<Group>>,
) -> impl IntoView {
    let Desk { opened, url, .. } = desk;
    let folded = RwSignal::new(HashSet::<Uuid>::new());
    let all = list.with_untracked(|list| list.iter().map(|group| group.rows.len()).sum::<usize>());
    if all > FOLD_FROM {
        let now = opened.get_untracked();
        let is_open = |group: &Group| now.as_ref().is_some_and(|now| group.rows.iter().any(|row| row.id.to_string() == *now));
        folded.set(list.with_untracked(|list| list.iter().filter(|group| !is_open(group)).map(|group| group.id).collect()));
    }
    let current = Selector::new(move || opened.get().unwrap_or_default());
    let rows = Memo::new(move |_| {
        list.with(|list| list.iter().flat_map(|group| &group.rows).map(|row| (row.id, row.clone())).collect::<HashMap<_, _>>())
    });
    let none = Memo::new(move |_| list.read().is_empty());
    let groups = Memo::new(move |_| list.with(|list| list.iter().map(|group| group.id).collect::<Vec<_>>()));
    view! {
        {move || none.get().then(|| view! {
            <EmptyState title=t!("No test fits") text=t!("The filter leaves nothing of this mission.") tight=true>
                <Button size=ButtonSize::Small on_click=move |_| url.push(&[("find", None), ("state", None)])>{t!("Clear the filter")}</Button>
            </EmptyState>
        })}
        <For each=move || groups.get() key=|id| *id let:id>
            {
                let of = move |list: &[Group]| list.iter().find(|group| group.id == id).map(|group| (group.name.clone(), group.done, group.all));
                let head = Memo::new(move |_| list.with(|list| of(list)).unwrap_or_default());
                let ids = Memo::new(move |_| {
                    list.with(|list| {
                        list.iter().find(|group| group.id == id).map(|group| group.rows.iter().map(|row| row.id).collect::<Vec<_>>()).unwrap_or_default()
                    })
                });
                let is_folded = Memo::new(move |_| folded.with(|folded| folded.contains(&id)));
                let current = current.clone();
                view! {
                    <div class="tlist__head">
                        <button
                            class="tlist__group"
                            type="button"
                            aria-expanded=move || if is_folded.get() { "false" } else { "true" }
                            on:click=move |_| folded.update(|folded| if !folded.remove(&id) { folded.insert(id); })
                        >
                            {move || view! { <Icon name=if is_folded.get() { "chevron-right" } else { "chevron-down" } size=12/> }}
                            <span class="trunc" title=move || head.get().0>{move || head.get().0}</span>
                            <span class="count">{move || head.get().1}"/"{move || head.get().2}<span class="sr">{t!(" assessed")}</span></span>
                        </button>
                        {move || desk.plans().then(|| view! {
                            <span class="tlist__acts">
                                {move || (head.get().2 > 1).then(|| view! {
                                    <IconButton icon="chevrons-up-down" label=Signal::derive(move || t!("Order the tests of {}", head.get().0)) on_click=move |_| desk.order.set(Some(id))/>
                                })}
                                <IconButton icon="plus" label=Signal::derive(move || t!("Add a test to {}", head.get().0)) on_click=move |_| desk.add_to.set(Some(AddTo::Scenario(id)))/>
                            </span>
                        })}
                    </div>
                    {move || (!is_folded.get()).then(|| {
                        let current = current.clone();
                        view! {
                            <ul>
                                <For each=move || ids.get() key=|id| *id let:test>
                                    <Item desk=desk rows=rows id=test current=current.clone()/>
                                </For>
                            </ul>
                        }
                    })}
                }
            }
        </For>
    }
}

/// What stands right in a row: the level, whose turn it is, else the state's word.
fn result(row: &Row) -> AnyView {
    match (row.state, &row.level) {
        (TestState::Running, _) => view! { <span class="small turn" data-side="red">{t!("Running")}</span> }.into_any(),
        (TestState::Executed, _) => view! { <span class="small turn" data-side="blue">{t!("Blue’s turn")}</span> }.into_any(),
        (TestState::Assessed, Some(code)) => view! { <LevelDot code=code.clone()/> }.into_any(),
        // The coin has told the screen reader already.
        (state, _) => view! { <span class="small faint" aria-hidden="true">{words(state.as_str())}</span> }.into_any(),
    }
}

/// What is said of a test under its name, the most telling first.
fn notes(row: &Row) -> Vec<AnyView> {
    let mut notes = Vec::new();
    if !row.here.is_empty() {
        let names = row.here.join(", ");
        let text = if row.here.len() == 1 { t!("{names} is here"; names) } else { t!("{names} are here"; names) };
        notes.push(view! { <span class="titem__here"><Icon name="eye" size=12/>{text}</span> }.into_any());
    }
    if !row.disclosed {
        notes.push(
            view! { <span class="titem__hidden"><Icon name="lock" size=12/>{t!("hidden")}<span class="sr">{t!(" from blue")}</span></span> }.into_any(),
        );
    }
    match (row.state, row.outcome, row.seen_after) {
        (TestState::Assessed, Outcome::Missed, _) => notes.push(view! { <span class="missed">{t!("missed")}</span> }.into_any()),
        (TestState::Assessed, Outcome::Prevented, _) => notes.push("stopped".into_any()),
        (TestState::Assessed, _, Some(seconds)) => {
            notes.push(view! { <span class="num">{t!("seen in ")}{duration(seconds)}</span> }.into_any());
        }
        (TestState::Assessed, outcome, None) => notes.push(outcome.as_str().replace('_', " ").into_any()),
        _ => {
            if let Some(name) = &row.operator {
                notes.push(view! { <span class="trunc">{name.clone()}<span class="sr">{t!(" executes it")}</span></span> }.into_any());
            }
        }
    }
    notes
}

fn content(row: &Row) -> impl IntoView + use<> {
    let mut parts: Vec<AnyView> = row.code.clone().map(|code| view! { <span class="mono">{code}</span> }.into_any()).into_iter().collect();
    parts.extend(notes(row));
    let parts = parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| view! { {(at > 0).then(|| view! { <span class="faint" aria-hidden="true">"·"</span> })}{part} })
        .collect_view();
    view! {
        <StateCoin state=row.state.as_str().to_owned()/>
        <span class="titem__name trunc" title=row.name.clone()>{row.name.clone()}{row.nth.map(|nth| view! { <span class="faint num">" "{nth}</span> })}</span>
        <span class="titem__meta">{parts}</span>
        <span class="titem__out">{result(row)}</span>
    }
}

#[component]
fn Item(
    /// the tab
    desk: Desk,
    /// all rows
    rows: Memo<HashMap<Uuid, Row>>,
    /// the test
    id: Uuid,
    /// the opened one
    current: Selector<String>,
) -> impl IntoView {
    let Desk { here, url, selecting, selected, .. } = desk;
    // The link stays the same element while what it says changes: the focus on it is not lost.
    let row = Memo::new(move |_| rows.with(|rows| rows.get(&id).cloned()));
    let text = id.to_string();
    let (href, is_current, to) = (format!("/missions/{}?test={text}", here.id.get_untracked()), text.clone(), text);
    let name = move || row.read().as_ref().map(|row| row.name.clone()).unwrap_or_default();
    view! {
        <li class="trow" data-selecting=move || selecting.get().then_some("")>
            {move || selecting.get().then(|| view! {
                <label class="check trow__check">
                    <input
                        type="checkbox"
                        aria-label=move || t!("Select {}", name())
                        prop:checked=move || selected.read().contains(&id)
                        on:change=move |_| toggle(selected, id)
                    />
                </label>
            })}
            <a
                id=element_id(id)
                class="titem"
                href=href
                data-noscroll
                data-state=move || row.read().as_ref().map(|row| row.state.as_str())
                aria-current=move || current.selected(&is_current).then_some("true")
                on:click=move |event| plain_click(&event, || open(url, &to))
                on:keydown=move |event: ev::KeyboardEvent| {
                    let down = match (event.alt_key(), event.key().as_str()) {
                        (true, "ArrowDown") => true,
                        (true, "ArrowUp") => false,
                        _ => return,
                    };
                    event.prevent_default();
                    desk.shift.run((id, down));
                }
            >
                {move || row.get().as_ref().map(content)}
            </a>
        </li>
    }
}

fn open(url: Url, test: &str) {
    url.push(&[("test", Some(test.to_owned()))]);
}

/// Selects a test, or no longer.
pub fn toggle(selected: RwSignal<BTreeSet<Uuid>>, id: Uuid) {
    selected.update(|selected| {
        if !selected.remove(&id) {
            selected.insert(id);
        }
    });
}
