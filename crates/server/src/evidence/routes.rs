//! HTTP of evidence.

use actix_web::http::header;
use actix_web::web::{self, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, head, post};
use tyrian_api_types::evidence::{Evidence, EvidenceUpload, EvidenceVerification};
use tyrian_api_types::{Items, Problem};
use uuid::Uuid;

use super::{content, convert, service, store, upload};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, no_content};
use crate::missions::Visit;
use crate::state::State;

/// Add evidence to a test.
///
/// A form of `file`, `side` (red or blue) and `caption`, in any order; with `side` before `file` a refusal comes before
/// the file has travelled. The file is stored as it comes and hashed; what it is, its bytes tell, not the client.
/// Red adds from the planned test on, blue once it runs, both also when it is assessed. The file's name is one line of
/// 255 characters at most, kept as a text.
///
/// **Permissions**: evidence.upload, and the hand on that side: mission_test.execute with role red or purple, or mission_test.assess with role blue or purple; mission.read_all with the right stands for the role.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test")),
    request_body(content = EvidenceUpload, content_type = "multipart/form-data"), responses(
    (status = 201, body = Evidence), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
#[post("/missions/{id}/tests/{test_id}/evidence")]
pub(super) async fn add_evidence(
    state: State,
    visit: Visit,
    ids: Path<(Uuid, Uuid)>,
    http: HttpRequest,
    mut payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let test_id = ids.1;
    let allowed = async {
        let (caller, scope) = visit.read()?;
        let test = service::test(state.db.reader(), &scope, test_id).await?;
        service::may_upload(&caller, &scope)?;
        state.costly.uploads.admit(caller.id)?;
        ApiResult::Ok((caller, scope, test))
    };
    let (caller, scope, test) = match allowed.await {
        Ok(allowed) => allowed,
        Err(error) => {
            upload::refuse(&mut payload).await;
            return Err(error);
        }
    };
    let status = service::status(&scope)?;
    let received = upload::receive(&state, &http, payload, |side| service::may_add(&scope, status, &test, side)).await?;
    // on its own: a client that goes away now must not part the file from its row
    let adding = actix_web::rt::spawn(async move { service::add(&state, &caller, &scope, test_id, received).await });
    let evidence = adding.await.map_err(ApiError::internal)??;
    Ok(HttpResponse::Created().insert_header((header::LOCATION, format!("/api/v1/evidence/{}", evidence.id))).json(evidence))
}

/// A test's evidence, the oldest first.
///
/// **Permissions**: to see the test.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The mission"), ("test_id" = Uuid, Path, description = "The test")), responses(
    (status = 200, body = Items<Evidence>), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/tests/{test_id}/evidence")]
pub(super) async fn list_evidence(state: State, visit: Visit, ids: Path<(Uuid, Uuid)>) -> ApiResult<Json<Items<Evidence>>> {
    let (_, scope) = visit.read()?;
    let db = state.db.reader();
    if !crate::missions::sees_test(db, &scope, ids.1).await? {
        return Err(ApiError::not_found());
    }
    let rows = store::of_test(db, &scope, ids.1).await?;
    Ok(Json(Items { items: rows.into_iter().map(convert::evidence).collect::<ApiResult<_>>()? }))
}

/// A piece of evidence: what is known of the file.
///
/// **Permissions**: to see its test.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The evidence")), responses(
    (status = 200, body = Evidence), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/evidence/{id}")]
pub(super) async fn get_evidence(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<Evidence>> {
    let (_, row) = service::find(&state, &caller, *id).await?;
    Ok(Json(convert::evidence(row)?))
}

/// The file itself.
///
/// As an attachment, never compressed. The ETag is its SHA-256; a range of bytes is answered with 206, one behind the end
/// with 416. HEAD answers the same without the file.
///
/// **Permissions**: to see its test.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The evidence"),
    ("Range" = Option<String>, Header, description = "One range of bytes, `bytes=0-1023`"), ("If-Range" = Option<String>, Header, description = "The ETag that the range belongs to"),
    ("If-None-Match" = Option<String>, Header, description = "The ETag of what the caller has")), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream", body = [u8]), (status = 206, description = "A part of the file", content_type = "application/octet-stream", body = [u8]),
    (status = 304, description = "The caller has it"), (status = 401, body = Problem), (status = 404, body = Problem), (status = 416, body = Problem)))]
#[get("/evidence/{id}/content")]
pub(super) async fn get_evidence_content(state: State, caller: Caller, id: Path<Uuid>, http: HttpRequest) -> ApiResult<HttpResponse> {
    let (_, row) = service::find(&state, &caller, *id).await?;
    content::respond(&state, &http, &row.file, false).await
}

#[head("/evidence/{id}/content")]
pub(super) async fn head_evidence_content(state: State, caller: Caller, id: Path<Uuid>, http: HttpRequest) -> ApiResult<HttpResponse> {
    let (_, row) = service::find(&state, &caller, *id).await?;
    content::respond(&state, &http, &row.file, true).await
}

/// Delete a piece of evidence.
///
/// It is gone from every read; the file stays in the storage, and the audit log keeps its name and hash.
///
/// **Permissions**: evidence.delete until the mission is archived; without it, one's own while the mission is in progress.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The evidence")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[delete("/evidence/{id}")]
pub(super) async fn delete_evidence(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::delete(&state, &caller, *id).await?;
    Ok(no_content())
}

/// Is every file as it came in?
///
/// Reads all files of the mission that the caller sees and compares their hashes; one such reading runs at a time.
///
/// **Permissions**: to see the mission.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The mission")), responses(
    (status = 200, body = EvidenceVerification), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/missions/{id}/evidence/verify")]
pub(super) async fn verify_evidence(state: State, visit: Visit) -> ApiResult<Json<EvidenceVerification>> {
    let (_, scope) = visit.read()?;
    Ok(Json(service::verify(&state, &scope).await?))
}
