//! A mission on the board: it can be dragged, and has a menu of where it may go.

use leptos::{ev, html, prelude::*};
use tyrian_api_types::missions::MissionSummary;

use super::moves::Moves;
use crate::missions::row::{people, results_part, tests_part};
use crate::missions::steps::{act, icon};
use crate::ui::{Avatars, Icon, Menu, MenuGroup, MenuItem, days};

/// The card. `M` opens its menu while the focus is in it.
#[component]
pub fn Card(
    /// the mission
    mission: MissionSummary,
    /// the board's moves
    moves: Moves,
) -> impl IntoView {
    let results = (mission.counts.with_result() > 0).then(|| results_part(&mission.counts));
    let root: NodeRef<html::Li> = NodeRef::new();
    let movable = !mission.allowed_transitions.is_empty();
    let id = mission.id;
    let held = Memo::new(move |_| moves.held.with(|held| held.as_ref().is_some_and(|held| held.id == id)));
    let own = StoredValue::new(mission.clone());
    let drag = move |event: ev::DragEvent| {
        if let Some(transfer) = event.data_transfer() {
            // Firefox drags nothing that carries no data.
            let _ = transfer.set_data("text/plain", &own.with_value(|own| own.name.clone()));
            transfer.set_effect_allowed("move");
        }
        moves.held.set(Some(own.get_value()));
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if plain
            && event.key().eq_ignore_ascii_case("m")
            && let Some(root) = root.get_untracked()
        {
            event.prevent_default();
            crate::web::click_first(&root, "[aria-haspopup=menu][aria-expanded=false]");
        }
    };
    view! {
        <li
            node_ref=root
            class="bcard"
            data-mission=id.to_string()
            draggable=movable.then_some("true")
            data-held=move || held.get().then_some("")
            on:dragstart=move |event| if movable { drag(event) }
            on:dragend=move |_| drop(moves.let_go())
            on:keydown=keydown
        >
            <div class="row row--between bcard__head">
                <h3><a href=format!("/missions/{id}") draggable="false">{mission.name.clone()}</a></h3>
                {movable.then(|| view! { <MoveMenu mission=own moves=moves/> })}
            </div>
            <p class="small muted trunc">{mission.client.clone()}</p>
            {tests_part(&mission.counts)}
            {results}
            <div class="row row--between">
                <span class="small muted num">{days(mission.start_date, mission.end_date)}</span>
                <Avatars people=people(&mission)/>
            </div>
        </li>
    }
}

#[component]
fn MoveMenu(
    /// the mission
    mission: StoredValue<MissionSummary>,
    /// the board's moves
    moves: Moves,
) -> impl IntoView {
    let (name, from) = mission.with_value(|mission| (mission.name.clone(), mission.status));
    view! {
        <Menu label=t!("Move {name}"; name) trigger=|| view! { <Icon name="ellipsis"/> }>
            <MenuGroup label=t!("Move the mission")/>
            {mission
                .with_value(|mission| mission.allowed_transitions.clone())
                .into_iter()
                .map(|to| view! {
                    <MenuItem icon=icon(from, to) on_select=move |()| moves.choose(mission.get_value(), to, true)>{act(from, to)}</MenuItem>
                })
                .collect_view()}
        </Menu>
    }
}
