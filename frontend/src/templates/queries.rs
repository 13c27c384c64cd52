//! What the library's pages ask the API.

use gloo_net::http::Method;
use leptos::prelude::*;
use tyrian_api_types::catalogue::{RemapAnswer, RemapRequest, TemplateRemap};
use tyrian_api_types::scenario_templates::{
    ScenarioTemplate, ScenarioTemplateCreate, ScenarioTemplatePatch, ScenarioTemplateSummary, ScenarioTests,
};
use tyrian_api_types::test_templates::{TestTemplate, TestTemplateCreate, TestTemplatePatch, TestTemplateSummary};
use tyrian_api_types::{Items, Page};
use uuid::Uuid;

use crate::api::{self, ApiError, Request};
use crate::key;
use crate::query::{self, Paged, Query, use_paged, use_query};

/// Rows a page.
const PAGE: &str = "50";

fn page_path(base: &str, filter: &str, cursor: Option<String>) -> String {
    let rest = api::query_string([("limit", Some(PAGE.to_owned())), ("cursor", cursor)]);
    if filter.is_empty() { format!("{base}{rest}") } else { format!("{base}{filter}&{}", rest.trim_start_matches('?')) }
}

/// Test templates; `filter` is a query string or empty.
pub fn use_tests(filter: impl Fn() -> String + Copy + 'static) -> Paged<TestTemplateSummary> {
    use_paged(
        move || key!["test-templates", "list", filter()],
        move |cursor| {
            let path = page_path("/test-templates", &untrack(filter), cursor);
            async move { api::get::<Page<TestTemplateSummary>>(path).await }
        },
    )
}

/// The key of one test template.
pub fn test_key(id: &str) -> query::Key {
    key!["test-templates", "one", id]
}

/// One test template.
pub fn use_test(id: String) -> Query<TestTemplate> {
    let key = test_key(&id);
    use_query(move || key.clone(), move || api::get(format!("/test-templates/{id}")))
}

/// One test template as it is now.
pub async fn test(id: Uuid) -> Result<TestTemplate, ApiError> {
    api::get(format!("/test-templates/{id}")).await
}

/// Makes a test template.
pub async fn create_test(request: TestTemplateCreate, key: String) -> Result<TestTemplate, ApiError> {
    Request::new(Method::POST, "/test-templates").json(&request).idempotency_key(&key).send().await
}

/// Changes a test template.
pub async fn update_test(id: Uuid, version: i64, patch: TestTemplatePatch) -> Result<TestTemplate, ApiError> {
    api::patch(format!("/test-templates/{id}"), version, &patch).await
}

/// Deletes a test template.
pub async fn delete_test(id: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(format!("/test-templates/{id}"), version).await
}

/// A test template was written: lists, scenarios and counts are out of date.
pub fn tests_changed() {
    query::invalidate(&key!["test-templates", "list"]);
    query::invalidate(&key!["test-templates", "total"]);
    query::invalidate(&key!["scenario-templates"]);
    query::invalidate(&key!["mitre", "use"]);
    query::invalidate(&key!["mitre", "remap"]);
}

/// Test templates with tags on what ATT&CK has revoked or deprecated.
pub fn use_outdated() -> Query<Items<TemplateRemap>> {
    use_query(|| key!["mitre", "remap"], || api::get("/mitre/remap"))
}

/// Tags were moved: what was read of templates is out of date.
pub fn remapped() {
    query::invalidate(&key!["test-templates"]);
    tests_changed();
}

/// Moves tags to their successors, or tells what that would do.
pub async fn remap(request: RemapRequest) -> Result<RemapAnswer, ApiError> {
    api::post("/mitre/remap", &request).await
}

/// Scenarios; `filter` is a query string or empty.
pub fn use_scenarios(filter: impl Fn() -> String + Copy + 'static) -> Paged<ScenarioTemplateSummary> {
    use_paged(
        move || key!["scenario-templates", "list", filter()],
        move |cursor| {
            let path = page_path("/scenario-templates", &untrack(filter), cursor);
            async move { api::get::<Page<ScenarioTemplateSummary>>(path).await }
        },
    )
}

/// The key of one scenario.
pub fn scenario_key(id: &str) -> query::Key {
    key!["scenario-templates", "one", id]
}

/// One scenario with its tests.
pub fn use_scenario(id: String) -> Query<ScenarioTemplate> {
    let key = scenario_key(&id);
    use_query(move || key.clone(), move || api::get(format!("/scenario-templates/{id}")))
}

/// One scenario as it is now.
pub async fn scenario(id: Uuid) -> Result<ScenarioTemplate, ApiError> {
    api::get(format!("/scenario-templates/{id}")).await
}

/// Makes a scenario.
pub async fn create_scenario(request: ScenarioTemplateCreate, key: String) -> Result<ScenarioTemplate, ApiError> {
    Request::new(Method::POST, "/scenario-templates").json(&request).idempotency_key(&key).send().await
}

/// Changes what a scenario says of itself.
pub async fn update_scenario(id: Uuid, version: i64, patch: ScenarioTemplatePatch) -> Result<ScenarioTemplate, ApiError> {
    api::patch(format!("/scenario-templates/{id}"), version, &patch).await
}

/// Replaces the tests of a scenario, in order.
pub async fn replace_tests(id: Uuid, version: i64, tests: ScenarioTests) -> Result<ScenarioTemplate, ApiError> {
    Request::new(Method::PUT, format!("/scenario-templates/{id}/tests")).if_match(version).json(&tests).send().await
}

/// Deletes a scenario.
pub async fn delete_scenario(id: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(format!("/scenario-templates/{id}"), version).await
}

/// A scenario was written: lists are out of date.
pub fn scenarios_changed() {
    query::invalidate(&key!["scenario-templates", "list"]);
    query::invalidate(&key!["scenario-templates", "total"]);
}

/// Creates that may be sent twice: the same content keeps its key, so that a retry after a lost answer makes one thing.
#[derive(Default, Clone)]
pub struct CreateKey {
    body: String,
    key: String,
}

impl CreateKey {
    /// The key for this content.
    pub fn of(&mut self, request: &impl serde::Serialize) -> String {
        let body = serde_json::to_string(request).unwrap_or_default();
        if self.key.is_empty() || body != self.body {
            self.body = body;
            self.key = api::new_idempotency_key();
        }
        self.key.clone()
    }
}
