//! Detections: what each defence tool did in a test, and what it missed.

use chrono::{DateTime, Utc};
use tyrian_domain::test::{DetectionKind, DetectionResult, Grade};
use uuid::Uuid;

use crate::{Faults, Patch, Validate};

crate::wire! {
    /// What one defence tool did, or missed.
    pub struct Detection {
        /// Detection id.
        pub id: Uuid,
        /// The test.
        pub mission_test_id: Uuid,
        /// The tool.
        pub defence_tool_id: Uuid,
        /// The tool's name.
        pub defence_tool_name: String,
        /// Logged, alerted or prevented.
        pub kind: DetectionKind,
        /// Whether it did.
        pub result: DetectionResult,
        /// How grave the tool thought it.
        pub severity: Option<Grade>,
        /// When.
        pub occurred_at: Option<DateTime<Utc>>,
        /// Where to find it: an alert's number, an address.
        pub reference: Option<String>,
        /// The rule that fired: Sigma or text.
        pub rule: Option<String>,
        /// More of it, Markdown.
        pub notes: Option<String>,
        /// For If-Match.
        pub version: i64,
        /// When it was noted.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// Notes what a tool did. A tool has one row of each kind in a test.
    #[serde(deny_unknown_fields)]
    pub struct DetectionCreate {
        /// The tool.
        pub defence_tool_id: Uuid,
        /// Logged, alerted or prevented.
        pub kind: DetectionKind,
        /// Whether it did.
        pub result: DetectionResult,
        /// How grave the tool thought it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub severity: Option<Grade>,
        /// When; not before the test started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub occurred_at: Option<DateTime<Utc>>,
        /// Where to find it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reference: Option<String>,
        /// The rule that fired: Sigma or text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rule: Option<String>,
        /// More of it, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub notes: Option<String>,
    }
}

crate::patch_wire! {
    /// Changes what was noted. The tool and the kind stay.
    pub struct DetectionPatch {
        /// Whether it did.
        result: DetectionResult,
        /// How grave the tool thought it.
        severity: Grade,
        /// When; not before the test started.
        occurred_at: DateTime<Utc>,
        /// Where to find it.
        reference: String,
        /// The rule that fired: Sigma or text.
        rule: String,
        /// More of it, Markdown.
        notes: String,
    }
}

impl Validate for DetectionCreate {
    fn validate(&self, f: &mut Faults) {
        f.optional_line("/reference", self.reference.as_deref(), 2000);
        f.text("/rule", self.rule.as_deref());
        f.text("/notes", self.notes.as_deref());
    }
}

impl Validate for DetectionPatch {
    fn validate(&self, f: &mut Faults) {
        f.needed("/result", &self.result);
        f.optional_line("/reference", self.reference.value().map(String::as_str), 2000);
        f.text("/rule", self.rule.value().map(String::as_str));
        f.text("/notes", self.notes.value().map(String::as_str));
    }
}
