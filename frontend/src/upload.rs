//! Files to the server as multipart, with progress (fetch cannot tell how far an upload is), and long work as jobs.

use serde::de::DeserializeOwned;
use tyrian_api_types::Problem;
use tyrian_api_types::jobs::{Job, JobAccepted, JobState};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FormData, ProgressEvent, XmlHttpRequest};

use crate::api::{self, ApiError, BASE};

/// Sends `file` as the part `file` after the text `fields`; `progress` hears bytes sent and bytes in all.
///
/// With `respond_async` the answer is a [`JobAccepted`] for [`follow`]. An expired session is renewed first, for a refused upload is a long one lost.
pub async fn upload<T: DeserializeOwned>(
    path: &str,
    fields: &[(&str, String)],
    file: &File,
    respond_async: bool,
    progress: impl Fn(u64, u64) + 'static,
) -> Result<T, ApiError> {
    // Any signed-in request renews the session where it has to.
    let _: tyrian_api_types::auth::Me = api::get("/auth/me").await?;
    let broken = |error: JsValue| ApiError::Network(format!("{error:?}"));
    let request_id = Uuid::now_v7().simple().to_string();
    let form = FormData::new().map_err(broken)?;
    for (name, value) in fields {
        form.append_with_str(name, value).map_err(broken)?;
    }
    form.append_with_blob_and_filename("file", file, &file.name()).map_err(broken)?;

    let request = XmlHttpRequest::new().map_err(broken)?;
    request.open("POST", &format!("{BASE}{path}")).map_err(broken)?;
    request.set_request_header("X-Request-Id", &request_id).map_err(broken)?;
    if let Some(token) = api::bearer() {
        request.set_request_header("Authorization", &token).map_err(broken)?;
    }
    if respond_async {
        request.set_request_header("Prefer", "respond-async").map_err(broken)?;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "byte counts of the browser are whole and positive")]
    let on_progress =
        Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| progress(event.loaded() as u64, event.total() as u64));
    if let Ok(target) = request.upload() {
        target.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    let done = js_sys::Promise::new(&mut |resolve, reject| {
        request.set_onload(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onabort(Some(&reject));
    });
    request.send_with_opt_form_data(Some(&form)).map_err(broken)?;
    let guard = Guard { request: request.clone(), _progress: on_progress };
    let sent = JsFuture::from(done).await;
    drop(guard);
    sent.map_err(|_| ApiError::Network("the upload was cut off".to_owned()))?;

    let status = request.status().unwrap_or(0);
    let body = request.response_text().ok().flatten().unwrap_or_default();
    if (200..300).contains(&status) {
        serde_json::from_str(if body.is_empty() { "null" } else { &body }).map_err(|error| ApiError::Decode(error.to_string()))
    } else {
        Err(api::problem_from(status, &body, &request_id))
    }
}

/// Ends the upload when the future that waits for it is dropped, and lets go of the page's closures.
struct Guard {
    request: XmlHttpRequest,
    _progress: Closure<dyn FnMut(ProgressEvent)>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.request.set_onload(None);
        self.request.set_onerror(None);
        self.request.set_onabort(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        if self.request.ready_state() != XmlHttpRequest::DONE {
            let _ = self.request.abort();
        }
    }
}

/// Waits for a job; `watch` sees it each time it was asked for. A failed job is the error that the request would have had.
pub async fn follow<T: DeserializeOwned>(accepted: JobAccepted, watch: impl Fn(&Job)) -> Result<T, ApiError> {
    let path = format!("/jobs/{}", accepted.job_id);
    let mut wait = 250;
    loop {
        let job: Job = api::get(path.as_str()).await?;
        watch(&job);
        match job.state {
            JobState::Succeeded => {
                return serde_json::from_value(job.result.unwrap_or_default()).map_err(|error| ApiError::Decode(error.to_string()));
            }
            JobState::Failed => {
                let problem: Problem =
                    serde_json::from_value(job.result.unwrap_or_default()).map_err(|error| ApiError::Decode(error.to_string()))?;
                return Err(ApiError::Problem(Box::new(problem)));
            }
            JobState::Cancelled => return Err(ApiError::Network("cancelled".to_owned())),
            JobState::Queued | JobState::Running => {}
        }
        crate::web::sleep(wait).await;
        wait = (wait * 3 / 2).min(1_000);
    }
}
