//! `mission_test_mitre_tags`: an ATT&CK tag as it was when its test was copied; no key into the catalogue.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mission_test_mitre_tags")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub mission_test_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub external_id: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub url: Option<String>,
    /// Short name and name of each tactic that it stood in.
    #[sea_orm(column_type = "JsonBinary")]
    pub tactics: Json,
    #[sea_orm(column_type = "Text", nullable)]
    pub attack_version: Option<String>,
    pub ordinal: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::mission_test::Entity", from = "Column::MissionTestId", to = "super::mission_test::Column::Id")]
    MissionTest,
}

impl Related<super::mission_test::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::MissionTest.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
