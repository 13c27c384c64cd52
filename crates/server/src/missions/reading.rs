//! Reading missions: the list, the detail, a test. A fixed number of statements each.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpRequest;
use bytes::Bytes;
use sea_orm::ConnectionTrait;
use serde_json::value::{RawValue, to_raw_value};
use tyrian_api_types::missions::{Mission, MissionTest};
use tyrian_api_types::users::Author;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::permission;
use tyrian_domain::visibility::{View, Viewer};
use uuid::Uuid;

use super::cache::SummaryKey;
use super::scope::MissionScope;
use super::store::list::{self, Filter, Places};
use super::{convert, store};
use crate::error::{ApiError, ApiResult};
use crate::http::paging::{PageRequest, page};
use crate::http::{Caller, caller};
use crate::state::State;

/// The detail as it goes out, from the cache where it was answered before.
pub async fn packed_detail(state: &State, scope: &MissionScope, etag: &str) -> ApiResult<Bytes> {
    if let Some(kept) = state.details.get(scope.id(), etag) {
        return Ok(kept);
    }
    let body = Bytes::from(serde_json::to_vec(&detail(state.db.reader(), scope).await?)?);
    state.details.put(scope.id(), etag, body.clone());
    Ok(body)
}

/// A mission with everything in it: two statements besides the scope's.
pub async fn detail(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Mission> {
    let (members, scenarios) = store::frame(db, scope).await?;
    let tests = store::test_rows(db, scope).await?;
    convert::mission(scope, members, scenarios, tests)
}

/// A page of the missions that the caller may see, as it goes out: one statement, and one more for what is not kept of them.
pub async fn packed_list(state: &State, caller: &Caller, filter: &Filter, request: &PageRequest) -> ApiResult<Vec<u8>> {
    let (db, kept) = (state.db.reader(), &state.lists);
    let unfiltered = *filter == Filter::default();
    let known = if unfiltered { kept.total(caller) } else { None };
    let Places { rows, next, total } = list::places(db, caller, filter, request, known).await?;
    if let Some(total) = total.filter(|total| unfiltered && known != Some(*total)) {
        kept.put_total(caller, total);
    }
    let rights = permission::bits(&caller.permissions);
    let mut summaries: HashMap<Uuid, Arc<RawValue>> =
        rows.iter().filter_map(|place| Some((place.id, kept.get(&SummaryKey::of_place(place, rights))?))).collect();
    let missing: Vec<Uuid> = rows.iter().map(|place| place.id).filter(|id| !summaries.contains_key(id)).collect();
    if !missing.is_empty() {
        for row in list::rows(db, caller, missing).await? {
            let (id, key) = (row.id, SummaryKey::of_row(&row, rights));
            let summary: Arc<RawValue> = Arc::from(to_raw_value(&convert::listed(row, caller)?)?);
            kept.put(key, summary.clone());
            summaries.insert(id, summary);
        }
    }
    // what went meanwhile is left out
    let items = rows.iter().filter_map(|place| summaries.get(&place.id)).map(|summary| &**summary).collect();
    Ok(serde_json::to_vec(&page::<&RawValue>(items, next, total.map(|total| total.missions)))?)
}

/// One test with everything that was copied and recorded, and its ETag: one statement besides the scope's.
pub async fn test(db: &impl ConnectionTrait, scope: &MissionScope, id: Uuid) -> ApiResult<(MissionTest, String)> {
    whole_test(store::placed_test(db, scope, id).await?.ok_or_else(ApiError::not_found)?)
}

/// The same for who has only come to read it, in one statement with the caller. Whom the mission or the test is hidden from
/// gets 404, as with a scope.
pub async fn seen_test(state: &State, http: &HttpRequest, mission: Uuid, id: Uuid) -> ApiResult<(MissionTest, String)> {
    let backend = state.db.backend();
    let (caller, found) =
        caller::with_row::<store::SeenTest>(state, http, |reader| store::unguarded_test(backend, reader, mission, id)).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let role = found.role_hint.as_deref().and_then(RoleHint::parse);
    let viewer = Viewer { role, permissions: caller.permissions };
    if !viewer.sees_mission() || (viewer.view() == View::Disclosed && !found.placed.test.disclosed) {
        return Err(ApiError::not_found());
    }
    whole_test(found.placed)
}

/// What was read of a test, as it travels, and its ETag.
pub fn whole_test(row: store::PlacedTest) -> ApiResult<(MissionTest, String)> {
    let tags = convert::tags(&row.attack_tags)?;
    let people = people(&row);
    let position = u32::try_from(row.place).unwrap_or(u32::MAX);
    let mut test = convert::test(row.test, position, tags)?;
    test.people = people;
    // a reorder moves a test without a new version
    let tag = format!("\"{}.{}\"", test.version, test.position);
    Ok((test, tag))
}

/// Whom a test names, each once, by name.
fn people(row: &store::PlacedTest) -> Vec<Author> {
    let test = &row.test;
    let named =
        [(test.operator_id, &row.operator_name), (test.assessor_id, &row.assessor_name), (test.finding_owner_id, &row.finding_owner_name)];
    let mut people: Vec<Author> =
        named.into_iter().filter_map(|(id, name)| Some(Author { id: id?, display_name: name.clone()? })).collect();
    people.sort_by_cached_key(|person| (tyrian_domain::text::key(&person.display_name), person.id));
    people.dedup_by_key(|person| person.id);
    people
}
