//! The tests of a mission as a list: filtered, in the order of the scenarios, by pages.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect, RelationTrait};
use tyrian_api_types::Page;
use tyrian_api_types::missions::MissionTestSummary;
use tyrian_domain::test::TestState;
use tyrian_entity::{mission_scenario, mission_test};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::paging::{Key, PageRequest, page};
use crate::missions::{MissionScope, convert, store};
use crate::state::State;

/// What the list is filtered by.
#[derive(Debug, Default)]
pub struct Filter {
    /// Any of these states.
    pub states: Vec<TestState>,
    /// Words in name, objective, labels or ATT&CK ids.
    pub q: Option<String>,
    /// One scenario.
    pub scenario: Option<Uuid>,
    /// One category.
    pub category: Option<Uuid>,
    /// One operator.
    pub operator: Option<Uuid>,
    /// One assessor.
    pub assessor: Option<Uuid>,
}

/// A page of the tests that the caller sees: three statements at most.
pub async fn list(state: &State, scope: &MissionScope, filter: &Filter, request: &PageRequest) -> ApiResult<Page<MissionTestSummary>> {
    use mission_test::Column as C;
    let db = state.db.reader();
    let mut query = store::visible_tests(scope);
    if !filter.states.is_empty() {
        query = query.filter(C::State.is_in(filter.states.iter().map(|s| s.as_str())));
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        query = query.filter(crate::search::texts::holds(C::SearchTextId, q));
    }
    for (column, value) in [
        (C::MissionScenarioId, filter.scenario),
        (C::CategoryId, filter.category),
        (C::OperatorId, filter.operator),
        (C::AssessorId, filter.assessor),
    ] {
        if let Some(value) = value {
            query = query.filter(column.eq(value));
        }
    }
    let total = if request.is_first() { Some(query.clone().count(db).await?) } else { None };
    // scenario by scenario, and in each test by test
    let place = Expr::col((mission_scenario::Entity, mission_scenario::Column::Position))
        .cast_as("bigint")
        .mul(1_000_000_i64)
        .add(Expr::col((mission_test::Entity, C::Position)));
    let query = query.join(JoinType::InnerJoin, mission_test::Relation::MissionScenario.def());
    let rows = request
        .apply(store::as_test_rows(query, db.get_database_backend()), place, Expr::col((mission_test::Entity, C::Id)))
        .column_as(Expr::col((mission_scenario::Entity, mission_scenario::Column::Position)), "scenario_position")
        .column_as(Expr::col((mission_test::Entity, C::Position)), "raw_position")
        .into_model::<Row>()
        .all(db)
        .await?;
    let (rows, next) =
        request.cut(rows, |row| (Key::Number(i64::from(row.scenario_position) * 1_000_000 + i64::from(row.raw_position)), row.test.id));

    let places = if rows.is_empty() { HashMap::new() } else { store::places(db, scope).await? };
    let items = rows
        .into_iter()
        .map(|row| {
            let place = places.get(&row.test.id).copied().unwrap_or_default();
            convert::test_summary(row.test, place)
        })
        .collect::<ApiResult<_>>()?;
    Ok(page(items, next, total))
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    test: store::TestRow,
    scenario_position: i32,
    raw_position: i32,
}
