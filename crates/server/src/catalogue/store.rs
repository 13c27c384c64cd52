//! SQL of the reads of the catalogue.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoCondition, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait, Select, Statement,
};
use serde_json::Value;
use tyrian_api_types::catalogue::CatalogueCounts;
use tyrian_entity::{
    catalogue_sync, mitre_subtechnique, mitre_tactic, mitre_technique, mitre_technique_tactic, test_template, test_template_mitre_tag,
};
use uuid::Uuid;

use crate::db;
use crate::http::paging::PageRequest;

/// The newest sync of a domain that went well.
pub struct LastSync {
    /// Its id.
    pub id: Uuid,
    /// `enterprise`, `mobile` or `ics`.
    pub domain: String,
    /// The address, or `upload`.
    pub source: String,
    /// Of the bundle.
    pub sha256: Option<String>,
    /// That the bundle named.
    pub version: Option<String>,
    /// When it was done.
    pub finished_at: DateTime<Utc>,
    /// What it did.
    pub counts: Value,
    /// Was the hash given or known?
    pub verified: bool,
}

impl LastSync {
    /// How many objects its bundle had.
    pub fn objects(&self) -> u64 {
        self.count("objects")
    }

    /// Live objects since.
    pub fn live_counts(&self) -> CatalogueCounts {
        CatalogueCounts { tactics: self.count("tactics"), techniques: self.count("techniques"), subtechniques: self.count("subtechniques") }
    }

    fn count(&self, name: &str) -> u64 {
        self.counts.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default()
    }
}

/// The newest sync of a domain that went well.
pub async fn last_sync(db: &impl ConnectionTrait, domain: &str) -> Result<Option<LastSync>, DbErr> {
    Ok(last_syncs(domain).one(db).await?.map(LastSync::from))
}

/// The query behind it: its first row is the one.
pub fn last_syncs(domain: &str) -> Select<catalogue_sync::Entity> {
    use catalogue_sync::{Column, Entity};
    Entity::find()
        .filter(Column::Domain.eq(domain))
        .filter(Column::Outcome.eq("succeeded"))
        .order_by_desc(Column::FinishedAt)
        .order_by_desc(Column::Id)
}

impl From<catalogue_sync::Model> for LastSync {
    fn from(s: catalogue_sync::Model) -> Self {
        Self {
            id: s.id,
            domain: s.domain,
            source: s.source,
            sha256: s.sha256,
            version: s.version,
            finished_at: s.finished_at,
            counts: s.counts,
            verified: s.verified,
        }
    }
}

const COUNTS: &str = "SELECT \
    (SELECT count(*) FROM mitre_tactics WHERE domain = $1 AND NOT is_deprecated AND NOT is_revoked) AS tactics, \
    (SELECT count(*) FROM mitre_techniques WHERE domain = $1 AND NOT is_deprecated AND NOT is_revoked) AS techniques, \
    (SELECT count(*) FROM mitre_subtechniques WHERE domain = $1 AND NOT is_deprecated AND NOT is_revoked) AS subtechniques";

/// Live objects of a domain, counted.
pub async fn counts(db: &impl ConnectionTrait, domain: &str) -> Result<CatalogueCounts, DbErr> {
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), COUNTS, [domain.into()])).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("counts".into()))?;
    let count = |name: &str| row.try_get::<i64>("", name).map(|n| u64::try_from(n).unwrap_or_default());
    Ok(CatalogueCounts { tactics: count("tactics")?, techniques: count("techniques")?, subtechniques: count("subtechniques")? })
}

/// The live tactics of a domain, in the matrix's order.
pub async fn tactics(db: &impl ConnectionTrait, domain: &str) -> Result<Vec<mitre_tactic::Model>, DbErr> {
    use mitre_tactic::{Column, Entity};
    Entity::find()
        .filter(Column::Domain.eq(domain))
        .filter(Column::IsDeprecated.eq(false))
        .filter(Column::IsRevoked.eq(false))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::ExternalId)
        .all(db)
        .await
}

/// What a list of techniques or subtechniques is narrowed by.
#[derive(Debug)]
pub struct Filter {
    /// `enterprise`, `mobile` or `ics`.
    pub domain: String,
    /// A tactic's external id or short name.
    pub tactic: Option<String>,
    /// A technique's external id.
    pub technique: Option<String>,
    /// Part of the name or of the external id.
    pub q: Option<String>,
    /// Revoked and deprecated ones too.
    pub include_retired: bool,
}

fn contains(column: impl ColumnTrait, q: &str) -> Condition {
    Expr::col(column).like(LikeExpr::new(db::like_pattern(q)).escape('\\')).into_condition()
}

/// The order of a list by name is that of its search text, in code points on both engines.
fn by_name(db: &impl ConnectionTrait, column: impl ColumnTrait) -> Expr {
    if db.get_database_backend() == DbBackend::Postgres {
        Expr::cust_with_expr("$1 COLLATE \"C\"", Expr::col(column))
    } else {
        Expr::col(column)
    }
}

/// The techniques that stand in a tactic.
fn in_tactic(domain: &str, tactic: &str) -> sea_orm::sea_query::SelectStatement {
    use mitre_tactic::Column;
    mitre_technique_tactic::Entity::find()
        .select_only()
        .column(mitre_technique_tactic::Column::TechniqueId)
        .join(JoinType::InnerJoin, mitre_technique_tactic::Relation::Tactic.def())
        .filter(Column::Domain.eq(domain))
        .filter(
            Condition::any().add(Column::ExternalId.eq(tactic.to_ascii_uppercase())).add(Column::ShortName.eq(tactic.to_ascii_lowercase())),
        )
        .into_query()
}

macro_rules! page_of {
    ($db:ident, $query:ident, $entity:ident, $page:ident) => {{
        let total = if $page.is_first() { Some($query.clone().count($db).await?) } else { None };
        let id = $entity::Column::Id;
        let query = if $page.field == "name" {
            $page.apply($query, by_name($db, $entity::Column::SearchText), Expr::col(id))
        } else {
            $page.apply($query, Expr::col($entity::Column::ExternalId), Expr::col(id))
        };
        Ok((query.all($db).await?, total))
    }};
}

/// A page of techniques, one row more than asked for, and how many there are if it is the first.
pub async fn techniques(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<mitre_technique::Model>, Option<u64>), DbErr> {
    use mitre_technique::{Column, Entity};
    let mut query: Select<Entity> = Entity::find().filter(Column::Domain.eq(&filter.domain));
    if !filter.include_retired {
        query = query.filter(Column::IsDeprecated.eq(false)).filter(Column::IsRevoked.eq(false));
    }
    if let Some(tactic) = &filter.tactic {
        query = query.filter(Column::Id.in_subquery(in_tactic(&filter.domain, tactic)));
    }
    if let Some(technique) = &filter.technique {
        query = query.filter(Column::ExternalId.eq(technique.to_ascii_uppercase()));
    }
    if let Some(q) = &filter.q {
        query = query.filter(contains(Column::SearchText, q));
    }
    page_of!(db, query, mitre_technique, page)
}

/// A page of subtechniques; they stand in their technique's tactics.
pub async fn subtechniques(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<mitre_subtechnique::Model>, Option<u64>), DbErr> {
    use mitre_subtechnique::{Column, Entity};
    let mut query: Select<Entity> = Entity::find().filter(Column::Domain.eq(&filter.domain));
    if !filter.include_retired {
        query = query.filter(Column::IsDeprecated.eq(false)).filter(Column::IsRevoked.eq(false));
    }
    if let Some(tactic) = &filter.tactic {
        query = query.filter(Column::TechniqueId.in_subquery(in_tactic(&filter.domain, tactic)));
    }
    if let Some(technique) = &filter.technique {
        let parents = mitre_technique::Entity::find()
            .select_only()
            .column(mitre_technique::Column::Id)
            .filter(mitre_technique::Column::Domain.eq(&filter.domain))
            .filter(mitre_technique::Column::ExternalId.eq(technique.to_ascii_uppercase()));
        query = query.filter(Column::TechniqueId.in_subquery(parents.into_query()));
    }
    if let Some(q) = &filter.q {
        query = query.filter(contains(Column::SearchText, q));
    }
    page_of!(db, query, mitre_subtechnique, page)
}

/// The external ids of the live tactics of these techniques, in the matrix's order.
pub async fn tactics_of(db: &impl ConnectionTrait, techniques: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<String>>, DbErr> {
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    if techniques.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(Uuid, String)> = mitre_technique_tactic::Entity::find()
        .select_only()
        .column(mitre_technique_tactic::Column::TechniqueId)
        .column(mitre_tactic::Column::ExternalId)
        .join(JoinType::InnerJoin, mitre_technique_tactic::Relation::Tactic.def())
        .filter(mitre_technique_tactic::Column::TechniqueId.is_in(techniques))
        .filter(mitre_tactic::Column::IsDeprecated.eq(false))
        .filter(mitre_tactic::Column::IsRevoked.eq(false))
        .order_by_asc(mitre_tactic::Column::Position)
        .order_by_asc(mitre_tactic::Column::ExternalId)
        .into_tuple()
        .all(db)
        .await?;
    for (technique, tactic) in rows {
        found.entry(technique).or_default().push(tactic);
    }
    Ok(found)
}

/// The external ids of these techniques.
pub async fn external_ids(db: &impl ConnectionTrait, techniques: Vec<Uuid>) -> Result<HashMap<Uuid, String>, DbErr> {
    use mitre_technique::{Column, Entity};
    if techniques.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::ExternalId])
        .filter(Column::Id.is_in(techniques))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What the matrix is made of, live objects only.
pub struct MatrixRows {
    /// Id, external id, short name, name; in the matrix's order.
    pub tactics: Vec<(Uuid, String, String, String)>,
    /// Id, external id, name.
    pub techniques: Vec<(Uuid, String, String)>,
    /// Technique, tactic.
    pub links: Vec<(Uuid, Uuid)>,
    /// Technique, external id, name; by external id.
    pub subtechniques: Vec<(Uuid, String, String)>,
}

/// What the matrix is made of: four statements.
pub async fn matrix(db: &impl ConnectionTrait, domain: &str) -> Result<MatrixRows, DbErr> {
    use mitre_subtechnique::Column as Sub;
    use mitre_technique::Column as Technique;
    let tactics = tactics(db, domain).await?.into_iter().map(|t| (t.id, t.external_id, t.short_name, t.name)).collect();
    let techniques = mitre_technique::Entity::find()
        .select_only()
        .columns([Technique::Id, Technique::ExternalId, Technique::Name])
        .filter(Technique::Domain.eq(domain))
        .filter(Technique::IsDeprecated.eq(false))
        .filter(Technique::IsRevoked.eq(false))
        .into_tuple()
        .all(db)
        .await?;
    let links = mitre_technique_tactic::Entity::find()
        .select_only()
        .columns([mitre_technique_tactic::Column::TechniqueId, mitre_technique_tactic::Column::TacticId])
        .join(JoinType::InnerJoin, mitre_technique_tactic::Relation::Technique.def())
        .filter(Technique::Domain.eq(domain))
        .into_tuple()
        .all(db)
        .await?;
    let subtechniques = mitre_subtechnique::Entity::find()
        .select_only()
        .columns([Sub::TechniqueId, Sub::ExternalId, Sub::Name])
        .filter(Sub::Domain.eq(domain))
        .filter(Sub::IsDeprecated.eq(false))
        .filter(Sub::IsRevoked.eq(false))
        .order_by_asc(Sub::ExternalId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(MatrixRows { tactics, techniques, links, subtechniques })
}

/// How many templates are tagged with each object of a domain, by ATT&CK id. A technique counts those of its subtechniques too.
pub async fn technique_use(db: &impl ConnectionTrait, domain: &str) -> Result<BTreeMap<String, u64>, DbErr> {
    use test_template_mitre_tag::{Column, Entity, Relation};
    let mut found = BTreeMap::new();
    let tags = || {
        Entity::find()
            .select_only()
            .join(JoinType::InnerJoin, Relation::TestTemplate.def())
            .filter(test_template::Column::DeletedAt.is_null())
    };
    macro_rules! count {
        ($query:expr, $entity:ident) => {
            // Distinct: a template with two tags of one technique is one template.
            let rows: Vec<(String, i64)> = $query
                .column($entity::Column::ExternalId)
                .column_as(Expr::col((Entity, Column::TestTemplateId)).count_distinct(), "templates")
                .filter($entity::Column::Domain.eq(domain))
                .group_by($entity::Column::ExternalId)
                .into_tuple()
                .all(db)
                .await?;
            for (external_id, templates) in rows {
                found.insert(external_id, u64::try_from(templates).unwrap_or_default());
            }
        };
    }
    count!(tags().join(JoinType::InnerJoin, Relation::Tactic.def()), mitre_tactic);
    count!(tags().join(JoinType::InnerJoin, Relation::Subtechnique.def()), mitre_subtechnique);
    let mut techniques = tags().join(JoinType::LeftJoin, Relation::Subtechnique.def());
    let own_or_above = Func::coalesce([
        Expr::col((Entity, Column::TechniqueId)),
        Expr::col((mitre_subtechnique::Entity, mitre_subtechnique::Column::TechniqueId)),
    ]);
    let same = Expr::col((mitre_technique::Entity, mitre_technique::Column::Id)).eq(own_or_above);
    QueryTrait::query(&mut techniques).inner_join(mitre_technique::Entity, same);
    count!(techniques, mitre_technique);
    Ok(found)
}
