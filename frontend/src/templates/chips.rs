//! A field for a few short words: type, Enter or comma adds, Backspace takes the last one out.

use leptos::{ev, prelude::*};

use crate::ui::{Chip, Icon, next_id};

/// Platforms as ATT&CK writes them.
pub const PLATFORMS: &[&str] =
    &["Windows", "Linux", "macOS", "ESXi", "Network Devices", "Containers", "IaaS", "SaaS", "Office Suite", "Identity Provider"];

/// Words as chips with an input behind them.
#[component]
pub fn ChipsField(
    /// names the words
    #[prop(into)]
    label: String,
    /// the words
    values: RwSignal<Vec<String>>,
    /// words that are offered while typing
    #[prop(optional)]
    offer: &'static [&'static str],
    /// an example
    #[prop(optional)]
    placeholder: &'static str,
    /// what helps to fill it in
    #[prop(default = t!("Enter adds one").into(), into)]
    hint: Signal<String>,
    /// the rule that is broken and the way out
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// runs when the reader has added or taken out a word
    #[prop(optional, into)]
    on_change: Option<Callback<()>>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let id = next_id("chips");
    let (label_for, list_id, hint_id) = (id.clone(), format!("{id}-list"), format!("{id}-hint"));
    let (own_list, described_by) = (list_id.clone(), hint_id.clone());
    let change = move |change: &dyn Fn(&mut Vec<String>)| {
        values.update(|values| change(values));
        if let Some(callback) = on_change {
            callback.run(());
        }
    };
    let add = move || {
        let typed = text.get_untracked();
        let new: Vec<String> = typed.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if !new.is_empty() {
            change(&|values| {
                for word in &new {
                    if !values.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                        values.push(word.clone());
                    }
                }
            });
        }
        text.set(String::new());
    };
    let keydown = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" | "," => {
            event.prevent_default();
            add();
        }
        "Backspace" if text.read_untracked().is_empty() && !values.read_untracked().is_empty() => {
            change(&|values| {
                values.pop();
            });
        }
        _ => {}
    };
    view! {
        <div class="field">
            <label class="field__label" for=label_for>{label}</label>
            <div class="chips-in" data-invalid=move || error.read().is_some().then_some("")>
                {move || values.get().into_iter().map(|word| {
                    let gone = word.clone();
                    if disabled.get() {
                        return view! { <Chip name=word/> }.into_any();
                    }
                    view! { <Chip name=word on_remove=move |()| change(&|values| values.retain(|other| *other != gone))/> }.into_any()
                }).collect_view()}
                <input
                    id=id
                    type="text"
                    autocomplete="off"
                    list=(!offer.is_empty()).then_some(list_id)
                    placeholder=move || if values.read().is_empty() && !disabled.get() { placeholder } else { "" }
                    disabled=move || disabled.get()
                    aria-describedby=described_by
                    aria-invalid=move || error.read().is_some().then_some("true")
                    prop:value=move || text.get()
                    on:input:target=move |event| {
                        text.set(event.target().value());
                        // A word taken from the list of offers is added at once.
                        if offer.contains(&text.read_untracked().as_str()) {
                            add();
                        }
                    }
                    on:keydown=keydown
                    on:blur=move |_| add()
                />
            </div>
            {(!offer.is_empty()).then(|| view! {
                <datalist id=own_list>
                    {move || {
                        let taken = values.read();
                        offer.iter().filter(|word| !taken.iter().any(|value| value == *word)).map(|word| view! { <option value=*word></option> }).collect_view()
                    }}
                </datalist>
            })}
            {move || match error.get() {
                Some(text) => view! { <span class="field__error" id=hint_id.clone()><Icon name="circle-alert" size=14/>{text}</span> }.into_any(),
                None => view! { <span class="field__hint" id=hint_id.clone()>{move || hint.get()}</span> }.into_any(),
            }}
        </div>
    }
}
