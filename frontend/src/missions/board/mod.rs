//! The missions as a board: a column for each status, in the order of a mission's life. A mission is moved by dragging
//! its card, or by the card's menu; only where it may go.

mod card;
mod moves;

use leptos::{ev, html, prelude::*};
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::mission::MissionStatus;

use super::queries::{ListFilter, use_missions};
use super::row::row_key;
use super::steps::{act, icon};
use crate::loaded::error_state;
use crate::paged::{Paged, Part};
use crate::ui::{Button, ButtonSize, ConfirmDialog, Glyph, Icon, Kbd, Skeleton, use_toasts, words};
use card::Card;
use moves::{Moves, Takes, placed, takes};

/// The columns from left to right.
const WAY: [MissionStatus; 4] = [MissionStatus::Draft, MissionStatus::InProgress, MissionStatus::Completed, MissionStatus::Archived];

/// Four columns; each is read and continued by itself.
#[component]
pub fn Board(
    /// what the URL says; its status does not count
    filter: Memo<ListFilter>,
) -> impl IntoView {
    let moves = Moves::new(use_toasts());
    let root: NodeRef<html::Div> = NodeRef::new();
    let columns = WAY.map(|status| (status, use_missions(Memo::new(move |_| ListFilter { status: Some(status), ..filter.get() }))));
    Effect::new(move |_| {
        let reading = columns.iter().fold(false, |reading, (_, missions)| missions.first.loading.get() || reading);
        moves.lists_are(reading);
    });
    let movable = Memo::new(move |_| {
        columns.iter().any(|(_, missions)| {
            missions.parts.with(|parts| parts.iter().flat_map(Part::rows).any(|mission| !mission.allowed_transitions.is_empty()))
        })
    });
    let leave = move |event: ev::DragEvent| {
        if !crate::web::is_within(root.get_untracked().as_deref(), event.related_target()) {
            moves.over.set(None);
        }
    };
    view! {
        <div class="board" node_ref=root on:dragleave=leave>
            {columns.into_iter().map(|(status, missions)| view! { <Column status=status missions=missions moves=moves/> }).collect_view()}
        </div>
        {move || movable.get().then(|| view! {
            <p class="small faint hide-sm">{t!("A card moves only where its mission may go: drag it, or open its menu with ")}<Kbd key="M"/>"."</p>
        })}
        <Asked moves=moves/>
    }
}

/// The question in short.
fn title(mission: &MissionSummary, to: MissionStatus) -> String {
    match to {
        MissionStatus::Archived => t!("Archive {}?", mission.name),
        _ => t!("Start {} all the same?", mission.name),
    }
}

/// The question before a move.
#[component]
fn Asked(
    /// the board's moves
    moves: Moves,
) -> impl IntoView {
    let of = move |text: fn(&MissionSummary, MissionStatus) -> String| {
        Signal::derive(move || moves.asked.with(|asked| asked.as_ref().map(|(mission, to)| text(mission, *to))).unwrap_or_default())
    };
    view! {
        <ConfirmDialog
            open=moves.asking
            harmless=true
            title=of(title)
            text=Signal::derive(move || moves.question().unwrap_or_default())
            confirm=of(|mission, to| act(mission.status, to).to_owned())
            keep=t!("Leave it as it is")
            on_confirm=move |()| moves.confirmed()
        />
    }
}

#[component]
fn Column(
    /// whose column it is
    status: MissionStatus,
    /// what was read of it
    missions: Paged<MissionSummary>,
    /// the board's moves
    moves: Moves,
) -> impl IntoView {
    let first = missions.first;
    let there = Memo::new(move |_| first.data.with(Option::is_some));
    let failed = Memo::new(move |_| if there.get() { None } else { first.error.get() });
    let shown = Memo::new(move |_| placed(missions.items.get(), &moves.under_way.read(), status));
    let empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let total = move || missions.total.get().map(|total| (total + shown.read().len() as u64).saturating_sub(missions.shown.get() as u64));
    let takes = Memo::new(move |_| moves.held.with(|held| held.as_ref().map(|held| takes(held, status))));
    let drop_state = move || match takes.get()? {
        Takes::Home => None,
        Takes::Yes => Some("yes"),
        Takes::No => Some("no"),
    };
    let over = move |event: ev::DragEvent| {
        if takes.get_untracked().is_some() {
            moves.over.set(Some(status));
        }
        if takes.get_untracked() == Some(Takes::Yes) {
            event.prevent_default();
        }
    };
    let dropped = move |event: ev::DragEvent| {
        let taken = takes.get_untracked();
        if let Some(mission) = moves.let_go()
            && taken == Some(Takes::Yes)
        {
            event.prevent_default();
            moves.choose(mission, status, false);
        }
    };
    let (word, name) = (words(status.as_str()), words(status.as_str()));
    view! {
        <section
            class="board__col"
            data-status=status.as_str()
            aria-label=name
            data-drop=drop_state
            data-over=move || (moves.over.get() == Some(status)).then_some("")
            on:dragover=over
            on:drop=dropped
        >
            <h2 class="board__head"><Glyph name=format!("st-{}", status.as_str())/>{word}<span class="count">{total}</span></h2>
            {move || hint(takes.get()?, moves, status)}
            {move || match (there.get(), failed.get()) {
                (false, None) => view! { <div class="bcard"><Skeleton lines=3/></div> }.into_any(),
                (false, Some(error)) => error_state(t!("These missions"), &error, first.refetch),
                (true, _) if empty.get() => view! { <p class="board__none muted small">{t!("None")}</p> }.into_any(),
                (true, _) => view! {
                    <ul class="board__list">
                        <For each=move || shown.get() key=row_key let:mission><Card mission=mission moves=moves/></For>
                    </ul>
                }
                .into_any(),
            }}
            {move || missions.more_error.get().map(|error| view! { <p class="small" role="alert">{error.text()}</p> })}
            {move || missions.has_more.get().then(|| view! {
                <Button size=ButtonSize::Small busy=missions.loading_more on_click=move |_| missions.load_more.run(())>{t!("Show more")}</Button>
            })}
        </section>
    }
}

/// What a drop would do here, or that it would do nothing; shown over the column while a card is dragged.
fn hint(takes: Takes, moves: Moves, status: MissionStatus) -> Option<AnyView> {
    let from = moves.held.with_untracked(|held| held.as_ref().map(|held| held.status))?;
    let (icon, text) = match takes {
        Takes::Home => return None,
        Takes::Yes => (icon(from, status), act(from, status).to_owned()),
        Takes::No => ("x", t!("Not from {}", words(from.as_str()).to_lowercase())),
    };
    Some(view! { <p class="board__hint small"><Icon name=icon size=14/>{text}</p> }.into_any())
}
