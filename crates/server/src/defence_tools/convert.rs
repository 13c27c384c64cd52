//! Defence tools as they travel.

use tyrian_api_types::defence_tools::DefenceTool;
use tyrian_entity::defence_tool;

/// A tool.
pub fn tool(row: defence_tool::Model) -> DefenceTool {
    DefenceTool {
        id: row.id,
        name: row.name,
        vendor: row.vendor,
        kind: row.kind,
        is_active: row.is_active,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
