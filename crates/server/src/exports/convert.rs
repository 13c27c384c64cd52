//! Rows to the value that reports are made of.

use std::collections::HashMap;

use tyrian_api_types::comments::Comment as ApiComment;
use tyrian_api_types::detections::Detection as ApiDetection;
use tyrian_domain::synthesis::Tag;
use tyrian_domain::test::Side;
use tyrian_entity::{evidence_file, mission_test};
use tyrian_report::model::{Blue, Comment, Detection, Evidence, Plan, Red, Test};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::missions::convert;

/// What belongs to a test and stands in rows of its own.
#[derive(Default)]
pub struct Belongings {
    pub tags: Vec<Tag>,
    pub detections: Vec<Detection>,
    pub evidence: Vec<Evidence>,
    pub comments: Vec<Comment>,
}

/// What names ids stand for.
pub struct Names {
    pub people: HashMap<Uuid, String>,
    pub levels: HashMap<Uuid, String>,
}

/// A test of a report.
pub fn test(row: mission_test::Model, number: usize, scenario: usize, of: Belongings, names: &Names) -> ApiResult<Test> {
    let (detection_rules, arguments) = (row.detection_rules.clone(), row.arguments.clone());
    // through the same words and rules as everything else that shows a test
    let t = convert::test(row, 0, Vec::new())?;
    let person = |id: Option<Uuid>| id.map(|id| names.people.get(&id).cloned().unwrap_or_else(|| "Somebody who is gone".to_owned()));
    Ok(Test {
        id: t.id,
        number,
        scenario,
        plan: Plan {
            name: t.content.name,
            objective: t.content.objective,
            procedure: t.content.procedure,
            prerequisites: t.content.prerequisites,
            cleanup: t.content.cleanup,
            expected_detection: t.content.expected_detection,
            detection_rules,
            opsec_level: Some(t.content.opsec_level),
            platforms: t.content.platforms,
            tags: t.content.tags,
            executor: Some(t.content.executor),
            command: t.content.command,
            arguments,
            elevation_required: t.content.elevation_required,
            references: t.content.references,
            mitre: of.tags,
        },
        state: t.state,
        outcome: t.outcome,
        disclosed: t.disclosed,
        red: Red {
            operator: person(t.operator_id),
            source_host: t.source_host,
            target_host: t.target_host,
            started_at: t.started_at,
            ended_at: t.ended_at,
            argument_values: t.argument_values,
            command_run: t.command_run,
            output: t.output,
            notes: t.red_notes,
        },
        blue: Blue {
            assessor: person(t.assessor_id),
            logged: t.logged,
            alerted: t.alerted,
            prevented: t.prevented,
            level: t.detection_level_id.and_then(|id| names.levels.get(&id).cloned()),
            is_delayed: t.is_delayed,
            needed_config_change: t.needed_config_change,
            detected_at: t.detected_at,
            alerted_at: t.alerted_at,
            responded_at: t.responded_at,
            notes: t.blue_notes,
            recommendation: t.recommendation,
            severity: t.severity,
            priority: t.priority,
            finding_status: t.finding_status,
            finding_owner: person(t.finding_owner_id),
            finding_due: t.finding_due,
            finding_reference: t.finding_reference,
            detections: of.detections,
        },
        category_id: t.category_id,
        evidence: of.evidence,
        comments: of.comments,
    })
}

/// What a tool did.
pub fn detection(d: ApiDetection) -> Detection {
    Detection {
        tool: d.defence_tool_name,
        kind: d.kind,
        result: d.result,
        severity: d.severity,
        at: d.occurred_at,
        reference: d.reference,
        rule: d.rule,
        notes: d.notes,
    }
}

/// A file; its picture comes later.
pub fn evidence(row: &evidence_file::Model) -> ApiResult<Evidence> {
    Ok(Evidence {
        side: convert::word(Side::parse(&row.side), &row.side)?,
        file_name: row.file_name.clone(),
        content_type: row.content_type.clone(),
        size_bytes: u64::try_from(row.size_bytes).unwrap_or_default(),
        sha256: row.sha256.clone(),
        caption: row.caption.clone(),
        thumbnail: None,
    })
}

/// What somebody said.
pub fn comment(c: ApiComment) -> Comment {
    Comment { author: c.author.map(|a| a.display_name), at: c.created_at, body: c.body }
}
