//! Groups and the permissions they give.

use chrono::{DateTime, Utc};
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use uuid::Uuid;

use crate::users::UserRef;
use crate::{Faults, Patch, Validate};

crate::wire! {
    /// A group by id and name.
    pub struct GroupRef {
        /// Group id.
        pub id: Uuid,
        /// Its name.
        pub name: String,
    }

    /// A group with what it gives and who is in it.
    pub struct Group {
        /// Group id.
        pub id: Uuid,
        /// Its name, unique.
        pub name: String,
        /// What it is for.
        pub description: Option<String>,
        /// Seeded: it cannot be renamed or deleted.
        pub is_system: bool,
        /// The codes it gives.
        pub permissions: Vec<Permission>,
        /// Who is in it, by name; deactivated users too.
        pub members: Vec<UserRef>,
        /// For If-Match.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new group.
    #[serde(deny_unknown_fields)]
    pub struct GroupCreate {
        /// Its name, unique.
        pub name: String,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        /// The codes it gives; the caller must hold each.
        #[serde(default)]
        pub permissions: Vec<Permission>,
    }

    /// Changes a group.
    #[derive(Default)]
    #[serde(deny_unknown_fields, default)]
    pub struct GroupPatch {
        /// Its name.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub name: Patch<String>,
        /// What it is for.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub description: Patch<String>,
    }

    /// The codes that a group gives from now on.
    #[serde(deny_unknown_fields)]
    pub struct GroupPermissions {
        /// All of them.
        pub codes: Vec<Permission>,
    }

    /// The members that a group has from now on.
    #[serde(deny_unknown_fields)]
    pub struct GroupMembers {
        /// All of them.
        pub user_ids: Vec<Uuid>,
    }

    /// A permission code and what it allows.
    pub struct PermissionInfo {
        /// The code.
        pub code: Permission,
        /// What it allows.
        pub description: String,
    }
}

impl Validate for GroupCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        f.text("/description", self.description.as_deref());
    }
}

impl Validate for GroupPatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        f.text("/description", self.description.value().map(String::as_str));
    }
}

impl Validate for GroupPermissions {
    fn validate(&self, _: &mut Faults) {}
}

impl Validate for GroupMembers {
    fn validate(&self, f: &mut Faults) {
        if self.user_ids.len() > 10_000 {
            f.add("/user_ids", "too_many", "At most 10000.");
        }
    }
}
