//! ATT&CK tags of test templates: found in the catalogue, stored by its keys, shown by its names.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, Statement};
use tyrian_api_types::FieldError;
use tyrian_api_types::test_templates::{MitreTag, MitreTagInput};
use tyrian_domain::synthesis::Tactic;
use tyrian_domain::template::TagKind;
use tyrian_entity::test_template_mitre_tag as entity;
use uuid::Uuid;

use super::convert::word;
use crate::db::rows::{Kind, hex, ids, rows_of, texts, time};
use crate::error::{ApiError, ApiResult};

/// A tag with the key of what it names in the catalogue.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Of the tactic, technique or subtechnique.
    pub target: Uuid,
    /// As it is shown.
    pub shown: MitreTag,
}

#[derive(FromQueryResult)]
struct TagRow {
    test_template_id: Uuid,
    kind: String,
    target: Uuid,
    external_id: String,
    name: String,
    url: Option<String>,
}

/// The tags of these templates, each template's in its own order. One statement.
pub async fn of(db: &impl ConnectionTrait, templates: &[Uuid]) -> ApiResult<HashMap<Uuid, Vec<Tag>>> {
    let mut tags: HashMap<Uuid, Vec<Tag>> = HashMap::with_capacity(templates.len());
    if templates.is_empty() {
        return Ok(tags);
    }
    let backend = db.get_database_backend();
    let sql = format!(
        "SELECT g.test_template_id, \
           CASE WHEN g.tactic_id IS NOT NULL THEN 'tactic' WHEN g.technique_id IS NOT NULL THEN 'technique' ELSE 'subtechnique' END AS kind, \
           COALESCE(g.tactic_id, g.technique_id, g.subtechnique_id) AS target, \
           COALESCE(ta.external_id, te.external_id, su.external_id) AS external_id, \
           COALESCE(ta.name, te.name, su.name) AS name, COALESCE(ta.url, te.url, su.url) AS url \
         FROM test_template_mitre_tags g \
         LEFT JOIN mitre_tactics ta ON ta.id = g.tactic_id \
         LEFT JOIN mitre_techniques te ON te.id = g.technique_id \
         LEFT JOIN mitre_subtechniques su ON su.id = g.subtechnique_id \
         WHERE g.test_template_id IN ({}) ORDER BY g.test_template_id, g.ordinal, g.id",
        rows_of(backend, &[("id", Kind::Uuid)])
    );
    for row in TagRow::find_by_statement(Statement::from_sql_and_values(backend, sql, [ids(templates)?])).all(db).await? {
        let kind = word(TagKind::parse(&row.kind), &row.kind)?;
        let shown = MitreTag { kind, external_id: row.external_id, name: row.name, url: row.url };
        tags.entry(row.test_template_id).or_default().push(Tag { target: row.target, shown });
    }
    Ok(tags)
}

/// The tactics in which each of these tactics, techniques and subtechniques stands now, in the order of the matrix: what a
/// frozen tag remembers. One statement.
pub async fn tactics_of(db: &impl ConnectionTrait, targets: impl IntoIterator<Item = &Uuid>) -> ApiResult<HashMap<Uuid, Vec<Tactic>>> {
    #[derive(FromQueryResult)]
    struct Row {
        target: Uuid,
        external_id: String,
        short_name: String,
        name: String,
        position: i32,
    }
    let backend = db.get_database_backend();
    let sql = format!(
        "SELECT g.id AS target, a.external_id, a.short_name, a.name, a.position FROM ({}) g \
         LEFT JOIN mitre_subtechniques s ON s.id = g.id \
         LEFT JOIN mitre_technique_tactics tt ON tt.technique_id = COALESCE(s.technique_id, g.id) \
         JOIN mitre_tactics a ON a.id = COALESCE(tt.tactic_id, g.id) ORDER BY a.position",
        rows_of(backend, &[("id", Kind::Uuid)])
    );
    let mut of: HashMap<Uuid, Vec<Tactic>> = HashMap::new();
    for row in Row::find_by_statement(Statement::from_sql_and_values(backend, sql, [ids(targets)?])).all(db).await? {
        of.entry(row.target).or_default().push(Tactic {
            position: Some(row.position),
            external_id: row.external_id,
            short_name: Some(row.short_name),
            name: Some(row.name),
        });
    }
    Ok(of)
}

/// Something of the catalogue that has one of the ids asked for.
#[derive(Clone, FromQueryResult)]
struct Candidate {
    kind: String,
    id: Uuid,
    domain: String,
    external_id: String,
    name: String,
    url: Option<String>,
    is_revoked: bool,
    is_deprecated: bool,
    successor: Option<String>,
}

/// Everything in the catalogue that has one of these ids. One statement.
async fn candidates(db: &impl ConnectionTrait, external_ids: &[String]) -> ApiResult<Vec<Candidate>> {
    let backend = db.get_database_backend();
    let given = rows_of(backend, &[("external_id", Kind::Text)]);
    let part = |kind: TagKind, table: &str, successor: &str| {
        format!(
            "SELECT '{kind}' AS kind, id, domain, external_id, name, url, is_revoked, is_deprecated, {successor} AS successor \
             FROM {table} WHERE external_id IN ({given})"
        )
    };
    let sql = [
        part(TagKind::Tactic, "mitre_tactics", "CAST(NULL AS TEXT)"),
        part(TagKind::Technique, "mitre_techniques", "revoked_by_external_id"),
        part(TagKind::Subtechnique, "mitre_subtechniques", "revoked_by_external_id"),
    ]
    .join(" UNION ALL ");
    let statement = Statement::from_sql_and_values(backend, sql, [texts(external_ids.iter().map(String::as_str))?]);
    Ok(Candidate::find_by_statement(statement).all(db).await?)
}

fn domain_rank(domain: &str) -> u8 {
    match domain {
        "enterprise" => 0,
        "mobile" => 1,
        _ => 2,
    }
}

/// Finds the tags in the catalogue, in any case of letters; the same one twice is one. An unknown one is a 422 that names
/// it, and so is one on something revoked, unless the template `held` it already.
pub async fn resolve(db: &impl ConnectionTrait, wanted: &[MitreTagInput], held: &[Tag]) -> ApiResult<Vec<Tag>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let external_ids: Vec<String> = wanted.iter().map(|t| t.external_id.trim().to_uppercase()).collect();
    let found = candidates(db, &external_ids).await?;
    let is_held = |c: &Candidate| held.iter().any(|t| t.target == c.id);
    let (mut tags, mut faults): (Vec<Tag>, Vec<FieldError>) = (Vec::with_capacity(wanted.len()), Vec::new());
    for (i, (input, external_id)) in wanted.iter().zip(&external_ids).enumerate() {
        let of_id = || found.iter().filter(|c| c.external_id == *external_id);
        let best = of_id().filter(|c| c.kind == input.kind.as_str()).min_by_key(|c| (!is_held(c), c.is_revoked, domain_rank(&c.domain)));
        let fault = match best {
            None => Some(("unknown", unknown(input.kind, external_id, of_id().next()))),
            Some(c) if c.is_revoked && !is_held(c) => Some(("revoked", revoked(c))),
            Some(c) => {
                if !tags.iter().any(|t| t.target == c.id) {
                    let shown = MitreTag { kind: input.kind, external_id: c.external_id.clone(), name: c.name.clone(), url: c.url.clone() };
                    tags.push(Tag { target: c.id, shown });
                }
                None
            }
        };
        if let Some((code, detail)) = fault {
            faults.push(FieldError { pointer: format!("/mitre_tags/{i}/external_id"), code: code.to_owned(), detail });
        }
    }
    if faults.is_empty() { Ok(tags) } else { Err(ApiError::invalid(faults)) }
}

fn unknown(kind: TagKind, external_id: &str, other: Option<&Candidate>) -> String {
    match other {
        Some(other) => format!("{external_id} is no {kind} but a {}.", other.kind),
        None => format!("The catalogue has no {kind} {external_id}. Correct the id, or sync ATT&CK."),
    }
}

fn revoked(c: &Candidate) -> String {
    match &c.successor {
        Some(successor) => format!("{} ({}) was revoked: use {successor} instead.", c.external_id, c.name),
        None => format!("{} ({}) was revoked and has no successor: choose another.", c.external_id, c.name),
    }
}

/// Gives a template these tags and no others.
pub async fn replace(txn: &DatabaseTransaction, template: Uuid, tags: &[Tag], now: DateTime<Utc>) -> ApiResult<()> {
    entity::Entity::delete_many().filter(entity::Column::TestTemplateId.eq(template)).exec(txn).await?;
    insert(txn, template, tags, now).await
}

/// Gives a new template its tags.
pub async fn insert(txn: &DatabaseTransaction, template: Uuid, tags: &[Tag], now: DateTime<Utc>) -> ApiResult<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let rows = tags.iter().zip(0..).map(|(tag, ordinal)| {
        let only = |kind: TagKind| Set((tag.shown.kind == kind).then_some(tag.target));
        entity::ActiveModel {
            id: Set(Uuid::now_v7()),
            test_template_id: Set(template),
            tactic_id: only(TagKind::Tactic),
            technique_id: only(TagKind::Technique),
            subtechnique_id: only(TagKind::Subtechnique),
            ordinal: Set(ordinal),
            created_at: Set(now),
        }
    });
    entity::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

/// What the catalogue says of an id that somebody else wrote.
#[derive(Debug, Clone)]
pub enum Found {
    /// It is there; `replaces` is the revoked id that led to it, `retired` that it is itself revoked or deprecated.
    Tag {
        /// What to tag with.
        tag: Tag,
        /// The revoked id that was asked for.
        replaces: Option<String>,
        /// Revoked without a successor, or deprecated.
        retired: bool,
    },
    /// It is not there.
    Unknown,
}

/// Looks ids up as imports do: what was revoked leads to its successor, what is unknown is said to be so. At most two
/// statements.
pub async fn look_up(db: &impl ConnectionTrait, external_ids: &[String]) -> ApiResult<HashMap<String, Found>> {
    if external_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let first = candidates(db, external_ids).await?;
    let live = |found: &[Candidate], id: &str| -> Option<Candidate> {
        found.iter().filter(|c| c.external_id == id).min_by_key(|c| (c.is_revoked, c.is_deprecated, domain_rank(&c.domain))).cloned()
    };
    let successors: Vec<String> =
        external_ids.iter().filter_map(|id| live(&first, id)).filter(|c| c.is_revoked).filter_map(|c| c.successor).collect();
    let second = if successors.is_empty() { Vec::new() } else { candidates(db, &successors).await? };
    let mut answers = HashMap::with_capacity(external_ids.len());
    for id in external_ids {
        let Some(own) = live(&first, id) else {
            answers.insert(id.clone(), Found::Unknown);
            continue;
        };
        let successor = own.successor.as_deref().filter(|_| own.is_revoked).and_then(|s| live(&second, s)).filter(|s| !s.is_revoked);
        let replaces = successor.is_some().then(|| id.clone());
        let taken = successor.unwrap_or(own);
        let kind = word(TagKind::parse(&taken.kind), &taken.kind)?;
        let retired = taken.is_revoked || taken.is_deprecated;
        let shown = MitreTag { kind, external_id: taken.external_id, name: taken.name, url: taken.url };
        answers.insert(id.clone(), Found::Tag { tag: Tag { target: taken.id, shown }, replaces, retired });
    }
    Ok(answers)
}

/// The columns of [`rows`].
pub const COLUMNS: [(&str, Kind); 7] = [
    ("id", Kind::Uuid),
    ("test_template_id", Kind::Uuid),
    ("tactic_id", Kind::Uuid),
    ("technique_id", Kind::Uuid),
    ("subtechnique_id", Kind::Uuid),
    ("ordinal", Kind::Int),
    ("created_at", Kind::Time),
];

/// Tags of a template, from this ordinal on, as rows to be inserted in bulk.
pub fn rows(template: Uuid, tags: &[Tag], first: i32, now: DateTime<Utc>) -> impl Iterator<Item = serde_json::Value> {
    tags.iter().zip(first..).map(move |(tag, ordinal)| {
        let only = |kind: TagKind| (tag.shown.kind == kind).then(|| hex(&tag.target));
        serde_json::json!([
            hex(&Uuid::now_v7()),
            hex(&template),
            only(TagKind::Tactic),
            only(TagKind::Technique),
            only(TagKind::Subtechnique),
            ordinal,
            time(now),
        ])
    })
}
