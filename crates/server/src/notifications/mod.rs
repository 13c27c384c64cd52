//! Notifications: what concerns one user, written in the transaction of what they are told about.

mod routes;
mod service;
mod store;

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use tyrian_domain::notification::NotificationKind;
use tyrian_entity::{notification, user};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::{Caller, Routes};

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_notifications).service(routes::read_notifications);
}

/// Something to tell.
#[derive(Debug, Clone)]
pub struct Note<'a> {
    /// Why.
    pub kind: NotificationKind,
    /// In a sentence.
    pub subject: String,
    /// More of it.
    pub body: Option<String>,
    /// The page of the app where it is.
    pub link: &'a str,
}

/// The key of the muted kinds in a user's preferences: a list of words.
pub const MUTED: &str = "muted_kinds";

/// Tells these users, but for who did it and who muted the kind. Who was told: they are to be woken after the commit.
pub async fn tell(txn: &DatabaseTransaction, actor: &Caller, users: &[Uuid], note: Note<'_>) -> ApiResult<Vec<Uuid>> {
    let users: Vec<Uuid> = users.iter().copied().filter(|id| *id != actor.id).collect();
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, serde_json::Value)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Preferences])
        .filter(user::Column::Id.is_in(users))
        .filter(user::Column::DeletedAt.is_null())
        .filter(user::Column::IsActive.eq(true))
        .into_tuple()
        .all(txn)
        .await?;
    let muted = |preferences: &serde_json::Value| {
        preferences.get(MUTED).and_then(|m| m.as_array()).is_some_and(|m| m.iter().any(|kind| kind == note.kind.as_str()))
    };
    let told: Vec<Uuid> = rows.into_iter().filter(|(_, preferences)| !muted(preferences)).map(|(id, _)| id).collect();
    if told.is_empty() {
        return Ok(told);
    }
    let now = crate::now();
    let rows = told.iter().map(|user| notification::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(*user),
        kind: Set(note.kind.as_str().to_owned()),
        subject: Set(note.subject.clone()),
        body: Set(note.body.clone()),
        link: Set(Some(note.link.to_owned())),
        read_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    });
    notification::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(told)
}
