//! The chosen scenarios in their order.

use leptos::prelude::*;

use super::Chosen;
use crate::ui::{Icon, IconButton, OrderList, OrderRow, Ordering, moved};

/// The list in order. `faults` names what is wrong with single places of it.
#[component]
pub fn Order(
    /// what is chosen, in order
    chosen: RwSignal<Vec<Chosen>>,
    /// place and what is wrong there
    #[prop(optional, into)]
    faults: Signal<Vec<(usize, String)>>,
) -> impl IntoView {
    let ordering =
        Ordering::new(Signal::derive(move || chosen.with(Vec::len)), move |from, to| chosen.update(|chosen| moved(chosen, from, to)));
    view! {
        <OrderList ordering=ordering label=t!("Scenarios in order")>
            <For each=move || chosen.get() key=|one| one.id let:one>
                {
                    let id = one.id;
                    let name = StoredValue::new(one.name.clone());
                    let place = Memo::new(move |_| chosen.with(|chosen| chosen.iter().position(|other| other.id == id)).unwrap_or_default());
                    let fault = Memo::new(move |_| faults.with(|faults| faults.iter().find(|fault| fault.0 == place.get()).map(|fault| fault.1.clone())));
                    view! {
                        <OrderRow
                            ordering=ordering
                            place=place
                            name=one.name.clone()
                            acts=move || view! { <IconButton icon="x" label=t!("Take {} out", name.get_value()) on_click=move |_| chosen.update(|chosen| chosen.retain(|other| other.id != id))/> }
                            below=move || view! {
                                {move || fault.get().map(|text| view! { <span class="field__error order__fault"><Icon name="circle-alert" size=14/>{text}</span> })}
                            }
                        >
                            <span class="num faint">{move || place.get() + 1}</span>
                            <span class="row">
                                <span class="trunc grow" title=one.name.clone()>{one.name.clone()}</span>
                                <span class="small muted num" title=t!("Tests")>{one.tests}<span class="sr">{t!(" tests")}</span></span>
                            </span>
                        </OrderRow>
                    }
                }
            </For>
        </OrderList>
    }
}
