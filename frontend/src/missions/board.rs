//! The missions as a board: a column for each status, in the order of a mission's life.

use leptos::prelude::*;
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::mission::MissionStatus;

use super::queries::{ListFilter, use_missions};
use super::row::{people, results_part, row_key, tests_part};
use crate::loaded::error_state;
use crate::ui::{Avatars, Button, ButtonSize, Glyph, Skeleton, days, words};

/// Four columns; each is read and continued by itself.
#[component]
pub fn Board(
    /// what the URL says; its status does not count
    filter: Memo<ListFilter>,
) -> impl IntoView {
    const WAY: [MissionStatus; 4] = [MissionStatus::Draft, MissionStatus::InProgress, MissionStatus::Completed, MissionStatus::Archived];
    view! { <div class="board">{WAY.into_iter().map(|status| view! { <Column filter=filter status=status/> }).collect_view()}</div> }
}

#[component]
fn Column(
    /// what the URL says
    filter: Memo<ListFilter>,
    /// whose column it is
    status: MissionStatus,
) -> impl IntoView {
    let missions = use_missions(Memo::new(move |_| ListFilter { status: Some(status), ..filter.get() }));
    let first = missions.first;
    let there = Memo::new(move |_| first.data.with(Option::is_some));
    let failed = Memo::new(move |_| if there.get() { None } else { first.error.get() });
    let empty = Memo::new(move |_| missions.items.with(Vec::is_empty));
    let (word, name) = (words(status.as_str()), words(status.as_str()));
    view! {
        <section class="board__col" data-status=status.as_str() aria-label=name>
            <h2 class="board__head"><Glyph name=format!("st-{}", status.as_str())/>{word}<span class="count">{move || missions.total.get()}</span></h2>
            {move || match (there.get(), failed.get()) {
                (false, None) => view! { <div class="bcard"><Skeleton lines=3/></div> }.into_any(),
                (false, Some(error)) => error_state("These missions", &error, first.refetch),
                (true, _) if empty.get() => view! { <p class="board__none muted small">"None"</p> }.into_any(),
                (true, _) => view! {
                    <ul class="board__list">
                        <For each=move || missions.items.get() key=row_key let:mission><Card mission=mission/></For>
                    </ul>
                }
                .into_any(),
            }}
            {move || missions.more_error.get().map(|error| view! { <p class="small" role="alert">{error.text()}</p> })}
            {move || missions.has_more.get().then(|| view! {
                <Button size=ButtonSize::Small busy=missions.loading_more on_click=move |_| missions.load_more.run(())>"Show more"</Button>
            })}
        </section>
    }
}

#[component]
fn Card(
    /// the mission
    mission: MissionSummary,
) -> impl IntoView {
    let results = (mission.counts.with_result() > 0).then(|| results_part(&mission.counts));
    view! {
        <li class="bcard">
            <h3><a href=format!("/missions/{}", mission.id)>{mission.name.clone()}</a></h3>
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
