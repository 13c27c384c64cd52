//! Rows to the values that `domain::synthesis` counts.

use tyrian_api_types::categories::Category;
use tyrian_domain::compare::MissionName;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::synthesis::{Finding, Heading, Level, Sighting, Tactic, Tag, Test};
use tyrian_domain::template::TagKind;
use tyrian_domain::test::{DetectionKind, DetectionResult, Fact, FindingStatus, Grade, TestState};
use tyrian_entity::mission;

use super::store::{SightingRow, TestRow};
use crate::error::ApiResult;
use crate::missions::convert::word;
use crate::missions::store::TagRow;

fn fact(word: Option<&str>) -> Fact {
    word.and_then(Fact::parse).unwrap_or(Fact::Unknown)
}

fn grade(word: Option<&str>) -> Grade {
    word.and_then(Grade::parse).unwrap_or(Grade::None)
}

/// A test with its tags and what its tools did.
pub fn test(row: TestRow, tags: Vec<Tag>, sightings: Vec<Sighting>) -> ApiResult<Test> {
    Ok(Test {
        state: word(TestState::parse(&row.state), &row.state)?,
        logged: fact(row.logged.as_deref()),
        alerted: fact(row.alerted.as_deref()),
        prevented: fact(row.prevented.as_deref()),
        level: row.level_rank.zip(row.level_code).map(|(rank, code)| Level { rank, code }),
        severity: grade(row.severity.as_deref()),
        priority: grade(row.priority.as_deref()),
        finding: Finding {
            status: row.finding_status.as_deref().and_then(FindingStatus::parse),
            owner_id: row.finding_owner_id,
            owner_name: row.owner_name,
            due: row.finding_due,
            reference: row.finding_reference,
        },
        id: row.id,
        name: row.name,
        scenario: row.scenario,
        place: (row.scenario_position, row.position),
        template_id: row.source_test_template_id,
        root_id: row.id,
        category_id: row.category_id,
        started_at: row.started_at,
        detected_at: row.detected_at,
        alerted_at: row.alerted_at,
        responded_at: row.responded_at,
        recommendation: row.recommendation,
        sightings,
        tags,
    })
}

/// A frozen tag, in the tactics of its day.
pub fn tag(row: TagRow, tactics: Vec<Tactic>) -> ApiResult<Tag> {
    Ok(Tag { kind: word(TagKind::parse(&row.kind), &row.kind)?, tactics, external_id: row.external_id, name: row.name, url: row.url })
}

/// What a tool did.
pub fn sighting(row: &SightingRow) -> ApiResult<Sighting> {
    Ok(Sighting {
        kind: word(DetectionKind::parse(&row.kind), &row.kind)?,
        result: word(DetectionResult::parse(&row.result), &row.result)?,
        at: row.occurred_at,
    })
}

/// A heading of the report.
pub fn heading(category: Category) -> Heading {
    Heading {
        id: category.id,
        name: category.name,
        color: category.color,
        position: i32::try_from(category.position).unwrap_or(i32::MAX),
        summary: category.summary,
    }
}

/// A mission as a comparison names it.
pub fn mission(row: &mission::Model) -> ApiResult<MissionName> {
    Ok(MissionName {
        id: row.id,
        name: row.name.clone(),
        status: word(MissionStatus::parse(&row.status), &row.status)?,
        start_date: row.start_date,
        end_date: row.end_date,
        attack_version: row.attack_version.clone(),
    })
}
