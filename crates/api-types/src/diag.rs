//! Is the instance well?

crate::wire! {
    /// The process is alive.
    pub struct Health {
        /// Always `ok`.
        pub status: String,
        /// The server's version.
        pub version: String,
        /// The commit it was built from, where known.
        pub commit: String,
    }

    /// Can the instance serve?
    pub struct Ready {
        /// Always `ready`; otherwise the answer is a 503.
        pub status: String,
    }

    /// The database as it answers.
    pub struct DatabaseStatus {
        /// True; on an outage the answer is a 503 problem with `reachable: false`.
        pub reachable: bool,
        /// `sqlite` or `postgres`, with its version.
        pub engine: String,
        /// The newest migration that was run.
        pub revision: String,
        /// How many tables of ours there are.
        pub table_count: u64,
    }

    /// What a reset emptied.
    pub struct ResetAnswer {
        /// The tables, in the order in which they were emptied.
        pub emptied: Vec<String>,
        /// Are the users gone too, and set-up open again?
        pub users_removed: bool,
    }
}
