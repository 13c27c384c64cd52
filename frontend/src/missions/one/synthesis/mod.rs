//! The Synthesis tab: what the mission tells, the gaps first.
//!
//! `heat` is the ATT&CK matrix of the mission; its cells are made in `cells`, measured on the scale of `scale`. `tactics`,
//! `histogram` and `against` are a card each; what more is counted is in `told`.

mod against;
mod cells;
mod heat;
mod histogram;
mod scale;
mod tactics;
pub mod told;

use std::sync::Arc;

use leptos::prelude::*;
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::synthesis::{Synthesis, TacticCount};
use tyrian_domain::synthesis::{percent, share as of};
use tyrian_domain::test::{Outcome, TestState};

use self::against::{AgainstCard, Measure};
use self::heat::HeatCard;
use self::histogram::HistogramCard;
use self::scale::{Metric, Scale};
use self::tactics::{FEW, TacticsCard};
use self::told::{FunnelCard, GapsCard, TechniquesCard, TimesCard, seconds};
use super::Here;
use super::categories::CategoriesCard;
use crate::loaded::Loaded;
use crate::missions::queries::{use_detection_levels, use_synthesis};
use crate::missions::url::use_url;
use crate::ui::{Banner, BannerKind, Card, CardBody, Chip, EmptyState, Glyph, SkeletonRows, Stat, Table, words};

/// The tab.
#[component]
pub fn SynthesisTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let (synthesis, levels) = (use_synthesis(here.id), use_detection_levels());
    view! {
        <Loaded query=synthesis what=t!("The synthesis") skeleton=|| view! { <section class="card waits"><SkeletonRows rows=5/></section> } let:synthesis>
            {if synthesis.tests == 0 {
                view! { <section class="card"><EmptyState title=t!("Nothing to count yet") text=t!("The synthesis tells what was seen and what was missed. It begins with the first test of this mission.")/></section> }.into_any()
            } else {
                view! {
                    <Loaded query=levels what=t!("The detection levels") skeleton=|| view! { <section class="card waits"><SkeletonRows rows=5/></section> } let:levels>
                        <Numbers here=here synthesis=synthesis.clone() levels=levels.items/>
                    </Loaded>
                }.into_any()
            }}
        </Loaded>
        <CategoriesCard here=here/>
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share in per cent")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// The stat band: what blue saw; while nothing is judged, how far the tests are.
#[component]
fn Stats(
    /// what is counted
    synthesis: Arc<Synthesis>,
) -> impl IntoView {
    let Synthesis { tests, by_state, by_outcome, by_tactic, coverage, funnel, times, findings, compared_with, .. } = &*synthesis;
    let state = |state: TestState| by_state.get(&state).copied().unwrap_or(0);
    let tactics = by_tactic.iter().filter(|tactic| tactic.external_id.is_some()).count();
    let tactics = t!("in {} {}", tactics, if tactics == 1 { "tactic" } else { "tactics" });
    let judged = funnel.assessed;
    if judged == 0 {
        let ran = funnel.executed;
        return view! {
            <div class="stats">
                <Stat label=t!("Tests") value=tests.to_string() unit=if *tests == 1 { "test" } else { "tests" } sub=tactics/>
                <Stat label=t!("Executed") value=percent(of(ran, *tests)) unit=t!("{ran} of {tests}"; ran, tests) sub=t!("{ran} wait for blue"; ran)/>
                <Stat label=t!("Running") value=state(TestState::Running).to_string() unit=t!("tests") sub=t!("red is at it")/>
                <Stat label=t!("Skipped") value=state(TestState::Skipped).to_string() unit=t!("tests") sub=t!("count in nothing that is assessed")/>
                <Stat label=t!("Scope") value=coverage.techniques.to_string() unit=t!("techniques") sub=t!("nothing assessed yet")/>
            </div>
        }
        .into_any();
    }
    let measures = compared_with.as_ref().map(|one| Measure::of(&one.mission, &one.other)).unwrap_or_default();
    let measure = |what: &str| measures.iter().find(|measure| measure.what == what).copied();
    let delta = |what: &str| measure(what).and_then(Measure::delta);
    let was = |what: &str, or: &str| measure(what).map_or_else(|| or.to_owned(), |measure| t!("was {}", measure.text(measure.before)));
    let missed = by_outcome.get(&Outcome::Missed).copied().unwrap_or(0);
    let gaps = t!("{} open {}", findings.len(), if findings.len() == 1 { "gap" } else { "gaps" });
    let detect = &times.detect;
    view! {
        <div class="stats">
            <Stat label=t!("Detected") value=percent(of(funnel.alerted, judged)) unit=t!("{} of {} assessed", funnel.alerted, judged) sub=was(t!("Detected"), t!("an alert was raised")) delta=delta(t!("Detected"))/>
            <Stat label=t!("Nothing seen") value=missed.to_string() unit=if missed == 1 { "test" } else { "tests" } sub=gaps delta=delta(t!("Tests seen by nothing"))/>
            <Stat label=t!("Time to detect") value=seconds(detect.median_s) unit=t!("median") sub=t!("mean {} · p90 {} · n = {}", seconds(detect.mean_s), seconds(detect.p90_s), detect.n) delta=delta(t!("Median time to detect"))/>
            <Stat label=t!("Prevented") value=funnel.prevented.to_string() unit=t!("of {judged} assessed"; judged) sub=was(t!("Prevented"), t!("each fact stands for itself")) delta=delta(t!("Prevented"))/>
            <Stat label=t!("Scope") value=coverage.techniques.to_string() unit=if coverage.techniques == 1 { "technique" } else { "techniques" } sub=t!("{tactics} · {judged} of {tests} tests assessed"; tactics, judged, tests)/>
        </div>
    }
    .into_any()
}

#[component]
fn Numbers(
    /// the mission
    here: Here,
    /// what is counted
    synthesis: Synthesis,
    /// the detection levels
    levels: Vec<DetectionLevel>,
) -> impl IntoView {
    let url = use_url();
    let metric_param = url.param("metric");
    let synthesis = Arc::new(synthesis);
    let first = Metric::of(&synthesis);
    let scale = Memo::new(move |_| Scale::new(metric_param.with(|word| word.as_deref().and_then(Metric::parse)).unwrap_or(first), &levels));
    let Synthesis { tests, by_state, by_outcome, by_tactic, by_technique, coverage, funnel, times, findings, compared_with, .. } =
        (*synthesis).clone();
    let state = move |state: TestState| by_state.get(&state).copied().unwrap_or(0);
    let outcome = move |outcome: Outcome| by_outcome.get(&outcome).copied().unwrap_or(0);
    let before = compared_with.as_ref().map(|one| (one.other.mission.name.clone(), one.other.times.detect.clone()));
    view! {
        <Stats synthesis=synthesis.clone()/>
        {(funnel.assessed == 0).then(|| view! {
            <Banner kind=BannerKind::Plain>
                <span>{t!("Blue has assessed no test yet, so this page counts what is planned and run. Logged, alerted and prevented fill as tests are assessed.")}</span>
            </Banner>
        })}
        <HeatCard here=here synthesis=synthesis.clone() scale=scale/>
        {if by_tactic.len() < FEW {
            view! {
                <div class="cols cols--2 cols--stretch"><TacticsCard synthesis=synthesis scale=scale/><FunnelCard funnel=funnel/></div>
                <HistogramCard now=times.detect.clone() before=before/>
            }.into_any()
        } else {
            view! {
                <div class="cols cols--2 cols--stretch">
                    <TacticsCard synthesis=synthesis scale=scale/>
                    <div class="stack"><FunnelCard funnel=funnel/><HistogramCard now=times.detect.clone() before=before/></div>
                </div>
            }.into_any()
        }}
        <GapsCard here=here gaps=findings/>
        {compared_with.map(|comparison| view! { <AgainstCard comparison=comparison scale=scale/> })}
        <TechniquesCard techniques=by_technique coverage=coverage/>
        <TacticTable tactics=by_tactic/>
        <TimesCard times=times/>
        <div class="cols cols--2">
            <Card title=t!("By state")>
                <CardBody>
                    <div class="bars">
                        {TestState::ALL.iter().map(|one| bar(view! { <Glyph name=format!("ts-{}", one.as_str())/>" "{words(one.as_str())} }.into_any(), state(*one), tests, "var(--text-2)")).collect_view()}
                    </div>
                </CardBody>
            </Card>
            <Card title=t!("By outcome")>
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
    }
}

/// One line of bars: what, how many of all, in numbers too.
fn bar(what: AnyView, n: u64, all: u64, colour: &'static str) -> impl IntoView {
    view! {
        <span class="nowrap">{what}</span>
        <div class="bars__track bars__track--part" aria-hidden="true"><i style:--v=format!("{:.2}", share(n, all)) style:--c=colour></i></div>
        <span class="num small nowrap bars__n"><b>{n}</b><span class="faint">{t!(" of ")}{all}</span></span>
    }
}

#[component]
fn TacticTable(
    /// in the order of the matrix
    tactics: Vec<TacticCount>,
) -> impl IntoView {
    let most = tactics.iter().map(|tactic| tactic.tests).max().unwrap_or(0);
    view! {
        <Card title=t!("By tactic")>
            <Table label=t!("Tests by tactic")>
                <thead><tr>
                    <th scope="col">{t!("Tactic")}</th><th scope="col" class="num">{t!("Tests")}</th><th scope="col" class="tactics__bar"><span class="sr">{t!("Share assessed")}</span></th>
                    <th scope="col" class="num">{t!("Assessed")}</th><th scope="col" class="num">{t!("Logged")}</th><th scope="col" class="num">{t!("Alerted")}</th><th scope="col" class="num">{t!("Prevented")}</th>
                </tr></thead>
                <tbody>
                    {tactics
                        .into_iter()
                        .map(|tactic| {
                            let of_assessed = |n: u64| if tactic.assessed == 0 { view! { <span class="faint">"–"<span class="sr">{t!(" nothing assessed")}</span></span> }.into_any() } else { n.into_any() };
                            let label = t!("{} of {} assessed", tactic.assessed, tactic.tests);
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
            <div class="card__foot">{t!("A test that stands in several tactics counts in each. Logged, alerted and prevented count assessed tests only, partial ones too; the longest bar is the tactic with most tests, its filled part is assessed.")}</div>
        </Card>
    }
}
