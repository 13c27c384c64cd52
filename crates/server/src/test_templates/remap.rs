//! After a sync: templates tagged with what is revoked or deprecated, and their tags moved to the successors in one act.
//! Missions keep the tags that they were frozen with.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde_json::json;
use tyrian_api_types::catalogue::{RemapAnswer, RemapRequest, RetiredTag, TemplateRemap};
use tyrian_api_types::test_templates::MitreTag;
use tyrian_domain::template::TagKind;
use uuid::Uuid;

use super::convert::{self, word};
use super::store;
use super::tags::{self, Tag};
use crate::audit::{self, Entry};
use crate::db::rows::{Kind, execute, hex, ids, rows_of, texts};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::search;
use crate::state::State;

#[derive(FromQueryResult)]
struct RetiredRow {
    template_id: Uuid,
    template_name: String,
    version: i64,
    kind: String,
    target: Uuid,
    domain: String,
    external_id: String,
    name: String,
    is_revoked: bool,
    successor: Option<String>,
}

#[derive(FromQueryResult)]
struct SuccessorRow {
    kind: String,
    id: Uuid,
    domain: String,
    external_id: String,
    name: String,
    url: Option<String>,
}

/// A template with such tags, and for each of them what takes its place.
struct Affected {
    shown: TemplateRemap,
    /// By the catalogue's key of what is retired.
    moves: HashMap<Uuid, Tag>,
}

/// The active templates with tags on what is revoked or deprecated, by name. Two statements.
async fn affected(db: &impl ConnectionTrait) -> ApiResult<Vec<Affected>> {
    let backend = db.get_database_backend();
    let part = |kind: TagKind, table: &str, column: &str, successor: &str| {
        format!(
            "SELECT t.id AS template_id, t.name AS template_name, t.name_key, t.version, g.ordinal, '{kind}' AS kind, x.id AS target, x.domain, \
               x.external_id, x.name, x.is_revoked, {successor} AS successor \
             FROM test_template_mitre_tags g JOIN test_templates t ON t.id = g.test_template_id JOIN {table} x ON x.id = g.{column} \
             WHERE t.deleted_at IS NULL AND (x.is_revoked OR x.is_deprecated)"
        )
    };
    let sql = format!(
        "SELECT * FROM ({}) r ORDER BY name_key, template_id, ordinal",
        [
            part(TagKind::Tactic, "mitre_tactics", "tactic_id", "CAST(NULL AS TEXT)"),
            part(TagKind::Technique, "mitre_techniques", "technique_id", "x.revoked_by_external_id"),
            part(TagKind::Subtechnique, "mitre_subtechniques", "subtechnique_id", "x.revoked_by_external_id"),
        ]
        .join(" UNION ALL ")
    );
    let rows = RetiredRow::find_by_statement(Statement::from_string(backend, sql)).all(db).await?;
    let successors = successors(db, rows.iter().filter_map(|r| r.successor.as_deref())).await?;
    let mut all: Vec<Affected> = Vec::new();
    for row in rows {
        let successor = row.successor.as_ref().and_then(|id| successors.get(&(row.domain.clone(), id.clone())));
        if all.last().is_none_or(|last| last.shown.id != row.template_id) {
            let shown = TemplateRemap { id: row.template_id, name: row.template_name, version: row.version, tags: Vec::new() };
            all.push(Affected { shown, moves: HashMap::new() });
        }
        let Some(last) = all.last_mut() else { continue };
        last.shown.tags.push(RetiredTag {
            kind: word(TagKind::parse(&row.kind), &row.kind)?,
            external_id: row.external_id,
            name: row.name,
            is_revoked: row.is_revoked,
            successor: successor.map(|tag| tag.shown.clone()),
        });
        last.moves.extend(successor.map(|tag| (row.target, tag.clone())));
    }
    Ok(all)
}

/// What of these ids is live in the catalogue, by domain and id.
async fn successors<'a>(
    db: &impl ConnectionTrait,
    external_ids: impl Iterator<Item = &'a str>,
) -> ApiResult<HashMap<(String, String), Tag>> {
    let backend = db.get_database_backend();
    let given = rows_of(backend, &[("external_id", Kind::Text)]);
    let part = |kind: TagKind, table: &str| {
        format!(
            "SELECT '{kind}' AS kind, id, domain, external_id, name, url FROM {table} \
             WHERE NOT is_revoked AND NOT is_deprecated AND external_id IN ({given})"
        )
    };
    let sql = [part(TagKind::Technique, "mitre_techniques"), part(TagKind::Subtechnique, "mitre_subtechniques")].join(" UNION ALL ");
    let wanted = external_ids.collect::<HashSet<_>>();
    let statement = Statement::from_sql_and_values(backend, sql, [texts(wanted)?]);
    let rows = SuccessorRow::find_by_statement(statement).all(db).await?.into_iter().map(|row| {
        let kind = word(TagKind::parse(&row.kind), &row.kind)?;
        let key = (row.domain, row.external_id.clone());
        Ok((key, Tag { target: row.id, shown: MitreTag { kind, external_id: row.external_id, name: row.name, url: row.url } }))
    });
    rows.collect()
}

/// The templates with tags on what is revoked or deprecated, by name. Two statements.
pub async fn list(state: &State) -> ApiResult<Vec<TemplateRemap>> {
    Ok(affected(state.db.reader()).await?.into_iter().map(|a| a.shown).collect())
}

/// Moves the tags to their successors, in one transaction with one audit entry, or tells what it would do.
pub async fn remap(state: &State, caller: &Caller, request: RemapRequest) -> ApiResult<RemapAnswer> {
    let mut unaffected = request.template_ids.clone().unwrap_or_default();
    let mut wanted = |all: Vec<Affected>| -> Vec<Affected> {
        let chosen = all.into_iter().filter(|a| request.template_ids.as_ref().is_none_or(|ids| ids.contains(&a.shown.id)));
        let chosen: Vec<_> = chosen.collect();
        unaffected.retain(|id| !chosen.iter().any(|a| a.shown.id == *id));
        chosen
    };
    if request.dry_run {
        let (remapped, left): (Vec<_>, Vec<_>) = wanted(affected(state.db.reader()).await?).into_iter().partition(|a| !a.moves.is_empty());
        return Ok(answer(true, remapped, left, unaffected));
    }
    let txn = state.db.begin().await?;
    // what one finds is locked, and looked at again: an edit meanwhile may have changed the tags
    let found: Vec<Uuid> = affected(&txn).await?.into_iter().map(|a| a.shown.id).collect();
    lock(&txn, &found).await?;
    let locked: HashSet<Uuid> = found.into_iter().collect();
    let now: Vec<_> = affected(&txn).await?.into_iter().filter(|a| locked.contains(&a.shown.id)).collect();
    let (mut remapped, left): (Vec<_>, Vec<_>) = wanted(now).into_iter().partition(|a| !a.moves.is_empty());
    if !remapped.is_empty() {
        write(&txn, &mut remapped).await?;
        let moved: Vec<_> = remapped.iter().map(|a| json!({ "id": a.shown.id, "tags": moved(&a.shown) })).collect();
        let entry = Entry {
            stream: audit::SYSTEM.to_owned(),
            actor_id: Some(caller.id),
            action: "test_template.remap",
            object_kind: "test_template",
            object_id: None,
            detail: json!({ "templates": moved }),
        };
        audit::record(state, &txn, &caller.request, entry).await?;
    }
    txn.commit().await?;
    Ok(answer(false, remapped, left, unaffected))
}

fn answer(dry_run: bool, remapped: Vec<Affected>, left: Vec<Affected>, mut unaffected: Vec<Uuid>) -> RemapAnswer {
    let shown = |list: Vec<Affected>| list.into_iter().map(|a| a.shown).collect();
    unaffected.sort_unstable();
    unaffected.dedup();
    RemapAnswer { dry_run, remapped: shown(remapped), left: shown(left), unaffected }
}

/// From and to of the tags that move.
fn moved(template: &TemplateRemap) -> BTreeMap<&str, &str> {
    let moves = template.tags.iter().filter_map(|tag| Some((tag.external_id.as_str(), tag.successor.as_ref()?.external_id.as_str())));
    moves.collect()
}

async fn lock(txn: &DatabaseTransaction, templates: &[Uuid]) -> ApiResult<()> {
    let backend = txn.get_database_backend();
    if backend == DbBackend::Postgres {
        let given = rows_of(backend, &[("id", Kind::Uuid)]);
        let sql = format!("SELECT id FROM test_templates WHERE id IN ({given}) ORDER BY id FOR NO KEY UPDATE");
        txn.query_all_raw(Statement::from_sql_and_values(backend, sql, [ids(templates)?])).await?;
    }
    Ok(())
}

/// Gives the templates their new tags, version and search text: six statements.
async fn write(txn: &DatabaseTransaction, remapped: &mut [Affected]) -> ApiResult<()> {
    let (backend, now) = (txn.get_database_backend(), crate::now());
    let templates: Vec<Uuid> = remapped.iter().map(|a| a.shown.id).collect();
    let mut held = tags::of(txn, &templates).await?;
    let mut contents: HashMap<Uuid, _> = store::full(txn, &templates).await?.into_iter().map(|row| (row.id, row)).collect();
    let (mut tag_rows, mut template_rows, mut found) = (Vec::new(), Vec::with_capacity(remapped.len()), Vec::new());
    for affected in remapped.iter_mut() {
        let Some(row) = contents.remove(&affected.shown.id) else { continue };
        let mut new: Vec<Tag> = Vec::new();
        for tag in held.remove(&affected.shown.id).unwrap_or_default() {
            let tag = affected.moves.get(&tag.target).cloned().unwrap_or(tag);
            // the template may have had the successor beside it
            if !new.iter().any(|t| t.target == tag.target) {
                new.push(tag);
            }
        }
        affected.shown.version = row.version + 1;
        let found_by = convert::search_text(&convert::content(row)?, new.iter().map(|t| t.shown.external_id.as_str()));
        template_rows.push(json!([hex(&affected.shown.id), hex(&search::texts::id(&found_by))]));
        found.push(found_by);
        tag_rows.extend(new.iter().enumerate().map(|(ordinal, tag)| {
            let only = |kind: TagKind| (tag.shown.kind == kind).then(|| hex(&tag.target));
            let [tactic, technique, subtechnique] = [only(TagKind::Tactic), only(TagKind::Technique), only(TagKind::Subtechnique)];
            json!([hex(&Uuid::now_v7()), hex(&affected.shown.id), tactic, technique, subtechnique, ordinal])
        }));
    }
    search::texts::keep(txn, found).await?;
    let given = rows_of(backend, &[("id", Kind::Uuid), ("search_text_id", Kind::Uuid)]);
    let sql = format!("DELETE FROM test_template_mitre_tags WHERE test_template_id IN (SELECT p.id FROM ({given}) p)");
    execute(txn, sql, &template_rows, []).await?;
    let columns = [
        ("id", Kind::Uuid),
        ("template", Kind::Uuid),
        ("tactic", Kind::Uuid),
        ("technique", Kind::Uuid),
        ("subtechnique", Kind::Uuid),
        ("ordinal", Kind::Int),
    ];
    let sql = format!(
        "WITH p AS ({}) INSERT INTO test_template_mitre_tags (id, test_template_id, tactic_id, technique_id, subtechnique_id, ordinal, created_at) \
         SELECT p.id, p.template, p.tactic, p.technique, p.subtechnique, p.ordinal, $2 FROM p",
        rows_of(backend, &columns)
    );
    execute(txn, sql, &tag_rows, [now.into()]).await?;
    let sql = format!(
        "WITH p AS ({given}) UPDATE test_templates SET search_text_id = p.search_text_id, version = test_templates.version + 1, updated_at = $2 \
         FROM p WHERE test_templates.id = p.id"
    );
    execute(txn, sql, &template_rows, [now.into()]).await?;
    Ok(())
}
