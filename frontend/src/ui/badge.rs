//! Status, state, level and severity: glyph and word first, colour third.
//!
//! Codes are those of the API (`in_progress`, `executed`, `technique`, `high`); a code that is not known here is shown as it is.

use leptos::prelude::*;

use super::{Glyph, Icon};

pub use crate::texts::{count, words};
use tyrian_domain::test::Outcome;

/// A mission's status with ground.
#[component]
pub fn StatusBadge(
    /// `draft`, `in_progress`, `completed`, `archived`
    #[prop(into)]
    status: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="badge" data-status=move || status.get()>
            <Glyph name=Signal::derive(move || format!("st-{}", status.get()))/>
            {move || words(&status.read())}
        </span>
    }
}

/// A mission's status in a row's meta line, without ground. The row carries `data-status`.
#[component]
pub fn StatusText(
    /// `draft`, `in_progress`, `completed`, `archived`
    #[prop(into)]
    status: String,
) -> impl IntoView {
    let word = words(&status);
    view! { <span class="status" data-status=status.clone() data-fixed><Glyph name=format!("st-{status}")/>{word}</span> }
}

/// The coin of a test's state: left half red has run, right half blue has assessed. The word is spoken.
#[component]
pub fn StateCoin(
    /// `planned`, `running`, `executed`, `assessed`, `skipped`
    #[prop(into)]
    state: Signal<String>,
) -> impl IntoView {
    view! {
        <Glyph name=Signal::derive(move || format!("ts-{}", state.get())) size=16/>
        <span class="sr">{move || words(&state.read())}</span>
    }
}

/// Detection level with its word, where there is room. `code` is one of the seeded levels or `unassessed`.
#[component]
pub fn LevelBadge(
    /// `none`, `telemetry`, `general`, `tactic`, `technique`, `prevented`, `unassessed`
    #[prop(into)]
    code: String,
    /// the level's name where an administrator gave it another
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    let word = name.unwrap_or_else(|| words(&code));
    view! { <span class="badge" data-lv=code.clone()><Glyph name=format!("lv-{code}")/>{word}</span> }
}

/// The look of a step of the ramp that an outcome has: its colour and glyph.
pub const fn outcome_look(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Prevented => "prevented",
        Outcome::Alerted => "technique",
        Outcome::Logged => "telemetry",
        Outcome::Missed => "none",
        Outcome::NotAssessed => "unassessed",
    }
}

/// What came of a test: glyph and word.
#[component]
pub fn OutcomeBadge(
    /// what came of it
    outcome: Outcome,
) -> impl IntoView {
    view! { <LevelBadge code=outcome_look(outcome) name=words(outcome.as_str())/> }
}

/// Detection level in a list: swatch and glyph, the word spoken and on hover.
#[component]
pub fn LevelDot(
    /// `none` … `prevented`, `unassessed`
    #[prop(into)]
    code: String,
) -> impl IntoView {
    let word = words(&code);
    view! { <span class="lvdot" data-lv=code.clone() title=word.clone()><Glyph name=format!("lv-{code}")/><span class="sr">{word.clone()}</span></span> }
}

/// Bars and word. `level` is `none`, `low`, `medium`, `high` or `critical`.
#[component]
pub fn Severity(
    /// how bad
    #[prop(into)]
    level: String,
) -> impl IntoView {
    let word = words(&level);
    view! { <span class="sev" data-sev=level.clone()><Glyph name=format!("sev-{level}")/>{word}</span> }
}

/// How much noise a test makes: bars and “… OPSEC risk”.
#[component]
pub fn OpsecBadge(
    /// `none`, `low`, `medium`, `high`, `critical`
    #[prop(into)]
    level: String,
) -> impl IntoView {
    let word = t!("{} OPSEC risk", words(&level));
    view! { <span class="sev" data-sev=level.clone()><Glyph name=format!("sev-{level}")/>{word}</span> }
}

/// How a fact is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// a fact
    #[default]
    Plain,
    /// fine
    Ok,
    /// look at it
    Warn,
    /// broken
    Error,
    /// chosen, mine
    Accent,
}

/// A word on a coloured ground, with an icon where it says more than the word.
#[component]
pub fn Badge(
    /// how it is to be taken
    #[prop(optional)]
    tone: Tone,
    /// an icon before the word
    #[prop(optional)]
    icon: Option<&'static str>,
    /// its word
    children: Children,
) -> impl IntoView {
    let tone = match tone {
        Tone::Plain => "",
        Tone::Ok => " badge--ok",
        Tone::Warn => " badge--warn",
        Tone::Error => " badge--error",
        Tone::Accent => " badge--accent",
    };
    let text = if icon.is_some() { "" } else { " badge--text" };
    view! { <span class=format!("badge{tone}{text}")>{icon.map(|name| view! { <Icon name=name/> })}{children()}</span> }
}

/// A small thing that may be taken out: an ATT&CK id, a tag, a group.
#[component]
pub fn Chip(
    /// an id, set in mono
    #[prop(optional, into)]
    code: Option<String>,
    /// its name
    #[prop(optional, into)]
    name: Option<String>,
    /// takes it out; without this there is no cross
    #[prop(optional, into)]
    on_remove: Option<Callback<()>>,
) -> impl IntoView {
    let what = code.clone().or_else(|| name.clone()).unwrap_or_default();
    view! {
        <span class="chip">
            {code.map(|code| view! { <span class="mono">{code}</span> })}
            {name.map(|name| view! { <span class="trunc" title=name.clone()>{name.clone()}</span> })}
            {on_remove.map(|callback| view! {
                <button class="chip__x" type="button" aria-label=t!("Take {what} out"; what) on:click=move |_| callback.run(())><Icon name="x" size=12/></button>
            })}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_code_becomes_a_word() {
        assert_eq!(words("in_progress"), "In progress");
        assert_eq!(words(""), "");
        assert_eq!(words("éclair"), "éclair");
    }
}
