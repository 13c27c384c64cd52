//! Puts the cells onto the page: the columns that changed, as many a frame as leave the page quick.

use std::collections::{BTreeSet, HashMap, VecDeque};

use leptos::{html as tags, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::html::{Sight, cells};
use super::{Column, hit};

/// Milliseconds of a frame that are given to cells.
const BUDGET_MS: f64 = 6.0;

/// How often a column that is not on the page yet is looked for.
const TRIES: u8 = 4;

/// Draws the cells; a copyable handle.
#[derive(Clone, Copy)]
pub struct Painter {
    /// the whole matrix
    pub root: NodeRef<tags::Div>,
    /// what it shows
    pub columns: Signal<Vec<Column>>,
    /// what of it is in sight
    pub sight: Memo<Sight>,
    /// which cells are pressed, by id; none where nothing can be
    pub on: Option<Signal<BTreeSet<String>>>,
    /// the cell that the Tab key reaches
    pub stop: RwSignal<String>,
    drawn: StoredValue<HashMap<String, String>>,
    waiting: StoredValue<VecDeque<(String, u8)>>,
    at_work: StoredValue<bool>,
}

impl Painter {
    /// Draws these columns into `root`, and again what changes.
    pub fn start(
        root: NodeRef<tags::Div>,
        columns: Signal<Vec<Column>>,
        sight: Memo<Sight>,
        on: Option<Signal<BTreeSet<String>>>,
        stop: RwSignal<String>,
    ) -> Self {
        let painter = Self {
            root,
            columns,
            sight,
            on,
            stop,
            drawn: StoredValue::new(HashMap::new()),
            waiting: StoredValue::new(VecDeque::new()),
            at_work: StoredValue::new(false),
        };
        Effect::new(move |_| {
            sight.track();
            let ids = columns.with(|columns| columns.iter().map(|column| (column.id.clone(), 0)).collect());
            painter.waiting.set_value(ids);
            if !painter.at_work.get_value() {
                painter.step();
            }
        });
        Effect::new(move |_| {
            if let Some(on) = on {
                on.track();
                painter.press();
            }
        });
        painter
    }

    fn step(self) {
        let began = js_sys::Date::now();
        while js_sys::Date::now() - began < BUDGET_MS {
            // The matrix may be gone since the last frame.
            let Some(next) = self.waiting.try_update_value(VecDeque::pop_front) else { return };
            let Some((id, tries)) = next else {
                self.at_work.set_value(false);
                return self.finish();
            };
            if !self.column(&id) && tries < TRIES {
                self.waiting.update_value(|waiting| waiting.push_back((id, tries + 1)));
                break;
            }
        }
        self.finish();
        self.at_work.set_value(true);
        request_animation_frame(move || {
            if self.at_work.try_get_value().is_some() {
                self.step();
            }
        });
    }

    fn finish(self) {
        self.place_stop();
        self.press();
    }

    /// Draws one column where it differs; false while it is not on the page.
    fn column(self, id: &str) -> bool {
        let Some(place) = self.find(&format!(".matrix__cells[data-col=\"{id}\"]")) else { return false };
        let html = self.sight.with_untracked(|sight| {
            self.columns.with_untracked(|columns| columns.iter().find(|column| column.id == id).map(|column| cells(column, sight)))
        });
        let Some(html) = html else { return true };
        let same = self.drawn.with_value(|drawn| drawn.get(id) == Some(&html)) && (html.is_empty() || place.has_child_nodes());
        if !same {
            let focus = focus_in(&place);
            place.set_inner_html(&html);
            if let Some(element) = focus.and_then(|selector| place.query_selector(&selector).ok().flatten()) {
                crate::web::focus_element(&element);
            }
            self.drawn.update_value(|drawn| {
                drawn.insert(id.to_owned(), html);
            });
        }
        true
    }

    fn find(self, selector: &str) -> Option<Element> {
        self.root.try_get_untracked().flatten()?.query_selector(selector).ok().flatten()
    }

    /// Has one cell take the Tab key: the one that had it last, else the first.
    pub fn place_stop(self) {
        let Some(key) = self.stop.try_get_untracked() else { return };
        let wanted = if key.is_empty() { None } else { self.find(&format!(".cell[data-key=\"{key}\"]")) };
        let Some(wanted) = wanted.or_else(|| self.find(".cell[data-key]")) else { return };
        let had = self.find(".cell[tabindex=\"0\"]");
        if had.as_ref() != Some(&wanted) {
            if let Some(had) = had {
                let _ = had.set_attribute("tabindex", "-1");
            }
            let _ = wanted.set_attribute("tabindex", "0");
        }
    }

    /// Says of each cell whether it is pressed.
    fn press(self) {
        let Some(on) = self.on else { return };
        let Some(root) = self.root.try_get_untracked().flatten() else { return };
        let Ok(nodes) = root.query_selector_all("button.cell[data-lv]") else { return };
        on.with_untracked(|on| {
            for cell in (0..nodes.length()).filter_map(|n| nodes.get(n)?.dyn_into::<Element>().ok()) {
                let key = cell.get_attribute("data-key").unwrap_or_default();
                let pressed = key.rsplit('/').next().is_some_and(|id| on.contains(id));
                let _ = cell.set_attribute("aria-pressed", if pressed { "true" } else { "false" });
            }
        });
    }

    /// How many techniques of a column a search leaves.
    pub fn found(self, id: &str) -> usize {
        self.sight.with(|sight| {
            let left = |column: &Column| {
                column.cells.iter().filter(|cell| hit(&sight.query, cell) || cell.subs.iter().any(|sub| hit(&sight.query, sub))).count()
            };
            self.columns.with(|columns| columns.iter().find(|column| column.id == id).map_or(0, left))
        })
    }
}

/// How to find again what has the focus in here.
fn focus_in(place: &Element) -> Option<String> {
    let focused = crate::web::focused().filter(|focused| place.contains(Some(focused)))?;
    let by = |name: &str| focused.get_attribute(name).map(|key| format!("[{name}=\"{key}\"]"));
    by("data-key").or_else(|| by("data-for"))
}
