//! Reading the audit log.

use actix_web::web::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use sea_orm::ConnectionTrait;
use tyrian_api_types::Page;
use tyrian_api_types::audit::AuditEvent;
use tyrian_entity::audit_event;
use tyrian_report::table::neutral;

use super::convert;
use super::store::{self, Filter};
use crate::error::{ApiError, ApiResult};
use crate::http::paging::{self, MAX_LIMIT, PageRequest};
use crate::state::State;

/// A page of entries.
pub async fn list(state: &State, filter: &Filter, page: &PageRequest) -> ApiResult<Page<AuditEvent>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, filter, page).await?;
    Ok(paging::page(named(db, rows).await?, next, total))
}

async fn named(db: &impl ConnectionTrait, rows: Vec<audit_event::Model>) -> ApiResult<Vec<AuditEvent>> {
    let names = store::names(db, rows.iter().filter_map(|row| row.actor_id)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = row.actor_id.and_then(|id| names.get(&id).cloned());
            convert::event(row, name)
        })
        .collect())
}

/// All entries as CSV, the newest first, page by page, so that a long log needs no memory.
pub fn csv(state: State, filter: Filter) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    // What comes next: the head of the table, a page from a cursor on, or nothing.
    enum Next {
        Head,
        From(Option<String>),
        End,
    }
    stream::try_unfold(Next::Head, move |next| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            let cursor = match next {
                Next::End => return Ok(None),
                Next::Head => return Ok(Some((Bytes::from(head()?), Next::From(None)))),
                Next::From(cursor) => cursor,
            };
            let page = PageRequest::new(i64::try_from(MAX_LIMIT).ok(), cursor.as_deref(), None, store::SORTS, "-at")?;
            let (rows, next) = store::page(state.db.reader(), &filter, &page).await?;
            let lines = lines(named(state.db.reader(), rows).await?)?;
            Ok(Some((Bytes::from(lines), next.map_or(Next::End, |cursor| Next::From(Some(cursor))))))
        }
    })
    .map_err(|e: ApiError| e.into())
}

const COLUMNS: [&str; 13] = [
    "at",
    "stream",
    "sequence",
    "actor_id",
    "actor_name",
    "action",
    "object_kind",
    "object_id",
    "ip",
    "request_id",
    "detail",
    "id",
    "hash",
];

fn head() -> ApiResult<Vec<u8>> {
    written([COLUMNS.map(str::to_owned)])
}

fn lines(events: Vec<AuditEvent>) -> ApiResult<Vec<u8>> {
    written(events.into_iter().map(|e| {
        let text = Option::unwrap_or_default;
        [
            e.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            e.stream,
            e.sequence.to_string(),
            e.actor_id.map(|id| id.to_string()).unwrap_or_default(),
            text(e.actor_name),
            e.action,
            e.object_kind,
            text(e.object_id),
            text(e.ip),
            text(e.request_id),
            e.detail.to_string(),
            e.id.to_string(),
            e.hash,
        ]
    }))
}

fn written(rows: impl IntoIterator<Item = [String; 13]>) -> ApiResult<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        csv.write_record(row.iter().map(|field| neutral(field).into_owned())).map_err(ApiError::internal)?;
    }
    csv.into_inner().map_err(|e| ApiError::internal(e.into_error()))
}
