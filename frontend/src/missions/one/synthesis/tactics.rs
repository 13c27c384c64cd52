//! Coverage by tactic: what became of its judged tests as one bar each, and where the share stood last time.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use tyrian_api_types::synthesis::{Synthesis, TacticCount};
use tyrian_domain::synthesis::percent;

use super::scale::{Scale, no_level, unassessed};
use crate::missions::queries::use_synthesis;

/// With fewer tactics than this the card is as high as its bars, and the times stand below it; else it is as high as the funnel
/// and the times beside it.
pub const FEW: usize = 10;

/// The card.
#[component]
pub fn TacticsCard(
    /// what is counted
    synthesis: Arc<Synthesis>,
    /// what is measured
    scale: Memo<Scale>,
) -> impl IntoView {
    let other = synthesis.compared_with.as_ref().map(|compared| compared.other.mission.id.to_string());
    let compared = other.is_some();
    let last = other.map(|id| use_synthesis(Memo::new(move |_| id.clone())));
    // the share of each tactic in the mission that this one repeats
    let before =
        Memo::new(move |_| last.map(|last| last.data.with(|data| data.as_ref().map(shares).unwrap_or_default())).unwrap_or_default());
    let class = if synthesis.by_tactic.len() < FEW { "bars bars--tactics" } else { "bars bars--tactics bars--fill" };
    view! {
        <section class="card card--fill card--col" aria-label=t!("Coverage by tactic")>
            <div class="card__head">
                <h2>{t!("Coverage by tactic")}</h2>
                <span class="small muted push">{if compared {
                    view! { <i class="bars__key" aria-hidden="true"></i>{t!("alerted or prevented last time")} }.into_any()
                } else {
                    t!("share alerted or prevented").into_any()
                }}</span>
            </div>
            <div class="card__body grow">
                <div class=class>
                    {move || synthesis.by_tactic.iter().map(|tactic| scale.with(|scale| row(scale, tactic, &before.read()))).collect_view()}
                </div>
            </div>
        </section>
    }
}

fn shares(synthesis: &Synthesis) -> BTreeMap<String, f64> {
    synthesis.by_tactic.iter().filter_map(|tactic| Some((tactic.external_id.clone()?, tactic.ratio()?))).collect()
}

fn row(scale: &Scale, tactic: &TacticCount, before: &BTreeMap<String, f64>) -> impl IntoView + use<> {
    let mut parts = scale.of_tactic(tactic);
    // the best first, then those without a level, what nobody has judged last
    let levelled = parts.iter().take_while(|part| part.0 != no_level() && part.0 != unassessed()).count();
    parts.get_mut(..levelled).unwrap_or_default().reverse();
    let last = tactic.external_id.as_ref().and_then(|id| before.get(id)).copied();
    let share = percent(tactic.ratio());
    let told = parts.iter().map(|(value, n)| format!("{} {n}", value.word)).collect::<Vec<_>>().join(", ");
    // the bar is of the judged tests, as the share beside it is
    parts.retain(|part| part.0 != unassessed());
    let was = last.map(|last| t!(", last time {}", percent(Some(last)))).unwrap_or_default();
    let label = t!("{}: {} of the assessed covered{}. {}", tactic.name, share, was, told);
    let base = format!("{}/{}", tactic.covered, tactic.assessed);
    let (name, title) = (tactic.name.clone(), t!("{} of {} assessed tests were alerted or prevented", tactic.covered, tactic.assessed));
    view! {
        <span class="trunc" title=name.clone()>{name.clone()}</span>
        <div class="bars__track" role="img" aria-label=label>
            {parts.into_iter().map(|(value, n)| view! { <i data-lv=value.code title=format!("{} {n}", value.word) style:--v=n.to_string()></i> }).collect_view()}
            {last.map(|last| view! { <span class="bars__mark" title=t!("last time {}", percent(Some(last))) style:--v=format!("{:.2}", last * 100.0)></span> })}
        </div>
        <span class="num small nowrap bars__n" title=title><b>{share}</b>" "<span class="faint">{base}</span></span>
    }
}
