//! A user's own notifications: reading them, and noting that they were read.

use tyrian_api_types::notifications::{Notification, NotificationPage, NotificationsRead, UnreadCount};
use tyrian_domain::notification::NotificationKind;
use tyrian_entity::notification;

use super::store;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::http::paging::PageRequest;
use crate::live::Wake;
use crate::missions::convert::word;
use crate::state::State;

fn shown(row: notification::Model) -> ApiResult<Notification> {
    Ok(Notification {
        id: row.id,
        kind: word(NotificationKind::parse(&row.kind), &row.kind)?,
        subject: row.subject,
        body: row.body,
        link: row.link,
        read_at: row.read_at,
        created_at: row.created_at,
    })
}

/// A page of the caller's notifications, with the number of unread ones for the badge.
pub async fn list(state: &State, caller: &Caller, unread_only: bool, request: &PageRequest) -> ApiResult<NotificationPage> {
    let db = state.db.reader();
    let (rows, next_cursor, total) = store::list(db, caller.id, unread_only, request).await?;
    let unread = store::unread(db, caller.id).await?;
    Ok(NotificationPage { items: rows.into_iter().map(shown).collect::<ApiResult<_>>()?, next_cursor, total, unread })
}

/// Notes that the caller has read these. Not in the audit log: it changes nothing that anybody else could miss.
pub async fn read(state: &State, caller: &Caller, body: &NotificationsRead) -> ApiResult<UnreadCount> {
    let txn = state.db.begin().await?;
    let changed = store::read(&txn, caller.id, (!body.all).then_some(&body.ids)).await?;
    let unread = store::unread(&txn, caller.id).await?;
    txn.commit().await?;
    if changed > 0 {
        // the badge in the caller's other tabs
        state.live.publish(Wake { mission: None, notified: vec![caller.id] });
    }
    Ok(UnreadCount { unread })
}
