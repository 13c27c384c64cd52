//! The report as it will look: the HTML export in a frame that runs and loads nothing.

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tyrian_api_types::exports::ExportFile;
use uuid::Uuid;

use super::{queries, running};
use crate::api::ApiError;
use crate::missions::one::Here;
use crate::ui::{Button, ButtonSize, Card, ErrorState, IconButton, TaskProgress};
use crate::upload::follow;

/// What is in the frame's place.
#[derive(Clone)]
enum Stage {
    /// the report is being made: what is done of what, in words
    Making(u64, u64, String),
    /// the address of the frame, good for one use
    Ready(String),
    /// why there is none
    Failed(ApiError),
}

/// The job behind the preview, ended when nobody waits for it any more.
#[derive(Default)]
struct Work {
    abort: Option<AbortHandle>,
    job: Option<Uuid>,
}

impl Work {
    fn end(&mut self) {
        if let Some(abort) = self.abort.take() {
            abort.abort();
        }
        if let Some(job) = self.job.take() {
            spawn_local(async move { drop(queries::cancel(job).await) });
        }
    }
}

/// The card; `query` chooses the tests, and another choice makes another report.
#[component]
pub fn Preview(
    /// the mission
    here: Here,
    /// as in the address of an export
    query: Memo<String>,
    /// closes it
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let stage = RwSignal::new(Stage::Making(0, 0, String::new()));
    let again = RwSignal::new(0_u32);
    let work = StoredValue::new(Work::default());
    let making = Memo::new(move |_| matches!(*stage.read(), Stage::Making(..)));
    Effect::new(move |_| {
        again.track();
        let (mission, query) = (here.id.get(), query.get());
        work.update_value(Work::end);
        stage.set(Stage::Making(0, 0, t!("Asking").to_owned()));
        let (report, abort) = abortable(async move {
            let accepted = queries::begin(&mission, "html", &query).await?;
            work.try_update_value(|work| work.job = Some(accepted.job_id));
            let file: ExportFile = follow(accepted, |job| {
                let (done, total, message) = running::progress(job);
                stage.try_set(Stage::Making(done, total, message));
            })
            .await?;
            work.try_update_value(|work| work.job = None);
            queries::ticket(format!("{}?inline=true", file.path)).await
        });
        work.update_value(|work| work.abort = Some(abort));
        spawn_local(async move {
            if let Ok(answer) = report.await {
                stage.try_set(answer.map_or_else(Stage::Failed, Stage::Ready));
            }
        });
    });
    on_cleanup(move || {
        work.try_update_value(Work::end);
    });
    let retry = Callback::new(move |()| again.update(|again| *again += 1));
    view! {
        <Card title=t!("Preview of the report") head=move || view! {
            <Button size=ButtonSize::Small icon="refresh-cw" busy=making on_click=move |_| retry.run(())>{t!("Make anew")}</Button>
            <IconButton icon="x" label=t!("Close the preview") on_click=move |_| on_close.run(())/>
        }>
            {move || match stage.get() {
                Stage::Making(done, total, message) => view! {
                    <div class="card__body stack stack--2">
                        <p class="small muted" role="status">{message}</p>
                        <TaskProgress label=t!("The preview") done=Signal::stored(done) total=Signal::stored(total)/>
                    </div>
                }
                .into_any(),
                Stage::Ready(url) => view! {
                    <iframe class="report-frame" title=t!("Preview of the report") sandbox="" referrerpolicy="no-referrer" src=url></iframe>
                    <div class="card__foot">{t!("As the web page shows it. PDF and Word hold the same. Links to other sites do nothing here.")}</div>
                }
                .into_any(),
                Stage::Failed(error) => view! {
                    <ErrorState title=t!("There is no preview") text=error.text() request_id=error.request_id().unwrap_or_default() on_retry=retry/>
                }
                .into_any(),
            }}
        </Card>
    }
}
