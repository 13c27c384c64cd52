//! `mitre_technique_tactics`: which technique stands in which tactic.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mitre_technique_tactics")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub technique_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tactic_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::mitre_technique::Entity", from = "Column::TechniqueId", to = "super::mitre_technique::Column::Id")]
    Technique,
    #[sea_orm(belongs_to = "super::mitre_tactic::Entity", from = "Column::TacticId", to = "super::mitre_tactic::Column::Id")]
    Tactic,
}

impl Related<super::mitre_technique::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Technique.def()
    }
}

impl Related<super::mitre_tactic::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tactic.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
