//! How an outcome looks: glyph and word first, colour third. The colours are those of the detection levels.

use leptos::prelude::*;
use tyrian_domain::test::Outcome;

use crate::ui::{Glyph, LevelBadge, words};

/// The outcomes of a judged test, the gravest first: the order of a column from its foot.
pub const JUDGED: [Outcome; 4] = [Outcome::Missed, Outcome::Logged, Outcome::Alerted, Outcome::Prevented];

/// The detection level whose glyph and colour an outcome has.
pub const fn level(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Prevented => "prevented",
        Outcome::Alerted => "technique",
        Outcome::Logged => "telemetry",
        Outcome::Missed => "none",
        Outcome::NotAssessed => "unassessed",
    }
}

/// How grave: a gap is 0, what is not judged comes last.
pub fn gravity(outcome: Outcome) -> usize {
    JUDGED.iter().position(|one| *one == outcome).unwrap_or(JUDGED.len())
}

/// Its word.
pub fn word(outcome: Outcome) -> String {
    words(outcome.as_str())
}

/// Glyph and word, where there is room.
#[component]
pub fn OutcomeBadge(
    /// what came of it
    outcome: Outcome,
) -> impl IntoView {
    view! { <LevelBadge code=level(outcome) name=word(outcome)/> }
}

/// Glyph and colour alone; the word is spoken.
#[component]
pub fn OutcomeDot(
    /// what came of it
    outcome: Outcome,
) -> impl IntoView {
    let code = level(outcome);
    view! { <span class="lvdot" data-lv=code><Glyph name=format!("lv-{code}")/><span class="sr">{word(outcome)}</span></span> }
}

/// What the glyphs and colours mean.
#[component]
pub fn OutcomeLegend() -> impl IntoView {
    view! {
        <div class="legend" role="group" aria-label="What the colours mean">
            {JUDGED.into_iter().map(|outcome| {
                let code = level(outcome);
                view! { <span class="legend__item"><span class="legend__sw" data-lv=code><Glyph name=format!("lv-{code}")/></span>{word(outcome)}</span> }
            }).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_gravest_and_what_is_not_judged_comes_last() {
        let mut all = Outcome::ALL.to_vec();
        all.sort_by_key(|outcome| gravity(*outcome));
        assert_eq!(all, [Outcome::Missed, Outcome::Logged, Outcome::Alerted, Outcome::Prevented, Outcome::NotAssessed]);
    }
}
