//! Live: what others do appears by itself. One tab of a browser reads the server's stream and hands it to the others;
//! in each, an event makes what it changes stale ([`stale`]), and what is shown of that is read again ([`pace`]).

mod frames;
mod mark;
mod pace;
mod stale;
mod stream;
mod tabs;

use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use futures_util::future::{AbortHandle, select};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tyrian_api_types::events::MissionEvent;
use tyrian_api_types::missions::MissionTest;
use tyrian_domain::event::EventKind;
use uuid::Uuid;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::key;
use crate::query;
pub use mark::LiveMark;
use pace::Pace;
use stale::Stale;

/// Does what others do come in?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// Not known yet.
    Starting,
    /// Yes.
    Live,
    /// No: the server is not reached.
    Offline,
}

/// What the tabs of a browser tell each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Word {
    /// A message of the stream.
    Frame {
        /// its kind
        name: Option<String>,
        /// where to go on after it
        id: Option<i64>,
        /// what it says
        data: String,
    },
    /// The stream is alive.
    Beat,
    /// How the stream is.
    Mark(Mark),
    /// A new tab wants to know how it is.
    Hello,
    /// This tab leads, where there are no locks.
    Lead {
        /// its name
        who: String,
    },
    /// The reader has read notifications in another tab.
    Notifications,
}

/// How many events are remembered, so that one that comes twice is read once.
const REMEMBERED: usize = 1_000;

/// Events of late, by mission and number.
#[derive(Default)]
struct Seen {
    order: VecDeque<(Uuid, i64)>,
    set: HashSet<(Uuid, i64)>,
}

impl Seen {
    /// Is it new?
    fn note(&mut self, mission: Uuid, sequence: i64) -> bool {
        if !self.set.insert((mission, sequence)) {
            return false;
        }
        self.order.push_back((mission, sequence));
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        true
    }
}

/// What hears the other tabs.
type Listener = Closure<dyn FnMut(MessageEvent)>;

/// Is it the echo of an edit whose answer is shown already? Then the test is not read again under the writer's hands.
fn is_known(event: &MissionEvent) -> bool {
    let (EventKind::TestUpdated | EventKind::TestStateChanged, Some(test)) = (event.kind, event.mission_test_id) else { return false };
    let version = event.payload.get("version").and_then(serde_json::Value::as_i64);
    let shown = query::peek::<MissionTest>(&key!["missions", event.mission_id, "tests", test]).map(|test| test.version);
    shown.zip(version).is_some_and(|(shown, version)| shown >= version)
}

/// This tab's end of it.
struct Hub {
    user: Uuid,
    /// name of this tab
    me: String,
    on: Cell<bool>,
    mark: RwSignal<Mark>,
    channel: Option<BroadcastChannel>,
    listener: RefCell<Option<Listener>>,
    leading: Cell<bool>,
    /// when another tab was heard leading, where there are no locks
    heard_lead: Cell<f64>,
    yields: RefCell<Option<AbortHandle>>,
    ends: RefCell<Vec<AbortHandle>>,
    /// where a stream that is opened now goes on
    last: Cell<Option<i64>>,
    seen: RefCell<Seen>,
    pace: RefCell<Pace>,
    timer: RefCell<Option<Timeout>>,
    bell: RefCell<Option<js_sys::Function>>,
}

thread_local! {
    static HUB: RefCell<Option<Rc<Hub>>> = const { RefCell::new(None) };
    static MARK: Cell<Option<RwSignal<Mark>>> = const { Cell::new(None) };
}

fn hub() -> Option<Rc<Hub>> {
    HUB.with_borrow(Clone::clone)
}

/// How the stream is.
pub fn mark() -> Signal<Mark> {
    MARK.get().map_or_else(|| Signal::stored(Mark::Starting), Into::into)
}

/// Listens as long as the component lives that calls it: the frame around every page of somebody who is signed in.
pub fn use_live(user: Uuid) {
    let mark = RwSignal::new(Mark::Starting);
    MARK.set(Some(mark));
    start(user, mark);
    let offline = window_event_listener_untyped("offline", |_| {
        if let Some(hub) = hub() {
            hub.set_mark(Mark::Offline);
            hub.ring();
        }
    });
    let online = window_event_listener_untyped("online", |_| {
        if let Some(hub) = hub() {
            hub.ring();
        }
    });
    on_cleanup(move || {
        offline.remove();
        online.remove();
        stop();
        MARK.set(None);
    });
}

fn start(user: Uuid, mark: RwSignal<Mark>) {
    stop();
    let hub = Rc::new(Hub {
        user,
        me: Uuid::now_v7().to_string(),
        on: Cell::new(true),
        mark,
        channel: BroadcastChannel::new(&channel_name(user)).ok(),
        listener: RefCell::new(None),
        leading: Cell::new(false),
        heard_lead: Cell::new(0.0),
        yields: RefCell::new(None),
        ends: RefCell::new(Vec::new()),
        // What happened while the page was loading is told again.
        last: Cell::new(crate::api::server_time_us()),
        seen: RefCell::default(),
        pace: RefCell::default(),
        timer: RefCell::new(None),
        bell: RefCell::new(None),
    });
    if let Some(channel) = &hub.channel {
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
            let word = event.data().as_string().and_then(|text| serde_json::from_str::<Word>(&text).ok());
            if let (Some(word), Some(hub)) = (word, self::hub()) {
                hub.hear(&word);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        hub.listener.replace(Some(listener));
    }
    HUB.set(Some(hub.clone()));
    hub.post(&Word::Hello);
    leptos::task::spawn_local(tabs::take_turns(hub));
}

fn stop() {
    let Some(hub) = HUB.take() else { return };
    hub.on.set(false);
    for end in hub.ends.take() {
        end.abort();
    }
    if let Some(channel) = &hub.channel {
        channel.set_onmessage(None);
        channel.close();
    }
    hub.listener.take();
    hub.timer.take();
}

fn channel_name(user: Uuid) -> String {
    format!("tyrian-live-{user}")
}

/// Tells the other tabs that notifications were read in this one.
pub fn notifications_read() {
    if let Some(hub) = hub() {
        hub.post(&Word::Notifications);
    }
}

impl Hub {
    fn name(&self) -> String {
        channel_name(self.user)
    }

    fn is_on(&self) -> bool {
        self.on.get()
    }

    fn post(&self, word: &Word) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(word)) {
            let _ = channel.post_message(&text.into());
        }
    }

    /// Tells the other tabs, and this one.
    fn spread(&self, word: Word) {
        self.post(&word);
        self.hear(&word);
    }

    fn set_mark(&self, mark: Mark) {
        if self.leading.get() {
            self.post(&Word::Mark(mark));
        }
        self.take_mark(mark);
    }

    fn take_mark(&self, mark: Mark) {
        let before = self.mark.try_get_untracked();
        if before.is_none_or(|before| before == mark) {
            return;
        }
        if before == Some(Mark::Offline) && mark == Mark::Live {
            // The stream tells what happened meanwhile; what could not be read meanwhile it does not know.
            self.stale(stale::everything());
        }
        self.mark.set(mark);
    }

    /// Waits, or until the bell rings.
    async fn nap(&self, ms: u32) {
        let bell = js_sys::Promise::new(&mut |resolve, _| {
            self.bell.replace(Some(resolve));
        });
        select(Box::pin(crate::web::sleep(ms)), Box::pin(JsFuture::from(bell))).await;
    }

    fn ring(&self) {
        if let Some(bell) = self.bell.take() {
            let _ = bell.call0(&wasm_bindgen::JsValue::UNDEFINED);
        }
    }

    fn hear(&self, word: &Word) {
        match word {
            Word::Frame { name, id, data } => {
                if let Some(id) = *id {
                    self.last.set(Some(self.last.get().map_or(id, |last| last.max(id))));
                }
                self.take_frame(name.as_deref(), data);
            }
            Word::Beat => {
                // Nothing was missed until now; the server goes back a little further than it is asked to.
                if let Some(now) = crate::api::server_time_us() {
                    self.last.set(Some(self.last.get().map_or(now, |last| last.max(now))));
                }
            }
            Word::Mark(mark) => self.take_mark(*mark),
            Word::Hello => {
                if let (true, Some(mark)) = (self.leading.get(), self.mark.try_get_untracked()) {
                    self.post(&Word::Mark(mark));
                }
            }
            Word::Lead { who } => tabs::heard_lead(self, who),
            Word::Notifications => self.stale(stale::notifications()),
        }
    }

    fn take_frame(&self, name: Option<&str>, data: &str) {
        match name {
            None => {
                let Ok(event) = serde_json::from_str::<MissionEvent>(data) else { return };
                if self.seen.borrow_mut().note(event.mission_id, event.sequence) {
                    let known = is_known(&event);
                    let own = event.mission_test_id.map(|test| Stale::One(key!["missions", event.mission_id, "tests", test]));
                    for stale in stale::stale_by(&event) {
                        if !(known && Some(&stale) == own.as_ref()) {
                            self.stale(stale);
                        }
                    }
                }
            }
            Some("presence") => {
                let value: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
                if let Some(mission) = value.get("mission_id").and_then(serde_json::Value::as_str) {
                    self.stale(stale::presence(mission));
                }
            }
            Some("notifications") => self.stale(stale::notifications()),
            Some("resync") => self.stale(stale::everything()),
            Some(_) => {}
        }
    }

    fn stale(&self, stale: Stale) {
        let now = js_sys::Date::now();
        let wait = {
            let mut pace = self.pace.borrow_mut();
            pace.add(stale, now);
            pace.wait(now)
        };
        self.wake_in(wait);
    }

    fn wake_in(&self, wait: Option<f64>) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
        let timer = wait.map(|ms| Timeout::new(ms.ceil() as u32, flush));
        self.timer.replace(timer);
    }
}

/// Has read again what is due.
fn flush() {
    let Some(hub) = hub() else { return };
    let (due, wait) = hub.pace.borrow_mut().take(js_sys::Date::now());
    hub.wake_in(wait);
    for stale in due {
        match stale {
            Stale::One(key) => query::invalidate_one(&key),
            Stale::Under(prefix) => query::invalidate(&prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_comes_twice_counts_once() {
        let mut seen = Seen::default();
        let mission = Uuid::from_u128(1);
        assert!(seen.note(mission, 1) && seen.note(mission, 2) && !seen.note(mission, 1));
        assert!(seen.note(Uuid::from_u128(2), 1));
        for n in 0..2_000 {
            seen.note(Uuid::from_u128(3), n);
        }
        assert_eq!((seen.order.len(), seen.set.len()), (REMEMBERED, REMEMBERED));
    }
}
