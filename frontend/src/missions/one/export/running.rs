//! The files that are being made: known to the whole app, so that the page can be left and come back to. The browser saves
//! each as soon as it is there, under the server's name.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tyrian_api_types::exports::ExportFile;
use tyrian_api_types::jobs::Job;
use uuid::Uuid;

use super::queries;
use crate::api::{self, ApiError};
use crate::ui::{Toasts, bytes_in_words};
use crate::upload::follow;

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    mission: String,
    format: &'static str,
    job: Option<Uuid>,
    /// how far it is, in steps of `total`
    pub done: u64,
    /// all steps; 0 while unknown
    pub total: u64,
    /// what is being done, for people
    pub message: String,
}

thread_local! {
    static RUNNING: ArcRwSignal<Vec<Running>> = ArcRwSignal::new(Vec::new());
}

fn running() -> ArcRwSignal<Vec<Running>> {
    RUNNING.with(Clone::clone)
}

/// The file of a mission in this format, while it is on its way.
pub fn of(mission: Memo<String>, format: &'static str) -> Memo<Option<Running>> {
    let all = running();
    Memo::new(move |_| {
        let mission = mission.get();
        all.with(|all| all.iter().find(|one| one.mission == mission && one.format == format).cloned())
    })
}

fn change(mission: &str, format: &str, change: impl FnOnce(&mut Running)) {
    running().update(|all| {
        if let Some(one) = all.iter_mut().find(|one| one.mission == mission && one.format == format) {
            change(one);
        }
    });
}

/// Takes it out; false where somebody did before.
fn take_out(mission: &str, format: &str) -> bool {
    let is_it = |one: &Running| one.mission == mission && one.format == format;
    let there = running().with_untracked(|all| all.iter().any(is_it));
    running().update(|all| all.retain(|one| !is_it(one)));
    there
}

/// Has the file made and saves it; one of a mission and format at a time. `title` names it where that fails.
pub fn start(toasts: Toasts, mission: String, format: &'static str, title: &'static str, query: String) {
    if running().with_untracked(|all| all.iter().any(|one| one.mission == mission && one.format == format)) {
        return;
    }
    let first = Running { mission: mission.clone(), format, job: None, done: 0, total: 0, message: t!("Asking").to_owned() };
    running().update(|all| all.push(first));
    spawn_local(async move {
        let made = make(&mission, format, &query).await;
        let wanted = take_out(&mission, format);
        match made {
            Ok(file) if wanted => save(toasts, file).await,
            Err(error) if wanted => toasts.error(t!("{title}: no file was made"; title), Some(error.text())),
            _ => {}
        }
    });
}

async fn make(mission: &str, format: &'static str, query: &str) -> Result<ExportFile, ApiError> {
    let accepted = queries::begin(mission, format, query).await?;
    change(mission, format, |one| one.job = Some(accepted.job_id));
    follow(accepted, |job| {
        let (done, total, message) = progress(job);
        change(mission, format, |one| (one.done, one.total, one.message) = (done, total, message));
    })
    .await
}

/// How far a job is: done, total, words.
pub fn progress(job: &Job) -> (u64, u64, String) {
    (job.progress, job.total.unwrap_or(0), job.message.clone().unwrap_or_else(|| t!("Working").to_owned()))
}

/// Lets the browser save a file that a job made.
async fn save(toasts: Toasts, file: ExportFile) {
    match queries::ticket(file.path.clone()).await.and_then(|url| api::open_file(&url, &file.file_name)) {
        Ok(()) => {
            let said = t!("{} ({}) is downloaded", file.file_name, bytes_in_words(file.size_bytes));
            // Some browsers ask before a page saves a second file by itself.
            toasts.with_act(said, t!("Save again"), move || spawn_local(save(toasts, file.clone())));
        }
        Err(error) => toasts.error(t!("{} was made, but did not come", file.file_name), Some(error.text())),
    }
}

/// Ends it.
pub fn cancel(mission: &str, format: &'static str) {
    let job = running().with_untracked(|all| all.iter().find(|one| one.mission == mission && one.format == format).and_then(|one| one.job));
    take_out(mission, format);
    if let Some(job) = job {
        // Where that does not reach the server, the job ends by itself and nobody fetches its file.
        spawn_local(async move { drop(queries::cancel(job).await) });
    }
}
