//! Who sees what of a mission: the viewer of one mission and the class of answers that they get.

use crate::mission::RoleHint;
use crate::permission::{Permission, Permissions};

words! {
    /// The class of answers that a viewer of a mission gets. It is part of a mission's ETag.
    pub enum View {
        /// Every test.
        All = "all",
        /// Only disclosed tests.
        Disclosed = "disclosed",
    }
}

impl View {
    /// Of a member with this role, or of somebody with none: a test that is not disclosed is invisible to role blue and
    /// observer, and a lead who took one of these sides in a mission plays it fair.
    pub fn of(role: Option<RoleHint>) -> Self {
        match role {
            Some(RoleHint::Blue | RoleHint::Observer) => Self::Disclosed,
            Some(RoleHint::Red | RoleHint::Purple) | None => Self::All,
        }
    }
}

/// How a caller stands to one mission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Their role in it, if a member.
    pub role: Option<RoleHint>,
    /// Their permissions, of all groups together.
    pub permissions: Permissions,
}

impl Viewer {
    /// May they know that the mission exists? Members with `mission.read`, and whoever holds `mission.read_all`.
    pub fn sees_mission(&self) -> bool {
        self.permissions.contains(&Permission::MissionReadAll)
            || (self.role.is_some() && self.permissions.contains(&Permission::MissionRead))
    }

    /// Which tests they see.
    pub fn view(&self) -> View {
        View::of(self.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outsiders_without_read_all_see_nothing() {
        let read = Permissions::from([Permission::MissionRead]);
        assert!(!Viewer { role: None, permissions: read.clone() }.sees_mission());
        assert!(Viewer { role: Some(RoleHint::Blue), permissions: read }.sees_mission());
        assert!(Viewer { role: None, permissions: Permissions::from([Permission::MissionReadAll]) }.sees_mission());
        assert!(!Viewer { role: Some(RoleHint::Red), permissions: Permissions::new() }.sees_mission());
    }

    #[test]
    fn blue_and_observers_see_disclosed_tests_only() {
        for (role, view) in [
            (RoleHint::Red, View::All),
            (RoleHint::Purple, View::All),
            (RoleHint::Blue, View::Disclosed),
            (RoleHint::Observer, View::Disclosed),
        ] {
            assert_eq!(Viewer { role: Some(role), permissions: crate::permission::all() }.view(), view);
        }
    }
}
