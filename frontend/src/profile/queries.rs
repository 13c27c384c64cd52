//! What one's own profile asks the API.

use gloo_net::http::Method;
use tyrian_api_types::Items;
use tyrian_api_types::api_tokens::{ApiToken, ApiTokenCreate, ApiTokenCreated};
use tyrian_api_types::auth::{Me, MePatch, PasswordChange, PasswordProof, RecoveryCodes, Session as SignIn, TotpConfirm, TotpEnrolment};
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

/// A secret for an authenticator; it is on once a code of it came back.
pub async fn begin_totp(proof: PasswordProof) -> Result<TotpEnrolment, ApiError> {
    api::post("/auth/me/totp", &proof).await
}

/// Turns the second factor on.
pub async fn confirm_totp(confirm: TotpConfirm) -> Result<RecoveryCodes, ApiError> {
    Request::new(Method::PUT, "/auth/me/totp").json(&confirm).send().await
}

/// Turns the second factor off.
pub async fn turn_off_totp(proof: PasswordProof) -> Result<(), ApiError> {
    Request::new(Method::DELETE, "/auth/me/totp").json(&proof).send().await
}

/// Makes new recovery codes.
pub async fn renew_codes(proof: PasswordProof) -> Result<RecoveryCodes, ApiError> {
    api::post("/auth/me/recovery-codes", &proof).await
}

/// One's own API tokens.
pub fn use_tokens() -> Query<Items<ApiToken>> {
    use_query(|| key!["api-tokens"], || api::get("/api-tokens"))
}

/// Makes a token. Sent without a key: a token must not be stored to be answered again.
pub async fn create_token(request: ApiTokenCreate) -> Result<ApiTokenCreated, ApiError> {
    api::post("/api-tokens", &request).await
}

/// Revokes a token.
pub async fn revoke_token(id: Uuid) -> Result<(), ApiError> {
    api::delete_unversioned(format!("/api-tokens/{id}")).await
}
