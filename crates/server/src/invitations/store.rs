//! SQL of invitations and of the groups that they lead into.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};
use tyrian_api_types::groups::GroupRef;
use tyrian_api_types::users::Author;
use tyrian_entity::{group, invitation, invitation_group, user};
use uuid::Uuid;

use crate::http::paging::{Key, PageRequest};

/// The fields that a list of invitations is sorted by.
pub const SORTS: &[&str] = &["created_at"];

/// A page of invitations, the cursor of the next one, and on the first page how many there are.
pub async fn list(db: &impl ConnectionTrait, page: &PageRequest) -> Result<(Vec<invitation::Model>, Option<String>, Option<u64>), DbErr> {
    let rows = page.apply(invitation::Entity::find(), invitation::Column::CreatedAt, invitation::Column::Id).all(db).await?;
    let (rows, next) = page.cut(rows, |row| (Key::Time(row.created_at), row.id));
    let total = match (page.is_first(), &next) {
        (false, _) => None,
        // all of them are on this page: no need to count
        (true, None) => Some(rows.len() as u64),
        (true, Some(_)) => Some(invitation::Entity::find().count(db).await?),
    };
    Ok((rows, next, total))
}

/// An invitation by id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<invitation::Model>, DbErr> {
    invitation::Entity::find_by_id(id).one(db).await
}

/// An invitation that can still be accepted, by the hash of its token.
pub async fn find_open(db: &impl ConnectionTrait, token_hash: &str, now: DateTime<Utc>) -> Result<Option<invitation::Model>, DbErr> {
    invitation::Entity::find()
        .filter(invitation::Column::TokenHash.eq(token_hash))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Is there an invitation for this address that can still be accepted?
pub async fn is_invited(db: &impl ConnectionTrait, email: &str, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let open = invitation::Entity::find()
        .filter(invitation::Column::Email.eq(email))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(now));
    Ok(open.count(db).await? > 0)
}

/// The groups that each of these invitations leads into, by name; deleted ones are left out.
pub async fn groups_of(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, Vec<GroupRef>>, DbErr> {
    let rows = invitation_group::Entity::find()
        .select_only()
        .column(invitation_group::Column::InvitationId)
        .column(group::Column::Id)
        .column(group::Column::Name)
        .join(JoinType::InnerJoin, invitation_group::Relation::Group.def())
        .filter(invitation_group::Column::InvitationId.is_in(ids))
        .filter(group::Column::DeletedAt.is_null())
        .order_by_asc(group::Column::NameKey)
        .into_tuple::<(Uuid, Uuid, String)>()
        .all(db)
        .await?;
    let mut groups: HashMap<Uuid, Vec<GroupRef>> = HashMap::new();
    for (invitation, id, name) in rows {
        groups.entry(invitation).or_default().push(GroupRef { id, name });
    }
    Ok(groups)
}

/// Those of these users who are still there, by id.
pub async fn authors(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, Author>, DbErr> {
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    let rows = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .column(user::Column::DisplayName)
        .filter(user::Column::Id.is_in(ids))
        .filter(user::Column::DeletedAt.is_null())
        .into_tuple::<(Uuid, String)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, display_name)| (id, Author { id, display_name })).collect())
}

/// Stores a new invitation.
pub async fn insert(
    txn: &DatabaseTransaction,
    email: String,
    token_hash: String,
    invited_by: Uuid,
    expires_at: DateTime<Utc>,
    groups: &BTreeSet<Uuid>,
) -> Result<invitation::Model, DbErr> {
    let now = crate::now();
    let row = invitation::ActiveModel {
        id: Set(Uuid::now_v7()),
        email: Set(email),
        token_hash: Set(token_hash),
        invited_by_id: Set(Some(invited_by)),
        expires_at: Set(expires_at),
        accepted_at: Set(None),
        revoked_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(txn)
    .await?;
    let groups: Vec<_> =
        groups.iter().map(|group| invitation_group::ActiveModel { invitation_id: Set(row.id), group_id: Set(*group) }).collect();
    if !groups.is_empty() {
        invitation_group::Entity::insert_many(groups).exec_without_returning(txn).await?;
    }
    Ok(row)
}

/// Ends an invitation: `column` is when it was accepted or revoked.
pub async fn close(txn: &DatabaseTransaction, id: Uuid, column: invitation::Column) -> Result<(), DbErr> {
    let now = crate::now();
    invitation::Entity::update_many()
        .col_expr(column, Expr::value(now))
        .col_expr(invitation::Column::UpdatedAt, Expr::value(now))
        .filter(invitation::Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}
