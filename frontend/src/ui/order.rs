//! A list that is put in order: rows are dragged, moved by buttons, or moved with Alt and an arrow key.

use leptos::{ev, html, prelude::*};

use super::{Icon, IconButton};

/// Puts the element at `from` at the place `to`; those between move by one. Places beyond the list change nothing.
pub fn moved<T>(list: &mut Vec<T>, from: usize, to: usize) {
    if from < list.len() && to < list.len() {
        let one = list.remove(from);
        list.insert(to, one);
    }
}

/// What the rows of one list share.
#[derive(Clone, Copy)]
pub struct Ordering {
    list: NodeRef<html::Ol>,
    dragged: RwSignal<Option<usize>>,
    over: RwSignal<Option<usize>>,
    said: RwSignal<String>,
    count: Signal<usize>,
    shift: Callback<(usize, usize)>,
}

impl Ordering {
    /// Of a list of `count` rows; `shift` moves the row at the first place to the second, both within the list.
    pub fn new(count: impl Into<Signal<usize>>, shift: impl Fn(usize, usize) + Send + Sync + 'static) -> Self {
        Self {
            list: NodeRef::new(),
            dragged: RwSignal::new(None),
            over: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            count: count.into(),
            shift: Callback::new(move |(from, to)| shift(from, to)),
        }
    }

    /// Moves a row, says so, and gives it the focus: at `button` if that is not off there, else at its first button.
    fn shift(self, name: &str, from: usize, to: usize, button: &'static str) {
        let count = self.count.get_untracked();
        if from == to || to >= count {
            return;
        }
        self.shift.run((from, to));
        self.said.set(t!("{} is now {} of {}", name, to + 1, count));
        let focus = move || {
            let Some(list) = self.list.try_get_untracked().flatten() else { return };
            let Ok(Some(row)) = list.query_selector(&format!(":scope > li:nth-child({})", to + 1)) else { return };
            if !crate::web::focus_first(&row, &format!("{button}:not([disabled])")) {
                crate::web::focus_first(&row, "button:not([disabled])");
            }
        };
        // A row that moves in the page loses the focus. It has it again before the next key is taken.
        leptos::task::spawn_local(async move {
            leptos::task::tick().await;
            focus();
        });
    }
}

/// The list; its children are `OrderRow`s.
#[component]
pub fn OrderList(
    /// what the rows share
    ordering: Ordering,
    /// its name: “Tests in order”
    label: &'static str,
    /// a second class
    #[prop(optional)]
    class: &'static str,
    /// the rows
    children: Children,
) -> impl IntoView {
    view! {
        <ol node_ref=ordering.list class=format!("orders {class}") aria-label=label>{children()}</ol>
        <span class="sr" role="status">{move || ordering.said.get()}</span>
    }
}

/// A row: its grip, what it is (the children), the buttons that move it, other acts.
#[component]
pub fn OrderRow(
    /// what the rows share
    ordering: Ordering,
    /// where it stands, from 0
    #[prop(into)]
    place: Signal<usize>,
    /// its name, for the buttons and for what is spoken
    #[prop(into)]
    name: String,
    /// may it be moved
    #[prop(default = true)]
    may: bool,
    /// a second class
    #[prop(optional)]
    class: &'static str,
    /// more buttons after those that move it
    #[prop(optional, into)]
    acts: ViewFn,
    /// below the row: what is wrong with it
    #[prop(optional, into)]
    below: ViewFn,
    /// what it is
    children: Children,
) -> impl IntoView {
    let (up, down) = (t!("Move {name} up"; name), t!("Move {name} down"; name));
    let name = StoredValue::new(name);
    let shift = move |from: usize, to: usize, button: &'static str| ordering.shift(&name.get_value(), from, to, button);
    let last = Memo::new(move |_| place.get() + 1 >= ordering.count.get());
    let over = move || match (ordering.over.get() == Some(place.get()), ordering.dragged.get()) {
        (true, Some(from)) if from > place.get() => Some("before"),
        (true, Some(from)) if from < place.get() => Some("after"),
        _ => None,
    };
    let dropped = move || {
        ordering.dragged.set(None);
        ordering.over.set(None);
    };
    view! {
        <li
            class=format!("order {class}")
            draggable=may.then_some("true")
            data-dragged=move || (ordering.dragged.get() == Some(place.get())).then_some("")
            data-over=over
            on:keydown=move |event: ev::KeyboardEvent| if may && event.alt_key() {
                let here = place.get_untracked();
                match event.key().as_str() {
                    "ArrowUp" if here > 0 => { event.prevent_default(); shift(here, here - 1, "button") }
                    "ArrowDown" => { event.prevent_default(); shift(here, here + 1, "button") }
                    _ => {}
                }
            }
            on:dragstart=move |event: ev::DragEvent| if may {
                ordering.dragged.set(Some(place.get_untracked()));
                if let Some(transfer) = event.data_transfer() {
                    // Firefox drags nothing that carries no data.
                    let _ = transfer.set_data("text/plain", &name.get_value());
                    transfer.set_effect_allowed("move");
                }
            }
            on:dragover=move |event: ev::DragEvent| if ordering.dragged.get_untracked().is_some() {
                event.prevent_default();
                ordering.over.set(Some(place.get_untracked()));
            }
            on:drop=move |event: ev::DragEvent| if let Some(from) = ordering.dragged.get_untracked() {
                event.prevent_default();
                dropped();
                shift(from, place.get_untracked(), "button");
            }
            on:dragend=move |_| dropped()
        >
            {may.then(|| view! { <Icon name="grip-vertical"/> })}
            {children()}
            <span class="row row--1">
                {may.then(|| view! {
                    <span data-up><IconButton icon="arrow-up" label=up disabled=Signal::derive(move || place.get() == 0) on_click=move |_| { let here = place.get_untracked(); shift(here, here.saturating_sub(1), "[data-up] button") }/></span>
                    <span data-down><IconButton icon="arrow-down" label=down disabled=last on_click=move |_| { let here = place.get_untracked(); shift(here, here + 1, "[data-down] button") }/></span>
                })}
                {acts.run()}
            </span>
            {below.run()}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn moving_keeps_all_and_changes_one_place() {
        let mut list = vec!['a', 'b', 'c', 'd'];
        moved(&mut list, 0, 2);
        assert_eq!(list, ['b', 'c', 'a', 'd']);
        moved(&mut list, 3, 0);
        assert_eq!(list, ['d', 'b', 'c', 'a']);
        moved(&mut list, 0, 9);
        assert_eq!(list, ['d', 'b', 'c', 'a']);
    }
}
