//! How an outcome looks: glyph and word first, colour third. The colours are those of the detection levels.

use leptos::prelude::*;
use tyrian_domain::test::Outcome;

use crate::ui::{Glyph, outcome_look, words};

/// The outcomes of a judged test, the gravest first: the order of a column from its foot.
pub const JUDGED: [Outcome; 4] = [Outcome::Missed, Outcome::Logged, Outcome::Alerted, Outcome::Prevented];

/// Its word.
pub fn word(outcome: Outcome) -> String {
    words(outcome.as_str())
}

/// What the glyphs and colours mean.
#[component]
pub fn OutcomeLegend() -> impl IntoView {
    view! {
        <div class="legend" role="group" aria-label=t!("What the colours mean")>
            {JUDGED.into_iter().map(|outcome| {
                let code = outcome_look(outcome);
                view! { <span class="legend__item"><span class="legend__sw" data-lv=code><Glyph name=format!("lv-{code}")/></span>{word(outcome)}</span> }
            }).collect_view()}
        </div>
    }
}
