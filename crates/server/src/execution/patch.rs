//! A patch put on a test's row: references that must exist, times that must be in order, columns.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::UpdateStatement;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryTrait};
use tyrian_api_types::execution::MissionTestPatch;
use tyrian_api_types::test_templates::TestContent;
use tyrian_api_types::{FieldError, Patch};
use tyrian_domain::counters::Counted;
use tyrian_domain::execution::{FieldGroup, TestField};
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::text::moment;
use tyrian_entity::{detection_level, mission_category, mission_member, mission_test, user};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::missions::{Tally, convert};
use crate::search::texts;
use crate::test_templates;

/// What a test counts as.
pub async fn tally(txn: &DatabaseTransaction, row: &mission_test::Model) -> ApiResult<Tally> {
    let level = match row.detection_level_id {
        Some(id) => detection_level::Entity::find_by_id(id).one(txn).await?.map(|l| l.code),
        None => None,
    };
    let state = convert::state_of(row)?;
    let outcome = convert::outcome(state, row.logged.as_deref(), row.alerted.as_deref(), row.prevented.as_deref());
    Ok(Tally { counted: Counted { state, outcome, level }, disclosed: row.disclosed })
}

fn fault(pointer: &str, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.into() }
}

/// Checks that what the patch refers to exists, and that the times would be in order.
pub async fn check(txn: &DatabaseTransaction, row: &mission_test::Model, patch: &MissionTestPatch) -> ApiResult<()> {
    let mut faults = Vec::new();
    let people: Vec<(&str, Uuid)> = [("/operator_id", &patch.operator_id), ("/assessor_id", &patch.assessor_id)]
        .into_iter()
        .filter_map(|(pointer, id)| id.value().map(|id| (pointer, *id)))
        .collect();
    if !people.is_empty() {
        let members: Vec<Uuid> = mission_member::Entity::find()
            .filter(mission_member::Column::MissionId.eq(row.mission_id))
            .filter(mission_member::Column::UserId.is_in(people.iter().map(|(_, id)| *id)))
            .all(txn)
            .await?
            .into_iter()
            .map(|m| m.user_id)
            .collect();
        for (pointer, id) in people {
            if !members.contains(&id) {
                faults.push(fault(pointer, "not_a_member", format!("{id} is no member of this mission. Add them first.")));
            }
        }
    }
    if let Some(id) = patch.finding_owner_id.value() {
        let found = user::Entity::find_by_id(*id).filter(user::Column::DeletedAt.is_null()).one(txn).await?;
        if found.is_none() {
            faults.push(fault("/finding_owner_id", "unknown", format!("There is no user {id}.")));
        }
    }
    if let Some(id) = patch.detection_level_id.value() {
        match detection_level::Entity::find_by_id(*id).one(txn).await? {
            None => faults.push(fault("/detection_level_id", "unknown", format!("There is no detection level {id}."))),
            Some(level) if level.is_retired && row.detection_level_id != Some(*id) => {
                faults.push(fault("/detection_level_id", "retired", format!("The detection level {} is retired.", level.name)));
            }
            Some(_) => {}
        }
    }
    if let Some(id) = patch.category_id.value() {
        let found = mission_category::Entity::find_by_id(*id)
            .filter(mission_category::Column::MissionId.eq(row.mission_id))
            .filter(mission_category::Column::DeletedAt.is_null())
            .one(txn)
            .await?;
        if found.is_none() {
            faults.push(fault("/category_id", "unknown", format!("This mission has no category {id}.")));
        }
    }
    check_times(row, patch, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(ApiError::invalid(faults)) }
}

/// A time that must not lie before the start: where it is in the patch, what it is, its change, and what it was.
type Later<'a> = (&'a str, &'a str, &'a Patch<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Nothing ends, is detected, alerts or is responded to before red began: by seconds, which is what people type and see. Only
/// what the patch touches is looked at.
fn check_times(row: &mission_test::Model, patch: &MissionTestPatch, faults: &mut Vec<FieldError>) {
    let started = patch.started_at.clone().apply(row.started_at);
    let Some(started_at) = started else { return };
    let later: [Later<'_>; 4] = [
        ("/ended_at", "The end", &patch.ended_at, row.ended_at),
        ("/detected_at", "The detection", &patch.detected_at, row.detected_at),
        ("/alerted_at", "The alert", &patch.alerted_at, row.alerted_at),
        ("/responded_at", "The response", &patch.responded_at, row.responded_at),
    ];
    for (pointer, what, change, now) in later {
        let Some(time) = change.clone().apply(now).filter(|time| seconds_between(started_at, *time) < 0) else { continue };
        let (time, start) = (moment(time), moment(started_at));
        if !change.is_keep() {
            faults.push(fault(pointer, "before_start", format!("{what} ({time}) lies before the start ({start}). Correct one of them.")));
        } else if !patch.started_at.is_keep() {
            faults.push(fault(
                "/started_at",
                "after_it",
                format!("The start ({start}) lies behind: {what} is at {time}. Correct one of them."),
            ));
        }
    }
}

/// Does one of these fields belong to the plan, which a test is found by?
pub fn is_of_plan(fields: &[&str]) -> bool {
    fields.iter().any(|name| TestField::parse(name).is_some_and(|f| f.group() == FieldGroup::Plan))
}

/// Puts the patch on the row; version and time of the change are the caller's business. The ids are those of the test's tags:
/// they matter where the plan changes. The answer is what it is found by then, which must be kept before the row is.
pub fn apply(row: &mut mission_test::Model, patch: MissionTestPatch, attack_ids: &[String]) -> ApiResult<Option<String>> {
    let mut found_by = None;
    if is_of_plan(&patch.fields()) {
        let content = test_templates::convert::patched(convert::content(row)?, patch.content());
        found_by = Some(write_content(row, content, attack_ids)?);
    }
    if let Patch::Set(disclosed) = patch.disclosed {
        row.disclosed = disclosed;
    }
    if let Patch::Set(is_delayed) = patch.is_delayed {
        row.is_delayed = is_delayed;
    }
    if let Patch::Set(needed) = patch.needed_config_change {
        row.needed_config_change = needed;
    }
    match patch.argument_values {
        Patch::Keep => {}
        Patch::Clear => row.argument_values = serde_json::json!({}),
        Patch::Set(values) => row.argument_values = serde_json::to_value(values)?,
    }
    macro_rules! columns {
        ($($field:ident),* $(,)?) => { $(row.$field = patch.$field.apply(row.$field.take());)* };
    }
    columns!(
        operator_id,
        started_at,
        ended_at,
        command_run,
        output,
        red_notes,
        assessor_id,
        detection_level_id,
        detected_at,
        alerted_at,
        responded_at,
        blue_notes,
        recommendation,
        category_id,
        finding_owner_id,
        finding_due,
    );
    // an empty line is none
    macro_rules! lines {
        ($($field:ident),*) => { $(row.$field = patch.$field.apply(row.$field.take()).filter(|line| !line.is_empty());)* };
    }
    lines!(source_host, target_host, finding_reference);
    macro_rules! words {
        ($($field:ident),*) => { $(match patch.$field {
            Patch::Keep => {}
            Patch::Clear => row.$field = None,
            Patch::Set(word) => row.$field = Some(word.as_str().to_owned()),
        })* };
    }
    words!(logged, alerted, prevented, severity, priority, finding_status);
    Ok(found_by)
}

/// Puts a plan on the row. The answer is what it is found by, which must be kept before the row is.
pub fn write_content(row: &mut mission_test::Model, content: TestContent, attack_ids: &[String]) -> ApiResult<String> {
    let found_by = test_templates::convert::search_text(&content, attack_ids.iter().map(String::as_str));
    row.search_text_id = Some(texts::id(&found_by));
    row.name = content.name;
    row.objective = content.objective;
    row.procedure = content.procedure;
    row.prerequisites = content.prerequisites;
    row.cleanup = content.cleanup;
    row.expected_detection = content.expected_detection;
    row.detection_rules = serde_json::to_value(content.detection_rules)?;
    content.opsec_level.as_str().clone_into(&mut row.opsec_level);
    row.platforms = serde_json::to_value(content.platforms)?;
    row.tags = serde_json::to_value(content.tags)?;
    content.executor.as_str().clone_into(&mut row.executor);
    row.command = content.command;
    row.arguments = serde_json::to_value(content.arguments)?;
    row.elevation_required = content.elevation_required;
    row.reference_links = serde_json::to_value(content.references)?;
    Ok(found_by)
}

/// Writes the columns that differ.
pub fn saving(before: &mission_test::Model, after: &mission_test::Model) -> ApiResult<UpdateStatement> {
    let (old, mut new) = (before.clone().into_active_model(), after.clone().into_active_model());
    for column in mission_test::Column::iter() {
        let value = new.get(column).into_value();
        if let Some(value) = value
            && old.get(column).into_value().as_ref() != Some(&value)
        {
            new.set(column, value);
        }
    }
    Ok(mission_test::Entity::update(new).validate()?.into_query())
}
