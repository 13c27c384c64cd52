//! What the Synthesis tab tells beyond counts: the funnel, times, techniques and open gaps.

use leptos::prelude::*;
use tyrian_api_types::synthesis::{Coverage, Funnel, Gap, TechniqueCount, TimeSpread, Times};
use tyrian_domain::synthesis::{percent, share as of};

use super::share;
use crate::missions::one::Here;
use crate::ui::{Card, CardBody, Chip, EmptyState, LevelDot, OutcomeBadge, Severity, Table, words};

/// How many rows of a long table are shown before somebody asks for all.
pub const SHOWN: usize = 12;

/// Whole seconds in words; a dash of none.
pub fn seconds(s: Option<u64>) -> String {
    s.and_then(|s| i64::try_from(s).ok()).map_or_else(|| "–".to_owned(), crate::ui::duration)
}

/// Executed to prevented, as bars; the facts stand for themselves.
#[component]
pub fn FunnelCard(
    /// the counts
    funnel: Funnel,
) -> impl IntoView {
    let all = funnel.executed;
    let row = move |what: &'static str, n: u64, colour: &'static str| {
        view! {
            <div class="funnel__row">
                <span>{what}</span>
                <div class="funnel__bar" aria-hidden="true"><i style:--v=format!("{:.2}", share(n, all)) style:--c=colour></i></div>
                <span class="num nowrap bars__n"><b>{n}</b>" "<span class="faint small">{percent(of(n, all))}</span></span>
            </div>
        }
    };
    view! {
        <Card title=t!("Detection funnel") head=move || view! { <span class="small muted push">{t!("each fact by itself, as a share of the {all} executed"; all)}</span> }>
            <CardBody>
                <div class="funnel">
                    {row(t!("Executed"), all, "var(--red)")}
                    {row(t!("Assessed"), funnel.assessed, "var(--text-3)")}
                    {row(t!("Logged"), funnel.logged, "var(--blue)")}
                    {row(t!("Alerted"), funnel.alerted, "var(--blue)")}
                    {row(t!("Responded"), funnel.responded, "var(--blue)")}
                    {row(t!("Prevented"), funnel.prevented, "var(--lv-prevented-bg)")}
                </div>
            </CardBody>
        </Card>
    }
}

/// Time to detect, alert and respond.
#[component]
pub fn TimesCard(
    /// the times
    times: Times,
) -> impl IntoView {
    let row = |what: &'static str, one: &TimeSpread| {
        view! {
            <tr>
                <th scope="row">{what}</th>
                <td class="num nowrap"><b>{seconds(one.median_s)}</b></td>
                <td class="num nowrap">{seconds(one.mean_s)}</td>
                <td class="num nowrap">{seconds(one.p90_s)}</td>
                <td class="num">{one.n}</td>
                <td class="num">{one.n_without}</td>
            </tr>
        }
    };
    view! {
        <Card title=t!("Times from red's start")>
            <Table label=t!("Time to detect, alert and respond")>
                <thead><tr>
                    <th scope="col">{t!("Until")}</th><th scope="col" class="num">{t!("Median")}</th><th scope="col" class="num">{t!("Mean")}</th>
                    <th scope="col" class="num">{t!("90 % within")}</th><th scope="col" class="num">{t!("Tests")}</th><th scope="col" class="num">{t!("Without a time")}</th>
                </tr></thead>
                <tbody>
                    {row(t!("Detected"), &times.detect)}
                    {row(t!("Alerted"), &times.alert)}
                    {row(t!("Responded"), &times.respond)}
                </tbody>
            </Table>
        </Card>
    }
}

/// Each technique of the mission: how many tests, its best and its worst outcome. The worst come first: a gap does not hide behind a success.
#[component]
pub fn TechniquesCard(
    /// the techniques
    techniques: Vec<TechniqueCount>,
    /// how many of them are covered
    coverage: Coverage,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let mut rows = techniques;
    rows.sort_by_key(|one| (one.worst.gravity(), one.best.gravity(), one.external_id.clone()));
    let count = rows.len();
    let rows = StoredValue::new(rows);
    let head = t!("{} of {} assessed are covered", coverage.covered, coverage.assessed);
    view! {
        <Card title=t!("Techniques") count=Signal::stored(Some(coverage.techniques)) head=move || view! { <span class="small muted push">{head.clone()}</span> }>
            {if count == 0 {
                view! { <EmptyState title=t!("No test names a technique") text=t!("Tests that carry an ATT&CK technique are counted here by it.") tight=true/> }.into_any()
            } else {
                view! {
                    <Table label=t!("Techniques, the worst first")>
                        <thead><tr>
                            <th scope="col">{t!("Technique")}</th><th scope="col" class="num">{t!("Tests")}</th><th scope="col" class="num hide-sm">{t!("Assessed")}</th>
                            <th scope="col">{t!("Worst")}</th><th scope="col">{t!("Best")}</th><th scope="col">{t!("Highest level")}</th>
                        </tr></thead>
                        <tbody>
                            {move || {
                                let shown = if all.get() { count } else { SHOWN };
                                rows.with_value(|rows| rows.iter().take(shown).map(|one| view! {
                                    <tr>
                                        <th scope="row"><span class="row"><Chip code=one.external_id.clone()/><span>{one.name.clone()}</span></span></th>
                                        <td class="num">{one.tests}</td>
                                        <td class="num hide-sm">{one.assessed}</td>
                                        <td><OutcomeBadge outcome=one.worst/></td>
                                        <td><OutcomeBadge outcome=one.best/></td>
                                        <td>{one.detection_level.clone().map(|level| view! { <LevelDot code=level/> })}</td>
                                    </tr>
                                }).collect_view())
                            }}
                        </tbody>
                    </Table>
                    <More all=all hidden=count.saturating_sub(SHOWN) what=t!("techniques")/>
                }.into_any()
            }}
        </Card>
    }
}

/// Shows the rows of a long table that are left out at first.
#[component]
pub fn More(
    /// are all shown
    all: RwSignal<bool>,
    /// how many are left out
    hidden: usize,
    /// what they are
    what: &'static str,
) -> impl IntoView {
    move || {
        (hidden > 0 && !all.get()).then(|| {
            view! {
                <div class="card__foot"><crate::ui::Button size=crate::ui::ButtonSize::Small on_click=move |_| all.set(true)>{t!("Show {hidden} more {what}"; hidden, what)}</crate::ui::Button></div>
            }
        })
    }
}

/// What is open, the most urgent first.
#[component]
pub fn GapsCard(
    /// the mission
    here: Here,
    /// the gaps
    gaps: Vec<Gap>,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let count = gaps.len();
    let gaps = StoredValue::new(gaps);
    let id = here.id.get_untracked();
    view! {
        <Card title=t!("Open gaps") count=Signal::stored(Some(count as u64)) head=|| view! { <a class="small push" href="/findings">{t!("All findings")}</a> }>
            {if count == 0 {
                view! { <EmptyState title=t!("No open gap") text=t!("Every missed test has a finding, and none of them is open.") tight=true/> }.into_any()
            } else {
                view! {
                    <Table label=t!("Open gaps, the most urgent first")>
                        <thead><tr>
                            <th scope="col">{t!("Priority")}</th><th scope="col">{t!("Test")}</th><th scope="col">{t!("Outcome")}</th>
                            <th scope="col" class="hide-sm">{t!("Finding")}</th><th scope="col" class="hide-sm">{t!("Recommendation")}</th>
                        </tr></thead>
                        <tbody>
                            {move || {
                                let shown = if all.get() { count } else { SHOWN };
                                gaps.with_value(|gaps| gaps.iter().take(shown).map(|gap| view! {
                                    <tr>
                                        <td><Severity level=gap.priority.as_str()/></td>
                                        <th scope="row">
                                            <a class="plain ink" href=format!("/missions/{id}?test={}", gap.mission_test_id)>{gap.test_name.clone()}</a>
                                            " "<span class="mono small muted">{gap.techniques.join(" ")}</span>
                                        </th>
                                        <td><OutcomeBadge outcome=gap.outcome/></td>
                                        <td class="hide-sm">{gap.status.map_or_else(|| t!("None yet").to_owned(), |status| words(status.as_str()))}</td>
                                        <td class="hide-sm wrap">{gap.recommendation.clone().unwrap_or_else(|| "–".to_owned())}</td>
                                    </tr>
                                }).collect_view())
                            }}
                        </tbody>
                    </Table>
                    <More all=all hidden=count.saturating_sub(SHOWN) what=t!("gaps")/>
                }.into_any()
            }}
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn no_time_is_a_dash() {
        assert_eq!(seconds(None), "–");
        assert_eq!(seconds(Some(280)), "4 min 40 s");
    }
}
