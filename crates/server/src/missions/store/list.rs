//! The list of missions: what it is filtered by, which are on a page, what is shown of them, and how many there are in all.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Func, InsertStatement, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use tyrian_entity::{mission, mission_member, mission_test, mission_test_mitre_tag, stamp};
use uuid::Uuid;

use super::members;
use crate::db::rows::row;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::http::paging::{Key, PageRequest};
use crate::missions::scope::CREATOR_NAME;
use crate::missions::visible::disclosed_sides;

row! {
    /// Where a mission stands in a list, and all that what is shown of it depends on.
    pub struct Place {
        pub id: Uuid,
        pub version: i64,
        pub content_version: i64,
        /// The caller's side in it.
        pub role_hint: Option<String>,
        pub people_version: i64,
        name_key: String,
        client_key: String,
        created_at: DateTime<Utc>,
        stamp: i64,
        total: Option<i64>,
    }
}

/// How many missions there were for somebody, and the stamp under which they were counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// So many.
    pub missions: u64,
    stamp: i64,
}

/// A page of a list before what it shows is read.
pub struct Places {
    /// In order.
    pub rows: Vec<Place>,
    /// Where to go on.
    pub next: Option<String>,
    /// On the first page.
    pub total: Option<Total>,
}

/// A mission of a list: without its texts, its counters as they stand there.
#[derive(FromQueryResult)]
pub struct ListRow {
    pub id: Uuid,
    pub name: String,
    pub client: String,
    pub status: String,
    pub start_date: Option<NaiveDate>,
    pub end_date: Option<NaiveDate>,
    pub retest_of_id: Option<Uuid>,
    pub created_by_id: Option<Uuid>,
    pub attack_version: Option<String>,
    pub version: i64,
    pub content_version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// The caller's side in it.
    pub role_hint: Option<String>,
    pub people_version: i64,
    /// Of all tests.
    pub counters_all: String,
    /// Of those that blue may see.
    pub counters_disclosed: String,
    pub creator_name: Option<String>,
    /// A JSON array of `MemberRow`s, by name.
    pub members: String,
}

/// The columns of [`ListRow`] that are the table's own and read as they are.
const LIST_ROW: [mission::Column; 13] = [
    mission::Column::Id,
    mission::Column::Name,
    mission::Column::Client,
    mission::Column::Status,
    mission::Column::StartDate,
    mission::Column::EndDate,
    mission::Column::RetestOfId,
    mission::Column::CreatedById,
    mission::Column::AttackVersion,
    mission::Column::Version,
    mission::Column::ContentVersion,
    mission::Column::CreatedAt,
    mission::Column::UpdatedAt,
];

/// The name of the stamp that changes with which missions there are and who is in them.
const STAMP: &str = "missions";

/// The versions of all users added up: it grows when one of them is changed or comes. Rows of users stay when they
/// are deleted; a reset that removes them removes all missions too.
const PEOPLE: &str = "(SELECT CAST(COALESCE(SUM(u.version), 0) AS BIGINT) FROM users u)";

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
    Expr::exists(membership(user))
}

/// The side that this user takes in the mission.
fn role_of(user: Uuid) -> Expr {
    let role = membership(user).clear_selects().column(mission_member::Column::RoleHint).take();
    Expr::SubQuery(None, Box::new(role.into()))
}

fn membership(user: Uuid) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(mission_member::Entity)
        .and_where(Expr::col((mission_member::Entity, mission_member::Column::MissionId)).equals((mission::Entity, mission::Column::Id)))
        .and_where(mission_member::Column::UserId.eq(user))
        .take()
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
        // as the value of a CASE: PostgreSQL would make a join of it, and read all of a member's missions for the first page
        all = all.add(Expr::Case(Box::new(Expr::case(has_member(caller.id), true).finally(false))));
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
                .add(mission_member::Column::RoleHint.is_not_in(disclosed_sides())),
        )
        .to_owned()
}

/// Says that there are more or fewer missions for somebody: totals that are kept are counted anew. Its row stays locked until the
/// end of the transaction, so say it late.
pub async fn count_anew(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    txn.execute(&counting_anew()).await?;
    Ok(())
}

/// The statement of [`count_anew`].
pub fn counting_anew() -> InsertStatement {
    let stamp = stamp::ActiveModel { name: Set(STAMP.to_owned()), version: Set(1) };
    let next = OnConflict::column(stamp::Column::Name)
        .value(stamp::Column::Version, Expr::col((stamp::Entity, stamp::Column::Version)).add(1))
        .to_owned();
    stamp::Entity::insert(stamp).on_conflict(next).into_query()
}

/// A page of missions that the caller may see, and on the first page how many there are in all: counted in the same statement,
/// which nobody has to wait for, unless `known` is still right.
pub async fn places(
    db: &impl ConnectionTrait,
    caller: &Caller,
    filter: &Filter,
    page: &PageRequest,
    known: Option<Total>,
) -> ApiResult<Places> {
    let stamp = stamp::Entity::find_by_id(STAMP).select_only().column(stamp::Column::Version).into_query();
    let stamp = Expr::expr(Func::coalesce([Expr::SubQuery(None, Box::new(stamp.into())), Expr::val(0_i64)]));
    let total = match known {
        _ if !page.is_first() => Expr::cust("CAST(NULL AS BIGINT)"),
        None => total_of(caller, filter),
        Some(known) => Expr::Case(Box::new(Expr::case(stamp.clone().ne(known.stamp), total_of(caller, filter)))),
    };
    let query = matching(caller, filter)
        .select_only()
        .columns([mission::Column::Id, mission::Column::Version, mission::Column::ContentVersion])
        .column_as(role_of(caller.id), "role_hint")
        .column_as(Expr::cust(PEOPLE), "people_version")
        .columns([mission::Column::NameKey, mission::Column::ClientKey, mission::Column::CreatedAt])
        .column_as(stamp, "stamp")
        .column_as(total, "total");
    let key = match page.field.as_str() {
        "name" => mission::Column::NameKey,
        "client" => mission::Column::ClientKey,
        _ => mission::Column::CreatedAt,
    };
    let rows = page
        .apply(query, Expr::col((mission::Entity, key)), Expr::col((mission::Entity, mission::Column::Id)))
        .into_model::<Place>()
        .all(db)
        .await?;
    let total = page.is_first().then(|| match rows.first() {
        Some(Place { total: Some(counted), stamp, .. }) => Total { missions: u64::try_from(*counted).unwrap_or_default(), stamp: *stamp },
        Some(_) => known.unwrap_or_default(),
        // where there is no row there is none in all
        None => Total::default(),
    });
    let (rows, next) = page.cut(rows, |row| {
        let place = match key {
            mission::Column::NameKey => Key::Text(row.name_key.clone()),
            mission::Column::ClientKey => Key::Text(row.client_key.clone()),
            _ => Key::Time(row.created_at),
        };
        (place, row.id)
    });
    Ok(Places { rows, next, total })
}

/// What a list shows of these missions, of those among them that the caller may see.
pub async fn rows(db: &impl ConnectionTrait, caller: &Caller, ids: impl IntoIterator<Item = Uuid>) -> ApiResult<Vec<ListRow>> {
    let text = |column: mission::Column| Expr::col((mission::Entity, column)).cast_as("TEXT");
    let query = matching(caller, &Filter::default())
        .filter(mission::Column::Id.is_in(ids))
        .select_only()
        .columns(LIST_ROW)
        .column_as(role_of(caller.id), "role_hint")
        .column_as(Expr::cust(PEOPLE), "people_version")
        .column_as(text(mission::Column::CountersAll), "counters_all")
        .column_as(text(mission::Column::CountersDisclosed), "counters_disclosed")
        .column_as(Expr::cust(CREATOR_NAME), "creator_name")
        .column_as(members(db.get_database_backend()), "members");
    Ok(query.into_model().all(db).await?)
}
