//! Reading findings.

use std::collections::HashMap;

use tyrian_api_types::Page;
use tyrian_api_types::findings::Finding;
use tyrian_api_types::test_templates::MitreTag;
use uuid::Uuid;

use super::store::Filter;
use super::{convert, store};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::http::paging::{PageRequest, page};
use crate::missions::convert::tag;
use crate::missions::store as missions;
use crate::state::State;

/// A page of the findings that the caller sees: three statements at most.
pub async fn list(state: &State, caller: &Caller, filter: &Filter, request: &PageRequest) -> ApiResult<Page<Finding>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, caller, filter, request).await?;
    let mut tags: HashMap<Uuid, Vec<MitreTag>> = HashMap::with_capacity(rows.len());
    if !rows.is_empty() {
        for row in missions::tags_of(db, rows.iter().map(|r| r.id)).await? {
            tags.entry(row.mission_test_id).or_default().push(tag(row)?);
        }
    }
    let findings = rows.into_iter().map(|row| {
        let own = tags.remove(&row.id).unwrap_or_default();
        convert::finding(row, own)
    });
    Ok(page(findings.collect::<ApiResult<_>>()?, next, total))
}
