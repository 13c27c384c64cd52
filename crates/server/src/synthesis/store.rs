//! SQL of what missions tell: the tests of any query, with all that a synthesis counts, in three statements.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationTrait, Select,
};
use tyrian_domain::synthesis::Test;
use tyrian_entity::{detection_level, mission_scenario, mission_test, mission_test_detection, mission_test_mitre_tag};
use uuid::Uuid;

use super::convert;
use crate::error::ApiResult;

/// A test without its long texts.
#[derive(FromQueryResult)]
pub struct TestRow {
    pub id: Uuid,
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

/// The tests that a query selects, as a synthesis counts them: three statements, whatever their number. What the caller
/// may see is the query's business.
pub async fn tests(db: &impl ConnectionTrait, query: &Select<mission_test::Entity>) -> ApiResult<Vec<Test>> {
    let rows = rows(db, query.clone()).await?;
    let mut tags: HashMap<Uuid, Vec<_>> = HashMap::with_capacity(rows.len());
    for row in tags_of(db, ids(query)).await? {
        tags.entry(row.mission_test_id).or_default().push(convert::tag(row)?);
    }
    let mut sightings: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in sightings_of(db, ids(query)).await? {
        sightings.entry(row.mission_test_id).or_default().push(convert::sighting(&row)?);
    }
    let tests = rows.into_iter().map(|row| {
        let (tags, sightings) = (tags.remove(&row.id).unwrap_or_default(), sightings.remove(&row.id).unwrap_or_default());
        convert::test(row, tags, sightings)
    });
    tests.collect()
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

async fn tags_of(db: &impl ConnectionTrait, tests: SelectStatement) -> Result<Vec<mission_test_mitre_tag::Model>, DbErr> {
    mission_test_mitre_tag::Entity::find()
        .filter(mission_test_mitre_tag::Column::MissionTestId.in_subquery(tests))
        .order_by_asc(mission_test_mitre_tag::Column::Ordinal)
        .order_by_asc(mission_test_mitre_tag::Column::Id)
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
