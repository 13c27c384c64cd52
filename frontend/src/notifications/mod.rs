//! What concerns the reader: the bell of the top bar with the newest, and `/notifications` with all.

mod bell;
mod page;
mod queries;

use leptos::prelude::*;
use tyrian_api_types::notifications::Notification;
use tyrian_domain::notification::NotificationKind;

pub use bell::{Bell, NotificationsCard};
pub use page::NotificationsPage;

use crate::ui::{Icon, Time};

/// A kind in words, for filters and the profile.
pub fn kind_words(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::AddedToMission => t!("Added to a mission"),
        NotificationKind::Mentioned => t!("Mentioned in a comment"),
        NotificationKind::Assigned => t!("A test is yours"),
        NotificationKind::Executed => t!("A test waits for you"),
        NotificationKind::StatusChanged => t!("A mission’s status"),
    }
}

fn icon(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::AddedToMission => "user-plus",
        NotificationKind::Mentioned => "at-sign",
        NotificationKind::Assigned => "crosshair",
        NotificationKind::Executed => "radar",
        NotificationKind::StatusChanged => "target",
    }
}

/// One notification as a link to where it leads; following it counts as reading it.
fn row(note: Notification, on_follow: Callback<()>) -> impl IntoView {
    let (id, unread) = (note.id, note.read_at.is_none());
    let follow = move || {
        if unread {
            leptos::task::spawn_local(async move {
                // What is not noted now stays unread: no harm.
                let _ = queries::read(vec![id]).await;
            });
        }
        on_follow.run(());
    };
    let inner = view! {
        <Icon name=icon(note.kind)/>
        <span class="note__text">
            <span class="note__subject">{note.subject}</span>
            {note.body.map(|body| view! { <span class="note__body small muted">{body}</span> })}
            <span class="small muted"><Time at=note.created_at/></span>
        </span>
        {unread.then(|| view! { <span class="note__dot"><span class="sr">{t!("Unread")}</span></span> })}
    };
    match note.link {
        Some(link) => {
            view! { <a class="note" href=link data-unread=unread.then_some("") on:click=move |_| follow()>{inner}</a> }.into_any()
        }
        None => view! { <button class="note" type="button" data-unread=unread.then_some("") on:click=move |_| follow()>{inner}</button> }
            .into_any(),
    }
}
