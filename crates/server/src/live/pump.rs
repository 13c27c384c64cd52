//! The one task that turns signals into messages: it reads the new events of a mission once, however many listen.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use uuid::Uuid;

use super::{Message, Signal};
use crate::error::ApiResult;
use crate::events;
use crate::state::State;

/// Missions whose last number is remembered, before the memory is cleared.
const REMEMBERED: usize = 10_000;

/// Runs until the process ends. Signals of this process go to `elsewhere` too, where there can be other instances.
pub(super) async fn run(state: State, mut receiver: UnboundedReceiver<(Signal, bool)>, elsewhere: Option<UnboundedSender<Signal>>) {
    let mut last: HashMap<Uuid, i64> = HashMap::new();
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, 256).await > 0 {
        let mut missions: Vec<(Uuid, i64)> = Vec::new();
        for (signal, ours) in batch.drain(..) {
            if let Some(elsewhere) = elsewhere.as_ref().filter(|_| ours) {
                // it runs as long as this
                let _ = elsewhere.send(signal.clone());
            }
            match signal {
                Signal::Mission(mission, first) => match missions.iter_mut().find(|(m, _)| *m == mission) {
                    Some((_, lowest)) => *lowest = first.min(*lowest),
                    None => missions.push((mission, first)),
                },
                Signal::Notified(user) => send(&state, Message::Notified(user)),
                Signal::Rights(user) => send(&state, Message::Rights(user)),
                Signal::Presence(mission, seen) => {
                    if state.live.presences.note(mission, seen) {
                        send(&state, Message::Presence(mission));
                    }
                }
            }
        }
        for (mission, first) in missions {
            let after = last.get(&mission).copied().unwrap_or(first - 1);
            if state.live.out.receiver_count() == 0 {
                last.remove(&mission);
                continue;
            }
            match tell(&state, mission, after).await {
                Ok(newest) => {
                    if last.len() > REMEMBERED {
                        last.clear();
                    }
                    last.insert(mission, newest);
                }
                // whoever listens reads what is missing at the next heartbeat
                Err(e) => tracing::warn!(%mission, "events could not be read for the streams: {e}"),
            }
        }
    }
}

fn send(state: &State, message: Message) {
    // an error means that nobody listens
    let _ = state.live.out.send(message);
}

/// Reads the events behind `after` and tells them. The number of the last one.
async fn tell(state: &State, mission: Uuid, after: i64) -> ApiResult<i64> {
    let mut newest = after;
    loop {
        let page = events::store::live_after(state.db.reader(), mission, newest).await?;
        let full = u64::try_from(page.len()).is_ok_and(|n| n >= events::store::STREAM_PAGE);
        for event in page {
            newest = event.sequence.max(newest);
            send(state, Message::Event(Arc::new(event)));
        }
        if !full {
            return Ok(newest);
        }
    }
}
