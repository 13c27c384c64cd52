//! ATT&CK ids that an import named and the catalogue lacked: after a sync they are looked for again.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde_json::json;
use uuid::Uuid;

use super::tags::{self, Found};
use crate::db::rows::{self, Kind, hex, time};
use crate::error::ApiResult;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    unresolved_tags: serde_json::Value,
    version: i64,
    source_version: Option<i64>,
}

/// Tags templates with those of their unresolved ids that the catalogue has now. A template that nobody edited since its
/// import counts as not edited after it. Says how many templates changed. A fixed number of statements.
pub async fn resolve(txn: &DatabaseTransaction, now: DateTime<Utc>) -> ApiResult<usize> {
    let backend = txn.get_database_backend();
    let (empty, lock) = match backend {
        DbBackend::Postgres => ("'[]'::jsonb", " FOR UPDATE"),
        _ => ("'[]'", ""),
    };
    let sql = format!(
        "SELECT id, unresolved_tags, version, source_version FROM test_templates \
         WHERE deleted_at IS NULL AND unresolved_tags <> {empty} ORDER BY id{lock}"
    );
    let waiting = Row::find_by_statement(Statement::from_string(backend, sql)).all(txn).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut parsed = Vec::with_capacity(waiting.len());
    for row in waiting {
        let ids: Vec<String> = serde_json::from_value(row.unresolved_tags.clone())?;
        parsed.push((row, ids));
    }
    let mut wanted: Vec<String> = parsed.iter().flat_map(|(_, ids)| ids.iter().cloned()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = tags::look_up(txn, &wanted).await?;
    let mut held = tags::of(txn, &parsed.iter().map(|(row, _)| row.id).collect::<Vec<_>>()).await?;
    let (mut changed, mut new_tags) = (Vec::new(), Vec::new());
    for (row, ids) in &parsed {
        let mut own = held.remove(&row.id).unwrap_or_default();
        let first = own.len();
        let mut left = Vec::new();
        for id in ids {
            match found.get(id) {
                Some(Found::Tag { tag, .. }) => {
                    if !own.iter().any(|t| t.target == tag.target) {
                        own.push(tag.clone());
                    }
                }
                _ => left.push(id),
            }
        }
        if left.len() == ids.len() {
            continue;
        }
        let version = row.version + 1;
        let source_version = row.source_version.map(|v| if v == row.version { version } else { v });
        changed.push(json!([hex(&row.id), left, version, source_version, time(now)]));
        let ordinal = i32::try_from(first).unwrap_or(i32::MAX);
        new_tags.extend(tags::rows(row.id, own.get(first..).unwrap_or_default(), ordinal, now));
    }
    let columns = [
        ("id", Kind::Uuid),
        ("unresolved_tags", Kind::Json),
        ("version", Kind::BigInt),
        ("source_version", Kind::BigInt),
        ("updated_at", Kind::Time),
    ];
    rows::update(txn, "test_templates", &columns, &changed).await?;
    rows::insert(txn, "test_template_mitre_tags", &tags::COLUMNS, &new_tags).await?;
    Ok(changed.len())
}
