//! The share of the judged tests by outcome, step by step.

use std::collections::BTreeMap;

use leptos::prelude::*;
use tyrian_api_types::analytics::{Trend, TrendPoint};
use tyrian_api_types::synthesis::Counts;
use tyrian_domain::synthesis::{percent as percent_of, share};
use tyrian_domain::test::Outcome;

use super::outcome::{JUDGED, word};
use super::plot::{Column, HEIGHT, Plot, TOP, Tick, Told, middle, percent};
use super::steps::{Step, steps};
use crate::ui::{Card, CardBody, EmptyState, Icon, Table, outcome_look};

/// A part of a column lower than this carries no number.
const LOW: f64 = 14.0;

/// A part of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// what came of these tests
    pub outcome: Outcome,
    /// how many
    pub n: u64,
    /// how far from the upper edge
    pub y: f64,
    /// how high
    pub height: f64,
}

/// The parts of a column from its foot upwards, on whole pixels.
#[expect(clippy::cast_precision_loss, reason = "a share in pixels")]
pub fn parts(by_outcome: &BTreeMap<Outcome, u64>) -> Vec<Part> {
    let count = |outcome: &Outcome| by_outcome.get(outcome).copied().unwrap_or(0);
    let all: u64 = JUDGED.iter().map(count).sum();
    let mut below = 0;
    let mut parts = Vec::new();
    for outcome in JUDGED {
        let n = count(&outcome);
        if n == 0 {
            continue;
        }
        let at = |sum: u64| f64::from(TOP) + (f64::from(HEIGHT) * (1.0 - sum as f64 / all as f64)).round();
        let (foot, head) = (at(below), at(below + n));
        below += n;
        parts.push(Part { outcome, n, y: head, height: foot - head });
    }
    parts
}

fn not_judged(point: &TrendPoint) -> u64 {
    point.tests.saturating_sub(point.assessed)
}

/// “65 % of 103”: covered of judged.
pub fn covered(counts: &Counts) -> String {
    if counts.assessed == 0 { t!("none assessed").to_owned() } else { t!("{} of {}", percent_of(counts.ratio()), counts.assessed) }
}

fn told(point: &TrendPoint) -> Vec<Told> {
    let count = |outcome: Outcome| point.by_outcome.get(&outcome).copied().unwrap_or(0);
    let line = |outcome: Outcome| Told {
        level: Some(outcome_look(outcome)),
        what: word(outcome),
        value: format!("{} · {}", count(outcome), percent_of(share(count(outcome), point.assessed))),
    };
    let mut told = vec![Told::new(t!("Covered"), covered(point))];
    told.extend(JUDGED.into_iter().rev().map(line));
    told.push(Told::new(t!("Not assessed"), not_judged(point)));
    told.push(Told::new(t!("Missions"), point.missions));
    told
}

fn column(index: usize, count: usize, width: u32, step: &Step) -> Column {
    let x = percent(middle(index, count));
    let shift = format!("translate(-{} 0)", width / 2);
    let Some(point) = &step.point else {
        return Column {
            names: vec![step.name.clone(), t!("no mission").to_owned()],
            title: step.name.clone(),
            told: vec![Told::new(t!("Missions"), 0)],
            marks: ().into_any(),
        };
    };
    let marks = if point.assessed == 0 {
        view! { <rect class="trend__none" x=x transform=shift y=TOP width=width height=HEIGHT rx="2"></rect> }.into_any()
    } else {
        let part = |part: Part| {
            let middle = part.y + part.height / 2.0 + 4.0;
            view! {
                <g class="trend__part" data-lv=outcome_look(part.outcome)>
                    <rect x=x.clone() transform=shift.clone() y=part.y.to_string() width=width height=(part.height - 1.0).max(1.0).to_string()></rect>
                    {(part.height >= LOW).then(|| view! { <text x=x.clone() y=middle.to_string() text-anchor="middle">{part.n}</text> })}
                </g>
            }
        };
        parts(&point.by_outcome).into_iter().map(part).collect_view().into_any()
    };
    let mut names = vec![step.name.clone(), covered(point)];
    if not_judged(point) > 0 && point.assessed > 0 {
        names.push(t!("{} not assessed", not_judged(point)));
    }
    Column { names, title: step.name.clone(), told: told(point), marks }
}

/// How wide a column is, and how much room it has at least.
fn widths(count: usize) -> (u32, u32) {
    match count {
        0..=6 => (64, 92),
        7..=12 => (48, 84),
        _ => (40, 80),
    }
}

fn ticks() -> Vec<Tick> {
    let at = |part: u32| Tick { y: f64::from(TOP) + f64::from(HEIGHT) * f64::from(100 - part) / 100.0, word: format!("{part} %") };
    [0, 25, 50, 75, 100].into_iter().map(at).collect()
}

/// The card.
#[component]
pub fn TrendCard(
    /// the numbers over time
    trend: Trend,
) -> impl IntoView {
    let sum = |of: fn(&TrendPoint) -> u64| trend.periods.iter().map(of).sum::<u64>();
    let (tests, judged) = (sum(|point| point.tests), sum(|point| point.assessed));
    let head = t!("{judged} of {tests} tests assessed"; judged, tests);
    let steps = steps(&trend);
    let count = steps.len();
    let (width, room) = widths(count);
    view! {
        <Card title=t!("Share of assessed tests by outcome") head=move || view! { <span class="small muted num">{head.clone()}</span> }>
            {if judged == 0 {
                view! { <EmptyState title=t!("Nothing assessed yet") text=t!("What was seen and what was missed is told here as soon as blue has assessed a test of these missions.") tight=true/> }.into_any()
            } else {
                let columns = steps.iter().enumerate().map(|(index, step)| column(index, count, width, step)).collect();
                view! {
                    <CardBody>
                        <Plot label=t!("Share of assessed tests by outcome, step by step") ticks=ticks() columns=columns room=room axis=48/>
                        <AsTable>{numbers(&steps)}</AsTable>
                    </CardBody>
                }.into_any()
            }}
        </Card>
    }
}

/// The numbers of a drawing as a table, unfolded by who wants them.
#[component]
pub fn AsTable(
    /// the table
    children: Children,
) -> impl IntoView {
    view! {
        <details class="fold fold--plain plot__table">
            <summary class="small"><Icon name="chevron-right" size=14/>{t!("As a table")}</summary>
            <div class="fold__body">{children()}</div>
        </details>
    }
}

fn numbers(steps: &[Step]) -> impl IntoView + use<> {
    let rows: Vec<(String, TrendPoint)> = steps.iter().filter_map(|step| Some((step.name.clone(), step.point.clone()?))).collect();
    view! {
        <Table label=t!("Tests by outcome, step by step") tight=true>
            <thead><tr>
                <th scope="col">{t!("Step")}</th><th scope="col" class="num">{t!("Missions")}</th><th scope="col" class="num">{t!("Tests")}</th><th scope="col" class="num">{t!("Assessed")}</th>
                {JUDGED.into_iter().map(|outcome| view! { <th scope="col" class="num">{word(outcome)}</th> }).collect_view()}
                <th scope="col" class="num">{t!("Covered")}</th>
            </tr></thead>
            <tbody>
                {rows.into_iter().map(|(name, point)| view! {
                    <tr>
                        <th scope="row">{name}</th>
                        <td class="num">{point.missions}</td>
                        <td class="num">{point.tests}</td>
                        <td class="num">{point.assessed}</td>
                        {JUDGED.into_iter().map(|outcome| view! { <td class="num">{point.by_outcome.get(&outcome).copied().unwrap_or(0)}</td> }).collect_view()}
                        <td class="num"><b>{percent_of(point.ratio)}</b></td>
                    </tr>
                }).collect_view()}
            </tbody>
        </Table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_column_from_its_foot() {
        let by = BTreeMap::from([
            (Outcome::Missed, 1),
            (Outcome::Logged, 0),
            (Outcome::Alerted, 2),
            (Outcome::Prevented, 1),
            (Outcome::NotAssessed, 9),
        ]);
        let told: Vec<_> = parts(&by).into_iter().map(|part| (part.outcome, part.n, part.y - f64::from(TOP), part.height)).collect();
        assert_eq!(told, [(Outcome::Missed, 1, 150.0, 50.0), (Outcome::Alerted, 2, 50.0, 100.0), (Outcome::Prevented, 1, 0.0, 50.0)]);
    }

    #[test]
    fn thirds_leave_no_seam() {
        let parts = parts(&BTreeMap::from([(Outcome::Missed, 1), (Outcome::Logged, 1), (Outcome::Prevented, 1)]));
        assert!((parts.iter().map(|part| part.height).sum::<f64>() - f64::from(HEIGHT)).abs() < f64::EPSILON);
        assert!(parts.windows(2).all(|two| (two[0].y - (two[1].y + two[1].height)).abs() < f64::EPSILON));
    }

    #[test]
    fn nothing_judged_has_no_parts() {
        assert!(parts(&BTreeMap::from([(Outcome::NotAssessed, 3)])).is_empty());
    }
}
