//! SQL of drift.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};
use tyrian_entity::{mission_test, scenario_template, scenario_template_test, test_template};
use uuid::Uuid;

use crate::missions::MissionScope;

/// A scenario template's own texts.
#[derive(FromQueryResult)]
pub struct ScenarioRow {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub threat_actor: Option<String>,
}

/// A test that stands in a scenario template today.
#[derive(FromQueryResult)]
pub struct PlaceRow {
    pub scenario_template_id: Uuid,
    pub test_template_id: Uuid,
    pub name: String,
}

/// Those of these scenario templates that are not deleted.
pub async fn scenarios(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<ScenarioRow>, DbErr> {
    use scenario_template::Column as C;
    scenario_template::Entity::find()
        .select_only()
        .columns([C::Id, C::Name, C::Description, C::ThreatActor])
        .filter(C::Id.is_in(ids.iter().copied()))
        .filter(C::DeletedAt.is_null())
        .into_model()
        .all(db)
        .await
}

/// The tests of these scenario templates that are not deleted, in order.
pub async fn places(db: &impl ConnectionTrait, scenarios: &[Uuid]) -> Result<Vec<PlaceRow>, DbErr> {
    use scenario_template_test::Column as C;
    scenario_template_test::Entity::find()
        .select_only()
        .columns([C::ScenarioTemplateId, C::TestTemplateId])
        .column(test_template::Column::Name)
        .join(JoinType::InnerJoin, scenario_template_test::Relation::TestTemplate.def())
        .filter(C::ScenarioTemplateId.is_in(scenarios.iter().copied()))
        .filter(test_template::Column::DeletedAt.is_null())
        .order_by_asc(C::ScenarioTemplateId)
        .order_by_asc(C::Position)
        .into_model()
        .all(db)
        .await
}

/// Scenario and template of every test of a mission, hidden ones too: a test that the caller does not see must not look
/// like one that the scenario gained.
pub async fn copied(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    use mission_test::Column as C;
    mission_test::Entity::find()
        .select_only()
        .columns([C::MissionScenarioId, C::SourceTestTemplateId])
        .filter(C::MissionId.eq(scope.id()))
        .filter(C::DeletedAt.is_null())
        .filter(C::SourceTestTemplateId.is_not_null())
        .into_tuple()
        .all(db)
        .await
}
