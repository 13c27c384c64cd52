//! The Synthesis tab: the mission's tests counted by state, outcome and tactic; what more it tells is in `told`.

use leptos::prelude::*;
use tyrian_api_types::synthesis::{Synthesis, TacticCount};
use tyrian_domain::test::{Outcome, TestState};

use super::Here;
use super::categories::CategoriesCard;
use super::told::{ComparedCard, FunnelCard, GapsCard, TechniquesCard, TimesCard};
use crate::loaded::Loaded;
use crate::missions::queries::use_synthesis;
use crate::ui::{Banner, BannerKind, Card, CardBody, Chip, EmptyState, Glyph, SkeletonRows, Table, words};

/// The tab.
#[component]
pub fn SynthesisTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let synthesis = use_synthesis(here.id);
    view! {
        <Loaded query=synthesis what="The synthesis" skeleton=|| view! { <section class="card"><SkeletonRows rows=5/></section> } let:synthesis>
            {if synthesis.tests == 0 {
                view! { <section class="card"><EmptyState title="Nothing to count yet" text="The synthesis tells what was seen and what was missed. It begins with the first test of this mission."/></section> }.into_any()
            } else {
                view! { <Numbers here=here synthesis=synthesis/> }.into_any()
            }}
        </Loaded>
        <CategoriesCard here=here/>
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share in per cent")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.0} %", share(part, whole))
}

#[component]
fn Stat(
    /// what it is
    label: &'static str,
    /// the number
    #[prop(into)]
    value: String,
    /// its unit or base
    #[prop(into)]
    unit: String,
    /// more about it
    #[prop(into)]
    sub: String,
) -> impl IntoView {
    view! {
        <div class="stat">
            <span class="stat__label">{label}</span>
            <span class="stat__value">{value}" "<small>{unit}</small></span>
            <span class="stat__sub">{sub}</span>
        </div>
    }
}

#[component]
fn Numbers(
    /// the mission
    here: Here,
    /// what is counted
    synthesis: Synthesis,
) -> impl IntoView {
    let Synthesis { tests, by_state, by_outcome, by_tactic, by_technique, coverage, funnel, times, findings, compared_with, .. } =
        synthesis;
    let state = move |state: TestState| by_state.get(&state).copied().unwrap_or(0);
    let outcome = move |outcome: Outcome| by_outcome.get(&outcome).copied().unwrap_or(0);
    let assessed = state(TestState::Assessed);
    let ran = state(TestState::Executed) + assessed;
    let tactics = by_tactic.iter().filter(|tactic| tactic.external_id.is_some()).count();
    let unit = |n: u64| if n == 1 { "test" } else { "tests" };
    let assessed_note = if assessed == 0 { "nothing assessed yet".to_owned() } else { format!("of {assessed} assessed") };
    view! {
        <div class="stats">
            <Stat label="Tests" value=tests.to_string() unit=unit(tests) sub=format!("in {tactics} {}", if tactics == 1 { "tactic" } else { "tactics" })/>
            <Stat label="Executed" value=percent(ran, tests) unit=format!("{ran} of {tests}") sub=format!("{} {} for blue", state(TestState::Executed), if state(TestState::Executed) == 1 { "waits" } else { "wait" })/>
            <Stat label="Assessed" value=percent(assessed, tests) unit=format!("{assessed} of {tests}") sub=format!("{} skipped", state(TestState::Skipped))/>
            <Stat label="Missed" value=outcome(Outcome::Missed).to_string() unit=unit(outcome(Outcome::Missed)) sub=assessed_note.clone()/>
            <Stat label="Prevented" value=outcome(Outcome::Prevented).to_string() unit=unit(outcome(Outcome::Prevented)) sub=assessed_note/>
        </div>
        {(assessed == 0).then(|| view! {
            <Banner kind=BannerKind::Plain>
                <span>"Blue has assessed no test yet, so this page counts what is planned and run. Logged, alerted and prevented fill as tests are assessed."</span>
            </Banner>
        })}
        <div class="cols cols--2">
            <Card title="By state">
                <CardBody>
                    <div class="bars">
                        {TestState::ALL.iter().map(|one| bar(view! { <Glyph name=format!("ts-{}", one.as_str())/>" "{words(one.as_str())} }.into_any(), state(*one), tests, "var(--text-2)")).collect_view()}
                    </div>
                </CardBody>
            </Card>
            <Card title="By outcome">
                <CardBody>
                    <div class="bars">
                        {[
                            (Outcome::Prevented, "var(--lv-prevented-bg)"),
                            (Outcome::Alerted, "var(--lv-technique-bg)"),
                            (Outcome::Logged, "var(--lv-telemetry-bg)"),
                            (Outcome::Missed, "var(--lv-none-bg)"),
                            (Outcome::NotAssessed, "var(--border-control)"),
                        ]
                            .into_iter()
                            .map(|(one, colour)| bar(words(one.as_str()).into_any(), outcome(one), tests, colour))
                            .collect_view()}
                    </div>
                </CardBody>
            </Card>
        </div>
        <div class="cols cols--2">
            <FunnelCard funnel=funnel/>
            <TimesCard times=times/>
        </div>
        <Tactics tactics=by_tactic/>
        <TechniquesCard techniques=by_technique coverage=coverage/>
        <GapsCard here=here gaps=findings/>
        {compared_with.map(|comparison| view! { <ComparedCard comparison=comparison/> })}
    }
}

/// One line of bars: what, how many of all, in numbers too.
pub(super) fn bar(what: AnyView, n: u64, all: u64, colour: &'static str) -> impl IntoView {
    view! {
        <span class="nowrap">{what}</span>
        <div class="bars__track bars__track--part" aria-hidden="true"><i style:--v=format!("{:.2}", share(n, all)) style:--c=colour></i></div>
        <span class="num small nowrap bars__n"><b>{n}</b><span class="faint">" of "{all}</span></span>
    }
}

#[component]
fn Tactics(
    /// in the order of the matrix
    tactics: Vec<TacticCount>,
) -> impl IntoView {
    let most = tactics.iter().map(|tactic| tactic.tests).max().unwrap_or(0);
    view! {
        <Card title="By tactic">
            <Table label="Tests by tactic">
                <thead><tr>
                    <th scope="col">"Tactic"</th><th scope="col" class="num">"Tests"</th><th scope="col" class="tactics__bar"><span class="sr">"Share assessed"</span></th>
                    <th scope="col" class="num">"Assessed"</th><th scope="col" class="num">"Logged"</th><th scope="col" class="num">"Alerted"</th><th scope="col" class="num">"Prevented"</th>
                </tr></thead>
                <tbody>
                    {tactics
                        .into_iter()
                        .map(|tactic| {
                            let of_assessed = |n: u64| if tactic.assessed == 0 { view! { <span class="faint">"–"<span class="sr">" nothing assessed"</span></span> }.into_any() } else { n.into_any() };
                            let label = format!("{} of {} assessed", tactic.assessed, tactic.tests);
                            view! {
                                <tr>
                                    <th scope="row" class="tactics__name">
                                        <span class="row">{tactic.external_id.clone().map(|id| view! { <Chip code=id/> })}<span>{tactic.name.clone()}</span></span>
                                    </th>
                                    <td class="num"><b>{tactic.tests}</b></td>
                                    <td class="tactics__bar">
                                        <div class="progress" role="img" aria-label=label style:--w=format!("{:.2}", share(tactic.tests, most))>
                                            <i data-s="assessed" style:--v=format!("{:.2}", share(tactic.assessed, tactic.tests))></i>
                                        </div>
                                    </td>
                                    <td class="num">{tactic.assessed}</td>
                                    <td class="num">{of_assessed(tactic.logged)}</td>
                                    <td class="num">{of_assessed(tactic.alerted)}</td>
                                    <td class="num">{of_assessed(tactic.prevented)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </Table>
            <div class="card__foot">"A test that stands in several tactics counts in each. Logged, alerted and prevented count assessed tests only, partial ones too; the longest bar is the tactic with most tests, its filled part is assessed."</div>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(53, 85), "62 %");
    }
}
