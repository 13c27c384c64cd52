//! SQL of a mission's way back in.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Statement,
};
use tyrian_api_types::exports::MissionExport;
use tyrian_api_types::imports::ImportNote;
use tyrian_entity::{defence_tool, mission, mission_test, scenario_template, test_template, user};
use uuid::Uuid;

use super::note;
use crate::db::rows::{Kind, ids, rows_of};
use crate::error::ApiResult;

/// Parameters of one statement: both engines take more.
const PARAMETERS: usize = 24_000;

/// Is the mission here, and if so, is it deleted?
pub async fn mission_is_here(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<bool>, DbErr> {
    Ok(mission::Entity::find_by_id(id).one(db).await?.map(|m| m.deleted_at.is_some()))
}

/// Ids of the file that something else has here: a file that was tinkered with.
pub async fn taken_ids(db: &impl ConnectionTrait, export: &MissionExport) -> ApiResult<Vec<ImportNote>> {
    let lists: [(&str, Vec<Uuid>); 6] = [
        ("mission_scenarios", export.mission.scenarios.iter().map(|s| s.id).collect()),
        ("mission_tests", export.tests.iter().map(|t| t.test.id).collect()),
        ("mission_categories", export.categories.iter().map(|c| c.id).collect()),
        ("mission_test_detections", export.detections.iter().map(|d| d.id).collect()),
        ("evidence_files", export.evidence.iter().map(|e| e.id).collect()),
        ("mission_comments", export.comments.iter().map(|c| c.id).collect()),
    ];
    let backend = db.get_database_backend();
    let mut found = Vec::new();
    for (table, list) in lists {
        let sql = format!("SELECT t.id FROM {table} t WHERE t.id IN ({}) LIMIT 1", rows_of(backend, &[("id", Kind::Uuid)]));
        if let Some(row) = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [ids(list.iter())?])).await? {
            let id: Uuid = row.try_get("", "id")?;
            found.push(note(id.to_string(), "id_in_use", format!("Another mission has this id here ({table}).")));
        }
    }
    Ok(found)
}

/// Active users by address.
pub async fn users(db: &impl ConnectionTrait, emails: Vec<String>) -> Result<Vec<user::Model>, DbErr> {
    user::Entity::find().filter(user::Column::Email.is_in(emails)).filter(user::Column::DeletedAt.is_null()).all(db).await
}

/// The tools of these names.
pub async fn tools(db: &impl ConnectionTrait, keys: Vec<String>) -> Result<Vec<defence_tool::Model>, DbErr> {
    defence_tool::Entity::find()
        .filter(defence_tool::Column::NameKey.is_in(keys))
        .filter(defence_tool::Column::DeletedAt.is_null())
        .all(db)
        .await
}

macro_rules! existing {
    ($(#[$meta:meta])* $name:ident, $entity:ident) => {
        $(#[$meta])*
        pub async fn $name(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Uuid>, DbErr> {
            let query = $entity::Entity::find().select_only().column($entity::Column::Id).filter($entity::Column::Id.is_in(ids));
            query.into_tuple().all(db).await
        }
    };
}
existing!(
    /// Which of these test templates are here.
    test_templates, test_template
);
existing!(
    /// Which of these scenario templates are here.
    scenario_templates, scenario_template
);
existing!(
    /// Which of these missions are here.
    missions, mission
);
existing!(
    /// Which of these tests are here.
    tests, mission_test
);

/// Inserts rows, as many at once as a statement has parameters for.
pub async fn insert<M>(txn: &DatabaseTransaction, rows: Vec<M>) -> Result<(), DbErr>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    M::Entity: EntityTrait<Model = M>,
{
    use sea_orm::Iterable as _;
    let columns = <M::Entity as EntityTrait>::Column::iter().count().max(1);
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take((PARAMETERS / columns).max(1)).collect();
        <M::Entity as EntityTrait>::insert_many(some).exec_without_returning(txn).await?;
    }
    Ok(())
}
