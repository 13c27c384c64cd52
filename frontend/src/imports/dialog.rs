//! The dialog: what the file is, what would become of it, then the import and what it made.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use tyrian_api_types::imports::ImportReport;
use tyrian_api_types::jobs::Job;
use web_sys::File;

use super::Asked;
use super::kinds::{Kind, offered};
use super::queries::{self, Order};
use super::report::Report;
use super::rows::{Standing, WRITTEN, counted, in_words, standing};
use crate::api::ApiError;
use crate::query::{Mutation, use_mutation};
use crate::session::use_session;
use crate::texts::tr;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonSize, Checkbox, Dialog, FileDrop, Icon, TaskProgress, Toasts, bytes_in_words, next_id,
    use_toasts,
};

/// How far the reader is.
#[derive(Clone, PartialEq)]
enum Stage {
    /// they choose a file
    Choose,
    /// it was looked at; nothing is written
    Checked(Arc<ImportReport>),
    /// it was imported
    Done(Arc<ImportReport>),
}

/// The dialog's state; a copyable handle.
#[derive(Clone, Copy)]
struct Desk {
    asked: Asked,
    kinds: Memo<Vec<Kind>>,
    /// the chosen format's word
    kind: RwSignal<String>,
    file: RwSignal<Option<File>, LocalStorage>,
    /// take what is good where something is bad
    partial: RwSignal<bool>,
    stage: RwSignal<Stage>,
    /// done, of how many, at what
    done: RwSignal<u64>,
    total: RwSignal<u64>,
    doing: RwSignal<String>,
    /// the server has the file
    sent: RwSignal<bool>,
}

impl Desk {
    fn new(asked: Asked) -> Self {
        let session = use_session();
        let kinds = Memo::new(move |_| offered(asked.place, |right| session.can(right)));
        let first = kinds.with_untracked(|kinds| kinds.first().map(|kind| kind.name.to_owned()).unwrap_or_default());
        Self {
            asked,
            kinds,
            kind: RwSignal::new(first),
            file: RwSignal::new_local(None),
            partial: RwSignal::new(false),
            stage: RwSignal::new(Stage::Choose),
            done: RwSignal::new(0),
            total: RwSignal::new(0),
            doing: RwSignal::new(String::new()),
            sent: RwSignal::new(false),
        }
    }

    /// The chosen format.
    fn chosen(self) -> Option<Kind> {
        self.kinds.with(|kinds| kinds.iter().find(|kind| kind.name == *self.kind.read()).copied())
    }

    /// Another file, from the beginning.
    fn again(self) {
        self.file.set(None);
        self.partial.set(false);
        self.stage.set(Stage::Choose);
    }

    /// The import as it stands in the dialog; none while something is not chosen.
    fn order(self, dry_run: bool) -> Option<Order> {
        let kind = untrack(|| self.chosen())?;
        let mission = Some(self.asked.mission.get_untracked()).filter(|id| !id.is_empty());
        let partial = !dry_run && kind.parts && self.partial.get_untracked();
        Some(Order { kind: kind.name, mission, file: self.file.get_untracked()?, dry_run, partial })
    }

    async fn send(self, order: Option<Order>) -> Result<Option<ImportReport>, ApiError> {
        let Some(order) = order else { return Ok(None) };
        self.done.set(0);
        self.total.set(0);
        self.sent.set(false);
        self.doing.set("Sending the file".to_owned());
        // the dialog may be gone by then: the import goes on without it
        let sending = move |at, of| {
            self.done.try_set(at);
            self.total.try_set(of);
        };
        let working = move |job: &Job| {
            self.sent.try_set(true);
            self.done.try_set(job.progress);
            self.total.try_set(job.total.unwrap_or(0));
            self.doing.try_set(job.message.clone().unwrap_or_else(|| t!("Working").to_owned()));
        };
        queries::run(order, sending, working).await.map(Some)
    }

    /// Tells how an import ended whose dialog was left.
    fn tell(self, toasts: Toasts, ended: &Result<Option<ImportReport>, ApiError>) {
        if self.asked.open.try_get_untracked() == Some(true) {
            return;
        }
        match ended {
            Ok(Some(report)) if report.applied => toasts.success(t!("Import: {}", in_words(report))),
            Ok(Some(report)) if report.errors.is_empty() => toasts.info(t!("Import: nothing changed"), None),
            Ok(Some(report)) => {
                toasts.error(t!("Nothing was imported"), report.errors.first().map(|error| format!("{}: {}", error.item, error.detail)));
            }
            Ok(None) => {}
            Err(error) => toasts.error(t!("Nothing was imported"), Some(error.text())),
        }
    }
}

/// Import: choose, check, import.
#[component]
pub fn ImportDialog() -> impl IntoView {
    let asked: Asked = expect_context();
    let toasts = use_toasts();
    let desk = Desk::new(asked);
    let check = use_mutation(
        move |()| desk.send(desk.order(true)),
        move |report| {
            if let Some(report) = report {
                desk.stage.set(Stage::Checked(Arc::new(report)));
            }
        },
    );
    let import = use_mutation(
        move |()| {
            let order = desk.order(false);
            async move {
                let ended = desk.send(order).await;
                queries::changed();
                desk.tell(toasts, &ended);
                ended
            }
        },
        move |report| {
            let Some(report) = report.map(Arc::new) else { return };
            // the library may have moved since the check: what is refused now is shown as a check shows it
            let refused = !report.applied && !report.errors.is_empty();
            desk.stage.set(if refused { Stage::Checked(report) } else { Stage::Done(report) });
        },
    );
    Effect::new(move |_| {
        if asked.open.get() && matches!(*desk.stage.read_untracked(), Stage::Done(_)) {
            desk.again();
        }
    });
    let busy = Signal::derive(move || check.busy.get() || import.busy.get());
    view! {
        <Dialog open=asked.open title=t!("Import") wide=true foot=move || view! { <Foot desk=desk check=check import=import/> }>
            <div class="stack imp">
                {move || match desk.stage.get() {
                    Stage::Choose => view! { <Choose desk=desk busy=busy/> }.into_any(),
                    Stage::Checked(report) => view! {
                        <Chosen desk=desk busy=busy/>
                        <Verdict desk=desk report=report.clone() busy=busy/>
                        <Report report=report done=false mission=asked.mission open=asked.open/>
                    }.into_any(),
                    Stage::Done(report) => view! {
                        <Outcome report=report.clone()/>
                        <Report report=report done=true mission=asked.mission open=asked.open/>
                    }.into_any(),
                }}
                {move || check.error.get().or_else(|| import.error.get()).map(|error| view! {
                    <Banner kind=BannerKind::Error><span>{error.text()}</span></Banner>
                })}
                {move || busy.get().then(|| view! { <Going desk=desk import=import/> })}
            </div>
        </Dialog>
    }
}

/// The formats, and a place for the file.
#[component]
fn Choose(
    /// the dialog's state
    desk: Desk,
    /// the file is being looked at
    busy: Signal<bool>,
) -> impl IntoView {
    let name = StoredValue::new(next_id("kind"));
    let accept = move || desk.chosen().map(|kind| kind.accept.to_owned()).unwrap_or_default();
    view! {
        <fieldset class="fieldset" disabled=move || busy.get()>
            <legend class="imp__legend">{t!("What it is")}</legend>
            <div class="choices imp__kinds">
                {move || desk.kinds.get().into_iter().map(|kind| view! {
                    <label class="pick">
                        <input
                            class="imp__radio"
                            type="radio"
                            name=name.get_value()
                            prop:checked=move || *desk.kind.read() == kind.name
                            on:change=move |_| desk.kind.set(kind.name.to_owned())
                        />
                        <span class="strong">{tr(kind.label)}</span>
                        <span class="pick__meta">{tr(kind.what)}</span>
                        <span class="pick__meta imp__from">{t!("From ")}{tr(kind.from)}</span>
                    </label>
                }).collect_view()}
            </div>
        </fieldset>
        {move || view! { <FileDrop label=t!("Drop the file here, or choose it") accept=accept() disabled=busy on_file=move |file: File| desk.file.set(Some(file))/> }}
        {move || desk.file.get().map(|file| view! {
            <p class="row" role="status"><Icon name="file-text"/><span class="strong trunc">{file.name()}</span><span class="small muted nowrap">{file_size(&file)}</span></p>
        })}
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a file's size is whole and positive")]
fn file_size(file: &File) -> String {
    bytes_in_words(file.size() as u64)
}

/// What was chosen, in one line, and the way back to the choice.
#[component]
fn Chosen(
    /// the dialog's state
    desk: Desk,
    /// the import runs
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="imp__file">
            <Icon name="file-text"/>
            <span class="trunc">
                <b>{move || desk.file.with(|file| file.as_ref().map(File::name))}</b>
                <span class="small muted">" "{move || desk.chosen().map(|kind| tr(kind.label))}</span>
            </span>
            <Button size=ButtonSize::Small disabled=busy on_click=move |_| desk.stage.set(Stage::Choose)>{t!("Change")}</Button>
        </div>
    }
}

/// What the check means, and the choice to take a part.
#[component]
fn Verdict(
    /// the dialog's state
    desk: Desk,
    /// what the check said
    report: Arc<ImportReport>,
    /// the import runs
    busy: Signal<bool>,
) -> impl IntoView {
    let parts = desk.chosen().is_some_and(|kind| kind.parts);
    match standing(&report, parts) {
        Standing::Ready => view! {
            <Banner kind=BannerKind::Info><span>{t!("Nothing is written yet. With the import: {}.", in_words(&report))}</span></Banner>
        }
        .into_any(),
        Standing::Nothing => view! { <Banner kind=BannerKind::Ok><span>{t!("Nothing to import: all of it is here, or stays as it is.")}</span></Banner> }.into_any(),
        Standing::Bad => view! {
            <Banner kind=BannerKind::Error><span>{t!("This file cannot be imported. The reasons stand below; nothing is written.")}</span></Banner>
        }
        .into_any(),
        Standing::Parts => view! {
            <Banner kind=BannerKind::Warn><span>{t!("Something in this file cannot be taken, so none of it is, unless you leave that out.")}</span></Banner>
            <Checkbox checked=desk.partial disabled=busy on_change=Callback::new(move |on| desk.partial.set(on))>
                {t!("Leave out what is refused, and import the other {}", counted(&report, &WRITTEN))}
            </Checkbox>
        }
        .into_any(),
    }
}

/// How the import ended.
#[component]
fn Outcome(
    /// what it said
    report: Arc<ImportReport>,
) -> impl IntoView {
    let left_out = if report.errors.is_empty() { "" } else { t!(" What was refused is left out.") };
    view! { <Banner kind=BannerKind::Ok><span>{t!("Import done: {}.{}", in_words(&report), left_out)}</span></Banner> }
}

/// How far it is, and whether it can be left.
#[component]
fn Going(
    /// the dialog's state
    desk: Desk,
    /// the import itself, which goes on when it is left
    import: Mutation<()>,
) -> impl IntoView {
    view! {
        <div class="stack stack--1">
            <p class="row row--between small muted" role="status">
                <span>{move || desk.doing.get()}</span>
                <span class="num">{move || desk.done.get().saturating_mul(100).checked_div(desk.total.get()).map(|percent| format!("{percent} %"))}</span>
            </p>
            <TaskProgress label=t!("Progress") done=desk.done total=desk.total/>
            {move || import.busy.get().then(|| if desk.sent.get() {
                view! { <p class="small muted">{t!("You can close this: the server goes on by itself, and a message says how it ended.")}</p> }
            } else {
                view! { <p class="small muted">{t!("You can close this and go on working. Keep Tyrian open until the file is sent.")}</p> }
            })}
        </div>
    }
}

/// The buttons of each stage.
#[component]
fn Foot(
    /// the dialog's state
    desk: Desk,
    /// looks at the file
    check: Mutation<()>,
    /// takes it in
    import: Mutation<()>,
) -> impl IntoView {
    let close = move |_: MouseEvent| desk.asked.open.set(false);
    let begin = move |_: MouseEvent| {
        check.error.set(None);
        import.run.run(());
    };
    move || match desk.stage.get() {
        Stage::Choose => view! {
            <Button on_click=close>{t!("Close")}</Button>
            <Button
                kind=ButtonKind::Primary
                busy=check.busy
                disabled=Signal::derive(move || desk.file.read().is_none())
                title=Signal::derive(move || desk.file.read().is_none().then(|| t!("Choose a file first").to_owned()))
                on_click=move |_| { import.error.set(None); check.run.run(()); }
            >{t!("Check")}</Button>
        }
        .into_any(),
        Stage::Checked(report) => {
            let parts = desk.chosen().is_some_and(|kind| kind.parts);
            let state = standing(&report, parts);
            let blocked = Signal::derive(move || match state {
                Standing::Ready => None,
                Standing::Nothing => Some(t!("There is nothing to import")),
                Standing::Bad => Some(t!("Nothing of this file can be taken")),
                Standing::Parts => (!desk.partial.get()).then_some(t!("Leave out what is refused first")),
            });
            view! {
                <Button on_click=close>{t!("Close")}</Button>
                {(state != Standing::Nothing && state != Standing::Bad).then(|| view! {
                    <Button
                        kind=ButtonKind::Primary
                        busy=import.busy
                        disabled=Signal::derive(move || blocked.get().is_some())
                        title=Signal::derive(move || blocked.get().map(str::to_owned))
                        on_click=begin
                    >{t!("Import {}", counted(&report, &WRITTEN))}</Button>
                })}
                {(state == Standing::Nothing || state == Standing::Bad).then(|| view! { <Button kind=ButtonKind::Primary on_click=move |_| desk.again()>{t!("Another file")}</Button> })}
            }
            .into_any()
        }
        Stage::Done(_) => view! {
            <Button on_click=move |_| desk.again()>{t!("Import another file")}</Button>
            <Button kind=ButtonKind::Primary on_click=close>{t!("Close")}</Button>
        }
        .into_any(),
    }
}
