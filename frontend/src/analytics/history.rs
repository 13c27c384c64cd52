//! The outcome of a technique from mission to mission: best and worst of each, drawn over time.

use leptos::prelude::*;
use tyrian_api_types::analytics::TechniqueInMission;
use tyrian_domain::test::Outcome;

use super::outcome::word;
use super::plot::{Column, HEIGHT, Plot, TOP, Tick, Told, middle, percent};
use super::times::in_words;
use super::trend::covered;
use crate::ui::{day, outcome_look};

/// Characters of a mission's name under its column.
const NAME: usize = 19;

/// The rows of the drawing from above: the best first, what is not judged at the foot.
const ROWS: [Outcome; 5] = [Outcome::Prevented, Outcome::Alerted, Outcome::Logged, Outcome::Missed, Outcome::NotAssessed];

fn y(outcome: Outcome) -> f64 {
    let row = ROWS.iter().zip(0_u32..).find(|(one, _)| **one == outcome).map_or(0, |(_, row)| row);
    f64::from(TOP) + f64::from(row * HEIGHT) / 4.0
}

fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        name.to_owned()
    } else {
        format!("{}…", name.chars().take(NAME - 1).collect::<String>().trim_end())
    }
}

/// Is anything of it judged?
fn is_judged(one: &TechniqueInMission) -> bool {
    one.best != Outcome::NotAssessed
}

/// What a mission tells of the technique.
pub fn told(one: &TechniqueInMission) -> Vec<Told> {
    let outcome = |what: &str, outcome: Outcome| Told { level: Some(outcome_look(outcome)), what: what.to_owned(), value: word(outcome) };
    let mut told = if one.best.gravity() == one.worst.gravity() {
        vec![outcome(t!("Outcome"), one.best)]
    } else {
        vec![outcome(t!("Best"), one.best), outcome(t!("Worst"), one.worst)]
    };
    told.push(Told::new(t!("Tests"), one.tests));
    told.push(Told::new(t!("Covered"), covered(one)));
    if one.times.detect.n > 0 {
        told.push(Told::new(t!("Median to detect"), in_words(one.times.detect.median_s)));
    }
    told
}

fn mark(x: &str, outcome: Outcome) -> impl IntoView + use<> {
    let (code, y) = (outcome_look(outcome), y(outcome));
    view! {
        <g class="history__mark" data-lv=code>
            <rect x=x.to_owned() y=format!("{:.1}", y - 10.0) width="24" height="20" rx="3" transform="translate(-12 0)"></rect>
            <use href=format!("#g-lv-{code}") x=x.to_owned() y=format!("{:.1}", y - 7.0) width="14" height="14" transform="translate(-7 0)"></use>
        </g>
    }
}

fn column(index: usize, count: usize, one: &TechniqueInMission) -> Column {
    let x = percent(middle(index, count));
    let apart = one.best != one.worst;
    let marks = view! {
        {apart.then(|| view! { <line class="history__span" x1=x.clone() x2=x.clone() y1=y(one.best).to_string() y2=y(one.worst).to_string()></line> })}
        {apart.then(|| mark(&x, one.worst))}
        {mark(&x, one.best)}
    };
    let mission = &one.mission;
    Column {
        names: vec![day(mission.day), short(&mission.name), short(&mission.client)],
        title: format!("{}, {}, {}", mission.name, mission.client, day(mission.day)),
        told: told(one),
        marks: marks.into_any(),
    }
}

/// From the best of one judged mission to that of the next, where all are of one client: what another client's defence saw is no
/// progress of this one's.
fn lines(missions: &[TechniqueInMission]) -> AnyView {
    let count = missions.len();
    let one_client = missions.windows(2).all(|two| matches!(two, [a, b] if a.mission.client == b.mission.client));
    let judged: Vec<(usize, Outcome)> =
        missions.iter().enumerate().filter(|(_, one)| one_client && is_judged(one)).map(|(at, one)| (at, one.best)).collect();
    judged
        .iter()
        .zip(judged.iter().skip(1))
        .map(|((from, a), (to, b))| view! {
            <line class="times__line" x1=percent(middle(*from, count)) y1=y(*a).to_string() x2=percent(middle(*to, count)) y2=y(*b).to_string()></line>
        })
        .collect_view()
        .into_any()
}

/// The drawing; the oldest mission stands left.
#[component]
pub fn History(
    /// the missions, the oldest first
    missions: Vec<TechniqueInMission>,
) -> impl IntoView {
    let count = missions.len();
    let open = missions.iter().any(|one| !is_judged(one));
    let ticks = ROWS
        .into_iter()
        .filter(|outcome| open || *outcome != Outcome::NotAssessed)
        .map(|outcome| Tick { y: y(outcome), word: word(outcome) })
        .collect();
    let columns = missions.iter().enumerate().map(|(index, one)| column(index, count, one)).collect();
    view! { <Plot label=t!("Best and worst outcome, mission by mission") ticks=ticks columns=columns between=lines(&missions) room=116 axis=92/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_stands_above_and_what_is_not_judged_at_the_foot() {
        assert!((y(Outcome::Prevented) - f64::from(TOP)).abs() < f64::EPSILON);
        assert!((y(Outcome::NotAssessed) - f64::from(TOP + HEIGHT)).abs() < f64::EPSILON);
        assert!(ROWS.windows(2).all(|two| y(two[0]) < y(two[1])));
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(short("Quiet Ledger"), "Quiet Ledger");
        assert_eq!(short("Unternehmensübergreifende Übung"), "Unternehmensübergr…");
    }
}
