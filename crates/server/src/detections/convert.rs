//! Rows of detections to what travels.

use tyrian_api_types::detections::Detection;
use tyrian_domain::test::{DetectionKind, DetectionResult, Grade};
use tyrian_entity::mission_test_detection as entity;

use crate::error::ApiResult;
use crate::missions::convert::word;

/// A detection with its tool's name.
pub fn detection(row: entity::Model, tool: String) -> ApiResult<Detection> {
    Ok(Detection {
        kind: word(DetectionKind::parse(&row.kind), &row.kind)?,
        result: word(DetectionResult::parse(&row.result), &row.result)?,
        severity: row.severity.as_deref().and_then(Grade::parse),
        id: row.id,
        mission_test_id: row.mission_test_id,
        defence_tool_id: row.defence_tool_id,
        defence_tool_name: tool,
        occurred_at: row.occurred_at,
        reference: row.reference,
        rule: row.rule,
        notes: row.notes,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
