//! HTTP of API tokens.

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, http::header, post};
use tyrian_api_types::api_tokens::{ApiToken, ApiTokenCreate, ApiTokenCreated};
use tyrian_api_types::{Items, Problem};
use uuid::Uuid;

use super::service;
use crate::error::ApiResult;
use crate::http::{Body, Caller, no_content};
use crate::state::State;

/// One's own API tokens.
///
/// Those that hold; the newest first. Not for a token itself.
///
/// **Permissions**: signed in with a password.
#[utoipa::path(tag = "tokens", responses((status = 200, body = Items<ApiToken>), (status = 401, body = Problem), (status = 403, body = Problem)))]
#[get("/api-tokens")]
pub(super) async fn list_api_tokens(state: State, caller: Caller) -> ApiResult<Json<Items<ApiToken>>> {
    Ok(Json(Items { items: service::list(&state, &caller).await? }))
}

/// Make an API token.
///
/// The answer holds the token, this once; only a hash of it is kept. It may do what its scopes say and its owner may at that
/// moment, is never an administrator, and cannot touch passwords, factors, sessions or tokens. One must hold every scope.
///
/// **Permissions**: signed in with a password.
#[utoipa::path(tag = "tokens", request_body = ApiTokenCreate, responses(
    (status = 201, body = ApiTokenCreated, headers(("Location" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api-tokens")]
pub(super) async fn create_api_token(state: State, caller: Caller, body: Body<ApiTokenCreate>) -> ApiResult<HttpResponse> {
    let made = service::create(&state, &caller, body.value).await?;
    let location = format!("/api/v1/api-tokens/{}", made.api_token.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(made))
}

/// Revoke an API token.
///
/// It stops working at once.
///
/// **Permissions**: signed in with a password; one's own.
#[utoipa::path(tag = "tokens", params(("id" = Uuid, Path, description = "The token's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[delete("/api-tokens/{id}")]
pub(super) async fn revoke_api_token(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::revoke(&state, &caller, *id).await?;
    Ok(no_content())
}
