//! What one's own profile asks the API.

use gloo_net::http::Method;
use tyrian_api_types::Items;
use tyrian_api_types::auth::{Me, MePatch, PasswordChange, Session as SignIn};
use uuid::Uuid;

use crate::api::{self, ApiError, Request};
use crate::key;
use crate::query::{Query, use_query};

/// Who one is, as the server has it now.
pub async fn me() -> Result<Me, ApiError> {
    api::get("/auth/me").await
}

/// Changes one's own profile.
pub async fn update_me(version: i64, patch: MePatch) -> Result<Me, ApiError> {
    api::patch("/auth/me", version, &patch).await
}

/// Changes one's own password; the other sessions end.
pub async fn change_password(change: PasswordChange) -> Result<(), ApiError> {
    Request::new(Method::PUT, "/auth/password").json(&change).send().await
}

/// The sign-ins that still hold.
pub fn use_sessions() -> Query<Items<SignIn>> {
    use_query(|| key!["sessions"], || api::get("/auth/sessions"))
}

/// Ends one sign-in.
pub async fn end_session(family: Uuid) -> Result<(), ApiError> {
    api::delete_unversioned(format!("/auth/sessions/{family}")).await
}
