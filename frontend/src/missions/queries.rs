//! What these pages ask the API.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::try_join_all;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde::de::IgnoredAny;
use tyrian_api_types::catalogue::Matrix;
use tyrian_api_types::categories::{Category, CategoryCreate, CategoryPatch};
use tyrian_api_types::defence_tools::DefenceTool;
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::events::{MissionEvent, Presence, PresenceReport};
use tyrian_api_types::missions::{AddScenarios, Mission, MissionCreate, MissionMembers, MissionPatch, MissionSummary, Transition};
use tyrian_api_types::purge::{PurgeConfirm, Tombstone};
use tyrian_api_types::scenario_templates::{ScenarioTemplate, ScenarioTemplateSummary};
use tyrian_api_types::synthesis::Synthesis;
use tyrian_api_types::users::UserRef;
use tyrian_api_types::{ErrorCode, Items, Page};
use tyrian_domain::mission::MissionStatus;
use uuid::Uuid;

use crate::api::{self, ApiError, Request, Versioned, query_string};
use crate::grown::{Grown, use_grown};
use crate::key;
use crate::missions::pick::TestTags;
use crate::query::{self, Paged, Query, use_paged, use_query, use_query_keep};

/// A mission with its ETag, shared between the parts of its page.
pub type MissionData = Arc<Versioned<Mission>>;

/// What the list is filtered and sorted by: as in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// words of name or client, or an ATT&CK id
    pub q: Option<String>,
    /// whole name of a client
    pub client: Option<String>,
    /// one status
    pub status: Option<MissionStatus>,
    /// field of the order, `-` before it for downwards
    pub sort: Option<String>,
}

/// Is this the id of a technique or subtechnique: `T1059`, `t1059.001`?
fn is_technique(text: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let Some(rest) = text.strip_prefix(['T', 't']) else { return false };
    match rest.split_once('.') {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => digits(rest, 4),
    }
}

fn list_path(filter: &ListFilter, status: Option<MissionStatus>, limit: u32, cursor: Option<String>) -> String {
    let q = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let (technique, words) = match q {
        Some(q) if is_technique(q) => (Some(q.to_ascii_uppercase()), None),
        Some(q) => (None, Some(q.to_owned())),
        None => (None, None),
    };
    let query = query_string([
        ("q", words),
        ("technique", technique),
        ("client", filter.client.clone()),
        ("status", status.map(|status| status.as_str().to_owned())),
        ("sort", filter.sort.clone()),
        ("limit", Some(limit.to_string())),
        ("cursor", cursor),
    ]);
    format!("/missions{query}")
}

/// The missions that fit the filter, page by page.
pub fn use_missions(filter: Memo<ListFilter>) -> Paged<MissionSummary> {
    use_paged(
        move || key!["missions", "list", format!("{:?}", filter.get())],
        move |cursor| {
            let filter = filter.get_untracked();
            api::get(list_path(&filter, filter.status, 50, cursor))
        },
    )
}

/// How many missions fit the rest of the filter with this status.
pub fn use_status_total(filter: Memo<ListFilter>, status: Option<MissionStatus>) -> Signal<Option<u64>> {
    let rest = Memo::new(move |_| ListFilter { status: None, sort: None, ..filter.get() });
    let word = status.map_or("all", MissionStatus::as_str);
    let query: Query<Page<IgnoredItem>> = use_query_keep(
        move || key!["missions", "total", word, format!("{:?}", rest.get())],
        move || api::get(list_path(&rest.get_untracked(), status, 1, None)),
    );
    Signal::derive(move || query.data.with(|page| page.as_ref().and_then(|page| page.total)))
}

/// A row of which only the number matters.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
struct IgnoredItem {}

/// Clients of the caller's missions, each once, in the order of the alphabet: for filters and suggestions.
pub fn use_clients(q: Signal<String>) -> Query<Vec<String>> {
    use_query_keep(
        move || key!["missions", "clients", q.get()],
        move || {
            let q = q.get_untracked();
            async move {
                let path = format!(
                    "/missions{}",
                    query_string([("q", Some(q.clone())), ("sort", Some("client".to_owned())), ("limit", Some("200".to_owned()))])
                );
                let page: Page<MissionSummary> = api::get(path).await?;
                let wanted = tyrian_domain::text::key(&q);
                let mut clients: Vec<String> = page
                    .items
                    .into_iter()
                    .map(|mission| mission.client)
                    .filter(|client| tyrian_domain::text::key(client).contains(&wanted))
                    .collect();
                clients.dedup_by(|a, b| tyrian_domain::text::key(a) == tyrian_domain::text::key(b));
                Ok(clients)
            }
        },
    )
}

/// One mission with everything but the long texts of its tests.
pub fn use_mission(id: Memo<String>) -> Query<MissionData> {
    use_query(
        move || mission_key(&id.get()),
        move || {
            let id = id.get_untracked();
            async move { fetch_mission(&id).await }
        },
    )
}

/// The key of a mission; all that is read of it stands under it.
pub fn mission_key(id: &str) -> query::Key {
    key!["missions", id]
}

/// Reads a mission now: after an edit that was stale.
pub async fn fetch_mission(id: &str) -> Result<MissionData, ApiError> {
    api::get_versioned(mission_path(id)).await.map(Arc::new)
}

/// Shows what a write has answered, and has the other parts read again what may have changed with it.
pub fn refresh(id: &str, mission: Versioned<Mission>) {
    query::invalidate(&key!["missions"]);
    // last, so that the answer that is here already is not asked for again
    query::put(&mission_key(id), Arc::new(mission));
}

/// Has everything about missions read again.
pub fn refresh_all() {
    query::invalidate(&key!["missions"]);
}

/// The path of a mission.
pub fn mission_path(id: &str) -> String {
    format!("/missions/{}", crate::web::encoded(id))
}

/// What a mission tells, counted.
pub fn use_synthesis(id: Memo<String>) -> Query<Synthesis> {
    use_query(move || key!["missions", id.get(), "synthesis"], move || api::get(format!("{}/synthesis", mission_path(&id.get_untracked()))))
}

/// Who has the mission open, and which test of it.
pub fn use_presence(mission: Memo<String>) -> Query<Items<Presence>> {
    use_query(move || presence_key(&mission.get()), move || api::get(format!("{}/presence", mission_path(&mission.get_untracked()))))
}

fn presence_key(mission: &str) -> query::Key {
    key!["missions", mission, "presence"]
}

/// Says what one has open; the answer is who is there.
pub async fn report_presence(mission: &str, report: &PresenceReport) -> Result<(), ApiError> {
    let present: Items<Presence> = api::post(format!("{}/presence", mission_path(mission)), report).await?;
    query::put(&presence_key(mission), present);
    Ok(())
}

/// Says that one has left the mission.
pub fn leave(mission: &str) {
    api::post_and_go(&format!("{}/presence", mission_path(mission)), &PresenceReport { mission_test_id: None, gone: true });
}

/// The headings of the mission's report.
pub fn use_categories(mission: Memo<String>) -> Query<Items<Category>> {
    use_query(
        move || key!["missions", mission.get(), "categories"],
        move || api::get(format!("{}/categories", mission_path(&mission.get_untracked()))),
    )
}

fn category_path(mission: &str, category: Uuid) -> String {
    format!("{}/categories/{category}", mission_path(mission))
}

/// Has the headings read again, and what is counted under them.
pub fn refresh_categories(mission: &str) {
    query::invalidate(&key!["missions", mission, "categories"]);
    query::invalidate(&key!["missions", mission, "synthesis"]);
}

/// Makes a heading. The same key with the same request makes one.
pub async fn add_category(mission: &str, request: &CategoryCreate, key: &str) -> Result<Category, ApiError> {
    Request::new(Method::POST, format!("{}/categories", mission_path(mission))).json(request).idempotency_key(key).send().await
}

/// Changes a heading, or moves it.
pub async fn edit_category(mission: &str, category: Uuid, version: i64, patch: &CategoryPatch) -> Result<Category, ApiError> {
    api::patch(category_path(mission, category), version, patch).await
}

/// Deletes a heading; its tests stay.
pub async fn delete_category(mission: &str, category: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(category_path(mission, category), version).await
}

/// The log of a mission, the newest first; of one test where there is one.
pub fn use_events(mission: Memo<String>, test: Memo<Option<String>>) -> Grown<MissionEvent> {
    use_grown(
        50,
        move || key!["missions", mission.get(), "events", test.get().unwrap_or_default()],
        move |before, limit| {
            let query = [("test", test.get_untracked()), ("before", before), ("limit", Some(limit.to_string()))];
            let path = format!("{}/events{}", mission_path(&mission.get_untracked()), query_string(query));
            async move {
                let Items { items } = api::get::<Items<MissionEvent>>(path).await?;
                // a page that is not full is the last one
                let full = u32::try_from(items.len()).is_ok_and(|n| n >= limit);
                let next_cursor = items.last().filter(|_| full).map(|event| event.sequence.to_string());
                Ok(Page { items, next_cursor, total: None })
            }
        },
    )
}

/// The scale of detection levels.
pub fn use_detection_levels() -> Query<Items<DetectionLevel>> {
    use_query(|| key!["detection-levels"], || api::get("/detection-levels"))
}

/// The products of the defenders.
pub fn use_defence_tools() -> Query<Items<DefenceTool>> {
    use_query(|| key!["defence-tools"], || api::get("/defence-tools"))
}

/// Makes a mission. The same key with the same request makes one, however often it is sent.
pub async fn create(request: MissionCreate, idempotency_key: String) -> Result<Mission, ApiError> {
    Request::new(Method::POST, "/missions").json(&request).idempotency_key(&idempotency_key).send().await
}

/// Changes a mission's own fields in the version `etag`.
pub async fn patch(id: &str, etag: &str, patch: MissionPatch) -> Result<Versioned<Mission>, ApiError> {
    Request::new(Method::PATCH, mission_path(id)).if_match(etag).json(&patch).send_versioned().await
}

/// Moves a mission to another status.
pub async fn transition(id: &str, version: Option<i64>, to: MissionStatus) -> Result<Versioned<Mission>, ApiError> {
    let request = Request::new(Method::POST, format!("{}/transition", mission_path(id))).json(&Transition { to });
    match version {
        Some(version) => request.if_match(version).send_versioned().await,
        None => request.send_versioned().await,
    }
}

/// Replaces the members, if they are still those of the version `etag`.
pub async fn put_members(id: &str, etag: &str, members: MissionMembers) -> Result<Versioned<Mission>, ApiError> {
    Request::new(Method::PUT, format!("{}/members", mission_path(id))).if_match(etag).json(&members).send_versioned().await
}

/// Copies further scenarios into a mission.
pub async fn add_scenarios(id: &str, request: AddScenarios, idempotency_key: &str) -> Result<(), ApiError> {
    let path = format!("{}/scenarios", mission_path(id));
    Request::new(Method::POST, path).json(&request).idempotency_key(idempotency_key).send::<IgnoredAny>().await.map(|_| ())
}

/// Deletes a mission.
pub async fn delete(id: &str, etag: &str) -> Result<(), ApiError> {
    api::delete(mission_path(id), etag).await
}

/// Removes a mission for good; the name says that one means it.
pub async fn purge(id: &str, confirm: String) -> Result<Tombstone, ApiError> {
    api::post(format!("{}/purge", mission_path(id)), &PurgeConfirm { confirm }).await
}

/// Scenarios of the library by name, page by page.
pub fn use_scenarios(q: Signal<String>) -> Paged<ScenarioTemplateSummary> {
    use_paged(
        move || key!["scenario-templates", "pick", q.get()],
        move |cursor| {
            let query =
                [("q", Some(q.get_untracked())), ("sort", Some("name".to_owned())), ("limit", Some("30".to_owned())), ("cursor", cursor)];
            api::get(format!("/scenario-templates{}", query_string(query)))
        },
    )
}

/// People who can be made members.
pub fn use_roster(q: Signal<String>) -> Query<Items<UserRef>> {
    use_query_keep(
        move || key!["users", "roster", q.get()],
        move || api::get(format!("/users/roster{}", query_string([("q", Some(q.get_untracked()))]))),
    )
}

/// The ATT&CK tags of the tests of these scenarios, test by test. A scenario that is gone brings none.
pub fn use_test_tags(scenarios: Memo<BTreeSet<Uuid>>) -> Query<Vec<TestTags>> {
    use_query_keep(
        move || key!["scenario-templates", "tags", scenarios.with(|ids| ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" "))],
        move || {
            let ids = scenarios.get_untracked();
            async move { Ok(try_join_all(ids.into_iter().map(test_tags)).await?.concat()) }
        },
    )
}

/// The tags of one scenario's tests; what was read stays until scenarios change.
async fn test_tags(scenario: Uuid) -> Result<Vec<TestTags>, ApiError> {
    let key = key!["scenario-templates", "tags of", scenario];
    if let Some(tags) = query::peek(&key) {
        return Ok(tags);
    }
    let tags = match api::get::<ScenarioTemplate>(format!("/scenario-templates/{scenario}")).await {
        Ok(scenario) => {
            scenario.tests.into_iter().map(|test| test.test_template.mitre_tags.into_iter().map(|tag| tag.external_id).collect()).collect()
        }
        Err(error) if error.is(ErrorCode::NotFound) => Vec::new(),
        Err(error) => return Err(error),
    };
    query::put(&key, tags.clone());
    Ok(tags)
}

/// The ATT&CK matrix, for the small one of what scenarios cover.
pub fn use_matrix() -> Query<Matrix> {
    use_query(|| key!["mitre", "matrix", "covers"], || api::get("/mitre/matrix"))
}

#[cfg(test)]
mod tests {
    use super::is_technique;

    #[test]
    fn technique_ids_are_told_from_words() {
        for id in ["T1059", "t1059", "T1059.001"] {
            assert!(is_technique(id), "{id}");
        }
        for word in ["T105", "T10599", "T1059.1", "Tin Weather", "1059", "T1059.", ""] {
            assert!(!is_technique(word), "{word}");
        }
    }
}
