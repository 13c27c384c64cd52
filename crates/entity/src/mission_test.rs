//! `mission_tests`: a test of a mission: the copied plan, what red did, what blue saw, and the finding.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mission_tests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub mission_id: Uuid,
    pub mission_scenario_id: Uuid,
    pub source_test_template_id: Option<Uuid>,
    pub retest_of_test_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
    pub position: i32,
    #[sea_orm(column_type = "Text")]
    pub name: String,
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
    #[sea_orm(column_type = "Text", nullable)]
    pub source_kind: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub source_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub disclosed: bool,
    pub operator_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub source_host: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub target_host: Option<String>,
    pub started_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "JsonBinary")]
    pub argument_values: Json,
    #[sea_orm(column_type = "Text", nullable)]
    pub command_run: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub output: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub red_notes: Option<String>,
    pub assessor_id: Option<Uuid>,
    /// `None`: nobody said yet, which is not "unknown".
    #[sea_orm(column_type = "Text", nullable)]
    pub logged: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub alerted: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub prevented: Option<String>,
    pub detection_level_id: Option<Uuid>,
    pub is_delayed: bool,
    pub needed_config_change: bool,
    pub detected_at: Option<DateTimeUtc>,
    pub alerted_at: Option<DateTimeUtc>,
    pub responded_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub blue_notes: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub recommendation: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub severity: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub priority: Option<String>,
    /// `None`: there is no finding.
    #[sea_orm(column_type = "Text", nullable)]
    pub finding_status: Option<String>,
    pub finding_owner_id: Option<Uuid>,
    pub finding_due: Option<Date>,
    #[sea_orm(column_type = "Text", nullable)]
    pub finding_reference: Option<String>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::search_text::Entity", from = "Column::SearchTextId", to = "super::search_text::Column::Id")]
    SearchText,
    #[sea_orm(belongs_to = "super::mission::Entity", from = "Column::MissionId", to = "super::mission::Column::Id")]
    Mission,
    #[sea_orm(
        belongs_to = "super::mission_scenario::Entity",
        from = "Column::MissionScenarioId",
        to = "super::mission_scenario::Column::Id"
    )]
    MissionScenario,
    #[sea_orm(belongs_to = "super::test_template::Entity", from = "Column::SourceTestTemplateId", to = "super::test_template::Column::Id")]
    SourceTestTemplate,
    #[sea_orm(belongs_to = "Entity", from = "Column::RetestOfTestId", to = "Column::Id")]
    RetestOfTest,
    #[sea_orm(belongs_to = "super::mission_category::Entity", from = "Column::CategoryId", to = "super::mission_category::Column::Id")]
    Category,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::OperatorId", to = "super::user::Column::Id")]
    Operator,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::AssessorId", to = "super::user::Column::Id")]
    Assessor,
    #[sea_orm(belongs_to = "super::detection_level::Entity", from = "Column::DetectionLevelId", to = "super::detection_level::Column::Id")]
    DetectionLevel,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::FindingOwnerId", to = "super::user::Column::Id")]
    FindingOwner,
}

impl Related<super::mission::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Mission.def()
    }
}

impl Related<super::mission_scenario::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::MissionScenario.def()
    }
}

impl Related<super::test_template::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SourceTestTemplate.def()
    }
}

impl Related<super::mission_category::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Category.def()
    }
}

impl Related<super::detection_level::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::DetectionLevel.def()
    }
}

impl Related<super::search_text::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SearchText.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
