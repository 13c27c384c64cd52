//! The demo's missions: a year of exercises for three clients, the later ones seeing more than the earlier ones.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use tyrian_api_types::missions::{MemberInput, MissionCreate};
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::test::{Fact, Outcome, TestState};
use tyrian_entity::{detection_level, mission, mission_event, mission_test};
use uuid::Uuid;

use super::{Person, story};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::state::State;

struct Plan {
    name: &'static str,
    client: &'static str,
    status: MissionStatus,
    /// Days before today on which it began; negative: it lies ahead.
    began: i64,
    days: i64,
    /// Which scenarios.
    scenarios: &'static [usize],
    /// How well the defenders see, 0 to 100.
    sight: u32,
    /// How much of it is run, 0 to 100.
    done: u32,
    objectives: &'static str,
}

const PLANS: &[Plan] = &[
    Plan {
        name: "Quiet Ledger 2025",
        client: "Meridian Bank",
        status: MissionStatus::Archived,
        began: 345,
        days: 9,
        scenarios: &[0, 1, 2],
        sight: 38,
        done: 100,
        objectives: "A first baseline: what do we see between the inbox and the domain controller?",
    },
    Plan {
        name: "Copper Heron 2025",
        client: "Veldt Logistics",
        status: MissionStatus::Archived,
        began: 300,
        days: 5,
        scenarios: &[4],
        sight: 25,
        done: 100,
        objectives: "Would we notice the hour before the note?",
    },
    Plan {
        name: "Paper Lantern",
        client: "Ostara Clinics",
        status: MissionStatus::Completed,
        began: 221,
        days: 11,
        scenarios: &[0, 3],
        sight: 44,
        done: 100,
        objectives: "Patient data must not leave without an alert.",
    },
    Plan {
        name: "Amber Tide",
        client: "Meridian Bank",
        status: MissionStatus::Completed,
        began: 160,
        days: 4,
        scenarios: &[5],
        sight: 52,
        done: 100,
        objectives: "Replay of the phished token from March.",
    },
    Plan {
        name: "Copper Heron 2026",
        client: "Veldt Logistics",
        status: MissionStatus::Completed,
        began: 96,
        days: 5,
        scenarios: &[4, 2],
        sight: 61,
        done: 100,
        objectives: "The same hour again, with the new rules in place.",
    },
    Plan {
        name: "Glass Orchard",
        client: "Ostara Clinics",
        status: MissionStatus::InProgress,
        began: 12,
        days: 20,
        scenarios: &[3, 1, 5],
        sight: 66,
        done: 80,
        objectives: "Mail, documents and the cloud, quietly.",
    },
    Plan {
        name: "Quiet Ledger",
        client: "Meridian Bank",
        status: MissionStatus::InProgress,
        began: 6,
        days: 11,
        scenarios: &[0, 1, 2, 3],
        sight: 70,
        done: 55,
        objectives: "Retest of last year's baseline: is detection faster, and what is still dark?",
    },
    Plan {
        name: "Tin Weather",
        client: "Veldt Logistics",
        status: MissionStatus::InProgress,
        began: 1,
        days: 12,
        scenarios: &[5, 0, 4],
        sight: 60,
        done: 15,
        objectives: "Cloud sign-in first, then the old world.",
    },
    Plan {
        name: "Salt Lantern",
        client: "Ostara Clinics",
        status: MissionStatus::Draft,
        began: -14,
        days: 10,
        scenarios: &[4],
        sight: 0,
        done: 0,
        objectives: "Ransomware, last hour: with the night shift.",
    },
    Plan {
        name: "Winter Baseline",
        client: "Meridian Bank",
        status: MissionStatus::Draft,
        began: -40,
        days: 10,
        scenarios: &[0, 1],
        sight: 0,
        done: 0,
        objectives: "To be planned with the bank's red team.",
    },
];

/// Which mission repeats which, by name.
const REPEATS: &[(&str, &str)] = &[("Copper Heron 2026", "Copper Heron 2025"), ("Quiet Ledger", "Quiet Ledger 2025")];

fn days(n: i64) -> Duration {
    Duration::days(n)
}

/// Adds the missions, oldest first.
pub async fn add(state: &State, lead: &Caller, people: &[Person], scenarios: &[Uuid]) -> ApiResult<()> {
    let id_of = |email: &str| people.iter().find(|p| p.email.starts_with(email)).map(|p| p.id).ok_or_else(ApiError::not_found);
    let members = [
        ("ines", RoleHint::Purple),
        ("aiko", RoleHint::Red),
        ("tomas", RoleHint::Red),
        ("priya", RoleHint::Blue),
        ("jonas", RoleHint::Blue),
        ("noor", RoleHint::Observer),
    ]
    .into_iter()
    .map(|(email, role_hint)| Ok(MemberInput { user_id: id_of(email)?, role_hint }))
    .collect::<ApiResult<Vec<_>>>()?;
    let (operators, assessors) = ([id_of("aiko")?, id_of("tomas")?], [id_of("priya")?, id_of("jonas")?]);
    let levels = detection_level::Entity::find().order_by_asc(detection_level::Column::Rank).all(state.db.reader()).await?;
    let txn = state.db.begin().await?;
    let tools = story::add_tools(&txn, crate::now() - days(360)).await?;
    txn.commit().await?;
    // the same year every time, whenever the demo is started
    let mut rng = StdRng::seed_from_u64(20_260_224);
    let mut by_name: HashMap<&str, Uuid> = HashMap::new();
    for plan in PLANS {
        let start = crate::now() - days(plan.began);
        let body = MissionCreate {
            name: plan.name.into(),
            client: plan.client.into(),
            description: Some(format!("Purple-team exercise for {}. Everything here is invented.", plan.client)),
            objectives: Some(plan.objectives.into()),
            scope: Some(
                "Pilot workstations, the exercise segment and the exercise tenant. Production servers only where a test says so.".into(),
            ),
            threat_model: None,
            start_date: Some(start.date_naive()),
            end_date: Some((start + days(plan.days)).date_naive()),
            scenario_template_ids: plan.scenarios.iter().filter_map(|i| scenarios.get(*i).copied()).collect(),
            members: members.clone(),
        };
        let txn = state.db.begin().await?;
        let made = crate::missions::create(state, lead, &txn, body).await?.value.head.id;
        let (all, disclosed) = play(&txn, &mut rng, plan, made, start, &levels, &operators, &assessors).await?;
        let row = mission::Entity::find_by_id(made).one(&txn).await?.ok_or_else(ApiError::not_found)?;
        let created = start.min(crate::now()) - days(10);
        let mut change = row.into_active_model();
        let repeated = REPEATS.iter().find(|(name, _)| *name == plan.name).and_then(|(_, origin)| by_name.get(origin).copied());
        by_name.insert(plan.name, made);
        change.retest_of_id = Set(repeated);
        change.status = Set(plan.status.as_str().to_owned());
        change.counters_all = Set(serde_json::to_value(all)?);
        change.counters_disclosed = Set(serde_json::to_value(disclosed)?);
        change.created_at = Set(created);
        change.updated_at = Set(created);
        change.update(&txn).await?;
        if plan.done > 0 {
            mission_event::Entity::update_many()
                .col_expr(mission_event::Column::At, Expr::value(created))
                .filter(mission_event::Column::MissionId.eq(made))
                .exec(&txn)
                .await?;
            let cast = story::Cast { lead: lead.id, operators: &operators, assessors: &assessors, tools: &tools };
            story::tell(&txn, &mut rng, made, start, plan.done == 100, &cast).await?;
        }
        txn.commit().await?;
    }
    Ok(())
}

/// What red and blue did in a mission's tests; answers the counters of all and of the disclosed ones.
#[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
async fn play(
    txn: &DatabaseTransaction,
    rng: &mut StdRng,
    plan: &Plan,
    mission: Uuid,
    start: DateTime<Utc>,
    levels: &[detection_level::Model],
    operators: &[Uuid],
    assessors: &[Uuid],
) -> ApiResult<(Counters, Counters)> {
    let (mut all, mut disclosed) = (Counters::empty(), Counters::empty());
    // ids are made in the order of the scenarios and of their tests
    let tests = mission_test::Entity::find()
        .filter(mission_test::Column::MissionId.eq(mission))
        .order_by_asc(mission_test::Column::Id)
        .all(txn)
        .await?;
    let count = i64::try_from(tests.len()).unwrap_or(1).max(1);
    let run = count * i64::from(plan.done) / 100;
    for (test, i) in tests.into_iter().zip(0i64..) {
        let day = days((plan.days - 1).max(1) * i / count);
        let begun = (start + day).date_naive().and_hms_opt(9, 5, 0).map_or(start, |t| t.and_utc())
            + Duration::minutes((i * 37) % 420 + rng.random_range(0..9))
            + Duration::seconds(rng.random_range(0..59));
        let state = match (i, run) {
            _ if i > run => TestState::Planned,
            _ if i == run => {
                if plan.done < 100 && plan.done > 0 {
                    TestState::Running
                } else {
                    TestState::Planned
                }
            }
            _ if plan.done == 100 && rng.random_range(0..100) < 4 => TestState::Skipped,
            _ if plan.done < 100 && i + 4 >= run => TestState::Executed,
            _ => TestState::Assessed,
        };
        // in running missions red keeps a few of the coming tests to itself
        let hidden = plan.done < 100 && plan.done > 0 && state == TestState::Planned && rng.random_range(0..100) < 25;
        let mut counted = Counted { state, outcome: Outcome::NotAssessed, level: None };
        let mut change = test.into_active_model();
        change.state = Set(state.as_str().to_owned());
        change.disclosed = Set(!hidden);
        if matches!(state, TestState::Running | TestState::Executed | TestState::Assessed) {
            change.operator_id = Set(pick(rng, operators));
            change.source_host = Set(Some(format!("KALI-0{}", rng.random_range(1..4))));
            change.target_host = Set(Some(format!(
                "WS-{}-{}",
                ["FIN", "HR", "OPS"].get(rng.random_range(0..3usize)).copied().unwrap_or("FIN"),
                rng.random_range(100..180)
            )));
            change.started_at = Set(Some(begun));
        }
        if state.was_executed() {
            change.ended_at = Set(Some(begun + Duration::seconds(rng.random_range(4..600))));
            change.red_notes = Set(Some("Ran as written.".into()));
        }
        if state == TestState::Assessed {
            let level = judge(rng, plan.sight, levels);
            let rank = level.map_or(0, |l| l.rank);
            let (logged, alerted, prevented) = (fact(rank >= 1), fact(rank >= 2), fact(rank >= 5));
            counted.outcome = Outcome::derive(state, logged, alerted, prevented);
            counted.level = level.map(|l| l.code.clone());
            change.assessor_id = Set(pick(rng, assessors));
            change.logged = Set(Some(logged.as_str().into()));
            change.alerted = Set(Some(alerted.as_str().into()));
            change.prevented = Set(Some(prevented.as_str().into()));
            change.detection_level_id = Set(level.map(|l| l.id));
            let grave = if rank == 0 {
                "high"
            } else if rank == 1 {
                "medium"
            } else {
                "none"
            };
            change.severity = Set(Some(grave.into()));
            change.priority = Set(Some(grave.into()));
            // most are quick, a few take hours: the median and the mean tell different stories
            let wait = if rng.random_range(0..100) < 12 { rng.random_range(3600..28_800) } else { rng.random_range(20..900) }
                * i64::from(120 - plan.sight)
                / 60;
            if rank >= 1 {
                change.detected_at = Set(Some(begun + Duration::seconds(wait)));
            }
            if rank >= 2 {
                change.alerted_at = Set(Some(begun + Duration::seconds(wait + rng.random_range(10..240))));
                change.responded_at = Set(Some(begun + Duration::seconds(wait + rng.random_range(300..5400))));
            }
            if rank == 0 {
                change.recommendation =
                    Set(Some("Send the process and command-line events of this host to the SIEM, then write a rule for it.".into()));
            }
        }
        all.add(&counted, 1);
        if !hidden {
            disclosed.add(&counted, 1);
        }
        change.update(txn).await?;
    }
    Ok((all, disclosed))
}

fn fact(holds: bool) -> Fact {
    if holds { Fact::Yes } else { Fact::No }
}

fn pick(rng: &mut StdRng, people: &[Uuid]) -> Option<Uuid> {
    people.get(rng.random_range(0..people.len().max(1))).copied()
}

/// A level: the better the defenders see, the higher.
fn judge<'a>(rng: &mut StdRng, sight: u32, levels: &'a [detection_level::Model]) -> Option<&'a detection_level::Model> {
    let roll = rng.random_range(0..100) + sight;
    let rank = match roll {
        0..=80 => 0,
        81..=97 => 1,
        98..=110 => 2,
        111..=125 => 3,
        126..=146 => 4,
        _ => 5,
    };
    levels.iter().find(|l| l.rank == rank)
}
