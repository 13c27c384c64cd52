//! The drawing of the timeline: red above, blue below, what lies between them in the accent.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::layout::{BLUE_ROW, End, Item, Layout, RED_ROW, SEAM, Span, TOP, blue_y, more_gaps, red_y};
use crate::ui::clock;

/// A test with its times, as one sentence: for the screen reader and the line under the drawing.
pub fn sentence(span: &Span) -> String {
    let code = span.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
    let mut text = t!("{}{}: started {}", code, span.name, clock(span.started));
    if let Some(ended) = span.ended {
        text += t!(", ended ");
        text += &clock(ended);
    }
    for (word, gap) in span.gaps() {
        text += &[", ", word, " after ", &gap].concat();
    }
    if let (Some(tool), true) = (&span.tool, span.detected.is_some()) {
        text += t!(", first by ");
        text += tool;
    }
    let end = span.end();
    if end != End::Seen {
        text += ", ";
        text += end.word();
    }
    text
}

/// Goes to the next or previous test of the drawing.
fn focus_other(event: &leptos::ev::KeyboardEvent, forward: bool) {
    let Some(now) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let mut other = if forward { now.next_element_sibling() } else { now.previous_element_sibling() };
    while let Some(element) = other {
        if element.has_attribute("tabindex") {
            event.prevent_default();
            crate::web::focus_element(&element);
            return;
        }
        other = if forward { element.next_element_sibling() } else { element.previous_element_sibling() };
    }
}

fn px(n: f64) -> String {
    format!("{n:.1}")
}

/// The drawing.
#[component]
pub fn Chart(
    /// the tests
    spans: Vec<Span>,
    /// where they stand
    drawn: Layout,
    /// the one that is pointed at or has the focus
    told: RwSignal<Option<String>>,
    /// opens a test
    on_open: Callback<uuid::Uuid>,
) -> impl IntoView {
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let rows = drawn.rows as f64;
    let (red_height, blue_height) = (rows * RED_ROW, rows * BLUE_ROW);
    let (seam, bottom) = (TOP + red_height + SEAM, TOP + red_height + SEAM + blue_height);
    let width = px(drawn.width);
    let count = drawn.rows;
    view! {
        <svg width=width.clone() height=px(drawn.height) viewBox=format!("0 0 {width} {}", px(drawn.height)) role="group" aria-label=t!("Timeline: each test with what red and blue did. Arrow keys go from test to test, Enter opens one.")>
            <g aria-hidden="true">
                <rect class="lane lane--red" x="0" y=px(TOP) width=width.clone() height=px(red_height)></rect>
                <rect class="lane lane--blue" x="0" y=px(seam) width=width.clone() height=px(blue_height)></rect>
                <rect class="edge edge--red" x="0" y=px(TOP) width="3" height=px(red_height)></rect>
                <rect class="edge edge--blue" x="0" y=px(seam) width="3" height=px(blue_height)></rect>
                {drawn.ticks.into_iter().map(|tick| view! {
                    <line class="grid" x1=px(tick.x) x2=px(tick.x) y1=px(TOP - 14.0) y2=px(bottom)></line>
                    <text x=px(tick.x) y="22" text-anchor="middle">{tick.label}</text>
                }).collect_view()}
                <text class="who who--red" x="14" y=px(TOP + red_height / 2.0 + 4.0)>{t!("Red")}</text>
                <text class="who who--blue" x="14" y=px(seam + blue_height / 2.0 + 4.0)>{t!("Blue")}</text>
            </g>
            <g>
                {drawn.items.into_iter().filter_map(|item| {
                    let span = spans.get(item.span)?.clone();
                    Some(test(&item, &span, count, told, on_open))
                }).collect_view()}
            </g>
        </svg>
    }
}

fn test(item: &Item, span: &Span, rows: usize, told: RwSignal<Option<String>>, on_open: Callback<uuid::Uuid>) -> impl IntoView + use<> {
    let label = sentence(span);
    let (said, pointed) = (label.clone(), label.clone());
    let id = span.id;
    let (ry, by) = (red_y(item.row), blue_y(rows, item.row));
    let (begin, end) = item.bar;
    let running = span.ended.is_none();
    let (at, anchor) = if item.flipped { (end, "end") } else { (begin, "start") };
    view! {
        <g
            class="tl__test"
            role="link"
            tabindex="0"
            aria-label=label
            data-test=id.to_string()
            on:focus=move |_| told.set(Some(said.clone()))
            on:pointerenter=move |_| told.set(Some(pointed.clone()))
            on:click=move |_| on_open.run(id)
            on:keydown=move |event| match event.key().as_str() {
                "Enter" | " " => { event.prevent_default(); on_open.run(id); }
                "ArrowRight" | "ArrowDown" => focus_other(&event, true),
                "ArrowLeft" | "ArrowUp" => focus_other(&event, false),
                _ => {}
            }
        >
            <rect class="tl__hit" x=px(if item.flipped { begin - 150.0 } else { begin - 6.0 }) y=px(ry - 16.0) width=px(end - begin + 156.0) height="32" rx="4"></rect>
            <line class="link" x1=px(begin) x2=px(begin) y1=px(ry + 12.0) y2=px(by)></line>
            <rect class="bar-red" data-running=running.then_some("") x=px(begin) y=px(ry) width=px(end - begin) height="12" rx="2"></rect>
            <text x=px(at) y=px(ry - 5.0) text-anchor=anchor>
                {span.code.clone().map(|code| view! { <tspan class="id">{code}</tspan> })}
                <tspan class="lab" dx=if span.code.is_some() { "5" } else { "0" }>{span.name.clone()}</tspan>
            </text>
            {blue(item, span, by)}
        </g>
    }
}

/// What blue saw of a test: the gap, then what followed.
fn blue(item: &Item, span: &Span, y: f64) -> AnyView {
    let begin = item.bar.0;
    // at the right edge everything stands on the other side of where it begins
    let (side, anchor) = if item.flipped { (-1.0, "end") } else { (1.0, "start") };
    let glyph = |name: &'static str, class: &'static str, x: f64, word: &'static str| {
        view! {
            <use class=class href=format!("#g-{name}") x=px(if item.flipped { x - 12.0 } else { x }) y=px(y - 6.0) width="12" height="12"></use>
            <text class=class x=px(x + side * 16.0) y=px(y + 4.0) text-anchor=anchor>{word}</text>
        }
    };
    match span.end() {
        End::Seen => {
            let [detected, alerted, responded] = item.marks;
            let first = detected.or(alerted).or(responded).unwrap_or(item.reach);
            let (word, gap) = span.gaps().into_iter().next().unwrap_or_default();
            let gap = if word == "detected" || gap.is_empty() { gap } else { format!("{word} {gap}") };
            view! {
                {(item.reach > first).then(|| view! { <line class="after" x1=px(first) x2=px(item.reach) y1=px(y) y2=px(y)></line> })}
                <line class="gapline" x1=px(begin) x2=px(first) y1=px(y) y2=px(y)></line>
                <circle class="start" cx=px(begin) cy=px(y) r="3.5"></circle>
                <text x=px(if item.flipped { item.bar.1 } else { begin }) y=px(y - 9.0) text-anchor=anchor><tspan class="gaplab">{gap}</tspan><tspan class="more">{more_gaps(span)}</tspan></text>
                {detected.map(|x| view! { <path class="mk" d=format!("M{} {}l6.5 6.5-6.5 6.5-6.5-6.5z", px(x), px(y - 6.5))></path> })}
                {alerted.map(|x| view! { <path class="mk" d=format!("M{} {}l6.5 11.5h-13z", px(x), px(y - 6.5))></path> })}
                {responded.map(|x| view! { <rect class="mk" x=px(x - 5.0) y=px(y - 5.0) width="10" height="10"></rect> })}
                {item.beyond.then(|| view! { <text class="more" x=px(item.reach - 6.0) y=px(y + 4.0)>"›"</text> })}
            }
            .into_any()
        }
        End::Missed => view! {
            <line class="miss" x1=px(begin) x2=px(begin + side * 66.0) y1=px(y) y2=px(y)></line>
            <circle class="start start--miss" cx=px(begin) cy=px(y) r="3.5"></circle>
            {glyph("lv-none", "misslab", begin + side * 74.0, t!("not seen"))}
        }
        .into_any(),
        End::Stopped => view! {
            <circle class="start start--stopped" cx=px(begin) cy=px(y) r="3.5"></circle>
            {glyph("lv-prevented", "stoplab", begin + side * 9.0, "stopped")}
        }
        .into_any(),
        end => view! {
            <circle class="start start--open" cx=px(begin) cy=px(y) r="3.5"></circle>
            <text class="more" x=px(begin + side * 10.0) y=px(y + 4.0) text-anchor=anchor>{end.word()}</text>
        }
        .into_any(),
    }
}

/// What the marks mean.
#[component]
pub fn Legend() -> impl IntoView {
    view! {
        <div class="legend tl__legend">
            <span class="legend__item"><svg width="22" height="10" aria-hidden="true"><rect class="key key--red" width="22" height="10" rx="2"></rect></svg>{t!("Red ran")}</span>
            <span class="legend__item"><svg width="26" height="10" aria-hidden="true"><line class="key key--gap" x1="0" x2="26" y1="5" y2="5"></line></svg>{t!("Gap, start to detected")}</span>
            <span class="legend__item"><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path class="key key--blue" d="M7 1l6 6-6 6-6-6z"></path></svg>{t!("Detected")}</span>
            <span class="legend__item"><svg width="14" height="13" viewBox="0 0 14 13" aria-hidden="true"><path class="key key--blue" d="M7 1l6.5 11.5H.5z"></path></svg>{t!("Alerted")}</span>
            <span class="legend__item"><svg width="10" height="10" aria-hidden="true"><rect class="key key--blue" width="10" height="10"></rect></svg>{t!("Responded")}</span>
            <span class="legend__item misslab"><svg class="g g--12" aria-hidden="true"><use href="#g-lv-none"></use></svg>{t!("Not seen")}</span>
        </div>
    }
}
