//! SQL of comments. What is about a test that the caller does not see is not there for them.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};
use tyrian_entity::{mission_comment, mission_member, mission_test, user};
use uuid::Uuid;

use crate::http::paging::{Key, PageRequest};
use crate::missions::MissionScope;
use crate::missions::store::visible_tests;

/// A comment with the name of who said it.
#[derive(FromQueryResult)]
pub struct CommentRow {
    /// Its row.
    #[sea_orm(nested)]
    pub comment: mission_comment::Model,
    /// Who said it.
    pub author_name: Option<String>,
}

/// A member of a mission, as somebody who can be mentioned.
#[derive(Debug, FromQueryResult)]
pub struct Person {
    /// User id.
    pub id: Uuid,
    /// The name others see.
    pub display_name: String,
    /// Email address.
    pub email: String,
    /// Their side.
    pub role_hint: String,
    /// May they read missions at all?
    pub reads_missions: bool,
}

const AUTHOR_NAME: &str = "(SELECT u.display_name FROM users u WHERE u.id = mission_comments.author_id)";

const READS_MISSIONS: &str = "(users.is_admin OR EXISTS (SELECT 1 FROM user_groups ug \
    JOIN groups g ON g.id = ug.group_id AND g.deleted_at IS NULL \
    JOIN group_permissions gp ON gp.group_id = g.id JOIN permissions p ON p.id = gp.permission_id \
    WHERE ug.user_id = users.id AND p.code IN ('mission.read', 'mission.read_all')))";

fn visible(scope: &MissionScope) -> Select<mission_comment::Entity> {
    let tests = visible_tests(scope).select_only().column(mission_test::Column::Id).into_query();
    mission_comment::Entity::find()
        .filter(mission_comment::Column::MissionId.eq(scope.id()))
        .filter(mission_comment::Column::MissionTestId.is_null().or(mission_comment::Column::MissionTestId.in_subquery(tests)))
}

/// A page of the comments that the caller sees, on one test or on all and the mission, and how many there are on the
/// first page.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &MissionScope,
    test: Option<Uuid>,
    page: &PageRequest,
) -> Result<(Vec<CommentRow>, Option<String>, Option<u64>), DbErr> {
    let mut query = visible(scope);
    if let Some(test) = test {
        query = query.filter(mission_comment::Column::MissionTestId.eq(test));
    }
    let total = if page.is_first() { Some(query.clone().count(db).await?) } else { None };
    let column = |c| Expr::col((mission_comment::Entity, c));
    let rows = page
        .apply(
            query.column_as(Expr::cust(AUTHOR_NAME), "author_name"),
            column(mission_comment::Column::CreatedAt),
            column(mission_comment::Column::Id),
        )
        .into_model::<CommentRow>()
        .all(db)
        .await?;
    let (rows, next) = page.cut(rows, |r| (Key::Time(r.comment.created_at), r.comment.id));
    Ok((rows, next, total))
}

/// Every comment that the caller sees, the oldest first.
pub async fn all(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<CommentRow>, DbErr> {
    visible(scope)
        .column_as(Expr::cust(AUTHOR_NAME), "author_name")
        .order_by_asc(mission_comment::Column::CreatedAt)
        .order_by_asc(mission_comment::Column::Id)
        .into_model()
        .all(db)
        .await
}

/// One comment.
pub async fn find(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> Result<Option<CommentRow>, DbErr> {
    visible(scope).filter(mission_comment::Column::Id.eq(id)).column_as(Expr::cust(AUTHOR_NAME), "author_name").into_model().one(db).await
}

/// Those who can be mentioned: the members.
pub async fn people(db: &impl ConnectionTrait, scope: &MissionScope) -> Result<Vec<Person>, DbErr> {
    mission_member::Entity::find()
        .select_only()
        .column(mission_member::Column::RoleHint)
        .column(user::Column::Id)
        .column(user::Column::DisplayName)
        .column(user::Column::Email)
        .column_as(Expr::cust(READS_MISSIONS), "reads_missions")
        .join(JoinType::InnerJoin, mission_member::Relation::User.def())
        .filter(mission_member::Column::MissionId.eq(scope.id()))
        .filter(user::Column::DeletedAt.is_null())
        .order_by_asc(user::Column::NameKey)
        .order_by_asc(user::Column::Id)
        .into_model()
        .all(db)
        .await
}

/// Takes a comment away for good; the log and the audit keep that it was there.
pub async fn delete(txn: &DatabaseTransaction, id: Uuid) -> Result<(), DbErr> {
    mission_comment::Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}
