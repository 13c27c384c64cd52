//! The order of a scenario's tests, saved as a whole list.

use leptos::prelude::*;
use uuid::Uuid;

use super::{Desk, queries};
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, Dialog, OrderList, OrderRow, Ordering, moved, use_toasts};

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
    let ordering = Ordering::new(Signal::derive(move || list.with(Vec::len)), move |from, to| list.update(|list| moved(list, from, to)));
    let run = use_mutation(
        move |(scenario, ids): (Uuid, Vec<Uuid>)| async move { queries::order(&here.id.get_untracked(), scenario, ids).await },
        move |()| {
            open.set(false);
            toasts.success(t!("Order saved"));
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
            title=Signal::derive(move || t!("Order of {}", name.get()))
            locked=run.busy
            foot=move || view! {
                <Button on_click=move |_| if !run.busy.get_untracked() { open.set(false) }>{t!("Cancel")}</Button>
                <Button kind=ButtonKind::Primary busy=run.busy on_click=move |_| save()>{t!("Save the order")}</Button>
            }
        >
            <div class="stack stack--2">
                {move || run.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{t!("Not saved. ")}{error.text()}{t!(" If somebody added a test meanwhile, close this and open it again.")}</span></Banner> })}
                <p class="muted">{t!("Drag a test, or move it by its buttons, or with Alt and an arrow key.")}</p>
                <OrderList ordering=ordering label=t!("Tests in order")>
                    <For each=move || list.get() key=|one| one.0 let:one>
                        {
                            let (id, name) = one;
                            let place = Memo::new(move |_| list.with(|list| list.iter().position(|other| other.0 == id)).unwrap_or_default());
                            view! {
                                <OrderRow ordering=ordering place=place name=name.clone()>
                                    <span class="num faint">{move || place.get() + 1}</span>
                                    <span class="trunc" title=name.clone()>{name.clone()}</span>
                                </OrderRow>
                            }
                        }
                    </For>
                </OrderList>
            </div>
        </Dialog>
    }
}
