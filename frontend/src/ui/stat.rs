//! One number in a band of them: what it is, its unit, what it was last time.

use leptos::prelude::*;

use super::Icon;

/// What became of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// did the number grow
    pub up: bool,
    /// is that good
    pub better: bool,
    /// by how much: “8 points”
    pub by: String,
}

/// What became of a number, as arrow and words; the colour says better or worse.
#[component]
pub fn DeltaMark(
    /// what became of it
    delta: Delta,
) -> impl IntoView {
    view! {
        <span class="delta" data-dir=if delta.better { "better" } else { "worse" }>
            <Icon name=if delta.up { "arrow-up" } else { "arrow-down" } size=12/>
            <span class="sr">{if delta.up { t!("up by ") } else { t!("down by ") }}</span>
            {delta.by}
            <span class="sr">{if delta.better { t!(", better") } else { t!(", worse") }}</span>
        </span>
    }
}

/// A number with its label and base.
#[component]
pub fn Stat(
    /// what it is
    #[prop(into)]
    label: String,
    /// the number
    #[prop(into)]
    value: String,
    /// its unit or base
    #[prop(into)]
    unit: String,
    /// more about it
    #[prop(into)]
    sub: String,
    /// what became of it since last time
    #[prop(optional_no_strip)]
    delta: Option<Delta>,
) -> impl IntoView {
    view! {
        <div class="stat">
            <span class="stat__label">
                {label}
                {delta.map(|delta| view! { <DeltaMark delta=delta/> })}
            </span>
            <span class="stat__value">{value}" "<small>{unit}</small></span>
            <span class="stat__sub">{sub}</span>
        </div>
    }
}
