//! Categories: the headings under which a mission's synthesis groups its tests.

use chrono::{DateTime, Utc};
use tyrian_domain::text;
use uuid::Uuid;

use crate::{Faults, Patch, Validate};

crate::wire! {
    /// A heading of a mission's synthesis.
    pub struct Category {
        /// Category id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// `#rrggbb`.
        pub color: Option<String>,
        /// Place among the mission's categories, from 0.
        pub position: u32,
        /// What is to be said of its tests, Markdown.
        pub summary: Option<String>,
        /// For If-Match.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new category, behind the last one.
    #[serde(deny_unknown_fields)]
    pub struct CategoryCreate {
        /// What it is called.
        pub name: String,
        /// `#rrggbb`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub color: Option<String>,
        /// What is to be said of its tests, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub summary: Option<String>,
    }
}

crate::patch_wire! {
    /// Changes a category.
    pub struct CategoryPatch {
        /// What it is called.
        name: String,
        /// `#rrggbb`.
        color: String,
        /// Place among the mission's categories, from 0: the others move up or down.
        position: u32,
        /// What is to be said of its tests, Markdown.
        summary: String,
    }
}

impl Validate for CategoryCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        f.color("/color", self.color.as_deref());
        f.text("/summary", self.summary.as_deref());
    }
}

impl Validate for CategoryPatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        f.color("/color", self.color.value().map(String::as_str));
        f.needed("/position", &self.position);
        f.text("/summary", self.summary.value().map(String::as_str));
    }
}
