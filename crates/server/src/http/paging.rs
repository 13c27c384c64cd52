//! Lists by keyset: a page's cost does not grow with its depth, and rows inserted meanwhile are neither skipped nor repeated.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order};
use sea_orm::{EntityTrait, IntoSimpleExpr, QueryFilter, QueryOrder, QuerySelect, Select, Value};
use serde::{Deserialize, Serialize};
use tyrian_api_types::{ErrorCode, Page};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::keys::{base64url, from_base64url};

/// Rows of a page where nothing is said.
pub const DEFAULT_LIMIT: u64 = 50;
/// Rows of a page at most.
pub const MAX_LIMIT: u64 = 200;

/// A row's place in the order: the value of the sort key, and the id. The cursor says which kind it is: a name may
/// look like a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Key {
    /// A time.
    #[serde(rename = "t")]
    Time(DateTime<Utc>),
    /// A number.
    #[serde(rename = "n")]
    Number(i64),
    /// A text, lower-cased.
    #[serde(rename = "s")]
    Text(String),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Time(t) => t.into(),
            Key::Number(n) => n.into(),
            Key::Text(s) => s.into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    /// The order it was made for: a cursor of another order is refused.
    s: String,
    k: Key,
    i: Uuid,
}

/// What a list was asked for: limit, cursor and order, checked.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Rows wanted.
    pub limit: u64,
    /// The sort field.
    pub field: String,
    /// Downwards?
    pub descending: bool,
    after: Option<(Key, Uuid)>,
}

impl PageRequest {
    /// Checks the three parameters; `fields` are the sort fields of this list, the first word of `default` among them.
    pub fn new(limit: Option<i64>, cursor: Option<&str>, sort: Option<&str>, fields: &[&str], default: &str) -> ApiResult<Self> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(n) => u64::try_from(n)
                .ok()
                .filter(|n| (1..=MAX_LIMIT).contains(n))
                .ok_or_else(|| ApiError::field("/limit", "out_of_range", format!("From 1 to {MAX_LIMIT}.")))?,
        };
        let sort = sort.unwrap_or(default);
        let (field, descending) = sort.strip_prefix('-').map_or((sort, false), |f| (f, true));
        if !fields.contains(&field) {
            return Err(ApiError::new(
                ErrorCode::InvalidQuery,
                format!("sort: one of {}, with - in front for downwards.", fields.join(", ")),
            ));
        }
        let after = cursor.filter(|c| !c.is_empty()).map(|text| {
            from_base64url(text)
                .and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok())
                .filter(|c| c.s == sort)
                .map(|c| (c.k, c.i))
                .ok_or_else(|| ApiError::new(ErrorCode::InvalidQuery, "cursor: not one that this list gave for this order."))
        });
        Ok(Self { limit, field: field.to_owned(), descending, after: after.transpose()? })
    }

    /// Is this the first page, which alone says how many there are?
    pub fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// Orders and cuts a query. It asks for one row more than wanted, so that the end is known.
    pub fn apply<E: EntityTrait>(&self, query: Select<E>, key: impl IntoSimpleExpr, id: impl IntoSimpleExpr) -> Select<E> {
        let (key, id) = (key.into_simple_expr(), id.into_simple_expr());
        let order = if self.descending { Order::Desc } else { Order::Asc };
        let mut query = query.order_by(key.clone(), order.clone()).order_by(id.clone(), order).limit(self.limit + 1);
        if let Some((k, i)) = &self.after {
            let row = Expr::tuple([key, id]);
            let here = Expr::tuple([Expr::val(Value::from(k.clone())), Expr::val(*i)]);
            query = query.filter(if self.descending { row.lt(here) } else { row.gt(here) });
        }
        query
    }

    /// Takes the extra row off and makes the cursor from the last one. `key` tells a row's place.
    pub fn cut<R>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> (Key, Uuid)) -> (Vec<R>, Option<String>) {
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().filter(|_| more).map(|row| {
            let (k, i) = key(row);
            let sort = if self.descending { format!("-{}", self.field) } else { self.field.clone() };
            base64url(&serde_json::to_vec(&Cursor { s: sort, k, i }).unwrap_or_default())
        });
        (rows, next)
    }
}

/// A page.
pub fn page<T>(items: Vec<T>, next_cursor: Option<String>, total: Option<u64>) -> Page<T> {
    Page { items, next_cursor, total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_sorts_out_of_range_are_refused() {
        for limit in [0, -1, 201, 1_000_000_000] {
            assert_eq!(PageRequest::new(Some(limit), None, None, &["name"], "name").unwrap_err().code(), ErrorCode::ValidationFailed);
        }
        assert!(PageRequest::new(None, None, Some("password_hash"), &["name"], "name").is_err());
        assert!(PageRequest::new(None, Some("!!"), None, &["name"], "name").is_err());
    }

    #[test]
    fn a_text_that_looks_like_a_time_stays_a_text() {
        let key = Key::Text("2024-01-01T00:00:00Z".into());
        assert_eq!(serde_json::from_str::<Key>(&serde_json::to_string(&key).unwrap()).unwrap(), key);
    }

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let page = PageRequest::new(Some(1), None, Some("-name"), &["name"], "name").unwrap();
        let (rows, next) = page.cut(vec!["b", "a"], |r| (Key::Text((*r).into()), Uuid::nil()));
        assert_eq!(rows, ["b"]);
        let next = next.unwrap();
        assert!(PageRequest::new(Some(1), Some(&next), Some("-name"), &["name"], "name").is_ok());
        assert!(PageRequest::new(Some(1), Some(&next), Some("name"), &["name"], "name").is_err());
    }
}
