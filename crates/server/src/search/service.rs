//! What a search finds: each kind is asked for only where the caller may read it.

use tyrian_api_types::search::{MissionHit, SEARCH_HITS, SearchResults, TechniqueHit, TemplateHit, TestHit};
use tyrian_api_types::users::UserRef;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use tyrian_domain::test::TestState;
use tyrian_domain::text;

use super::store::{self, MissionRow, TechniqueRow, TemplateRow, TestRow};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::missions::convert::word;
use crate::state::State;

fn mission(row: MissionRow) -> ApiResult<MissionHit> {
    Ok(MissionHit { status: word(MissionStatus::parse(&row.status), &row.status)?, id: row.id, name: row.name, client: row.client })
}

fn test(row: TestRow) -> ApiResult<TestHit> {
    let state = word(TestState::parse(&row.state), &row.state)?;
    Ok(TestHit { id: row.id, name: row.name, state, mission_id: row.mission_id, mission_name: row.mission_name })
}

fn templates(rows: Vec<TemplateRow>) -> Vec<TemplateHit> {
    rows.into_iter().map(|row| TemplateHit { id: row.id, name: row.name }).collect()
}

/// Techniques and subtechniques in one list: the very id first, then names that begin with `q`, then by id.
fn techniques(mut rows: Vec<TechniqueRow>, q: &str) -> Vec<TechniqueHit> {
    let q = text::key(q);
    rows.sort_by_cached_key(|r| (text::key(&r.external_id) != q, !text::key(&r.name).starts_with(&q), r.external_id.clone()));
    rows.truncate(usize::try_from(SEARCH_HITS).unwrap_or(usize::MAX));
    rows.into_iter().map(|r| TechniqueHit { external_id: r.external_id, name: r.name, domain: r.domain }).collect()
}

/// A few of each kind that hold `q`: seven statements at most.
pub async fn search(state: &State, caller: &Caller, q: &str) -> ApiResult<SearchResults> {
    let db = state.db.reader();
    let missions = store::missions(db, caller, q).await?.into_iter().map(mission).collect::<ApiResult<_>>()?;
    let tests = store::tests(db, caller, q).await?.into_iter().map(test).collect::<ApiResult<_>>()?;
    let test_templates = if caller.can(Permission::TestTemplateRead) { store::test_templates(db, q).await? } else { Vec::new() };
    let scenario_templates =
        if caller.can(Permission::ScenarioTemplateRead) { store::scenario_templates(db, q).await? } else { Vec::new() };
    let mut all = store::techniques(db, q).await?;
    all.extend(store::subtechniques(db, q).await?);
    let users = if caller.can(Permission::UserRead) { store::users(db, q).await? } else { Vec::new() };
    Ok(SearchResults {
        missions,
        tests,
        test_templates: templates(test_templates),
        scenario_templates: templates(scenario_templates),
        techniques: techniques(all, q),
        users: users.into_iter().map(|u| UserRef { id: u.id, email: u.email, display_name: u.display_name }).collect(),
    })
}
