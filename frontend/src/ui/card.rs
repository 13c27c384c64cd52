//! Cards, lists of key and value, tables that scroll sideways.

use leptos::prelude::*;

/// A card with a heading. The body is the children: wrap them in `CardBody` where they need padding.
#[component]
pub fn Card(
    /// its heading
    #[prop(into)]
    title: Signal<String>,
    /// a number after the heading
    #[prop(optional, into)]
    count: Signal<Option<u64>>,
    /// acts or a badge on the right of the heading
    #[prop(optional, into)]
    head: ViewFn,
    /// its body
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" aria-label=move || title.get()>
            <div class="card__head">
                <h2>{move || title.get()}</h2>
                {move || count.get().map(|n| view! { <span class="count">{n}</span> })}
                <span class="push row">{head.run()}</span>
            </div>
            {children()}
        </section>
    }
}

/// The padded body of a card.
#[component]
pub fn CardBody(
    /// what stands in it
    children: Children,
) -> impl IntoView {
    view! { <div class="card__body">{children()}</div> }
}

/// Key and value, one pair a line.
#[component]
pub fn KeyValues(
    /// keys need more room
    #[prop(optional)]
    wide: bool,
    /// `Pair`s
    children: Children,
) -> impl IntoView {
    view! { <dl class=if wide { "kv kv--wide" } else { "kv" }>{children()}</dl> }
}

/// One line of a `KeyValues`.
#[component]
pub fn Pair(
    /// what it is
    #[prop(into)]
    label: String,
    /// its value
    children: Children,
) -> impl IntoView {
    view! { <dt>{label}</dt><dd>{children()}</dd> }
}

/// A table that scrolls sideways where the page is narrow; the children are `<thead>` and `<tbody>`.
#[component]
pub fn Table(
    /// what the table lists, for the screen reader
    #[prop(into)]
    label: String,
    /// little padding
    #[prop(optional)]
    tight: bool,
    /// head and body
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label=label>
            <table class=if tight { "table table--tight" } else { "table" }>{children()}</table>
        </div>
    }
}
