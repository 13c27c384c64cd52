//! Defence tools: the products of the defenders that detections name.

use chrono::{DateTime, Utc};
use tyrian_domain::text;
use uuid::Uuid;

use crate::{Faults, Patch, Validate};

crate::wire! {
    /// A product of the defenders.
    pub struct DefenceTool {
        /// Tool id.
        pub id: Uuid,
        /// What it is called; no two have one name.
        pub name: String,
        /// Who makes it.
        pub vendor: Option<String>,
        /// EDR, SIEM, proxy, …
        pub kind: String,
        /// Offered for new detections?
        pub is_active: bool,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new defence tool.
    #[serde(deny_unknown_fields)]
    pub struct DefenceToolCreate {
        /// What it is called.
        pub name: String,
        /// Who makes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub vendor: Option<String>,
        /// EDR, SIEM, proxy, …
        pub kind: String,
    }
}

crate::patch_wire! {
    /// Changes a defence tool.
    pub struct DefenceToolPatch {
        /// What it is called.
        name: String,
        /// Who makes it.
        vendor: String,
        /// EDR, SIEM, proxy, …
        kind: String,
        /// Offered for new detections?
        is_active: bool,
    }
}

impl Validate for DefenceToolCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        f.optional_line("/vendor", self.vendor.as_deref(), text::LINE);
        f.line("/kind", &self.kind, text::LABEL);
    }
}

impl Validate for DefenceToolPatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        f.optional_line("/vendor", self.vendor.value().map(String::as_str), text::LINE);
        f.patch_line("/kind", &self.kind, text::LABEL);
        f.needed("/is_active", &self.is_active);
    }
}
