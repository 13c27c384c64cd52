//! HTTP of invitations.

use actix_web::http::header;
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use serde::Deserialize;
use tyrian_api_types::invitations::{Invitation, InvitationAccept, InvitationCreate, InvitationCreated, InvitationPreview};
use tyrian_api_types::users::UserRef;
use tyrian_api_types::{Page, Problem};
use tyrian_domain::permission::Permission;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{service, store};
use crate::error::ApiResult;
use crate::http::paging::{self, PageRequest};
use crate::http::{Body, Caller, Params, RequestInfo, no_content, origin};
use crate::state::State;

/// How a list of invitations is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InvitationQuery {
    /// Rows of a page, 1 to 200; 50 if left out.
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at`, with `-` in front for downwards; `-created_at` if left out.
    sort: Option<String>,
}

/// List invitations.
///
/// Accepted, revoked and expired ones too.
///
/// **Permissions**: invitation.read.
#[utoipa::path(tag = "invitations", params(InvitationQuery), responses(
    (status = 200, body = Page<Invitation>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/invitations")]
pub(super) async fn list_invitations(state: State, caller: Caller, query: Params<InvitationQuery>) -> ApiResult<Json<Page<Invitation>>> {
    caller.needs(Permission::InvitationRead)?;
    let query = query.0;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), query.sort.as_deref(), store::SORTS, "-created_at")?;
    let (rows, next, total) = store::list(state.db.reader(), &page).await?;
    let items = service::complete(state.db.reader(), rows).await?;
    Ok(Json(paging::page(items, next, total)))
}

/// Invite a person.
///
/// The answer holds the token and the link, this once; only a hash of the token is kept. It can be accepted for seven days.
/// One must hold every permission that the groups give.
///
/// **Permissions**: invitation.create.
#[utoipa::path(tag = "invitations", request_body = InvitationCreate, responses(
    (status = 201, body = InvitationCreated, headers(("Location" = String))), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/invitations")]
pub(super) async fn create_invitation(
    state: State,
    caller: Caller,
    http: HttpRequest,
    body: Body<InvitationCreate>,
) -> ApiResult<HttpResponse> {
    state.costly.invitations.admit(caller.id)?;
    let made = service::create(&state, &caller, &origin(&state, &http), body.value).await?;
    let location = format!("/api/v1/invitations/{}", made.invitation.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(made))
}

/// Take an invitation back.
///
/// Its link stops working at once. One that was accepted stays so: deactivate or delete the user instead.
///
/// **Permissions**: invitation.revoke.
#[utoipa::path(tag = "invitations", params(("id" = Uuid, Path, description = "The invitation's id")), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[delete("/invitations/{id}")]
pub(super) async fn revoke_invitation(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    service::revoke(&state, &caller, *id).await?;
    Ok(no_content())
}

/// What an invitation offers.
///
/// For the person who holds the link. A token that was used, revoked, is too old or was never given is a 404.
///
/// **Permissions**: none; the token itself.
#[utoipa::path(tag = "invitations", params(("token" = String, Path, description = "The token of the link")), responses(
    (status = 200, body = InvitationPreview), (status = 404, body = Problem)))]
#[get("/invitations/by-token/{token}")]
pub(super) async fn get_invitation_by_token(state: State, token: Path<String>) -> ApiResult<Json<InvitationPreview>> {
    Ok(Json(service::preview(&state, &token).await?))
}

/// Accept an invitation.
///
/// Makes the account, in the groups of the invitation. A token works once. Then sign in.
///
/// **Permissions**: none; the token itself.
#[utoipa::path(tag = "invitations", request_body = InvitationAccept, params(("token" = String, Path, description = "The token of the link")), responses(
    (status = 201, body = UserRef, headers(("Location" = String))), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/invitations/by-token/{token}/accept")]
pub(super) async fn accept_invitation(
    state: State,
    http: HttpRequest,
    token: Path<String>,
    body: Body<InvitationAccept>,
) -> ApiResult<HttpResponse> {
    let made = service::accept(&state, &RequestInfo::of(&http), &token, body.value).await?;
    Ok(HttpResponse::Created().insert_header((header::LOCATION, format!("/api/v1/users/{}", made.id))).json(made))
}
