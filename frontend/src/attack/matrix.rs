//! The matrix to browse and to choose from: tactics as columns, techniques as cells, subtechniques unfolding under them.
//!
//! One tab stop: the arrow keys walk over the cells. A small screen shows the tactics as sections that unfold.

use std::collections::{BTreeMap, BTreeSet};

use leptos::{ev, html, prelude::*};
use tyrian_api_types::catalogue::{Matrix, MatrixTactic, MatrixTechnique};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::ui::Icon;

/// What was chosen in the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// `TA0002`, `T1059`, `T1059.001`
    pub external_id: String,
    /// its name
    pub name: String,
}

/// What the cells share.
#[derive(Clone, Copy)]
struct Shared {
    query: Memo<String>,
    unfolded: RwSignal<BTreeSet<String>>,
    unfold_all: Signal<bool>,
    on: Signal<BTreeSet<String>>,
    uses: Signal<BTreeMap<String, u64>>,
    /// the cell that the Tab key reaches
    stop: RwSignal<String>,
    on_pick: Callback<Picked>,
    /// what a number on a cell counts
    counted: (&'static str, &'static str),
}

fn hit(query: &str, external_id: &str, name: &str) -> bool {
    query.is_empty() || external_id.to_lowercase().starts_with(query) || name.to_lowercase().contains(query)
}

fn technique_hit(query: &str, technique: &MatrixTechnique) -> bool {
    hit(query, &technique.external_id, &technique.name) || technique.subtechniques.iter().any(|sub| hit(query, &sub.external_id, &sub.name))
}

/// How many techniques and subtechniques a search would leave.
pub fn count_hits(matrix: &Matrix, query: &str) -> usize {
    let query = query.trim().to_lowercase();
    let mut found = BTreeSet::new();
    for technique in matrix.tactics.iter().flat_map(|tactic| &tactic.techniques) {
        if hit(&query, &technique.external_id, &technique.name) {
            found.insert(technique.external_id.as_str());
        }
        found.extend(
            technique.subtechniques.iter().filter(|sub| hit(&query, &sub.external_id, &sub.name)).map(|sub| sub.external_id.as_str()),
        );
    }
    found.len()
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
    let query = Memo::new(move |_| query.read().trim().to_lowercase());
    let first =
        matrix.tactics.iter().find_map(|tactic| tactic.techniques.first().map(|technique| cell_key(tactic, &technique.external_id)));
    let shared = Shared {
        query,
        unfolded: RwSignal::new(BTreeSet::new()),
        unfold_all,
        on,
        uses,
        stop: RwSignal::new(first.unwrap_or_default()),
        on_pick,
        counted: ("template", "templates"),
    };
    let root: NodeRef<html::Div> = NodeRef::new();
    // A search may hide the cell that Tab reaches: then the first one that is left takes its place.
    Effect::new(move |_| {
        query.track();
        request_animation_frame(move || {
            let Some(root) = root.try_get_untracked().flatten() else { return };
            let find = |selector: &str| root.query_selector(selector).ok().flatten();
            if find(".brow:not([hidden]) > .bcell[tabindex='0']").is_none()
                && let Some(key) = find(".brow:not([hidden]) > .bcell").and_then(|cell| cell.get_attribute("data-key"))
            {
                shared.stop.try_set(key);
            }
        });
    });
    let columns = matrix.tactics.len();
    view! {
        <div class="matrix matrix--browse" node_ref=root style:--tactics=columns.to_string() on:keydown=walk>
            {matrix.tactics.into_iter().map(|tactic| view! { <Column tactic=tactic shared=shared pick=pick_tactics/> }).collect_view()}
        </div>
    }
}

fn cell_key(tactic: &MatrixTactic, external_id: &str) -> String {
    format!("{}/{external_id}", tactic.external_id)
}

#[component]
fn Column(tactic: MatrixTactic, shared: Shared, pick: bool) -> impl IntoView {
    let open = RwSignal::new(false);
    let total = tactic.techniques.len();
    let (id, name) = (tactic.external_id.clone(), tactic.name.clone());
    let ids: Vec<String> = tactic.techniques.iter().map(|technique| technique.external_id.clone()).collect();
    let used = Memo::new(move |_| shared.uses.with(|uses| ids.iter().filter(|id| uses.contains_key(*id)).count()));
    let found = {
        let techniques = tactic.techniques.clone();
        Memo::new(move |_| shared.query.with(|query| techniques.iter().filter(|technique| technique_hit(query, technique)).count()))
    };
    let searching = move || !shared.query.read().is_empty();
    let heading = if pick {
        let (picked, pressed) = (Picked { external_id: id.clone(), name: name.clone() }, id.clone());
        view! {
            <button
                class="matrix__pick"
                type="button"
                title=format!("{id} {name}")
                aria-pressed=move || if shared.on.read().contains(&pressed) { "true" } else { "false" }
                on:click=move |_| shared.on_pick.run(picked.clone())
            ><b>{name.clone()}</b></button>
        }
        .into_any()
    } else {
        view! { <b title=format!("{id} {name}")>{name.clone()}</b> }.into_any()
    };
    let cells = tactic
        .techniques
        .iter()
        .map(|technique| view! { <Cell tactic=tactic.external_id.clone() technique=technique.clone() shared=shared/> })
        .collect_view();
    view! {
        <section class="matrix__col" aria-label=tactic.name.clone() data-open=move || (open.get() || searching()).then_some("") data-none=move || (searching() && found.get() == 0).then_some("")>
            <header class="matrix__head">
                {heading}
                <span>{move || if searching() { format!("{} of {total}", found.get()) } else { total.to_string() }}</span>
                <button
                    class="matrix__more only-sm"
                    type="button"
                    // what is used is in sight anyway
                    hidden=move || searching() || used.get() == total
                    aria-expanded=move || if open.get() { "true" } else { "false" }
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || match (open.get(), used.get()) {
                        (true, _) => "Show fewer".to_owned(),
                        (false, 0) => format!("Show {total}"),
                        (false, used) => format!("Show {} more", total - used),
                    }}
                </button>
            </header>
            {cells}
        </section>
    }
}

#[component]
fn Cell(tactic: String, technique: MatrixTechnique, shared: Shared) -> impl IntoView {
    let id = technique.external_id.clone();
    let subs = technique.subtechniques.clone();
    let has_subs = !subs.is_empty();
    let hidden = {
        let technique = technique.clone();
        Memo::new(move |_| !shared.query.with(|query| technique_hit(query, &technique)))
    };
    let (in_set, key) = (id.clone(), format!("{tactic}/{id}"));
    let open = {
        let subs = subs.clone();
        Memo::new(move |_| {
            // What a search found under a technique is shown under it.
            let found = shared.query.with(|query| !query.is_empty() && subs.iter().any(|sub| hit(query, &sub.external_id, &sub.name)));
            found || shared.unfold_all.get() || shared.unfolded.read().contains(&key)
        })
    };
    let toggle = {
        let key = format!("{tactic}/{id}");
        move |_| {
            shared.unfolded.update(|set| {
                if !set.remove(&key) {
                    set.insert(key.clone());
                }
            })
        }
    };
    let more_label = format!("Subtechniques of {in_set} {}, {}", technique.name, subs.len());
    let count = subs.len();
    let uses_id = id.clone();
    view! {
        <div class="brow" hidden=move || hidden.get() data-n=move || shared.uses.with(|uses| uses.contains_key(&uses_id)).then_some("")>
            {cell_button(tactic.clone(), id, technique.name, false, shared)}
            {has_subs.then(|| view! {
                <button
                    class="bcell__more"
                    type="button"
                    tabindex="-1"
                    aria-label=more_label.clone()
                    title=more_label
                    aria-expanded=move || if open.get() { "true" } else { "false" }
                    on:click=toggle
                >{count}<Icon name="chevron-down" size=12/></button>
            })}
        </div>
        {move || open.get().then(|| subs.iter().map(|sub| {
            let (sub_id, sub_name) = (sub.external_id.clone(), sub.name.clone());
            let (hit_id, hit_name, uses_id) = (sub_id.clone(), sub_name.clone(), sub_id.clone());
            let hidden = move || hidden.get() || !shared.query.with(|query| hit(query, &hit_id, &hit_name));
            view! {
                <div class="brow brow--sub" hidden=hidden data-n=move || shared.uses.with(|uses| uses.contains_key(&uses_id)).then_some("")>
                    {cell_button(tactic.clone(), sub_id, sub_name, true, shared)}
                </div>
            }
        }).collect_view())}
    }
}

fn cell_button(tactic: String, id: String, name: String, sub: bool, shared: Shared) -> impl IntoView {
    let key = format!("{tactic}/{id}");
    let uses = {
        let id = id.clone();
        Memo::new(move |_| shared.uses.with(|uses| uses.get(&id).copied().unwrap_or(0)))
    };
    let (title, spoken) = (format!("{id} {name}"), format!("{id} "));
    let (own, stop, pressed, picked) = (key.clone(), key.clone(), id.clone(), Picked { external_id: id.clone(), name: name.clone() });
    let (one, many) = shared.counted;
    view! {
        <button
            class=if sub { "bcell bcell--sub" } else { "bcell" }
            type="button"
            data-key=key
            data-n=move || match uses.get() { 0 => None, 1 => Some("1"), _ => Some("2") }
            title=title
            tabindex=move || if *shared.stop.read() == own { "0" } else { "-1" }
            aria-pressed=move || if shared.on.read().contains(&pressed) { "true" } else { "false" }
            on:focus=move |_| shared.stop.set(stop.clone())
            on:click=move |_| shared.on_pick.run(picked.clone())
        >
            <span class="sr">{spoken}</span>
            <span class="trunc">{name}</span>
            {move || match uses.get() {
                0 => ().into_any(),
                n => view! { <span class="bcell__n num"><span class="sr">", "</span>{n}<span class="sr">{" "}{if n == 1 { one } else { many }}</span></span> }.into_any(),
            }}
        </button>
    }
}

/// The cells of a column that are in sight, from top to bottom.
fn cells(column: &Element) -> Vec<Element> {
    let Ok(nodes) = column.query_selector_all(".brow:not([hidden]) > .bcell") else { return Vec::new() };
    (0..nodes.length())
        .filter_map(|index| nodes.get(index)?.dyn_into::<Element>().ok())
        .filter(|cell| cell.dyn_ref::<HtmlElement>().is_some_and(|cell| cell.offset_parent().is_some()))
        .collect()
}

/// The next column in that direction that has cells in sight.
fn neighbour(column: &Element, forward: bool) -> Option<(Element, Vec<Element>)> {
    let step = |from: &Element| if forward { from.next_element_sibling() } else { from.previous_element_sibling() };
    let mut next = step(column)?;
    loop {
        let found = cells(&next);
        if !found.is_empty() {
            return Some((next, found));
        }
        next = step(&next)?;
    }
}

/// Arrow keys: up and down in a column; right to the button of the subtechniques, then to the next column; Home and End.
fn walk(event: ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(focused) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(column) = focused.closest(".matrix__col").ok().flatten() else { return };
    let own = focused.parent_element().and_then(|row| row.query_selector(".bcell").ok().flatten());
    let Some(cell) = own else { return };
    let on_more = focused.class_list().contains("bcell__more");
    let column_cells = cells(&column);
    let Some(place) = column_cells.iter().position(|other| *other == cell) else { return };
    let aside = |forward: bool| {
        let (_, there) = neighbour(&column, forward)?;
        there.get(place.min(there.len().saturating_sub(1))).cloned()
    };
    let to = match event.key().as_str() {
        "ArrowDown" => column_cells.get(place + 1).cloned(),
        "ArrowUp" => place.checked_sub(1).and_then(|above| column_cells.get(above).cloned()),
        "Home" => column_cells.first().cloned(),
        "End" => column_cells.last().cloned(),
        "ArrowRight" if !on_more => cell.next_element_sibling().or_else(|| aside(true)),
        "ArrowRight" => aside(true),
        "ArrowLeft" if on_more => Some(cell.clone()),
        "ArrowLeft" => aside(false),
        _ => return,
    };
    event.prevent_default();
    if let Some(to) = to {
        crate::web::focus_element(&to);
    }
}

#[cfg(test)]
mod tests {
    use tyrian_api_types::catalogue::MatrixSubtechnique;

    use super::*;

    fn technique() -> MatrixTechnique {
        let sub = MatrixSubtechnique { external_id: "T1059.001".into(), name: "PowerShell".into() };
        MatrixTechnique { external_id: "T1059".into(), name: "Command and Scripting Interpreter".into(), subtechniques: vec![sub] }
    }

    #[test]
    fn a_technique_is_found_by_its_subtechniques_too() {
        for query in ["", "t1059", "script", "powershell", "t1059.001"] {
            assert!(technique_hit(query, &technique()), "{query}");
        }
        assert!(!technique_hit("kerberos", &technique()));
    }

    #[test]
    fn a_technique_in_two_tactics_counts_once() {
        let tactic =
            |id: &str| MatrixTactic { external_id: id.into(), short_name: id.into(), name: id.into(), techniques: vec![technique()] };
        let matrix = Matrix { domain: "enterprise".into(), version: None, tactics: vec![tactic("TA0001"), tactic("TA0002")] };
        assert_eq!(count_hits(&matrix, "T1059"), 2);
        assert_eq!(count_hits(&matrix, "PowerShell"), 1);
    }
}
