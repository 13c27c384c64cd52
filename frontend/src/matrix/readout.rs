//! What stands above the matrix: what its colours mean, and the cell that is being read.

use leptos::prelude::*;

use super::html::arrow;
use super::{Cell, Change, Value};
use crate::ui::Glyph;

/// How many of the things behind a cell are named.
const NAMED: usize = 4;

/// What the glyphs mean.
#[component]
pub fn Legend(
    /// the values, in order
    #[prop(into)]
    values: Signal<Vec<Value>>,
    /// the marks of what changed are on the cells
    #[prop(optional, into)]
    changes: Signal<bool>,
) -> impl IntoView {
    let mark = |change| view! { <svg class="g g--delta" viewBox="0 0 8 8" aria-hidden="true"><path fill="currentColor" d=arrow(change)></path></svg> };
    view! {
        <div class="legend" role="group" aria-label=t!("What the colours mean")>
            {move || values.get().into_iter().map(|value| view! {
                <span class="legend__item">
                    <span class="legend__sw" data-lv=value.code>{value.glyph.map(|glyph| view! { <Glyph name=glyph/> })}</span>
                    {value.word}
                </span>
            }).collect_view()}
            {move || changes.get().then(|| view! {
                <span class="legend__item">{mark(Change::Better)}{t!("better, ")}{mark(Change::Worse)}{t!("worse than last time")}</span>
            })}
        </div>
    }
}

/// A value as a swatch with its glyph; the word is spoken and on hover.
#[component]
pub fn Swatch(
    /// the value
    value: Value,
) -> impl IntoView {
    view! {
        <span class="lvdot" data-lv=value.code title=value.word.clone()>
            {value.glyph.map(|glyph| view! { <Glyph name=glyph/> })}
            <span class="sr">{value.word.clone()}</span>
        </span>
    }
}

/// The cell that is pointed at or has the focus, in one line.
#[component]
pub fn Readout(
    /// the cell
    told: RwSignal<Option<Cell>>,
    /// what stands here while there is none
    #[prop(into)]
    hint: String,
) -> impl IntoView {
    view! {
        <div class="readout readout--matrix" aria-live="polite">
            {move || match told.get() {
                None => view! { <span class="small muted">{hint.clone()}</span> }.into_any(),
                Some(cell) => line(cell).into_any(),
            }}
        </div>
    }
}

fn line(cell: Cell) -> impl IntoView {
    let more = cell.parts.len().saturating_sub(NAMED);
    let (dir, icon) = match cell.change {
        Some(Change::Better) => ("better", "arrow-up"),
        _ => ("worse", "arrow-down"),
    };
    let was = cell.was.filter(|_| cell.change.is_some());
    view! {
        <span class="chip chip--mono">{cell.id}</span>
        <b class="trunc" title=cell.name.clone()>{cell.name.clone()}</b>
        {cell.value.map(|value| view! {
            <span class="badge" data-lv=value.code>{value.glyph.map(|glyph| view! { <Glyph name=glyph/> })}{value.word}</span>
        })}
        <span class="readout__tests">
            {cell.parts.into_iter().take(NAMED).map(|(value, name)| view! { <span><Swatch value=value/><span class="trunc" title=name.clone()>{name.clone()}</span></span> }).collect_view()}
        </span>
        {(more > 0).then(|| view! { <span class="small muted nowrap">{t!("{more} more"; more)}</span> })}
        {was.map(|was| view! { <span class="delta" data-dir=dir><crate::ui::Icon name=icon size=12/>{was}</span> })}
        {cell.href.zip(cell.open).map(|(href, open)| view! { <a class="btn btn--sm push" href=href>{open}</a> })}
    }
}
