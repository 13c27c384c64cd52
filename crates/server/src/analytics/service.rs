//! Reading what missions tell together.

use sea_orm::ConnectionTrait;
use tyrian_domain::analytics::{self, CoverageAnswer, MissionDay, Period, TechniqueHistory, Trend};

use super::store::Filter;
use super::{convert, store};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::synthesis;

async fn missions(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> ApiResult<Vec<MissionDay>> {
    store::missions(db, caller, filter).await?.into_iter().map(convert::mission).collect()
}

/// The last outcome of each technique: two statements.
pub async fn coverage(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> ApiResult<CoverageAnswer> {
    let missions = missions(db, caller, filter).await?;
    let rows = store::by_technique(db, caller, filter).await?;
    Ok(analytics::coverage(&missions, &rows.into_iter().map(convert::tagged).collect::<ApiResult<Vec<_>>>()?))
}

/// Numbers over time: three statements.
pub async fn trend(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter, by: Period) -> ApiResult<Trend> {
    let missions = missions(db, caller, filter).await?;
    let alike = store::alike(db, caller, filter).await?.iter().map(convert::alike).collect::<ApiResult<Vec<_>>>()?;
    let timed: Vec<_> = store::timed(db, caller, filter).await?.iter().map(convert::timed).collect();
    Ok(analytics::trend(by, &missions, &alike, &timed))
}

/// A technique over the missions: four statements.
pub async fn history(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter, technique: &str) -> ApiResult<TechniqueHistory> {
    let missions = missions(db, caller, filter).await?;
    let tests = synthesis::tests_by_mission(db, &store::of_technique(caller, filter, technique)).await?;
    Ok(analytics::history(technique, &missions, &tests))
}
