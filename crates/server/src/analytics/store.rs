//! SQL of analytics: what the caller may see stands in every query. The database groups tests that are alike; what they
//! count for is decided by `domain`.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationTrait, Select,
};
use tyrian_domain::template::TagKind;
use tyrian_domain::test::{DetectionKind, DetectionResult, TestState};
use tyrian_domain::text;
use tyrian_entity::{mission, mission_test, mission_test_mitre_tag};
use uuid::Uuid;

use crate::http::Caller;
use crate::library;
use crate::missions::visible;

/// Which missions.
#[derive(Debug, Default)]
pub struct Filter {
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Until this day.
    pub to: Option<NaiveDate>,
    /// The client, whatever its case.
    pub client: Option<String>,
}

/// A mission that the caller sees.
#[derive(FromQueryResult)]
pub struct MissionRow {
    pub id: Uuid,
    pub name: String,
    pub client: String,
    pub status: String,
    pub start_date: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
}

/// Tests of a mission in the same state with the same facts.
#[derive(FromQueryResult)]
pub struct AlikeRow {
    pub mission_id: Uuid,
    pub state: String,
    pub logged: Option<String>,
    pub alerted: Option<String>,
    pub prevented: Option<String>,
    pub n: i64,
}

/// The same of one technique.
#[derive(FromQueryResult)]
pub struct TaggedRow {
    pub external_id: String,
    pub name: String,
    #[sea_orm(nested)]
    pub tests: AlikeRow,
}

/// The facts and times of a judged test.
#[derive(FromQueryResult)]
pub struct TimedRow {
    pub mission_id: Uuid,
    pub logged: Option<String>,
    pub alerted: Option<String>,
    pub prevented: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub detected_at: Option<DateTime<Utc>>,
    pub alerted_at: Option<DateTime<Utc>>,
    pub responded_at: Option<DateTime<Utc>>,
    /// The earliest detection that holds.
    pub seen_at: Option<DateTime<Utc>>,
    /// The earliest alert that holds.
    pub alert_at: Option<DateTime<Utc>>,
}

/// The filter, as a condition on missions. A mission belongs to its first day, else to the day on which it was made.
fn matching(filter: &Filter) -> Condition {
    use mission::Column as C;
    let mut all = Condition::all();
    if let Some(client) = library::given(filter.client.as_deref()) {
        all = all.add(C::ClientKey.eq(text::key(client)));
    }
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    if let Some(from) = filter.from {
        all = all.add(C::StartDate.gte(from).or(C::StartDate.is_null().and(C::CreatedAt.gte(midnight(from)))));
    }
    if let Some(to) = filter.to {
        let end = to.checked_add_days(Days::new(1)).unwrap_or(to);
        all = all.add(C::StartDate.lte(to).or(C::StartDate.is_null().and(C::CreatedAt.lt(midnight(end)))));
    }
    all
}

/// The missions that the caller sees.
pub async fn missions(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> Result<Vec<MissionRow>, DbErr> {
    use mission::Column as C;
    mission::Entity::find()
        .select_only()
        .columns([C::Id, C::Name, C::Client, C::Status, C::StartDate, C::CreatedAt])
        .filter(visible::missions(caller).add(matching(filter)))
        .into_model()
        .all(db)
        .await
}

/// The tests that the caller sees.
fn tests(caller: &Caller, filter: &Filter) -> Select<mission_test::Entity> {
    mission_test::Entity::find()
        .join(JoinType::InnerJoin, mission_test::Relation::Mission.def())
        .filter(visible::tests(caller).add(matching(filter)))
}

/// What tests have in common to be alike.
const ALIKE: [mission_test::Column; 5] = {
    use mission_test::Column as C;
    [C::MissionId, C::State, C::Logged, C::Alerted, C::Prevented]
};

/// The tests by what they have in common.
pub async fn alike(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> Result<Vec<AlikeRow>, DbErr> {
    let mut query = tests(caller, filter).select_only().columns(ALIKE).column_as(mission_test::Column::Id.count(), "n");
    for column in ALIKE {
        query = query.group_by(column);
    }
    query.into_model().all(db).await
}

/// The same technique by technique.
pub async fn by_technique(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> Result<Vec<TaggedRow>, DbErr> {
    use mission_test_mitre_tag::Column as G;
    let mut query = tests(caller, filter)
        .join_rev(JoinType::InnerJoin, mission_test_mitre_tag::Relation::MissionTest.def())
        .filter(G::Kind.is_in([TagKind::Technique.as_str(), TagKind::Subtechnique.as_str()]))
        .select_only()
        .columns(ALIKE)
        .columns([G::ExternalId, G::Name])
        .column_as(mission_test::Column::Id.count(), "n")
        .group_by(G::ExternalId)
        .group_by(G::Name);
    for column in ALIKE {
        query = query.group_by(column);
    }
    query.into_model().all(db).await
}

/// The words of the results that hold, as a list in SQL.
fn holding() -> String {
    let words = DetectionResult::ALL.iter().filter(|r| r.holds()).map(|r| format!("'{r}'"));
    words.collect::<Vec<_>>().join(", ")
}

/// The judged tests with their times.
pub async fn timed(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> Result<Vec<TimedRow>, DbErr> {
    use mission_test::Column as C;
    let earliest = |more: &str| {
        let holding = holding();
        Expr::cust(format!(
            "(SELECT min(d.occurred_at) FROM mission_test_detections d WHERE d.mission_test_id = mission_tests.id AND d.result IN ({holding}){more})"
        ))
    };
    tests(caller, filter)
        .filter(C::State.eq(TestState::Assessed.as_str()))
        .select_only()
        .columns([C::MissionId, C::Logged, C::Alerted, C::Prevented, C::StartedAt, C::DetectedAt, C::AlertedAt, C::RespondedAt])
        .column_as(earliest(""), "seen_at")
        .column_as(earliest(&format!(" AND d.kind = '{}'", DetectionKind::Alerted)), "alert_at")
        .into_model()
        .all(db)
        .await
}

/// The tests that are tagged with a technique or one of its subtechniques.
pub fn of_technique(caller: &Caller, filter: &Filter, technique: &str) -> Select<mission_test::Entity> {
    use mission_test_mitre_tag::{Column as G, Entity as Tag};
    let below = format!("{technique}.%");
    let tagged = Query::select()
        .column((Tag, G::MissionTestId))
        .from(Tag)
        .and_where(G::Kind.is_in([TagKind::Technique.as_str(), TagKind::Subtechnique.as_str()]))
        .and_where(G::ExternalId.eq(technique).or(G::ExternalId.like(below)))
        .to_owned();
    tests(caller, filter).filter(Expr::col((mission_test::Entity, mission_test::Column::Id)).in_subquery(tagged))
}
