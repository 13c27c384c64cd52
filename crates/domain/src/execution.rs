//! Who may write which field of a mission's test, and when: the one table for the server (which refuses, naming the
//! field) and the app (which disables, saying why). Source: the API page, "Rules", Who writes what.

use crate::mission::{MissionStatus, RoleHint};
use crate::permission::{Permission, Permissions};
use crate::test::{Side, TestState};
use crate::visibility::Viewer;

words! {
    /// Every field of a mission's test that somebody can write. State is moved, not written.
    pub enum TestField {
        /// What it is called.
        Name = "name",
        /// What it is to show.
        Objective = "objective",
        /// How it is done.
        Procedure = "procedure",
        /// What must be there before.
        Prerequisites = "prerequisites",
        /// How to tidy up.
        Cleanup = "cleanup",
        /// What the defenders should see.
        ExpectedDetection = "expected_detection",
        /// Detection ideas.
        DetectionRules = "detection_rules",
        /// How loud or risky it is.
        OpsecLevel = "opsec_level",
        /// Where it works.
        Platforms = "platforms",
        /// Labels.
        Tags = "tags",
        /// What runs its command.
        Executor = "executor",
        /// The command.
        Command = "command",
        /// The command's arguments.
        Arguments = "arguments",
        /// Does it need elevated rights?
        ElevationRequired = "elevation_required",
        /// Links.
        References = "references",
        /// May blue see it?
        Disclosed = "disclosed",
        /// Who executes it.
        Operator = "operator_id",
        /// From where.
        SourceHost = "source_host",
        /// Against what.
        TargetHost = "target_host",
        /// The arguments' values of this run.
        ArgumentValues = "argument_values",
        /// When red began.
        StartedAt = "started_at",
        /// When red ended.
        EndedAt = "ended_at",
        /// What was really run.
        CommandRun = "command_run",
        /// What it printed.
        Output = "output",
        /// Red's notes.
        RedNotes = "red_notes",
        /// Who assesses it.
        Assessor = "assessor_id",
        /// Was it logged?
        Logged = "logged",
        /// Did anything alert?
        Alerted = "alerted",
        /// Was it prevented?
        Prevented = "prevented",
        /// How good the detection was.
        DetectionLevel = "detection_level_id",
        /// Came the detection late?
        IsDelayed = "is_delayed",
        /// Did it need a change of the tools' configuration?
        NeededConfigChange = "needed_config_change",
        /// When it was detected.
        DetectedAt = "detected_at",
        /// When the alert came.
        AlertedAt = "alerted_at",
        /// When somebody responded.
        RespondedAt = "responded_at",
        /// Blue's notes.
        BlueNotes = "blue_notes",
        /// What to do better.
        Recommendation = "recommendation",
        /// How grave a gap is.
        Severity = "severity",
        /// How urgent it is to close.
        Priority = "priority",
        /// The heading it stands under.
        Category = "category_id",
        /// Where the work on the finding stands.
        FindingStatus = "finding_status",
        /// Whose finding it is.
        FindingOwner = "finding_owner_id",
        /// Until when.
        FindingDue = "finding_due",
        /// Its ticket elsewhere.
        FindingReference = "finding_reference",
    }
}

/// Fields that follow the same rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldGroup {
    /// The plan's text: with mission.update, while the test is planned.
    Plan,
    /// Who, from where, with which values, and may blue see it: red, and before the mission starts too.
    Preparation,
    /// What red did.
    Red,
    /// What blue saw.
    Blue,
    /// Order of the report: with mission.update, until the mission is archived.
    Category,
    /// The work on a gap: with mission.update, after completion too.
    Finding,
}

impl TestField {
    /// Which rule it follows.
    pub const fn group(self) -> FieldGroup {
        match self {
            Self::Name
            | Self::Objective
            | Self::Procedure
            | Self::Prerequisites
            | Self::Cleanup
            | Self::ExpectedDetection
            | Self::DetectionRules
            | Self::OpsecLevel
            | Self::Platforms
            | Self::Tags
            | Self::Executor
            | Self::Command
            | Self::Arguments
            | Self::ElevationRequired
            | Self::References => FieldGroup::Plan,
            Self::Disclosed | Self::Operator | Self::SourceHost | Self::TargetHost | Self::ArgumentValues => FieldGroup::Preparation,
            Self::StartedAt | Self::EndedAt | Self::CommandRun | Self::Output | Self::RedNotes => FieldGroup::Red,
            Self::Assessor
            | Self::Logged
            | Self::Alerted
            | Self::Prevented
            | Self::DetectionLevel
            | Self::IsDelayed
            | Self::NeededConfigChange
            | Self::DetectedAt
            | Self::AlertedAt
            | Self::RespondedAt
            | Self::BlueNotes
            | Self::Recommendation
            | Self::Severity
            | Self::Priority => FieldGroup::Blue,
            Self::Category => FieldGroup::Category,
            Self::FindingStatus | Self::FindingOwner | Self::FindingDue | Self::FindingReference => FieldGroup::Finding,
        }
    }

    /// Does the log of the mission tell what it was and what it became? A choice, a name, a moment: yes. Of texts, the
    /// command and its values it tells only that they changed: they are long, and may hold what was taken out on purpose.
    pub const fn is_told(self) -> bool {
        match self.group() {
            FieldGroup::Category | FieldGroup::Finding => true,
            FieldGroup::Plan => matches!(self, Self::Name | Self::OpsecLevel | Self::Executor | Self::ElevationRequired),
            FieldGroup::Preparation => matches!(self, Self::Operator | Self::SourceHost | Self::TargetHost),
            FieldGroup::Red => matches!(self, Self::StartedAt | Self::EndedAt),
            FieldGroup::Blue => !matches!(self, Self::BlueNotes | Self::Recommendation),
        }
    }
}

/// What somebody may put their hands on in one mission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hands {
    /// Writes red's side.
    pub red: bool,
    /// Writes blue's side.
    pub blue: bool,
    /// Keeps the plan: holds mission.update.
    pub plan: bool,
}

impl Hands {
    /// Does it include this side?
    pub const fn on(self, side: Side) -> bool {
        match side {
            Side::Red => self.red,
            Side::Blue => self.blue,
        }
    }
}

impl Viewer {
    /// What they may write: a side needs its permission and a role on it; who reads all missions needs no role.
    pub fn hands(&self) -> Hands {
        let holds = |p| self.permissions.contains(&p);
        let everywhere = holds(Permission::MissionReadAll);
        let role = |own: RoleHint| everywhere || matches!(self.role, Some(r) if r == own || r == RoleHint::Purple);
        Hands {
            red: holds(Permission::MissionTestExecute) && role(RoleHint::Red),
            blue: holds(Permission::MissionTestAssess) && role(RoleHint::Blue),
            plan: holds(Permission::MissionUpdate),
        }
    }
}

/// Why a field cannot be written, or a move not made, in the order in which the reasons are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It belongs to this side.
    Side(Side),
    /// It needs this permission.
    Needs(Permission),
    /// The mission is archived: nothing in it changes any more.
    Archived,
    /// The exercise does not run: the mission is a draft or completed.
    NotInProgress(MissionStatus),
    /// Not in this state of the test.
    State(TestState),
}

impl Refusal {
    /// In words, for a hint beside the field.
    pub fn reason(self) -> String {
        match self {
            Self::Side(side) => format!("The {side} side writes this."),
            Self::Needs(permission) => format!("This needs the permission {permission}."),
            Self::Archived => "The mission is archived.".into(),
            Self::NotInProgress(MissionStatus::Draft) => "The mission has not started.".into(),
            Self::NotInProgress(_) => "The mission is over.".into(),
            Self::State(TestState::Assessed) => "The test is assessed: move it back to executed first.".into(),
            Self::State(TestState::Planned) => "The test has not been run yet.".into(),
            Self::State(TestState::Skipped) => "The test is skipped.".into(),
            Self::State(_) => "The test has begun.".into(),
        }
    }
}

/// May who has these hands write this field now?
pub fn may_write(field: TestField, hands: Hands, mission: MissionStatus, test: TestState) -> Result<(), Refusal> {
    use FieldGroup as G;
    use MissionStatus as M;
    use TestState as T;
    let group = field.group();
    match group {
        G::Preparation | G::Red if !hands.red => return Err(Refusal::Side(Side::Red)),
        G::Blue if !hands.blue => return Err(Refusal::Side(Side::Blue)),
        G::Plan | G::Category | G::Finding if !hands.plan => return Err(Refusal::Needs(Permission::MissionUpdate)),
        _ => {}
    }
    match (group, mission) {
        (_, M::Archived) => return Err(Refusal::Archived),
        (G::Category | G::Finding, _) | (_, M::InProgress) | (G::Plan | G::Preparation, M::Draft) => {}
        (_, status) => return Err(Refusal::NotInProgress(status)),
    }
    let now = match group {
        G::Category | G::Finding => true,
        G::Plan => matches!(test, T::Planned),
        G::Preparation | G::Red => {
            matches!(test, T::Planned | T::Running | T::Executed) || (matches!(test, T::Skipped) && matches!(field, TestField::RedNotes))
        }
        G::Blue => matches!(test, T::Running | T::Executed),
    };
    if now { Ok(()) } else { Err(Refusal::State(test)) }
}

/// May who has these hands add, change or remove a detection row of a test now? As blue's fields.
pub fn may_detect(hands: Hands, mission: MissionStatus, test: TestState) -> Result<(), Refusal> {
    may_write(TestField::Logged, hands, mission, test)
}

/// May who has these hands add evidence for a side of a test now? Besides, it needs evidence.upload.
///
/// Red adds from the preparations on. Blue has nothing to show before red begins. Both may add to a test that is
/// assessed: the log or the screenshot that backs a judgement is often found while the report is written, and a file
/// that comes in addition changes nothing that was judged. A test that is skipped has nothing to prove, and outside an
/// exercise in progress a mission stays as it was when it ended.
pub fn may_add_evidence(side: Side, hands: Hands, mission: MissionStatus, test: TestState) -> Result<(), Refusal> {
    use TestState as T;
    if !hands.on(side) {
        return Err(Refusal::Side(side));
    }
    match mission {
        MissionStatus::InProgress => {}
        MissionStatus::Archived => return Err(Refusal::Archived),
        status => return Err(Refusal::NotInProgress(status)),
    }
    let now = match side {
        Side::Red => matches!(test, T::Planned | T::Running | T::Executed | T::Assessed),
        Side::Blue => matches!(test, T::Running | T::Executed | T::Assessed),
    };
    if now { Ok(()) } else { Err(Refusal::State(test)) }
}

/// May somebody delete a piece of evidence now? Who holds evidence.delete, until the mission is archived; who added
/// it, while the mission is in progress: a wrong file is taken back at once, what a report rests on is not.
pub fn may_delete_evidence(own: bool, permissions: &Permissions, mission: MissionStatus) -> Result<(), Refusal> {
    let holds = permissions.contains(&Permission::EvidenceDelete);
    match mission {
        _ if !own && !holds => Err(Refusal::Needs(Permission::EvidenceDelete)),
        MissionStatus::Archived => Err(Refusal::Archived),
        MissionStatus::InProgress => Ok(()),
        _ if holds => Ok(()),
        status => Err(Refusal::NotInProgress(status)),
    }
}

/// May who has these hands move a test? A move that does not exist is refused with the test's state.
pub fn may_move(from: TestState, to: TestState, hands: Hands, mission: MissionStatus) -> Result<(), Refusal> {
    if let Some(side) = from.mover(to)
        && !hands.on(side)
    {
        return Err(Refusal::Side(side));
    }
    match mission {
        MissionStatus::InProgress => {}
        MissionStatus::Archived => return Err(Refusal::Archived),
        status => return Err(Refusal::NotInProgress(status)),
    }
    if from.mover(to).is_some() { Ok(()) } else { Err(Refusal::State(from)) }
}

/// Where who has these hands may move a test now.
pub fn moves(from: TestState, hands: Hands, mission: MissionStatus) -> Vec<TestState> {
    from.next().iter().map(|(to, _)| *to).filter(|to| may_move(from, *to, hands, mission).is_ok()).collect()
}

/// May somebody comment? Any member but an observer, and who reads all missions and keeps them.
pub fn may_comment(viewer: &Viewer) -> bool {
    match viewer.role {
        Some(RoleHint::Observer) => false,
        Some(_) => true,
        None => viewer.permissions.contains(&Permission::MissionReadAll),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{self, Permissions, SEEDED_GROUPS};

    fn of(group: &str, role: Option<RoleHint>) -> Hands {
        let group = SEEDED_GROUPS.iter().find(|g| g.name == group).unwrap();
        Viewer { role, permissions: group.permissions.iter().copied().collect() }.hands()
    }

    #[test]
    fn a_side_needs_its_permission_and_a_role_on_it() {
        let red = Hands { red: true, blue: false, plan: true };
        assert_eq!(of("Red team", Some(RoleHint::Red)), red);
        assert_eq!(of("Red team", Some(RoleHint::Purple)), red);
        assert_eq!(of("Red team", Some(RoleHint::Blue)), Hands { red: false, ..red });
        assert_eq!(of("Blue team", Some(RoleHint::Blue)), Hands { red: false, blue: true, plan: false });
        assert_eq!(of("Blue team", Some(RoleHint::Red)), Hands::default());
        assert_eq!(of("Leads", None), Hands { red: true, blue: true, plan: true });
        assert_eq!(of("Observers", Some(RoleHint::Purple)), Hands::default());
    }

    /// The table of the API page written a second time, as a reader would: for each group the states in which it is open.
    #[test]
    fn every_field_in_every_state_of_test_and_mission_follows_the_table() {
        use MissionStatus as M;
        use TestState as T;
        for field in TestField::ALL {
            for mission in M::ALL {
                for test in T::ALL {
                    for (hands, name) in [
                        (Hands { red: true, blue: false, plan: false }, "red"),
                        (Hands { red: false, blue: true, plan: false }, "blue"),
                        (Hands { red: false, blue: false, plan: true }, "plan"),
                        (Hands::default(), "nobody"),
                    ] {
                        let own = match field.group() {
                            FieldGroup::Preparation | FieldGroup::Red => "red",
                            FieldGroup::Blue => "blue",
                            FieldGroup::Plan | FieldGroup::Category | FieldGroup::Finding => "plan",
                        };
                        let missions: &[M] = match field.group() {
                            FieldGroup::Preparation | FieldGroup::Plan => &[M::Draft, M::InProgress],
                            FieldGroup::Red | FieldGroup::Blue => &[M::InProgress],
                            FieldGroup::Category | FieldGroup::Finding => &[M::Draft, M::InProgress, M::Completed],
                        };
                        let tests: &[T] = match (field.group(), field) {
                            (FieldGroup::Plan, _) => &[T::Planned],
                            (FieldGroup::Red, TestField::RedNotes) => &[T::Planned, T::Running, T::Executed, T::Skipped],
                            (FieldGroup::Preparation | FieldGroup::Red, _) => &[T::Planned, T::Running, T::Executed],
                            (FieldGroup::Blue, _) => &[T::Running, T::Executed],
                            (FieldGroup::Category | FieldGroup::Finding, _) => T::ALL,
                        };
                        let open = name == own && missions.contains(mission) && tests.contains(test);
                        assert_eq!(may_write(*field, hands, *mission, *test).is_ok(), open, "{field} by {name}, {mission}, {test}");
                    }
                }
            }
        }
    }

    #[test]
    fn texts_and_commands_are_not_told_in_the_log() {
        use TestField as F;
        for field in [F::Output, F::RedNotes, F::BlueNotes, F::CommandRun, F::Command, F::ArgumentValues, F::Procedure, F::Disclosed] {
            assert!(!field.is_told(), "{field}");
        }
        for field in [F::Operator, F::TargetHost, F::StartedAt, F::Alerted, F::DetectionLevel, F::Category, F::FindingDue, F::Name] {
            assert!(field.is_told(), "{field}");
        }
    }

    #[test]
    fn the_other_side_is_named_before_anything_else() {
        let red = Hands { red: true, ..Hands::default() };
        assert_eq!(may_write(TestField::BlueNotes, red, MissionStatus::Archived, TestState::Planned), Err(Refusal::Side(Side::Blue)));
        assert_eq!(may_move(TestState::Executed, TestState::Assessed, red, MissionStatus::Draft), Err(Refusal::Side(Side::Blue)));
        assert_eq!(
            may_move(TestState::Planned, TestState::Assessed, red, MissionStatus::InProgress),
            Err(Refusal::State(TestState::Planned))
        );
    }

    #[test]
    fn moves_are_those_of_the_hands() {
        let (red, blue) = (Hands { red: true, ..Hands::default() }, Hands { blue: true, ..Hands::default() });
        let running = MissionStatus::InProgress;
        assert_eq!(moves(TestState::Executed, red, running), [TestState::Running, TestState::Skipped]);
        assert_eq!(moves(TestState::Executed, blue, running), [TestState::Assessed]);
        assert!(moves(TestState::Executed, blue, MissionStatus::Completed).is_empty());
    }

    #[test]
    fn evidence_is_added_by_its_side_once_it_has_something_to_show() {
        use TestState as T;
        let both = Hands { red: true, blue: true, plan: false };
        for (side, open) in [
            (Side::Red, &[T::Planned, T::Running, T::Executed, T::Assessed][..]),
            (Side::Blue, &[T::Running, T::Executed, T::Assessed][..]),
        ] {
            for test in T::ALL {
                let may = may_add_evidence(side, both, MissionStatus::InProgress, *test);
                assert_eq!(may, if open.contains(test) { Ok(()) } else { Err(Refusal::State(*test)) }, "{side} in {test}");
                for mission in [MissionStatus::Draft, MissionStatus::Completed] {
                    assert_eq!(may_add_evidence(side, both, mission, *test), Err(Refusal::NotInProgress(mission)));
                }
                assert_eq!(may_add_evidence(side, both, MissionStatus::Archived, *test), Err(Refusal::Archived));
                for mission in MissionStatus::ALL {
                    let other = Hands { red: side == Side::Blue, blue: side == Side::Red, plan: true };
                    assert_eq!(may_add_evidence(side, other, *mission, *test), Err(Refusal::Side(side)), "the side before all else");
                }
            }
        }
    }

    #[test]
    fn evidence_is_deleted_by_right_or_by_who_added_it_while_the_mission_runs() {
        use MissionStatus as M;
        let (none, right) = (Permissions::new(), Permissions::from([Permission::EvidenceDelete]));
        for mission in M::ALL {
            assert_eq!(may_delete_evidence(false, &none, *mission), Err(Refusal::Needs(Permission::EvidenceDelete)));
            let by_right = may_delete_evidence(false, &right, *mission);
            assert_eq!(by_right, if *mission == M::Archived { Err(Refusal::Archived) } else { Ok(()) });
            assert_eq!(may_delete_evidence(true, &right, *mission), by_right);
            let own = may_delete_evidence(true, &none, *mission);
            let wanted = match mission {
                M::InProgress => Ok(()),
                M::Archived => Err(Refusal::Archived),
                other => Err(Refusal::NotInProgress(*other)),
            };
            assert_eq!(own, wanted, "{mission}");
        }
    }

    #[test]
    fn observers_do_not_comment() {
        let viewer = |role, permissions| Viewer { role, permissions };
        assert!(!may_comment(&viewer(Some(RoleHint::Observer), permission::all())));
        assert!(may_comment(&viewer(Some(RoleHint::Blue), Permissions::new())));
        assert!(may_comment(&viewer(None, permission::all())));
    }
}
