//! Comments on a test, and on the mission as a whole.

mod at;
mod queries;
mod write;

use std::ops::Range;

use leptos::prelude::*;
use tyrian_api_types::comments::{Comment, CommentCreate, CommentPatch};
use tyrian_api_types::{ErrorCode, Patch, Validate};
use tyrian_domain::comment::{Mentionable, mentions};
use tyrian_domain::execution::may_comment;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::people::viewer;
use crate::api::{ApiError, new_idempotency_key};
use crate::loaded::Loaded;
use crate::missions::queries::use_mission;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Avatar, Button, ButtonSize, ConfirmDialog, IconButton, Markdown, SkeletonRows, Time, use_toasts};
use write::Writer;

/// Somebody who can be mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    id: Uuid,
    name: String,
    email: String,
    side: String,
}

/// Finds mentions of these people in a text.
fn marks(people: Memo<Vec<Person>>) -> Callback<String, Vec<Range<usize>>> {
    Callback::new(move |text: String| {
        people.with(|people| {
            let all: Vec<Mentionable<'_, Uuid>> =
                people.iter().map(|one| Mentionable { id: one.id, name: &one.name, email: &one.email }).collect();
            mentions(&text, &all).into_iter().map(|mention| mention.start..mention.end).collect()
        })
    })
}

/// Why it was refused, in words.
fn refusal(error: &ApiError) -> String {
    if error.is(ErrorCode::PreconditionFailed) {
        return t!("It was changed in another place meanwhile. Close this and edit the newer text.").to_owned();
    }
    error.fields().first().map_or_else(|| error.text(), |field| field.detail.clone())
}

/// What was said of a test, with the field to say more.
#[component]
pub fn TestComments(
    /// the mission's id
    mission: Memo<String>,
    /// the test
    test: Uuid,
) -> impl IntoView {
    view! { <Talk mission=mission test=Some(test)/> }
}

/// What was said in a mission, of it and of its tests, with the field to say more of it.
#[component]
pub fn MissionComments(
    /// the mission's id
    mission: Memo<String>,
) -> impl IntoView {
    view! { <Talk mission=mission test=None/> }
}

#[component]
fn Talk(
    /// the mission's id
    mission: Memo<String>,
    /// the test; none: the mission
    test: Option<Uuid>,
) -> impl IntoView {
    let session = use_session();
    let data = use_mission(mission);
    let list = queries::use_comments(mission, test);
    let people = Memo::new(move |_| {
        data.data.with(|data| {
            let members = data.iter().flat_map(|data| &data.value.head.members);
            members
                .map(|member| Person {
                    id: member.user_id,
                    name: member.display_name.clone(),
                    email: member.email.clone(),
                    side: member.role_hint.as_str().to_owned(),
                })
                .collect::<Vec<_>>()
        })
    });
    let may_write = Memo::new(move |_| {
        data.data.with(|data| {
            data.as_ref().is_some_and(|data| {
                !data.value.head.status.is_read_only() && session.me().is_some_and(|me| may_comment(&viewer(&data.value, &me)))
            })
        })
    });
    let count = Memo::new(move |_| list.query.data.with(|page| page.as_ref().and_then(|page| page.total)));
    // the newest stands last, over the field in which it is answered
    let comments = Memo::new(move |_| {
        list.query.data.with(|page| page.as_ref().map(|page| page.items.iter().rev().cloned().collect::<Vec<_>>()).unwrap_or_default())
    });
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<Option<Uuid>>| {
        let last = comments.with(|list| list.last().map(|last| (last.id, last.author.clone())));
        let me = session.me().map(|me| me.id);
        if let (Some(Some(before)), Some((id, Some(author)))) = (before, &last)
            && before != *id
            && Some(author.id) != me
        {
            said.set(t!("{} has commented", author.display_name));
        }
        last.map(|last| last.0)
    });
    view! {
        <section class="card talk" aria-label=t!("Comments")>
            <div class="card__head">
                <h2>{t!("Comments")}</h2>
                {move || count.get().filter(|n| *n > 0).map(|n| view! { <span class="count">{n}</span> })}
            </div>
            <div class="card__body talk__body">
                <Loaded query=list.query.there() what=t!("The comments") skeleton=|| view! { <SkeletonRows rows=2/> } let:_there>
                    {move || list.has_more.get().then(|| view! {
                        <div><Button size=ButtonSize::Small busy=list.busy on_click=move |_| list.more.run(())>{t!("Show earlier ones")}</Button></div>
                    })}
                    {move || comments.with(Vec::is_empty).then(|| view! { <p class="muted small">{t!("Nobody has said anything yet.")}</p> })}
                    <ol class="talk__list" aria-label=t!("What was said, the newest last")>
                        <For each=move || comments.get() key=|comment| (comment.id, comment.version) let:comment>
                            <One mission=mission about=test comment=comment people=people may_write=may_write/>
                        </For>
                    </ol>
                </Loaded>
                <span class="sr" role="status">{move || said.get()}</span>
                {move || may_write.get().then(|| view! { <New mission=mission test=test people=people/> })}
            </div>
        </section>
    }
}

/// The field for a new one. What is written and not sent survives a reload.
#[component]
fn New(
    /// the mission's id
    mission: Memo<String>,
    /// the test; none: the mission
    test: Option<Uuid>,
    /// who can be mentioned
    people: Memo<Vec<Person>>,
) -> impl IntoView {
    let session = use_session();
    let me = untrack(|| session.me());
    let place = StoredValue::new(format!(
        "tyrian.comment.{}.{}.{}",
        me.as_ref().map(|me| me.id).unwrap_or_default(),
        mission.get_untracked(),
        test.map_or_else(|| "mission".to_owned(), |test| test.to_string())
    ));
    let text = RwSignal::new(crate::web::stored(&place.get_value()).unwrap_or_default());
    Effect::new(move |before: Option<()>| {
        let now = text.read();
        if before.is_some() {
            crate::web::store(&place.get_value(), (!now.trim().is_empty()).then_some(now.as_str()));
        }
    });
    // A text that is sent again because no answer came is said once.
    let key = StoredValue::new((String::new(), String::new()));
    let key_of = move |body: &str| {
        key.update_value(|key| {
            if key.0 != body {
                *key = (body.to_owned(), new_idempotency_key());
            }
        });
        key.with_value(|key| key.1.clone())
    };
    let error = RwSignal::new(None::<String>);
    let send = use_mutation(
        move |body: String| {
            let (mission, key) = (mission.get_untracked(), key_of(&body));
            async move { queries::add(&mission, test, body, &key).await }
        },
        move |_| {
            text.set(String::new());
            key.set_value((String::new(), String::new()));
            queries::refresh(&mission.get_untracked(), test);
        },
    );
    Effect::new(move |_| error.set(send.error.get().map(|error| refusal(&error))));
    let submit = move |()| {
        let body = text.get_untracked();
        match (CommentCreate { mission_test_id: test, body: body.clone() }).check() {
            Ok(()) => send.run.run(body),
            Err(faults) => error.set(faults.into_iter().next().map(|fault| fault.detail)),
        }
    };
    let name = untrack(|| session.name());
    let label = if test.is_some() { t!("Comment on this test") } else { t!("Comment on the mission") };
    view! {
        <div class="talk__new">
            <Avatar name=name/>
            <Writer text=text label=label send=t!("Send") people=people busy=send.busy error=error on_send=submit/>
        </div>
    }
}

/// One comment.
#[component]
fn One(
    /// the mission's id
    mission: Memo<String>,
    /// the test whose comments are shown; none: all of the mission
    about: Option<Uuid>,
    /// what was said
    comment: Comment,
    /// who can be mentioned
    people: Memo<Vec<Person>>,
    /// may the reader comment here?
    may_write: Memo<bool>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let data = use_mission(mission);
    let (id, version, test) = (comment.id, comment.version, comment.mission_test_id);
    let name = comment.author.as_ref().map_or_else(|| t!("Somebody").to_owned(), |author| author.display_name.clone());
    let author = comment.author.as_ref().map(|author| author.id);
    let side = people.with_untracked(|people| people.iter().find(|one| Some(one.id) == author).map(|one| one.side.clone()));
    let own = untrack(|| session.me()).is_some_and(|me| Some(me.id) == author);
    let may_delete =
        move || may_write.get() && (own || (session.can(Permission::MissionUpdate) && session.can(Permission::MissionReadAll)));
    let of_test = test.filter(|_| about.is_none());
    let test_name = Memo::new(move |_| {
        data.data.with(|data| {
            let mut tests = data.iter().flat_map(|data| &data.value.scenarios).flat_map(|one| &one.tests);
            tests.find(|one| Some(one.id) == of_test).map(|one| one.name.clone())
        })
    });
    let mentioned: Vec<Uuid> = comment.mentions.iter().map(|one| one.id).collect();
    let meant =
        Memo::new(move |_| people.with(|people| people.iter().filter(|one| mentioned.contains(&one.id)).cloned().collect::<Vec<_>>()));
    let (editing, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let body = StoredValue::new(comment.body);
    let text = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<String>);
    let edit = use_mutation(
        move |body: String| {
            let mission = mission.get_untracked();
            async move { queries::edit(&mission, id, version, body).await }
        },
        move |_| {
            editing.set(false);
            queries::refresh(&mission.get_untracked(), test);
        },
    );
    Effect::new(move |_| refused.set(edit.error.get().map(|error| refusal(&error))));
    let submit = move |()| {
        let body = text.get_untracked();
        match (CommentPatch { body: Patch::Set(body.clone()) }).check() {
            Ok(()) => edit.run.run(body),
            Err(faults) => refused.set(faults.into_iter().next().map(|fault| fault.detail)),
        }
    };
    let delete = use_mutation(
        move |()| {
            let mission = mission.get_untracked();
            async move { queries::delete(&mission, id, version).await }
        },
        move |()| {
            deleting.set(false);
            toasts.success(t!("Comment deleted"));
            queries::refresh(&mission.get_untracked(), test);
        },
    );
    let delete_error = Signal::derive(move || delete.error.get().map(|error| refusal(&error)));
    view! {
        <li class="comment">
            {match side {
                Some(side) => view! { <Avatar name=name.clone() side=side/> }.into_any(),
                None => view! { <Avatar name=name.clone()/> }.into_any(),
            }}
            <div class="comment__head">
                <b>{name.clone()}</b>
                <span class="small muted"><Time at=comment.created_at/></span>
                {comment.edited_at.map(|_| view! { <span class="small faint">{t!("edited")}</span> })}
                {move || test_name.get().zip(of_test).map(|(name, test)| view! { <a class="small trunc" href=format!("/missions/{}?test={test}", mission.get_untracked())>{name}</a> })}
                <span class="push comment__acts">
                    {move || (own && may_write.get() && !editing.get()).then(|| view! { <IconButton icon="pencil" label=t!("Edit your comment") on_click=move |_| { text.set(body.get_value()); editing.set(true); }/> })}
                    {move || (may_delete() && !editing.get()).then(|| view! { <IconButton icon="trash-2" label=t!("Delete the comment") on_click=move |_| deleting.set(true)/> })}
                </span>
            </div>
            <div class="comment__body">
                {move || if editing.get() {
                    view! { <Writer text=text label=t!("Your comment") send=t!("Save") people=people busy=edit.busy error=refused autofocus=true on_send=submit on_cancel=move |()| editing.set(false)/> }.into_any()
                } else {
                    view! { <Markdown text=body.get_value() marks=marks(meant)/> }.into_any()
                }}
            </div>
            <ConfirmDialog
                open=deleting
                title=t!("Delete this comment?")
                text=t!("It is gone for everybody. The activity keeps that there was one, not what it said.")
                confirm=t!("Delete comment")
                busy=delete.busy
                error=delete_error
                on_confirm=move |()| delete.run.run(())
            />
        </li>
    }
}
