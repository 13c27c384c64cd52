//! SQL of exports: a mission as far as the caller sees it, with a fixed number of statements.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use serde_json::Value;
use tyrian_domain::test::TestState;
use tyrian_entity::{
    defence_tool, detection_level, evidence_file, mission_test, mission_test_detection, mission_test_mitre_tag, setting, user,
};
use uuid::Uuid;

use crate::missions::MissionScope;
use crate::missions::store::{test_ids, visible_tests};

/// The tests of a mission that the caller sees and that are in one of these states; all without states.
pub fn chosen(scope: &MissionScope, states: &[TestState]) -> Select<mission_test::Entity> {
    let query = visible_tests(scope);
    if states.is_empty() { query } else { query.filter(mission_test::Column::State.is_in(states.iter().map(|s| s.as_str()))) }
}

/// The tags of all tests of a mission with all that was frozen of them, each test's in its order.
pub async fn frozen_tags(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<mission_test_mitre_tag::Model>, DbErr> {
    use mission_test_mitre_tag::Column as C;
    let query = mission_test_mitre_tag::Entity::find().filter(C::MissionTestId.in_subquery(test_ids(scope)));
    query.order_by_asc(C::Ordinal).order_by_asc(C::Id).all(db).await
}

/// The files of these tests, the oldest first.
pub async fn evidence(db: &impl ConnectionTrait, chosen: &Select<mission_test::Entity>) -> Result<Vec<evidence_file::Model>, DbErr> {
    use evidence_file::Column as C;
    let tests = chosen.clone().select_only().column(mission_test::Column::Id).into_query();
    let query = evidence_file::Entity::find().filter(C::MissionTestId.in_subquery(tests)).filter(C::DeletedAt.is_null());
    query.order_by_asc(C::CreatedAt).order_by_asc(C::Id).all(db).await
}

/// People by id, gone or not.
pub async fn people(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<user::Model>, DbErr> {
    user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .order_by_asc(user::Column::NameKey)
        .order_by_asc(user::Column::Id)
        .all(db)
        .await
}

/// All detection levels, the worst first.
pub async fn levels(db: &impl ConnectionTrait) -> Result<Vec<detection_level::Model>, DbErr> {
    detection_level::Entity::find().order_by_asc(detection_level::Column::Rank).order_by_asc(detection_level::Column::Code).all(db).await
}

/// The tools that detections of these tests name, gone or not.
pub async fn tools(db: &impl ConnectionTrait, chosen: &Select<mission_test::Entity>) -> Result<Vec<defence_tool::Model>, DbErr> {
    let tests = chosen.clone().select_only().column(mission_test::Column::Id).into_query();
    let named = mission_test_detection::Entity::find()
        .select_only()
        .column(mission_test_detection::Column::DefenceToolId)
        .filter(mission_test_detection::Column::MissionTestId.in_subquery(tests))
        .into_query();
    defence_tool::Entity::find()
        .filter(defence_tool::Column::Id.in_subquery(named))
        .order_by_asc(defence_tool::Column::NameKey)
        .all(db)
        .await
}

/// The settings of reports, those that are texts, by key.
pub async fn settings(db: &impl ConnectionTrait) -> Result<HashMap<String, String>, DbErr> {
    let rows = setting::Entity::find().filter(setting::Column::Key.starts_with("report.")).all(db).await?;
    let text = |value: Value| value.as_str().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    Ok(rows.into_iter().filter_map(|row| Some((row.key, text(row.value)?))).collect())
}
