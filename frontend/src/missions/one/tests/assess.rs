//! What is asked before a test counts as assessed: what blue saw, and when. Nothing said would count as missed.

use leptos::prelude::*;
use serde_json::Value;
use tyrian_api_types::Items;
use tyrian_api_types::detections::Detection;
use tyrian_domain::execution::TestField;
use tyrian_domain::test::{DetectionKind, Fact, TestState, Unsaid, suggested, unsaid};

use super::form::TestForm;
use super::inputs::Moment;
use super::pane::Opened;
use super::values::label;
use crate::missions::queries::use_detection_levels;
use crate::query::Query;
use crate::ui::{Button, ButtonKind, Dialog, Icon, words};

/// The facts, each with the rows that tell of it.
const FACTS: [(TestField, DetectionKind); 3] = [
    (TestField::Logged, DetectionKind::Logged),
    (TestField::Alerted, DetectionKind::Alerted),
    (TestField::Prevented, DetectionKind::Prevented),
];

/// What blue has left unsaid of the opened test.
pub fn unsaid_of(form: TestForm, detections: Query<Items<Detection>>) -> Option<Unsaid> {
    let facts = FACTS.map(|(field, _)| Fact::parse(&form.text(field)).unwrap_or(Fact::Unknown));
    let seen_at = |row: &Detection| row.result.holds() && row.occurred_at.is_some();
    let timed = form.moment(TestField::DetectedAt).is_some()
        || detections.data.with(|rows| rows.as_ref().is_some_and(|rows| rows.items.iter().any(seen_at)));
    unsaid(facts, timed)
}

/// What the rows of the tools suggest, fact by fact.
fn told_by_rows(rows: &[Detection]) -> Vec<(TestField, Fact)> {
    let best = |kind: DetectionKind| suggested(rows.iter().filter(|row| row.kind == kind).map(|row| row.result));
    FACTS.iter().filter_map(|(field, kind)| Some((*field, best(*kind)?))).collect()
}

/// Writes facts, then tries again to mark the test assessed.
fn say(opened: Opened, facts: &[(TestField, Fact)]) {
    opened.asked.set(None);
    for (field, fact) in facts {
        opened.form.set(*field, Value::String(fact.as_str().to_owned()));
    }
    opened.go(TestState::Assessed);
}

/// The two questions; `opened.asked` shows one.
#[component]
pub fn AssessQuestions(
    /// the opened test
    opened: Opened,
) -> impl IntoView {
    view! {
        {
            let open = shown_while(opened, Unsaid::Facts);
            view! { <FactsQuestion opened=opened open=open/> }
        }
        {
            let open = shown_while(opened, Unsaid::Time);
            view! { <TimeQuestion opened=opened open=open/> }
        }
    }
}

/// Whether one of the questions is open, as its dialog wants it: closing the dialog takes the question back.
fn shown_while(opened: Opened, question: Unsaid) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(opened.asked.get() == Some(question)));
    Effect::new(move |_| {
        if !open.get() && opened.asked.get_untracked() == Some(question) {
            opened.asked.set(None);
        }
    });
    open
}

/// Not one fact is said: nothing seen, what the rows say, or back to fill it in.
#[component]
fn FactsQuestion(
    /// the opened test
    opened: Opened,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let rows =
        Memo::new(move |_| opened.detections.data.with(|rows| rows.as_ref().map(|rows| told_by_rows(&rows.items)).unwrap_or_default()));
    let has_rows = Memo::new(move |_| !rows.read().is_empty());
    let nothing = FACTS.map(|(field, _)| (field, Fact::No));
    let levels = use_detection_levels();
    let say_nothing = move |_| {
        // where blue has given no level: nothing was seen is the lowest one
        let lowest = levels.data.with_untracked(|levels| {
            let offered = levels.iter().flat_map(|levels| &levels.items).filter(|level| !level.is_retired);
            offered.min_by_key(|level| level.rank).map(|level| level.id)
        });
        if let Some(lowest) = lowest.filter(|_| opened.form.value(TestField::DetectionLevel).is_null()) {
            opened.form.set(TestField::DetectionLevel, Value::String(lowest.to_string()));
        }
        say(opened, &nothing);
    };
    let back = move |_| {
        open.set(false);
        // behind the focus that the closing dialog gives back
        request_animation_frame(|| crate::web::focus_soon(".side[data-side=blue] .seg--fact input:not([disabled])"));
    };
    view! {
        <Dialog
            open=open
            title=t!("Nothing is said yet about what blue saw")
            icon="info"
            alert=true
            foot=move || view! {
                <Button on_click=back>{t!("Go back and fill in")}</Button>
                <Button kind=if has_rows.get() { ButtonKind::Plain } else { ButtonKind::Primary } on_click=say_nothing>{t!("Nothing was seen")}</Button>
                {move || has_rows.get().then(|| view! {
                    <Button kind=ButtonKind::Primary on_click=move |_| { let rows = rows.get_untracked(); say(opened, &rows); }>{t!("Take what the tools say")}</Button>
                })}
            }
        >
            <div class="stack stack--2">
                <p class="muted">{t!("Was it logged, alerted or prevented? Assessed without an answer, the test counts as missed.")}</p>
                {move || has_rows.get().then(|| view! {
                    <p>
                        {t!("The rows of the tools say: ")}
                        <b>{move || rows.get().into_iter().map(|(field, fact)| format!("{} {}", label(field).to_lowercase(), words(fact.as_str()).to_lowercase())).collect::<Vec<_>>().join(", ")}</b>
                        "."
                    </p>
                })}
                <p class="muted">{t!("“Nothing was seen” writes “no” for all three and the lowest detection level, and marks the test assessed.")}</p>
            </div>
        </Dialog>
    }
}

/// Something was seen, but not when.
#[component]
fn TimeQuestion(
    /// the opened test
    opened: Opened,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let form = opened.form;
    let missing = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            missing.set(false);
        }
    });
    let assess = move |_| {
        if untrack(|| form.moment(TestField::DetectedAt)).is_none() {
            missing.set(true);
        } else {
            open.set(false);
            opened.go_now(TestState::Assessed);
        }
    };
    view! {
        <Dialog
            open=open
            title=t!("When was it detected?")
            icon="info"
            foot=move || view! {
                <Button on_click=move |_| { open.set(false); opened.go_now(TestState::Assessed); }>{t!("No time known")}</Button>
                <Button kind=ButtonKind::Primary on_click=assess>{t!("Mark assessed")}</Button>
            }
        >
            <div class="stack stack--2">
                <p class="muted">{t!("Something saw it, but neither you nor a tool’s row says when. The time to detect is counted from this.")}</p>
                <Moment form=form field=TestField::DetectedAt gap=true/>
                {move || (missing.get() && form.moment(TestField::DetectedAt).is_none()).then(|| view! {
                    <p class="field__error" role="alert"><Icon name="circle-alert" size=14/>{t!("Give a time, or go on with “No time known”.")}</p>
                })}
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(kind: &str, result: &str) -> Detection {
        serde_json::from_value(json!({
            "id": "00000000-0000-0000-0000-000000000001", "mission_test_id": "00000000-0000-0000-0000-000000000002",
            "defence_tool_id": "00000000-0000-0000-0000-000000000003", "defence_tool_name": "Sentry EDR", "kind": kind,
            "result": result, "severity": null, "occurred_at": null, "reference": null, "rule": null, "notes": null, "version": 1,
            "created_at": "2026-03-12T14:00:00Z", "updated_at": "2026-03-12T14:00:00Z"
        }))
        .unwrap()
    }

    #[test]
    fn the_best_row_of_each_kind_is_offered() {
        let rows = [row("alerted", "no"), row("alerted", "partial"), row("logged", "yes")];
        assert_eq!(told_by_rows(&rows), [(TestField::Logged, Fact::Yes), (TestField::Alerted, Fact::Partial)]);
        assert!(told_by_rows(&[]).is_empty());
    }
}
