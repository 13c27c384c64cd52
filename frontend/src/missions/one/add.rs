//! Further scenarios for a mission that exists: copied behind the last one.

use leptos::prelude::*;
use tyrian_api_types::Validate;
use tyrian_api_types::missions::AddScenarios;

use super::Here;
use crate::api::new_idempotency_key;
use crate::missions::pick::{Chosen, Order, ScenarioLibrary, SumLine};
use crate::missions::queries;
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, Dialog, EmptyState, count, use_toasts};

/// “Add scenarios”.
#[component]
pub fn AddDialog(
    /// the mission
    here: Here,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let chosen = RwSignal::new(Vec::<Chosen>::new());
    let fault = RwSignal::new(None::<String>);
    // a try that got no answer is repeated under its key, so that nothing is copied twice
    let sent = StoredValue::new(None::<(AddScenarios, String)>);
    Effect::new(move |_| {
        if open.get() {
            chosen.set(Vec::new());
            fault.set(None);
            sent.set_value(None);
        }
    });
    let add = use_mutation(
        move |(request, key): (AddScenarios, String)| {
            let id = here.id.get_untracked();
            let n = request.scenario_template_ids.len() as u64;
            async move { queries::add_scenarios(&id, request, &key).await.map(|()| n) }
        },
        move |n| {
            open.set(false);
            toasts.success(t!("{} added", count(n, "scenario", "scenarios")));
            queries::refresh_all();
        },
    );
    Effect::new(move |_| {
        let Some(error) = add.error.get() else { return };
        if error.code().is_some_and(|code| code.status() < 500) {
            sent.set_value(None);
        }
        let fields = error.fields().iter().map(|field| field.detail.clone()).collect::<Vec<_>>();
        fault.set(Some(if fields.is_empty() { error.text() } else { fields.join(" ") }));
    });
    let submit = move || {
        let request = AddScenarios { scenario_template_ids: chosen.with_untracked(|chosen| chosen.iter().map(|one| one.id).collect()) };
        if let Err(faults) = request.check() {
            fault.set(faults.first().map(|fault| fault.detail.clone()));
            return;
        }
        let key = match sent.get_value() {
            Some((before, key)) if before == request => key,
            _ => new_idempotency_key(),
        };
        sent.set_value(Some((request.clone(), key.clone())));
        fault.set(None);
        add.run.run((request, key));
    };
    let none = Memo::new(move |_| chosen.read().is_empty());
    view! {
        <Dialog
            open=open
            title=t!("Add scenarios")
            wide=true
            locked=add.busy
            foot=move || view! {
                <span class="dialog__left"><SumLine chosen=chosen/></span>
                <Button on_click=move |_| if !add.busy.get_untracked() { open.set(false) }>{t!("Cancel")}</Button>
                <Button kind=ButtonKind::Primary busy=add.busy why_not=Signal::derive(move || none.get().then(|| t!("Tick a scenario first").to_owned())) on_click=move |_| submit()>
                    {move || match chosen.read().len() {
                        0 => t!("Add").to_owned(),
                        n => t!("Add {}", count(n as u64, "scenario", "scenarios")),
                    }}
                </Button>
            }
        >
            <div class="stack">
                <p class="muted">{t!("The mission freezes a copy of what is chosen, behind the scenarios that it has. Later edits of the library change nothing in it.")}</p>
                {move || fault.get().map(|text| view! { <Banner kind=BannerKind::Error><span>{t!("Nothing was added. ")}{text}</span></Banner> })}
                <div class="cols cols--2">
                    <ScenarioLibrary chosen=chosen in_dialog=true/>
                    <section class="card" aria-label=t!("To be added, in this order")>
                        <div class="card__head"><h3>{t!("In this order")}</h3></div>
                        {move || if none.get() {
                            view! { <EmptyState title=t!("Nothing chosen yet") text=t!("Tick the scenarios to add.") tight=true/> }.into_any()
                        } else {
                            view! { <div class="orders__box"><Order chosen=chosen/></div> }.into_any()
                        }}
                    </section>
                </div>
            </div>
        </Dialog>
    }
}
