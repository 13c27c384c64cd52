//! What stands in a list's place: nothing yet, nothing found, not readable, still coming. And banners.

use leptos::prelude::*;

use super::{Button, ButtonKind, ButtonSize, CopyButton, Icon};

/// Bars in the shape of what is coming.
#[component]
pub fn Skeleton(
    /// how many lines
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    let widths = ["66%", "52%", "58%", "44%"];
    view! {
        <div class="stack stack--2" aria-busy="true">
            <span class="sr">{t!("Loading")}</span>
            {widths.into_iter().cycle().take(lines).map(|width| view! { <span class="skel" style:width=width></span> }).collect_view()}
        </div>
    }
}

/// Rows of a table or list that is coming, in a card.
#[component]
pub fn SkeletonRows(
    /// how many rows
    #[prop(default = 4)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div aria-busy="true">
            <span class="sr">{t!("Loading")}</span>
            {(0..rows)
                .map(|row| {
                    let width = if row % 2 == 0 { "46%" } else { "60%" };
                    view! { <div class="todo"><span class="skel"></span><span class="skel" style:width=width></span><span class="skel" style:width="64px"></span></div> }
                })
                .collect_view()}
        </div>
    }
}

/// An empty place: what it is for in one sentence, then the next step as a button (the children).
#[component]
pub fn EmptyState(
    /// “No missions yet”
    #[prop(into)]
    title: String,
    /// what this place is for
    #[prop(into)]
    text: String,
    /// without the drawing: inside a list, after a search
    #[prop(optional)]
    tight: bool,
    /// the next step
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=if tight { "empty empty--tight" } else { "empty" }>
            {(!tight).then(|| view! {
                <svg class="empty__art" viewBox="0 0 120 72" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <rect x="8" y="8" width="104" height="14" rx="3"></rect>
                    <rect x="8" y="29" width="104" height="14" rx="3" stroke-dasharray="4 3"></rect>
                    <rect x="8" y="50" width="104" height="14" rx="3" stroke-dasharray="2 5"></rect>
                    <path d="M8 11v8" stroke="var(--accent-mid)" stroke-width="3"></path>
                </svg>
            })}
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="empty__acts">{children()}</div> })}
        </div>
    }
}

/// What could not be read, why, and the way on. The request id is there to copy.
#[component]
pub fn ErrorState(
    /// “The missions could not be read”
    #[prop(into)]
    title: String,
    /// what happened, without technical names
    #[prop(into)]
    text: String,
    /// id of the request that failed
    #[prop(optional, into)]
    request_id: Option<String>,
    /// tries again
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let request_id = request_id.filter(|id| !id.is_empty());
    view! {
        <div class="empty empty--tight" role="alert">
            <span class="dialog__icon"><Icon name="wifi-off"/></span>
            <h2>{title}</h2>
            <p>{text}</p>
            <div class="empty__acts">
                {on_retry.map(|retry| view! {
                    <Button kind=ButtonKind::Primary size=ButtonSize::Small icon="refresh-cw" on_click=move |_| retry.run(())>{t!("Try again")}</Button>
                })}
                {request_id.clone().map(|id| view! { <CopyButton text=id label=t!("Copy request id")/> })}
            </div>
            {request_id.map(|id| view! { <span class="small faint mono">{t!("req ")}{id}</span> })}
        </div>
    }
}

/// What a banner is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BannerKind {
    /// a fact that stays
    #[default]
    Plain,
    /// look at it
    Warn,
    /// broken
    Error,
    /// fine
    Ok,
    /// what to do next
    Info,
}

/// A fact that stays, at the top of what it is about.
#[component]
pub fn Banner(
    /// what it is about
    #[prop(optional)]
    kind: BannerKind,
    /// its icon; else the kind's own
    #[prop(optional)]
    icon: Option<&'static str>,
    /// the text; acts in it have the class `push`
    children: Children,
) -> impl IntoView {
    let (class, own, role) = match kind {
        BannerKind::Plain => ("banner", "info", None),
        BannerKind::Warn => ("banner banner--warn", "triangle-alert", Some("status")),
        BannerKind::Error => ("banner banner--error", "circle-alert", Some("alert")),
        BannerKind::Ok => ("banner banner--ok", "circle-check", Some("status")),
        BannerKind::Info => ("banner banner--info", "info", None),
    };
    view! { <div class=class role=role><Icon name=icon.unwrap_or(own)/>{children()}</div> }
}

/// The end of a list that has more: “50 of 312 · Show more”.
#[component]
pub fn LoadMore(
    /// how many are shown
    #[prop(into)]
    shown: Signal<usize>,
    /// how many there are, where known
    #[prop(into)]
    total: Signal<Option<u64>>,
    /// is there a next page
    #[prop(into)]
    has_more: Signal<bool>,
    /// the next page is coming
    #[prop(into)]
    busy: Signal<bool>,
    /// fetches the next page
    #[prop(into)]
    on_more: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="table-more num" role="status">
            <span>{move || match total.get() {
                Some(total) => t!("{} of {}", shown.get(), total),
                None => t!("{} shown", shown.get()),
            }}</span>
            {move || has_more.get().then(|| view! {
                <Button size=ButtonSize::Small busy=busy on_click=move |_| on_more.run(())>{t!("Show more")}</Button>
            })}
        </div>
    }
}
