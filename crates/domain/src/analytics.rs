//! What several missions tell together: the last outcome of each technique, the trend over time, the history of one
//! technique. Pure functions of the missions and tests that the asker may see; what counts is defined in `synthesis`.
//!
//! A mission belongs to its **day**: its first day, else the day on which it was made (UTC).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::mission::MissionStatus;
use crate::synthesis::{Counts, Coverage, Test, Times, by_outcome, share};
use crate::test::Outcome;
use crate::text::key;

words! {
    /// How long the steps of a trend are.
    pub enum Period {
        /// Calendar months.
        Month = "month",
        /// January to March, and so on.
        Quarter = "quarter",
        /// January to June, July to December.
        HalfYear = "half-year",
    }
}

impl Period {
    /// The first day of the step that a day lies in, and what the step is called: `2026-05`, `2026-Q2`, `2026-H1`.
    pub fn of(self, day: NaiveDate) -> (NaiveDate, String) {
        let (year, month) = (day.year(), day.month());
        let step = (month - 1) / self.months() + 1;
        let first = (step - 1) * self.months() + 1;
        let name = match self {
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Quarter => format!("{year:04}-Q{step}"),
            Self::HalfYear => format!("{year:04}-H{step}"),
        };
        (NaiveDate::from_ymd_opt(year, first, 1).unwrap_or(day), name)
    }

    /// How many months it has.
    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
        }
    }

    /// The last day of the step that begins with `first`.
    fn last(self, first: NaiveDate) -> NaiveDate {
        first.checked_add_months(Months::new(self.months())).and_then(|next| next.pred_opt()).unwrap_or(first)
    }
}

/// A mission and the day that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissionDay {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Whom it is for.
    pub client: String,
    /// Where it stands.
    pub status: MissionStatus,
    /// Its first day, else the day on which it was made.
    pub day: NaiveDate,
}

/// Tests of one mission that are alike: one of them, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// Their mission.
    pub mission_id: Uuid,
    /// State and facts that they share; nothing else of it is looked at.
    pub test: Test,
    /// How many.
    pub n: u64,
}

/// The same for the tests of one technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// `T1059.001`.
    pub external_id: String,
    /// `T1059` for a subtechnique.
    pub parent_external_id: Option<String>,
    /// Its name in that mission.
    pub name: String,
    /// Its tests.
    pub tests: Alike,
}

/// One step of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrendPoint {
    /// `2026-05`, `2026-Q2`, `2026-H1`.
    pub period: String,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// Missions that belong to it.
    pub missions: u64,
    /// Tests run to their end, judged or not.
    pub executed: u64,
    /// Their tests by display outcome: every outcome has its entry.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Their tests.
    #[serde(flatten)]
    pub counts: Counts,
    /// Covered of the judged tests, 0 to 1; null where nothing is judged.
    pub ratio: Option<f64>,
    /// How long the defenders took.
    pub times: Times,
}

/// Numbers over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trend {
    /// How long a step is.
    pub by: Period,
    /// The steps that have missions, the oldest first.
    pub periods: Vec<TrendPoint>,
}

/// What was last seen of a technique at one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientOutcome {
    /// The client, as the newest of its missions writes it.
    pub client: String,
    /// The best outcome of the technique's judged tests in the newest mission for that client in which one is judged.
    pub outcome: Outcome,
    /// That mission.
    pub mission: MissionDay,
}

/// A technique over several missions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TechniqueCoverage {
    /// `T1059.001`.
    pub external_id: String,
    /// `T1059` for a subtechnique.
    pub parent_external_id: Option<String>,
    /// Its name in the newest mission.
    pub name: String,
    /// The best outcome of its judged tests in the newest mission in which one is judged.
    pub last_outcome: Outcome,
    /// That mission; where none is judged, the newest mission with such a test.
    pub last_mission: MissionDay,
    /// The outcome in the newest mission before that one in which it was judged; null where there is none.
    pub previous_outcome: Option<Outcome>,
    /// The same for each client for whom it was judged, by the client's name.
    pub by_client: Vec<ClientOutcome>,
    /// Missions with such a test.
    pub missions: u64,
    /// Its tests in all missions.
    #[serde(flatten)]
    pub counts: Counts,
}

/// The techniques of several missions by their last outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoverageAnswer {
    /// Missions that were looked at.
    pub missions: u64,
    /// The clients of these missions, by name.
    pub clients: Vec<String>,
    /// How many techniques are covered by their last outcome.
    pub coverage: Coverage,
    /// The techniques, by id.
    pub techniques: Vec<TechniqueCoverage>,
}

/// A test of a technique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryTest {
    /// The test.
    pub mission_test_id: Uuid,
    /// What it is called.
    pub name: String,
    /// What is shown for its facts.
    pub outcome: Outcome,
    /// Which of the technique and its subtechniques it is tagged with.
    pub techniques: Vec<String>,
}

/// A technique in one mission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TechniqueInMission {
    /// The mission.
    pub mission: MissionDay,
    /// The best outcome of its judged tests.
    pub best: Outcome,
    /// The worst outcome of its judged tests.
    pub worst: Outcome,
    /// Its tests there.
    #[serde(flatten)]
    pub counts: Counts,
    /// How long the defenders took.
    pub times: Times,
    /// The tests one by one, in the order of the mission.
    pub tests_of_technique: Vec<HistoryTest>,
}

/// A technique and its subtechniques over the missions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TechniqueHistory {
    /// `T1059`.
    pub external_id: String,
    /// Its name in the newest mission that tags it; null where none does.
    pub name: Option<String>,
    /// The missions with such a test, the oldest first.
    pub missions: Vec<TechniqueInMission>,
}

macro_rules! counts {
    ($($row:ty),+) => { $(
        /// A row is read as its counts.
        impl Deref for $row {
            type Target = Counts;

            fn deref(&self) -> &Counts {
                &self.counts
            }
        }
    )+ };
}

counts!(TrendPoint, TechniqueCoverage, TechniqueInMission);

/// The numbers of these missions over time. `timed` are their judged tests one by one, for the times.
pub fn trend(by: Period, missions: &[MissionDay], alike: &[Alike], timed: &[(Uuid, Test)]) -> Trend {
    #[derive(Default)]
    struct Step<'a> {
        name: String,
        missions: u64,
        executed: u64,
        outcomes: Vec<(Outcome, u64)>,
        counts: Counts,
        timed: Vec<&'a Test>,
    }
    let mut steps: BTreeMap<NaiveDate, Step<'_>> = BTreeMap::new();
    let mut first_of: HashMap<Uuid, NaiveDate> = HashMap::with_capacity(missions.len());
    for mission in missions {
        let (first, name) = by.of(mission.day);
        let step = steps.entry(first).or_default();
        step.name = name;
        step.missions += 1;
        first_of.insert(mission.id, first);
    }
    for alike in alike {
        if let Some(step) = first_of.get(&alike.mission_id).and_then(|first| steps.get_mut(first)) {
            step.counts.add_many(&alike.test, alike.n);
            step.outcomes.push((alike.test.outcome(), alike.n));
            step.executed += if alike.test.state.was_executed() { alike.n } else { 0 };
        }
    }
    for (mission, test) in timed {
        if let Some(step) = first_of.get(mission).and_then(|first| steps.get_mut(first)) {
            step.timed.push(test);
        }
    }
    let point = |(first_day, step): (NaiveDate, Step<'_>)| TrendPoint {
        period: step.name,
        first_day,
        last_day: by.last(first_day),
        missions: step.missions,
        executed: step.executed,
        by_outcome: by_outcome(step.outcomes),
        ratio: step.counts.ratio(),
        counts: step.counts,
        times: Times::of(&step.timed),
    };
    Trend { by, periods: steps.into_iter().map(point).collect() }
}

/// The newest mission last: by day, then by id, which grows with the time of making.
fn age(mission: &MissionDay) -> (NaiveDate, Uuid) {
    (mission.day, mission.id)
}

/// A technique in one mission.
struct InMission<'a> {
    mission: &'a MissionDay,
    /// What speaks for the technique's name there.
    named: &'a Tagged,
    counts: Counts,
    best: Outcome,
}

/// The clients of these missions by their key: each as its newest mission writes it.
fn clients(missions: &[MissionDay]) -> BTreeMap<String, &str> {
    let mut missions: Vec<&MissionDay> = missions.iter().collect();
    missions.sort_by_key(|m| age(m));
    missions.into_iter().map(|m| (key(&m.client), m.client.as_str())).collect()
}

/// What was last seen of a technique at each client. `missions` are its missions from the oldest to the newest.
fn by_client<'a>(missions: impl Iterator<Item = &'a InMission<'a>>, clients: &BTreeMap<String, &str>) -> Vec<ClientOutcome> {
    let judged = missions.filter(|m| m.counts.assessed > 0);
    let last: BTreeMap<String, &InMission<'_>> = judged.map(|m| (key(&m.mission.client), m)).collect();
    let told = |(key, m): (String, &InMission<'_>)| ClientOutcome {
        client: clients.get(&key).copied().unwrap_or(&m.mission.client).to_owned(),
        outcome: m.best,
        mission: m.mission.clone(),
    };
    last.into_iter().map(told).collect()
}

/// The last outcome of each technique over these missions.
pub fn coverage(missions: &[MissionDay], tagged: &[Tagged]) -> CoverageAnswer {
    let by_id: HashMap<Uuid, &MissionDay> = missions.iter().map(|m| (m.id, m)).collect();
    // technique, then its missions from the oldest to the newest
    let mut techniques: BTreeMap<&str, BTreeMap<_, InMission<'_>>> = BTreeMap::new();
    for row in tagged {
        let Some(mission) = by_id.get(&row.tests.mission_id).copied() else { continue };
        let blank = InMission { mission, named: row, counts: Counts::default(), best: Outcome::NotAssessed };
        let known = techniques.entry(&row.external_id).or_default().entry(age(mission)).or_insert(blank);
        known.counts.add_many(&row.tests.test, row.tests.n);
        known.best = known.best.min(row.tests.test.outcome());
        if row.name < known.named.name {
            known.named = row;
        }
    }
    let clients = clients(missions);
    let technique = |(external_id, missions): (&str, BTreeMap<_, InMission<'_>>)| {
        let newest = missions.values().next_back()?;
        let mut judged = missions.values().rev().filter(|m| m.counts.assessed > 0);
        let last = judged.next().unwrap_or(newest);
        Some(TechniqueCoverage {
            external_id: external_id.to_owned(),
            parent_external_id: newest.named.parent_external_id.clone(),
            name: newest.named.name.clone(),
            last_outcome: last.best,
            last_mission: last.mission.clone(),
            previous_outcome: judged.next().map(|m| m.best),
            by_client: by_client(missions.values(), &clients),
            missions: missions.len() as u64,
            counts: missions.values().map(|m| m.counts).sum(),
        })
    };
    let techniques: Vec<TechniqueCoverage> = techniques.into_iter().filter_map(technique).collect();
    CoverageAnswer {
        missions: missions.len() as u64,
        clients: clients.into_values().map(str::to_owned).collect(),
        coverage: by_last_outcome(&techniques),
        techniques,
    }
}

/// How many techniques are covered, where each is as its last outcome says: the strongest fact of that mission.
fn by_last_outcome(techniques: &[TechniqueCoverage]) -> Coverage {
    let count = |of: &dyn Fn(Outcome) -> bool| techniques.iter().map(|t| u64::from(of(t.last_outcome))).sum();
    let assessed = count(&|o| o != Outcome::NotAssessed);
    let covered = count(&|o| matches!(o, Outcome::Alerted | Outcome::Prevented));
    Coverage {
        techniques: techniques.len() as u64,
        assessed,
        logged: count(&|o| o == Outcome::Logged),
        detected: count(&|o| o == Outcome::Alerted),
        prevented: count(&|o| o == Outcome::Prevented),
        covered,
        ratio: share(covered, assessed),
        tests_without: 0,
    }
}

/// Is it this technique, or a subtechnique of it?
fn belongs(external_id: &str, technique: &str) -> bool {
    external_id.strip_prefix(technique).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The history of a technique and its subtechniques over these missions.
pub fn history(technique: &str, missions: &[MissionDay], tests: &BTreeMap<Uuid, Vec<Test>>) -> TechniqueHistory {
    let mut missions: Vec<&MissionDay> = missions.iter().filter(|m| tests.contains_key(&m.id)).collect();
    missions.sort_by_key(|m| age(m));
    let mut name = None;
    let mut rows = Vec::with_capacity(missions.len());
    for mission in missions {
        let mut own: Vec<&Test> =
            tests.get(&mission.id).into_iter().flatten().filter(|t| t.techniques().any(|g| belongs(&g.external_id, technique))).collect();
        if own.is_empty() {
            continue;
        }
        own.sort_by_key(|t| (t.place, t.id));
        name = own.iter().flat_map(|t| t.techniques()).filter(|g| g.external_id == technique).map(|g| g.name.clone()).min().or(name);
        let judged = || own.iter().filter(|t| t.is_assessed()).map(|t| t.outcome());
        rows.push(TechniqueInMission {
            mission: mission.clone(),
            best: judged().min().unwrap_or(Outcome::NotAssessed),
            worst: judged().max().unwrap_or(Outcome::NotAssessed),
            counts: Counts::of(own.iter().copied()),
            times: Times::of(&own),
            tests_of_technique: own.iter().map(|t| history_test(t, technique)).collect(),
        });
    }
    TechniqueHistory { external_id: technique.to_owned(), name, missions: rows }
}

fn history_test(test: &Test, technique: &str) -> HistoryTest {
    let techniques: BTreeSet<&str> = test.techniques().map(|g| g.external_id.as_str()).filter(|id| belongs(id, technique)).collect();
    HistoryTest {
        mission_test_id: test.id,
        name: test.name.clone(),
        outcome: test.outcome(),
        techniques: techniques.into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthesis::Tag;
    use crate::template::TagKind;
    use crate::test::{Fact, TestState};

    fn mission(n: u128, day: &str) -> MissionDay {
        MissionDay {
            id: Uuid::from_u128(n),
            name: format!("M{n}"),
            client: "C".into(),
            status: MissionStatus::Completed,
            day: day.parse().unwrap(),
        }
    }

    fn judged(outcome: Outcome) -> Test {
        let holds = |o| if outcome == o { Fact::Yes } else { Fact::No };
        Test {
            state: if outcome == Outcome::NotAssessed { TestState::Executed } else { TestState::Assessed },
            logged: holds(Outcome::Logged),
            alerted: holds(Outcome::Alerted),
            prevented: holds(Outcome::Prevented),
            ..Test::planned(Uuid::nil(), "t")
        }
    }

    fn alike(mission: u128, outcome: Outcome, n: u64) -> Alike {
        Alike { mission_id: Uuid::from_u128(mission), test: judged(outcome), n }
    }

    fn tagged(id: &str, name: &str, mission: u128, outcome: Outcome, n: u64) -> Tagged {
        let parent_external_id = id.split_once('.').map(|(parent, _)| parent.to_owned());
        Tagged { external_id: id.into(), parent_external_id, name: name.into(), tests: alike(mission, outcome, n) }
    }

    #[test]
    fn steps_are_calendar_months_and_halves_of_the_year() {
        let day = |d: &str| d.parse::<NaiveDate>().unwrap();
        assert_eq!(Period::Month.of(day("2024-02-29")), (day("2024-02-01"), "2024-02".into()));
        assert_eq!(Period::Month.last(day("2024-02-01")), day("2024-02-29"));
        assert_eq!(Period::Quarter.of(day("2026-03-31")), (day("2026-01-01"), "2026-Q1".into()));
        assert_eq!(Period::Quarter.of(day("2026-12-01")), (day("2026-10-01"), "2026-Q4".into()));
        assert_eq!(Period::Quarter.last(day("2026-10-01")), day("2026-12-31"));
        assert_eq!(Period::HalfYear.of(day("2026-06-30")), (day("2026-01-01"), "2026-H1".into()));
        assert_eq!(Period::HalfYear.of(day("2026-07-01")), (day("2026-07-01"), "2026-H2".into()));
        assert_eq!(Period::HalfYear.last(day("2026-07-01")), day("2026-12-31"));
    }

    #[test]
    fn a_trend_counts_the_missions_of_each_step() {
        let missions = [mission(1, "2026-01-10"), mission(2, "2026-05-01"), mission(3, "2026-08-01")];
        let tests = [
            alike(1, Outcome::Missed, 3),
            alike(2, Outcome::Prevented, 1),
            alike(3, Outcome::Alerted, 4),
            alike(3, Outcome::NotAssessed, 1),
            // of a mission that is not among them
            alike(9, Outcome::Alerted, 100),
        ];
        let told = trend(Period::HalfYear, &missions, &tests, &[]);
        let points: Vec<_> =
            told.periods.iter().map(|p| (p.period.as_str(), p.missions, p.tests, p.executed, p.assessed, p.covered, p.ratio)).collect();
        assert_eq!(points, [("2026-H1", 2, 4, 4, 4, 1, Some(0.25)), ("2026-H2", 1, 5, 5, 4, 4, Some(1.0))]);
        let outcomes = |i: usize| Outcome::ALL.iter().map(|o| told.periods[i].by_outcome[o]).collect::<Vec<_>>();
        assert_eq!((outcomes(0).iter().sum::<u64>(), told.periods[0].by_outcome[&Outcome::Missed]), (4, 3));
        assert_eq!((outcomes(1).iter().sum::<u64>(), told.periods[1].by_outcome[&Outcome::NotAssessed]), (5, 1));
        assert_eq!(trend(Period::Month, &missions, &tests, &[]).periods.len(), 3);
    }

    #[test]
    fn the_last_outcome_is_that_of_the_newest_mission_that_judged_it() {
        let missions = [mission(1, "2026-01-10"), mission(2, "2026-05-01"), mission(3, "2026-08-01")];
        let told = coverage(
            &missions,
            &[
                tagged("T1059", "Old", 1, Outcome::Prevented, 1),
                tagged("T1059", "Old", 2, Outcome::Missed, 2),
                tagged("T1059", "Old", 2, Outcome::Logged, 1),
                tagged("T1059", "New", 3, Outcome::NotAssessed, 1),
                tagged("T1003.001", "LSASS", 3, Outcome::NotAssessed, 1),
            ],
        );
        let [lsass, scripting] = told.techniques.as_slice() else { panic!("{told:?}") };
        assert_eq!((scripting.name.as_str(), scripting.last_outcome, scripting.last_mission.name.as_str()), ("New", Outcome::Logged, "M2"));
        assert_eq!(
            (scripting.previous_outcome, scripting.missions, scripting.tests, scripting.assessed),
            (Some(Outcome::Prevented), 3, 5, 4)
        );
        assert_eq!(
            (lsass.last_outcome, lsass.parent_external_id.as_deref(), lsass.previous_outcome),
            (Outcome::NotAssessed, Some("T1003"), None)
        );
        assert_eq!((told.coverage.techniques, told.coverage.assessed, told.coverage.covered, told.coverage.ratio), (2, 1, 0, Some(0.0)));
    }

    #[test]
    fn each_client_has_its_own_last_outcome_whatever_the_case_of_its_name() {
        let of = |n, day, client: &str| MissionDay { client: client.into(), ..mission(n, day) };
        let missions = [of(1, "2026-01-10", "Bank"), of(2, "2026-05-01", "ACME"), of(3, "2026-08-01", "acme"), of(4, "2026-09-01", "bank")];
        let told = coverage(
            &missions,
            &[
                tagged("T1059", "S", 1, Outcome::Prevented, 1),
                tagged("T1059", "S", 2, Outcome::Alerted, 1),
                tagged("T1059", "S", 3, Outcome::Missed, 1),
                tagged("T1059", "S", 4, Outcome::NotAssessed, 1),
            ],
        );
        assert_eq!(told.clients, ["acme", "bank"]);
        let clients: Vec<_> =
            told.techniques[0].by_client.iter().map(|c| (c.client.as_str(), c.outcome, c.mission.name.as_str())).collect();
        assert_eq!(clients, [("acme", Outcome::Missed, "M3"), ("bank", Outcome::Prevented, "M1")]);
    }

    #[test]
    fn a_history_holds_subtechniques_and_nothing_of_a_longer_number() {
        let tag =
            |id: &str| Tag { kind: TagKind::Technique, external_id: id.into(), name: format!("Name {id}"), url: None, tactics: vec![] };
        let with = |n: u128, ids: &[&str], outcome| Test {
            id: Uuid::from_u128(n),
            tags: ids.iter().map(|id| tag(id)).collect(),
            ..judged(outcome)
        };
        let missions = [mission(2, "2026-05-01"), mission(1, "2026-01-10"), mission(3, "2026-08-01")];
        let tests = BTreeMap::from([
            (Uuid::from_u128(1), vec![with(11, &["T1059", "T1059.001"], Outcome::Missed)]),
            (Uuid::from_u128(2), vec![with(21, &["T1059.003"], Outcome::Alerted), with(22, &["T10590"], Outcome::Prevented)]),
            (Uuid::from_u128(3), vec![with(31, &["T10590"], Outcome::Prevented)]),
        ]);
        let told = history("T1059", &missions, &tests);
        let rows: Vec<_> = told.missions.iter().map(|m| (m.mission.name.as_str(), m.tests, m.best, m.tests_of_technique.len())).collect();
        assert_eq!(rows, [("M1", 1, Outcome::Missed, 1), ("M2", 1, Outcome::Alerted, 1)]);
        assert_eq!(told.name.as_deref(), Some("Name T1059"));
        assert_eq!(told.missions[0].tests_of_technique[0].techniques, ["T1059", "T1059.001"]);
    }
}
