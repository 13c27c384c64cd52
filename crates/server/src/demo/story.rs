//! What else the demo's missions hold: what each defence tool did, headings, findings, what people said, and the log of it all.

use chrono::{DateTime, Duration, Utc};
use rand::RngExt;
use rand::rngs::StdRng;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};
use tyrian_domain::event::EventKind;
use tyrian_domain::test::{DetectionKind, TestState};
use tyrian_domain::text;
use tyrian_entity::{
    defence_tool, mission, mission_category, mission_comment, mission_event, mission_scenario, mission_test, mission_test_detection,
};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

/// The defenders' tools: invented, as everything here.
const TOOLS: &[(&str, &str, &str)] = &[
    ("Halberd EDR", "Halberd", "EDR"),
    ("Lumen SIEM", "Northlight", "SIEM"),
    ("Portcullis Proxy", "Portcullis", "proxy"),
    ("Mailgate", "Northlight", "mail gateway"),
];

const CATEGORIES: &[(&str, &str)] =
    &[("Getting in", "#5b8def"), ("Moving on", "#b07cd8"), ("Getting out", "#e0a24a"), ("Impact", "#d8665a")];

/// Adds the tools. Their ids, in their order.
pub async fn add_tools(txn: &DatabaseTransaction, at: DateTime<Utc>) -> ApiResult<Vec<Uuid>> {
    let mut ids = Vec::new();
    for (name, vendor, kind) in TOOLS {
        let id = Uuid::now_v7();
        defence_tool::Entity::insert(defence_tool::ActiveModel {
            id: Set(id),
            name: Set((*name).into()),
            name_key: Set(text::key(name)),
            vendor: Set(Some((*vendor).into())),
            kind: Set((*kind).into()),
            is_active: Set(true),
            created_at: Set(at),
            updated_at: Set(at),
            deleted_at: Set(None),
        })
        .exec_without_returning(txn)
        .await?;
        ids.push(id);
    }
    Ok(ids)
}

/// What happened, before it has its number.
struct Happened {
    at: DateTime<Utc>,
    actor: Option<Uuid>,
    kind: EventKind,
    test: Option<Uuid>,
    disclosed: bool,
    payload: Value,
}

/// Who says what in a mission.
pub struct Cast<'a> {
    pub lead: Uuid,
    pub operators: &'a [Uuid],
    pub assessors: &'a [Uuid],
    pub tools: &'a [Uuid],
}

/// Tells the story of a mission whose tests have been played.
pub async fn tell(
    txn: &DatabaseTransaction,
    rng: &mut StdRng,
    mission: Uuid,
    begun: DateTime<Utc>,
    over: bool,
    cast: &Cast<'_>,
) -> ApiResult<()> {
    let categories = add_categories(txn, mission, begun).await?;
    let tests = mission_test::Entity::find()
        .filter(mission_test::Column::MissionId.eq(mission))
        .order_by_asc(mission_test::Column::Id)
        .all(txn)
        .await?;
    let first = |list: &[Uuid]| list.first().copied();
    let mut log = vec![Happened {
        at: begun - Duration::hours(1),
        actor: Some(cast.lead),
        kind: EventKind::MissionStatusChanged,
        test: None,
        disclosed: true,
        payload: json!({ "from": "draft", "to": "in_progress" }),
    }];
    let mut told_of_a_gap = 0;
    for test in tests {
        log.extend(of_test(&test));
        detect(txn, rng, &test, cast, &mut log).await?;
        let missed = test.state == TestState::Assessed.as_str() && test.logged.as_deref() == Some("no");
        let place = categories.iter().find(|(scenario, _)| *scenario == test.mission_scenario_id).map(|(_, category)| *category);
        let (id, name, ended, disclosed) = (test.id, test.name.clone(), test.ended_at, test.disclosed);
        let mut change = test.into_active_model();
        change.category_id = Set(place);
        if missed {
            let status = if over {
                ["accepted", "fixed", "verified", "in_progress"].get(rng.random_range(0..4usize)).copied()
            } else {
                Some("open")
            };
            change.finding_status = Set(status.map(str::to_owned));
            change.finding_owner_id = Set(first(cast.assessors));
            change.finding_due = Set(Some((begun + Duration::days(60)).date_naive()));
            change.finding_reference = Set(Some(format!("SOC-{}", rng.random_range(200..900))));
        }
        change.update(txn).await?;
        if let (true, true, Some(ended)) = (missed, told_of_a_gap < 2, ended) {
            told_of_a_gap += 1;
            let lines = [
                (first(cast.operators), format!("Nothing fired on **{name}**. @Priya Nair, did the host send anything at all?"), 20),
                (
                    first(cast.assessors),
                    "The sensor saw the process, but the event never reached the SIEM. I open a finding.".to_owned(),
                    55,
                ),
            ];
            for (author, body, minutes) in lines {
                comment(txn, mission, Some((id, disclosed)), author, body, ended + Duration::minutes(minutes), &mut log).await?;
            }
        }
    }
    let words = "Rules of engagement are in the scope. @Aiko Brandt starts, @Jonas Weil has the first watch.".to_owned();
    comment(txn, mission, None, Some(cast.lead), words, begun - Duration::minutes(50), &mut log).await?;
    write(txn, mission, log).await
}

/// What the test's own times say.
fn of_test(test: &mission_test::Model) -> Vec<Happened> {
    let moved = |at: Option<DateTime<Utc>>, actor, from: TestState, to: TestState| {
        at.map(|at| Happened {
            at,
            actor,
            kind: EventKind::TestStateChanged,
            test: Some(test.id),
            disclosed: test.disclosed,
            payload: json!({ "from": from, "to": to, "version": test.version }),
        })
    };
    let assessed = (test.state == TestState::Assessed.as_str()).then(|| test.ended_at.map(|at| at + Duration::minutes(42))).flatten();
    [
        moved(test.started_at, test.operator_id, TestState::Planned, TestState::Running),
        moved(test.ended_at, test.operator_id, TestState::Running, TestState::Executed),
        moved(assessed, test.assessor_id, TestState::Executed, TestState::Assessed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A row for each tool that had a say in a test that was judged.
async fn detect(
    txn: &DatabaseTransaction,
    rng: &mut StdRng,
    test: &mission_test::Model,
    cast: &Cast<'_>,
    log: &mut Vec<Happened>,
) -> ApiResult<()> {
    if test.state != TestState::Assessed.as_str() {
        return Ok(());
    }
    for (kind, fact, at) in [
        (DetectionKind::Logged, test.logged.as_deref(), test.detected_at),
        (DetectionKind::Alerted, test.alerted.as_deref(), test.alerted_at),
        (DetectionKind::Prevented, test.prevented.as_deref(), test.detected_at),
    ] {
        let Some(fact) = fact else { continue };
        // what was not stopped needs no row for every tool
        if kind == DetectionKind::Prevented && fact == "no" {
            continue;
        }
        let tools = if kind == DetectionKind::Logged { 2 } else { 1 };
        for (tool, (name, ..)) in cast.tools.iter().zip(TOOLS).take(tools) {
            let result = if tools == 2 && fact == "yes" && rng.random_range(0..100) < 25 { "partial" } else { fact };
            let (occurred_at, now) = (at.filter(|_| result != "no"), test.ended_at.unwrap_or_else(crate::now) + Duration::minutes(30));
            let reference =
                (kind == DetectionKind::Alerted && result != "no").then(|| format!("ALERT-{}", rng.random_range(10_000..99_999)));
            mission_test_detection::Entity::insert(mission_test_detection::ActiveModel {
                id: Set(Uuid::now_v7()),
                mission_test_id: Set(test.id),
                defence_tool_id: Set(*tool),
                kind: Set(kind.as_str().into()),
                result: Set(result.into()),
                severity: Set(reference.is_some().then(|| "medium".into())),
                occurred_at: Set(occurred_at),
                reference: Set(reference),
                rule: Set(None),
                notes: Set(None),
                version: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
            })
            .exec_without_returning(txn)
            .await?;
            log.push(Happened {
                at: now,
                actor: test.assessor_id,
                kind: EventKind::DetectionAdded,
                test: Some(test.id),
                disclosed: test.disclosed,
                payload: json!({ "tool": name, "kind": kind, "result": result }),
            });
        }
    }
    Ok(())
}

/// A heading for each scenario. Scenario and category, in pairs.
async fn add_categories(txn: &DatabaseTransaction, mission: Uuid, at: DateTime<Utc>) -> ApiResult<Vec<(Uuid, Uuid)>> {
    let scenarios = mission_scenario::Entity::find()
        .filter(mission_scenario::Column::MissionId.eq(mission))
        .order_by_asc(mission_scenario::Column::Position)
        .all(txn)
        .await?;
    let mut pairs = Vec::new();
    for ((scenario, (name, color)), position) in scenarios.iter().zip(CATEGORIES).zip(0..) {
        let id = Uuid::now_v7();
        mission_category::Entity::insert(mission_category::ActiveModel {
            id: Set(id),
            mission_id: Set(mission),
            name: Set((*name).into()),
            color: Set(Some((*color).into())),
            position: Set(position),
            summary: Set(None),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
            deleted_at: Set(None),
        })
        .exec_without_returning(txn)
        .await?;
        pairs.push((scenario.id, id));
    }
    Ok(pairs)
}

async fn comment(
    txn: &DatabaseTransaction,
    mission: Uuid,
    test: Option<(Uuid, bool)>,
    author: Option<Uuid>,
    body: String,
    at: DateTime<Utc>,
    log: &mut Vec<Happened>,
) -> ApiResult<()> {
    let id = Uuid::now_v7();
    mission_comment::Entity::insert(mission_comment::ActiveModel {
        id: Set(id),
        mission_id: Set(mission),
        mission_test_id: Set(test.map(|t| t.0)),
        author_id: Set(author),
        body: Set(body),
        edited_at: Set(None),
        version: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
    })
    .exec_without_returning(txn)
    .await?;
    log.push(Happened {
        at,
        actor: author,
        kind: EventKind::CommentAdded,
        test: test.map(|t| t.0),
        disclosed: test.is_none_or(|t| t.1),
        payload: json!({ "comment_id": id }),
    });
    Ok(())
}

/// Numbers what happened in the order in which it did, behind the making of the mission.
async fn write(txn: &DatabaseTransaction, mission: Uuid, mut log: Vec<Happened>) -> ApiResult<()> {
    let row = mission::Entity::find_by_id(mission).one(txn).await?.ok_or_else(ApiError::not_found)?;
    let (now, mut made) = (crate::now(), row.event_sequence);
    log.retain(|happened| happened.at < now);
    log.sort_by_key(|happened| happened.at);
    let mut events = Vec::with_capacity(log.len());
    for happened in log {
        made += 1;
        events.push(mission_event::ActiveModel {
            id: Set(Uuid::now_v7()),
            mission_id: Set(mission),
            sequence: Set(made),
            at: Set(happened.at),
            actor_id: Set(happened.actor),
            kind: Set(happened.kind.as_str().into()),
            mission_test_id: Set(happened.test),
            disclosed: Set(happened.disclosed),
            payload: Set(happened.payload),
        });
    }
    for chunk in events.chunks(200) {
        mission_event::Entity::insert_many(chunk.to_vec()).exec_without_returning(txn).await?;
    }
    let mut change = row.into_active_model();
    change.event_sequence = Set(made);
    change.update(txn).await?;
    Ok(())
}
