//! Users as the admin pages and the pickers see them.

use chrono::{DateTime, Utc};
use tyrian_domain::text;
use uuid::Uuid;

use crate::groups::GroupRef;
use crate::{Faults, Patch, Validate};

crate::wire! {
    /// A user as everybody may see them who needs to choose one: exactly these three fields.
    pub struct UserRef {
        /// User id.
        pub id: Uuid,
        /// Email address.
        pub email: String,
        /// The name others see.
        pub display_name: String,
    }

    /// Who made something.
    pub struct Author {
        /// User id.
        pub id: Uuid,
        /// The name others see.
        pub display_name: String,
    }

    /// A user as an administrator sees them.
    pub struct User {
        /// User id.
        pub id: Uuid,
        /// Email address, used to sign in.
        pub email: String,
        /// The name others see.
        pub display_name: String,
        /// May they sign in?
        pub is_active: bool,
        /// Do they have every permission?
        pub is_admin: bool,
        /// Is a second factor on?
        pub totp: bool,
        /// When they last signed in.
        pub last_login_at: Option<DateTime<Utc>>,
        /// The groups they are in.
        pub groups: Vec<GroupRef>,
        /// For If-Match.
        pub version: i64,
        /// When they were made.
        pub created_at: DateTime<Utc>,
        /// When they last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new user.
    #[serde(deny_unknown_fields)]
    pub struct UserCreate {
        /// Email address, unique.
        pub email: String,
        /// The name others see.
        pub display_name: String,
        /// At least 12 characters, not easy to guess; without one they cannot sign in by password.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub password: Option<String>,
        /// Only an admin makes an admin.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub is_admin: Option<bool>,
    }

    /// Changes a user.
    #[derive(Default)]
    #[serde(deny_unknown_fields, default)]
    pub struct UserPatch {
        /// Email address.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub email: Patch<String>,
        /// The name others see.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub display_name: Patch<String>,
        /// May they sign in? False ends their sessions at once.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
        pub is_active: Patch<bool>,
        /// Only an admin makes or unmakes an admin.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
        pub is_admin: Patch<bool>,
    }

    /// The groups that a user is in from now on.
    #[serde(deny_unknown_fields)]
    pub struct UserGroups {
        /// All of them.
        pub group_ids: Vec<Uuid>,
    }
}

impl Validate for UserCreate {
    fn validate(&self, f: &mut Faults) {
        f.email("/email", &self.email);
        f.line("/display_name", &self.display_name, text::NAME);
        if let Some(password) = &self.password {
            f.password("/password", password);
        }
    }
}

impl Validate for UserPatch {
    fn validate(&self, f: &mut Faults) {
        f.needed("/email", &self.email);
        if let Some(email) = self.email.value() {
            f.email("/email", email);
        }
        f.patch_line("/display_name", &self.display_name, text::NAME);
        f.needed("/is_active", &self.is_active);
        f.needed("/is_admin", &self.is_admin);
    }
}

impl Validate for UserGroups {
    fn validate(&self, f: &mut Faults) {
        if self.group_ids.len() > 1000 {
            f.add("/group_ids", "too_many", "At most 1000.");
        }
    }
}
