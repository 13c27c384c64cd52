//! Reading what a mission tells, and two missions side by side.

use sea_orm::{ConnectionTrait, Select};
use tyrian_api_types::ErrorCode;
use tyrian_domain::compare::{self, Comparison};
use tyrian_domain::synthesis::{self, Synthesis, Test};
use tyrian_entity::mission_test;
use uuid::Uuid;

use super::{convert, store};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::missions::MissionScope;
use crate::missions::store::visible_tests;
use crate::state::State;

/// A mission's tests, as far as the caller sees them, and what they tell.
pub struct Told {
    /// The tests.
    pub tests: Vec<Test>,
    /// What they tell.
    pub synthesis: Synthesis,
}

/// Reads tests of a mission and what they tell, compared with nothing: four statements.
pub async fn read(db: &impl ConnectionTrait, scope: &MissionScope, chosen: &Select<mission_test::Entity>) -> ApiResult<Told> {
    let tests = store::tests(db, chosen).await?;
    let headings: Vec<_> = crate::categories::list(db, scope).await?.into_iter().map(convert::heading).collect();
    let synthesis = synthesis::of(&tests, &headings);
    Ok(Told { tests, synthesis })
}

/// What a mission tells, as far as the caller sees its tests; where it repeats a mission that they see, compared with that
/// one. Four statements, and six more for the comparison.
pub async fn of_mission(state: &State, caller: &Caller, scope: &MissionScope) -> ApiResult<Told> {
    let mut told = read(state.db.reader(), scope, &visible_tests(scope)).await?;
    if let Some(origin) = origin_of(state, caller, scope).await? {
        told.synthesis.compared_with = Some(compared(state, scope, &mut told, &origin).await?);
    }
    Ok(told)
}

/// The mission that this one repeats, if the caller sees it.
async fn origin_of(state: &State, caller: &Caller, scope: &MissionScope) -> ApiResult<Option<MissionScope>> {
    let Some(origin) = scope.mission().retest_of_id else { return Ok(None) };
    match MissionScope::read(state, caller, origin).await {
        Ok(origin) => Ok(Some(origin)),
        Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Compares what was read of a mission with another one.
async fn compared(state: &State, scope: &MissionScope, this: &mut Told, other: &MissionScope) -> ApiResult<Comparison> {
    let db = state.db.reader();
    let mut against = read(db, other, &visible_tests(other)).await?;
    let roots = store::roots(db, [scope.id(), other.id()]).await?;
    for test in this.tests.iter_mut().chain(&mut against.tests) {
        test.root_id = roots.get(&test.id).copied().unwrap_or(test.id);
    }
    let names = [convert::mission(scope.mission())?, convert::mission(other.mission())?];
    let [this_name, other_name] = &names;
    Ok(compare::compare(
        compare::Told { mission: this_name, tests: &this.tests, synthesis: &this.synthesis },
        compare::Told { mission: other_name, tests: &against.tests, synthesis: &against.synthesis },
    ))
}

/// A mission against another one of the same client, as far as the caller sees both.
pub async fn compare(state: &State, caller: &Caller, mission: Uuid, other: Uuid) -> ApiResult<Comparison> {
    let scope = MissionScope::read(state, caller, mission).await?;
    let other = MissionScope::read(state, caller, other).await?;
    if scope.mission().client_key != other.mission().client_key {
        return Err(ApiError::field("/other", "another_client", "Only missions of the same client are compared."));
    }
    let mut told = read(state.db.reader(), &scope, &visible_tests(&scope)).await?;
    compared(state, &scope, &mut told, &other).await
}
