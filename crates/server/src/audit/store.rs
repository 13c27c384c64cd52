//! SQL of the audit log.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use tyrian_entity::{audit_event, audit_head, user};
use uuid::Uuid;

use crate::db::like_literal;
use crate::http::paging::{Key, PageRequest};

/// The fields that the log is sorted by.
pub const SORTS: &[&str] = &["at"];

/// Which entries are wanted; all of it must fit.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One chain.
    pub stream: Option<String>,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// What: `mission.create`, or `mission` for all of them.
    pub action: Option<String>,
    /// To what kind of object.
    pub object_kind: Option<String>,
    /// To which.
    pub object_id: Option<String>,
    /// From then on.
    pub from: Option<DateTime<Utc>>,
    /// Before then.
    pub to: Option<DateTime<Utc>>,
}

impl Filter {
    fn select(&self) -> Select<audit_event::Entity> {
        use audit_event::Column as C;
        let mut query = audit_event::Entity::find();
        for (column, wanted) in [(C::Stream, &self.stream), (C::ObjectKind, &self.object_kind), (C::ObjectId, &self.object_id)] {
            if let Some(wanted) = wanted {
                query = query.filter(column.eq(wanted.as_str()));
            }
        }
        if let Some(action) = &self.action {
            // `mission` is every act on a mission
            let group = C::Action.like(LikeExpr::new(format!("{}.%", like_literal(action))).escape('\\'));
            query = query.filter(C::Action.eq(action.as_str()).or(group));
        }
        if let Some(actor) = self.actor_id {
            query = query.filter(C::ActorId.eq(actor));
        }
        if let Some(from) = self.from {
            query = query.filter(C::At.gte(from));
        }
        if let Some(to) = self.to {
            query = query.filter(C::At.lt(to));
        }
        query
    }
}

/// A page of entries and the cursor of the next one.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<audit_event::Model>, Option<String>), DbErr> {
    let rows = page.apply(filter.select(), audit_event::Column::At, audit_event::Column::Id).all(db).await?;
    Ok(page.cut(rows, |row| (Key::Time(row.at), row.id)))
}

/// The same, and on the first page how many there are.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<audit_event::Model>, Option<String>, Option<u64>), DbErr> {
    let (rows, next) = self::page(db, filter, page).await?;
    let total = match (page.is_first(), &next) {
        (false, _) => None,
        (true, None) => Some(rows.len() as u64),
        (true, Some(_)) => Some(filter.select().count(db).await?),
    };
    Ok((rows, next, total))
}

/// The names of these people, deleted ones too.
pub async fn names(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, String>, DbErr> {
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    let query = user::Entity::find().select_only().column(user::Column::Id).column(user::Column::DisplayName);
    Ok(query.filter(user::Column::Id.is_in(ids)).into_tuple::<(Uuid, String)>().all(db).await?.into_iter().collect())
}

/// The ends of all chains, by chain.
pub async fn heads(db: &impl ConnectionTrait) -> Result<Vec<audit_head::Model>, DbErr> {
    audit_head::Entity::find().order_by_asc(audit_head::Column::Stream).all(db).await
}

/// The end of one chain.
pub async fn head(db: &impl ConnectionTrait, stream: &str) -> Result<Option<audit_head::Model>, DbErr> {
    audit_head::Entity::find_by_id(stream).one(db).await
}

/// The next entries in the order of the chains, after one of them.
pub async fn after(db: &impl ConnectionTrait, stream: &str, sequence: i64, limit: u64) -> Result<Vec<audit_event::Model>, DbErr> {
    use audit_event::Column as C;
    let place = Expr::tuple([Expr::col(C::Stream), Expr::col(C::Sequence)]);
    let here = Expr::tuple([Expr::val(stream), Expr::val(sequence)]);
    audit_event::Entity::find().filter(place.gt(here)).order_by_asc(C::Stream).order_by_asc(C::Sequence).limit(limit).all(db).await
}

/// The hash of one entry of a chain.
pub async fn hash_at(db: &impl ConnectionTrait, stream: &str, sequence: i64) -> Result<Option<String>, DbErr> {
    let row = audit_event::Entity::find()
        .filter(audit_event::Column::Stream.eq(stream))
        .filter(audit_event::Column::Sequence.eq(sequence))
        .one(db)
        .await?;
    Ok(row.map(|row| row.hash))
}
