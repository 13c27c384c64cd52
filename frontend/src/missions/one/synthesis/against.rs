//! Against the mission that this one repeats: what was measured then and now, and which techniques changed.

use leptos::prelude::*;
use tyrian_api_types::synthesis::{Change, Compared, Comparison, TechniqueChange};
use tyrian_domain::test::Outcome;

use super::cells::direction;
use super::scale::{Scale, no_level, outcome_value};
use super::told::{More, SHOWN, seconds};
use crate::matrix::{self, Swatch, Value};
use crate::ui::{Card, Delta, DeltaMark, Icon, Table, duration};

/// What a measure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// whole per cent
    Percent,
    /// tests
    Tests,
    /// a length of time
    Seconds,
}

/// Something that was measured in both missions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// what it is
    pub what: &'static str,
    /// in the other mission
    pub before: Option<u64>,
    /// in this one
    pub now: Option<u64>,
    /// what it is counted in
    pub unit: Unit,
    /// is more of it better for the defenders
    pub more_is_better: bool,
}

/// A ratio in whole per cent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
fn whole(ratio: Option<f64>) -> Option<u64> {
    ratio.map(|ratio| (ratio * 100.0).round() as u64)
}

impl Measure {
    /// The measures of two missions.
    pub fn of(now: &Compared, before: &Compared) -> Vec<Self> {
        let outcome = |of: &Compared, outcome| of.by_outcome.get(&outcome).copied();
        let detected = |of: &Compared| whole(tyrian_domain::synthesis::share(of.funnel.alerted, of.funnel.assessed));
        let measure = |what, of: &dyn Fn(&Compared) -> Option<u64>, unit, more_is_better| Self {
            what,
            before: of(before),
            now: of(now),
            unit,
            more_is_better,
        };
        vec![
            measure(t!("Detected"), &detected, Unit::Percent, true),
            measure(t!("Techniques covered"), &|of| whole(of.coverage.ratio), Unit::Percent, true),
            measure(t!("Prevented"), &|of| Some(of.funnel.prevented), Unit::Tests, true),
            measure(t!("Median time to detect"), &|of| of.times.detect.median_s, Unit::Seconds, false),
            measure(t!("Median time to respond"), &|of| of.times.respond.median_s, Unit::Seconds, false),
            measure(t!("Tests seen by nothing"), &|of| outcome(of, Outcome::Missed), Unit::Tests, false),
        ]
    }

    /// A value with its unit.
    pub fn text(self, value: Option<u64>) -> String {
        match (self.unit, value) {
            (_, None) => "–".to_owned(),
            (Unit::Percent, Some(n)) => format!("{n} %"),
            (Unit::Tests, Some(n)) => n.to_string(),
            (Unit::Seconds, value) => seconds(value),
        }
    }

    /// What became of it; none where nothing did, or one is missing.
    pub fn delta(self) -> Option<Delta> {
        let (before, now) = (self.before?, self.now?);
        let by = now.abs_diff(before);
        let up = now > before;
        let text = match self.unit {
            Unit::Percent if by == 1 => "1 point".to_owned(),
            Unit::Percent => t!("{by} points"; by),
            Unit::Tests => by.to_string(),
            Unit::Seconds => duration(i64::try_from(by).ok()?),
        };
        (by > 0).then_some(Delta { up, better: up == self.more_is_better, by: text })
    }
}

/// A technique that is in both and went better or worse.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Changed {
    id: String,
    name: String,
    before: Value,
    now: Value,
    better: bool,
}

/// By lowest level where levels are measured and both missions have one that differs, else by coverage and best outcome; the
/// worse first.
fn changed(scale: &Scale, all: &[TechniqueChange]) -> Vec<Changed> {
    let by_level = |one: &TechniqueChange| {
        let (now, before) = scale.of_change(one);
        let better = direction(scale, now?, before?)? == matrix::Change::Better;
        Some((scale.value(before?).unwrap_or_else(no_level), scale.value(now?).unwrap_or_else(no_level), better))
    };
    let by_outcome = |one: &TechniqueChange| {
        let better = one.change == Change::Improved;
        (better || one.change == Change::Worsened).then_some((outcome_value(one.other_outcome?), outcome_value(one.outcome?), better))
    };
    let of = |one: &TechniqueChange| {
        let (before, now, better) = by_level(one).or_else(|| by_outcome(one))?;
        Some(Changed { id: one.external_id.clone(), name: one.name.clone(), before, now, better })
    };
    let mut found: Vec<Changed> = all.iter().filter_map(of).collect();
    found.sort_by(|a, b| (a.better, &a.id).cmp(&(b.better, &b.id)));
    found
}

/// The card.
#[component]
pub fn AgainstCard(
    /// the comparison
    comparison: Comparison,
    /// what is measured
    scale: Memo<Scale>,
) -> impl IntoView {
    let Comparison { mission, other, technique_changes, tests, .. } = comparison;
    let (now, before) = (mission.mission.name.clone(), other.mission.name.clone());
    let href = format!("/missions/{}/synthesis", other.mission.id);
    let in_full = format!("/missions/{}/compare?with={}", mission.mission.id, other.mission.id);
    let both: u64 = tests.iter().filter(|(change, _)| !matches!(change, Change::New | Change::Gone)).map(|(_, n)| n).sum();
    let head = t!("{} {} in both", both, if both == 1 { t!("test is") } else { t!("tests are") });
    let rows = Measure::of(&mission, &other).into_iter().map(|one| {
        view! {
            <tr>
                <th scope="row">{one.what}</th>
                <td class="num faint nowrap">{one.text(one.before)}</td>
                <td class="num nowrap"><b>{one.text(one.now)}</b></td>
                <td>{one.delta().map(|delta| view! { <DeltaMark delta=delta/> })}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let changes = Memo::new(move |_| scale.with(|scale| changed(scale, &technique_changes)));
    let title = t!("Against {before}"; before);
    view! {
        <Card title=title head=move || view! { <span class="small muted">{head.clone()}</span><a class="small" href=in_full.clone()>{t!("Test by test")}</a><a class="small" href=href.clone()>{t!("Open that mission")}</a> }>
            <div class="cols cols--2 versus2">
                <Table label=t!("Measures of both missions")>
                    <thead><tr><th scope="col">{t!("Measure")}</th><th scope="col" class="num wrap">{before}</th><th scope="col" class="num wrap">{now}</th><th scope="col">{t!("Change")}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </Table>
                <Techniques changes=changes/>
            </div>
        </Card>
    }
}

#[component]
fn Techniques(
    /// the techniques
    changes: Memo<Vec<Changed>>,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let pair = |one: &Changed| {
        view! { <span class="row row--1 nowrap"><Swatch value=one.before.clone()/><Icon name="arrow-right" size=12/><Swatch value=one.now.clone()/></span> }
    };
    move || {
        let changes = changes.get();
        let count = changes.len();
        if count == 0 {
            return view! { <p class="small muted versus2__none">{t!("No technique that is in both went better or worse.")}</p> }
                .into_any();
        }
        let shown = if all.get() { count } else { SHOWN };
        view! {
            <div>
                <Table label=t!("Techniques that changed, the worse first")>
                    <thead><tr><th scope="col">{t!("Technique")}</th><th scope="col">{t!("Before, now")}</th><th scope="col">{t!("Change")}</th></tr></thead>
                    <tbody>
                        {changes.iter().take(shown).map(|one| view! {
                            <tr>
                                <th scope="row" class="wrap"><span class="mono">{one.id.clone()}</span>" "{one.name.clone()}</th>
                                <td>{pair(one)}</td>
                                <td><span class="delta" data-dir=if one.better { "better" } else { "worse" }><Icon name=if one.better { "arrow-up" } else { "arrow-down" } size=12/>{if one.better { t!("Better") } else { t!("Worse") }}</span></td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </Table>
                <More all=all hidden=count.saturating_sub(SHOWN) what=t!("techniques")/>
            </div>
        }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::super::scale::Metric;
    use super::*;

    #[test]
    fn a_change_has_a_direction_and_is_better_or_worse() {
        let delta = |before, now, unit, more_is_better| Measure { what: "", before, now, unit, more_is_better }.delta();
        let shown = |up, better, by: &str| Some(Delta { up, better, by: by.to_owned() });
        assert_eq!(delta(Some(40), Some(62), Unit::Percent, true), shown(true, true, "22 points"));
        assert_eq!(delta(Some(1_320), Some(280), Unit::Seconds, false), shown(false, true, "17 min"));
        assert_eq!(delta(Some(4), Some(3), Unit::Tests, true), shown(false, false, "1"));
        assert_eq!(delta(Some(4), Some(4), Unit::Tests, true), None);
        assert_eq!(delta(None, Some(4), Unit::Tests, true), None);
    }

    #[test]
    fn techniques_change_by_their_lowest_level_the_worse_first() {
        let scale = Scale::new(Metric::Level, &super::super::scale::tests::levels());
        let change = |id: &str, before: Option<&str>, now: Option<&str>| TechniqueChange {
            change: Change::Same,
            external_id: id.to_owned(),
            parent_external_id: None,
            name: id.to_owned(),
            outcome: None,
            other_outcome: None,
            ratio: None,
            other_ratio: None,
            detection_level: now.map(str::to_owned),
            other_detection_level: before.map(str::to_owned),
        };
        let all = [
            change("T1", Some("none"), Some("tactic")),
            change("T2", Some("general"), Some("none")),
            change("T3", None, Some("none")),
            change("T4", Some("none"), Some("none")),
        ];
        let missed_then = TechniqueChange {
            change: Change::Improved,
            outcome: Some(Outcome::Alerted),
            other_outcome: Some(Outcome::Missed),
            ..change("T5", None, Some("tactic"))
        };
        let all: Vec<TechniqueChange> = all.into_iter().chain([missed_then]).collect();
        let found: Vec<_> = changed(&scale, &all).into_iter().map(|one| (one.id, one.before.word, one.now.word, one.better)).collect();
        let row = |id: &str, before: &str, now: &str, better| (id.to_owned(), before.to_owned(), now.to_owned(), better);
        assert_eq!(found, [row("T2", "General", "None", false), row("T1", "None", "Tactic", true), row("T5", "Missed", "Alerted", true)]);
    }
}
