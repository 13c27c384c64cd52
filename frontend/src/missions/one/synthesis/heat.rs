//! The heat map: which technique was seen how well. What is measured and how much is shown stand in the URL.

use std::sync::Arc;

use leptos::prelude::*;
use tyrian_api_types::synthesis::Synthesis;

use super::cells::{Sources, columns};
use super::scale::{Metric, Scale, no_level, unassessed};
use crate::api::query_string;
use crate::attack::queries::use_matrix;
use crate::matrix::{Legend, MatrixGrid, Readout};
use crate::missions::one::Here;
use crate::missions::one::export::running;
use crate::missions::url::use_url;
use crate::texts::tr;
use crate::ui::{Button, ButtonSize, Seg, Select, use_toasts};

/// What `?show=` says for the whole catalogue.
const ALL: &str = "all";
/// The format of the layer, as the API names it.
const LAYER: &str = "navigator";

/// The card.
#[component]
pub fn HeatCard(
    /// the mission
    here: Here,
    /// what is counted
    synthesis: Arc<Synthesis>,
    /// what is measured
    scale: Memo<Scale>,
) -> impl IntoView {
    let url = use_url();
    let show = url.param("show");
    let matrix = use_matrix();
    let all = Memo::new(move |_| show.with(|show| show.as_deref() == Some(ALL)));
    let untagged = synthesis.by_tactic.iter().filter(|tactic| tactic.external_id.is_none()).map(|tactic| tactic.tests).sum::<u64>();
    let compared = synthesis.compared_with.is_some();
    let cells = Memo::new(move |_| {
        let draw = |scale: &Scale, mission: &_| {
            matrix.data.with(|matrix| columns(Sources { synthesis: &synthesis, mission, scale, matrix: matrix.as_ref(), all: all.get() }))
        };
        scale.with(|scale| here.read(|data| draw(scale, &data.value))).unwrap_or_default()
    });
    let legend = Signal::derive(move || {
        let steps = scale.with(|scale| scale.steps.iter().map(|step| step.value.clone()).collect::<Vec<_>>());
        let without = cells.with(|columns| {
            let all = columns.iter().flat_map(|column| &column.cells).flat_map(|cell| std::iter::once(cell).chain(&cell.subs));
            all.filter_map(|cell| cell.value.as_ref()).any(|value| *value == no_level())
        });
        steps.into_iter().chain(without.then(no_level)).chain([unassessed()]).collect::<Vec<_>>()
    });
    let techniques = Memo::new(move |_| {
        let ids = |matrix: &tyrian_api_types::catalogue::Matrix| {
            let all = matrix.tactics.iter().flat_map(|tactic| &tactic.techniques).map(|one| one.external_id.clone());
            all.collect::<std::collections::BTreeSet<_>>().len()
        };
        matrix.data.with(|matrix| matrix.as_ref().map(ids)).unwrap_or(0)
    });
    let none = Memo::new(move |_| cells.with(Vec::is_empty));
    let told = RwSignal::new(None);
    view! {
        <section class="card" aria-label=t!("Heat map")>
            <div class="card__head heat__head">
                <h2>{t!("Heat map")}</h2>
                <span class="small muted hide-md">{move || match scale.with(|scale| scale.metric) {
                    Metric::Level => t!("A cell takes the lowest level of its tests, so a gap never hides behind a success."),
                    Metric::Outcome => t!("A cell takes the worst outcome of its tests, so a gap never hides behind a success."),
                }}</span>
                <span class="push row row--wrap heat__tools"><Tools scale=scale all=all techniques=techniques/><Layer here=here scale=scale/></span>
            </div>
            <div class="heat__body">
                <Legend values=legend changes=Signal::stored(compared)/>
                <Readout told=told hint=t!("Point at a cell, or walk over them with the arrow keys, to read its tests. Enter or a click opens them.")/>
                <div class="matrix-box"><MatrixGrid columns=cells label=t!("ATT&CK matrix of this mission") told=told/></div>
                {move || none.get().then(|| view! { <p class="small muted">{t!("No test of this mission names a technique, so there is nothing to place.")}</p> })}
                {(untagged > 0).then(|| view! {
                    <p class="small faint heat__note">{untagged}{if untagged == 1 { t!(" test stands in no tactic, and so in no column.") } else { t!(" tests stand in no tactic, and so in no column.") }}</p>
                })}
            </div>
        </section>
    }
}

/// What is measured, and how much of the catalogue is shown.
#[component]
fn Tools(
    /// what is measured
    scale: Memo<Scale>,
    /// is the whole catalogue shown
    all: Memo<bool>,
    /// how many techniques it has
    techniques: Memo<usize>,
) -> impl IntoView {
    let url = use_url();
    let metric = RwSignal::new(String::new());
    Effect::new(move |_| metric.set(scale.with(|scale| scale.metric.code().to_owned())));
    let shown = RwSignal::new(String::new());
    Effect::new(move |_| shown.set(if all.get() { ALL.to_owned() } else { String::new() }));
    let options = Metric::ALL.map(|(_, code, word)| (code.to_owned(), tr(word).to_owned())).to_vec();
    let sizes = move || {
        let word = match techniques.get() {
            0 => t!("All").to_owned(),
            n => t!("All {n}"; n),
        };
        vec![(String::new(), t!("In scope").to_owned()), (ALL.to_owned(), word)]
    };
    view! {
        <Select value=metric label=t!("What a cell tells") small=true options=Signal::stored(options) on_change=move |code: String| url.push(&[("metric", Some(code))])/>
        <Seg value=shown label=t!("Techniques shown") options=Signal::derive(sizes) on_change=move |to: String| url.push(&[("show", Some(to).filter(|to| !to.is_empty()))])/>
    }
}

/// The same as a layer for the ATT&CK Navigator.
#[component]
fn Layer(
    /// the mission
    here: Here,
    /// what is measured
    scale: Memo<Scale>,
) -> impl IntoView {
    let toasts = use_toasts();
    let making = running::of(here.id, LAYER);
    let busy = Signal::derive(move || making.read().is_some());
    let start = move |_| {
        let metric = match scale.with_untracked(|scale| scale.metric) {
            Metric::Level => "detection",
            Metric::Outcome => "coverage",
        };
        let query = query_string([("metric", Some(metric.to_owned()))]);
        running::start(toasts, here.id.get_untracked(), LAYER, t!("ATT&CK Navigator layer"), query);
    };
    view! { <Button size=ButtonSize::Small icon="download" title=t!("A layer for the ATT&CK Navigator") busy=busy on_click=start>{t!("Layer")}</Button> }
}
