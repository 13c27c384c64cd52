//! A test of a mission: its state, the three facts that blue records, and the outcome shown for them.

words! {
    /// One of the two sides of an exercise.
    pub enum Side {
        /// Executes.
        Red = "red",
        /// Defends and assesses.
        Blue = "blue",
    }
}

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
    /// The states that may follow this one, and whose move it is. Source: the API page, "Rules", Test states.
    pub const fn next(self) -> &'static [(Self, Side)] {
        match self {
            Self::Planned => &[(Self::Running, Side::Red), (Self::Skipped, Side::Red)],
            Self::Running => &[(Self::Executed, Side::Red), (Self::Skipped, Side::Red)],
            Self::Executed => &[(Self::Assessed, Side::Blue), (Self::Running, Side::Red), (Self::Skipped, Side::Red)],
            Self::Assessed => &[(Self::Executed, Side::Blue)],
            Self::Skipped => &[(Self::Planned, Side::Red)],
        }
    }

    /// Whose move it is to `to`; none where there is no way.
    pub fn mover(self, to: Self) -> Option<Side> {
        self.next().iter().find(|(next, _)| *next == to).map(|(_, side)| *side)
    }

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

    /// How grave: 0 for a gap, more the better it went; what is not judged comes last.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Missed => 0,
            Self::Logged => 1,
            Self::Alerted => 2,
            Self::Prevented => 3,
            Self::NotAssessed => 4,
        }
    }
}

/// What blue has left unsaid of a test that is about to be assessed. It is asked for, never demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaid {
    /// Not one of the facts: assessed as it is, the test counts as missed.
    Facts,
    /// Something was seen, but not when: the test has no time to detect.
    Time,
}

/// What is worth a question before a test counts as assessed. `timed` says whether blue, or a tool's row that saw or
/// stopped it, gives a time.
pub fn unsaid(facts: [Fact; 3], timed: bool) -> Option<Unsaid> {
    if facts == [Fact::Unknown; 3] {
        Some(Unsaid::Facts)
    } else if !timed && facts.into_iter().any(Fact::holds) {
        Some(Unsaid::Time)
    } else {
        None
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

words! {
    /// What a defence tool may have done, or missed: the kind of a detection row.
    pub enum DetectionKind {
        /// It wrote a log line.
        Logged = "logged",
        /// It raised an alert.
        Alerted = "alerted",
        /// It stopped something.
        Prevented = "prevented",
    }
}

words! {
    /// Whether a defence tool did it.
    pub enum DetectionResult {
        /// It did.
        Yes = "yes",
        /// In part.
        Partial = "partial",
        /// It did not: a miss worth noting.
        No = "no",
        /// Cannot apply here.
        NotApplicable = "not_applicable",
    }
}

impl DetectionResult {
    /// Saw or stopped it, in part at least.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Yes | Self::Partial)
    }

    /// The fact that this result is.
    pub const fn fact(self) -> Fact {
        match self {
            Self::Yes => Fact::Yes,
            Self::Partial => Fact::Partial,
            Self::No => Fact::No,
            Self::NotApplicable => Fact::NotApplicable,
        }
    }
}

/// What the rows of one kind suggest for the fact of that kind: the best of them; none without rows. The app proposes
/// it, the server never writes it.
pub fn suggested(results: impl IntoIterator<Item = DetectionResult>) -> Option<Fact> {
    let rank = |r: &DetectionResult| match r {
        DetectionResult::Yes => 3,
        DetectionResult::Partial => 2,
        DetectionResult::No => 1,
        DetectionResult::NotApplicable => 0,
    };
    results.into_iter().max_by_key(rank).map(DetectionResult::fact)
}

words! {
    /// Where the work on a finding stands; a test without one has no finding.
    pub enum FindingStatus {
        /// Nobody is at it.
        Open = "open",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// It stays as it is, knowingly.
        Accepted = "accepted",
        /// Said to be fixed.
        Fixed = "fixed",
        /// Proven to be fixed.
        Verified = "verified",
    }
}

impl FindingStatus {
    /// Is there something left to do?
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_twenty_five_moves_are_decided() {
        use TestState as S;
        let legal = [
            (S::Planned, S::Running, Side::Red),
            (S::Planned, S::Skipped, Side::Red),
            (S::Running, S::Executed, Side::Red),
            (S::Running, S::Skipped, Side::Red),
            (S::Executed, S::Assessed, Side::Blue),
            (S::Executed, S::Running, Side::Red),
            (S::Executed, S::Skipped, Side::Red),
            (S::Assessed, S::Executed, Side::Blue),
            (S::Skipped, S::Planned, Side::Red),
        ];
        for from in S::ALL {
            for to in S::ALL {
                let wanted = legal.iter().find(|(f, t, _)| f == from && t == to).map(|(_, _, side)| *side);
                assert_eq!(from.mover(*to), wanted, "{from} to {to}");
            }
        }
    }

    #[test]
    fn what_blue_has_not_said_is_asked_for_once() {
        use Fact::{No, NotApplicable, Partial, Unknown, Yes};
        assert_eq!(unsaid([Unknown; 3], false), Some(Unsaid::Facts));
        assert_eq!(unsaid([Unknown; 3], true), Some(Unsaid::Facts));
        assert_eq!(unsaid([No, Unknown, Unknown], false), None);
        assert_eq!(unsaid([NotApplicable; 3], false), None);
        assert_eq!(unsaid([Yes, No, No], false), Some(Unsaid::Time));
        assert_eq!(unsaid([Unknown, Partial, Unknown], false), Some(Unsaid::Time));
        assert_eq!(unsaid([Unknown, Unknown, Yes], true), None);
    }

    #[test]
    fn the_best_row_is_suggested() {
        use DetectionResult::{No, NotApplicable, Partial, Yes};
        assert_eq!(suggested([No, Partial]), Some(Fact::Partial));
        assert_eq!(suggested([No, Yes, Partial]), Some(Fact::Yes));
        assert_eq!(suggested([NotApplicable, No]), Some(Fact::No));
        assert_eq!(suggested([]), None);
    }

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
