//! A drawing of columns that stand side by side: a scale, marks, names under it, and what each column says when it is
//! pointed at or has the focus. Wide ones scroll in their own box.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use crate::ui::Glyph;

/// From the upper edge to the top of the scale.
pub const TOP: u32 = 18;
/// How high the scale is.
pub const HEIGHT: u32 = 200;
/// Between the foot of the scale and the first name.
const FOOT: u32 = 26;
/// A line of a name.
const LINE: u32 = 16;

/// A line of the scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// how far from the upper edge
    pub y: f64,
    /// what it says
    pub word: String,
}

/// A line of what a column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// the detection level whose glyph and colour stand before it
    pub level: Option<&'static str>,
    /// what
    pub what: String,
    /// how much
    pub value: String,
}

impl Told {
    /// Without a glyph.
    pub fn new(what: impl Into<String>, value: impl ToString) -> Self {
        Self { level: None, what: what.into(), value: value.to_string() }
    }
}

/// A column.
pub struct Column {
    /// the lines under it, the first one strong
    pub names: Vec<String>,
    /// heads what it says
    pub title: String,
    /// what it says
    pub told: Vec<Told>,
    /// its marks, drawn at `x()` of it
    pub marks: AnyView,
}

/// The middle of a column, in per cent of the width.
#[expect(clippy::cast_precision_loss, reason = "a few columns")]
pub fn middle(index: usize, count: usize) -> f64 {
    (index as f64 + 0.5) * 100.0 / count.max(1) as f64
}

/// `12.5%`
pub fn percent(x: f64) -> String {
    format!("{x:.3}%")
}

fn sentence(column: &Column) -> String {
    let parts: Vec<String> = column.told.iter().map(|told| format!("{}: {}", told.what, told.value)).collect();
    format!("{}. {}", column.title, parts.join(", "))
}

/// Arrow keys go from column to column.
fn walk(event: &web_sys::KeyboardEvent, forward: bool) {
    let Some(now) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let other = if forward { now.next_element_sibling() } else { now.previous_element_sibling() };
    if let Some(other) = other.filter(|other| other.has_attribute("tabindex")) {
        event.prevent_default();
        crate::web::focus_element(&other);
    }
}

/// The drawing.
#[component]
pub fn Plot(
    /// what it shows
    #[prop(into)]
    label: String,
    /// the lines of the scale
    ticks: Vec<Tick>,
    /// the columns, from left to right
    columns: Vec<Column>,
    /// what joins the columns, under their marks
    #[prop(optional)]
    between: Option<AnyView>,
    /// how wide a column is at least, in px
    room: u32,
    /// how wide the words of the scale are, in px
    axis: u32,
) -> impl IntoView {
    let count = columns.len();
    let lines = columns.iter().map(|column| column.names.len()).max().unwrap_or(0);
    let height = TOP + HEIGHT + FOOT + LINE * u32::try_from(lines).unwrap_or(1);
    let open = RwSignal::new(None::<usize>);
    let stop = RwSignal::new(count.saturating_sub(1));
    let tips: Vec<(f64, String, Vec<Told>)> =
        columns.iter().enumerate().map(|(index, column)| (middle(index, count), column.title.clone(), column.told.clone())).collect();
    let tips = StoredValue::new(tips);
    let tip = move || {
        open.get().and_then(|index| tips.with_value(|tips| tips.get(index).cloned())).map(|(x, title, told)| tip_view(x, title, told))
    };
    let grid = ticks.iter().map(|tick| tick.y).collect::<Vec<_>>();
    let scroll: NodeRef<html::Div> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(scroll) = scroll.get() {
            // what is newest stands right, and is what one comes for
            request_animation_frame(move || scroll.set_scroll_left(scroll.scroll_width()));
        }
    });
    let hint = if count > 1 { t!(". Arrow keys go from one to the next.") } else { "" };
    view! {
        <div class="plot">
            <svg class="chart plot__axis" width=axis height=height aria-hidden="true">
                {ticks.into_iter().map(|tick| view! { <text x={axis - 8} y=format!("{:.1}", tick.y + 4.0) text-anchor="end" class="t-faint">{tick.word}</text> }).collect_view()}
            </svg>
            <div class="plot__box" node_ref=scroll>
                <div class="plot__in" style:--n=count.to_string() style:--room=format!("{room}px")>
                    <svg class="chart" height=height role="group" aria-label=format!("{label}{hint}")>
                        {grid.into_iter().map(|y| view! { <line class="grid" x1="0" x2="100%" y1=format!("{y:.1}") y2=format!("{y:.1}")></line> }).collect_view()}
                        {between}
                        <g>{columns.into_iter().enumerate().map(|(index, column)| column_view(index, count, height, column, open, stop)).collect_view()}</g>
                    </svg>
                    {tip}
                </div>
            </div>
        </div>
    }
}

fn column_view(
    index: usize,
    count: usize,
    height: u32,
    column: Column,
    open: RwSignal<Option<usize>>,
    stop: RwSignal<usize>,
) -> impl IntoView {
    let x = middle(index, count);
    let left = x - middle(0, count);
    let said = sentence(&column);
    view! {
        <g
            class="plot__col"
            role="img"
            aria-label=said
            tabindex=move || if stop.get() == index { "0" } else { "-1" }
            on:focus=move |_| { stop.set(index); open.set(Some(index)); }
            on:blur=move |_| open.set(None)
            on:pointerenter=move |_| open.set(Some(index))
            on:pointerleave=move |_| open.set(None)
            on:keydown=move |event| match event.key().as_str() {
                "ArrowRight" => walk(&event, true),
                "ArrowLeft" => walk(&event, false),
                "Escape" => open.set(None),
                _ => {}
            }
        >
            <rect class="plot__hit" x=percent(left) y="1" width=percent(2.0 * middle(0, count)) height={height - 2} rx="4"></rect>
            {column.marks}
            {column.names.into_iter().zip(0_u32..).map(|(name, line)| view! {
                <text x=percent(x) y={TOP + HEIGHT + FOOT + LINE * line} text-anchor="middle" class=(line == 0).then_some("t-strong")>{name}</text>
            }).collect_view()}
        </g>
    }
}

/// What a column says, beside it.
fn tip_view(x: f64, title: String, told: Vec<Told>) -> impl IntoView {
    view! {
        <div class="plot__tip" class:plot__tip--before={x > 50.0} aria-hidden="true" style:--x=format!("{x:.3}")>
            <b>{title}</b>
            {told.into_iter().map(|line| view! {
                <span class="row row--1">
                    {line.level.map(|level| view! { <span class="legend__sw" data-lv=level><Glyph name=format!("lv-{level}")/></span> })}
                    <span>{line.what}</span><span class="push num strong">{line.value}</span>
                </span>
            }).collect_view()}
        </div>
    }
}
