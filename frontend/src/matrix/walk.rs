//! The arrow keys: up and down in a column, right to the button of the subtechniques, then to the next column; Home and End.

use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The cells of a column that are in sight, from top to bottom.
fn cells(column: &Element) -> Vec<Element> {
    let Ok(nodes) = column.query_selector_all(".cell[data-key]") else { return Vec::new() };
    (0..nodes.length()).filter_map(|n| nodes.get(n)?.dyn_into().ok()).collect()
}

/// The cells of the next column in that direction that has any.
fn neighbour(column: &Element, forward: bool) -> Option<Vec<Element>> {
    let step = |from: &Element| if forward { from.next_element_sibling() } else { from.previous_element_sibling() };
    let mut next = step(column)?;
    loop {
        let found = cells(&next);
        if !found.is_empty() {
            return Some(found);
        }
        next = step(&next)?;
    }
}

/// What a key does in the matrix.
pub fn walk(event: &ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(focused) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(column) = focused.closest(".matrix__col").ok().flatten() else { return };
    let own = focused.parent_element().and_then(|row| row.query_selector(".cell").ok().flatten());
    let Some(cell) = own else { return };
    let on_more = focused.class_list().contains("cell__more");
    let column_cells = cells(&column);
    let Some(place) = column_cells.iter().position(|other| *other == cell) else { return };
    let aside = |forward: bool| {
        let there = neighbour(&column, forward)?;
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
