//! What happens, told at once to everybody who listens: in this process by a channel, on PostgreSQL between instances
//! by NOTIFY.
//!
//! Nothing here is the truth: the events are in the database, numbered, and whoever listens reads what it missed from
//! there (see `events`). A signal that gets lost costs a few seconds, never an event.

mod postgres;
mod presence;
mod pump;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

pub use presence::{Presences, Seen};

use crate::state::State;

/// Messages that a slow listener may lag behind before it has to read the database.
const BACKLOG: usize = 1024;

/// What listeners are told.
#[derive(Debug, Clone)]
pub enum Message {
    /// An event of a mission.
    Event(Arc<LiveEvent>),
    /// The rights of this user, or of everybody, may have changed: look again who may listen.
    Rights(Option<Uuid>),
    /// This user has a new notification, or has read one.
    Notified(Uuid),
    /// Somebody has come to, or left, a page of this mission.
    Presence(Uuid),
    /// The server stops.
    Closing,
}

/// An event, ready to send.
#[derive(Debug)]
pub struct LiveEvent {
    /// Where it happened.
    pub mission: Uuid,
    /// Its number there.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// May those see it who see disclosed tests only?
    pub disclosed: bool,
    /// Does it change who may listen?
    pub changes_members: bool,
    /// As it travels.
    pub json: String,
}

/// What is to be told once a transaction has committed.
#[must_use = "nobody learns of a change that is not published"]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wake {
    /// The mission with new events, and the number of the first.
    pub mission: Option<(Uuid, i64)>,
    /// Who has new notifications.
    pub notified: Vec<Uuid>,
}

/// A signal on its way to the pump: from this process, or from another one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Signal {
    #[serde(rename = "m")]
    Mission(Uuid, i64),
    #[serde(rename = "n")]
    Notified(Uuid),
    #[serde(rename = "r")]
    Rights(Option<Uuid>),
    #[serde(rename = "p")]
    Presence(Uuid, Seen),
}

/// The switchboard of a process.
pub struct Live {
    /// This process among the instances: it does not listen to itself.
    instance: Uuid,
    signals: mpsc::UnboundedSender<(Signal, bool)>,
    receiver: Mutex<Option<mpsc::UnboundedReceiver<(Signal, bool)>>>,
    out: broadcast::Sender<Message>,
    closing: OnceLock<()>,
    /// Who looks at what.
    pub presences: Presences,
}

impl Default for Live {
    fn default() -> Self {
        let (signals, receiver) = mpsc::unbounded_channel();
        let (out, _) = broadcast::channel(BACKLOG);
        Self {
            instance: Uuid::now_v7(),
            signals,
            receiver: Mutex::new(Some(receiver)),
            out,
            closing: OnceLock::new(),
            presences: Presences::default(),
        }
    }
}

impl Live {
    /// Tells what a committed transaction has changed.
    pub fn publish(&self, wake: Wake) {
        if let Some((mission, first)) = wake.mission {
            self.send(Signal::Mission(mission, first));
        }
        for user in wake.notified {
            self.send(Signal::Notified(user));
        }
    }

    /// Says that what this user, or anybody, may do has changed, or that they signed out: streams look again at once.
    pub fn rights_changed(&self, user: Option<Uuid>) {
        self.send(Signal::Rights(user));
    }

    /// Says that somebody has come to a page of a mission, or has left it.
    pub fn present(&self, mission: Uuid, seen: Seen) {
        self.send(Signal::Presence(mission, seen));
    }

    fn send(&self, signal: Signal) {
        // the pump runs as long as the process: when it is gone, so are those who listen
        let _ = self.signals.send((signal, true));
    }

    /// Everything that is told from now on.
    pub fn listen(&self) -> broadcast::Receiver<Message> {
        self.out.subscribe()
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.out.receiver_count()
    }

    /// Is there no use in listening any more?
    pub fn is_closing(&self) -> bool {
        self.closing.get().is_some()
    }

    /// Ends all streams, so that the server can stop.
    pub fn close(&self) {
        let _ = self.closing.set(());
        let _ = self.out.send(Message::Closing);
    }
}

/// Starts what carries the signals. Once a process.
pub fn start(state: &State) {
    let receiver = state.live.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(receiver) = receiver else { return };
    let elsewhere = if let crate::config::Database::Postgres(url) = &state.settings.database {
        let (sender, own) = mpsc::unbounded_channel();
        tokio::spawn(postgres::notify(state.clone(), own));
        tokio::spawn(postgres::listen(state.clone(), url.clone()));
        Some(sender)
    } else {
        None
    };
    tokio::spawn(pump::run(state.clone(), receiver, elsewhere));
}
