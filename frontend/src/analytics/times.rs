//! The median time to detect, step by step.

use leptos::prelude::*;
use tyrian_api_types::analytics::{Trend, TrendPoint};
use tyrian_api_types::synthesis::TimeSpread;

use super::plot::{Column, HEIGHT, Plot, TOP, Tick, Told, middle, percent};
use super::steps::{Step, steps};
use super::trend::AsTable;
use crate::ui::{Card, CardBody, EmptyState, Table, duration};

/// A length of time in words; a dash of none.
pub fn in_words(seconds: Option<u64>) -> String {
    seconds.and_then(|s| i64::try_from(s).ok()).map_or_else(|| "–".to_owned(), duration)
}

/// A scale from nothing to a round number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// `minutes`
    pub unit: &'static str,
    /// as it stands at a number: `min`
    short: &'static str,
    /// seconds of one
    seconds: f64,
    /// between two lines, in units
    step: f64,
    /// the highest line, in units
    top: f64,
}

#[expect(clippy::cast_precision_loss, reason = "seconds of an exercise")]
fn float(seconds: u64) -> f64 {
    seconds as f64
}

impl Scale {
    /// The scale on which this is the greatest length.
    pub fn of(most: u64) -> Self {
        let (unit, short, seconds) = match most {
            0..120 => ("seconds", "s", 1.0),
            120..7_200 => ("minutes", "min", 60.0),
            7_200..172_800 => ("hours", "h", 3_600.0),
            _ => ("days", "d", 86_400.0),
        };
        let value = float(most) / seconds;
        let mut step = 1.0;
        for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
            if value <= 4.0 * step {
                break;
            }
            step *= factor;
        }
        Self { unit, short, seconds, step, top: (value / step).ceil().max(1.0) * step }
    }

    /// How far a length lies from the upper edge.
    pub fn y(self, seconds: u64) -> f64 {
        f64::from(TOP) + f64::from(HEIGHT) * (1.0 - float(seconds) / self.seconds / self.top)
    }

    /// A length in the unit: `6`, `1.5`.
    pub fn number(self, seconds: u64) -> String {
        let value = float(seconds) / self.seconds;
        let tenths = format!("{value:.1}");
        if value >= 10.0 { format!("{value:.0}") } else { tenths.strip_suffix(".0").map_or(tenths.clone(), str::to_owned) }
    }

    fn ticks(self) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let mut value = 0.0;
        while value <= self.top + self.step / 2.0 {
            ticks.push(Tick { y: f64::from(TOP) + f64::from(HEIGHT) * (1.0 - value / self.top), word: format!("{value} {}", self.short) });
            value += self.step;
        }
        ticks
    }
}

fn median(step: &Step) -> Option<u64> {
    step.point.as_ref().and_then(|point| point.times.detect.median_s)
}

fn told(time: &TimeSpread) -> Vec<Told> {
    vec![
        Told::new(t!("Median"), in_words(time.median_s)),
        Told::new(t!("Mean"), in_words(time.mean_s)),
        Told::new("90 % within", in_words(time.p90_s)),
        Told::new(t!("Tests with a time"), time.n),
        Told::new(t!("Seen without a time"), time.n_without),
    ]
}

fn column(index: usize, count: usize, scale: Scale, step: &Step) -> Column {
    let x = percent(middle(index, count));
    let marks = median(step).map(|s| {
        let y = scale.y(s);
        view! {
            <circle class="times__point" cx=x.clone() cy=format!("{y:.1}") r="4"></circle>
            <text class="t-strong" x=x y=format!("{:.1}", y - 10.0) text-anchor="middle">{scale.number(s)}</text>
        }
    });
    let times = step.point.as_ref().map(|point| told(&point.times.detect));
    Column {
        names: step.name.split(' ').map(str::to_owned).collect(),
        title: step.name.clone(),
        told: times.unwrap_or_else(|| vec![Told::new(t!("Missions"), 0)]),
        marks: marks.into_any(),
    }
}

/// The lines between the points; where steps without a time lie between two of them the line is dashed.
fn lines(steps: &[Step], scale: Scale) -> AnyView {
    let points: Vec<(usize, u64)> = steps.iter().enumerate().filter_map(|(index, step)| Some((index, median(step)?))).collect();
    let count = steps.len();
    let pairs = points.iter().zip(points.iter().skip(1));
    pairs
        .map(|((from, a), (to, b))| view! {
            <line
                class="times__line"
                data-gap=(to - from > 1).then_some("")
                x1=percent(middle(*from, count)) y1=format!("{:.1}", scale.y(*a)) x2=percent(middle(*to, count)) y2=format!("{:.1}", scale.y(*b))
            ></line>
        })
        .collect_view()
        .into_any()
}

/// The card.
#[component]
pub fn TimesCard(
    /// the numbers over time
    trend: Trend,
) -> impl IntoView {
    let steps = steps(&trend);
    let most = steps.iter().filter_map(median).max();
    view! {
        <Card title=t!("Median time to detect") head=move || view! { <span class="small muted">{most.map(|most| Scale::of(most).unit)}</span> }>
            {match most {
                None => view! { <EmptyState title=t!("No times yet") text=t!("From red’s start to blue’s first sight, of the tests that have both.") tight=true/> }.into_any(),
                Some(most) => {
                    let scale = Scale::of(most);
                    let count = steps.len();
                    let columns = steps.iter().enumerate().map(|(index, step)| column(index, count, scale, step)).collect();
                    view! {
                        <CardBody>
                            <Plot label=t!("Median time to detect, step by step") ticks=scale.ticks() columns=columns between=lines(&steps, scale) room=42 axis=52/>
                            <AsTable>{numbers(&steps)}</AsTable>
                        </CardBody>
                    }.into_any()
                }
            }}
        </Card>
    }
}

fn numbers(steps: &[Step]) -> impl IntoView + use<> {
    let rows: Vec<(String, TrendPoint)> = steps.iter().filter_map(|step| Some((step.name.clone(), step.point.clone()?))).collect();
    view! {
        <Table label=t!("Time to detect, step by step") tight=true>
            <thead><tr>
                <th scope="col">{t!("Step")}</th><th scope="col" class="num">{t!("Median")}</th><th scope="col" class="num">{t!("Mean")}</th>
                <th scope="col" class="num">{t!("90 % within")}</th><th scope="col" class="num">{t!("Tests")}</th>
            </tr></thead>
            <tbody>
                {rows.into_iter().map(|(name, point)| {
                    let time = point.times.detect.clone();
                    view! {
                        <tr>
                            <th scope="row" class="nowrap">{name}</th>
                            <td class="num nowrap"><b>{in_words(time.median_s)}</b></td>
                            <td class="num nowrap">{in_words(time.mean_s)}</td>
                            <td class="num nowrap">{in_words(time.p90_s)}</td>
                            <td class="num">{time.n}</td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
        </Table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_a_unit_and_round_steps() {
        let told = |most| {
            let scale = Scale::of(most);
            (scale.unit, scale.step, scale.top)
        };
        assert_eq!(told(0), ("seconds", 1.0, 1.0));
        assert_eq!(told(47), ("seconds", 20.0, 60.0));
        assert_eq!(told(41 * 60), ("minutes", 20.0, 60.0));
        assert_eq!(told(240), ("minutes", 1.0, 4.0));
        assert_eq!(told(5 * 3_600), ("hours", 2.0, 6.0));
        assert_eq!(told(30 * 86_400), ("days", 10.0, 30.0));
        assert_eq!(Scale::of(240).ticks().len(), 5);
    }

    #[test]
    fn a_number_has_a_tenth_where_it_is_small() {
        let scale = Scale::of(3_600);
        assert_eq!((scale.number(360), scale.number(390), scale.number(2_490)), ("6".to_owned(), "6.5".to_owned(), "42".to_owned()));
        assert!((scale.y(0) - f64::from(TOP + HEIGHT)).abs() < f64::EPSILON);
    }
}
