//! `scenario_template_tests`: a test at a position of a scenario template.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scenario_template_tests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scenario_template_id: Uuid,
    pub test_template_id: Uuid,
    pub position: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::scenario_template::Entity",
        from = "Column::ScenarioTemplateId",
        to = "super::scenario_template::Column::Id"
    )]
    ScenarioTemplate,
    #[sea_orm(belongs_to = "super::test_template::Entity", from = "Column::TestTemplateId", to = "super::test_template::Column::Id")]
    TestTemplate,
}

impl Related<super::scenario_template::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::ScenarioTemplate.def()
    }
}

impl Related<super::test_template::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::TestTemplate.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
