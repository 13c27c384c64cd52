//! Reading what a mission tells.

use sea_orm::ConnectionTrait;
use tyrian_domain::synthesis::{self, Heading, Synthesis, Test};

use super::{convert, store};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::missions::MissionScope;
use crate::missions::store::visible_tests;
use crate::state::State;

/// A mission's tests, as far as the caller sees them, its headings, and what they tell.
pub struct Told {
    /// The tests.
    pub tests: Vec<Test>,
    /// The headings.
    pub headings: Vec<Heading>,
    /// What they tell; compared with nothing.
    pub synthesis: Synthesis,
}

/// Reads a mission's tests and headings: four statements.
pub async fn read(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Told> {
    let tests = store::tests(db, &visible_tests(scope)).await?;
    let headings: Vec<_> = crate::categories::list(db, scope).await?.into_iter().map(convert::heading).collect();
    let synthesis = synthesis::of(&tests, &headings);
    Ok(Told { tests, headings, synthesis })
}

/// What a mission tells, as far as the caller sees its tests.
pub async fn of_mission(state: &State, _caller: &Caller, scope: &MissionScope) -> ApiResult<Synthesis> {
    Ok(read(state.db.reader(), scope).await?.synthesis)
}
