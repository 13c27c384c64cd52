//! Signals between instances: NOTIFY after the commit, one connection that listens. They name missions and users only.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgListener;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::Signal;
use crate::state::State;

const CHANNEL: &str = "tyrian";
/// Bytes that a NOTIFY may carry are 8,000: a batch goes in pieces.
const PIECE: usize = 40;
/// After one NOTIFY what comes within this time goes with the next one: when much happens, each takes a transaction of its own
/// and wakes every instance.
const PAUSE: Duration = Duration::from_millis(10);

/// Tells the other instances until the process ends.
pub(super) async fn notify(state: State, mut own: UnboundedReceiver<Signal>) {
    let mut batch = Vec::new();
    while own.recv_many(&mut batch, 1024).await > 0 {
        if let Err(e) = send(&state, &once(batch.drain(..))).await {
            tracing::warn!("other instances could not be told: {e}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Each mission once, from its first new event on.
fn once(batch: impl Iterator<Item = Signal>) -> Vec<Signal> {
    let mut signals: Vec<Signal> = Vec::new();
    for signal in batch {
        if let Signal::Mission(mission, first) = &signal
            && let Some(known) = signals.iter_mut().find_map(|s| match s {
                Signal::Mission(m, known) if m == mission => Some(known),
                _ => None,
            })
        {
            *known = (*known).min(*first);
        } else {
            signals.push(signal);
        }
    }
    signals
}

/// Straight to the pool: what tests count is what requests cost.
async fn send(state: &State, signals: &[Signal]) -> anyhow::Result<()> {
    let pool = state.db.writer().get_postgres_connection_pool();
    for piece in signals.chunks(PIECE) {
        let text = serde_json::to_string(&(state.live.instance, piece))?;
        sea_orm::sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(text).execute(pool).await?;
    }
    Ok(())
}

/// Listens to the other instances until the process ends.
pub(super) async fn listen(state: State, url: String) {
    loop {
        if let Err(e) = hear(&state, &url).await {
            tracing::warn!("not listening to other instances for a moment: {e}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn hear(state: &State, url: &str) -> Result<(), sea_orm::sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        let Ok((instance, signals)) = serde_json::from_str::<(Uuid, Vec<Signal>)>(notification.payload()) else { continue };
        if instance == state.live.instance {
            continue;
        }
        for signal in signals {
            let _ = state.live.signals.send((signal, false));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mission_is_told_once_from_its_first_event_on() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let batch = [Signal::Mission(a, 7), Signal::Notified(b), Signal::Mission(b, 1), Signal::Mission(a, 5), Signal::Mission(a, 9)];
        let told = serde_json::to_value(once(batch.into_iter())).unwrap();
        assert_eq!(told, serde_json::to_value([Signal::Mission(a, 5), Signal::Notified(b), Signal::Mission(b, 1)]).unwrap());
    }
}
