//! Work that runs longer than a request.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

tyrian_domain::words! {
    /// Where a job stands.
    pub enum JobState {
        /// Waits.
        Queued = "queued",
        /// Runs.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Ended with an error; `result` is the problem.
        Failed = "failed",
        /// Ended by a person.
        Cancelled = "cancelled",
    }
}

crate::wire! {
    /// The answer to a request with `Prefer: respond-async`.
    pub struct JobAccepted {
        /// Ask `GET /jobs/{id}` with it.
        pub job_id: Uuid,
    }

    /// A job and how far it is.
    pub struct Job {
        /// Job id.
        pub id: Uuid,
        /// What it does, `mitre_sync`.
        pub kind: String,
        /// Where it stands.
        pub state: JobState,
        /// Steps done, in units of `total`.
        pub progress: u64,
        /// Steps in all, where known.
        pub total: Option<u64>,
        /// What it is doing, for people.
        pub message: Option<String>,
        /// The answer that the request would have had; a problem where it failed.
        pub result: Option<Value>,
        /// When it was asked for.
        pub created_at: DateTime<Utc>,
        /// When it last moved.
        pub updated_at: DateTime<Utc>,
    }
}
