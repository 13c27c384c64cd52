//! A mission's rows, in one transaction.

use serde_json::json;
use tyrian_api_types::exports::MissionExport;
use tyrian_domain::event::EventKind;
use tyrian_domain::mission::RoleHint;
use uuid::Uuid;

use super::people::Plan;
use super::source::Stored;
use super::{rows, store};
use crate::audit::Entry;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::missions::Change;
use crate::search::texts;
use crate::state::State;

/// Writes everything.
pub async fn all(state: &State, caller: &Caller, export: MissionExport, plan: &Plan, stored: Stored) -> ApiResult<()> {
    let row = rows::mission(caller, &export, plan)?;
    let found_by: Vec<String> = export.tests.iter().map(rows::found_by).collect();
    let tests = export.tests.iter().zip(&found_by).map(|(t, found_by)| rows::test(t, found_by, plan)).collect::<ApiResult<Vec<_>>>()?;
    let members = members(caller, &export, plan);
    let txn = state.db.begin().await?;
    store::insert(&txn, plan.new_levels.iter().map(|(id, l)| rows::level(*id, l)).collect()).await?;
    store::insert(&txn, plan.new_tools.iter().map(|(id, t)| rows::tool(*id, t)).collect()).await?;
    store::insert(&txn, vec![row.clone()]).await?;
    let entry = Entry::mission(caller, row.id, "mission.import", "mission", row.id, rows::detail(&export, plan, &stored));
    let name = row.name.clone();
    let mut change = Change::of_new(row)?;
    change.add_members(&txn, &members).await?;
    store::insert(&txn, rows::scenarios(&export, plan)).await?;
    store::insert(&txn, rows::categories(&export)).await?;
    texts::keep(&txn, found_by).await?;
    store::insert(&txn, tests).await?;
    store::insert(&txn, rows::tags(&export)).await?;
    store::insert(&txn, rows::detections(&export, plan)).await?;
    store::insert(&txn, rows::evidence(&export, plan, &stored)).await?;
    store::insert(&txn, rows::comments(&export, plan, caller)).await?;
    change.event(caller, EventKind::MissionCreated, json!({ "name": name, "imported": true }));
    let wake = change.write(state, &txn, caller, entry).await?;
    txn.commit().await?;
    state.live.publish(wake);
    Ok(())
}

/// The members who are here; whoever imports it without seeing it otherwise joins as red, as whoever creates one.
fn members(caller: &Caller, export: &MissionExport, plan: &Plan) -> Vec<(Uuid, &'static str)> {
    let listed = export.mission.head.members.iter();
    let mut members: Vec<_> = listed.filter_map(|m| Some((plan.person(Some(m.user_id))?, m.role_hint.as_str()))).collect();
    members.sort_unstable();
    members.dedup_by_key(|(user, _)| *user);
    if !caller.is_admin && !members.iter().any(|(user, _)| *user == caller.id) {
        members.push((caller.id, RoleHint::Red.as_str()));
    }
    members
}
