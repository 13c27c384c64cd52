//! Choosing people and their roles.

use leptos::prelude::*;
use tyrian_api_types::users::UserRef;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::queries::use_roster;
use super::url::after_pause;
use crate::admin::queries::use_groups;
use crate::session::use_session;
use crate::ui::{ComboItem, Combobox, Select};

/// People offered at once; who is not among them is found by more of their name.
const SHOWN: usize = 20;

/// A role as value and word, with what it does.
pub fn role_options() -> Vec<(String, String)> {
    RoleHint::ALL.iter().map(|role| (role.as_str().to_owned(), role_words(*role).to_owned())).collect()
}

/// A role in words.
pub fn role_words(role: RoleHint) -> &'static str {
    match role {
        RoleHint::Red => t!("Red, executes"),
        RoleHint::Blue => t!("Blue, assesses"),
        RoleHint::Purple => t!("Purple, both"),
        RoleHint::Observer => t!("Observer, looks on"),
    }
}

/// Searches the roster; those in `taken` are not offered again.
#[component]
pub fn RosterSearch(
    /// who is in already
    #[prop(into)]
    taken: Signal<Vec<Uuid>>,
    /// takes who was picked, and the side that their groups are for
    #[prop(into)]
    on_pick: Callback<(UserRef, RoleHint)>,
) -> impl IntoView {
    let session = use_session();
    let groups = untrack(|| session.can(Permission::GroupRead)).then(use_groups);
    let side_of = move |user: Uuid| {
        let groups = groups.and_then(|groups| groups.data.get_untracked()).unwrap_or_default();
        let theirs = groups.iter().filter(|group| group.members.iter().any(|member| member.id == user));
        // most of a defence is blue
        RoleHint::usual(&theirs.flat_map(|group| group.permissions.iter().copied()).collect()).unwrap_or(RoleHint::Blue)
    };
    let text = RwSignal::new(String::new());
    let roster = use_roster(after_pause(text));
    let people = Memo::new(move |_| {
        let taken = taken.get();
        let people = roster.data.with(|page| page.as_ref().map(|page| page.items.clone()).unwrap_or_default());
        people.into_iter().filter(|person| !taken.contains(&person.id)).take(SHOWN).collect::<Vec<_>>()
    });
    let items = Signal::derive(move || {
        people
            .get()
            .into_iter()
            .map(|person| ComboItem {
                value: person.id.to_string(),
                code: None,
                label: person.display_name,
                note: Some(person.email),
                group: None,
            })
            .collect::<Vec<_>>()
    });
    let nothing = t!("Nobody else of that name or address");
    view! {
        <Combobox
            query=text
            items=items
            label=t!("Add a person")
            placeholder=t!("Name or email")
            nothing=nothing
            busy=roster.loading
            eager=true
            multiple=true
            on_pick=move |item: ComboItem| {
                let person = people.get_untracked().into_iter().find(|person| person.id.to_string() == item.value);
                if let Some(person) = person {
                    let side = side_of(person.id);
                    on_pick.run((person, side));
                }
            }
        />
        {move || roster.error.get().map(|error| view! { <p class="small muted" role="alert">{t!("The people could not be read. ")} {error.text()}</p> })}
    }
}

/// The role of one person.
#[component]
pub fn RoleSelect(
    /// whose
    #[prop(into)]
    name: String,
    /// the role now
    role: RoleHint,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// takes the new one
    #[prop(into)]
    on_change: Callback<RoleHint>,
) -> impl IntoView {
    let value = RwSignal::new(role.as_str().to_owned());
    view! {
        <Select
            value=value
            small=true
            label=t!("Role of {name}"; name)
            options=Signal::stored(role_options())
            disabled=disabled
            on_change=move |word: String| {
                if let Some(role) = RoleHint::parse(&word) {
                    on_change.run(role);
                }
            }
        />
    }
}
