//! What notifications ask the API.

use leptos::prelude::*;
use tyrian_api_types::Page;
use tyrian_api_types::notifications::{Notification, NotificationPage, NotificationsRead, UnreadCount};
use uuid::Uuid;

use crate::api::{self, ApiError, query_string};
use crate::grown::{Grown, use_grown};
use crate::key;
use crate::query::{self, Query, use_query};

/// The newest, with the number of all that are unread.
pub fn use_newest() -> Query<NotificationPage> {
    use_query(|| key!["notifications", "newest"], || api::get("/notifications?limit=6"))
}

/// All, or those that are unread, the newest first.
pub fn use_notifications(unread: Memo<bool>) -> Grown<Notification> {
    use_grown(
        50,
        move || key!["notifications", "list", unread.get()],
        move |cursor, limit| {
            let query =
                [("unread", unread.get_untracked().then(|| "true".to_owned())), ("limit", Some(limit.to_string())), ("cursor", cursor)];
            let path = format!("/notifications{}", query_string(query));
            async move {
                let page: NotificationPage = api::get(path).await?;
                Ok(Page { items: page.items, next_cursor: page.next_cursor, total: page.total })
            }
        },
    )
}

/// Notes that these were read; none: all.
pub async fn read(ids: Vec<Uuid>) -> Result<(), ApiError> {
    let request = NotificationsRead { all: ids.is_empty(), ids };
    let _: UnreadCount = api::post("/notifications/read", &request).await?;
    query::invalidate(&key!["notifications"]);
    crate::live::notifications_read();
    Ok(())
}
