//! Puts the cells onto the page: only the rows that changed, as many a frame as leave the page quick.

use std::collections::{BTreeSet, HashMap, VecDeque};

use leptos::{html as tags, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::html::{Sight, rows};
use super::{Column, technique_hit};

/// Milliseconds of a frame that are given to cells.
const BUDGET_MS: f64 = 6.0;

/// Rows that a frame puts in at most: to lay them out costs more than to make them.
const ROWS: usize = 24;

/// Rows of one column after which the next column has its turn: the heads of all columns are in sight, their feet are not.
const TURN: usize = 12;

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
    drawn: StoredValue<HashMap<String, Vec<String>>>,
    waiting: StoredValue<VecDeque<Waiting>>,
    at_work: StoredValue<bool>,
}

/// A column that is to be drawn.
struct Waiting {
    id: String,
    /// its rows, once they are made
    target: Option<Vec<String>>,
    /// how often it was not on the page
    tries: u8,
    /// how to find again what had the focus, until it is drawn
    focus: Option<String>,
}

/// How many rows at the beginning and at the end are the same in both.
fn kept(drawn: &[String], target: &[String]) -> (usize, usize) {
    let first = drawn.iter().zip(target).take_while(|(a, b)| a == b).count();
    let rest = drawn.len().min(target.len()) - first;
    let last = drawn.iter().rev().zip(target.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    (first, last)
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
            let waiting = |column: &Column| Waiting { id: column.id.clone(), target: None, tries: 0, focus: None };
            painter.waiting.set_value(columns.with(|columns| columns.iter().map(waiting).collect()));
            if !painter.at_work.get_value() {
                painter.step();
            }
        });
        Effect::new(move |_| {
            if let Some(on) = on {
                on.track();
                if let Some(root) = root.get_untracked() {
                    painter.press(&root);
                }
            }
        });
        painter
    }

    fn step(self) {
        let began = js_sys::Date::now();
        let mut room = ROWS;
        while room > 0 && js_sys::Date::now() - began < BUDGET_MS {
            // The matrix may be gone since the last frame.
            let Some(next) = self.waiting.try_update_value(VecDeque::pop_front) else { return };
            let Some(mut next) = next else {
                self.at_work.set_value(false);
                return self.place_stop();
            };
            match self.draw(&mut next, room.min(TURN)) {
                Drawn::All(n) => room = room.saturating_sub(n),
                Drawn::Some(n) => {
                    room = room.saturating_sub(n);
                    self.waiting.update_value(|waiting| waiting.push_back(next));
                }
                Drawn::NotThere if next.tries < TRIES => {
                    next.tries += 1;
                    self.waiting.update_value(|waiting| waiting.push_back(next));
                    break;
                }
                Drawn::NotThere => {}
            }
        }
        self.place_stop();
        self.at_work.set_value(true);
        request_animation_frame(move || {
            if self.at_work.try_get_value().is_some() {
                self.step();
            }
        });
    }

    /// Draws up to `room` rows of a column between those that stay.
    fn draw(self, next: &mut Waiting, room: usize) -> Drawn {
        let Some(place) = self.find(&format!(".matrix__cells[data-col=\"{}\"]", next.id)) else { return Drawn::NotThere };
        let make = || {
            let of = |columns: &Vec<Column>, sight: &Sight| {
                columns.iter().find(|column| column.id == next.id).map(|column| rows(column, sight)).unwrap_or_default()
            };
            self.sight.with_untracked(|sight| self.columns.with_untracked(|columns| of(columns, sight)))
        };
        let target = &*next.target.get_or_insert_with(make);
        next.focus = next.focus.take().or_else(|| focus_in(&place));
        let known = self.drawn.try_update_value(|drawn| drawn.remove(&next.id)).flatten();
        // The element may be new, or hold what another matrix drew before this one took its place.
        let drawn = known.filter(|rows| u32::try_from(rows.len()) == Ok(place.child_element_count())).unwrap_or_else(|| {
            place.set_inner_html("");
            Vec::new()
        });
        let (first, last) = kept(&drawn, target);
        let missing = target.len() - first - last;
        let n = missing.min(room);
        let fresh = target.get(first..first + n).unwrap_or_default();
        for _ in first..drawn.len() - last {
            if let Some(row) = row_at(&place, first) {
                row.remove();
            }
        }
        if n > 0 {
            let html = fresh.concat();
            let _ = match row_at(&place, first) {
                Some(after) => after.insert_adjacent_html("beforebegin", &html),
                None => place.insert_adjacent_html("beforeend", &html),
            };
            self.press(&place);
        }
        let lost = || crate::web::focused().is_none_or(|element| element.tag_name() == "BODY");
        if let Some(element) = next.focus.as_ref().filter(|_| lost()).and_then(|selector| place.query_selector(selector).ok().flatten()) {
            crate::web::focus_element(&element);
        }
        let end = target.get(target.len() - last..).unwrap_or_default();
        let now = target.get(..first).unwrap_or_default().iter().chain(fresh).chain(end).cloned().collect();
        self.drawn.update_value(|drawn| {
            drawn.insert(next.id.clone(), now);
        });
        if n == missing { Drawn::All(n) } else { Drawn::Some(n) }
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

    /// Says of each cell in here whether it is pressed.
    fn press(self, place: &Element) {
        let Some(on) = self.on else { return };
        let Ok(nodes) = place.query_selector_all("button.cell[data-lv]") else { return };
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
            let left = |column: &Column| column.cells.iter().filter(|cell| technique_hit(&sight.query, cell)).count();
            self.columns.with(|columns| columns.iter().find(|column| column.id == id).map_or(0, left))
        })
    }
}

/// How far a column came, and by how many rows.
enum Drawn {
    /// all of it stands
    All(usize),
    /// there is more to draw
    Some(usize),
    /// it is not on the page
    NotThere,
}

/// A row by its number; what else stands in there is no element.
fn row_at(place: &Element, n: usize) -> Option<Element> {
    place.query_selector(&format!(":scope > :nth-child({})", n + 1)).ok().flatten()
}

/// How to find again what has the focus in here.
fn focus_in(place: &Element) -> Option<String> {
    let focused = crate::web::focused().filter(|focused| place.contains(Some(focused)))?;
    let by = |name: &str| focused.get_attribute(name).map(|key| format!("[{name}=\"{key}\"]"));
    by("data-key").or_else(|| by("data-for"))
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn what_is_the_same_at_both_ends_is_kept() {
        let of = |drawn: &str, target: &str| {
            let rows = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
            kept(&rows(drawn), &rows(target))
        };
        assert_eq!(of("", "abc"), (0, 0));
        assert_eq!(of("abc", "abc"), (3, 0));
        // two rows unfold under the first
        assert_eq!(of("abc", "axybc"), (1, 2));
        // a row is never kept twice
        assert_eq!(of("aa", "aaa"), (2, 0));
        assert_eq!(of("abc", "c"), (0, 1));
    }
}
