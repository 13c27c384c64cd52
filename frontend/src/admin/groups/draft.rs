//! Changes of the permission grid that are not saved yet, and how they are told.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use tyrian_api_types::groups::Group;
use tyrian_domain::permission::{Permission, Permissions};
use uuid::Uuid;

/// What the changed groups are to give; groups that are as saved have no entry.
#[derive(Clone, Copy)]
pub struct Draft(RwSignal<BTreeMap<Uuid, Permissions>>);

/// How a group's rights differ from what is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// which group
    pub id: Uuid,
    /// its name
    pub name: String,
    /// its version when the grid was drawn
    pub version: i64,
    /// all that it is to give
    pub codes: Vec<Permission>,
    /// what it gives then and does not now
    pub gains: Vec<Permission>,
    /// what it gives now and does not then
    pub loses: Vec<Permission>,
    /// who is in it
    pub members: Vec<Uuid>,
}

impl Draft {
    /// Nothing changed.
    pub fn new() -> Self {
        Self(RwSignal::new(BTreeMap::new()))
    }

    /// Is this right ticked for this group? `saved` is what the server holds.
    pub fn gives(self, group: Uuid, permission: Permission, saved: bool) -> bool {
        self.0.with(|draft| draft.get(&group).map_or(saved, |codes| codes.contains(&permission)))
    }

    /// Ticks or unticks a right.
    pub fn set(self, group: &Group, permission: Permission, on: bool) {
        let saved: Permissions = group.permissions.iter().copied().collect();
        self.0.update(|draft| {
            let codes = draft.entry(group.id).or_insert_with(|| saved.clone());
            if on {
                codes.insert(permission);
            } else {
                codes.remove(&permission);
            }
            if *codes == saved {
                draft.remove(&group.id);
            }
        });
    }

    /// Takes the changes of one group back, or of all.
    pub fn discard(self, group: Option<Uuid>) {
        self.0.update(|draft| match group {
            Some(id) => {
                draft.remove(&id);
            }
            None => draft.clear(),
        });
    }

    /// What is to be saved, in the order of the groups.
    pub fn changes(self, groups: &[Group]) -> Vec<Change> {
        self.0.with(|draft| groups.iter().filter_map(|group| draft.get(&group.id).and_then(|codes| change(group, codes))).collect())
    }
}

fn change(group: &Group, codes: &Permissions) -> Option<Change> {
    let saved: Permissions = group.permissions.iter().copied().collect();
    let gains: Vec<Permission> = codes.difference(&saved).copied().collect();
    let loses: Vec<Permission> = saved.difference(codes).copied().collect();
    (!gains.is_empty() || !loses.is_empty()).then(|| Change {
        id: group.id,
        name: group.name.clone(),
        version: group.version,
        codes: codes.iter().copied().collect(),
        gains,
        loses,
        members: group.members.iter().map(|member| member.id).collect(),
    })
}

/// How many single rights change.
pub fn count(changes: &[Change]) -> usize {
    changes.iter().map(|change| change.gains.len() + change.loses.len()).sum()
}

/// How many people it concerns; who is in two of the groups counts once.
pub fn people(changes: &[Change]) -> usize {
    changes.iter().flat_map(|change| change.members.iter()).collect::<BTreeSet<_>>().len()
}

/// “Red team gains mission.create, Consultants loses 3 rights”.
pub fn sentence(changes: &[Change]) -> String {
    let rights = |codes: &[Permission]| match codes {
        [one] => one.to_string(),
        many => t!("{} rights", many.len()),
    };
    let parts: Vec<String> = changes
        .iter()
        .map(|change| match (change.gains.is_empty(), change.loses.is_empty()) {
            (false, true) => t!("{} gains {}", change.name, rights(&change.gains)),
            (true, _) => t!("{} loses {}", change.name, rights(&change.loses)),
            (false, false) => t!("{} gains {} and loses {}", change.name, rights(&change.gains), rights(&change.loses)),
        })
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyrian_api_types::users::UserRef;

    fn group(id: u128, name: &str, permissions: &[Permission], members: &[u128]) -> Group {
        Group {
            id: Uuid::from_u128(id),
            name: name.to_owned(),
            description: None,
            is_system: false,
            permissions: permissions.to_vec(),
            members: members
                .iter()
                .map(|id| UserRef { id: Uuid::from_u128(*id), email: String::new(), display_name: String::new() })
                .collect(),
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn changes_are_told_and_people_in_two_groups_count_once() {
        use Permission as P;
        let red = group(1, "Red team", &[P::MissionRead], &[10, 11]);
        let blue = group(2, "Blue team", &[P::MissionRead, P::EvidenceUpload], &[11, 12]);
        let codes = |codes: &[P]| codes.iter().copied().collect::<Permissions>();
        let changes: Vec<Change> = [
            change(&red, &codes(&[P::MissionRead, P::MissionCreate])),
            change(&blue, &codes(&[P::AuditRead])),
            change(&red, &codes(&[P::MissionRead])),
        ]
        .into_iter()
        .flatten()
        .collect();
        assert_eq!(sentence(&changes), "Red team gains mission.create, Blue team gains audit.read and loses 2 rights");
        assert_eq!(count(&changes), 4);
        assert_eq!(people(&changes), 3);
    }
}
