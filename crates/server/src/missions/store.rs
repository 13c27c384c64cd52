//! SQL of missions. What belongs to one mission takes its [`MissionScope`]; lists carry the visibility in the query.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select, Statement,
};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use tyrian_domain::visibility::View;
use tyrian_entity::{mission, mission_member, mission_scenario, mission_test, mission_test_mitre_tag, user};
use uuid::Uuid;

use super::scope::{CREATOR_NAME, MissionScope};
use crate::db::rows::{Kind, rows_of};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::http::paging::{Key, PageRequest};

/// A member with their name.
#[derive(Debug, Clone, FromQueryResult)]
pub struct MemberRow {
    /// Of which mission.
    pub mission_id: Uuid,
    /// User id.
    pub user_id: Uuid,
    /// Their side.
    pub role_hint: String,
    /// Email address.
    pub email: String,
    /// The name others see.
    pub display_name: String,
}

/// What the detail shows of a test: without its long texts.
#[derive(Debug, Clone, FromQueryResult)]
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
}

/// The columns of [`TestRow`].
pub const TEST_ROW: [mission_test::Column; 22] = [
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

/// An ATT&CK tag of a test, as answers show it.
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
    /// A JSON array of arrays, as [`PlacedTest::attack_tags`] reads them.
    attack_tags: String,
}

impl PlacedTest {
    /// Its tags in their order.
    pub fn attack_tags(&self) -> Result<Vec<TagRow>, serde_json::Error> {
        let tags: Vec<(String, String, String, Option<String>)> = serde_json::from_str(&self.attack_tags)?;
        let row = |(kind, external_id, name, url)| TagRow { mission_test_id: self.test.id, kind, external_id, name, url };
        Ok(tags.into_iter().map(row).collect())
    }
}

/// A test and how its reader stands to its mission.
#[derive(FromQueryResult)]
pub struct SeenTest {
    #[sea_orm(nested)]
    pub placed: PlacedTest,
    pub role_hint: Option<String>,
}

/// A mission of a list: without its texts, its counters as they stand there.
#[derive(FromQueryResult)]
pub struct ListRow {
    pub id: Uuid,
    pub name: String,
    name_key: String,
    pub client: String,
    client_key: String,
    pub status: String,
    pub start_date: Option<NaiveDate>,
    pub end_date: Option<NaiveDate>,
    pub retest_of_id: Option<Uuid>,
    pub created_by_id: Option<Uuid>,
    pub attack_version: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Of all tests.
    pub counters_all: String,
    /// Of those that blue may see.
    pub counters_disclosed: String,
    pub creator_name: Option<String>,
    total: Option<i64>,
}

/// The columns of [`ListRow`] that are the table's own and read as they are.
const LIST_ROW: [mission::Column; 14] = [
    mission::Column::Id,
    mission::Column::Name,
    mission::Column::NameKey,
    mission::Column::Client,
    mission::Column::ClientKey,
    mission::Column::Status,
    mission::Column::StartDate,
    mission::Column::EndDate,
    mission::Column::RetestOfId,
    mission::Column::CreatedById,
    mission::Column::AttackVersion,
    mission::Column::Version,
    mission::Column::CreatedAt,
    mission::Column::UpdatedAt,
];

/// What a list of missions is filtered by.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words in name, client or description.
    pub q: Option<String>,
    /// The client, whatever its case.
    pub client: Option<String>,
    /// Any of these statuses.
    pub statuses: Vec<MissionStatus>,
    /// A technique or subtechnique of its visible tests.
    pub technique: Option<String>,
}

/// Is this user a member of the mission? Asked of each row: SQLite would gather all missions of a list of ids, and sort them,
/// before it showed the first page.
fn has_member(user: Uuid) -> Expr {
    let member = Query::select()
        .expr(Expr::val(1))
        .from(mission_member::Entity)
        .and_where(Expr::col((mission_member::Entity, mission_member::Column::MissionId)).equals((mission::Entity, mission::Column::Id)))
        .and_where(mission_member::Column::UserId.eq(user))
        .to_owned();
    Expr::exists(member)
}

/// How many missions a list holds in all, as an expression. Without a filter a member's are those that they are in, less the
/// deleted ones, of which there are few: both by an index, and no mission is looked at.
fn total_of(caller: &Caller, filter: &Filter) -> Expr {
    let count = || Expr::cust("count(*)");
    let number = |query: SelectStatement| Expr::SubQuery(None, Box::new(query.into()));
    if *filter != Filter::default() || caller.can(Permission::MissionReadAll) {
        return number(matching(caller, filter).select_only().expr(count()).into_query());
    }
    let own = mission_member::Entity::find().select_only().expr(count()).filter(mission_member::Column::UserId.eq(caller.id));
    let deleted =
        mission::Entity::find().select_only().expr(count()).filter(mission::Column::DeletedAt.is_not_null()).filter(has_member(caller.id));
    number(own.into_query()).sub(number(deleted.into_query()))
}

fn matching(caller: &Caller, filter: &Filter) -> Select<mission::Entity> {
    let mut all = Condition::all().add(mission::Column::DeletedAt.is_null());
    if !caller.can(Permission::MissionReadAll) {
        all = all.add(has_member(caller.id));
    }
    if let Some(q) = filter.q.as_deref().filter(|q| !q.trim().is_empty()) {
        all = all.add(crate::library::contains(mission::Column::SearchText, q.trim()));
    }
    if let Some(client) = filter.client.as_deref().filter(|c| !c.is_empty()) {
        all = all.add(mission::Column::ClientKey.eq(tyrian_domain::text::key(client)));
    }
    if !filter.statuses.is_empty() {
        all = all.add(mission::Column::Status.is_in(filter.statuses.iter().map(|s| s.as_str())));
    }
    if let Some(technique) = filter.technique.as_deref().filter(|t| !t.is_empty()) {
        all = all.add(mission::Column::Id.in_subquery(tagged_with(caller, technique)));
    }
    mission::Entity::find().filter(all)
}

/// Missions with a test tagged with the technique or one of its subtechniques; where the caller is blue or an
/// observer, only disclosed tests count.
fn tagged_with(caller: &Caller, technique: &str) -> SelectStatement {
    let technique = technique.trim().to_uppercase();
    let below = format!("{}.%", technique.replace(['%', '_', '\\'], ""));
    Query::select()
        .column((mission_test::Entity, mission_test::Column::MissionId))
        .from(mission_test::Entity)
        .inner_join(
            mission_test_mitre_tag::Entity,
            Expr::col((mission_test_mitre_tag::Entity, mission_test_mitre_tag::Column::MissionTestId))
                .equals((mission_test::Entity, mission_test::Column::Id)),
        )
        .left_join(
            mission_member::Entity,
            Condition::all()
                .add(
                    Expr::col((mission_member::Entity, mission_member::Column::MissionId))
                        .equals((mission_test::Entity, mission_test::Column::MissionId)),
                )
                .add(mission_member::Column::UserId.eq(caller.id)),
        )
        .and_where(mission_test::Column::DeletedAt.is_null())
        .and_where(mission_test_mitre_tag::Column::ExternalId.eq(technique).or(mission_test_mitre_tag::Column::ExternalId.like(below)))
        .cond_where(
            Condition::any()
                .add(mission_test::Column::Disclosed.eq(true))
                .add(mission_member::Column::RoleHint.is_null())
                .add(mission_member::Column::RoleHint.is_not_in(["blue", "observer"])),
        )
        .to_owned()
}

/// A page of missions that the caller may see, and how many there are in all on the first page.
pub async fn list(
    db: &impl ConnectionTrait,
    caller: &Caller,
    filter: &Filter,
    page: &PageRequest,
) -> ApiResult<(Vec<ListRow>, Option<String>, Option<u64>)> {
    let query = matching(caller, filter);
    // counted in the same statement: one that nobody has to wait for
    let total = if page.is_first() { total_of(caller, filter) } else { Expr::cust("CAST(NULL AS BIGINT)") };
    let text = |column: mission::Column| Expr::col((mission::Entity, column)).cast_as("TEXT");
    let query = query
        .select_only()
        .columns(LIST_ROW)
        .column_as(text(mission::Column::CountersAll), "counters_all")
        .column_as(text(mission::Column::CountersDisclosed), "counters_disclosed")
        .column_as(Expr::cust(CREATOR_NAME), "creator_name")
        .column_as(total, "total");
    let key = match page.field.as_str() {
        "name" => mission::Column::NameKey,
        "client" => mission::Column::ClientKey,
        _ => mission::Column::CreatedAt,
    };
    let rows = page
        .apply(query, Expr::col((mission::Entity, key)), Expr::col((mission::Entity, mission::Column::Id)))
        .into_model::<ListRow>()
        .all(db)
        .await?;
    // where there is no row there is none in all
    let total = page.is_first().then(|| rows.first().and_then(|row| u64::try_from(row.total?).ok()).unwrap_or_default());
    let (rows, next) = page.cut(rows, |row| {
        let place = match key {
            mission::Column::NameKey => Key::Text(row.name_key.clone()),
            mission::Column::ClientKey => Key::Text(row.client_key.clone()),
            _ => Key::Time(row.created_at),
        };
        (place, row.id)
    });
    Ok((rows, next, total))
}

/// The members of these missions, by name.
pub async fn members_of(db: &impl ConnectionTrait, missions: impl IntoIterator<Item = Uuid>) -> Result<Vec<MemberRow>, DbErr> {
    mission_member::Entity::find()
        .select_only()
        .columns([mission_member::Column::MissionId, mission_member::Column::UserId, mission_member::Column::RoleHint])
        .column(user::Column::Email)
        .column(user::Column::DisplayName)
        .join(JoinType::InnerJoin, mission_member::Relation::User.def())
        .filter(mission_member::Column::MissionId.is_in(missions))
        .filter(user::Column::DeletedAt.is_null())
        .order_by_asc(user::Column::NameKey)
        .order_by_asc(user::Column::Id)
        .into_model()
        .all(db)
        .await
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
    visible_tests(scope).select_only().columns(TEST_ROW).order_by_asc(C::Position).order_by_asc(C::Id).into_model().all(db).await
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
    let (all, each) = match backend {
        DbBackend::Postgres => ("json_agg", "json_build_array"),
        _ => ("json_group_array", "json_array"),
    };
    let tags = format!(
        "(SELECT COALESCE(CAST({all}({each}(g.kind, g.external_id, g.name, g.url) ORDER BY g.ordinal, g.id) AS TEXT), '[]') \
         FROM mission_test_mitre_tags g WHERE g.mission_test_id = mission_tests.id)"
    );
    let name = |column: &str| Expr::cust(format!("(SELECT u.display_name FROM users u WHERE u.id = mission_tests.{column})"));
    query
        .column_as(Expr::cust(place), "place")
        .column_as(name("operator_id"), "operator_name")
        .column_as(name("assessor_id"), "assessor_name")
        .column_as(name("finding_owner_id"), "finding_owner_name")
        .column_as(Expr::cust(tags), "attack_tags")
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
    tags_where(db, mission_test_mitre_tag::Column::MissionTestId.in_subquery(test_ids(scope))).await
}

/// The ids of all tests of a mission, seen or not, as part of another query.
pub fn test_ids(scope: &MissionScope) -> SelectStatement {
    mission_test::Entity::find()
        .select_only()
        .column(mission_test::Column::Id)
        .filter(mission_test::Column::MissionId.eq(scope.id()))
        .into_query()
}

/// The tags of these tests, each test's in its order.
pub async fn tags_of(db: &impl ConnectionTrait, tests: impl IntoIterator<Item = Uuid>) -> Result<Vec<TagRow>, DbErr> {
    tags_where(db, mission_test_mitre_tag::Column::MissionTestId.is_in(tests)).await
}

async fn tags_where(db: &impl ConnectionTrait, of: Expr) -> Result<Vec<TagRow>, DbErr> {
    use mission_test_mitre_tag::Column as C;
    mission_test_mitre_tag::Entity::find()
        .select_only()
        .columns(TAG_ROW)
        .filter(of)
        .order_by_asc(C::Ordinal)
        .order_by_asc(C::Id)
        .into_model()
        .all(db)
        .await
}

/// Replaces the members. Says how many of the given users there are: fewer than given means that one does not exist.
pub async fn replace_members(
    txn: &DatabaseTransaction,
    mission: Uuid,
    members: &[(Uuid, &'static str)],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    mission_member::Entity::delete_many().filter(mission_member::Column::MissionId.eq(mission)).exec(txn).await?;
    insert_members(txn, mission, members, now).await
}

/// Adds members in one statement; users who do not exist are left out, and the number that was added is told.
pub async fn insert_members(
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
