//! `test_templates`: a test as it is kept for reuse.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_templates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    /// What it is found by.
    pub search_text_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub objective: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub procedure: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub prerequisites: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub cleanup: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub expected_detection: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub detection_rules: Json,
    #[sea_orm(column_type = "Text")]
    pub opsec_level: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub platforms: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Json,
    #[sea_orm(column_type = "Text")]
    pub executor: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub command: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub arguments: Json,
    pub elevation_required: bool,
    /// `references` on the wire: the word is reserved in SQL.
    #[sea_orm(column_type = "JsonBinary")]
    pub reference_links: Json,
    /// ATT&CK ids that an import named and the catalogue lacks.
    #[sea_orm(column_type = "JsonBinary")]
    pub unresolved_tags: Json,
    #[sea_orm(column_type = "Text", nullable)]
    pub source_kind: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub source_id: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub source_checksum: Option<String>,
    /// The version that an import left: another one means that somebody edited it since.
    pub source_version: Option<i64>,
    pub created_by_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::search_text::Entity", from = "Column::SearchTextId", to = "super::search_text::Column::Id")]
    SearchText,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::CreatedById", to = "super::user::Column::Id")]
    CreatedBy,
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::CreatedBy.def()
    }
}

impl Related<super::search_text::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SearchText.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
