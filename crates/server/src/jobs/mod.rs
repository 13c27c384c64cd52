//! Work that runs longer than a request: asked for with `Prefer: respond-async`, watched with `GET /jobs/{id}`.
//!
//! The work runs in this process; its row is how anybody, on any instance, sees how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::web::{Json, Path};
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use tyrian_api_types::Problem;
use tyrian_api_types::jobs::{Job, JobAccepted, JobState};
use tyrian_entity::job as entity;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, Routes, no_content};
use crate::state::State;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(get_job).service(cancel_job);
}

/// A key of a job's result that no answer shows.
pub const INTERNAL: &str = "internal";

/// Does the caller want a job instead of the answer?
#[derive(Debug, Clone, Copy)]
pub struct RespondAsync(pub bool);

impl FromRequest for RespondAsync {
    type Error = ApiError;
    type Future = std::future::Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let wanted =
            request.headers().get_all("prefer").filter_map(|v| v.to_str().ok()).any(|v| v.split(',').any(|p| p.trim() == "respond-async"));
        std::future::ready(Ok(Self(wanted)))
    }
}

/// How work tells how far it is. Cheap to clone; also works where nobody watches.
#[derive(Clone)]
pub struct Progress {
    job: Option<(State, Uuid)>,
    cancelled: Arc<AtomicBool>,
}

impl Progress {
    /// For work that nobody watches.
    pub fn unwatched() -> Self {
        Self { job: None, cancelled: Arc::default() }
    }

    /// The job, where there is one.
    pub fn job(&self) -> Option<Uuid> {
        self.job.as_ref().map(|(_, id)| *id)
    }

    /// Says what is being done and how far it is. Never call it while a transaction is open: on SQLite there is one
    /// writer, and this would wait for itself. An error means that a person cancelled the job.
    pub async fn step(&self, message: &str, done: u64, total: Option<u64>) -> ApiResult<()> {
        let Some((state, id)) = &self.job else { return Ok(()) };
        let to_db = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let alive = entity::Entity::update_many()
            .col_expr(entity::Column::Message, Expr::value(message))
            .col_expr(entity::Column::Progress, Expr::value(to_db(done)))
            .col_expr(entity::Column::Total, Expr::value(total.map(to_db)))
            .col_expr(entity::Column::UpdatedAt, Expr::value(crate::now()))
            .filter(entity::Column::Id.eq(*id))
            .filter(entity::Column::State.eq(JobState::Running.as_str()))
            .exec(state.db.writer())
            .await?;
        if alive.rows_affected == 0 || self.cancelled.load(Ordering::Relaxed) {
            return Err(ApiError::new(tyrian_api_types::ErrorCode::Unavailable, "The job was cancelled."));
        }
        Ok(())
    }
}

/// Begins a job and answers 202 with its id. The work runs on; its result, or its problem, ends up in the job.
pub async fn spawn<F, Fut>(state: &State, caller: &Caller, kind: &str, work: F) -> ApiResult<HttpResponse>
where
    F: FnOnce(Progress) -> Fut + 'static,
    Fut: Future<Output = ApiResult<Value>> + 'static,
{
    let (id, now) = (Uuid::now_v7(), crate::now());
    entity::Entity::insert(entity::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        state: Set(JobState::Running.as_str().to_owned()),
        progress: Set(0),
        total: Set(None),
        message: Set(None),
        result: Set(None),
        owner_id: Set(Some(caller.id)),
        lease_until: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    })
    .exec_without_returning(state.db.writer())
    .await?;
    let (state, request_id) = (state.clone(), caller.request.id.clone());
    actix_web::rt::spawn(async move {
        let progress = Progress { job: Some((state.clone(), id)), cancelled: Arc::default() };
        let (end, result) = match work(progress).await {
            Ok(value) => (JobState::Succeeded, value),
            Err(error) => {
                if let Some(cause) = &error.cause {
                    tracing::error!(%request_id, job = %id, cause = format!("{cause:#}"), "job failed");
                }
                let mut problem = error.problem;
                problem.request_id = request_id;
                (JobState::Failed, serde_json::to_value(problem).unwrap_or_default())
            }
        };
        let stored = entity::Entity::update_many()
            .col_expr(entity::Column::State, Expr::value(end.as_str()))
            .col_expr(entity::Column::Result, Expr::value(result))
            .col_expr(entity::Column::UpdatedAt, Expr::value(crate::now()))
            .filter(entity::Column::Id.eq(id))
            .filter(entity::Column::State.eq(JobState::Running.as_str()))
            .exec(state.db.writer())
            .await;
        if let Err(e) = stored {
            tracing::error!(job = %id, cause = %e, "a job's end could not be stored");
        }
    });
    Ok(HttpResponse::Accepted()
        .insert_header((actix_web::http::header::LOCATION, format!("/api/v1/jobs/{id}")))
        .json(JobAccepted { job_id: id }))
}

/// At start: on SQLite this process is the only one, so what a killed one left running has failed.
pub async fn recover(state: &State) -> ApiResult<()> {
    if state.db.is_postgres() {
        return Ok(());
    }
    let problem = tyrian_api_types::Problem::new(
        tyrian_api_types::ErrorCode::Unavailable,
        "The server was stopped before this was done. Start it again.",
    );
    entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(JobState::Failed.as_str()))
        .col_expr(entity::Column::Result, Expr::value(serde_json::to_value(problem)?))
        .filter(entity::Column::State.is_in([JobState::Running.as_str(), JobState::Queued.as_str()]))
        .exec(state.db.writer())
        .await?;
    Ok(())
}

/// A result without what is only for us: see [`INTERNAL`].
fn shown(mut result: Value) -> Value {
    if let Some(result) = result.as_object_mut() {
        result.remove(INTERNAL);
    }
    result
}

/// What the job of the caller, or any for an admin, ended with, [`INTERNAL`] too; none where it did not succeed.
pub async fn result_of(state: &State, caller: &Caller, id: Uuid) -> ApiResult<Option<Value>> {
    let job = own_job(state, caller, id).await?;
    Ok(job.result.filter(|_| job.state == JobState::Succeeded.as_str()))
}

async fn own_job(state: &State, caller: &Caller, id: Uuid) -> ApiResult<entity::Model> {
    let job = entity::Entity::find_by_id(id).one(state.db.reader()).await?;
    job.filter(|j| j.owner_id == Some(caller.id) || caller.is_admin).ok_or_else(ApiError::not_found)
}

/// A job and how far it is.
///
/// **Permissions**: the one who asked for it, or an admin.
#[utoipa::path(tag = "jobs", params(("id" = Uuid, Path, description = "The job")), responses((status = 200, body = Job), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[get("/jobs/{id}")]
async fn get_job(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<Job>> {
    let j = own_job(&state, &caller, *id).await?;
    Ok(Json(Job {
        id: j.id,
        kind: j.kind,
        state: JobState::parse(&j.state).unwrap_or(JobState::Failed),
        progress: u64::try_from(j.progress).unwrap_or_default(),
        total: j.total.and_then(|t| u64::try_from(t).ok()),
        message: j.message,
        result: j.result.map(shown),
        created_at: j.created_at,
        updated_at: j.updated_at,
    }))
}

/// Cancel a job.
///
/// It stops at its next step; nothing that it did stays.
///
/// **Permissions**: the one who asked for it, or an admin.
#[utoipa::path(tag = "jobs", params(("id" = Uuid, Path, description = "The job")), responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[delete("/jobs/{id}")]
async fn cancel_job(state: State, caller: Caller, id: Path<Uuid>) -> ApiResult<HttpResponse> {
    own_job(&state, &caller, *id).await?;
    entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(JobState::Cancelled.as_str()))
        .col_expr(entity::Column::UpdatedAt, Expr::value(crate::now()))
        .filter(entity::Column::Id.eq(*id))
        .filter(entity::Column::State.is_in([JobState::Running.as_str(), JobState::Queued.as_str()]))
        .exec(state.db.writer())
        .await?;
    Ok(no_content())
}
