//! Notifications to the caller.

use chrono::{DateTime, Utc};
use tyrian_domain::notification::NotificationKind;
use uuid::Uuid;

use crate::{Faults, Validate};

crate::wire! {
    /// Something that concerns the caller.
    pub struct Notification {
        /// Notification id.
        pub id: Uuid,
        /// Why they are told.
        pub kind: NotificationKind,
        /// In a sentence.
        pub subject: String,
        /// More of it.
        pub body: Option<String>,
        /// The page of the app where it is, `/missions/…`.
        pub link: Option<String>,
        /// When they read it.
        pub read_at: Option<DateTime<Utc>>,
        /// When it came.
        pub created_at: DateTime<Utc>,
    }

    /// A page of the caller's notifications, the newest first.
    pub struct NotificationPage {
        /// The notifications.
        pub items: Vec<Notification>,
        /// Where to go on; null at the end.
        pub next_cursor: Option<String>,
        /// How many there are in all; null behind the first page.
        pub total: Option<u64>,
        /// How many are unread in all.
        pub unread: u64,
    }

    /// Which notifications the caller has read.
    #[serde(deny_unknown_fields)]
    pub struct NotificationsRead {
        /// These.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub ids: Vec<Uuid>,
        /// All of them.
        #[serde(default)]
        pub all: bool,
    }

    /// How many are left.
    pub struct UnreadCount {
        /// Unread notifications.
        pub unread: u64,
    }
}

impl Validate for NotificationsRead {
    fn validate(&self, f: &mut Faults) {
        if self.ids.is_empty() && !self.all {
            f.add("/ids", "required", "Ids, or all.");
        }
        if !self.ids.is_empty() && self.all {
            f.add("/all", "conflict", "Ids or all, not both.");
        }
        if self.ids.len() > 1000 {
            f.add("/ids", "too_many", "At most 1000.");
        }
    }
}
