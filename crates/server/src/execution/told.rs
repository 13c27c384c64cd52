//! What the log of a mission tells of a changed test: each field as it was and as it became, in words that last.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use tyrian_domain::execution::TestField;
use tyrian_entity::{detection_level, mission_category, mission_test};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::missions::store;

/// A longer text is said to have changed, no more.
const LONGEST: usize = 80;

/// What an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Person,
    Level,
    Category,
}

const fn named(field: TestField) -> Option<Named> {
    match field {
        TestField::Operator | TestField::Assessor | TestField::FindingOwner => Some(Named::Person),
        TestField::DetectionLevel => Some(Named::Level),
        TestField::Category => Some(Named::Category),
        _ => None,
    }
}

fn value(row: &mission_test::Model, field: TestField) -> Value {
    use TestField as F;
    match field {
        F::Name => json!(row.name),
        F::OpsecLevel => json!(row.opsec_level),
        F::Executor => json!(row.executor),
        F::ElevationRequired => json!(row.elevation_required),
        F::Operator => json!(row.operator_id),
        F::SourceHost => json!(row.source_host),
        F::TargetHost => json!(row.target_host),
        F::StartedAt => json!(row.started_at),
        F::EndedAt => json!(row.ended_at),
        F::Assessor => json!(row.assessor_id),
        F::Logged => json!(row.logged),
        F::Alerted => json!(row.alerted),
        F::Prevented => json!(row.prevented),
        F::DetectionLevel => json!(row.detection_level_id),
        F::IsDelayed => json!(row.is_delayed),
        F::NeededConfigChange => json!(row.needed_config_change),
        F::DetectedAt => json!(row.detected_at),
        F::AlertedAt => json!(row.alerted_at),
        F::RespondedAt => json!(row.responded_at),
        F::Severity => json!(row.severity),
        F::Priority => json!(row.priority),
        F::Category => json!(row.category_id),
        F::FindingStatus => json!(row.finding_status),
        F::FindingOwner => json!(row.finding_owner_id),
        F::FindingDue => json!(row.finding_due),
        F::FindingReference => json!(row.finding_reference),
        // the others are not told
        _ => Value::Null,
    }
}

/// `{field, from, to}` where it differs and is short.
#[expect(clippy::needless_pass_by_value, reason = "every caller makes the values for it")]
pub fn change(field: &str, from: Value, to: Value) -> Option<Value> {
    let short = |value: &Value| value.as_str().is_none_or(|text| text.chars().count() <= LONGEST);
    (from != to && short(&from) && short(&to)).then(|| json!({ "field": field, "from": from, "to": to }))
}

/// What these fields were and what they are. A change that shows or hides the test tells nothing: what a field was while
/// it was hidden is not for those who see it now.
pub async fn changes(
    txn: &DatabaseTransaction,
    before: &mission_test::Model,
    after: &mission_test::Model,
    fields: &[&str],
) -> ApiResult<Vec<Value>> {
    if before.disclosed != after.disclosed {
        return Ok(Vec::new());
    }
    let mut told: Vec<(TestField, Value, Value)> = fields
        .iter()
        .filter_map(|name| TestField::parse(name))
        .filter(|field| field.is_told())
        .map(|field| (field, value(before, field), value(after, field)))
        .filter(|(_, from, to)| from != to)
        .collect();
    let names = names_of(txn, &told).await?;
    for (_, from, to) in told.iter_mut().filter(|(field, ..)| named(*field).is_some()) {
        for side in [from, to] {
            if let Some(name) = id_of(side).and_then(|id| names.get(&id)) {
                *side = json!(name);
            }
        }
    }
    Ok(told.into_iter().filter_map(|(field, from, to)| change(field.as_str(), from, to)).collect())
}

fn id_of(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// The names behind the ids, one statement for each kind that there is.
async fn names_of(txn: &DatabaseTransaction, told: &[(TestField, Value, Value)]) -> ApiResult<HashMap<Uuid, String>> {
    let ids = |of: Named| -> Vec<Uuid> {
        told.iter().filter(|(field, ..)| named(*field) == Some(of)).flat_map(|(_, from, to)| [id_of(from), id_of(to)]).flatten().collect()
    };
    let mut names: HashMap<Uuid, String> = store::names(txn, ids(Named::Person)).await?.into_iter().collect();
    let (levels, categories) = (ids(Named::Level), ids(Named::Category));
    if !levels.is_empty() {
        let rows: Vec<(Uuid, String)> = detection_level::Entity::find()
            .select_only()
            .columns([detection_level::Column::Id, detection_level::Column::Name])
            .filter(detection_level::Column::Id.is_in(levels))
            .into_tuple()
            .all(txn)
            .await?;
        names.extend(rows);
    }
    if !categories.is_empty() {
        let rows: Vec<(Uuid, String)> = mission_category::Entity::find()
            .select_only()
            .columns([mission_category::Column::Id, mission_category::Column::Name])
            .filter(mission_category::Column::Id.is_in(categories))
            .into_tuple()
            .all(txn)
            .await?;
        names.extend(rows);
    }
    Ok(names)
}
