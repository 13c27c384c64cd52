//! Categories as they travel.

use tyrian_api_types::categories::Category;
use tyrian_entity::mission_category;

/// A category.
pub fn category(row: mission_category::Model) -> Category {
    Category {
        id: row.id,
        name: row.name,
        color: row.color,
        position: u32::try_from(row.position).unwrap_or_default(),
        summary: row.summary,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
