//! Comments on a mission or one of its tests.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::users::Author;
use crate::{Faults, Patch, Validate};

crate::wire! {
    /// What somebody said.
    pub struct Comment {
        /// Comment id.
        pub id: Uuid,
        /// The test; null: the mission as a whole.
        pub mission_test_id: Option<Uuid>,
        /// Who said it.
        pub author: Option<Author>,
        /// Markdown.
        pub body: String,
        /// Whom it mentions, of those who are in the mission.
        pub mentions: Vec<Author>,
        /// When it was last edited.
        pub edited_at: Option<DateTime<Utc>>,
        /// For If-Match.
        pub version: i64,
        /// When it was said.
        pub created_at: DateTime<Utc>,
    }

    /// A new comment.
    #[serde(deny_unknown_fields)]
    pub struct CommentCreate {
        /// The test; null: the mission as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mission_test_id: Option<Uuid>,
        /// Markdown. `@name` or `@address` of somebody in the mission mentions them.
        pub body: String,
    }
}

crate::patch_wire! {
    /// Changes one's own comment.
    pub struct CommentPatch {
        /// Markdown.
        body: String,
    }
}

fn check_body(f: &mut Faults, body: &str) {
    if body.trim().is_empty() {
        f.add("/body", "required", "This is needed.");
    }
    f.text("/body", Some(body));
}

impl Validate for CommentCreate {
    fn validate(&self, f: &mut Faults) {
        check_body(f, &self.body);
    }
}

impl Validate for CommentPatch {
    fn validate(&self, f: &mut Faults) {
        f.needed("/body", &self.body);
        if let Some(body) = self.body.value() {
            check_body(f, body);
        }
    }
}
