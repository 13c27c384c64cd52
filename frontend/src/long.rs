//! Long lists. The rows of a table stand in blocks, each a `<tbody>`. In a list that has become long, a block that is far
//! from the window is a gap of its height, and blocks are drawn a few at a time: ten thousand rows cost the page no more
//! than a few hundred.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::hash::Hash;

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::paged::{Paged, Part};

/// Rows of a block.
const ROWS: usize = 10;

/// Blocks that are drawn at once: what a window shows first.
const AT_ONCE: usize = 2;

/// Up to so many rows all are drawn, wherever they are.
const WHOLE: usize = 200;

/// How far from the window a block is drawn.
const NEAR: &str = "900px 0px";

/// Height of a row in px before one was measured.
const ROW_PX: f64 = 46.0;

/// Milliseconds of a task that are given to blocks.
const BUDGET_MS: f64 = 6.0;

thread_local! {
    static WAITING: RefCell<VecDeque<Box<dyn FnOnce()>>> = RefCell::new(VecDeque::new());
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Does this soon, after what waits already, without making one long task of it.
fn soon(work: impl FnOnce() + 'static) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(Box::new(work)));
    if AT_WORK.replace(true) {
        return;
    }
    leptos::task::spawn_local(async {
        loop {
            crate::web::sleep(0).await;
            let began = js_sys::Date::now();
            while js_sys::Date::now() - began < BUDGET_MS {
                let Some(work) = WAITING.with_borrow_mut(VecDeque::pop_front) else {
                    AT_WORK.set(false);
                    return;
                };
                work();
                leptos::task::tick().await;
            }
        }
    });
}

/// The rows of block `block` of a page.
fn rows_of<T: Clone>(part: Option<&Part<T>>, block: usize) -> Vec<T> {
    part.and_then(|part| part.rows().chunks(ROWS).nth(block)).map(<[T]>::to_vec).unwrap_or_default()
}

/// A number of rows to reckon heights with.
fn number(rows: usize) -> f64 {
    f64::from(u32::try_from(rows).unwrap_or(u32::MAX))
}

/// What the blocks of one list share.
#[derive(Clone, Copy)]
struct Shared {
    /// so short that all is drawn
    whole: Memo<bool>,
    /// height of a row, as last measured
    row_px: StoredValue<f64>,
}

/// The rows of a table as `<tbody>`s; the children draw a row, a `<tr>`.
#[component]
pub fn LongRows<T, K, F, V>(
    /// what is read page by page
    list: Paged<T>,
    /// what tells a row from others, and from itself as it was before a change
    key: fn(&T) -> K,
    /// draws a row
    children: F,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Eq + Hash + Send + Sync + 'static,
    F: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let shared = Shared { whole: Memo::new(move |_| list.shown.get() <= WHOLE), row_px: StoredValue::new(ROW_PX) };
    let pages = Memo::new(move |_| list.parts.read().len());
    view! {
        <For each=move || 0..pages.get() key=|page| *page let:page>
            {
                let part = Memo::new(move |_| list.parts.with(|parts| parts.get(page).cloned()));
                let blocks = Memo::new(move |_| part.with(|part| part.as_ref().map_or(0, |part| part.rows().len().div_ceil(ROWS))));
                let children = children.clone();
                view! {
                    <For each=move || 0..blocks.get() key=|block| *block let:block>
                        {block_view(shared, part, page == 0, block, key, children.clone())}
                    </For>
                }
            }
        </For>
    }
}

fn block_view<T, K, F, V>(shared: Shared, part: Memo<Option<Part<T>>>, first: bool, block: usize, key: fn(&T) -> K, children: F) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Eq + Hash + Send + Sync + 'static,
    F: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let node: NodeRef<html::Tbody> = NodeRef::new();
    let rows = Memo::new(move |_| part.with(|part| rows_of(part.as_ref(), block)));
    let drawn = RwSignal::new(first && block < AT_ONCE);
    let near = StoredValue::new(drawn.get_untracked());
    let gap_px = StoredValue::new(None::<f64>);
    let apply = move || {
        let (Some(near), Some(whole)) = (near.try_get_value(), shared.whole.try_get_untracked()) else { return };
        let want = whole || near;
        let Some(tbody) = node.try_get_untracked().flatten() else { return };
        if want == drawn.get_untracked() || (!want && has_focus(&tbody)) {
            return;
        }
        if !want {
            let height = tbody.get_bounding_client_rect().height();
            gap_px.set_value(Some(height));
            shared.row_px.set_value(height / number(rows.with_untracked(Vec::len).max(1)));
        }
        drawn.set(want);
    };
    let watch = StoredValue::new_local(None::<crate::web::Near>);
    Effect::new(move |_| {
        let Some(tbody) = node.get() else { return };
        if first && block == 0 {
            hold_widths(&tbody, !shared.whole.get());
        }
        if shared.whole.get() {
            watch.set_value(None);
            soon(apply);
        } else {
            watch.set_value(crate::web::Near::watch(&tbody, NEAR, move |is_near| {
                near.set_value(is_near);
                soon(apply);
            }));
        }
    });
    let gap = move || gap_px.get_value().unwrap_or_else(|| shared.row_px.get_value() * number(rows.with(Vec::len)));
    view! {
        <tbody node_ref=node>
            {move || if drawn.get() {
                let children = children.clone();
                view! { <For each=move || rows.get() key=key let:row>{children(row)}</For> }.into_any()
            } else {
                view! { <tr class="unseen" aria-hidden="true"><td style:height=move || format!("{}px", gap())></td></tr> }.into_any()
            }}
        </tbody>
    }
    .into_any()
}

fn has_focus(element: &Element) -> bool {
    crate::web::focused().is_some_and(|focused| element.contains(Some(&focused)))
}

/// Columns take their widths from the rows that are drawn. In a long list those change: the widths that are there stay.
fn hold_widths(within: &Element, hold: bool) {
    let Some(table) = within.closest("table").ok().flatten() else { return };
    let Ok(nodes) = table.query_selector_all("thead th") else { return };
    let heads: Vec<HtmlElement> = (0..nodes.length()).filter_map(|n| nodes.get(n)?.dyn_into().ok()).collect();
    let widths: Vec<i32> = heads.iter().map(HtmlElement::offset_width).collect();
    for (head, width) in heads.iter().zip(widths) {
        let _ = if hold && width > 0 {
            head.style().set_property("width", &format!("{width}px"))
        } else {
            head.style().remove_property("width").map(drop)
        };
    }
    let _ = if hold { table.set_attribute("data-long", "") } else { table.remove_attribute("data-long") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_a_page_hold_each_row_once() {
        let part = Part::new((0..23).collect::<Vec<_>>());
        let all: Vec<_> = (0..3).flat_map(|block| rows_of(Some(&part), block)).collect();
        assert_eq!(all, (0..23).collect::<Vec<_>>());
        assert_eq!(rows_of(Some(&part), 2), [20, 21, 22]);
        assert!(rows_of(Some(&part), 3).is_empty());
        assert!(rows_of::<u8>(None, 0).is_empty());
    }
}
