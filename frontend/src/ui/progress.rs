//! How far something is: the tests of a mission, their results, a task that runs.

use leptos::prelude::*;
use tyrian_domain::test::Outcome;

use super::{outcome_look, words};

fn share(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a width in per cent")]
    let value = if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
    format!("{value:.1}")
}

/// The tests of a mission: solid assessed, hatched executed, accent running.
#[component]
pub fn TestProgress(
    /// all tests
    total: u64,
    /// assessed by blue
    assessed: u64,
    /// run by red, wait for blue
    executed: u64,
    /// under way
    running: u64,
) -> impl IntoView {
    let label = if total == 0 {
        t!("No tests").to_owned()
    } else {
        t!("{assessed} of {total} assessed, {executed} executed, {running} running"; assessed, total, executed, running)
    };
    let parts = [("assessed", assessed), ("executed", executed), ("running", running)];
    view! {
        <div class="progress" role="img" aria-label=label>
            {parts.into_iter().filter(|part| part.1 > 0).map(|(code, n)| view! { <i data-s=code style:--v=share(n, total)></i> }).collect_view()}
        </div>
    }
}

/// The outcomes that a test can have once it is assessed, the best first.
pub const RESULTS: [Outcome; 4] = [Outcome::Prevented, Outcome::Alerted, Outcome::Logged, Outcome::Missed];

/// Results as one bar, by what became of the tests.
#[component]
pub fn OutcomeProgress(
    /// outcome and number, the best first
    results: Vec<(Outcome, u64)>,
) -> impl IntoView {
    let total: u64 = results.iter().map(|result| result.1).sum();
    let label = results.iter().map(|(outcome, n)| format!("{} {n}", words(outcome.as_str()))).collect::<Vec<_>>().join(", ");
    view! {
        <div class="progress progress--lv" role="img" aria-label=label.clone() title=label>
            {results.into_iter().filter(|result| result.1 > 0).map(|(outcome, n)| view! { <i data-lv=outcome_look(outcome) style:--v=share(n, total)></i> }).collect_view()}
        </div>
    }
}

/// A task that runs: upload, sync, import. `done` of `total`; without a total the bar says only that it runs.
#[component]
pub fn TaskProgress(
    /// what runs
    #[prop(into)]
    label: String,
    /// done so far
    #[prop(into)]
    done: Signal<u64>,
    /// all there is to do; 0 while unknown
    #[prop(into)]
    total: Signal<u64>,
) -> impl IntoView {
    view! {
        <div
            class="progress progress--task"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax=move || (total.get() > 0).then(|| total.get().to_string())
            aria-valuenow=move || (total.get() > 0).then(|| done.get().to_string())
        >
            <i style:--v=move || if total.get() == 0 { "35".to_owned() } else { share(done.get(), total.get()) }></i>
        </div>
    }
}
