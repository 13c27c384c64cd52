//! What all routes share: who calls, bodies, queries, versions, forms, pages, idempotency, headers, the app's files.

pub mod body;
pub mod caller;
pub mod edge;
pub mod etag;
pub mod form;
pub mod idempotency;
pub mod paging;
pub mod proxy;
pub mod query;
pub mod rate_limit;
pub mod routes;
pub mod spa;

pub use body::Body;
pub use caller::Caller;
pub use edge::RequestInfo;
pub use etag::IfMatch;
pub use query::Params;
pub use routes::Routes;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use tyrian_api_types::Validate;
use url::Url;

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

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

/// The address that a link begins with: the one people use if it is set, else the one that this request went to.
/// What a proxy says of it counts only if the proxy is trusted.
pub fn origin(state: &AppState, http: &HttpRequest) -> String {
    if let Some(url) = &state.settings.public_url {
        return url.clone();
    }
    let (scheme, host) = proxy::asked(http.peer_addr().map(|peer| peer.ip()), http.headers(), &state.settings.trusted_proxies);
    Url::parse(&format!("{scheme}://{host}"))
        .ok()
        .map(|url| url.origin())
        .filter(url::Origin::is_tuple)
        .map_or_else(|| own_origin(state), |origin| origin.ascii_serialization())
}

/// The address that a link begins with which a stranger has sent to somebody else: nothing that the stranger says.
pub fn own_origin(state: &AppState) -> String {
    state.settings.public_url.clone().unwrap_or_else(|| format!("http://{}", state.settings.listen))
}
