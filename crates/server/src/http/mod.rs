//! What all routes share: who calls, bodies, queries, versions, forms, pages, idempotency, headers, the app's files.

pub mod body;
pub mod caller;
pub mod edge;
pub mod etag;
pub mod form;
pub mod idempotency;
pub mod paging;
pub mod query;
pub mod rate_limit;
pub mod spa;

pub use body::Body;
pub use caller::Caller;
pub use edge::RequestInfo;
pub use etag::IfMatch;
pub use query::Params;

use actix_web::HttpResponse;
use actix_web::http::header;
use tyrian_api_types::Validate;

use crate::error::{ApiError, ApiResult};

/// Checks a body's fields: after authorization, so that an outsider learns nothing from a 422.
pub fn valid<T: Validate>(body: &T) -> ApiResult<()> {
    body.check().map_err(ApiError::invalid)
}

/// 200 with a body and its version.
pub fn ok_versioned<T: serde::Serialize>(value: &T, etag: &str) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, etag)).json(value)
}

/// 204.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
