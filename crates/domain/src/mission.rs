//! A mission: its life cycle, who is in it, and what each may do with it.

use crate::permission::{Permission, Permissions};

words! {
    /// Where a mission stands in its life.
    pub enum MissionStatus {
        /// Being planned.
        Draft = "draft",
        /// The exercise runs.
        InProgress = "in_progress",
        /// The exercise is over, findings go on.
        Completed = "completed",
        /// Read-only for good.
        Archived = "archived",
    }
}

impl MissionStatus {
    /// The statuses that may follow this one. `executed` says whether any test was executed: only a mission
    /// in which nothing was goes back to draft. Source: the API page, "Rules", Status.
    pub fn next(self, executed: bool) -> &'static [Self] {
        match (self, executed) {
            (Self::Draft, _) => &[Self::InProgress],
            (Self::InProgress, false) => &[Self::Completed, Self::Draft],
            (Self::InProgress, true) => &[Self::Completed],
            (Self::Completed, _) => &[Self::Archived, Self::InProgress],
            (Self::Archived, _) => &[],
        }
    }

    /// May the status become `to`?
    pub fn may_become(self, to: Self, executed: bool) -> bool {
        self.next(executed).contains(&to)
    }

    /// What one must hold to move a mission to this status.
    pub const fn permission_to_enter(self) -> Permission {
        match self {
            Self::Archived => Permission::MissionArchive,
            _ => Permission::MissionUpdate,
        }
    }

    /// In words, for a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::InProgress => "in progress",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }

    /// An archived mission, and all under it, is read-only (delete and purge apart).
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::Archived)
    }
}

/// The next statuses that a caller with `held` may choose.
pub fn allowed_transitions(status: MissionStatus, executed: bool, held: &Permissions) -> Vec<MissionStatus> {
    status.next(executed).iter().copied().filter(|to| held.contains(&to.permission_to_enter())).collect()
}

words! {
    /// The side that a member takes in one mission.
    pub enum RoleHint {
        /// Executes tests.
        Red = "red",
        /// Assesses tests.
        Blue = "blue",
        /// Both sides.
        Purple = "purple",
        /// Looks on.
        Observer = "observer",
    }
}

impl RoleHint {
    /// The side that somebody with these permissions is meant for: who executes is red, who assesses blue, who does both purple,
    /// who only reads an observer. A proposal; none where nothing is known of them.
    pub fn usual(held: &Permissions) -> Option<Self> {
        let has = |permission| held.contains(&permission);
        match (has(Permission::MissionTestExecute), has(Permission::MissionTestAssess)) {
            (true, true) => Some(Self::Purple),
            (true, false) => Some(Self::Red),
            (false, true) => Some(Self::Blue),
            (false, false) => has(Permission::MissionRead).then_some(Self::Observer),
        }
    }
}

/// What is to be asked before a mission with members of these roles starts; none where red is there. Nothing is
/// forbidden: who reads all missions works in it without being a member, and members may come later.
pub fn question_at_start(roles: &[RoleHint]) -> Option<&'static str> {
    if roles.is_empty() {
        Some("Nobody is a member of this mission. Only who may see every mission can work in it.")
    } else if roles.iter().any(|role| matches!(role, RoleHint::Red | RoleHint::Purple)) {
        None
    } else {
        Some("Nobody of red is a member of this mission, so none of its members can run a test.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MissionStatus as S;

    #[test]
    fn the_groups_that_every_instance_has_are_meant_for_their_side() {
        use crate::permission::SEEDED_GROUPS;
        let sides = SEEDED_GROUPS.iter().map(|group| (group.name, RoleHint::usual(&group.permissions.iter().copied().collect())));
        let wanted = [
            ("Administrators", Some(RoleHint::Purple)),
            ("Leads", Some(RoleHint::Purple)),
            ("Red team", Some(RoleHint::Red)),
            ("Blue team", Some(RoleHint::Blue)),
            ("Observers", Some(RoleHint::Observer)),
        ];
        assert_eq!(sides.collect::<Vec<_>>(), wanted);
        assert_eq!(RoleHint::usual(&Permissions::new()), None);
    }

    #[test]
    fn a_mission_without_red_is_asked_about() {
        use RoleHint::{Blue, Observer, Purple, Red};
        assert!(question_at_start(&[]).is_some_and(|text| text.starts_with("Nobody is a member")));
        assert!(question_at_start(&[Blue, Observer]).is_some_and(|text| text.starts_with("Nobody of red")));
        assert_eq!(question_at_start(&[Blue, Red]), None);
        assert_eq!(question_at_start(&[Purple]), None);
    }

    #[test]
    fn all_sixteen_pairs_are_decided() {
        let legal = [
            (S::Draft, S::InProgress),
            (S::InProgress, S::Completed),
            (S::InProgress, S::Draft),
            (S::Completed, S::Archived),
            (S::Completed, S::InProgress),
        ];
        for from in S::ALL {
            for to in S::ALL {
                assert_eq!(from.may_become(*to, false), legal.contains(&(*from, *to)), "{from} to {to}");
            }
        }
    }

    #[test]
    fn what_was_executed_does_not_go_back_to_draft() {
        assert!(!S::InProgress.may_become(S::Draft, true));
        assert!(S::InProgress.may_become(S::Completed, true));
    }

    #[test]
    fn archiving_needs_its_own_right() {
        let update = Permissions::from([Permission::MissionUpdate]);
        assert_eq!(allowed_transitions(S::Completed, true, &update), vec![S::InProgress]);
        assert_eq!(allowed_transitions(S::Completed, true, &crate::permission::all()), vec![S::Archived, S::InProgress]);
    }

    proptest::proptest! {
        #[test]
        fn no_walk_leaves_the_archive(steps in proptest::collection::vec((0usize..4, proptest::bool::ANY), 0..40)) {
            let mut at = S::Draft;
            let mut archived = false;
            for (to, executed) in steps {
                let to = S::ALL[to];
                if at.may_become(to, executed) { at = to; }
                archived |= at == S::Archived;
                proptest::prop_assert!(!archived || at == S::Archived);
            }
        }
    }
}
