//! What the Export tab asks the API.

use gloo_net::http::Method;
use tyrian_api_types::exports::{DownloadTicket, DownloadTicketCreate};
use tyrian_api_types::jobs::JobAccepted;
use uuid::Uuid;

use crate::api::{self, ApiError, Request};
use crate::missions::queries::mission_path;

/// Begins the job that makes a file of a mission; `query` chooses tests and more.
pub async fn begin(mission: &str, format: &str, query: &str) -> Result<JobAccepted, ApiError> {
    Request::new(Method::GET, format!("{}/export/{format}{query}", mission_path(mission))).respond_async().send().await
}

/// Ends a job; it keeps nothing of what it did.
pub async fn cancel(job: Uuid) -> Result<(), ApiError> {
    api::delete_unversioned(format!("/jobs/{job}")).await
}

/// An address that works once without a token: for what the browser itself opens.
pub async fn ticket(path: String) -> Result<String, ApiError> {
    let ticket: DownloadTicket = api::post("/download-tickets", &DownloadTicketCreate { path }).await?;
    Ok(ticket.url)
}
