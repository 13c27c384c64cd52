//! What the two libraries, of tests and of scenarios, have in common: who may touch an entry, its author, its labels,
//! its version tag, how lists are searched and sorted, how a file is sent. Not here: their tables.

use actix_web::HttpResponse;
use actix_web::http::header;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, DbBackend, DbErr};
use serde::Serialize;
use tyrian_api_types::Patch;
use tyrian_api_types::users::Author;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::http::paging::{Key, PageRequest};

/// Refuses who lacks `needed`: with 404 where they may read and there is nothing, else with 403. Who may not even read
/// learns nothing of what exists. For those who hold it, `exists` is not asked: the work itself finds out.
pub async fn authorize(
    caller: &Caller,
    read: Permission,
    needed: Permission,
    exists: impl Future<Output = Result<bool, DbErr>>,
) -> ApiResult<()> {
    if !caller.can(needed) && caller.can(read) && !exists.await? {
        return Err(ApiError::not_found());
    }
    caller.needs(needed)
}

/// A column with the name of who made an entry of `table`.
pub fn creator_name(table: &str) -> Expr {
    Expr::cust(format!("(SELECT u.display_name FROM users u WHERE u.id = {table}.created_by_id)"))
}

/// Who made it, from the id and the joined name.
pub fn author(id: Option<Uuid>, name: Option<String>) -> Option<Author> {
    id.zip(name).map(|(id, display_name)| Author { id, display_name })
}

/// When a name that is shown with an entry, a person's or one of ATT&CK, last changed.
pub const NAMES_CHANGED: &str = "(SELECT max(n.at) FROM (SELECT max(updated_at) AS at FROM users \
    UNION ALL SELECT max(updated_at) FROM mitre_tactics UNION ALL SELECT max(updated_at) FROM mitre_techniques \
    UNION ALL SELECT max(updated_at) FROM mitre_subtechniques) n)";

/// The ETag of an entry: its version first, which alone If-Match compares, then all else that its answer depends on,
/// so that a 304 is never wrong.
pub fn etag(version: i64, content: Option<i64>, names_changed: Option<DateTime<Utc>>) -> String {
    let names = names_changed.map_or(0, |at| at.timestamp_micros());
    match content {
        Some(content) => format!("\"{version}.{content}.{names}\""),
        None => format!("\"{version}.{names}\""),
    }
}

/// Labels, each once, in the order given.
pub fn unique(labels: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::with_capacity(labels.len());
    for label in labels {
        if !once.contains(&label) {
            once.push(label);
        }
    }
    once
}

/// A list field after a patch: null empties it.
pub fn replaced<T: Default>(patch: Patch<T>, now: T) -> T {
    match patch {
        Patch::Keep => now,
        Patch::Clear => T::default(),
        Patch::Set(value) => value,
    }
}

/// A field that cannot be cleared after a patch; validation refused null before.
pub fn set<T>(patch: Patch<T>, now: T) -> T {
    match patch {
        Patch::Set(value) => value,
        Patch::Keep | Patch::Clear => now,
    }
}

/// The fields that a patch names, for the audit log.
pub fn fields(patch: &impl Serialize) -> ApiResult<Vec<String>> {
    Ok(serde_json::to_value(patch)?.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default())
}

/// A filter's text without the white space around it; none where nothing is left.
pub fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

/// Rows whose lower-cased text holds `q`, in any case.
pub fn contains(column: impl ColumnTrait, q: &str) -> Expr {
    Expr::col((column.entity_name(), column)).like(LikeExpr::new(crate::db::like_pattern(q)).escape('\\'))
}

/// Rows of `table` that carry this very label.
pub fn labelled(backend: DbBackend, table: &str, label: &str) -> Expr {
    let sql = match backend {
        DbBackend::Postgres => format!("{table}.tags @> jsonb_build_array($1::text)"),
        _ => format!("EXISTS (SELECT 1 FROM json_each({table}.tags) l WHERE l.value = ?)"),
    };
    Expr::cust_with_values(sql, [label])
}

/// What both libraries can be sorted by.
pub const SORTS: &[&str] = &["created_at", "name", "updated_at"];

/// The order of a list.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    /// By when it was made.
    Created,
    /// By name, in any case.
    Name,
    /// By when it last changed.
    Updated,
}

impl Sort {
    /// What was asked for.
    pub fn of(page: &PageRequest) -> Self {
        match page.field.as_str() {
            "name" => Self::Name,
            "updated_at" => Self::Updated,
            _ => Self::Created,
        }
    }

    /// The one of three values that the order goes by.
    pub fn key(self, name_key: &str, created_at: DateTime<Utc>, updated_at: DateTime<Utc>) -> Key {
        match self {
            Self::Created => Key::Time(created_at),
            Self::Name => Key::Text(name_key.to_owned()),
            Self::Updated => Key::Time(updated_at),
        }
    }
}

/// JSON that a browser saves as a file.
pub fn download(file_name: &str, content: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\""))).json(content)
}
