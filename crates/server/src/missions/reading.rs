//! Reading missions: the list, the detail, a test. A fixed number of statements each.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use tyrian_api_types::Page;
use tyrian_api_types::missions::{Member, Mission, MissionSummary, MissionTest};
use tyrian_api_types::users::Author;
use tyrian_domain::mission::{RoleHint, allowed_transitions};
use tyrian_domain::visibility::{View, Viewer};
use uuid::Uuid;

use super::scope::{MissionScope, counters_of, status_of};
use super::{convert, store};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::http::paging::{PageRequest, page};
use crate::state::State;

/// A mission with everything in it: four statements besides the scope's.
pub async fn detail(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Mission> {
    let members = store::members_of(db, [scope.id()]).await?;
    let scenarios = store::scenarios(db, scope).await?;
    let tests = store::test_rows(db, scope).await?;
    let tags = store::tags(db, scope).await?;
    convert::mission(scope, members, scenarios, tests, tags)
}

/// A page of the missions that the caller may see: three statements at most.
pub async fn list(state: &State, caller: &Caller, filter: &store::Filter, request: &PageRequest) -> ApiResult<Page<MissionSummary>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, caller, filter, request).await?;
    let mut members: HashMap<Uuid, Vec<Member>> = HashMap::with_capacity(rows.len());
    if !rows.is_empty() {
        for row in store::members_of(db, rows.iter().map(|r| r.mission.id)).await? {
            members.entry(row.mission_id).or_default().push(convert::member(row)?);
        }
    }
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let m = row.mission;
        let members = members.remove(&m.id).unwrap_or_default();
        let role: Option<RoleHint> = members.iter().find(|x| x.user_id == caller.id).map(|x| x.role_hint);
        let viewer = Viewer { role, permissions: caller.permissions.clone() };
        let transitions = allowed_transitions(status_of(&m)?, counters_of(&m, View::All)?.any_executed(), &caller.permissions);
        let created_by = m.created_by_id.zip(row.creator_name).map(|(id, display_name)| Author { id, display_name });
        items.push(convert::summary(&m, viewer.view(), transitions, created_by, members)?);
    }
    Ok(page(items, next, total))
}

/// One test with everything that was copied and recorded, and its ETag.
pub async fn test(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> ApiResult<(MissionTest, String)> {
    let row = store::test(db, scope, id).await?.ok_or_else(ApiError::not_found)?;
    let position = store::place(db, scope, &row).await?;
    let tags = store::tags_of_test(db, scope, id).await?;
    let named = [row.operator_id, row.assessor_id, row.finding_owner_id].into_iter().flatten().collect();
    let people = store::names(db, named).await?.into_iter().map(|(id, display_name)| Author { id, display_name });
    let mut test = convert::test(row, position, tags.into_iter().map(convert::tag).collect::<ApiResult<_>>()?)?;
    test.people = people.collect();
    // a reorder moves a test without a new version
    let tag = format!("\"{}.{}\"", test.version, test.position);
    Ok((test, tag))
}
