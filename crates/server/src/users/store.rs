//! SQL of users and of which groups they are in. A deleted user is invisible here; a deactivated one is not.

use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
};
use tyrian_api_types::groups::GroupRef;
use tyrian_entity::{group, user, user_group};
use uuid::Uuid;

use crate::db::like_pattern;
use crate::http::paging::{Key, PageRequest};

/// The fields that a list of users is sorted by.
pub const SORTS: &[&str] = &["created_at", "name", "email"];

fn matching(q: Option<&str>) -> Select<user::Entity> {
    let query = user::Entity::find().filter(user::Column::DeletedAt.is_null());
    match q.map(str::trim).filter(|q| !q.is_empty()) {
        Some(q) => query.filter(user::Column::SearchText.like(LikeExpr::new(like_pattern(q)).escape('\\'))),
        None => query,
    }
}

/// A page of users, the cursor of the next one, and on the first page how many there are.
pub async fn list(
    db: &impl ConnectionTrait,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<(Vec<user::Model>, Option<String>, Option<u64>), DbErr> {
    let column = match page.field.as_str() {
        "name" => user::Column::NameKey,
        "email" => user::Column::Email,
        _ => user::Column::CreatedAt,
    };
    let rows = page.apply(matching(q), column, user::Column::Id).all(db).await?;
    let (rows, next) = page.cut(rows, |row| {
        let key = match column {
            user::Column::NameKey => Key::Text(row.name_key.clone()),
            user::Column::Email => Key::Text(row.email.clone()),
            _ => Key::Time(row.created_at),
        };
        (key, row.id)
    });
    let total = match (page.is_first(), &next) {
        (false, _) => None,
        // all of them are on this page: no need to count
        (true, None) => Some(rows.len() as u64),
        (true, Some(_)) => Some(matching(q).count(db).await?),
    };
    Ok((rows, next, total))
}

/// Active users by name, at most `limit`.
pub async fn roster(db: &impl ConnectionTrait, q: Option<&str>, limit: u64) -> Result<Vec<user::Model>, DbErr> {
    matching(q)
        .filter(user::Column::IsActive.eq(true))
        .order_by_asc(user::Column::NameKey)
        .order_by_asc(user::Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// A user by id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(id).filter(user::Column::DeletedAt.is_null()).one(db).await
}

/// A user by their normalised address.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find().filter(user::Column::Email.eq(email)).filter(user::Column::DeletedAt.is_null()).one(db).await
}

/// Those of these ids that are users.
pub async fn existing(db: &impl ConnectionTrait, ids: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, DbErr> {
    let found = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .filter(user::Column::DeletedAt.is_null())
        .into_tuple::<Uuid>()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// The groups of each of these users, by name.
pub async fn groups_of(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, Vec<GroupRef>>, DbErr> {
    let rows = user_group::Entity::find()
        .select_only()
        .column(user_group::Column::UserId)
        .column(group::Column::Id)
        .column(group::Column::Name)
        .join(JoinType::InnerJoin, user_group::Relation::Group.def())
        .filter(user_group::Column::UserId.is_in(ids))
        .filter(group::Column::DeletedAt.is_null())
        .order_by_asc(group::Column::NameKey)
        .into_tuple::<(Uuid, Uuid, String)>()
        .all(db)
        .await?;
    let mut groups: HashMap<Uuid, Vec<GroupRef>> = HashMap::new();
    for (user, id, name) in rows {
        groups.entry(user).or_default().push(GroupRef { id, name });
    }
    Ok(groups)
}

/// How many active admins there are besides this user.
pub async fn other_admins(db: &impl ConnectionTrait, id: Uuid) -> Result<u64, DbErr> {
    user::Entity::find()
        .filter(user::Column::Id.ne(id))
        .filter(user::Column::IsAdmin.eq(true))
        .filter(user::Column::IsActive.eq(true))
        .filter(user::Column::DeletedAt.is_null())
        .count(db)
        .await
}

/// Stores a new user.
pub async fn insert(txn: &DatabaseTransaction, row: user::ActiveModel) -> Result<user::Model, DbErr> {
    row.insert(txn).await
}

/// What a change of a user sets.
pub struct Change {
    /// Normalised address.
    pub email: String,
    /// The name others see.
    pub display_name: String,
    /// May they sign in?
    pub is_active: bool,
    /// Do they have every permission?
    pub is_admin: bool,
}

/// Changes a user, with their search keys and version.
pub async fn update(txn: &DatabaseTransaction, user: user::Model, change: Change) -> Result<user::Model, DbErr> {
    let version = user.version;
    let mut row = user.into_active_model();
    row.name_key = Set(tyrian_domain::text::key(&change.display_name));
    row.search_text = Set(crate::auth::user_search_text(&change.email, &change.display_name));
    row.email = Set(change.email);
    row.display_name = Set(change.display_name);
    row.is_active = Set(change.is_active);
    row.is_admin = Set(change.is_admin);
    row.version = Set(version + 1);
    row.updated_at = Set(crate::now());
    user::Entity::update(row).exec(txn).await
}

/// Takes a user out of every list; the row stays for what they made.
pub async fn delete(txn: &DatabaseTransaction, user: user::Model) -> Result<(), DbErr> {
    let now = crate::now();
    let version = user.version;
    let mut row = user.into_active_model();
    row.deleted_at = Set(Some(now));
    row.updated_at = Set(now);
    row.version = Set(version + 1);
    user::Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}

/// The groups that a user is in, deleted ones too.
pub async fn memberships(db: &impl ConnectionTrait, id: Uuid) -> Result<BTreeSet<Uuid>, DbErr> {
    let rows = user_group::Entity::find().filter(user_group::Column::UserId.eq(id)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.group_id).collect())
}

/// Puts users into groups.
pub async fn join(txn: &DatabaseTransaction, pairs: impl IntoIterator<Item = (Uuid, Uuid)>) -> Result<(), DbErr> {
    let rows: Vec<_> =
        pairs.into_iter().map(|(user, group)| user_group::ActiveModel { user_id: Set(user), group_id: Set(group) }).collect();
    if !rows.is_empty() {
        user_group::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// Takes one user out of groups.
pub async fn leave(txn: &DatabaseTransaction, user: Uuid, groups: &BTreeSet<Uuid>) -> Result<(), DbErr> {
    if !groups.is_empty() {
        user_group::Entity::delete_many()
            .filter(user_group::Column::UserId.eq(user))
            .filter(user_group::Column::GroupId.is_in(groups.iter().copied()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Gives users their next version: their groups changed, and an edit that did not know it is stale.
pub async fn touch(txn: &DatabaseTransaction, ids: impl IntoIterator<Item = Uuid>) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    if !ids.is_empty() {
        user::Entity::update_many()
            .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
            .col_expr(user::Column::UpdatedAt, Expr::value(crate::now()))
            .filter(user::Column::Id.is_in(ids))
            .exec(txn)
            .await?;
    }
    Ok(())
}
