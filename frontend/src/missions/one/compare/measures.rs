//! The measures of two missions side by side: what each was, what it is, and whether that is better.

use std::cmp::Ordering;

use leptos::prelude::*;
use tyrian_api_types::synthesis::{Compared, Comparison};
use tyrian_domain::synthesis::{percent, share};
use tyrian_domain::test::Outcome;

use crate::missions::one::synthesis::told::seconds;
use crate::ui::{Card, Icon, StatusText, Table, days, duration};

/// How a measure moved, for the defenders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Better,
    Worse,
    /// as before, or neither good nor bad
    Neither,
}

/// One line: what is measured, the value then and now, and the way between them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Measure {
    what: &'static str,
    before: String,
    now: String,
    change: Option<(String, Moved)>,
}

/// More of it is better, less of it is, or it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Good {
    More,
    Less,
    None,
}

impl Good {
    fn judge(self, way: Ordering) -> Moved {
        match (self, way) {
            (Self::More, Ordering::Greater) | (Self::Less, Ordering::Less) => Moved::Better,
            (Self::More, Ordering::Less) | (Self::Less, Ordering::Greater) => Moved::Worse,
            _ => Moved::Neither,
        }
    }
}

/// “+3”, “−2”, “as before”.
fn stepped(before: i64, now: i64, unit: impl Fn(i64) -> String) -> String {
    match now.cmp(&before) {
        Ordering::Greater => format!("+{}", unit(now - before)),
        Ordering::Less => format!("−{}", unit(before - now)),
        Ordering::Equal => t!("as before").to_owned(),
    }
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn counted(what: &'static str, before: u64, now: u64) -> Measure {
    let change = Some((stepped(whole(before), whole(now), |n| n.to_string()), Moved::Neither));
    Measure { what, before: before.to_string(), now: now.to_string(), change }
}

/// A share of tests or techniques, which fits missions of different size; the numbers stand beside it.
fn shared(what: &'static str, good: Good, before: (u64, u64), now: (u64, u64)) -> Measure {
    #[expect(clippy::cast_possible_truncation, reason = "whole per cent, as they are shown")]
    let points = |of: (u64, u64)| share(of.0, of.1).map(|share| (share * 100.0).round() as i64);
    let shown = |of: (u64, u64)| match of.1 {
        0 => percent(None),
        all => t!("{} ({} of {})", percent(share(of.0, of.1)), of.0, all),
    };
    let points_word = |n: i64| format!("{n} {}", if n == 1 { "point" } else { "points" });
    let change = points(before).zip(points(now)).map(|(before, now)| (stepped(before, now, points_word), good.judge(now.cmp(&before))));
    Measure { what, before: shown(before), now: shown(now), change }
}

fn timed(what: &'static str, before: Option<u64>, now: Option<u64>) -> Measure {
    let change = before.zip(now).map(|(before, now)| (stepped(whole(before), whole(now), duration), Good::Less.judge(now.cmp(&before))));
    Measure { what, before: seconds(before), now: seconds(now), change }
}

fn measures(before: &Compared, now: &Compared) -> Vec<Measure> {
    let of_judged =
        |what, good, of: fn(&Compared) -> u64| shared(what, good, (of(before), before.funnel.assessed), (of(now), now.funnel.assessed));
    let missed = |one: &Compared| one.by_outcome.get(&Outcome::Missed).copied().unwrap_or(0);
    vec![
        counted(t!("Tests"), before.tests, now.tests),
        shared(t!("Assessed"), Good::None, (before.funnel.assessed, before.tests), (now.funnel.assessed, now.tests)),
        shared(
            t!("Techniques covered"),
            Good::More,
            (before.coverage.covered, before.coverage.assessed),
            (now.coverage.covered, now.coverage.assessed),
        ),
        of_judged(t!("Tests logged"), Good::More, |one| one.funnel.logged),
        of_judged(t!("Tests alerted"), Good::More, |one| one.funnel.alerted),
        of_judged(t!("Tests prevented"), Good::More, |one| one.funnel.prevented),
        of_judged(t!("Tests missed"), Good::Less, missed),
        timed(t!("Median time to detect"), before.times.detect.median_s, now.times.detect.median_s),
        timed(t!("Median time to alert"), before.times.alert.median_s, now.times.alert.median_s),
        timed(t!("Median time to respond"), before.times.respond.median_s, now.times.respond.median_s),
    ]
}

fn change_cell(change: Option<(String, Moved)>) -> AnyView {
    let Some((text, moved)) = change else {
        return view! { <span class="faint">"–"<span class="sr">{t!(" cannot be told")}</span></span> }.into_any();
    };
    let (dir, icon, word) = match moved {
        Moved::Better => (Some("better"), Some("circle-check"), t!(", better")),
        Moved::Worse => (Some("worse"), Some("circle-alert"), t!(", worse")),
        Moved::Neither => (None, None, ""),
    };
    view! { <span class="delta" data-dir=dir>{icon.map(|name| view! { <Icon name=name size=14/> })}{text}{word}</span> }.into_any()
}

/// A mission as the head of its column.
fn column(when: &'static str, one: &Compared) -> impl IntoView + use<> {
    let mission = &one.mission;
    let version = mission.attack_version.clone().map(|version| format!("ATT&CK {version}"));
    view! {
        <th scope="col" class="compare__mission">
            <span class="overline">{when}</span>
            <a class="trunc" href=format!("/missions/{}", mission.id)>{mission.name.clone()}</a>
            <span class="compare__meta">
                <StatusText status=mission.status.as_str()/>
                <span class="num">{days(mission.start_date, mission.end_date)}</span>
                {version.map(|version| view! { <span>{version}</span> })}
            </span>
        </th>
    }
}

/// The card.
#[component]
pub fn MeasuresCard(
    /// the comparison
    comparison: Comparison,
) -> impl IntoView {
    let Comparison { mission: now, other: before, .. } = comparison;
    let rows = measures(&before, &now);
    view! {
        <Card title=t!("Measures") head=|| view! { <span class="small muted push">{t!("shares of the assessed tests")}</span> }>
            <div class="compare__measures"><Table label=t!("Measures of both missions")>
                <thead><tr>
                    <th scope="col">{t!("Measure")}</th>
                    {column(t!("Before"), &before)}
                    {column(t!("Now"), &now)}
                    <th scope="col">{t!("Change")}</th>
                </tr></thead>
                <tbody>
                    {rows.into_iter().map(|row| view! {
                        <tr>
                            <th scope="row">{row.what}</th>
                            <td class="nowrap compare__value">{row.before}</td>
                            <td class="nowrap compare__value"><b>{row.now}</b></td>
                            <td>{change_cell(row.change)}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </Table></div>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_moves_by_the_points_that_are_shown() {
        let more = shared("x", Good::More, (1, 3), (2, 3));
        assert_eq!((more.before.as_str(), more.now.as_str()), ("33 % (1 of 3)", "67 % (2 of 3)"));
        assert_eq!(more.change, Some(("+34 points".to_owned(), Moved::Better)));
        assert_eq!(shared("x", Good::Less, (1, 3), (2, 3)).change.unwrap().1, Moved::Worse);
        assert_eq!(shared("x", Good::More, (1, 2), (2, 4)).change, Some(("as before".to_owned(), Moved::Neither)));
        assert_eq!(shared("x", Good::More, (0, 0), (1, 2)).change, None);
        assert_eq!(shared("x", Good::Less, (99, 100), (98, 100)).change, Some(("−1 point".to_owned(), Moved::Better)));
    }

    #[test]
    fn less_time_is_better_and_a_count_is_neither() {
        assert_eq!(timed("x", Some(280), Some(60)).change, Some(("−3 min 40 s".to_owned(), Moved::Better)));
        assert_eq!(timed("x", None, Some(60)).change, None);
        assert_eq!(counted("x", 3, 5).change, Some(("+2".to_owned(), Moved::Neither)));
    }
}
