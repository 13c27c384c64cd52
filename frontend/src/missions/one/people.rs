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

/// A person by id: a member with their side, or that they are none any more.
pub fn person(here: Here, id: Uuid) -> AnyView {
    let found = here
        .read(|data| {
            data.value.head.members.iter().find(|member| member.user_id == id).map(|member| (member.display_name.clone(), member.role_hint))
        })
        .flatten();
    match found {
        Some((name, role)) => view! { <span class="row"><Avatar name=name.clone() side=role.as_str() small=true/>{name}</span> }.into_any(),
        None => view! { <span class="muted">"Somebody who is no member now"</span> }.into_any(),
    }
}
