//! Permissions in people's words: the areas they belong to, what each allows, and the page of who lacks one.

use leptos::prelude::*;
use tyrian_domain::permission::Permission;

use crate::session::use_session;
use crate::ui::{ButtonLink, ButtonSize, Icon};

/// The codes by area, in the order of the grid. Every code stands in exactly one area.
pub const AREAS: &[(&str, &[Permission])] = {
    use Permission as P;
    &[
        (
            mark!("Missions"),
            &[P::MissionRead, P::MissionCreate, P::MissionUpdate, P::MissionArchive, P::MissionDelete, P::MissionReadAll, P::MissionPurge],
        ),
        (mark!("Tests and evidence"), &[P::MissionTestExecute, P::MissionTestAssess, P::EvidenceUpload, P::EvidenceDelete]),
        (
            mark!("Library"),
            &[
                P::TestTemplateRead,
                P::TestTemplateCreate,
                P::TestTemplateUpdate,
                P::TestTemplateDelete,
                P::ScenarioTemplateRead,
                P::ScenarioTemplateCreate,
                P::ScenarioTemplateUpdate,
                P::ScenarioTemplateDelete,
                P::ImportRun,
            ],
        ),
        (
            mark!("People"),
            &[
                P::UserRead,
                P::UserCreate,
                P::UserUpdate,
                P::UserDelete,
                P::GroupRead,
                P::GroupCreate,
                P::GroupUpdate,
                P::GroupDelete,
                P::InvitationRead,
                P::InvitationCreate,
                P::InvitationRevoke,
            ],
        ),
        (
            mark!("Instance"),
            &[P::MitreSync, P::DetectionLevelManage, P::DefenceToolManage, P::SettingRead, P::SettingUpdate, P::AuditRead, P::DiagReset],
        ),
    ]
};

/// What a code allows, in a few words.
pub fn label(permission: Permission) -> &'static str {
    use Permission as P;
    match permission {
        P::MissionRead => t!("See missions one is a member of"),
        P::MissionCreate => t!("Create missions"),
        P::MissionUpdate => t!("Edit missions, members and status"),
        P::MissionArchive => t!("Archive, which is final"),
        P::MissionDelete => t!("Delete missions"),
        P::MissionReadAll => t!("See every mission"),
        P::MissionPurge => t!("Remove missions for good"),
        P::MissionTestExecute => t!("Write the red fields"),
        P::MissionTestAssess => t!("Write the blue fields"),
        P::EvidenceUpload => t!("Add evidence"),
        P::EvidenceDelete => t!("Delete evidence"),
        P::TestTemplateRead => t!("See test templates"),
        P::TestTemplateCreate => t!("Create test templates"),
        P::TestTemplateUpdate => t!("Edit test templates"),
        P::TestTemplateDelete => t!("Delete test templates"),
        P::ScenarioTemplateRead => t!("See scenarios"),
        P::ScenarioTemplateCreate => t!("Create scenarios"),
        P::ScenarioTemplateUpdate => t!("Edit scenarios"),
        P::ScenarioTemplateDelete => t!("Delete scenarios"),
        P::MitreSync => t!("Sync the ATT&CK catalogue"),
        P::UserRead => t!("See users"),
        P::UserCreate => t!("Create users"),
        P::UserUpdate => t!("Edit users and their groups"),
        P::UserDelete => t!("Delete users"),
        P::GroupRead => t!("See groups and permissions"),
        P::GroupCreate => t!("Create groups"),
        P::GroupUpdate => t!("Edit groups, permissions and members"),
        P::GroupDelete => t!("Delete groups"),
        P::InvitationCreate => t!("Invite people"),
        P::InvitationRead => t!("See invitations"),
        P::InvitationRevoke => t!("Take invitations back"),
        P::SettingRead => t!("See settings"),
        P::SettingUpdate => t!("Change settings"),
        P::DetectionLevelManage => t!("Manage detection levels"),
        P::DefenceToolManage => t!("Manage defence tools"),
        P::AuditRead => t!("Read the audit log"),
        P::ImportRun => t!("Run imports"),
        P::DiagReset => t!("Empty the instance"),
    }
}

/// Codes in a sentence: “Create missions (mission.create) and Add evidence (evidence.upload)”, the rest as a number.
pub fn in_words(permissions: &[Permission]) -> String {
    let named: Vec<String> = permissions.iter().take(2).map(|permission| format!("“{}” ({permission})", label(*permission))).collect();
    match permissions.len() {
        0..=2 => named.join(t!(" and ")),
        more => t!("{} and {} more", named.join(", "), more - 2),
    }
}

/// In the place of `what` (“The users”) for who lacks the right: which one it is, and who can give it.
#[component]
pub fn Forbidden(
    /// what cannot be shown: “The users”
    #[prop(into)]
    what: String,
    /// the code that is lacking, where the server or the app knows it
    #[prop(optional_no_strip, into)]
    permission: Option<String>,
) -> impl IntoView {
    let session = use_session();
    let groups = untrack(|| session.me()).map(|me| me.groups).unwrap_or_default();
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let yours = if names.is_empty() { t!("You are in no group yet.").to_owned() } else { t!("You are in {}.", names.join(", ")) };
    let needs = match permission.as_deref().and_then(Permission::parse) {
        Some(known) => view! { {t!("This needs the right “")}{label(known)}"” ("<span class="mono">{known.as_str()}</span>{t!("), which none of your groups gives.")} }
            .into_any(),
        None => t!("This needs a right that none of your groups gives.").into_any(),
    };
    view! {
        <section class="card">
            <div class="empty empty--tight">
                <span class="dialog__icon dialog__icon--info"><Icon name="lock"/></span>
                <h2>{what}{t!(" cannot be shown to you")}</h2>
                <p class="balance">{needs}</p>
                <p class="balance">{t!("An administrator can give it: to one of your groups, or by adding you to a group that has it. ")}{yours}</p>
                <div class="empty__acts"><ButtonLink href="/" size=ButtonSize::Small>{t!("Go to the home page")}</ButtonLink></div>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_stands_in_one_area() {
        let mut listed: Vec<Permission> = AREAS.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        listed.sort();
        let mut all = Permission::ALL.to_vec();
        all.sort();
        assert_eq!(listed, all);
    }

    #[test]
    fn many_codes_end_in_a_number() {
        use Permission as P;
        assert_eq!(in_words(&[P::AuditRead]), "“Read the audit log” (audit.read)");
        assert!(in_words(&[P::AuditRead, P::UserRead, P::GroupRead, P::ImportRun]).ends_with("and 2 more"));
    }
}
