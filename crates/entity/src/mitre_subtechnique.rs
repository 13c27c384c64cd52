//! `mitre_subtechniques`: a subtechnique of the ATT&CK catalogue.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mitre_subtechniques")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub stix_id: String,
    #[sea_orm(column_type = "Text")]
    pub domain: String,
    #[sea_orm(column_type = "Text")]
    pub external_id: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub url: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub platforms: Json,
    pub is_deprecated: bool,
    pub is_revoked: bool,
    /// The end of the chain of revocations.
    #[sea_orm(column_type = "Text", nullable)]
    pub revoked_by_external_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub technique_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::mitre_technique::Entity", from = "Column::TechniqueId", to = "super::mitre_technique::Column::Id")]
    Technique,
}

impl Related<super::mitre_technique::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Technique.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
