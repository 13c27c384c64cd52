//! What these pages ask the API.

use gloo_net::http::Method;
use tyrian_api_types::auth::{LoginAnswer, LoginRequest, PasswordReset, PasswordResetRequest, SetupRequest, SetupStatus};
use tyrian_api_types::invitations::{InvitationAccept, InvitationPreview};

use crate::api::{ApiError, Request};
use crate::key;
use crate::query::{Query, use_query};

/// Signs in; the refresh token comes as a cookie.
pub async fn login(request: LoginRequest) -> Result<LoginAnswer, ApiError> {
    Request::new(Method::POST, "/auth/login").json(&request).anonymous().send().await
}

/// How one can sign in here.
pub fn use_ways() -> Query<SetupStatus> {
    use_query(|| key!["setup"], || Request::new(Method::GET, "/setup").anonymous().send())
}

/// Makes the first administrator. What the answer holds is asked again by signing in.
pub async fn set_up(request: SetupRequest) -> Result<(), ApiError> {
    Request::new(Method::POST, "/setup").json(&request).anonymous().send::<serde::de::IgnoredAny>().await.map(|_| ())
}

fn invitation_path(token: &str) -> String {
    format!("/invitations/by-token/{}", crate::web::encoded(token))
}

/// What an invitation offers.
pub fn use_invitation(token: String) -> Query<InvitationPreview> {
    let key = key!["invitations", "by-token", token];
    use_query(move || key.clone(), move || Request::new(Method::GET, invitation_path(&token)).anonymous().send())
}

/// Accepts an invitation.
pub async fn accept(token: String, request: InvitationAccept) -> Result<(), ApiError> {
    let path = format!("{}/accept", invitation_path(&token));
    Request::new(Method::POST, path).json(&request).anonymous().send::<serde::de::IgnoredAny>().await.map(|_| ())
}

/// Asks for a link to set a new password.
pub async fn ask_for_reset(request: PasswordResetRequest) -> Result<(), ApiError> {
    Request::new(Method::POST, "/auth/password-reset").json(&request).anonymous().send().await
}

/// Sets a new password by a link.
pub async fn reset_password(token: String, request: PasswordReset) -> Result<(), ApiError> {
    Request::new(Method::POST, format!("/auth/password-reset/{}", crate::web::encoded(&token))).json(&request).anonymous().send().await
}
