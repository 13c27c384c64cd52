//! Findings as they travel.

use tyrian_api_types::findings::Finding;
use tyrian_api_types::users::Author;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::test::{FindingStatus, Grade, TestState};

use super::store::FindingRow;
use crate::error::ApiResult;
use crate::missions::convert::{outcome, tags, word};

fn grade(word: Option<&str>) -> Grade {
    word.and_then(Grade::parse).unwrap_or(Grade::None)
}

/// A finding with the tags of its test.
pub fn finding(row: FindingRow) -> ApiResult<Finding> {
    let state = word(TestState::parse(&row.state), &row.state)?;
    Ok(Finding {
        outcome: outcome(state, row.logged.as_deref(), row.alerted.as_deref(), row.prevented.as_deref()),
        mission_status: word(MissionStatus::parse(&row.mission_status), &row.mission_status)?,
        status: word(FindingStatus::parse(&row.finding_status), &row.finding_status)?,
        severity: grade(row.severity.as_deref()),
        priority: grade(row.priority.as_deref()),
        owner: row.finding_owner_id.zip(row.owner_name).map(|(id, display_name)| Author { id, display_name }),
        mission_test_id: row.id,
        test_name: row.name,
        mission_id: row.mission_id,
        mission_name: row.mission_name,
        client: row.client,
        due: row.finding_due,
        reference: row.finding_reference,
        recommendation: row.recommendation,
        mitre_tags: tags(&row.attack_tags)?,
        version: row.version,
    })
}
