//! `test_template_mitre_tags`: what a test template stands for in ATT&CK: exactly one of its three keys is set.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_template_mitre_tags")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub test_template_id: Uuid,
    pub tactic_id: Option<Uuid>,
    pub technique_id: Option<Uuid>,
    pub subtechnique_id: Option<Uuid>,
    pub ordinal: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::test_template::Entity", from = "Column::TestTemplateId", to = "super::test_template::Column::Id")]
    TestTemplate,
    #[sea_orm(belongs_to = "super::mitre_tactic::Entity", from = "Column::TacticId", to = "super::mitre_tactic::Column::Id")]
    Tactic,
    #[sea_orm(belongs_to = "super::mitre_technique::Entity", from = "Column::TechniqueId", to = "super::mitre_technique::Column::Id")]
    Technique,
    #[sea_orm(
        belongs_to = "super::mitre_subtechnique::Entity",
        from = "Column::SubtechniqueId",
        to = "super::mitre_subtechnique::Column::Id"
    )]
    Subtechnique,
}

impl Related<super::test_template::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::TestTemplate.def()
    }
}

impl Related<super::mitre_tactic::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tactic.def()
    }
}

impl Related<super::mitre_technique::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Technique.def()
    }
}

impl Related<super::mitre_subtechnique::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Subtechnique.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
