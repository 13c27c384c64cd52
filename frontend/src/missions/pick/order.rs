//! The chosen scenarios in their order: dragged, or moved by buttons.

use leptos::{ev, prelude::*};
use uuid::Uuid;

use super::Chosen;
use crate::ui::{Icon, IconButton};

/// Puts the element at `from` at the place `to`; the others move up.
fn moved<T>(list: &mut Vec<T>, from: usize, to: usize) {
    if from < list.len() && to < list.len() {
        let one = list.remove(from);
        list.insert(to, one);
    }
}

/// The list in order. `faults` names what is wrong with single places of it.
#[component]
pub fn Order(
    /// what is chosen, in order
    chosen: RwSignal<Vec<Chosen>>,
    /// place and what is wrong there
    #[prop(optional, into)]
    faults: Signal<Vec<(usize, String)>>,
) -> impl IntoView {
    let dragged = RwSignal::new(None::<Uuid>);
    let said = RwSignal::new(String::new());
    view! {
        <ol class="orders" aria-label="Scenarios in order">
            <For each=move || chosen.get() key=|one| one.id let:one><OrderRow one=one chosen=chosen dragged=dragged said=said faults=faults/></For>
        </ol>
        <span class="sr" role="status">{move || said.get()}</span>
    }
}

#[component]
fn OrderRow(
    /// the scenario
    one: Chosen,
    /// what is chosen, in order
    chosen: RwSignal<Vec<Chosen>>,
    /// the one that is being dragged
    dragged: RwSignal<Option<Uuid>>,
    /// what was done, spoken
    said: RwSignal<String>,
    /// place and what is wrong there
    faults: Signal<Vec<(usize, String)>>,
) -> impl IntoView {
    let id = one.id;
    let name = StoredValue::new(one.name.clone());
    let place = Memo::new(move |_| chosen.with(|chosen| chosen.iter().position(|other| other.id == id)).unwrap_or_default());
    let last = Memo::new(move |_| chosen.with(|chosen| place.get() + 1 >= chosen.len()));
    let row: NodeRef<leptos::html::Li> = NodeRef::new();
    let step = move |to: usize, button: &'static str| {
        let from = place.get_untracked();
        chosen.update(|chosen| moved(chosen, from, to));
        said.set(format!("{} is now {} of {}", name.get_value(), to + 1, chosen.with_untracked(Vec::len)));
        // A row that moves in the page loses the focus; at the end of the list its button is off, and the other one takes it.
        request_animation_frame(move || {
            if let Some(row) = row.get_untracked()
                && !crate::web::focus_first(&row, button)
            {
                crate::web::focus_first(&row, "button:not([disabled])");
            }
        });
    };
    let over = move |event: ev::DragEvent| {
        let Some(other) = dragged.get_untracked() else { return };
        event.prevent_default();
        if other != id {
            chosen.update(|chosen| {
                if let Some(from) = chosen.iter().position(|one| one.id == other) {
                    moved(chosen, from, place.get_untracked());
                }
            });
        }
    };
    let fault = Memo::new(move |_| faults.with(|faults| faults.iter().find(|fault| fault.0 == place.get()).map(|fault| fault.1.clone())));
    view! {
        <li
            node_ref=row
            class="order"
            draggable="true"
            data-dragged=move || (dragged.get() == Some(id)).then_some("")
            on:dragstart=move |event: ev::DragEvent| {
                dragged.set(Some(id));
                if let Some(transfer) = event.data_transfer() {
                    // Firefox drags nothing that carries no data.
                    let _ = transfer.set_data("text/plain", &name.get_value());
                    transfer.set_effect_allowed("move");
                }
            }
            on:dragover=over
            on:drop=move |event: ev::DragEvent| if dragged.get_untracked().is_some() { event.prevent_default() }
            on:dragend=move |_| {
                dragged.set(None);
                said.set(format!("{} is now {} of {}", name.get_value(), place.get_untracked() + 1, chosen.with_untracked(Vec::len)));
            }
        >
            <Icon name="grip-vertical"/>
            <span class="num faint">{move || place.get() + 1}</span>
            <span class="trunc" title=one.name.clone()>{one.name.clone()}</span>
            <span class="row row--1">
                <span class="small muted num" title="Tests">{one.tests}<span class="sr">" tests"</span></span>
                <span data-up>
                    <IconButton
                        icon="arrow-up"
                        label=format!("Move {} up", one.name)
                        disabled=Signal::derive(move || place.get() == 0)
                        on_click=move |_| step(place.get_untracked().saturating_sub(1), "[data-up] button:not([disabled])")
                    />
                </span>
                <span data-down>
                    <IconButton
                        icon="arrow-down"
                        label=format!("Move {} down", one.name)
                        disabled=last
                        on_click=move |_| step(place.get_untracked() + 1, "[data-down] button:not([disabled])")
                    />
                </span>
                <IconButton icon="x" label=format!("Take {} out", one.name) on_click=move |_| chosen.update(|chosen| chosen.retain(|other| other.id != id))/>
            </span>
            {move || fault.get().map(|text| view! { <span class="field__error order__fault"><Icon name="circle-alert" size=14/>{text}</span> })}
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
