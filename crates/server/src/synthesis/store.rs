//! SQL of what missions tell: the tests of any query, with all that a synthesis counts, in three statements.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationTrait, Select, Statement,
};
use tyrian_domain::synthesis::{Tactic, Test};
use tyrian_entity::{detection_level, mission_scenario, mission_test, mission_test_detection, mission_test_mitre_tag};
use uuid::Uuid;

use super::convert;
use crate::error::ApiResult;
use crate::missions::store::{TAG_ROW, TagRow};

/// A test without its long texts.
#[derive(FromQueryResult)]
pub struct TestRow {
    pub id: Uuid,
    pub mission_id: Uuid,
    pub name: String,
    pub position: i32,
    pub scenario: String,
    pub scenario_position: i32,
    pub source_test_template_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
    pub state: String,
    pub logged: Option<String>,
    pub alerted: Option<String>,
    pub prevented: Option<String>,
    pub level_code: Option<String>,
    pub level_rank: Option<i32>,
    pub started_at: Option<DateTime<Utc>>,
    pub detected_at: Option<DateTime<Utc>>,
    pub alerted_at: Option<DateTime<Utc>>,
    pub responded_at: Option<DateTime<Utc>>,
    pub severity: Option<String>,
    pub priority: Option<String>,
    pub recommendation: Option<String>,
    pub finding_status: Option<String>,
    pub finding_owner_id: Option<Uuid>,
    pub owner_name: Option<String>,
    pub finding_due: Option<NaiveDate>,
    pub finding_reference: Option<String>,
}

/// What a tool did in a test.
#[derive(FromQueryResult)]
pub struct SightingRow {
    pub mission_test_id: Uuid,
    pub kind: String,
    pub result: String,
    pub occurred_at: Option<DateTime<Utc>>,
}

/// A frozen tag with the tactics that it stood in, as JSON.
#[derive(FromQueryResult)]
struct FrozenTag {
    #[sea_orm(nested)]
    tag: TagRow,
    tactics: String,
}

/// The tests that a query selects, as a synthesis counts them: three statements, whatever their number. What the caller
/// may see is the query's business.
pub async fn tests(db: &impl ConnectionTrait, query: &Select<mission_test::Entity>) -> ApiResult<Vec<Test>> {
    Ok(tests_by_mission(db, query).await?.into_values().flatten().collect())
}

/// The same, mission by mission.
pub async fn tests_by_mission(db: &impl ConnectionTrait, query: &Select<mission_test::Entity>) -> ApiResult<BTreeMap<Uuid, Vec<Test>>> {
    let rows = rows(db, query.clone()).await?;
    let mut tags: HashMap<Uuid, Vec<_>> = HashMap::with_capacity(rows.len());
    // the same few lists of tactics stand beside hundreds of tags
    let mut read: HashMap<String, Vec<Tactic>> = HashMap::new();
    for row in tags_of(db, ids(query)).await? {
        let tactics = if let Some(tactics) = read.get(&row.tactics) {
            tactics.clone()
        } else {
            let tactics: Vec<Tactic> = serde_json::from_str(&row.tactics)?;
            read.insert(row.tactics, tactics.clone());
            tactics
        };
        tags.entry(row.tag.mission_test_id).or_default().push(convert::tag(row.tag, tactics)?);
    }
    let mut sightings: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in sightings_of(db, ids(query)).await? {
        sightings.entry(row.mission_test_id).or_default().push(convert::sighting(&row)?);
    }
    let mut tests: BTreeMap<Uuid, Vec<Test>> = BTreeMap::new();
    for row in rows {
        let (tags, sightings) = (tags.remove(&row.id).unwrap_or_default(), sightings.remove(&row.id).unwrap_or_default());
        tests.entry(row.mission_id).or_default().push(convert::test(row, tags, sightings)?);
    }
    Ok(tests)
}

/// The ids of the tests of a query.
fn ids(query: &Select<mission_test::Entity>) -> SelectStatement {
    query.clone().select_only().column(mission_test::Column::Id).into_query()
}

async fn rows(db: &impl ConnectionTrait, query: Select<mission_test::Entity>) -> Result<Vec<TestRow>, DbErr> {
    use mission_test::Column as C;
    query
        .join(JoinType::InnerJoin, mission_test::Relation::MissionScenario.def())
        .join(JoinType::LeftJoin, mission_test::Relation::DetectionLevel.def())
        .select_only()
        .columns([
            C::Id,
            C::MissionId,
            C::Name,
            C::Position,
            C::SourceTestTemplateId,
            C::CategoryId,
            C::State,
            C::Logged,
            C::Alerted,
            C::Prevented,
            C::StartedAt,
            C::DetectedAt,
            C::AlertedAt,
            C::RespondedAt,
            C::Severity,
            C::Priority,
            C::Recommendation,
            C::FindingStatus,
            C::FindingOwnerId,
            C::FindingDue,
            C::FindingReference,
        ])
        .column_as(mission_scenario::Column::Name, "scenario")
        .column_as(mission_scenario::Column::Position, "scenario_position")
        .column_as(detection_level::Column::Code, "level_code")
        .column_as(detection_level::Column::Rank, "level_rank")
        .column_as(Expr::cust("(SELECT u.display_name FROM users u WHERE u.id = mission_tests.finding_owner_id)"), "owner_name")
        .order_by_asc(Expr::col((mission_test::Entity, C::Id)))
        .into_model()
        .all(db)
        .await
}

async fn tags_of(db: &impl ConnectionTrait, tests: SelectStatement) -> Result<Vec<FrozenTag>, DbErr> {
    use mission_test_mitre_tag::Column as C;
    mission_test_mitre_tag::Entity::find()
        .select_only()
        .columns(TAG_ROW)
        .column_as(Expr::col(C::Tactics).cast_as("TEXT"), "tactics")
        .filter(C::MissionTestId.in_subquery(tests))
        .order_by_asc(C::Ordinal)
        .order_by_asc(C::Id)
        .into_model()
        .all(db)
        .await
}

async fn sightings_of(db: &impl ConnectionTrait, tests: SelectStatement) -> Result<Vec<SightingRow>, DbErr> {
    use mission_test_detection::Column as C;
    mission_test_detection::Entity::find()
        .select_only()
        .columns([C::MissionTestId, C::Kind, C::Result, C::OccurredAt])
        .filter(Expr::col((mission_test_detection::Entity, C::MissionTestId)).in_subquery(tests))
        .order_by_asc(C::Id)
        .into_model()
        .all(db)
        .await
}

/// How long a chain of retests is followed.
const CHAIN: u8 = 200;

/// The first test of the chain of retests that each test of these missions belongs to. One statement.
pub async fn roots(db: &impl ConnectionTrait, missions: [Uuid; 2]) -> Result<HashMap<Uuid, Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        root: Uuid,
    }
    let sql = format!(
        "WITH RECURSIVE up (id, root, parent, step) AS ( \
           SELECT t.id, t.id, t.retest_of_test_id, 0 FROM mission_tests t WHERE t.mission_id IN ($1, $2) \
           UNION ALL SELECT up.id, o.id, o.retest_of_test_id, up.step + 1 FROM up JOIN mission_tests o ON o.id = up.parent WHERE up.step < {CHAIN}) \
         SELECT id, root FROM up WHERE parent IS NULL OR step = {CHAIN}"
    );
    let [this, other] = missions;
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [this.into(), other.into()]);
    Ok(Row::find_by_statement(statement).all(db).await?.into_iter().map(|row| (row.id, row.root)).collect())
}
