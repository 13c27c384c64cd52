//! SQL of the search: one statement a kind. Every table has a lower-cased text with all that it is found by, its name
//! first, so what begins with the words looked for comes before what only contains them. Tests and their templates point to theirs.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait, Select,
};
use tyrian_api_types::search::SEARCH_HITS;
use tyrian_entity::{mission, mission_test, mitre_subtechnique, mitre_technique, scenario_template, search_text, test_template, user};
use uuid::Uuid;

use crate::http::Caller;
use crate::library::contains;
use crate::missions::visible;

/// A mission.
#[derive(FromQueryResult)]
pub struct MissionRow {
    pub id: Uuid,
    pub name: String,
    pub client: String,
    pub status: String,
}

/// A test and its mission.
#[derive(FromQueryResult)]
pub struct TestRow {
    pub id: Uuid,
    pub name: String,
    pub state: String,
    pub mission_id: Uuid,
    pub mission_name: String,
}

/// A template.
#[derive(FromQueryResult)]
pub struct TemplateRow {
    pub id: Uuid,
    pub name: String,
}

/// A technique or subtechnique.
#[derive(FromQueryResult)]
pub struct TechniqueRow {
    pub external_id: String,
    pub name: String,
    pub domain: String,
}

/// A user.
#[derive(FromQueryResult)]
pub struct UserRow {
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

/// Does the text begin with `q`? On both engines true is more than false.
fn begins(column: impl ColumnTrait, q: &str) -> Expr {
    let pattern = crate::db::like_pattern(q);
    Expr::col((column.entity_name(), column)).like(LikeExpr::new(pattern.strip_prefix('%').unwrap_or(&pattern)).escape('\\'))
}

/// First what begins with `q`.
fn beginning<E: EntityTrait>(query: Select<E>, column: impl ColumnTrait, q: &str) -> Select<E> {
    query.order_by(begins(column, q), Order::Desc)
}

fn found<E: EntityTrait>(query: Select<E>, column: impl ColumnTrait, q: &str) -> Select<E> {
    beginning(query.filter(contains(column, q)), column, q)
}

/// Missions that the caller sees.
pub async fn missions(db: &impl ConnectionTrait, caller: &Caller, q: &str) -> Result<Vec<MissionRow>, DbErr> {
    use mission::Column as C;
    found(mission::Entity::find().filter(visible::missions(caller)), C::SearchText, q)
        .select_only()
        .columns([C::Id, C::Name, C::Client, C::Status])
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(SEARCH_HITS)
        .into_model()
        .all(db)
        .await
}

/// Tests of these missions that the caller sees: of each text that holds `q` the newest, and of these the first.
pub async fn tests(db: &impl ConnectionTrait, caller: &Caller, q: &str) -> Result<Vec<TestRow>, DbErr> {
    use mission_test::{Column as C, Entity as Test};
    let backend = db.get_database_backend();
    let text = (search_text::Entity, search_text::Column::Id);
    let newest = Test::find()
        .join(JoinType::InnerJoin, mission_test::Relation::Mission.def())
        .filter(visible::tests(caller))
        .filter(Expr::col((Test, C::SearchTextId)).equals(text))
        .select_only()
        .column(C::Id)
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(SEARCH_HITS)
        .into_query();
    let mut query = Query::select().from(search_text::Entity).and_where(contains(search_text::Column::Text, q)).take();
    // SQLite joins to what depends on the other table by IN, PostgreSQL by LATERAL: each would read everything by the other
    let id = || Expr::col((Test, C::Id));
    if backend == DbBackend::Postgres {
        query.join_lateral(JoinType::InnerJoin, newest, "newest", Expr::val(true));
        query.inner_join(Test, id().equals(("newest", C::Id)));
    } else {
        query.inner_join(Test, id().in_subquery(newest));
    }
    query
        .inner_join(mission::Entity, Expr::col((mission::Entity, mission::Column::Id)).equals((Test, C::MissionId)))
        .columns([C::Id, C::Name, C::State, C::MissionId].map(|c| (Test, c)))
        .expr_as(Expr::col((mission::Entity, mission::Column::Name)), "mission_name")
        .order_by_expr(begins(search_text::Column::Text, q), Order::Desc)
        .order_by((Test, C::CreatedAt), Order::Desc)
        .order_by((Test, C::Id), Order::Desc)
        .limit(SEARCH_HITS);
    TestRow::find_by_statement(backend.build(&query)).all(db).await
}

/// Test templates.
pub async fn test_templates(db: &impl ConnectionTrait, q: &str) -> Result<Vec<TemplateRow>, DbErr> {
    use test_template::Column as C;
    let query =
        test_template::Entity::find().join(JoinType::InnerJoin, test_template::Relation::SearchText.def()).filter(C::DeletedAt.is_null());
    found(query, search_text::Column::Text, q)
        .select_only()
        .columns([C::Id, C::Name])
        .order_by_asc(C::NameKey)
        .order_by_asc(C::Id)
        .limit(SEARCH_HITS)
        .into_model()
        .all(db)
        .await
}

/// Scenario templates.
pub async fn scenario_templates(db: &impl ConnectionTrait, q: &str) -> Result<Vec<TemplateRow>, DbErr> {
    use scenario_template::Column as C;
    found(scenario_template::Entity::find().filter(C::DeletedAt.is_null()), C::SearchText, q)
        .select_only()
        .columns([C::Id, C::Name])
        .order_by_asc(C::NameKey)
        .order_by_asc(C::Id)
        .limit(SEARCH_HITS)
        .into_model()
        .all(db)
        .await
}

macro_rules! techniques_of {
    ($(#[$meta:meta])* $name:ident, $entity:ident) => {
        $(#[$meta])*
        pub async fn $name(db: &impl ConnectionTrait, q: &str) -> Result<Vec<TechniqueRow>, DbErr> {
            use $entity::{Column as C, Entity};
            let live = Entity::find().filter(C::IsDeprecated.eq(false)).filter(C::IsRevoked.eq(false)).filter(contains(C::SearchText, q));
            let the_id = Expr::col((Entity, C::ExternalId)).eq(q.to_uppercase());
            beginning(live.order_by(the_id, Order::Desc), C::SearchText, q)
                .select_only()
                .columns([C::ExternalId, C::Name, C::Domain])
                .order_by_asc(C::ExternalId)
                .order_by_asc(C::Id)
                .limit(SEARCH_HITS)
                .into_model()
                .all(db)
                .await
        }
    };
}

techniques_of! {
    /// Live techniques, that of this very id first.
    techniques, mitre_technique
}

techniques_of! {
    /// Live subtechniques, that of this very id first.
    subtechniques, mitre_subtechnique
}

/// Users, deactivated ones too.
pub async fn users(db: &impl ConnectionTrait, q: &str) -> Result<Vec<UserRow>, DbErr> {
    use user::Column as C;
    found(user::Entity::find().filter(C::DeletedAt.is_null()), C::SearchText, q)
        .select_only()
        .columns([C::Id, C::Email, C::DisplayName])
        .order_by_asc(C::NameKey)
        .order_by_asc(C::Id)
        .limit(SEARCH_HITS)
        .into_model()
        .all(db)
        .await
}
