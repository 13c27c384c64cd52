//! Permission codes and the seeded groups: the one list that table, server and app agree on.

use std::collections::BTreeSet;

words! {
    /// What a group can be given. An admin has them all. Source: the API page, "Permission codes".
    pub enum Permission {
        /// Read the missions one is a member of.
        MissionRead = "mission.read",
        /// Create a mission.
        MissionCreate = "mission.create",
        /// Edit a mission, its members, scenarios and status (but archiving).
        MissionUpdate = "mission.update",
        /// Archive a completed mission.
        MissionArchive = "mission.archive",
        /// Delete a mission (soft).
        MissionDelete = "mission.delete",
        /// See every mission, member or not.
        MissionReadAll = "mission.read_all",
        /// Remove a mission for good.
        MissionPurge = "mission.purge",
        /// Write the red side of a test.
        MissionTestExecute = "mission_test.execute",
        /// Write the blue side of a test.
        MissionTestAssess = "mission_test.assess",
        /// Add evidence.
        EvidenceUpload = "evidence.upload",
        /// Delete evidence.
        EvidenceDelete = "evidence.delete",
        /// Read test templates.
        TestTemplateRead = "test_template.read",
        /// Create test templates.
        TestTemplateCreate = "test_template.create",
        /// Edit test templates.
        TestTemplateUpdate = "test_template.update",
        /// Delete test templates.
        TestTemplateDelete = "test_template.delete",
        /// Read scenario templates.
        ScenarioTemplateRead = "scenario_template.read",
        /// Create scenario templates.
        ScenarioTemplateCreate = "scenario_template.create",
        /// Edit scenario templates.
        ScenarioTemplateUpdate = "scenario_template.update",
        /// Delete scenario templates.
        ScenarioTemplateDelete = "scenario_template.delete",
        /// Replace the ATT&CK catalogue.
        MitreSync = "mitre.sync",
        /// Read users.
        UserRead = "user.read",
        /// Create users.
        UserCreate = "user.create",
        /// Edit users and their groups.
        UserUpdate = "user.update",
        /// Delete users.
        UserDelete = "user.delete",
        /// Read groups and permissions.
        GroupRead = "group.read",
        /// Create groups.
        GroupCreate = "group.create",
        /// Edit groups, their permissions and members.
        GroupUpdate = "group.update",
        /// Delete groups.
        GroupDelete = "group.delete",
        /// Invite people.
        InvitationCreate = "invitation.create",
        /// See invitations.
        InvitationRead = "invitation.read",
        /// Revoke invitations.
        InvitationRevoke = "invitation.revoke",
        /// Read settings.
        SettingRead = "setting.read",
        /// Change settings.
        SettingUpdate = "setting.update",
        /// Manage detection levels.
        DetectionLevelManage = "detection_level.manage",
        /// Manage defence tools.
        DefenceToolManage = "defence_tool.manage",
        /// Read the audit log.
        AuditRead = "audit.read",
        /// Run imports.
        ImportRun = "import.run",
        /// Empty the instance, where the server allows it.
        DiagReset = "diag.reset",
    }
}

/// A set of permission codes.
pub type Permissions = BTreeSet<Permission>;

/// Every code: what an admin has.
pub fn all() -> Permissions {
    Permission::ALL.iter().copied().collect()
}

/// Codes with spaces between them; what is none of ours is left out.
pub fn parse_all(codes: &str) -> Permissions {
    codes.split_ascii_whitespace().filter_map(Permission::parse).collect()
}

/// The same set as such a text.
pub fn join(codes: &Permissions) -> String {
    codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(" ")
}

const _: () = assert!(Permission::ALL.len() <= u64::BITS as usize, "each code has its bit");

/// The same set as a number that no other set has.
pub fn bits(codes: &Permissions) -> u64 {
    codes.iter().fold(0, |bits, code| bits | 1 << *code as u64)
}

/// The codes of `wanted` that `held` lacks: nobody grants what they lack.
pub fn lacking(held: &Permissions, wanted: impl IntoIterator<Item = Permission>) -> Vec<Permission> {
    wanted.into_iter().filter(|p| !held.contains(p)).collect()
}

/// A group that every instance starts with.
pub struct SeededGroup {
    /// Its name, exactly as clients rely on it.
    pub name: &'static str,
    /// One sentence for the admin pages.
    pub description: &'static str,
    /// What its members may do.
    pub permissions: &'static [Permission],
}

/// The groups that every instance starts with. Source: the API page, "Permission codes".
pub const SEEDED_GROUPS: &[SeededGroup] = {
    use Permission as P;
    &[
        SeededGroup { name: "Administrators", description: "Run the instance: every permission.", permissions: Permission::ALL },
        SeededGroup {
            name: "Leads",
            description: "Plan and lead exercises, keep the library, invite people.",
            permissions: &[
                P::MissionRead,
                P::MissionCreate,
                P::MissionUpdate,
                P::MissionArchive,
                P::MissionDelete,
                P::MissionReadAll,
                P::MissionTestExecute,
                P::MissionTestAssess,
                P::EvidenceUpload,
                P::EvidenceDelete,
                P::TestTemplateRead,
                P::TestTemplateCreate,
                P::TestTemplateUpdate,
                P::TestTemplateDelete,
                P::ScenarioTemplateRead,
                P::ScenarioTemplateCreate,
                P::ScenarioTemplateUpdate,
                P::ScenarioTemplateDelete,
                P::ImportRun,
                P::DefenceToolManage,
                P::UserRead,
                P::GroupRead,
                P::InvitationCreate,
                P::InvitationRead,
                P::InvitationRevoke,
            ],
        },
        SeededGroup {
            name: "Red team",
            description: "Plan and execute tests.",
            permissions: &[
                P::MissionRead,
                P::MissionCreate,
                P::MissionUpdate,
                P::MissionTestExecute,
                P::EvidenceUpload,
                P::TestTemplateRead,
                P::TestTemplateCreate,
                P::TestTemplateUpdate,
                P::ScenarioTemplateRead,
                P::ScenarioTemplateCreate,
                P::ScenarioTemplateUpdate,
            ],
        },
        SeededGroup {
            name: "Blue team",
            description: "Assess what was seen and stopped.",
            permissions: &[P::MissionRead, P::MissionTestAssess, P::EvidenceUpload, P::TestTemplateRead, P::ScenarioTemplateRead],
        },
        SeededGroup {
            name: "Observers",
            description: "Follow missions without writing.",
            permissions: &[P::MissionRead, P::TestTemplateRead, P::ScenarioTemplateRead],
        },
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_parses_back() {
        for p in Permission::ALL {
            assert_eq!(Permission::parse(p.as_str()), Some(*p));
        }
        assert_eq!(Permission::parse("mission.fly"), None);
    }

    #[test]
    fn only_administrators_may_purge() {
        for g in SEEDED_GROUPS {
            assert_eq!(g.permissions.contains(&Permission::MissionPurge), g.name == "Administrators", "{}", g.name);
        }
    }

    #[test]
    fn lacking_names_what_is_not_held() {
        let held = Permissions::from([Permission::MissionRead]);
        assert_eq!(lacking(&held, [Permission::MissionRead, Permission::UserRead]), vec![Permission::UserRead]);
    }
}
