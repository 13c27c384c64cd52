//! `mission_test_results`: which entry of a tool's log filled which test.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mission_test_results")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub mission_id: Uuid,
    pub mission_test_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub external_key: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::mission::Entity", from = "Column::MissionId", to = "super::mission::Column::Id")]
    Mission,
    #[sea_orm(belongs_to = "super::mission_test::Entity", from = "Column::MissionTestId", to = "super::mission_test::Column::Id")]
    MissionTest,
}

impl Related<super::mission::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Mission.def()
    }
}

impl Related<super::mission_test::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::MissionTest.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
