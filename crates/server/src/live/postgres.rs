//! Signals between instances: NOTIFY after the commit, one connection that listens. They name missions and users only.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgListener;
use uuid::Uuid;

use super::Signal;
use crate::state::State;

const CHANNEL: &str = "tyrian";
/// Bytes that a NOTIFY may carry are 8,000: a batch goes in pieces.
const PIECE: usize = 40;

/// Tells the other instances. Straight to the pool: what tests count is what requests cost.
pub(super) async fn notify(state: &State, signals: &[Signal]) -> anyhow::Result<()> {
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
