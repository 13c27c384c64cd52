//! A test of a mission: its state, the three facts that blue records, and the outcome shown for them.

words! {
    /// Where a mission's test stands.
    pub enum TestState {
        /// Not begun.
        Planned = "planned",
        /// Red is at it.
        Running = "running",
        /// Red is done, blue's turn.
        Executed = "executed",
        /// Blue has judged.
        Assessed = "assessed",
        /// Will not be run.
        Skipped = "skipped",
    }
}

impl TestState {
    /// Was the test, as far as its state tells, ever run to its end?
    pub const fn was_executed(self) -> bool {
        matches!(self, Self::Executed | Self::Assessed)
    }
}

words! {
    /// What blue chose for one of the facts logged, alerted, prevented. Never derived from another.
    pub enum Fact {
        /// It happened.
        Yes = "yes",
        /// In part.
        Partial = "partial",
        /// It did not.
        No = "no",
        /// Cannot apply here.
        NotApplicable = "not_applicable",
        /// Nobody has said yet.
        Unknown = "unknown",
    }
}

impl Fact {
    /// Yes or in part.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Yes | Self::Partial)
    }
}

words! {
    /// What is shown for a test's facts; for display only.
    pub enum Outcome {
        /// Something stopped it.
        Prevented = "prevented",
        /// Something alerted.
        Alerted = "alerted",
        /// It was only logged.
        Logged = "logged",
        /// Judged, and nothing saw it.
        Missed = "missed",
        /// Not judged.
        NotAssessed = "not_assessed",
    }
}

impl Outcome {
    /// The display outcome: prevented before alerted before logged before missed; a test that is not assessed
    /// has none. Source: the API page, "Rules", Facts.
    pub const fn derive(state: TestState, logged: Fact, alerted: Fact, prevented: Fact) -> Self {
        if !matches!(state, TestState::Assessed) {
            Self::NotAssessed
        } else if prevented.holds() {
            Self::Prevented
        } else if alerted.holds() {
            Self::Alerted
        } else if logged.holds() {
            Self::Logged
        } else {
            Self::Missed
        }
    }
}

words! {
    /// How grave or how urgent: the scale of severity and of priority.
    pub enum Grade {
        /// Not at all.
        None = "none",
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
        /// Critical.
        Critical = "critical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_takes_the_strongest_fact_and_waits_for_the_assessment() {
        use Fact::{No, Partial, Unknown, Yes};
        let a = TestState::Assessed;
        assert_eq!(Outcome::derive(a, Yes, Yes, Partial), Outcome::Prevented);
        assert_eq!(Outcome::derive(a, No, Yes, No), Outcome::Alerted);
        assert_eq!(Outcome::derive(a, Partial, No, Unknown), Outcome::Logged);
        assert_eq!(Outcome::derive(a, No, No, No), Outcome::Missed);
        assert_eq!(Outcome::derive(TestState::Executed, Yes, Yes, Yes), Outcome::NotAssessed);
    }
}
