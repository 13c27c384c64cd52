//! What happens to scenario templates: each change in one transaction with its audit entry.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;
use tyrian_api_types::scenario_templates::{
    EXPORT_FORMAT, EXPORT_FORMAT_VERSION, ExportedScenario, ScenarioTemplate, ScenarioTemplateCreate, ScenarioTemplateExport,
    ScenarioTemplatePatch, ScenarioTemplateSummary, ScenarioTest, ScenarioTests,
};
use tyrian_api_types::{FieldError, Page};
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use tyrian_entity::scenario_template;
use uuid::Uuid;

use super::store::{self, Filter, ScenarioRow};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::paging::{PageRequest, page};
use crate::http::{Caller, IfMatch, valid};
use crate::live::Wake;
use crate::state::State;
use crate::{library, test_templates};

/// Refuses who lacks the permission, after those who look for what is not there.
pub async fn authorize(state: &State, caller: &Caller, id: Uuid, needed: Permission) -> ApiResult<()> {
    library::authorize(caller, Permission::ScenarioTemplateRead, needed, store::exists(state.db.reader(), id)).await
}

fn entry(caller: &Caller, action: &'static str, id: Uuid, detail: serde_json::Value) -> Entry {
    Entry::system(caller, action, "scenario_template", id, detail)
}

/// What a scenario is found by.
pub(crate) fn search_text(name: &str, description: Option<&str>, threat_actor: Option<&str>, tags: &[String]) -> String {
    text::key(&format!("{name} {} {} {}", threat_actor.unwrap_or_default(), tags.join(" "), description.unwrap_or_default()))
}

/// The present ETag; 404 where there is nothing.
pub async fn etag(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<String> {
    store::etag(db, id).await?.ok_or_else(ApiError::not_found)
}

/// A page of scenarios: rows, what they hold, and on the first page how many there are.
pub async fn list(state: &State, filter: &Filter, request: &PageRequest) -> ApiResult<Page<ScenarioTemplateSummary>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, filter, request).await?;
    let mut contents = store::contents(db, &rows.iter().map(|r| r.scenario.id).collect::<Vec<_>>()).await?;
    let items = rows
        .into_iter()
        .map(|ScenarioRow { scenario: s, creator_name }| {
            let (test_count, techniques) = contents.remove(&s.id).unwrap_or_default();
            Ok(ScenarioTemplateSummary {
                tags: serde_json::from_value(s.tags)?,
                created_by: library::author(s.created_by_id, creator_name),
                id: s.id,
                name: s.name,
                description: s.description,
                threat_actor: s.threat_actor,
                test_count,
                techniques,
                version: s.version,
                created_at: s.created_at,
                updated_at: s.updated_at,
            })
        })
        .collect::<ApiResult<_>>()?;
    Ok(page(items, next, total))
}

/// A scenario with its live tests, at dense positions.
async fn shown(db: &impl ConnectionTrait, row: ScenarioRow) -> ApiResult<ScenarioTemplate> {
    let ScenarioRow { scenario: s, creator_name } = row;
    let places = store::places(db, &[s.id]).await?;
    let wanted: HashSet<Uuid> = places.iter().map(|p| p.test_template_id).collect();
    let templates = test_templates::summaries(db, &wanted.into_iter().collect::<Vec<_>>()).await?;
    let live = places.into_iter().filter_map(|p| Some((p.id, templates.get(&p.test_template_id)?.clone())));
    Ok(ScenarioTemplate {
        tests: live.zip(0..).map(|((id, test_template), position)| ScenarioTest { id, position, test_template }).collect(),
        tags: serde_json::from_value(s.tags)?,
        created_by: library::author(s.created_by_id, creator_name),
        id: s.id,
        name: s.name,
        description: s.description,
        threat_actor: s.threat_actor,
        source_kind: s.source_kind,
        source_id: s.source_id,
        version: s.version,
        created_at: s.created_at,
        updated_at: s.updated_at,
    })
}

/// One scenario.
pub async fn get(state: &State, id: Uuid) -> ApiResult<ScenarioTemplate> {
    let db = state.db.reader();
    let row = store::find(db, id).await?.ok_or_else(ApiError::not_found)?;
    shown(db, row).await
}

/// Which of these tests are unknown or deleted, as a 422 that names the first hundred.
async fn unknown_tests(txn: &DatabaseTransaction, tests: &[Uuid]) -> ApiResult<ApiError> {
    let known = test_templates::summaries(txn, tests).await?;
    let unknown = tests.iter().enumerate().filter(|(_, id)| !known.contains_key(id)).take(100);
    let errors = unknown
        .map(|(i, id)| FieldError {
            pointer: format!("/test_template_ids/{i}"),
            code: "unknown".into(),
            detail: format!("There is no test template {id}."),
        })
        .collect();
    Ok(ApiError::invalid(errors))
}

/// Makes a scenario.
pub async fn create(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    body: ScenarioTemplateCreate,
) -> ApiResult<Created<ScenarioTemplate>> {
    let (id, now, tags) = (Uuid::now_v7(), crate::now(), library::unique(body.tags));
    let scenario = scenario_template::ActiveModel {
        id: Set(id),
        name_key: Set(text::key(&body.name)),
        search_text: Set(search_text(&body.name, body.description.as_deref(), body.threat_actor.as_deref(), &tags)),
        name: Set(body.name),
        description: Set(body.description),
        threat_actor: Set(body.threat_actor),
        tags: Set(json!(tags)),
        source_kind: Set(None),
        source_id: Set(None),
        source_checksum: Set(None),
        source_version: Set(None),
        created_by_id: Set(Some(caller.id)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    }
    .insert(txn)
    .await?;
    let added = store::insert_tests(txn, id, &body.test_template_ids, now).await?;
    if usize::try_from(added) != Ok(body.test_template_ids.len()) {
        return Err(unknown_tests(txn, &body.test_template_ids).await?);
    }
    let tag = etag(txn, id).await?;
    let value = shown(txn, ScenarioRow { scenario, creator_name: Some(caller.display_name.clone()) }).await?;
    let detail = json!({ "name": value.name, "tests": body.test_template_ids.len() });
    audit::record(state, txn, &caller.request, entry(caller, "scenario_template.create", id, detail)).await?;
    Ok(Created { value, location: format!("/api/v1/scenario-templates/{id}"), etag: Some(tag), wake: Wake::default() })
}

/// Changes a scenario's own fields.
pub async fn update(
    state: &State,
    caller: &Caller,
    id: Uuid,
    if_match: &IfMatch,
    patch: ScenarioTemplatePatch,
) -> ApiResult<(ScenarioTemplate, String)> {
    let txn = state.db.begin().await?;
    let ScenarioRow { scenario: row, creator_name } = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    valid(&patch)?;
    if_match.require(row.version, &etag(&txn, id).await?)?;
    let fields = library::fields(&patch)?;
    let name = library::set(patch.name, row.name.clone());
    let description = patch.description.apply(row.description.clone());
    let threat_actor = patch.threat_actor.apply(row.threat_actor.clone());
    let tags = library::unique(library::replaced(patch.tags, serde_json::from_value(row.tags.clone())?));
    let version = row.version;
    let mut change = row.into_active_model();
    change.name_key = Set(text::key(&name));
    change.search_text = Set(search_text(&name, description.as_deref(), threat_actor.as_deref(), &tags));
    change.name = Set(name);
    change.description = Set(description);
    change.threat_actor = Set(threat_actor);
    change.tags = Set(json!(tags));
    change.version = Set(version + 1);
    change.updated_at = Set(crate::now());
    let scenario = change.update(&txn).await?;
    finish(state, caller, txn, ScenarioRow { scenario, creator_name }, "scenario_template.update", json!({ "fields": fields })).await
}

/// Replaces a scenario's tests as a whole. Two at once: the row is locked, so one list stays, never a mixture.
pub async fn set_tests(
    state: &State,
    caller: &Caller,
    id: Uuid,
    if_match: &IfMatch,
    body: ScenarioTests,
) -> ApiResult<(ScenarioTemplate, String)> {
    let txn = state.db.begin().await?;
    let ScenarioRow { scenario: row, creator_name } = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    valid(&body)?;
    if_match.honour(row.version, &etag(&txn, id).await?)?;
    let now = crate::now();
    let added = store::replace_tests(&txn, id, &body.test_template_ids, now).await?;
    if usize::try_from(added) != Ok(body.test_template_ids.len()) {
        return Err(unknown_tests(&txn, &body.test_template_ids).await?);
    }
    let version = row.version;
    let mut change = row.into_active_model();
    change.version = Set(version + 1);
    change.updated_at = Set(now);
    let scenario = change.update(&txn).await?;
    let detail = json!({ "tests": body.test_template_ids.len() });
    finish(state, caller, txn, ScenarioRow { scenario, creator_name }, "scenario_template.tests.set", detail).await
}

/// The answer after a change, its audit entry and its commit.
async fn finish(
    state: &State,
    caller: &Caller,
    txn: DatabaseTransaction,
    row: ScenarioRow,
    action: &'static str,
    detail: serde_json::Value,
) -> ApiResult<(ScenarioTemplate, String)> {
    let id = row.scenario.id;
    let tag = etag(&txn, id).await?;
    let value = shown(&txn, row).await?;
    audit::record(state, &txn, &caller.request, entry(caller, action, id, detail)).await?;
    txn.commit().await?;
    Ok((value, tag))
}

/// Deletes a scenario; its tests stay in the library.
pub async fn delete(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?.scenario;
    if_match.require(row.version, &etag(&txn, id).await?)?;
    let (now, name, version) = (crate::now(), row.name.clone(), row.version);
    let mut change = row.into_active_model();
    change.deleted_at = Set(Some(now));
    change.updated_at = Set(now);
    change.version = Set(version + 1);
    change.update(&txn).await?;
    audit::record(state, &txn, &caller.request, entry(caller, "scenario_template.delete", id, json!({ "name": name }))).await?;
    txn.commit().await?;
    Ok(())
}

/// All scenarios as a file, with the content of their live tests.
pub async fn export(state: &State) -> ApiResult<ScenarioTemplateExport> {
    let db = state.db.reader();
    let scenarios = store::all(db).await?;
    let places = store::places(db, &scenarios.iter().map(|s| s.id).collect::<Vec<_>>()).await?;
    let mut seen = HashSet::new();
    let wanted: Vec<Uuid> = places.iter().map(|p| p.test_template_id).filter(|id| seen.insert(*id)).collect();
    let contents = test_templates::contents(db, &wanted).await?;
    let place_in_file: HashMap<Uuid, u32> = contents.iter().map(|(id, _)| *id).zip(0..).collect();
    let mut tests_of: HashMap<Uuid, Vec<u32>> = HashMap::with_capacity(scenarios.len());
    for p in places {
        if let Some(place) = place_in_file.get(&p.test_template_id) {
            tests_of.entry(p.scenario_template_id).or_default().push(*place);
        }
    }
    let items = scenarios
        .into_iter()
        .map(|s| {
            Ok(ExportedScenario {
                tests: tests_of.remove(&s.id).unwrap_or_default(),
                tags: serde_json::from_value(s.tags)?,
                name: s.name,
                description: s.description,
                threat_actor: s.threat_actor,
            })
        })
        .collect::<ApiResult<_>>()?;
    Ok(ScenarioTemplateExport {
        format: EXPORT_FORMAT.to_owned(),
        format_version: EXPORT_FORMAT_VERSION,
        exported_at: crate::now(),
        test_templates: contents.into_iter().map(|(_, content)| content).collect(),
        items,
    })
}
