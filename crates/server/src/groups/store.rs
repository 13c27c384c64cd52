//! SQL of groups, their codes and their members. A deleted group is invisible here.

use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
};
use tyrian_api_types::users::UserRef;
use tyrian_domain::permission::{Permissions, join, parse_all};
use tyrian_domain::text;
use tyrian_entity::{group, group_permission, permission, user, user_group};
use uuid::Uuid;

use crate::db::like_pattern;
use crate::http::paging::{Key, PageRequest};

/// The fields that a list of groups is sorted by.
pub const SORTS: &[&str] = &["name", "created_at"];

fn matching(q: Option<&str>) -> Select<group::Entity> {
    let query = group::Entity::find().filter(group::Column::DeletedAt.is_null());
    match q.map(str::trim).filter(|q| !q.is_empty()) {
        Some(q) => query.filter(group::Column::NameKey.like(LikeExpr::new(like_pattern(q)).escape('\\'))),
        None => query,
    }
}

/// A page of groups, the cursor of the next one, and on the first page how many there are.
pub async fn list(
    db: &impl ConnectionTrait,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<(Vec<group::Model>, Option<String>, Option<u64>), DbErr> {
    let by_time = page.field == "created_at";
    let column = if by_time { group::Column::CreatedAt } else { group::Column::NameKey };
    let rows = page.apply(matching(q), column, group::Column::Id).all(db).await?;
    let (rows, next) = page.cut(rows, |row| (if by_time { Key::Time(row.created_at) } else { Key::Text(row.name_key.clone()) }, row.id));
    let total = match (page.is_first(), &next) {
        (false, _) => None,
        // all of them are on this page: no need to count
        (true, None) => Some(rows.len() as u64),
        (true, Some(_)) => Some(matching(q).count(db).await?),
    };
    Ok((rows, next, total))
}

/// A group by id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<group::Model>, DbErr> {
    group::Entity::find_by_id(id).filter(group::Column::DeletedAt.is_null()).one(db).await
}

/// A group by its name, whatever its case.
pub async fn find_by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<group::Model>, DbErr> {
    group::Entity::find().filter(group::Column::NameKey.eq(text::key(name))).filter(group::Column::DeletedAt.is_null()).one(db).await
}

/// Those of these ids that are groups.
pub async fn existing(db: &impl ConnectionTrait, ids: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, DbErr> {
    let found = group::Entity::find()
        .select_only()
        .column(group::Column::Id)
        .filter(group::Column::Id.is_in(ids.iter().copied()))
        .filter(group::Column::DeletedAt.is_null())
        .into_tuple::<Uuid>()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// What each of these groups gives.
pub async fn codes_of(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, Permissions>, DbErr> {
    let rows = group::Entity::find()
        .select_only()
        .columns([group::Column::Id, group::Column::Codes])
        .filter(group::Column::Id.is_in(ids))
        .into_tuple::<(Uuid, String)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(group, codes)| (group, parse_all(&codes))).collect())
}

/// Who is in each of these groups, by name; deactivated users too.
pub async fn members_of(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, Vec<UserRef>>, DbErr> {
    let rows = user_group::Entity::find()
        .select_only()
        .column(user_group::Column::GroupId)
        .column(user::Column::Id)
        .column(user::Column::Email)
        .column(user::Column::DisplayName)
        .join(JoinType::InnerJoin, user_group::Relation::User.def())
        .filter(user_group::Column::GroupId.is_in(ids))
        .filter(user::Column::DeletedAt.is_null())
        .order_by_asc(user::Column::NameKey)
        .order_by_asc(user::Column::Id)
        .into_tuple::<(Uuid, Uuid, String, String)>()
        .all(db)
        .await?;
    let mut members: HashMap<Uuid, Vec<UserRef>> = HashMap::new();
    for (group, id, email, display_name) in rows {
        members.entry(group).or_default().push(UserRef { id, email, display_name });
    }
    Ok(members)
}

/// Stores a new group and what it gives.
pub async fn insert(
    txn: &DatabaseTransaction,
    name: &str,
    description: Option<String>,
    codes: &Permissions,
) -> Result<group::Model, DbErr> {
    let now = crate::now();
    let row = group::ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set(name.to_owned()),
        name_key: Set(text::key(name)),
        description: Set(description),
        is_system: Set(false),
        codes: Set(join(codes)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    }
    .insert(txn)
    .await?;
    insert_codes(txn, row.id, codes).await?;
    Ok(row)
}

/// Changes a group's name and description.
pub async fn update(
    txn: &DatabaseTransaction,
    row: group::Model,
    name: String,
    description: Option<String>,
) -> Result<group::Model, DbErr> {
    let version = row.version;
    let mut row = row.into_active_model();
    row.name_key = Set(text::key(&name));
    row.name = Set(name);
    row.description = Set(description);
    row.version = Set(version + 1);
    row.updated_at = Set(crate::now());
    group::Entity::update(row).exec(txn).await
}

/// Takes a group out of every list; its memberships go.
pub async fn delete(txn: &DatabaseTransaction, row: group::Model) -> Result<(), DbErr> {
    let (id, version, now) = (row.id, row.version, crate::now());
    user_group::Entity::delete_many().filter(user_group::Column::GroupId.eq(id)).exec(txn).await?;
    let mut row = row.into_active_model();
    row.deleted_at = Set(Some(now));
    row.updated_at = Set(now);
    row.version = Set(version + 1);
    group::Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Every code with its row's id and what it allows.
pub async fn permissions(db: &impl ConnectionTrait) -> Result<Vec<permission::Model>, DbErr> {
    permission::Entity::find().order_by_asc(permission::Column::Code).all(db).await
}

/// Sets what a group gives: its rows, and the text that callers are asked for.
pub async fn replace_codes(txn: &DatabaseTransaction, group: Uuid, codes: &Permissions) -> Result<(), DbErr> {
    group_permission::Entity::delete_many().filter(group_permission::Column::GroupId.eq(group)).exec(txn).await?;
    let text = Expr::value(join(codes));
    group::Entity::update_many().col_expr(group::Column::Codes, text).filter(group::Column::Id.eq(group)).exec(txn).await?;
    insert_codes(txn, group, codes).await
}

async fn insert_codes(txn: &DatabaseTransaction, group: Uuid, codes: &Permissions) -> Result<(), DbErr> {
    if codes.is_empty() {
        return Ok(());
    }
    let rows = permission::Entity::find().filter(permission::Column::Code.is_in(codes.iter().map(|c| c.as_str()))).all(txn).await?;
    let rows: Vec<_> = rows.into_iter().map(|p| group_permission::ActiveModel { group_id: Set(group), permission_id: Set(p.id) }).collect();
    group_permission::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

/// The ids of a group's members.
pub async fn member_ids(db: &impl ConnectionTrait, group: Uuid) -> Result<BTreeSet<Uuid>, DbErr> {
    let rows = user_group::Entity::find().filter(user_group::Column::GroupId.eq(group)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

/// Takes users out of one group.
pub async fn leave(txn: &DatabaseTransaction, group: Uuid, users: &BTreeSet<Uuid>) -> Result<(), DbErr> {
    if !users.is_empty() {
        user_group::Entity::delete_many()
            .filter(user_group::Column::GroupId.eq(group))
            .filter(user_group::Column::UserId.is_in(users.iter().copied()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Gives groups their next version: their members or codes changed, and an edit that did not know it is stale.
pub async fn touch(txn: &DatabaseTransaction, ids: impl IntoIterator<Item = Uuid>) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    if !ids.is_empty() {
        group::Entity::update_many()
            .col_expr(group::Column::Version, Expr::col(group::Column::Version).add(1))
            .col_expr(group::Column::UpdatedAt, Expr::value(crate::now()))
            .filter(group::Column::Id.is_in(ids))
            .exec(txn)
            .await?;
    }
    Ok(())
}
