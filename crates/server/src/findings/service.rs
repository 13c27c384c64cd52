//! Reading findings.

use tyrian_api_types::Page;
use tyrian_api_types::findings::Finding;

use super::store::Filter;
use super::{convert, store};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::http::paging::{PageRequest, page};
use crate::state::State;

/// A page of the findings that the caller sees: two statements at most.
pub async fn list(state: &State, caller: &Caller, filter: &Filter, request: &PageRequest) -> ApiResult<Page<Finding>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, caller, filter, request).await?;
    let findings = rows.into_iter().map(convert::finding);
    Ok(page(findings.collect::<ApiResult<_>>()?, next, total))
}
