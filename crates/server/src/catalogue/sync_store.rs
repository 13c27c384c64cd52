//! SQL of a sync: what is held, what is written, the record of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationTrait, Statement,
};
use serde_json::Value;
use tyrian_api_types::catalogue::AffectedTemplate;
use tyrian_entity::{
    catalogue_sync, mitre_subtechnique, mitre_tactic, mitre_technique, mitre_technique_tactic, test_template, test_template_mitre_tag,
};
use uuid::Uuid;

use super::convert;
use super::diff::{Diff, Held, Kind, Row};

/// Rows in one statement: 16 values each stay well below SQLite's 32,766.
const ROWS: usize = 1_000;
/// Ids in one list.
const IDS: usize = 10_000;
/// A number that two instances on one PostgreSQL agree on.
const SYNC_LOCK: i64 = 0x7479_7269_7379;

/// Takes the right to sync until the transaction ends; false where another instance has it.
/// On SQLite there is one process only, which has a lock of its own.
pub async fn lock(txn: &DatabaseTransaction) -> Result<bool, DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let sql = format!("SELECT pg_try_advisory_xact_lock({SYNC_LOCK}) AS held");
    let row = txn.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.map_or(Ok(false), |row| row.try_get("", "held"))
}

/// All rows of a domain: four statements.
pub async fn held(db: &impl ConnectionTrait, domain: &str) -> Result<Held, DbErr> {
    let tactics = mitre_tactic::Entity::find().filter(mitre_tactic::Column::Domain.eq(domain)).all(db).await?;
    let techniques = mitre_technique::Entity::find().filter(mitre_technique::Column::Domain.eq(domain)).all(db).await?;
    let subtechniques = mitre_subtechnique::Entity::find().filter(mitre_subtechnique::Column::Domain.eq(domain)).all(db).await?;
    let links = mitre_technique_tactic::Entity::find()
        .join(JoinType::InnerJoin, mitre_technique_tactic::Relation::Technique.def())
        .filter(mitre_technique::Column::Domain.eq(domain))
        .all(db)
        .await?;
    let mut tactics_of: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    for link in links {
        tactics_of.entry(link.technique_id).or_default().insert(link.tactic_id);
    }
    let techniques = techniques.into_iter().map(|t| {
        let tactics = tactics_of.remove(&t.id).unwrap_or_default();
        convert::technique_row(t, tactics)
    });
    Ok(Held::new(tactics.into_iter().map(Row::from).chain(techniques).chain(subtechniques.into_iter().map(Row::from))))
}

/// Those of the rows that some template is tagged with, a deleted one too. With `lock` they stay as they are until the
/// transaction ends: nobody can tag one that is about to go.
pub async fn tagged(db: &impl ConnectionTrait, rows: &[&Row], lock: bool) -> Result<HashSet<Uuid>, DbErr> {
    use test_template_mitre_tag::{Column, Entity};
    let lock = lock && db.get_database_backend() == DbBackend::Postgres;
    let mut found = HashSet::new();
    macro_rules! tagged {
        ($entity:ident, $kind:expr, $column:expr) => {
            let ids: Vec<Uuid> = rows.iter().filter(|row| row.kind == $kind).map(|row| row.id).collect();
            for ids in ids.chunks(IDS) {
                if lock {
                    let (key, theirs) = ($entity::Column::Id, ids.iter().copied());
                    let rows = $entity::Entity::find().select_only().column(key).filter(key.is_in(theirs)).order_by_asc(key);
                    rows.lock_exclusive().into_tuple::<Uuid>().all(db).await?;
                }
                let tags = Entity::find().select_only().column($column).distinct().filter($column.is_in(ids.iter().copied()));
                found.extend(tags.into_tuple::<Uuid>().all(db).await?);
            }
        };
    }
    tagged!(mitre_tactic, Kind::Tactic, Column::TacticId);
    tagged!(mitre_technique, Kind::Technique, Column::TechniqueId);
    tagged!(mitre_subtechnique, Kind::Subtechnique, Column::SubtechniqueId);
    Ok(found)
}

/// Writes what differs. The number of statements grows by one for each thousand rows.
pub async fn write(txn: &DatabaseTransaction, domain: &str, diff: Diff) -> Result<(), DbErr> {
    let Diff { new, changed, moved, mark, delete, .. } = diff;
    let moved_set: HashSet<Uuid> = moved.iter().copied().collect();
    let links: Vec<(Uuid, Uuid)> = new
        .iter()
        .chain(&changed)
        .filter(|row| moved_set.contains(&row.id))
        .flat_map(|row| row.tactics.iter().map(|tactic| (row.id, *tactic)))
        .collect();
    let new_ids: HashSet<Uuid> = new.iter().map(|row| row.id).collect();
    // a row that is held keeps its id: the one given here is only for the attempt to insert it
    let changed = changed.into_iter().map(|row| Row { id: Uuid::now_v7(), ..row });
    let (mut tactics, mut techniques, mut subtechniques) = (Vec::new(), Vec::new(), Vec::new());
    for row in new.into_iter().chain(changed) {
        match row.kind {
            Kind::Tactic => tactics.push(convert::tactic_model(row, domain)),
            Kind::Technique => techniques.push(convert::technique_model(row, domain)),
            Kind::Subtechnique => subtechniques.push(convert::subtechnique_model(row, domain)),
        }
    }
    upsert::<mitre_tactic::Entity, _>(txn, tactics, tactic_conflict()).await?;
    upsert::<mitre_technique::Entity, _>(txn, techniques, technique_conflict()).await?;
    upsert::<mitre_subtechnique::Entity, _>(txn, subtechniques, subtechnique_conflict()).await?;

    let moved: Vec<Uuid> = moved.into_iter().filter(|id| !new_ids.contains(id)).collect();
    for ids in moved.chunks(IDS) {
        let column = mitre_technique_tactic::Column::TechniqueId;
        mitre_technique_tactic::Entity::delete_many().filter(column.is_in(ids.iter().copied())).exec(txn).await?;
    }
    for links in links.chunks(ROWS) {
        let models = links
            .iter()
            .map(|(technique, tactic)| mitre_technique_tactic::ActiveModel { technique_id: Set(*technique), tactic_id: Set(*tactic) });
        mitre_technique_tactic::Entity::insert_many(models).exec_without_returning(txn).await?;
    }
    remove_gone(txn, &mark, &delete).await
}

async fn upsert<E, A>(txn: &DatabaseTransaction, models: Vec<A>, conflict: OnConflict) -> Result<(), DbErr>
where
    E: EntityTrait,
    A: sea_orm::ActiveModelTrait<Entity = E> + Send,
{
    let mut models = models.into_iter().peekable();
    while models.peek().is_some() {
        let chunk: Vec<A> = models.by_ref().take(ROWS).collect();
        E::insert_many(chunk).on_conflict(conflict.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

fn tactic_conflict() -> OnConflict {
    use mitre_tactic::Column as C;
    OnConflict::columns([C::Domain, C::StixId])
        .update_columns([
            C::ExternalId,
            C::ShortName,
            C::Name,
            C::Description,
            C::Url,
            C::Position,
            C::IsDeprecated,
            C::IsRevoked,
            C::UpdatedAt,
        ])
        .to_owned()
}

fn technique_conflict() -> OnConflict {
    use mitre_technique::Column as C;
    OnConflict::columns([C::Domain, C::StixId])
        .update_columns([
            C::ExternalId,
            C::Name,
            C::Description,
            C::Url,
            C::Platforms,
            C::IsDeprecated,
            C::IsRevoked,
            C::RevokedByExternalId,
            C::SearchText,
            C::UpdatedAt,
        ])
        .to_owned()
}

fn subtechnique_conflict() -> OnConflict {
    use mitre_subtechnique::Column as C;
    OnConflict::columns([C::Domain, C::StixId])
        .update_columns([
            C::ExternalId,
            C::Name,
            C::Description,
            C::Url,
            C::Platforms,
            C::IsDeprecated,
            C::IsRevoked,
            C::RevokedByExternalId,
            C::SearchText,
            C::UpdatedAt,
            C::TechniqueId,
        ])
        .to_owned()
}

/// Subtechniques first, then what they belong to.
async fn remove_gone(txn: &DatabaseTransaction, mark: &[(Kind, Uuid)], delete: &[(Kind, Uuid)]) -> Result<(), DbErr> {
    let of = |rows: &[(Kind, Uuid)], kind| rows.iter().filter(|(k, _)| *k == kind).map(|(_, id)| *id).collect::<Vec<Uuid>>();
    macro_rules! gone {
        ($entity:ident, $kind:expr) => {
            for ids in of(mark, $kind).chunks(IDS) {
                $entity::Entity::update_many()
                    .col_expr($entity::Column::IsDeprecated, Expr::value(true))
                    .col_expr($entity::Column::UpdatedAt, Expr::value(crate::now()))
                    .filter($entity::Column::Id.is_in(ids.iter().copied()))
                    .exec(txn)
                    .await?;
            }
            for ids in of(delete, $kind).chunks(IDS) {
                $entity::Entity::delete_many().filter($entity::Column::Id.is_in(ids.iter().copied())).exec(txn).await?;
            }
        };
    }
    gone!(mitre_subtechnique, Kind::Subtechnique);
    gone!(mitre_technique, Kind::Technique);
    gone!(mitre_tactic, Kind::Tactic);
    Ok(())
}

/// A sync as it ended.
pub struct Record {
    /// Its id.
    pub id: Uuid,
    /// `enterprise`, `mobile` or `ics`.
    pub domain: String,
    /// The address, or `upload`.
    pub source: String,
    /// Of the bundle, where one was read.
    pub sha256: Option<String>,
    /// That the bundle names.
    pub version: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// What it did.
    pub counts: Value,
    /// Was the hash given or known?
    pub verified: bool,
    /// Why it failed; none: it did not.
    pub error: Option<String>,
    /// Who asked for it.
    pub created_by_id: Option<Uuid>,
}

/// Keeps the record.
pub async fn insert_record(db: &impl ConnectionTrait, record: Record) -> Result<(), DbErr> {
    let outcome = if record.error.is_none() { "succeeded" } else { "failed" };
    catalogue_sync::Entity::insert(catalogue_sync::ActiveModel {
        id: Set(record.id),
        domain: Set(record.domain),
        source: Set(record.source),
        sha256: Set(record.sha256),
        version: Set(record.version),
        started_at: Set(record.started_at),
        finished_at: Set(crate::now()),
        counts: Set(record.counts),
        outcome: Set(outcome.to_owned()),
        verified: Set(record.verified),
        error: Set(record.error),
        created_by_id: Set(record.created_by_id),
    })
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// A template with what one of its tags points to: a tactic, a technique or a subtechnique.
type Tagged = (Uuid, String, Option<Uuid>, Option<Uuid>, Option<Uuid>);

/// Templates that are tagged with any of these rows, by name.
pub async fn affected(db: &impl ConnectionTrait, rows: &[(Uuid, String)]) -> Result<Vec<AffectedTemplate>, DbErr> {
    use test_template_mitre_tag::{Column, Entity, Relation};
    let mut templates: HashMap<Uuid, AffectedTemplate> = HashMap::new();
    let external_ids: HashMap<Uuid, &str> = rows.iter().map(|(id, external)| (*id, external.as_str())).collect();
    for chunk in rows.chunks(IDS) {
        let ids = || chunk.iter().map(|(id, _)| *id);
        let found: Vec<Tagged> = Entity::find()
            .select_only()
            .column(test_template::Column::Id)
            .column(test_template::Column::Name)
            .columns([Column::TacticId, Column::TechniqueId, Column::SubtechniqueId])
            .join(JoinType::InnerJoin, Relation::TestTemplate.def())
            .filter(test_template::Column::DeletedAt.is_null())
            .filter(
                Condition::any()
                    .add(Column::TacticId.is_in(ids()))
                    .add(Column::TechniqueId.is_in(ids()))
                    .add(Column::SubtechniqueId.is_in(ids())),
            )
            .order_by_asc(Column::Ordinal)
            .into_tuple()
            .all(db)
            .await?;
        for (id, name, tactic, technique, subtechnique) in found {
            let template = templates.entry(id).or_insert_with(|| AffectedTemplate { id, name, external_ids: Vec::new() });
            let external = tactic.or(technique).or(subtechnique).and_then(|row| external_ids.get(&row));
            template.external_ids.extend(external.map(|e| (*e).to_owned()));
        }
    }
    let mut templates: Vec<AffectedTemplate> = templates.into_values().collect();
    templates.sort_by_cached_key(|t| (tyrian_domain::text::key(&t.name), t.id));
    Ok(templates)
}
