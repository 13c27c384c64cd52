//! Evidence: files that red and blue add to a test. The rows are in the database, the bytes in the storage.
//!
//! Who may add what, and when, is `domain::execution`. Not here: purging a piece for good (see `purge`).

mod content;
mod convert;
mod incoming;
mod look;
mod routes;
mod service;
mod storage;
mod store;
mod sweep;
mod upload;

use actix_web::{HttpRequest, HttpResponse};
use sea_orm::ConnectionTrait;
use tyrian_api_types::evidence::Evidence;
use uuid::Uuid;

pub use incoming::Incoming;
pub use look::Look;
pub use storage::Storage;
pub use sweep::{GRACE, Swept, clear, start, sweep};

use crate::error::ApiResult;
use crate::http::{Caller, Routes};
use crate::missions::MissionScope;
use crate::state::State;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::add_evidence)
        .service(routes::list_evidence)
        .service(routes::get_evidence)
        .service(routes::get_evidence_content)
        // the document has it with GET
        .undocumented(routes::head_evidence_content)
        .service(routes::delete_evidence)
        .service(routes::verify_evidence);
}

/// Refuses who does not see this piece.
pub async fn authorize(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    service::find(state, caller, id).await.map(drop)
}

/// The file itself, for whoever sees it.
pub async fn download(state: &State, caller: &Caller, http: &HttpRequest, id: Uuid) -> ApiResult<HttpResponse> {
    let (_, row) = service::find(state, caller, id).await?;
    content::respond(state, http, &row.file, false).await
}

/// All evidence of a mission that the caller sees, the oldest first.
pub async fn of_mission(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Vec<Evidence>> {
    store::of_mission(db, scope).await?.into_iter().map(convert::evidence).collect()
}
