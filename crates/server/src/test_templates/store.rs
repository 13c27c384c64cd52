//! SQL of test templates. Their tags are in `tags`.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, SelectExt, Statement,
};
use serde_json::Value;
use tyrian_api_types::test_templates::SUMMARY_OBJECTIVE;
use tyrian_domain::template::{Executor, OpsecLevel};
use tyrian_entity::{mitre_subtechnique, mitre_tactic, mitre_technique, mitre_technique_tactic, test_template, test_template_mitre_tag};
use uuid::Uuid;

use crate::db::rows::{self, Kind, ids, rows_of};
use crate::error::ApiResult;
use crate::http::paging::PageRequest;
use crate::library::{self, NAMES_CHANGED, Sort};
use crate::search::texts;

/// A template with the name of who made it.
#[derive(FromQueryResult)]
pub struct FullRow {
    /// Its row.
    #[sea_orm(nested)]
    pub template: test_template::Model,
    /// The name of who made it.
    pub creator_name: Option<String>,
}

/// What a list shows of a template.
#[derive(FromQueryResult)]
pub struct SummaryRow {
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub objective: Option<String>,
    pub opsec_level: String,
    pub executor: String,
    pub platforms: Value,
    pub tags: Value,
    pub unresolved_tags: Value,
    pub created_by_id: Option<Uuid>,
    pub creator_name: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What a list of templates is filtered by.
#[derive(Debug, Default)]
pub struct Filter {
    /// A tactic's id or short name.
    pub tactic: Option<String>,
    /// A technique's id.
    pub technique: Option<String>,
    /// A subtechnique's id.
    pub subtechnique: Option<String>,
    /// How loud it is.
    pub opsec: Option<OpsecLevel>,
    /// What runs it.
    pub executor: Option<Executor>,
    /// A label.
    pub tag: Option<String>,
    /// Part of the search text.
    pub q: Option<String>,
}

fn active() -> Select<test_template::Entity> {
    test_template::Entity::find().filter(test_template::Column::DeletedAt.is_null())
}

fn matching(db: &impl ConnectionTrait, filter: &Filter) -> Select<test_template::Entity> {
    use test_template::Column as C;
    let mut all = Condition::all();
    if let Some(tactic) = library::given(filter.tactic.as_deref()) {
        all = all.add(C::Id.in_subquery(in_tactic(tactic)));
    }
    if let Some(technique) = library::given(filter.technique.as_deref()) {
        let lacking = unresolved(db.get_database_backend(), technique, true);
        all = all.add(Condition::any().add(C::Id.in_subquery(of_technique(technique))).add(lacking));
    }
    if let Some(subtechnique) = library::given(filter.subtechnique.as_deref()) {
        let lacking = unresolved(db.get_database_backend(), subtechnique, false);
        all = all.add(Condition::any().add(C::Id.in_subquery(of_subtechnique(subtechnique))).add(lacking));
    }
    if let Some(opsec) = filter.opsec {
        all = all.add(C::OpsecLevel.eq(opsec.as_str()));
    }
    if let Some(executor) = filter.executor {
        all = all.add(C::Executor.eq(executor.as_str()));
    }
    if let Some(tag) = filter.tag.as_deref().filter(|t| !t.is_empty()) {
        all = all.add(library::labelled(db.get_database_backend(), "test_templates", tag));
    }
    if let Some(q) = library::given(filter.q.as_deref()) {
        all = all.add(texts::holds(C::SearchTextId, q));
    }
    active().filter(all)
}

/// The tags, each subtechnique's with its row.
fn tags() -> SelectStatement {
    use test_template_mitre_tag::{Column as G, Entity as Tag};
    Query::select()
        .column((Tag, G::TestTemplateId))
        .from(Tag)
        .left_join(
            mitre_subtechnique::Entity,
            Expr::col((mitre_subtechnique::Entity, mitre_subtechnique::Column::Id)).equals((Tag, G::SubtechniqueId)),
        )
        .to_owned()
}

/// The technique of a tag: the tag's own, or that of its subtechnique.
fn technique_of_tag() -> Expr {
    Func::coalesce([
        Expr::col((test_template_mitre_tag::Entity, test_template_mitre_tag::Column::TechniqueId)),
        Expr::col((mitre_subtechnique::Entity, mitre_subtechnique::Column::TechniqueId)),
    ])
    .into()
}

/// Templates tagged with a tactic, or with a technique or subtechnique that stands in it.
fn in_tactic(tactic: &str) -> SelectStatement {
    use mitre_technique_tactic::{Column as S, Entity as Standing};
    let of_tag = Func::coalesce([
        Expr::col((test_template_mitre_tag::Entity, test_template_mitre_tag::Column::TacticId)),
        Expr::col((Standing, S::TacticId)),
    ]);
    tags()
        .left_join(Standing, Expr::col((Standing, S::TechniqueId)).eq(technique_of_tag()))
        .inner_join(mitre_tactic::Entity, Expr::col((mitre_tactic::Entity, mitre_tactic::Column::Id)).eq(of_tag))
        .cond_where(
            Condition::any()
                .add(Expr::col((mitre_tactic::Entity, mitre_tactic::Column::ExternalId)).eq(tactic.to_uppercase()))
                .add(Expr::col((mitre_tactic::Entity, mitre_tactic::Column::ShortName)).eq(tactic.to_lowercase())),
        )
        .to_owned()
}

/// Templates tagged with a technique or one of its subtechniques.
fn of_technique(technique: &str) -> SelectStatement {
    let (technique_row, external_id) = (mitre_technique::Entity, mitre_technique::Column::ExternalId);
    tags()
        .inner_join(technique_row, Expr::col((technique_row, mitre_technique::Column::Id)).eq(technique_of_tag()))
        .and_where(Expr::col((technique_row, external_id)).eq(technique.to_uppercase()))
        .to_owned()
}

/// Templates tagged with a subtechnique.
fn of_subtechnique(subtechnique: &str) -> SelectStatement {
    let external_id = Expr::col((mitre_subtechnique::Entity, mitre_subtechnique::Column::ExternalId));
    tags().and_where(external_id.eq(subtechnique.to_uppercase())).to_owned()
}

/// Templates that name this id, which the catalogue lacks; with `below` its subtechniques too.
fn unresolved(backend: DbBackend, id: &str, below: bool) -> Expr {
    let (given, place_of) = if backend == DbBackend::Postgres { ("$1", "strpos") } else { ("?", "instr") };
    // what begins with the id and its dot, compared as it is: an id that one types is no pattern
    let named = if below { format!("{place_of}(u.value || '.', {given} || '.') = 1") } else { format!("u.value = {given}") };
    let texts = rows::texts_of(backend, "test_templates.unresolved_tags");
    Expr::cust_with_values(format!("EXISTS (SELECT 1 FROM {texts} WHERE {named})"), [id.to_uppercase()])
}

fn summary_columns(query: Select<test_template::Entity>) -> Select<test_template::Entity> {
    use test_template::Column as C;
    query
        .select_only()
        .columns([
            C::Id,
            C::Name,
            C::NameKey,
            C::OpsecLevel,
            C::Executor,
            C::Platforms,
            C::Tags,
            C::UnresolvedTags,
            C::CreatedById,
            C::Version,
            C::CreatedAt,
            C::UpdatedAt,
        ])
        .column_as(Expr::cust(format!("substr(test_templates.objective, 1, {SUMMARY_OBJECTIVE})")), "objective")
        .column_as(library::creator_name("test_templates"), "creator_name")
}

/// A page of templates, and how many there are in all on the first page.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest,
) -> Result<(Vec<SummaryRow>, Option<String>, Option<u64>), DbErr> {
    let query = matching(db, filter);
    let total = if page.is_first() { Some(query.clone().count(db).await?) } else { None };
    let sort = Sort::of(page);
    let column = match sort {
        Sort::Created => test_template::Column::CreatedAt,
        Sort::Name => test_template::Column::NameKey,
        Sort::Updated => test_template::Column::UpdatedAt,
    };
    let [key, id] = [column, test_template::Column::Id].map(|c| Expr::col((test_template::Entity, c)));
    let rows = page.apply(summary_columns(query), key, id).into_model::<SummaryRow>().all(db).await?;
    let (rows, next) = page.cut(rows, |r| (sort.key(&r.name_key, r.created_at, r.updated_at), r.id));
    Ok((rows, next, total))
}

/// The active ones of these templates, as a list shows them.
pub async fn summaries(db: &impl ConnectionTrait, templates: &[Uuid]) -> ApiResult<Vec<SummaryRow>> {
    Ok(summary_columns(among(db, templates)?).into_model::<SummaryRow>().all(db).await?)
}

/// The active ones of these templates with everything.
pub async fn full(db: &impl ConnectionTrait, templates: &[Uuid]) -> ApiResult<Vec<test_template::Model>> {
    Ok(among(db, templates)?.all(db).await?)
}

/// The active templates among these: one parameter at any number.
fn among(db: &impl ConnectionTrait, templates: &[Uuid]) -> ApiResult<Select<test_template::Entity>> {
    let backend = db.get_database_backend();
    let mut given = rows_of(backend, &[("id", Kind::Uuid)]);
    if backend != sea_orm::DbBackend::Postgres {
        given = given.replace("$1", "?"); // the query builder numbers parameters on PostgreSQL only
    }
    Ok(active().filter(Expr::cust_with_values(format!("test_templates.id IN ({given})"), [ids(templates)?])))
}

/// The ids of all active templates, oldest first.
pub async fn active_ids(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    active()
        .select_only()
        .column(test_template::Column::Id)
        .order_by_asc(test_template::Column::CreatedAt)
        .order_by_asc(test_template::Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// Is there such a template?
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    active().filter(test_template::Column::Id.eq(id)).exists(db).await
}

/// One template.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<FullRow>, DbErr> {
    active()
        .filter(test_template::Column::Id.eq(id))
        .column_as(library::creator_name("test_templates"), "creator_name")
        .into_model::<FullRow>()
        .one(db)
        .await
}

/// One template, locked until the transaction ends.
pub async fn lock(txn: &DatabaseTransaction, id: Uuid) -> Result<Option<FullRow>, DbErr> {
    crate::db::lock_row(txn, "test_templates", id).await?;
    find(txn, id).await
}

/// The ETag of a template. One statement, without its texts.
pub async fn etag(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        version: i64,
        names_changed: Option<DateTime<Utc>>,
    }
    let sql = format!("SELECT version, {NAMES_CHANGED} AS names_changed FROM test_templates WHERE id = $1 AND deleted_at IS NULL");
    let row = Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()])).one(db).await?;
    Ok(row.map(|r| library::etag(r.version, None, r.names_changed)))
}
