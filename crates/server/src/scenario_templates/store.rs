//! SQL of scenario templates and of the places of their tests.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, SelectExt, Statement,
};
use serde_json::json;
use tyrian_entity::{scenario_template, scenario_template_test};
use uuid::Uuid;

use crate::db::rows::{Kind, execute, hex, ids, rows_of};
use crate::error::ApiResult;
use crate::http::paging::PageRequest;
use crate::library::{self, NAMES_CHANGED, Sort};

/// A scenario with the name of who made it.
#[derive(FromQueryResult)]
pub struct ScenarioRow {
    /// Its row.
    #[sea_orm(nested)]
    pub scenario: scenario_template::Model,
    /// The name of who made it.
    pub creator_name: Option<String>,
}

/// A test's place.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PlaceRow {
    /// Id of the place.
    pub id: Uuid,
    /// Of which scenario.
    pub scenario_template_id: Uuid,
    /// The test that stands there.
    pub test_template_id: Uuid,
}

/// What a list of scenarios is filtered by.
#[derive(Debug, Default)]
pub struct Filter {
    /// A label.
    pub tag: Option<String>,
    /// Part of the search text.
    pub q: Option<String>,
}

fn active() -> Select<scenario_template::Entity> {
    scenario_template::Entity::find().filter(scenario_template::Column::DeletedAt.is_null())
}

/// A page of scenarios, and how many there are in all on the first page.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<ScenarioRow>, Option<String>, Option<u64>), DbErr> {
    let mut all = Condition::all();
    if let Some(tag) = filter.tag.as_deref().filter(|t| !t.is_empty()) {
        all = all.add(library::labelled(db.get_database_backend(), "scenario_templates", tag));
    }
    if let Some(q) = library::given(filter.q.as_deref()) {
        all = all.add(library::contains(scenario_template::Column::SearchText, q));
    }
    let query = active().filter(all);
    let total = if page.is_first() { Some(query.clone().count(db).await?) } else { None };
    let sort = Sort::of(page);
    let column = match sort {
        Sort::Created => scenario_template::Column::CreatedAt,
        Sort::Name => scenario_template::Column::NameKey,
        Sort::Updated => scenario_template::Column::UpdatedAt,
    };
    let [key, id] = [column, scenario_template::Column::Id].map(|c| Expr::col((scenario_template::Entity, c)));
    let query = query.column_as(library::creator_name("scenario_templates"), "creator_name");
    let rows = page.apply(query, key, id).into_model::<ScenarioRow>().all(db).await?;
    let (rows, next) = page.cut(rows, |r| (sort.key(&r.scenario.name_key, r.scenario.created_at, r.scenario.updated_at), r.scenario.id));
    Ok((rows, next, total))
}

/// How many live tests each of these scenarios has, and the techniques and subtechniques that they are tagged with.
/// One statement at any number.
pub async fn contents(db: &impl ConnectionTrait, scenarios: &[Uuid]) -> ApiResult<HashMap<Uuid, (u64, Vec<String>)>> {
    #[derive(FromQueryResult)]
    struct Row {
        scenario_template_id: Uuid,
        external_id: Option<String>,
        tests: i64,
    }
    let backend = db.get_database_backend();
    // a row without an id holds the number of tests, the others one technique each
    let sql = format!(
        "WITH wanted AS ({}), places AS (SELECT p.scenario_template_id, p.test_template_id FROM scenario_template_tests p \
           JOIN wanted w ON w.id = p.scenario_template_id JOIN test_templates t ON t.id = p.test_template_id WHERE t.deleted_at IS NULL) \
         SELECT scenario_template_id, NULL AS external_id, count(*) AS tests FROM places GROUP BY scenario_template_id \
         UNION ALL \
         SELECT DISTINCT p.scenario_template_id, COALESCE(te.external_id, su.external_id), CAST(0 AS BIGINT) FROM places p \
           JOIN test_template_mitre_tags g ON g.test_template_id = p.test_template_id \
           LEFT JOIN mitre_techniques te ON te.id = g.technique_id LEFT JOIN mitre_subtechniques su ON su.id = g.subtechnique_id \
           WHERE g.technique_id IS NOT NULL OR g.subtechnique_id IS NOT NULL",
        rows_of(backend, &[("id", Kind::Uuid)])
    );
    let rows = Row::find_by_statement(Statement::from_sql_and_values(backend, sql, [ids(scenarios)?])).all(db).await?;
    let mut contents: HashMap<Uuid, (u64, Vec<String>)> = HashMap::with_capacity(scenarios.len());
    for row in rows {
        let entry = contents.entry(row.scenario_template_id).or_default();
        match row.external_id {
            Some(external_id) => entry.1.push(external_id),
            None => entry.0 = u64::try_from(row.tests).unwrap_or_default(),
        }
    }
    for (_, techniques) in contents.values_mut() {
        techniques.sort_unstable();
    }
    Ok(contents)
}

/// Is there such a scenario?
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    active().filter(scenario_template::Column::Id.eq(id)).exists(db).await
}

/// One scenario.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ScenarioRow>, DbErr> {
    active()
        .filter(scenario_template::Column::Id.eq(id))
        .column_as(library::creator_name("scenario_templates"), "creator_name")
        .into_model::<ScenarioRow>()
        .one(db)
        .await
}

/// One scenario, locked until the transaction ends.
pub async fn lock(txn: &DatabaseTransaction, id: Uuid) -> Result<Option<ScenarioRow>, DbErr> {
    crate::db::lock_row(txn, "scenario_templates", id).await?;
    find(txn, id).await
}

/// All scenarios, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<scenario_template::Model>, DbErr> {
    active().order_by_asc(scenario_template::Column::CreatedAt).order_by_asc(scenario_template::Column::Id).all(db).await
}

/// The ETag of a scenario. Its second part grows with every change of one of its tests.
pub async fn etag(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        version: i64,
        content: i64,
        names_changed: Option<DateTime<Utc>>,
    }
    let sql = format!(
        "SELECT s.version, (SELECT CAST(COALESCE(sum(t.version), 0) AS BIGINT) FROM scenario_template_tests p \
           JOIN test_templates t ON t.id = p.test_template_id WHERE p.scenario_template_id = s.id) AS content, {NAMES_CHANGED} AS names_changed \
         FROM scenario_templates s WHERE s.id = $1 AND s.deleted_at IS NULL"
    );
    let row = Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()])).one(db).await?;
    Ok(row.map(|r| library::etag(r.version, Some(r.content), r.names_changed)))
}

/// The places of these scenarios' tests in order; deleted tests among them.
pub async fn places(db: &impl ConnectionTrait, scenarios: &[Uuid]) -> ApiResult<Vec<PlaceRow>> {
    let backend = db.get_database_backend();
    let sql = format!(
        "SELECT p.id, p.scenario_template_id, p.test_template_id FROM scenario_template_tests p WHERE p.scenario_template_id IN ({}) \
         ORDER BY p.scenario_template_id, p.position",
        rows_of(backend, &[("id", Kind::Uuid)])
    );
    Ok(PlaceRow::find_by_statement(Statement::from_sql_and_values(backend, sql, [ids(scenarios)?])).all(db).await?)
}

/// Replaces the tests of a scenario as a whole. Says how many of them exist: fewer than given means that one does not.
pub async fn replace_tests(txn: &DatabaseTransaction, scenario: Uuid, tests: &[Uuid], now: DateTime<Utc>) -> ApiResult<u64> {
    scenario_template_test::Entity::delete_many().filter(scenario_template_test::Column::ScenarioTemplateId.eq(scenario)).exec(txn).await?;
    insert_tests(txn, scenario, tests, now).await
}

/// Adds the tests of a new scenario in one statement; unknown and deleted ones are left out, and the number of the
/// others is told.
pub async fn insert_tests(txn: &DatabaseTransaction, scenario: Uuid, tests: &[Uuid], now: DateTime<Utc>) -> ApiResult<u64> {
    if tests.is_empty() {
        return Ok(0);
    }
    let rows: Vec<_> = tests.iter().enumerate().map(|(position, test)| json!([hex(&Uuid::now_v7()), hex(test), position])).collect();
    let given = rows_of(txn.get_database_backend(), &[("id", Kind::Uuid), ("test", Kind::Uuid), ("position", Kind::Int)]);
    let sql = format!(
        "WITH p AS ({given}) INSERT INTO scenario_template_tests (id, scenario_template_id, test_template_id, position, created_at) \
         SELECT p.id, $2, t.id, p.position, $3 FROM p JOIN test_templates t ON t.id = p.test WHERE t.deleted_at IS NULL"
    );
    execute(txn, sql, &rows, [scenario.into(), now.into()]).await
}
