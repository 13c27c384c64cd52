//! Test templates: rows to what travels, and what travels to columns.

use sea_orm::ActiveValue::Set;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tyrian_api_types::test_templates::{
    MitreTag, MitreTagInput, TestContent, TestTemplate, TestTemplateCreate, TestTemplatePatch, TestTemplateSummary,
};
use tyrian_domain::template::{Executor, OpsecLevel, TagKind};
use tyrian_domain::text;
use tyrian_entity::test_template;

use super::store::{FullRow, SummaryRow};
use super::tags::Tag;
use crate::db::rows::{Kind, hex};
use crate::error::{ApiError, ApiResult};
use crate::library;
use crate::search::texts;

/// A word of the database that must be one of ours: a CHECK holds it to that.
pub fn word<T>(parsed: Option<T>, word: &str) -> ApiResult<T> {
    parsed.ok_or_else(|| ApiError::internal(anyhow::anyhow!("unknown word {word:?} in the database")))
}

fn json<T: DeserializeOwned>(value: Value) -> ApiResult<T> {
    Ok(serde_json::from_value(value)?)
}

fn shown(tags: Vec<Tag>) -> Vec<MitreTag> {
    tags.into_iter().map(|t| t.shown).collect()
}

/// What a template says.
pub fn content(row: test_template::Model) -> ApiResult<TestContent> {
    Ok(TestContent {
        opsec_level: word(OpsecLevel::parse(&row.opsec_level), &row.opsec_level)?,
        executor: word(Executor::parse(&row.executor), &row.executor)?,
        name: row.name,
        objective: row.objective,
        procedure: row.procedure,
        prerequisites: row.prerequisites,
        cleanup: row.cleanup,
        expected_detection: row.expected_detection,
        detection_rules: json(row.detection_rules)?,
        platforms: json(row.platforms)?,
        tags: json(row.tags)?,
        command: row.command,
        arguments: json(row.arguments)?,
        elevation_required: row.elevation_required,
        references: json(row.reference_links)?,
    })
}

/// What a new template says, and its tags as they were given.
pub fn created(body: TestTemplateCreate) -> (TestContent, Vec<MitreTagInput>) {
    let content = TestContent {
        name: body.name,
        objective: body.objective,
        procedure: body.procedure,
        prerequisites: body.prerequisites,
        cleanup: body.cleanup,
        expected_detection: body.expected_detection,
        detection_rules: body.detection_rules,
        opsec_level: body.opsec_level.unwrap_or(OpsecLevel::Medium),
        platforms: library::unique(body.platforms),
        tags: library::unique(body.tags),
        executor: body.executor.unwrap_or(Executor::Manual),
        command: body.command,
        arguments: body.arguments,
        elevation_required: body.elevation_required,
        references: library::unique(body.references),
    };
    (content, body.mitre_tags)
}

/// What a template says after a patch.
pub fn patched(now: TestContent, patch: TestTemplatePatch) -> TestContent {
    TestContent {
        name: library::set(patch.name, now.name),
        objective: patch.objective.apply(now.objective),
        procedure: patch.procedure.apply(now.procedure),
        prerequisites: patch.prerequisites.apply(now.prerequisites),
        cleanup: patch.cleanup.apply(now.cleanup),
        expected_detection: patch.expected_detection.apply(now.expected_detection),
        detection_rules: library::replaced(patch.detection_rules, now.detection_rules),
        opsec_level: library::set(patch.opsec_level, now.opsec_level),
        platforms: library::unique(library::replaced(patch.platforms, now.platforms)),
        tags: library::unique(library::replaced(patch.tags, now.tags)),
        executor: library::set(patch.executor, now.executor),
        command: patch.command.apply(now.command),
        arguments: library::replaced(patch.arguments, now.arguments),
        elevation_required: library::set(patch.elevation_required, now.elevation_required),
        references: library::unique(library::replaced(patch.references, now.references)),
    }
}

/// Fills the columns of what a template says, and those that are made of it. `unresolved`: ATT&CK ids that the
/// catalogue lacks. The answer is what it is found by, which must be kept before the row is.
pub fn write(row: &mut test_template::ActiveModel, content: &TestContent, tags: &[Tag], unresolved: &[String]) -> ApiResult<String> {
    let ids = tags.iter().map(|t| t.shown.external_id.as_str()).chain(unresolved.iter().map(String::as_str));
    let found_by = search_text(content, ids);
    row.search_text_id = Set(Some(texts::id(&found_by)));
    row.unresolved_tags = Set(serde_json::to_value(unresolved)?);
    row.name_key = Set(text::key(&content.name));
    row.name = Set(content.name.clone());
    row.objective = Set(content.objective.clone());
    row.procedure = Set(content.procedure.clone());
    row.prerequisites = Set(content.prerequisites.clone());
    row.cleanup = Set(content.cleanup.clone());
    row.expected_detection = Set(content.expected_detection.clone());
    row.detection_rules = Set(serde_json::to_value(&content.detection_rules)?);
    row.opsec_level = Set(content.opsec_level.as_str().to_owned());
    row.platforms = Set(serde_json::to_value(&content.platforms)?);
    row.tags = Set(serde_json::to_value(&content.tags)?);
    row.executor = Set(content.executor.as_str().to_owned());
    row.command = Set(content.command.clone());
    row.arguments = Set(serde_json::to_value(&content.arguments)?);
    row.elevation_required = Set(content.elevation_required);
    row.reference_links = Set(serde_json::to_value(&content.references)?);
    Ok(found_by)
}

/// The columns of a test's content, which templates and missions share: what a snapshot copies.
pub const CONTENT: [(&str, Kind); 16] = [
    ("name", Kind::Text),
    ("search_text_id", Kind::Uuid),
    ("objective", Kind::Text),
    ("procedure", Kind::Text),
    ("prerequisites", Kind::Text),
    ("cleanup", Kind::Text),
    ("expected_detection", Kind::Text),
    ("detection_rules", Kind::Json),
    ("opsec_level", Kind::Text),
    ("platforms", Kind::Json),
    ("tags", Kind::Json),
    ("executor", Kind::Text),
    ("command", Kind::Text),
    ("arguments", Kind::Json),
    ("elevation_required", Kind::Bool),
    ("reference_links", Kind::Json),
];

/// The values of [`CONTENT`] for a row to be written in bulk; `found_by` is its [`search_text`].
pub fn content_values(content: &TestContent, found_by: &str) -> serde_json::Value {
    serde_json::json!([
        content.name,
        hex(&texts::id(found_by)),
        content.objective,
        content.procedure,
        content.prerequisites,
        content.cleanup,
        content.expected_detection,
        content.detection_rules,
        content.opsec_level,
        content.platforms,
        content.tags,
        content.executor,
        content.command,
        content.arguments,
        content.elevation_required,
        content.references,
    ])
}

/// What a test is found by: name, objective, labels and ATT&CK ids, a line each.
pub fn search_text<'a>(content: &'a TestContent, attack_ids: impl Iterator<Item = &'a str>) -> String {
    let mut words = vec![content.name.as_str(), content.objective.as_deref().unwrap_or_default()];
    words.extend(content.tags.iter().map(String::as_str));
    words.extend(attack_ids);
    text::key(&words.join("\n"))
}

/// A template with everything.
pub fn template(row: FullRow, tags: Vec<Tag>) -> ApiResult<TestTemplate> {
    let t = row.template;
    Ok(TestTemplate {
        id: t.id,
        mitre_tags: shown(tags),
        unresolved_tags: json(t.unresolved_tags.clone())?,
        source_kind: t.source_kind.clone(),
        source_id: t.source_id.clone(),
        created_by: library::author(t.created_by_id, row.creator_name),
        version: t.version,
        created_at: t.created_at,
        updated_at: t.updated_at,
        content: content(t)?,
    })
}

/// A template in a list.
pub fn summary(row: SummaryRow, tags: Vec<Tag>) -> ApiResult<TestTemplateSummary> {
    Ok(TestTemplateSummary {
        id: row.id,
        name: row.name,
        objective: row.objective,
        opsec_level: word(OpsecLevel::parse(&row.opsec_level), &row.opsec_level)?,
        executor: word(Executor::parse(&row.executor), &row.executor)?,
        platforms: json(row.platforms)?,
        tags: json(row.tags)?,
        mitre_tags: shown(tags),
        unresolved_tags: json(row.unresolved_tags)?,
        created_by: library::author(row.created_by_id, row.creator_name),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A template as it would be created again, its ids that the catalogue lacks among its tags: an import keeps them, and
/// they are what a mission froze.
pub fn recreated(row: test_template::Model, tags: Vec<Tag>) -> ApiResult<TestTemplateCreate> {
    let unresolved: Vec<String> = json(row.unresolved_tags.clone())?;
    let content = content(row)?;
    let mut mitre_tags: Vec<_> = tags.into_iter().map(|t| MitreTagInput { kind: t.shown.kind, external_id: t.shown.external_id }).collect();
    mitre_tags.extend(unresolved.into_iter().map(|external_id| MitreTagInput { kind: TagKind::of_id(&external_id), external_id }));
    Ok(TestTemplateCreate {
        name: content.name,
        objective: content.objective,
        procedure: content.procedure,
        prerequisites: content.prerequisites,
        cleanup: content.cleanup,
        expected_detection: content.expected_detection,
        detection_rules: content.detection_rules,
        opsec_level: Some(content.opsec_level),
        platforms: content.platforms,
        tags: content.tags,
        executor: Some(content.executor),
        command: content.command,
        arguments: content.arguments,
        elevation_required: content.elevation_required,
        references: content.references,
        mitre_tags,
    })
}
