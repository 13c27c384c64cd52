//! Download tickets: an address that a browser opens once, on behalf of whoever asked for it. What they may do is asked
//! when the ticket is made and again when it is used.

use actix_web::{HttpRequest, HttpResponse};
use chrono::Duration;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::exports::{DownloadTicket, ExportFile};
use tyrian_domain::visibility::View;
use tyrian_entity::download_ticket as entity;
use uuid::Uuid;

use super::files::{Made, attachment, send, shown};
use super::format::{Choice, Format};
use super::produce;
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, RequestInfo};
use crate::jobs::{self, Progress};
use crate::keys;
use crate::missions::MissionScope;
use crate::state::State;

/// For how long a ticket works.
const SECONDS: u32 = 60;

/// What can be downloaded.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of evidence.
    Evidence(Uuid),
    /// A mission in a format, made now.
    Export { mission: Uuid, format: Format, choice: Choice },
    /// What a job made: saved, or shown in the app's frame.
    Made { job: Uuid, inline: bool },
}

impl Target {
    /// Reads a path below `/api/v1`, which may stand in front of it.
    pub fn parse(path: &str) -> ApiResult<Self> {
        let unknown = || {
            let detail = "Only /evidence/{id}/content, /missions/{id}/export/{format} and /exports/{job} are downloaded this way, and /exports/{job}?inline=true is shown.";
            ApiError::field("/path", "unknown", detail)
        };
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.strip_prefix('/').ok_or_else(unknown)?.split('/').collect();
        let id = |text: &str| text.parse::<Uuid>().map_err(|_| unknown());
        match (parts.as_slice(), query) {
            (["evidence", evidence, "content"], "") => Ok(Self::Evidence(id(evidence)?)),
            (["exports", job], "") => Ok(Self::Made { job: id(job)?, inline: false }),
            (["exports", job], "inline=true") => Ok(Self::Made { job: id(job)?, inline: true }),
            (["missions", mission, "export", format], query) => Ok(Self::Export {
                mission: id(mission)?,
                format: Format::parse(format).ok_or_else(unknown)?,
                choice: Choice::parse(query).map_err(|e| ApiError::field("/path", "invalid", e.problem.detail.clone()))?,
            }),
            _ => Err(unknown()),
        }
    }
}

/// Makes a ticket for what the caller may see now.
pub async fn create(state: &State, caller: &Caller, path: &str) -> ApiResult<DownloadTicket> {
    match Target::parse(path)? {
        Target::Evidence(id) => crate::evidence::authorize(state, caller, id).await?,
        Target::Export { mission, format, .. } => {
            MissionScope::read(state, caller, mission).await?;
            produce::available(format)?;
        }
        Target::Made { job, inline } => showable(&find(state, caller, job).await?.0, inline)?,
    }
    let (token, now) = (keys::random_token(), crate::now());
    let db = state.db.writer();
    entity::Entity::delete_many().filter(entity::Column::ExpiresAt.lt(now)).exec(db).await?;
    entity::Entity::insert(entity::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(caller.id),
        family_id: Set(caller.credential.id()),
        token_hash: Set(keys::sha256_hex(&token)),
        path: Set(path.to_owned()),
        expires_at: Set(now + Duration::seconds(SECONDS.into())),
        created_at: Set(now),
    })
    .exec_without_returning(db)
    .await?;
    Ok(DownloadTicket { url: format!("/api/v1/downloads/{token}"), expires_in: SECONDS.into() })
}

/// Takes a ticket and answers with what it is for. One that is used, too old or unknown is not there; so is one whose
/// session has ended.
pub async fn redeem(state: &State, http: &HttpRequest, token: &str) -> ApiResult<HttpResponse> {
    let db = state.db.writer();
    let hash = keys::sha256_hex(token);
    let ticket = entity::Entity::find().filter(entity::Column::TokenHash.eq(hash)).one(db).await?.ok_or_else(ApiError::not_found)?;
    // whoever deletes it has it: of two at once, one
    let taken = entity::Entity::delete_by_id(ticket.id).exec(db).await?.rows_affected == 1;
    if !taken || ticket.expires_at < crate::now() {
        return Err(ApiError::not_found());
    }
    let caller = Caller::of_ticket(state.db.reader(), ticket.user_id, ticket.family_id, RequestInfo::of(http)).await;
    let caller = caller.map_err(|e| if e.code() == ErrorCode::Unauthenticated { ApiError::not_found() } else { e })?;
    match Target::parse(&ticket.path)? {
        Target::Evidence(id) => crate::evidence::download(state, &caller, http, id).await,
        Target::Export { mission, format, choice } => {
            let scope = MissionScope::read(state, &caller, mission).await?;
            export(state, &caller, &scope, format, &choice).await
        }
        Target::Made { job, inline } => made(state, &caller, job, inline).await,
    }
}

/// A mission in a format, made now.
pub async fn export(state: &State, caller: &Caller, scope: &MissionScope, format: Format, choice: &Choice) -> ApiResult<HttpResponse> {
    produce::available(format)?;
    let made = produce::make(state, caller, scope, format, choice, &Progress::unwatched()).await?;
    let size = made.size;
    Ok(send(attachment(&format.file_name(&scope.mission().name), format.content_type()), size, made.bytes()))
}

/// Begins a job that makes the file and keeps it in the storage until the sweep takes it: no row names it.
pub async fn begin(state: &State, caller: &Caller, scope: MissionScope, format: Format, choice: Choice) -> ApiResult<HttpResponse> {
    produce::available(format)?;
    let (for_job, who) = (state.clone(), caller.clone());
    let kind = format!("export_{}", format.name().replace('-', "_"));
    jobs::spawn(state, caller, &kind, move |progress| async move {
        let state = for_job;
        let made = produce::make(&state, &who, &scope, format, &choice, &progress).await?;
        let size_bytes = made.size;
        let key = keep(&state, made).await?;
        let file = ExportFile {
            path: format!("/exports/{}", progress.job().unwrap_or_default()),
            file_name: format.file_name(&scope.mission().name),
            content_type: format.content_type().to_owned(),
            size_bytes,
        };
        let mut result = serde_json::to_value(file)?;
        if let Some(result) = result.as_object_mut() {
            result.insert(jobs::INTERNAL.to_owned(), json!({"key": key, "mission": scope.id(), "view": scope.view().as_str()}));
        }
        Ok(result)
    })
    .await
}

async fn keep(state: &State, made: Made) -> ApiResult<String> {
    use futures_util::StreamExt as _;
    let mut incoming = state.storage.receive().await?;
    let (mut bytes, mut part) = (made.bytes(), Vec::new());
    while let Some(piece) = bytes.next().await {
        part.extend_from_slice(&piece.map_err(ApiError::internal)?);
        if part.len() >= incoming.part() {
            incoming.write(std::mem::take(&mut part).into()).await?;
        }
    }
    incoming.write(part.into()).await?;
    incoming.finish().await
}

/// What a job of the caller made, while they see the mission as they did then.
async fn find(state: &State, caller: &Caller, job: Uuid) -> ApiResult<(ExportFile, String)> {
    let result = jobs::result_of(state, caller, job).await?.ok_or_else(ApiError::not_found)?;
    let internal = result.get(jobs::INTERNAL);
    let text = |name: &str| internal.and_then(|internal| internal.get(name)?.as_str()).map(str::to_owned).ok_or_else(ApiError::not_found);
    let mission = text("mission")?.parse().map_err(|_| ApiError::not_found())?;
    let scope = MissionScope::read(state, caller, mission).await?;
    if View::parse(&text("view")?) != Some(scope.view()) {
        return Err(ApiError::not_found());
    }
    let key = text("key")?;
    Ok((serde_json::from_value(result).map_err(|_| ApiError::not_found())?, key))
}

/// Refuses to show what is no report in HTML.
fn showable(file: &ExportFile, inline: bool) -> ApiResult<()> {
    if inline && file.content_type != Format::Html.content_type() {
        return Err(ApiError::new(ErrorCode::InvalidQuery, "inline: only a report in html is shown; the other formats are saved."));
    }
    Ok(())
}

/// Sends what a job made: to be saved, or to be shown in the app's frame.
pub async fn made(state: &State, caller: &Caller, job: Uuid, inline: bool) -> ApiResult<HttpResponse> {
    let (file, key) = find(state, caller, job).await?;
    showable(&file, inline)?;
    let content = state.storage.read(&key, None).await?.ok_or_else(ApiError::not_found)?;
    let head = if inline { shown(&file.content_type) } else { attachment(&file.file_name, &file.content_type) };
    Ok(send(head, content.size, content.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_downloads_have_tickets() {
        let id = Uuid::now_v7();
        assert_eq!(Target::parse(&format!("/evidence/{id}/content")).unwrap(), Target::Evidence(id));
        assert_eq!(Target::parse(&format!("/api/v1/exports/{id}")).unwrap(), Target::Made { job: id, inline: false });
        assert_eq!(Target::parse(&format!("/exports/{id}?inline=true")).unwrap(), Target::Made { job: id, inline: true });
        let Target::Export { mission, format, choice } = Target::parse(&format!("/missions/{id}/export/pdf?state=assessed")).unwrap()
        else {
            panic!()
        };
        assert_eq!((mission, format, choice.states.len()), (id, Format::Pdf, 1));
        for wrong in ["", "/", "/users", "/missions/x/export/pdf", "/evidence/../users/content", "https://evil.test/", "//evil.test"] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Target::parse(&format!("/missions/{id}/export/exe")).is_err());
        assert!(Target::parse(&format!("/missions/{id}/export/csv?x=1")).is_err());
        assert!(Target::parse(&format!("/exports/{id}?inline=yes")).is_err());
    }
}
