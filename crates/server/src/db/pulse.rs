//! Does PostgreSQL answer at all? Asked every second on a connection of its own, so that no crowd in the pool is taken for silence.
//!
//! A server that is down says so: connections break, and requests end. One behind a network or a proxy that has stopped to carry
//! anything says nothing, and a statement would wait for it without end. That is what this is for: the requests that wait are ended.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::{Connection as _, Error, PgConnection};
use tokio::sync::watch;

use crate::config::Database;
use crate::state::State;

/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);
/// An answer that takes longer is silence. Requests that wait end after this and a [`PAUSE`] at the latest.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether the database is silent.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<watch::Sender<bool>>);

impl Pulse {
    /// Returns once the database is silent: at once where it is, never where it answers.
    pub async fn lost(&self) {
        if self.0.subscribe().wait_for(|silent| *silent).await.is_err() {
            // nobody asks any more
            std::future::pending::<()>().await;
        }
    }

    /// Is it silent?
    pub fn is_lost(&self) -> bool {
        *self.0.borrow()
    }

    fn note(&self, silent: bool) {
        let changed = self.0.send_if_modified(|now| std::mem::replace(now, silent) != silent);
        if changed && silent {
            tracing::error!("the database says nothing: requests that wait for it are ended until it answers");
        } else if changed {
            tracing::info!("the database answers again");
        }
    }
}

/// Asks until the process ends. SQLite is in this process: nobody has to ask.
pub fn start(state: &State) {
    let Database::Postgres(url) = &state.settings.database else { return };
    let (pulse, url) = (state.db.pulse().clone(), url.clone());
    tokio::spawn(async move {
        let mut kept = None;
        loop {
            match tokio::time::timeout(PATIENCE, ask(&url, kept.take())).await {
                Ok(Ok(connection)) => {
                    kept = Some(connection);
                    pulse.note(false);
                }
                // it refuses, or has no connection to spare: those who ask it are told so themselves
                Ok(Err(_)) => pulse.note(false),
                Err(_) => pulse.note(true),
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Asks once, and gives the connection back for the next time.
async fn ask(url: &str, kept: Option<PgConnection>) -> Result<PgConnection, Error> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => PgConnection::connect(url).await?,
    };
    connection.ping().await?;
    Ok(connection)
}
