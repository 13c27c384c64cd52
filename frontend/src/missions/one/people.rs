//! People of a mission: their names, and how the reader stands to it.

use leptos::prelude::*;
use tyrian_api_types::auth::Me;
use tyrian_api_types::missions::Mission;
use tyrian_domain::permission::{self, Permissions};
use tyrian_domain::visibility::Viewer;
use uuid::Uuid;

use super::Here;
use crate::ui::Avatar;

/// How the reader stands to a mission: their role, and what they may do.
pub fn viewer(mission: &Mission, me: &Me) -> Viewer {
    let role = mission.head.members.iter().find(|member| member.user_id == me.id).map(|member| member.role_hint);
    let permissions: Permissions = if me.is_admin { permission::all() } else { me.permissions.iter().copied().collect() };
    Viewer { role, permissions }
}

/// A person by id: a member with their side, else by the name that the test has of them.
pub fn person(here: Here, id: Uuid, name: Option<String>) -> AnyView {
    let found = here
        .read(|data| {
            data.value.head.members.iter().find(|member| member.user_id == id).map(|member| (member.display_name.clone(), member.role_hint))
        })
        .flatten();
    match (found, name) {
        (Some((name, role)), _) => {
            view! { <span class="row"><Avatar name=name.clone() side=role.as_str() small=true/>{name}</span> }.into_any()
        }
        (None, Some(name)) => {
            view! { <span class="row" title=t!("Not a member of this mission")><Avatar name=name.clone() small=true/>{name}</span> }
                .into_any()
        }
        (None, None) => view! { <span class="muted">{t!("Somebody whose name is not known")}</span> }.into_any(),
    }
}
