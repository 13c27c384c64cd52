//! How long statements take: a histogram of all, and a line in the log for each that is slow, with the operation that sent it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;
use sea_orm::Statement;
use sea_orm::metric::Info;

/// Upper ends of the classes of a statement's time, in seconds.
const CLASSES: [f64; 9] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0];

/// The request that statements belong to.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Method and path as the OpenAPI document has it.
    pub operation: String,
    /// The request's id.
    pub request_id: String,
}

tokio::task_local! {
    /// Set around each request; what runs outside of one has none.
    pub static ORIGIN: Origin;
}

/// A statement with the request that sent it.
pub type Sent = (Option<Origin>, Statement);

/// Watches the statements of all connections.
#[derive(Debug, Clone)]
pub struct Watch {
    sent: Arc<AtomicU64>,
    seconds: Histogram,
    slow: Option<Duration>,
    copies: Arc<OnceLock<Sender<Sent>>>,
}

impl Watch {
    /// Statements that take `slow` or longer are logged; none: no statement is.
    pub fn new(slow: Option<Duration>) -> Self {
        Self { sent: Arc::default(), seconds: Histogram::new(CLASSES), slow, copies: Arc::default() }
    }

    /// How many were sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Their times.
    pub fn seconds(&self) -> Histogram {
        self.seconds.clone()
    }

    /// Each statement from now on, with what it is given and who sent it: for tests that count, or look at plans. Once.
    pub fn copies(&self) -> Receiver<Sent> {
        let (sender, receiver) = channel();
        self.copies.set(sender).ok();
        receiver
    }

    /// A statement came to its end. Its text is logged, what it was given is not: that can be a secret.
    pub fn note(&self, info: &Info<'_>) {
        // what tells other instances goes out by itself, sooner or later: it is no operation's
        if !info.statement.sql.starts_with("SELECT pg_notify(") {
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
        self.seconds.observe(info.elapsed.as_secs_f64());
        let slow = self.slow.is_some_and(|slow| info.elapsed >= slow);
        if !slow && self.copies.get().is_none() {
            return;
        }
        let origin = ORIGIN.try_with(Clone::clone).ok();
        if slow {
            let (operation, request_id) = origin.as_ref().map_or(("background", ""), |o| (&o.operation, &o.request_id));
            let ms = u64::try_from(info.elapsed.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(target: "tyrian::slow_query", operation, request_id, ms, failed = info.failed, sql = info.statement.sql, "slow query");
        }
        if let Some(copies) = self.copies.get() {
            copies.send((origin, info.statement.clone())).ok();
        }
    }
}
