//! The order of a scenario's tests: replaced as a whole, in one statement.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use tyrian_api_types::FieldError;
use tyrian_api_types::execution::TestOrder;
use tyrian_api_types::missions::Mission;
use tyrian_domain::event::EventKind;
use tyrian_domain::visibility::View;
use tyrian_entity::{mission_scenario, mission_test};
use uuid::Uuid;

use super::refuse;
use crate::audit::Entry;
use crate::db::rows::{Kind, execute, hex, rows_of};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, IfMatch, valid};
use crate::missions::{Change, MissionScope, reading};
use crate::state::State;

/// Puts the tests that the caller sees into this order. Those that they do not see keep their places.
pub async fn replace(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    scenario: Uuid,
    if_match: &IfMatch,
    body: TestOrder,
) -> ApiResult<(Mission, String)> {
    let txn = state.db.begin().await?;
    let mut change = Change::begin_any(&txn, scope).await?;
    let name = mission_scenario::Entity::find_by_id(scenario)
        .filter(mission_scenario::Column::MissionId.eq(scope.id()))
        .filter(mission_scenario::Column::DeletedAt.is_null())
        .one(&txn)
        .await?
        .ok_or_else(ApiError::not_found)?
        .name;
    refuse::planning(scope.hands(), change.status()?)?;
    valid(&body)?;
    let now = tests(&txn, scenario).await?;
    let sees = |disclosed: bool| disclosed || scope.view() == View::All;
    let seen: Vec<Uuid> = now.iter().filter(|(_, disclosed)| sees(*disclosed)).map(|(id, _)| *id).collect();
    check(&seen, &body.test_ids)?;
    if_match.honour(change.mission().version, &scope.etag()?)?;

    let mut wanted = body.test_ids.iter();
    let order: Vec<Uuid> =
        now.iter().filter_map(|(id, disclosed)| if sees(*disclosed) { wanted.next().copied() } else { Some(*id) }).collect();
    write(&txn, &order).await?;
    change.event(caller, EventKind::TestsReordered, json!({ "scenario": name }));
    let detail = json!({ "scenario": scenario, "tests": order });
    let entry = Entry::mission(caller, scope.id(), "mission.tests.order", "mission_scenario", scenario, detail);
    let wake = change.write(state, &txn, caller, entry).await?;
    let scope = scope.reread(&txn, caller).await?;
    let answer = (reading::detail(&txn, &scope).await?, scope.etag()?);
    txn.commit().await?;
    state.live.publish(wake);
    Ok(answer)
}

async fn tests(txn: &DatabaseTransaction, scenario: Uuid) -> ApiResult<Vec<(Uuid, bool)>> {
    use mission_test::Column as C;
    Ok(mission_test::Entity::find()
        .select_only()
        .columns([C::Id, C::Disclosed])
        .filter(C::MissionScenarioId.eq(scenario))
        .filter(C::DeletedAt.is_null())
        .order_by_asc(C::Position)
        .order_by_asc(C::Id)
        .into_tuple()
        .all(txn)
        .await?)
}

/// The list must hold each of the tests once.
fn check(seen: &[Uuid], wanted: &[Uuid]) -> ApiResult<()> {
    let mut faults = Vec::new();
    let mut met = std::collections::HashSet::with_capacity(wanted.len());
    let known: std::collections::HashSet<&Uuid> = seen.iter().collect();
    for (i, id) in wanted.iter().enumerate() {
        let fault = match (known.contains(id), met.insert(id)) {
            (false, _) => ("unknown", format!("This scenario has no test {id}.")),
            (true, false) => ("duplicate", format!("The test {id} is named twice.")),
            _ => continue,
        };
        faults.push(FieldError { pointer: format!("/test_ids/{i}"), code: fault.0.into(), detail: fault.1 });
    }
    for id in seen.iter().filter(|id| !met.contains(id)) {
        faults.push(FieldError { pointer: "/test_ids".into(), code: "missing".into(), detail: format!("The test {id} is missing.") });
    }
    if faults.is_empty() { Ok(()) } else { Err(ApiError::invalid(faults)) }
}

async fn write(txn: &DatabaseTransaction, order: &[Uuid]) -> ApiResult<()> {
    let rows: Vec<_> = order.iter().zip(0..).map(|(id, position): (&Uuid, i32)| json!([hex(id), position])).collect();
    let given = rows_of(txn.get_database_backend(), &[("id", Kind::Uuid), ("position", Kind::Int)]);
    let sql = format!("WITH p AS ({given}) UPDATE mission_tests AS t SET position = p.position FROM p WHERE p.id = t.id");
    execute(txn, sql, &rows, []).await?;
    Ok(())
}
