//! What happens to test templates: each change in one transaction with its audit entry.

use std::collections::HashMap;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;
use tyrian_api_types::test_templates::{
    EXPORT_FORMAT, EXPORT_FORMAT_VERSION, MitreTagInput, TestTemplate, TestTemplateCreate, TestTemplateExport, TestTemplatePatch,
    TestTemplateSummary,
};
use tyrian_api_types::{Page, Patch};
use tyrian_domain::permission::Permission;
use tyrian_entity::test_template;
use uuid::Uuid;

use super::store::{self, Filter, FullRow, SummaryRow};
use super::{convert, tags};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::idempotency::Created;
use crate::http::paging::{PageRequest, page};
use crate::http::{Caller, IfMatch, valid};
use crate::library;
use crate::live::Wake;
use crate::search::texts;
use crate::state::State;

/// Templates that an export reads at once.
const EXPORT_CHUNK: usize = 500;

/// Refuses who lacks the permission, after those who look for what is not there.
pub async fn authorize(state: &State, caller: &Caller, id: Uuid, needed: Permission) -> ApiResult<()> {
    library::authorize(caller, Permission::TestTemplateRead, needed, store::exists(state.db.reader(), id)).await
}

fn entry(caller: &Caller, action: &'static str, id: Uuid, detail: serde_json::Value) -> Entry {
    Entry::system(caller, action, "test_template", id, detail)
}

/// The present ETag; 404 where there is nothing.
pub async fn etag(db: &impl ConnectionTrait, id: Uuid) -> ApiResult<String> {
    store::etag(db, id).await?.ok_or_else(ApiError::not_found)
}

async fn with_tags(db: &impl ConnectionTrait, rows: Vec<SummaryRow>) -> ApiResult<Vec<TestTemplateSummary>> {
    let mut tags = tags::of(db, &rows.iter().map(|r| r.id).collect::<Vec<_>>()).await?;
    rows.into_iter()
        .map(|row| {
            let own = tags.remove(&row.id).unwrap_or_default();
            convert::summary(row, own)
        })
        .collect()
}

/// A page of templates: rows, their tags, and on the first page how many there are.
pub async fn list(state: &State, filter: &Filter, request: &PageRequest) -> ApiResult<Page<TestTemplateSummary>> {
    let db = state.db.reader();
    let (rows, next, total) = store::list(db, filter, request).await?;
    Ok(page(with_tags(db, rows).await?, next, total))
}

/// The active ones of these templates, as a list shows them. Two statements at any number.
pub async fn summaries(db: &impl ConnectionTrait, templates: &[Uuid]) -> ApiResult<HashMap<Uuid, TestTemplateSummary>> {
    if templates.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::summaries(db, templates).await?;
    Ok(with_tags(db, rows).await?.into_iter().map(|t| (t.id, t)).collect())
}

async fn shown(db: &impl ConnectionTrait, row: FullRow) -> ApiResult<TestTemplate> {
    let id = row.template.id;
    let tags = tags::of(db, &[id]).await?.remove(&id).unwrap_or_default();
    convert::template(row, tags)
}

/// One template.
pub async fn get(state: &State, id: Uuid) -> ApiResult<TestTemplate> {
    let db = state.db.reader();
    let row = store::find(db, id).await?.ok_or_else(ApiError::not_found)?;
    shown(db, row).await
}

/// Makes a template.
pub async fn create(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    body: TestTemplateCreate,
) -> ApiResult<Created<TestTemplate>> {
    let (content, wanted) = convert::created(body);
    let tags = tags::resolve(txn, &wanted, &[]).await?;
    let (id, now) = (Uuid::now_v7(), crate::now());
    let mut row = test_template::ActiveModel {
        id: Set(id),
        source_kind: Set(None),
        source_id: Set(None),
        source_checksum: Set(None),
        source_version: Set(None),
        created_by_id: Set(Some(caller.id)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
        ..Default::default()
    };
    let found_by = convert::write(&mut row, &content, &tags, &[])?;
    texts::keep(txn, [found_by]).await?;
    let template = row.insert(txn).await?;
    tags::insert(txn, id, &tags, now).await?;
    let tag = etag(txn, id).await?;
    audit::record(state, txn, &caller.request, entry(caller, "test_template.create", id, json!({ "name": template.name }))).await?;
    let value = convert::template(FullRow { template, creator_name: Some(caller.display_name.clone()) }, tags)?;
    Ok(Created { value, location: format!("/api/v1/test-templates/{id}"), etag: Some(tag), wake: Wake::default() })
}

/// Changes a template.
pub async fn update(
    state: &State,
    caller: &Caller,
    id: Uuid,
    if_match: &IfMatch,
    mut patch: TestTemplatePatch,
) -> ApiResult<(TestTemplate, String)> {
    let txn = state.db.begin().await?;
    let FullRow { template: row, creator_name } = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    valid(&patch)?;
    let held = tags::of(&txn, &[id]).await?.remove(&id).unwrap_or_default();
    let wanted: Option<Vec<MitreTagInput>> = match std::mem::take(&mut patch.mitre_tags) {
        Patch::Keep => None,
        Patch::Clear => Some(Vec::new()),
        Patch::Set(wanted) => Some(wanted),
    };
    let replaces_tags = wanted.is_some();
    let tags = match wanted {
        Some(wanted) => tags::resolve(&txn, &wanted, &held).await?,
        None => held,
    };
    if_match.require(row.version, &etag(&txn, id).await?)?;

    let mut fields = library::fields(&patch)?;
    let (now, version) = (crate::now(), row.version);
    if replaces_tags {
        tags::replace(&txn, id, &tags, now).await?;
        fields.push("mitre_tags".to_owned());
    }
    // a new list of tags is the whole list: nothing is left to be resolved
    let unresolved: Vec<String> = if replaces_tags { Vec::new() } else { serde_json::from_value(row.unresolved_tags.clone())? };
    let mut change = row.clone().into_active_model();
    let found_by = convert::write(&mut change, &convert::patched(convert::content(row)?, patch), &tags, &unresolved)?;
    texts::keep(&txn, [found_by]).await?;
    change.version = Set(version + 1);
    change.updated_at = Set(now);
    let template = change.update(&txn).await?;
    let tag = etag(&txn, id).await?;
    audit::record(state, &txn, &caller.request, entry(caller, "test_template.update", id, json!({ "fields": fields }))).await?;
    let answer = convert::template(FullRow { template, creator_name }, tags)?;
    txn.commit().await?;
    Ok((answer, tag))
}

/// Deletes a template. Its rows in scenarios stay, and are left out wherever they would be shown.
pub async fn delete(state: &State, caller: &Caller, id: Uuid, if_match: &IfMatch) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or_else(ApiError::not_found)?.template;
    if_match.require(row.version, &etag(&txn, id).await?)?;
    let (now, name, version) = (crate::now(), row.name.clone(), row.version);
    let mut change = row.into_active_model();
    change.deleted_at = Set(Some(now));
    change.updated_at = Set(now);
    // scenarios tell by it that one of their tests changed
    change.version = Set(version + 1);
    change.update(&txn).await?;
    audit::record(state, &txn, &caller.request, entry(caller, "test_template.delete", id, json!({ "name": name }))).await?;
    txn.commit().await?;
    Ok(())
}

/// The active ones of these templates, in this order, as they would be created again; read in chunks.
pub async fn contents(db: &impl ConnectionTrait, templates: &[Uuid]) -> ApiResult<Vec<(Uuid, TestTemplateCreate)>> {
    let mut contents = Vec::with_capacity(templates.len());
    for chunk in templates.chunks(EXPORT_CHUNK) {
        let mut tags = tags::of(db, chunk).await?;
        let mut rows: HashMap<Uuid, _> = store::full(db, chunk).await?.into_iter().map(|row| (row.id, row)).collect();
        for id in chunk {
            if let Some(row) = rows.remove(id) {
                contents.push((*id, convert::recreated(row, tags.remove(id).unwrap_or_default())?));
            }
        }
    }
    Ok(contents)
}

/// All templates as a file.
pub async fn export(state: &State) -> ApiResult<TestTemplateExport> {
    let db = state.db.reader();
    let items = contents(db, &store::active_ids(db).await?).await?;
    Ok(TestTemplateExport {
        format: EXPORT_FORMAT.to_owned(),
        format_version: EXPORT_FORMAT_VERSION,
        exported_at: crate::now(),
        items: items.into_iter().map(|(_, item)| item).collect(),
    })
}
