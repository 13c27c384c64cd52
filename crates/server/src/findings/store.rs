//! SQL of findings: what the caller may see stands in the query.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QuerySelect,
    RelationTrait,
};
use tyrian_domain::test::FindingStatus;
use tyrian_domain::text;
use tyrian_entity::{mission, mission_test};
use uuid::Uuid;

use crate::http::Caller;
use crate::http::paging::{Key, PageRequest};
use crate::library;
use crate::missions::{store as missions, visible};
use crate::search::texts;

/// Whose findings are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Owner {
    /// This user's.
    User(Uuid),
    /// Those that nobody has taken.
    Nobody,
}

/// What a list of findings is filtered by.
#[derive(Debug, Default)]
pub struct Filter {
    /// Any of these.
    pub statuses: Vec<FindingStatus>,
    /// Whose.
    pub owner: Option<Owner>,
    /// The client, whatever its case.
    pub client: Option<String>,
    /// Words of the test or of its mission.
    pub q: Option<String>,
}

/// A test with a finding, and its mission.
#[derive(FromQueryResult)]
pub struct FindingRow {
    pub id: Uuid,
    pub name: String,
    pub mission_id: Uuid,
    pub mission_name: String,
    pub client: String,
    pub mission_status: String,
    pub state: String,
    pub logged: Option<String>,
    pub alerted: Option<String>,
    pub prevented: Option<String>,
    pub finding_status: String,
    pub severity: Option<String>,
    pub priority: Option<String>,
    pub finding_owner_id: Option<Uuid>,
    pub owner_name: Option<String>,
    pub finding_due: Option<NaiveDate>,
    pub finding_reference: Option<String>,
    pub recommendation: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// As `missions::store::attack_tags` packs them.
    pub attack_tags: String,
}

fn matching(caller: &Caller, filter: &Filter) -> Condition {
    use mission_test::Column as C;
    let mut all = visible::tests(caller).add(C::FindingStatus.is_not_null());
    if !filter.statuses.is_empty() {
        all = all.add(C::FindingStatus.is_in(filter.statuses.iter().map(|s| s.as_str())));
    }
    match filter.owner {
        Some(Owner::User(id)) => all = all.add(C::FindingOwnerId.eq(id)),
        Some(Owner::Nobody) => all = all.add(C::FindingOwnerId.is_null()),
        None => {}
    }
    if let Some(client) = library::given(filter.client.as_deref()) {
        all = all.add(mission::Column::ClientKey.eq(text::key(client)));
    }
    if let Some(q) = library::given(filter.q.as_deref()) {
        all = all.add(Condition::any().add(texts::holds(C::SearchTextId, q)).add(library::contains(mission::Column::SearchText, q)));
    }
    all
}

/// A page of the findings that the caller sees, and how many there are on the first page.
pub async fn list(
    db: &impl ConnectionTrait,
    caller: &Caller,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<FindingRow>, Option<String>, Option<u64>), DbErr> {
    use mission_test::Column as C;
    let query =
        mission_test::Entity::find().join(JoinType::InnerJoin, mission_test::Relation::Mission.def()).filter(matching(caller, filter));
    let total = if page.is_first() { Some(query.clone().count(db).await?) } else { None };
    let by_change = page.field == "updated_at";
    let column = |c: C| Expr::col((mission_test::Entity, c));
    let query = query
        .select_only()
        .columns([
            C::Id,
            C::Name,
            C::MissionId,
            C::State,
            C::Logged,
            C::Alerted,
            C::Prevented,
            C::FindingStatus,
            C::Severity,
            C::Priority,
            C::FindingOwnerId,
            C::FindingDue,
            C::FindingReference,
            C::Recommendation,
            C::Version,
            C::CreatedAt,
            C::UpdatedAt,
        ])
        .column_as(mission::Column::Name, "mission_name")
        .column_as(mission::Column::Client, "client")
        .column_as(mission::Column::Status, "mission_status")
        .column_as(Expr::cust("(SELECT u.display_name FROM users u WHERE u.id = mission_tests.finding_owner_id)"), "owner_name")
        .column_as(missions::attack_tags(db.get_database_backend()), "attack_tags");
    let rows = page
        .apply(query, column(if by_change { C::UpdatedAt } else { C::CreatedAt }), column(C::Id))
        .into_model::<FindingRow>()
        .all(db)
        .await?;
    let (rows, next) = page.cut(rows, |r| (Key::Time(if by_change { r.updated_at } else { r.created_at }), r.id));
    Ok((rows, next, total))
}
