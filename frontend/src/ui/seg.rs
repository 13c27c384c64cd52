//! Controls whose choices are all in sight: one of a few (`Seg`), filters that are on or off (`Pill`).

use leptos::prelude::*;

use super::{Glyph, Icon, next_id};

/// One of a few; the word is always there. `options` are value and word.
#[component]
pub fn Seg(
    /// the value chosen; empty while none is
    value: RwSignal<String>,
    /// value and word, in order
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// what is chosen
    #[prop(into)]
    label: String,
    /// `red` or `blue` where the fact belongs to a side
    #[prop(optional)]
    side: Option<&'static str>,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// runs when another one is chosen
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
) -> impl IntoView {
    let name = next_id("seg");
    view! {
        <div class="seg" data-side=side role="radiogroup" aria-label=label>
            {move || {
                let name = name.clone();
                options
                    .get()
                    .into_iter()
                    .map(move |(code, word)| {
                        let checked = { let code = code.clone(); move || *value.read() == code };
                        view! {
                            <label>
                                <input
                                    type="radio"
                                    name=name.clone()
                                    value=code.clone()
                                    prop:checked=checked
                                    disabled=move || disabled.get()
                                    on:change=move |_| {
                                        value.set(code.clone());
                                        if let Some(callback) = on_change {
                                            callback.run(code.clone());
                                        }
                                    }
                                />
                                {word}
                            </label>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// A filter that is on or off, with a number where it is known.
#[component]
pub fn Pill(
    /// is it on
    #[prop(into)]
    pressed: Signal<bool>,
    /// its word
    #[prop(into)]
    label: String,
    /// a mission status: gives the glyph and its colour
    #[prop(optional)]
    status: Option<&'static str>,
    /// an icon where there is no status
    #[prop(optional)]
    icon: Option<&'static str>,
    /// how many it would leave
    #[prop(optional, into)]
    count: Signal<Option<u64>>,
    /// what it does
    #[prop(into)]
    on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button class="pill" type="button" data-status=status aria-pressed=move || if pressed.get() { "true" } else { "false" } on:click=move |_| on_click.run(())>
            {status.map(|code| view! { <Glyph name=format!("st-{code}")/> })}
            {icon.map(|name| view! { <Icon name=name size=14/> })}
            {label}
            {move || count.get().map(|n| view! { " "<span class="count">{n}</span> })}
        </button>
    }
}
