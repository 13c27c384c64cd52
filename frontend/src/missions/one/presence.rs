//! Who else has the mission open, and which of its tests.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use tyrian_api_types::Items;
use tyrian_api_types::events::{Presence, PresenceReport};
use uuid::Uuid;

use super::Here;
use crate::missions::queries::{self, use_mission, use_presence};
use crate::missions::url::use_url;
use crate::session::use_session;
use crate::ui::Avatar;

/// How often this page says that it is open.
const EVERY_MS: u32 = 15_000;

/// Reports what is open here: at once, when another test is opened, every 15 seconds, and when it is left.
pub fn report_presence(here: Here, there: Memo<bool>) {
    let url = use_url();
    let opened = url.param("test");
    let test = Memo::new(move |_| opened.with(|test| test.as_deref().and_then(|id| id.parse::<Uuid>().ok())));
    // The loop of an earlier mission or test ends when another one has begun.
    let turn = Rc::new(Cell::new(0_u32));
    let last = turn.clone();
    Effect::new(move |_| {
        let (mission, test, there) = (here.id.get(), test.get(), there.get());
        let mine = turn.get().wrapping_add(1);
        turn.set(mine);
        if !there {
            return;
        }
        let turn = turn.clone();
        leptos::task::spawn_local(async move {
            // who goes through a list with J and K says only where they stay
            crate::web::sleep(250).await;
            while turn.get() == mine {
                // What does not arrive is said again.
                let _ = queries::report_presence(&mission, &PresenceReport { mission_test_id: test, gone: false }).await;
                crate::web::sleep(EVERY_MS).await;
            }
        });
    });
    let leave = move || {
        if there.try_get_untracked() == Some(true)
            && let Some(mission) = here.id.try_get_untracked()
        {
            queries::leave(&mission);
        }
    };
    let closed = window_event_listener_untyped("pagehide", move |_| leave());
    let end = StoredValue::new_local(last);
    on_cleanup(move || {
        closed.remove();
        if let Some(turn) = end.try_get_value() {
            turn.set(turn.get().wrapping_add(1));
        }
        leave();
    });
}

/// The others out of those who are there: each once, by name.
fn others(present: &Items<Presence>, me: Option<Uuid>, test: Option<Uuid>) -> Vec<(Uuid, String)> {
    let mut people: Vec<(Uuid, String)> = present
        .items
        .iter()
        .filter(|one| Some(one.user.id) != me && test.is_none_or(|test| one.mission_test_id == Some(test)))
        .map(|one| (one.user.id, one.user.display_name.clone()))
        .collect();
    people.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
    people.dedup();
    people
}

/// `Priya`, `Priya and Tomás`, `Priya, Tomás and 2 more`.
fn in_words(people: &[(Uuid, String)]) -> String {
    let first = |name: &str| name.split_whitespace().next().unwrap_or(name).to_owned();
    match people {
        [] => String::new(),
        [one] => first(&one.1),
        [one, two] => t!("{} and {}", first(&one.1), first(&two.1)),
        [one, two, rest @ ..] => t!("{}, {} and {} more", first(&one.1), first(&two.1), rest.len()),
    }
}

fn faces(people: Vec<(Uuid, String)>, side: impl Fn(Uuid) -> Option<String>, words: &'static str) -> AnyView {
    if people.is_empty() {
        return ().into_any();
    }
    let names = people.iter().map(|one| one.1.clone()).collect::<Vec<_>>().join(", ");
    let said = format!("{names} {words}");
    view! {
        <span class="here" title=said.clone()>
            <span class="avatars">
                {people.iter().take(4).map(|(id, name)| match side(*id) {
                    Some(side) => view! { <Avatar name=name.clone() side=side small=true/> }.into_any(),
                    None => view! { <Avatar name=name.clone() small=true/> }.into_any(),
                }).collect_view()}
            </span>
            <span class="here__names small" aria-hidden="true">{in_words(&people)}</span>
        </span>
    }
    .into_any()
}

/// Who else is in the mission, for its header.
#[component]
pub fn HereNow(
    /// the mission
    here: Here,
) -> impl IntoView {
    let session = use_session();
    let present = use_presence(here.id);
    let people = Memo::new(move |_| {
        let me = session.me().map(|me| me.id);
        present.data.with(|present| present.as_ref().map(|present| others(present, me, None)).unwrap_or_default())
    });
    let side = move |id: Uuid| {
        here.now(|data| {
            data.value.head.members.iter().find(|member| member.user_id == id).map(|member| member.role_hint.as_str().to_owned())
        })
        .flatten()
    };
    view! { <span class="hide-sm" role="group" aria-label=t!("Here now")>{move || faces(people.get(), side, t!("here now"))}</span> }
}

/// Who else has this test open; nothing where nobody has.
#[component]
pub fn TestPresence(
    /// the mission's id
    mission: Memo<String>,
    /// the test
    test: Uuid,
) -> impl IntoView {
    let session = use_session();
    let (present, data) = (use_presence(mission), use_mission(mission));
    let people = Memo::new(move |_| {
        let me = session.me().map(|me| me.id);
        present.data.with(|present| present.as_ref().map(|present| others(present, me, Some(test))).unwrap_or_default())
    });
    let side = move |id: Uuid| {
        data.data.with_untracked(|data| {
            let members = &data.as_ref()?.value.head.members;
            members.iter().find(|member| member.user_id == id).map(|member| member.role_hint.as_str().to_owned())
        })
    };
    move || faces(people.get(), side, t!("looking at this test"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyrian_api_types::users::Author;

    fn present(id: u128, name: &str, test: Option<u128>) -> Presence {
        let user = Author { id: Uuid::from_u128(id), display_name: name.to_owned() };
        Presence { user, mission_test_id: test.map(Uuid::from_u128), at: chrono::DateTime::UNIX_EPOCH }
    }

    #[test]
    fn the_others_are_named_once_without_oneself() {
        let all = Items { items: vec![present(1, "Me", None), present(3, "Tomás Rey", Some(9)), present(2, "Priya Nair", None)] };
        let me = Some(Uuid::from_u128(1));
        assert_eq!(in_words(&others(&all, me, None)), "Priya and Tomás");
        assert_eq!(in_words(&others(&all, me, Some(Uuid::from_u128(9)))), "Tomás");
        assert_eq!(in_words(&others(&all, me, Some(Uuid::from_u128(8)))), "");
    }

    #[test]
    fn many_are_counted() {
        let people: Vec<_> = ["Ada A", "Bo B", "Cy C", "Di D"]
            .into_iter()
            .enumerate()
            .map(|(n, name)| (Uuid::from_u128(n as u128), name.to_owned()))
            .collect();
        assert_eq!(in_words(&people), "Ada, Bo and 2 more");
    }
}
