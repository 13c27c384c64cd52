//! Names of people that tests and acts know by id.

use leptos::prelude::*;
use uuid::Uuid;

use super::Here;
use crate::ui::Avatar;

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
