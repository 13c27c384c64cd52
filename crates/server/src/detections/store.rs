//! SQL of detections. What a caller may see is decided by the test that they belong to.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use tyrian_api_types::detections::Detection;
use tyrian_entity::{defence_tool, mission_test, mission_test_detection as entity};
use uuid::Uuid;

use super::convert;
use crate::error::{ApiError, ApiResult};
use crate::missions::{MissionScope, store};

type Row = (entity::Model, Option<defence_tool::Model>);

fn shown(rows: Vec<Row>) -> ApiResult<Vec<Detection>> {
    rows.into_iter().map(|(row, tool)| convert::detection(row, tool.map(|t| t.name).unwrap_or_default())).collect()
}

/// The detections of a test that the caller sees, by tool and kind.
pub async fn of_test(db: &impl ConnectionTrait, _scope: &MissionScope, test: Uuid) -> ApiResult<Vec<Detection>> {
    let rows = entity::Entity::find()
        .find_also_related(defence_tool::Entity)
        .filter(entity::Column::MissionTestId.eq(test))
        .order_by_asc(defence_tool::Column::NameKey)
        .order_by_asc(entity::Column::Kind)
        .all(db)
        .await?;
    shown(rows)
}

/// The detections of all tests of a mission that the caller sees.
pub async fn of_mission(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Vec<Detection>> {
    let tests = store::visible_tests(scope).select_only().column(mission_test::Column::Id).into_query();
    let rows = entity::Entity::find()
        .find_also_related(defence_tool::Entity)
        .filter(entity::Column::MissionTestId.in_subquery(tests))
        .order_by_asc(entity::Column::MissionTestId)
        .order_by_asc(defence_tool::Column::NameKey)
        .order_by_asc(entity::Column::Kind)
        .all(db)
        .await?;
    shown(rows)
}

/// One detection of a test, with its tool's name.
pub async fn find(db: &impl ConnectionTrait, _scope: &MissionScope, test: Uuid, id: Uuid) -> ApiResult<(entity::Model, String)> {
    let found = entity::Entity::find_by_id(id)
        .find_also_related(defence_tool::Entity)
        .filter(entity::Column::MissionTestId.eq(test))
        .one(db)
        .await?;
    let (row, tool) = found.ok_or_else(ApiError::not_found)?;
    Ok((row, tool.map(|t| t.name).unwrap_or_default()))
}
