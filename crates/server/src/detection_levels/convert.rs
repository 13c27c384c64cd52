//! Detection levels as they travel.

use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_entity::detection_level;

/// A level.
pub fn level(row: detection_level::Model) -> DetectionLevel {
    DetectionLevel {
        id: row.id,
        code: row.code,
        name: row.name,
        description: row.description,
        color: row.color,
        rank: row.rank,
        is_default: row.is_default,
        is_retired: row.is_retired,
    }
}
