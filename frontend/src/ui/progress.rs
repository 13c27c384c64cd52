//! How far something is: the tests of a mission, the levels of its results, a task that runs.

use leptos::prelude::*;

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
    /// judged by blue
    assessed: u64,
    /// run by red, wait for blue
    executed: u64,
    /// under way
    running: u64,
) -> impl IntoView {
    let label =
        if total == 0 { "No tests".to_owned() } else { format!("{assessed} of {total} assessed, {executed} executed, {running} running") };
    let parts = [("assessed", assessed), ("executed", executed), ("running", running)];
    view! {
        <div class="progress" role="img" aria-label=label>
            {parts.into_iter().filter(|part| part.1 > 0).map(|(code, n)| view! { <i data-s=code style:--v=share(n, total)></i> }).collect_view()}
        </div>
    }
}

/// Results by level as one bar. `levels` are code, word and number in the order of the ramp.
#[component]
pub fn LevelProgress(
    /// code, word, number
    levels: Vec<(String, String, u64)>,
) -> impl IntoView {
    let total: u64 = levels.iter().map(|level| level.2).sum();
    let label = levels.iter().map(|(_, word, n)| format!("{word} {n}")).collect::<Vec<_>>().join(", ");
    view! {
        <div class="progress progress--lv" role="img" aria-label=label.clone() title=label>
            {levels.into_iter().filter(|level| level.2 > 0).map(|(code, _, n)| view! { <i data-lv=code style:--v=share(n, total)></i> }).collect_view()}
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
