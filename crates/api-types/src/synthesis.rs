//! What a mission tells, counted.

use std::collections::BTreeMap;

use tyrian_domain::test::{Outcome, TestState};

crate::wire! {
    /// A mission's tests counted by state, outcome and tactic, as far as the caller sees them.
    pub struct Synthesis {
        /// All tests.
        pub tests: u64,
        /// By state.
        pub by_state: BTreeMap<TestState, u64>,
        /// By display outcome.
        pub by_outcome: BTreeMap<Outcome, u64>,
        /// By detection level code, and `unassessed`.
        pub by_detection_level: BTreeMap<String, u64>,
        /// By tactic of the snapshot, in the order in which they stood in the matrix.
        pub by_tactic: Vec<TacticCount>,
    }

    /// A tactic's tests. A test that stands in several tactics counts in each.
    pub struct TacticCount {
        /// `TA0002`; null for tests without a tactic.
        pub external_id: Option<String>,
        /// `execution`.
        pub short_name: Option<String>,
        /// Its name on the day of the copy.
        pub name: String,
        /// Its tests.
        pub tests: u64,
        /// Those that blue has judged.
        pub assessed: u64,
        /// Those of the judged that were logged, in part at least.
        pub logged: u64,
        /// Those of the judged that were alerted, in part at least.
        pub alerted: u64,
        /// Those of the judged that were prevented, in part at least.
        pub prevented: u64,
    }
}
