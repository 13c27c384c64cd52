//! A mission as a row: on the home page and in the list.

use leptos::prelude::*;
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::counters::Counters;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::synthesis::{percent, share};
use tyrian_domain::test::{Outcome, TestState};

use crate::texts::count;
use crate::ui::{Avatars, Icon, OutcomeProgress, RESULTS, StatusText, TestProgress, days};

/// Where a running mission is in its days: “Day 4 of 12”.
fn day_of(mission: &MissionSummary, today: chrono::NaiveDate) -> Option<String> {
    if mission.status != MissionStatus::InProgress {
        return None;
    }
    let (start, end) = (mission.start_date?, mission.end_date?);
    if today < start {
        let days = (start - today).num_days();
        return Some(if days == 1 { t!("Begins tomorrow").to_owned() } else { t!("Begins in {days} days"; days) });
    }
    if today > end {
        let days = (today - end).num_days();
        return Some(t!("{} over", count(days.unsigned_abs(), "day", "days")));
    }
    Some(t!("Day {} of {}", (today - start).num_days() + 1, (end - start).num_days() + 1))
}

/// How far its tests are: a bar, and what it says in words.
pub fn tests_part(counts: &Counters) -> AnyView {
    let in_state = |state: TestState| counts.by_state.get(&state).copied().unwrap_or(0);
    let (assessed, executed, running) = (in_state(TestState::Assessed), in_state(TestState::Executed), in_state(TestState::Running));
    let total = counts.tests;
    let said = if total == 0 {
        view! { <div class="mission__meta">{t!("No tests yet")}</div> }.into_any()
    } else if assessed + executed + running == 0 {
        view! { <div class="mission__meta num"><span class="trunc"><b class="strong">{total}</b>{if total == 1 { t!(" test planned") } else { t!(" tests planned") }}</span></div> }.into_any()
    } else {
        view! {
            <div class="mission__meta num">
                <span class="trunc"><b class="strong">{assessed}{t!(" of ")}{total}</b>{t!(" assessed")}{(executed > 0).then(|| if executed == 1 { t!(" · {} waits for blue", executed) } else { t!(" · {} wait for blue", executed) })}</span>
            </div>
        }
        .into_any()
    };
    view! { <div><TestProgress total=total assessed=assessed executed=executed running=running/>{said}</div> }.into_any()
}

/// What came of them: a bar by outcome, and the share that was covered.
pub fn results_part(counts: &Counters) -> AnyView {
    let missed = counts.of_outcome(Outcome::Missed);
    match share(counts.covered(), counts.with_result()) {
        None => view! { <div class="mission__meta faint">{t!("No results yet")}</div> }.into_any(),
        covered => view! {
            <div>
                <OutcomeProgress results=RESULTS.iter().map(|outcome| (*outcome, counts.of_outcome(*outcome))).collect()/>
                <div class="mission__meta num" title=t!("Covered: alerted or prevented")><span class="trunc"><b class="strong">{percent(covered)}</b>{t!(" covered")}{(missed > 0).then(|| view! { <span class="mission__missed">{t!(" · {missed} missed"; missed)}</span> })}</span></div>
            </div>
        }
        .into_any(),
    }
}

/// Its members by name and role.
pub fn people(mission: &MissionSummary) -> Vec<(String, Option<String>)> {
    mission.members.iter().map(|member| (member.display_name.clone(), Some(member.role_hint.as_str().to_owned()))).collect()
}

/// What makes a mission look as it does in a list: it is drawn anew when one of these has changed.
pub fn row_key(mission: &MissionSummary) -> String {
    format!("{} {} {} {:?}", mission.id, mission.version, mission.members.len(), mission.counts)
}

/// One mission; the whole row leads to it.
#[component]
pub fn MissionRow(
    /// the mission
    mission: MissionSummary,
) -> impl IntoView {
    let status = mission.status.as_str();
    let day = crate::web::today().and_then(|today| day_of(&mission, today));
    let note = match (day, mission.retest_of_id) {
        (Some(day), Some(_)) => Some(t!("{day} · retest"; day)),
        (None, Some(_)) => Some(t!("Retest").to_owned()),
        (day, None) => day,
    };
    view! {
        <li class="mission" data-status=status>
            <div class="mission__cell">
                <div class="mission__title"><a href=format!("/missions/{}", mission.id) class="trunc" title=mission.name.clone()>{mission.name.clone()}</a></div>
                <div class="mission__meta">
                    <StatusText status=status/>
                    <span class="faint">"·"</span>
                    <span class="trunc" title=mission.client.clone()>{mission.client.clone()}</span>
                    {note.map(|note| view! { <span class="faint">"·"</span><span class="faint trunc mission__note num">{note}</span> })}
                </div>
            </div>
            {tests_part(&mission.counts)}
            {results_part(&mission.counts)}
            <div class="mission__meta num nowrap"><Icon name="calendar" size=14/>{days(mission.start_date, mission.end_date)}</div>
            <div class="mission__people"><Avatars people=people(&mission)/></div>
        </li>
    }
}

/// Rows that are coming.
#[component]
pub fn MissionRowsSkeleton() -> impl IntoView {
    let rows = [("52%", "40%"), ("66%", "54%"), ("44%", "32%")];
    view! {
        <ul class="missions" aria-busy="true" aria-label=t!("Loading missions")>
            {rows
                .into_iter()
                .map(|(title, meta)| view! {
                    <li class="mission mission--skel">
                        <div class="stack stack--2"><span class="skel" style:width=title></span><span class="skel" style:width=meta></span></div>
                        <div><span class="skel"></span></div>
                        <div><span class="skel"></span></div>
                        <div><span class="skel" style:width="80%"></span></div>
                        <div></div>
                    </li>
                })
                .collect_view()}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn mission(status: MissionStatus, start: &str, end: &str) -> MissionSummary {
        MissionSummary {
            id: uuid::Uuid::nil(),
            name: String::new(),
            client: String::new(),
            status,
            allowed_transitions: Vec::new(),
            start_date: start.parse().ok(),
            end_date: end.parse().ok(),
            retest_of_id: None,
            attack_version: None,
            members: Vec::new(),
            counts: Counters::empty(),
            created_by: None,
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_running_mission_says_which_day_it_is() {
        let today: NaiveDate = "2026-03-12".parse().unwrap();
        let running = |start, end| day_of(&mission(MissionStatus::InProgress, start, end), today);
        assert_eq!(running("2026-03-09", "2026-03-20").as_deref(), Some("Day 4 of 12"));
        assert_eq!(running("2026-03-12", "2026-03-12").as_deref(), Some("Day 1 of 1"));
        assert_eq!(running("2026-03-13", "2026-03-20").as_deref(), Some("Begins tomorrow"));
        assert_eq!(running("2026-03-02", "2026-03-10").as_deref(), Some("2 days over"));
        assert_eq!(running("", "2026-03-10"), None);
        assert_eq!(day_of(&mission(MissionStatus::Draft, "2026-03-09", "2026-03-20"), today), None);
    }
}
