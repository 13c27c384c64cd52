//! HTTP of the audit log.

use actix_web::http::header::Accept;
use actix_web::web::{Header, Json};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tyrian_api_types::audit::{AuditEvent, AuditVerification};
use tyrian_api_types::{Page, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::store::{self, Filter};
use super::{service, verify};
use crate::error::ApiResult;
use crate::exports::attachment;
use crate::http::paging::PageRequest;
use crate::http::{Caller, Params};
use crate::state::State;

/// Which entries are wanted; all of it must fit.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// One chain: `system`, or a mission's id.
    stream: Option<String>,
    /// Who.
    actor_id: Option<Uuid>,
    /// What: `mission.create`, or `mission` for every act on missions. `denied`: attempts at what one may not.
    action: Option<String>,
    /// To what kind of object.
    object_kind: Option<String>,
    /// To which object.
    object_id: Option<String>,
    /// From then on, RFC 3339.
    from: Option<DateTime<Utc>>,
    /// Before then, RFC 3339.
    to: Option<DateTime<Utc>>,
    /// Rows of a page, 1 to 200; 50 if left out. Not for CSV.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before. Not for CSV.
    cursor: Option<String>,
    /// `at`, with `-` in front for downwards; `-at` if left out. Not for CSV.
    sort: Option<String>,
}

/// Read the audit log.
///
/// Every change and every denied attempt, the newest first. With `Accept: text/csv` all that fit, as one file.
///
/// **Permissions**: audit.read.
#[utoipa::path(tag = "audit", params(AuditQuery), responses(
    (status = 200, content((Page<AuditEvent> = "application/json"), (String = "text/csv"))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/audit-events")]
pub(super) async fn list_audit_events(
    state: State,
    caller: Caller,
    accept: Option<Header<Accept>>,
    query: Params<AuditQuery>,
) -> ApiResult<HttpResponse> {
    caller.needs(Permission::AuditRead)?;
    let query = query.0;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), store::SORTS, "-at")?;
    let AuditQuery { stream, actor_id, action, object_kind, object_id, from, to, .. } = query;
    let filter = Filter { stream, actor_id, action, object_kind, object_id, from, to };
    if accept.is_some_and(|accept| accept.0.preference().essence_str() == "text/csv") {
        return Ok(attachment("audit.csv", "text/csv; charset=utf-8").streaming(service::csv(state, filter)));
    }
    Ok(HttpResponse::Ok().json(service::list(&state, &filter, &page).await?))
}

/// Verify the audit log.
///
/// Reads every chain from its beginning and compares each entry with its hash, and each chain's end with what was noted of
/// it. An entry that was changed, taken out or put elsewhere is found.
///
/// **Permissions**: audit.read.
#[utoipa::path(tag = "audit", responses(
    (status = 200, body = AuditVerification), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[get("/audit-events/verify")]
pub(super) async fn verify_audit(state: State, caller: Caller) -> ApiResult<Json<AuditVerification>> {
    caller.needs(Permission::AuditRead)?;
    Ok(Json(verify::verify(&state).await?))
}
