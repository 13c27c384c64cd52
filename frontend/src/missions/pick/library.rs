//! The scenarios of the library, to be ticked.

use leptos::prelude::*;
use tyrian_api_types::scenario_templates::ScenarioTemplateSummary;
use tyrian_domain::permission::Permission;
use tyrian_domain::text::MISSION_SCENARIOS;

use super::Chosen;
use crate::loaded::Loaded;
use crate::missions::queries::use_scenarios;
use crate::missions::url::after_pause;
use crate::query::Query;
use crate::session::use_session;
use crate::ui::{Button, ButtonLink, ButtonSize, EmptyState, SearchInput, SkeletonRows, count};

/// A card with search and one tick a scenario. What is ticked goes to the end of `chosen`.
#[component]
pub fn ScenarioLibrary(
    /// what is chosen, in order
    chosen: RwSignal<Vec<Chosen>>,
    /// in a dialog, where the page below has its own search
    #[prop(optional)]
    in_dialog: bool,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let calm = after_pause(text);
    let scenarios = use_scenarios(calm);
    let first = scenarios.first;
    let ready = Memo::new(move |_| first.data.with(Option::is_some).then_some(()));
    let ready: Query<()> = Query { data: ready.into(), error: first.error, loading: first.loading, refetch: first.refetch };
    let empty = Memo::new(move |_| first.data.with(|page| page.as_ref().is_some_and(|page| page.items.is_empty())));
    let shown = Memo::new(move |_| scenarios.items.with(Vec::len));
    view! {
        <section class="card" aria-label=t!("Scenarios of the library")>
            <div class="card__head"><SearchInput value=text label=t!("Search scenarios") placeholder=t!("Scenario or adversary") main=!in_dialog/></div>
            <Loaded query=ready what=t!("The scenarios") skeleton=|| view! { <SkeletonRows/> } let:_ready>
                {move || if empty.get() {
                    nothing(&calm.get_untracked(), text)
                } else {
                    view! {
                        <div class="picks">
                            <For each=move || scenarios.items.get() key=|scenario| (scenario.id, scenario.version) let:scenario><Pick scenario=scenario chosen=chosen/></For>
                        </div>
                        <div class="card__foot row num">
                            <span role="status">{move || match scenarios.total.get() {
                                Some(total) => t!("{} of {}", shown.get(), total),
                                None => shown.get().to_string(),
                            }}</span>
                            {move || scenarios.has_more.get().then(|| view! {
                                <Button size=ButtonSize::Small busy=scenarios.loading_more on_click=move |_| scenarios.load_more.run(())>{t!("Show more")}</Button>
                            })}
                        </div>
                    }
                    .into_any()
                }}
            </Loaded>
        </section>
    }
}

fn nothing(q: &str, text: RwSignal<String>) -> AnyView {
    let session = use_session();
    if !q.is_empty() {
        return view! {
            <EmptyState title=t!("No scenario fits “{q}”"; q) text=t!("Its name or its adversary would have to hold these words.") tight=true>
                <Button size=ButtonSize::Small on_click=move |_| text.set(String::new())>{t!("Clear the search")}</Button>
            </EmptyState>
        }
        .into_any();
    }
    if session.can(Permission::ScenarioTemplateCreate) {
        view! {
            <EmptyState title=t!("No scenarios yet") text=t!("A scenario is a chain of tests that imitates one adversary. What you have written here stays while you make one; scenarios can also be added to the mission later.") tight=true>
                <ButtonLink href="/templates/scenarios/new" icon="plus">{t!("New scenario")}</ButtonLink>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState title=t!("No scenarios yet") text=t!("A scenario is a chain of tests that imitates one adversary. Somebody who may write them has to make one; it can be added to the mission later.") tight=true/> }.into_any()
    }
}

#[component]
fn Pick(
    /// the scenario
    scenario: ScenarioTemplateSummary,
    /// what is chosen, in order
    chosen: RwSignal<Vec<Chosen>>,
) -> impl IntoView {
    let id = scenario.id;
    let ticked = Memo::new(move |_| chosen.with(|chosen| chosen.iter().any(|one| one.id == id)));
    let full = Memo::new(move |_| chosen.with(|chosen| chosen.len() >= MISSION_SCENARIOS));
    let meta = [scenario.description.as_deref().and_then(|text| text.lines().next()), scenario.threat_actor.as_deref()];
    let meta = meta.into_iter().flatten().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join(" · ");
    let new = Chosen::from(&scenario);
    view! {
        <label class="pick">
            <span class="check">
                <input
                    type="checkbox"
                    aria-label=scenario.name.clone()
                    prop:checked=move || ticked.get()
                    disabled=move || full.get() && !ticked.get()
                    on:change:target=move |event| {
                        let on = event.target().checked();
                        let new = new.clone();
                        chosen.update(|chosen| if on { chosen.push(new) } else { chosen.retain(|one| one.id != id) });
                    }
                />
            </span>
            <span class="strong trunc" title=scenario.name.clone()>{scenario.name.clone()}</span>
            <span class="num small nowrap pick__n">{count(scenario.test_count, "test", "tests")}</span>
            <span class="pick__meta trunc" title=meta.clone()>{meta.clone()}</span>
            <span class="num small faint nowrap pick__n">{count(scenario.techniques.len() as u64, "technique", "techniques")}</span>
        </label>
    }
}
