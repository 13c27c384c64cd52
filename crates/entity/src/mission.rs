//! `missions`: a mission: its own fields, locks and kept counts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "missions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    #[sea_orm(column_type = "Text")]
    pub client: String,
    #[sea_orm(column_type = "Text")]
    pub client_key: String,
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub objectives: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub scope: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub threat_model: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub executive_summary: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    pub start_date: Option<Date>,
    pub end_date: Option<Date>,
    pub retest_of_id: Option<Uuid>,
    pub created_by_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub attack_version: Option<String>,
    /// Guards the mission's own fields.
    pub version: i64,
    /// Bumped by any change under the mission.
    pub content_version: i64,
    pub event_sequence: i64,
    /// Counts by state and by outcome over all tests.
    #[sea_orm(column_type = "JsonBinary")]
    pub counters_all: Json,
    /// The same over the tests that blue may see.
    #[sea_orm(column_type = "JsonBinary")]
    pub counters_disclosed: Json,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "Entity", from = "Column::RetestOfId", to = "Column::Id")]
    RetestOf,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::CreatedById", to = "super::user::Column::Id")]
    CreatedBy,
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::CreatedBy.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
