//! Files on their way: first shown with room for a caption, then sent, two at a time, with progress, cancel and retry.

use std::collections::HashMap;

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_domain::test::Side;
use uuid::Uuid;
use web_sys::File;

use super::queries;
use crate::api::ApiError;
use crate::ui::{Button, ButtonSize, IconButton, TaskProgress, TextInput, bytes_in_words, count, use_toasts};

/// How many are sent at once.
const AT_ONCE: usize = 2;

/// Where a file stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Its caption is written.
    Asked,
    /// Others go first.
    Waiting,
    /// It is sent.
    Sending,
    /// It did not arrive, and why.
    Failed(String),
}

/// A file on its way; a copyable handle.
#[derive(Clone, Copy)]
pub struct Sent {
    id: u32,
    side: Side,
    file: StoredValue<File, LocalStorage>,
    caption: RwSignal<String>,
    step: RwSignal<Step>,
    done: RwSignal<u64>,
    total: RwSignal<u64>,
    cut: StoredValue<Option<AbortHandle>>,
}

/// The files on their way to one test.
#[derive(Clone, Copy)]
pub struct Sending {
    mission: Memo<String>,
    test: Uuid,
    list: RwSignal<Vec<Sent>>,
    next: StoredValue<u32>,
    toasts: crate::ui::Toasts,
    /// What a file's state belongs to: it lasts as long as the list, not as long as the page on which the file was chosen.
    owner: StoredValue<Owner>,
}

/// Why it did not arrive, and what to do.
fn refusal(error: &ApiError) -> String {
    match error.code() {
        Some(ErrorCode::PayloadTooLarge) => {
            t!("It is larger than this instance takes. Send a part of it, or ask an administrator.").to_owned()
        }
        _ => error.fields().first().map_or_else(|| error.text(), |field| field.detail.clone()),
    }
}

/// `screenshot 2026-03-12 14.02.31.png`: what a browser pastes has no name of its own.
pub fn pasted_name(now: &str, kind: &str) -> String {
    let end = match kind {
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => "png",
    };
    let (day, time) = now.split_once('T').unwrap_or((now, ""));
    let time = time.get(..8).unwrap_or(time).replace(':', ".");
    t!("screenshot {day} {time}.{end}"; day, time, end)
}

/// The files on their way to each test of a mission: they wait while one looks at another test or tab.
#[derive(Clone)]
struct OnTheirWay {
    owner: Owner,
    by_test: StoredValue<HashMap<Uuid, Sending>>,
}

/// Keeps files that wait for as long as the mission's page is open, and says so where some are left behind: before a
/// reload, and after another page was opened.
pub fn keep_files() {
    let Some(owner) = Owner::current() else { return };
    let by_test = StoredValue::new(HashMap::<Uuid, Sending>::new());
    let toasts = use_toasts();
    provide_context(OnTheirWay { owner, by_test });
    let any = |sending: &Sending| sending.list.try_with_untracked(|list| !list.is_empty()).unwrap_or_default();
    crate::web::ask_before_unload(move || by_test.try_with_value(|all| all.values().any(any)).unwrap_or_default());
    on_cleanup(move || {
        let waits = |sending: &Sending| {
            sending.list.try_with_untracked(|list| list.iter().filter(|one| one.step.try_get_untracked() == Some(Step::Asked)).count())
        };
        let left: usize = by_test.try_with_value(|all| all.values().filter_map(waits).sum()).unwrap_or_default();
        if left > 0 {
            let what = count(left as u64, "file was chosen and not added", "files were chosen and not added");
            toasts.error(t!("Evidence was left behind"), Some(t!("{what} to the mission that you left. Choose them again there."; what)));
        }
    });
}

impl Sending {
    /// Those of a test, as they were left.
    pub fn of(mission: Memo<String>, test: Uuid) -> Self {
        let Some(kept) = use_context::<OnTheirWay>() else { return Self::new(mission, test) };
        if let Some(found) = kept.by_test.with_value(|all| all.get(&test).copied()) {
            return found;
        }
        let made = kept.owner.with(|| Self::new(mission, test));
        kept.by_test.update_value(|all| {
            all.insert(test, made);
        });
        made
    }

    /// Nothing yet.
    fn new(mission: Memo<String>, test: Uuid) -> Self {
        let owner = StoredValue::new(Owner::current().unwrap_or_default());
        Self { mission, test, list: RwSignal::new(Vec::new()), next: StoredValue::new(0), toasts: use_toasts(), owner }
    }

    /// Shows a file with room for its caption.
    pub fn ask(self, side: Side, file: File) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole and positive")]
        let total = file.size() as u64;
        let sent = self.owner.get_value().with(|| Sent {
            id,
            side,
            file: StoredValue::new_local(file),
            caption: RwSignal::new(String::new()),
            step: RwSignal::new(Step::Asked),
            done: RwSignal::new(0),
            total: RwSignal::new(total),
            cut: StoredValue::new(None),
        });
        // of several the first one is asked about first
        let first = self.list.with_untracked(|list| list.iter().all(|one| one.step.with_untracked(|step| *step != Step::Asked)));
        self.list.update(|list| list.push(sent));
        if first {
            crate::web::focus_soon(format!("#sent-{id} input"));
        }
    }

    /// Is anything on its way?
    fn active(self) -> usize {
        self.list.with_untracked(|list| list.iter().filter(|one| one.step.with_untracked(|step| *step == Step::Sending)).count())
    }

    fn start(self, sent: Sent) {
        sent.step.set(Step::Waiting);
        self.pump();
    }

    /// Sends what waits, as far as there is room.
    fn pump(self) {
        while self.active() < AT_ONCE {
            let waiting =
                self.list.with_untracked(|list| list.iter().find(|one| one.step.with_untracked(|step| *step == Step::Waiting)).copied());
            let Some(sent) = waiting else { return };
            self.send(sent);
        }
    }

    fn send(self, sent: Sent) {
        sent.step.set(Step::Sending);
        sent.done.set(0);
        let (mission, caption) = (self.mission.get_untracked(), sent.caption.get_untracked());
        let file = sent.file.get_value();
        let work = async move {
            queries::add(&mission, self.test, sent.side, &caption, &file, move |done, total| {
                sent.done.try_set(done);
                sent.total.try_set(total);
            })
            .await
        };
        let (work, cut) = abortable(work);
        sent.cut.set_value(Some(cut));
        leptos::task::spawn_local(async move {
            let answer = work.await;
            // Whoever left the test hears by a toast; the list is gone with it.
            match answer {
                Ok(Ok(evidence)) => {
                    if self.list.try_update(|list| list.retain(|one| one.id != sent.id)).is_none() {
                        self.toasts.success(t!("{} is added", evidence.file_name));
                    }
                    queries::refresh(&self.mission.try_get_untracked().unwrap_or_default(), self.test);
                }
                Ok(Err(error)) => {
                    sent.step.try_set(Step::Failed(refusal(&error)));
                    if self.list.is_disposed() {
                        self.toasts.error(t!("A file did not arrive"), Some(refusal(&error)));
                    }
                }
                Err(_) => {}
            }
            if self.list.try_with_untracked(Vec::len).is_some() {
                self.pump();
            }
        });
    }

    fn drop_one(self, sent: Sent) {
        if let Some(cut) = sent.cut.get_value() {
            cut.abort();
        }
        self.list.update(|list| list.retain(|one| one.id != sent.id));
        self.pump();
    }

    /// Sends all of a side whose captions are written.
    fn start_all(self, side: Side) {
        let asked: Vec<Sent> = self.list.with_untracked(|list| {
            list.iter().filter(|one| one.side == side && one.step.with_untracked(|step| *step == Step::Asked)).copied().collect()
        });
        for sent in asked {
            sent.step.set(Step::Waiting);
        }
        self.pump();
    }
}

/// The files of a side on their way.
#[component]
pub fn OnTheWay(
    /// the files
    sending: Sending,
    /// the side
    side: Side,
) -> impl IntoView {
    let mine =
        Memo::new(move |_| sending.list.with(|list| list.iter().filter(|one| one.side == side).map(|one| one.id).collect::<Vec<_>>()));
    let asked = Memo::new(move |_| {
        sending.list.with(|list| list.iter().filter(|one| one.side == side && one.step.with(|step| *step == Step::Asked)).count())
    });
    view! {
        <ul class="sent" aria-label=t!("Files to be added")>
            <For each=move || mine.get() key=|id| *id let:id>
                {sending.list.with_untracked(|list| list.iter().find(|one| one.id == id).copied()).map(|sent| row(sending, sent))}
            </For>
        </ul>
        {move || (asked.get() > 1).then(|| view! {
            <div><Button size=ButtonSize::Small on_click=move |_| sending.start_all(side)>{t!("Add all {}", asked.get())}</Button></div>
        })}
    }
}

fn row(sending: Sending, sent: Sent) -> impl IntoView {
    let name = sent.file.with_value(File::name);
    let (bar, caption_label, cancel) = (t!("Sending {name}"; name), t!("Caption of {name}, optional"; name), t!("Leave {name} out"; name));
    let size = sent.total.get_untracked();
    let percent = move || match (sent.done.get(), sent.total.get()) {
        (_, 0) => String::new(),
        (done, total) => format!("{} %", done.min(total) * 100 / total),
    };
    let cancel = Signal::stored(cancel);
    view! {
        <li class="sent__one" id=format!("sent-{}", sent.id)>
            <span class="sent__name trunc" title=name.clone()>{name.clone()}</span>
            <span class="small muted num">{bytes_in_words(size)}</span>
            <IconButton icon="x" label=cancel on_click=move |_| sending.drop_one(sent)/>
            {move || match sent.step.get() {
                Step::Asked => {
                    let label = caption_label.clone();
                    view! {
                        <form class="sent__ask" on:submit=move |event| { event.prevent_default(); event.stop_propagation(); sending.start(sent); }>
                            <TextInput value=sent.caption label=label placeholder=t!("What it shows") small=true maxlength=1000/>
                            <Button size=ButtonSize::Small submit=true>{t!("Add")}</Button>
                        </form>
                    }
                    .into_any()
                }
                Step::Waiting => view! { <span class="small muted sent__wide">{t!("Waits for the others")}</span> }.into_any(),
                Step::Sending => view! {
                    <span class="sent__wide sent__bar">
                        <TaskProgress label=bar.clone() done=sent.done total=sent.total/>
                        <span class="small num">{percent}</span>
                    </span>
                }
                .into_any(),
                Step::Failed(why) => view! {
                    <span class="sent__wide field__error" role="alert">{why}" "
                        <Button size=ButtonSize::Small icon="refresh-cw" on_click=move |_| sending.start(sent)>{t!("Try again")}</Button>
                    </span>
                }
                .into_any(),
            }}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::pasted_name;

    #[test]
    fn a_pasted_picture_is_named_by_its_time() {
        assert_eq!(pasted_name("2026-03-12T14:02:31.123Z", "image/png"), "screenshot 2026-03-12 14.02.31.png");
        assert_eq!(pasted_name("2026-03-12T14:02:31Z", "image/jpeg"), "screenshot 2026-03-12 14.02.31.jpg");
        assert_eq!(pasted_name("", ""), "screenshot  .png");
    }
}
