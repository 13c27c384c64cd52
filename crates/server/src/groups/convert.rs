//! Rows of groups as they travel.

use tyrian_api_types::groups::Group;
use tyrian_api_types::users::UserRef;
use tyrian_domain::permission;
use tyrian_entity::group;

/// A group with who is in it.
pub fn group(row: group::Model, members: Vec<UserRef>) -> Group {
    Group {
        id: row.id,
        name: row.name,
        description: row.description,
        is_system: row.is_system,
        permissions: permission::parse_all(&row.codes).into_iter().collect(),
        members,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
