//! The order of a scenario's tests: dragged or moved by buttons, saved as a whole list.

use leptos::{ev, prelude::*};
use uuid::Uuid;

use super::{Desk, queries};
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, Dialog, Icon, IconButton, use_toasts};

/// Puts the element at `from` at the place `to`; the others move up.
fn moved<T>(list: &mut Vec<T>, from: usize, to: usize) {
    if from < list.len() && to < list.len() {
        let one = list.remove(from);
        list.insert(to, one);
    }
}

/// The dialog of one scenario.
#[component]
pub fn OrderDialog(
    /// the tab
    desk: Desk,
) -> impl IntoView {
    let here = desk.here;
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let list = RwSignal::new(Vec::<(Uuid, String)>::new());
    let name = RwSignal::new(String::new());
    let said = RwSignal::new(String::new());
    let dragged = RwSignal::new(None::<Uuid>);
    let run = use_mutation(
        move |(scenario, ids): (Uuid, Vec<Uuid>)| async move { queries::order(&here.id.get_untracked(), scenario, ids).await },
        move |()| {
            open.set(false);
            toasts.success("Order saved");
            queries::refresh_mission(&here.id.get_untracked());
        },
    );
    Effect::new(move |_| {
        let Some(scenario) = desk.order.get() else { return };
        let found = here.now(|data| {
            let one = data.value.scenarios.iter().find(|one| one.id == scenario)?;
            Some((one.name.clone(), one.tests.iter().map(|test| (test.id, test.name.clone())).collect::<Vec<_>>()))
        });
        if let Some((of, tests)) = found.flatten() {
            name.set(of);
            list.set(tests);
            said.set(String::new());
            run.error.set(None);
            open.set(true);
        }
    });
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            desk.order.set(None);
        }
        now
    });
    let save = move || {
        if let Some(scenario) = desk.order.get_untracked() {
            run.run.run((scenario, list.with_untracked(|list| list.iter().map(|one| one.0).collect())));
        }
    };
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || format!("Order of {}", name.get()))
            locked=run.busy
            foot=move || view! {
                <Button on_click=move |_| if !run.busy.get_untracked() { open.set(false) }>"Cancel"</Button>
                <Button kind=ButtonKind::Primary busy=run.busy on_click=move |_| save()>"Save the order"</Button>
            }
        >
            <div class="stack stack--2">
                {move || run.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>"Not saved. "{error.text()}" If somebody added a test meanwhile, close this and open it again."</span></Banner> })}
                <p class="muted">"Drag a test, or move it by its buttons. In the list, Alt and an arrow key move the test in focus."</p>
                <ol class="orders" aria-label="Tests in order">
                    <For each=move || list.get() key=|one| one.0 let:one><OrderRow one=one list=list dragged=dragged said=said/></For>
                </ol>
                <span class="sr" role="status">{move || said.get()}</span>
            </div>
        </Dialog>
    }
}

#[component]
fn OrderRow(
    /// the test
    one: (Uuid, String),
    /// all of them, in order
    list: RwSignal<Vec<(Uuid, String)>>,
    /// the one that is being dragged
    dragged: RwSignal<Option<Uuid>>,
    /// what was done, spoken
    said: RwSignal<String>,
) -> impl IntoView {
    let (id, name) = one;
    let label = StoredValue::new(name.clone());
    let place = Memo::new(move |_| list.with(|list| list.iter().position(|other| other.0 == id)).unwrap_or_default());
    let last = Memo::new(move |_| list.with(|list| place.get() + 1 >= list.len()));
    let row: NodeRef<leptos::html::Li> = NodeRef::new();
    let tell = move || said.set(format!("{} is now {} of {}", label.get_value(), place.get_untracked() + 1, list.with_untracked(Vec::len)));
    let step = move |to: usize, button: &'static str| {
        let from = place.get_untracked();
        list.update(|list| moved(list, from, to));
        tell();
        // A row that moves in the page loses the focus; at the end of the list its button is off, and the other one takes it.
        request_animation_frame(move || {
            if let Some(row) = row.get_untracked()
                && !crate::web::focus_first(&row, button)
            {
                crate::web::focus_first(&row, "button:not([disabled])");
            }
        });
    };
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
                    let _ = transfer.set_data("text/plain", &label.get_value());
                    transfer.set_effect_allowed("move");
                }
            }
            on:dragover=move |event: ev::DragEvent| {
                let Some(other) = dragged.get_untracked() else { return };
                event.prevent_default();
                if other != id {
                    list.update(|list| {
                        if let Some(from) = list.iter().position(|one| one.0 == other) {
                            moved(list, from, place.get_untracked());
                        }
                    });
                }
            }
            on:drop=move |event: ev::DragEvent| if dragged.get_untracked().is_some() { event.prevent_default() }
            on:dragend=move |_| { dragged.set(None); tell(); }
        >
            <Icon name="grip-vertical"/>
            <span class="num faint">{move || place.get() + 1}</span>
            <span class="trunc" title=name.clone()>{name.clone()}</span>
            <span class="row row--1">
                <span data-up>
                    <IconButton icon="arrow-up" label=format!("Move {name} up") disabled=Signal::derive(move || place.get() == 0) on_click=move |_| step(place.get_untracked().saturating_sub(1), "[data-up] button:not([disabled])")/>
                </span>
                <span data-down>
                    <IconButton icon="arrow-down" label=format!("Move {name} down") disabled=last on_click=move |_| step(place.get_untracked() + 1, "[data-down] button:not([disabled])")/>
                </span>
            </span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn moving_keeps_all_and_changes_one_place() {
        let mut list = vec!['a', 'b', 'c'];
        moved(&mut list, 2, 0);
        assert_eq!(list, ['c', 'a', 'b']);
        moved(&mut list, 0, 9);
        assert_eq!(list, ['c', 'a', 'b']);
    }
}
