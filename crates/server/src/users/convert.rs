//! Rows of users as they travel.

use tyrian_api_types::groups::GroupRef;
use tyrian_api_types::users::{User, UserRef};
use tyrian_entity::user;

/// A user with their groups.
pub fn user(row: user::Model, groups: Vec<GroupRef>) -> User {
    User {
        id: row.id,
        email: row.email,
        display_name: row.display_name,
        is_active: row.is_active,
        is_admin: row.is_admin,
        totp: row.totp_secret_enc.is_some(),
        last_login_at: row.last_login_at,
        groups,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// A user by the three fields that everybody may see who chooses people.
pub fn user_ref(row: user::Model) -> UserRef {
    UserRef { id: row.id, email: row.email, display_name: row.display_name }
}
