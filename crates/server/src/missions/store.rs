//! SQL of missions. What belongs to one mission takes its [`MissionScope`]; lists carry the visibility in the query.

pub mod list;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select, Statement,
};
use serde::Deserialize;
use tyrian_domain::visibility::View;
use tyrian_entity::{mission, mission_member, mission_scenario, mission_test, mission_test_mitre_tag, user};
use uuid::Uuid;

pub use self::list::{count_anew, counting_anew};
use super::scope::MissionScope;
use crate::db::rows::{Kind, packed, row, rows_of};
use crate::error::{ApiError, ApiResult};

/// A member with their name, as [`members`] packs them.
#[derive(Debug, Clone, Deserialize)]
pub struct MemberRow {
    /// User id.
    pub user_id: Uuid,
    /// Their side.
    pub role_hint: String,
    /// Email address.
    pub email: String,
    /// The name others see.
    pub display_name: String,
}

/// A scenario of a mission, as [`frame`] packs them.
#[derive(Debug, Clone, Deserialize)]
pub struct ScenarioRow {
    pub id: Uuid,
    pub source_scenario_template_id: Option<Uuid>,
    pub name: String,
    pub description: Option<String>,
    pub threat_actor: Option<String>,
}

row! {
    /// What the detail shows of a test: without its long texts.
    #[derive(Debug, Clone)]
    pub struct TestRow {
        pub id: Uuid,
        pub mission_scenario_id: Uuid,
        pub source_test_template_id: Option<Uuid>,
        pub name: String,
        pub state: String,
        pub disclosed: bool,
        pub opsec_level: String,
        pub executor: String,
        pub logged: Option<String>,
        pub alerted: Option<String>,
        pub prevented: Option<String>,
        pub detection_level_id: Option<Uuid>,
        pub category_id: Option<Uuid>,
        pub operator_id: Option<Uuid>,
        pub assessor_id: Option<Uuid>,
        pub started_at: Option<DateTime<Utc>>,
        pub ended_at: Option<DateTime<Utc>>,
        pub detected_at: Option<DateTime<Utc>>,
        pub alerted_at: Option<DateTime<Utc>>,
        pub responded_at: Option<DateTime<Utc>>,
        pub finding_status: Option<String>,
        pub version: i64,
        /// As [`attack_tags`] packs them.
        pub attack_tags: String,
    }
}

/// The columns of [`TestRow`] that are the table's own.
const TEST_ROW: [mission_test::Column; 22] = [
    mission_test::Column::Id,
    mission_test::Column::MissionScenarioId,
    mission_test::Column::SourceTestTemplateId,
    mission_test::Column::Name,
    mission_test::Column::State,
    mission_test::Column::Disclosed,
    mission_test::Column::OpsecLevel,
    mission_test::Column::Executor,
    mission_test::Column::Logged,
    mission_test::Column::Alerted,
    mission_test::Column::Prevented,
    mission_test::Column::DetectionLevelId,
    mission_test::Column::CategoryId,
    mission_test::Column::OperatorId,
    mission_test::Column::AssessorId,
    mission_test::Column::StartedAt,
    mission_test::Column::EndedAt,
    mission_test::Column::DetectedAt,
    mission_test::Column::AlertedAt,
    mission_test::Column::RespondedAt,
    mission_test::Column::FindingStatus,
    mission_test::Column::Version,
];

/// Reads a query as [`TestRow`]s.
pub fn as_test_rows(query: Select<mission_test::Entity>, backend: DbBackend) -> Select<mission_test::Entity> {
    query.select_only().columns(TEST_ROW).column_as(attack_tags(backend), "attack_tags")
}

/// The ATT&CK tags of a test in their order, as a column of a query on tests that `convert::tags` reads.
pub fn attack_tags(backend: DbBackend) -> Expr {
    let columns = [("g.kind", Kind::Text), ("g.external_id", Kind::Text), ("g.name", Kind::Text), ("g.url", Kind::Text)];
    let tags = packed(backend, &columns, "g.ordinal, g.id");
    Expr::cust(format!("(SELECT {tags} FROM mission_test_mitre_tags g WHERE g.mission_test_id = mission_tests.id)"))
}

/// The members of a mission by name, as a column of a query on missions that `convert::members` reads.
fn members(backend: DbBackend) -> Expr {
    let columns = [("u.id", Kind::Uuid), ("m.role_hint", Kind::Text), ("u.email", Kind::Text), ("u.display_name", Kind::Text)];
    let members = packed(backend, &columns, "u.name_key, u.id");
    Expr::cust(format!(
        "(SELECT {members} FROM mission_members m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL \
         WHERE m.mission_id = missions.id)"
    ))
}

/// An ATT&CK tag of a test with the test's id.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TagRow {
    pub mission_test_id: Uuid,
    pub kind: String,
    pub external_id: String,
    pub name: String,
    pub url: Option<String>,
}

/// The columns of [`TagRow`].
pub const TAG_ROW: [mission_test_mitre_tag::Column; 5] = [
    mission_test_mitre_tag::Column::MissionTestId,
    mission_test_mitre_tag::Column::Kind,
    mission_test_mitre_tag::Column::ExternalId,
    mission_test_mitre_tag::Column::Name,
    mission_test_mitre_tag::Column::Url,
];

/// A test with everything, its place among the tests that the caller sees, the names of those it names, and its tags.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PlacedTest {
    #[sea_orm(nested)]
    pub test: mission_test::Model,
    pub place: i64,
    pub operator_name: Option<String>,
    pub assessor_name: Option<String>,
    pub finding_owner_name: Option<String>,
    /// As [`attack_tags`] packs them.
    pub attack_tags: String,
}

/// A test and how its reader stands to its mission.
#[derive(FromQueryResult)]
pub struct SeenTest {
    #[sea_orm(nested)]
    pub placed: PlacedTest,
    pub role_hint: Option<String>,
}

/// The members of a mission by name.
pub async fn members_of(db: &impl ConnectionTrait, mission: Uuid) -> ApiResult<Vec<MemberRow>> {
    let members = members(db.get_database_backend());
    let packed: Option<String> =
        mission::Entity::find_by_id(mission).select_only().column_as(members, "members").into_tuple().one(db).await?;
    Ok(packed.map(|packed| serde_json::from_str(&packed)).transpose()?.unwrap_or_default())
}

/// The members of a mission by name, and its scenarios in order.
pub async fn frame(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<(Vec<MemberRow>, Vec<ScenarioRow>)> {
    let backend = db.get_database_backend();
    let columns = [
        ("s.id", Kind::Uuid),
        ("s.source_scenario_template_id", Kind::Uuid),
        ("s.name", Kind::Text),
        ("s.description", Kind::Text),
        ("s.threat_actor", Kind::Text),
    ];
    let scenarios = packed(backend, &columns, "s.position, s.id");
    let scenarios = format!("(SELECT {scenarios} FROM mission_scenarios s WHERE s.mission_id = missions.id AND s.deleted_at IS NULL)");
    let query = mission::Entity::find_by_id(scope.id()).select_only();
    let found: Option<(String, String)> =
        query.column_as(members(backend), "members").column_as(Expr::cust(scenarios), "scenarios").into_tuple().one(db).await?;
    let (members, scenarios) = found.ok_or_else(ApiError::not_found)?;
    Ok((serde_json::from_str(&members)?, serde_json::from_str(&scenarios)?))
}

/// The scenarios of a mission in order.
pub async fn scenarios(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<mission_scenario::Model>, DbErr> {
    mission_scenario::Entity::find()
        .filter(mission_scenario::Column::MissionId.eq(scope.id()))
        .filter(mission_scenario::Column::DeletedAt.is_null())
        .order_by_asc(mission_scenario::Column::Position)
        .order_by_asc(mission_scenario::Column::Id)
        .all(db)
        .await
}

/// The tests of a mission that the caller sees.
pub fn visible_tests(scope: &MissionScope) -> Select<mission_test::Entity> {
    let query = mission_test::Entity::find()
        .filter(mission_test::Column::MissionId.eq(scope.id()))
        .filter(mission_test::Column::DeletedAt.is_null());
    match scope.view() {
        View::All => query,
        View::Disclosed => query.filter(mission_test::Column::Disclosed.eq(true)),
    }
}

/// The tests of a mission, by scenario and place, without their long texts.
pub async fn test_rows(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<TestRow>, DbErr> {
    use mission_test::Column as C;
    let query = as_test_rows(visible_tests(scope), db.get_database_backend());
    query.order_by_asc(C::Position).order_by_asc(C::Id).into_model().all(db).await
}

/// The tests of a query with everything, by scenario and place.
pub async fn full_tests(db: &impl ConnectionTrait, query: Select<mission_test::Entity>) -> Result<Vec<mission_test::Model>, DbErr> {
    query
        .order_by_asc(mission_test::Column::MissionScenarioId)
        .order_by_asc(mission_test::Column::Position)
        .order_by_asc(mission_test::Column::Id)
        .all(db)
        .await
}

/// One test of a mission.
pub async fn test(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> Result<Option<mission_test::Model>, DbErr> {
    visible_tests(scope).filter(mission_test::Column::Id.eq(id)).one(db).await
}

/// The same with its place: a gap in the places would betray a hidden test. One statement with its tags.
pub async fn placed_test(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> Result<Option<PlacedTest>, DbErr> {
    let seen = match scope.view() {
        View::All => "",
        View::Disclosed => " AND b.disclosed",
    };
    let query = visible_tests(scope).filter(mission_test::Column::Id.eq(id));
    placed(query, db.get_database_backend(), seen).into_model().one(db).await
}

/// One test as `reader` finds it, whom nobody has let into the mission yet: whether they may see it, [`SeenTest`] tells, not
/// this query. The query of one statement, where a scope and the test would be two.
pub fn unguarded_test(backend: DbBackend, reader: Uuid, mission: Uuid, id: Uuid) -> SelectStatement {
    let mut query = mission_test::Entity::find()
        .join(JoinType::InnerJoin, mission_test::Relation::Mission.def())
        .filter(mission::Column::DeletedAt.is_null())
        .filter(mission_test::Column::MissionId.eq(mission))
        .filter(mission_test::Column::DeletedAt.is_null())
        .filter(mission_test::Column::Id.eq(id));
    let own = Condition::all()
        .add(
            Expr::col((mission_member::Entity, mission_member::Column::MissionId))
                .equals((mission_test::Entity, mission_test::Column::MissionId)),
        )
        .add(mission_member::Column::UserId.eq(reader));
    QuerySelect::query(&mut query).left_join(mission_member::Entity, own);
    let seen = " AND (b.disclosed OR mission_members.role_hint IS NULL OR mission_members.role_hint NOT IN ('blue', 'observer'))";
    placed(query, backend, seen).column_as(mission_member::Column::RoleHint, "role_hint").into_query()
}

/// The columns of [`PlacedTest`]; `seen` says which tests `b` are counted before it.
fn placed(query: Select<mission_test::Entity>, backend: DbBackend, seen: &str) -> Select<mission_test::Entity> {
    let place = format!(
        "(SELECT count(*) FROM mission_tests b WHERE b.mission_scenario_id = mission_tests.mission_scenario_id AND b.deleted_at IS NULL \
         AND (b.position < mission_tests.position OR (b.position = mission_tests.position AND b.id < mission_tests.id)){seen})"
    );
    let name = |column: &str| Expr::cust(format!("(SELECT u.display_name FROM users u WHERE u.id = mission_tests.{column})"));
    query
        .column_as(Expr::cust(place), "place")
        .column_as(name("operator_id"), "operator_name")
        .column_as(name("assessor_id"), "assessor_name")
        .column_as(name("finding_owner_id"), "finding_owner_name")
        .column_as(attack_tags(backend), "attack_tags")
}

/// The names of these people, members or not; those who were deleted too.
pub async fn names(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<(Uuid, String)>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::DisplayName])
        .filter(user::Column::Id.is_in(ids))
        .order_by_asc(user::Column::NameKey)
        .into_tuple()
        .all(db)
        .await
}

/// The tags of all tests of a mission, each test's in its order.
pub async fn tags(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<TagRow>, DbErr> {
    use mission_test_mitre_tag::Column as C;
    mission_test_mitre_tag::Entity::find()
        .select_only()
        .columns(TAG_ROW)
        .filter(C::MissionTestId.in_subquery(test_ids(scope)))
        .order_by_asc(C::Ordinal)
        .order_by_asc(C::Id)
        .into_model()
        .all(db)
        .await
}

/// The ids of all tests of a mission, seen or not, as part of another query.
pub fn test_ids(scope: &MissionScope) -> SelectStatement {
    mission_test::Entity::find()
        .select_only()
        .column(mission_test::Column::Id)
        .filter(mission_test::Column::MissionId.eq(scope.id()))
        .into_query()
}

/// Takes all members out.
pub(super) async fn remove_members(txn: &DatabaseTransaction, mission: Uuid) -> Result<(), DbErr> {
    mission_member::Entity::delete_many().filter(mission_member::Column::MissionId.eq(mission)).exec(txn).await?;
    Ok(())
}

/// Adds members in one statement; users who do not exist are left out, and the number that was added is told.
pub(super) async fn insert_members(
    txn: &DatabaseTransaction,
    mission: Uuid,
    members: &[(Uuid, &'static str)],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    if members.is_empty() {
        return Ok(0);
    }
    let backend = txn.get_database_backend();
    let rows: Vec<_> = members.iter().map(|(user, role)| (user.simple().to_string(), *role)).collect();
    let rows = serde_json::to_string(&rows).map_err(|e| DbErr::Json(e.to_string()))?;
    let given = rows_of(backend, &[("user_id", Kind::Uuid), ("role_hint", Kind::Text)]);
    let sql = format!(
        "WITH p AS ({given}) INSERT INTO mission_members (mission_id, user_id, role_hint, created_at, updated_at) \
         SELECT $2, u.id, p.role_hint, $3, $4 FROM p JOIN users u ON u.id = p.user_id WHERE u.deleted_at IS NULL"
    );
    let done = txn.execute_raw(Statement::from_sql_and_values(backend, sql, [rows.into(), mission.into(), now.into(), now.into()])).await?;
    Ok(done.rows_affected())
}

/// Which of these users do not exist.
pub async fn missing_users(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>, DbErr> {
    let found: Vec<Uuid> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .filter(user::Column::DeletedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.iter().copied().filter(|id| !found.contains(id)).collect())
}

/// The ids of the members.
pub async fn member_ids(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<Uuid>, DbErr> {
    mission_member::Entity::find()
        .select_only()
        .column(mission_member::Column::UserId)
        .filter(mission_member::Column::MissionId.eq(scope.id()))
        .into_tuple()
        .all(db)
        .await
}

/// Where the next scenario goes.
pub async fn next_scenario_position(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<i32, DbErr> {
    let last: Option<Option<i32>> = mission_scenario::Entity::find()
        .select_only()
        .expr(Expr::col(mission_scenario::Column::Position).max())
        .filter(mission_scenario::Column::MissionId.eq(scope.id()))
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.flatten().map_or(0, |position| position + 1))
}

/// Does the caller see this test?
pub async fn sees_test(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> ApiResult<bool> {
    let found: Option<Uuid> = visible_tests(scope)
        .select_only()
        .column(mission_test::Column::Id)
        .filter(mission_test::Column::Id.eq(id))
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// The ATT&CK ids of a test's tags.
pub async fn attack_ids(db: &impl ConnectionTrait, test: Uuid) -> Result<Vec<String>, DbErr> {
    mission_test_mitre_tag::Entity::find()
        .select_only()
        .column(mission_test_mitre_tag::Column::ExternalId)
        .filter(mission_test_mitre_tag::Column::MissionTestId.eq(test))
        .order_by_asc(mission_test_mitre_tag::Column::Ordinal)
        .into_tuple()
        .all(db)
        .await
}

/// The places of a mission's tests among those that the caller sees, scenario by scenario.
pub async fn places(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<HashMap<Uuid, u32>, DbErr> {
    use mission_test::Column as C;
    let rows: Vec<(Uuid, Uuid)> = visible_tests(scope)
        .select_only()
        .columns([C::Id, C::MissionScenarioId])
        .order_by_asc(C::Position)
        .order_by_asc(C::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut next: HashMap<Uuid, u32> = HashMap::new();
    Ok(rows
        .into_iter()
        .map(|(id, scenario)| {
            let place = next.entry(scenario).or_default();
            *place += 1;
            (id, *place - 1)
        })
        .collect())
}
