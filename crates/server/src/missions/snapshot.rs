//! The snapshot: scenarios, their tests and their tags copied into a mission, one INSERT a table at any size.
//!
//! New ids are made here; they travel as one JSON parameter that is joined to the templates, so the texts never leave
//! the database. The templates' rows are locked against change until the transaction ends.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde_json::json;
use tyrian_api_types::FieldError;
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::synthesis::Tactic;
use tyrian_domain::template::TagKind;
use tyrian_domain::text;
use uuid::Uuid;

use crate::db::rows::{self, Kind, copy, execute, hex, ids, rows_of};
use crate::error::{ApiError, ApiResult};
use crate::test_templates::convert::CONTENT;

#[derive(FromQueryResult)]
struct ScenarioRow {
    id: Uuid,
    name: String,
    description: Option<String>,
    threat_actor: Option<String>,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    scenario_template_id: Uuid,
    test_template_id: Uuid,
}

#[derive(FromQueryResult)]
struct TagRow {
    test_template_id: Uuid,
    /// null for an id that the catalogue lacks
    kind: Option<String>,
    external_id: String,
    name: String,
    url: Option<String>,
    tactic_external_id: Option<String>,
    tactic_short_name: Option<String>,
    tactic_name: Option<String>,
    tactic_position: Option<i32>,
}

/// A tag as it will be copied.
struct Tag {
    kind: String,
    external_id: String,
    name: String,
    url: Option<String>,
    tactics: Vec<Tactic>,
}

/// What is to be copied: read and locked, with every new id made.
pub struct Snapshot {
    scenarios: Vec<(Uuid, ScenarioRow)>,
    /// New id, new scenario, template, place.
    tests: Vec<(Uuid, Uuid, Uuid, usize)>,
    tags: HashMap<Uuid, Vec<Tag>>,
}

impl Snapshot {
    /// Reads what these scenarios hold, in three statements. An unknown or deleted scenario is a 422 that names it.
    pub async fn read(txn: &DatabaseTransaction, scenario_ids: &[Uuid]) -> ApiResult<Self> {
        if scenario_ids.is_empty() {
            return Ok(Self { scenarios: Vec::new(), tests: Vec::new(), tags: HashMap::new() });
        }
        let backend = txn.get_database_backend();
        let lock = |table: &str| if backend == DbBackend::Postgres { format!(" FOR SHARE OF {table}") } else { String::new() };
        let wanted = ids(scenario_ids.iter())?;
        let given = rows_of(backend, &[("id", Kind::Uuid)]);

        let sql = format!(
            "SELECT s.id, s.name, s.description, s.threat_actor FROM scenario_templates s \
             WHERE s.deleted_at IS NULL AND s.id IN ({given}){}",
            lock("s")
        );
        let found = ScenarioRow::find_by_statement(Statement::from_sql_and_values(backend, sql, [wanted.clone()])).all(txn).await?;
        let by_id: HashMap<Uuid, ScenarioRow> = found.into_iter().map(|s| (s.id, s)).collect();
        check_known(scenario_ids, &by_id)?;

        let sql = format!(
            "SELECT p.scenario_template_id, p.test_template_id FROM scenario_template_tests p JOIN test_templates t ON t.id = p.test_template_id \
             WHERE t.deleted_at IS NULL AND p.scenario_template_id IN ({given}) ORDER BY p.scenario_template_id, p.position{}",
            lock("t")
        );
        let mut places: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in PlaceRow::find_by_statement(Statement::from_sql_and_values(backend, sql, [wanted])).all(txn).await? {
            places.entry(row.scenario_template_id).or_default().push(row.test_template_id);
        }

        let (mut scenarios, mut tests) = (Vec::with_capacity(scenario_ids.len()), Vec::new());
        for id in scenario_ids {
            let Some(s) = by_id.get(id) else { continue };
            let copy = Uuid::now_v7();
            tests.extend(
                places.get(id).into_iter().flatten().enumerate().map(|(position, template)| (Uuid::now_v7(), copy, *template, position)),
            );
            let row =
                ScenarioRow { id: s.id, name: s.name.clone(), description: s.description.clone(), threat_actor: s.threat_actor.clone() };
            scenarios.push((copy, row));
        }
        if tests.len() > text::MISSION_TESTS {
            return Err(ApiError::field(
                "/scenario_template_ids",
                "too_many_tests",
                format!("These scenarios bring {} tests; at most {} at once.", tests.len(), text::MISSION_TESTS),
            ));
        }
        let tags = read_tags(txn, &tests).await?;
        Ok(Self { scenarios, tests, tags })
    }

    /// How many tests it brings.
    pub fn test_count(&self) -> usize {
        self.tests.len()
    }

    /// What its scenarios are called, in order.
    pub fn scenario_names(&self) -> Vec<String> {
        self.scenarios.iter().map(|(_, s)| s.name.clone()).collect()
    }

    /// What it adds to the mission's counters: planned tests that nobody has judged.
    pub fn add_to(&self, counters: &mut Counters) {
        counters.add(&Counted::PLANNED, u64::try_from(self.tests.len()).unwrap_or(u64::MAX));
    }

    /// Writes the copies, in three statements. `first_position` is where the first scenario goes.
    pub async fn write(
        self,
        txn: &DatabaseTransaction,
        mission: Uuid,
        first_position: i32,
        attack_version: Option<&str>,
        now: DateTime<Utc>,
    ) -> ApiResult<()> {
        if self.scenarios.is_empty() {
            return Ok(());
        }
        let backend = txn.get_database_backend();
        let rows: Vec<_> = self
            .scenarios
            .iter()
            .zip(first_position..)
            .map(|((id, s), position)| json!([hex(id), hex(&s.id), s.name, s.description, s.threat_actor, position]))
            .collect();
        let given = rows_of(
            backend,
            &[
                ("id", Kind::Uuid),
                ("source", Kind::Uuid),
                ("name", Kind::Text),
                ("description", Kind::Text),
                ("threat_actor", Kind::Text),
                ("position", Kind::Int),
            ],
        );
        let sql = format!(
            "WITH p AS ({given}) INSERT INTO mission_scenarios (id, mission_id, source_scenario_template_id, name, description, threat_actor, position, created_at, updated_at) \
             SELECT p.id, $2, p.source, p.name, p.description, p.threat_actor, p.position, $3, $4 FROM p"
        );
        execute(txn, sql, &rows, [mission.into(), now.into(), now.into()]).await?;
        if self.tests.is_empty() {
            return Ok(());
        }

        // tuples: a tree of JSON values for each of thousands of rows was a tenth of the work
        let rows: Vec<_> =
            self.tests.iter().map(|(id, scenario, template, position)| (hex(id), hex(scenario), hex(template), position)).collect();
        let given = rows_of(backend, &[("id", Kind::Uuid), ("scenario", Kind::Uuid), ("template", Kind::Uuid), ("position", Kind::Int)]);
        let copied = format!("{}, source_kind, source_id", rows::names(&CONTENT));
        let from = rows::names_of("t", &copied);
        let (empty, yes, no) = match backend {
            DbBackend::Postgres => ("'{}'::jsonb", "TRUE", "FALSE"),
            _ => ("'{}'", "1", "0"),
        };
        let sql = format!(
            "WITH p AS ({given}) INSERT INTO mission_tests (id, mission_id, mission_scenario_id, source_test_template_id, position, {copied}, \
             state, disclosed, argument_values, is_delayed, needed_config_change, version, created_at, updated_at) \
             SELECT p.id, $2, p.scenario, t.id, p.position, {from}, 'planned', {yes}, {empty}, {no}, {no}, 1, $3, $4 \
             FROM p JOIN test_templates t ON t.id = p.template"
        );
        copy(txn, sql, &rows, [mission.into(), now.into(), now.into()]).await?;

        let rows: Vec<_> = self
            .tests
            .iter()
            .flat_map(|(test, _, template, _)| {
                self.tags.get(template).into_iter().flatten().enumerate().map(move |(ordinal, tag)| (test, ordinal, tag))
            })
            .map(|(test, ordinal, t)| (hex(&Uuid::now_v7()), hex(test), &t.kind, &t.external_id, &t.name, &t.url, &t.tactics, ordinal))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let given = rows_of(
            backend,
            &[
                ("id", Kind::Uuid),
                ("test", Kind::Uuid),
                ("kind", Kind::Text),
                ("external_id", Kind::Text),
                ("name", Kind::Text),
                ("url", Kind::Text),
                ("tactics", Kind::Json),
                ("ordinal", Kind::Int),
            ],
        );
        let sql = format!(
            "WITH p AS ({given}) INSERT INTO mission_test_mitre_tags (id, mission_test_id, kind, external_id, name, url, tactics, ordinal, attack_version, created_at) \
             SELECT p.id, p.test, p.kind, p.external_id, p.name, p.url, p.tactics, p.ordinal, $2, $3 FROM p"
        );
        execute(txn, sql, &rows, [attack_version.map(str::to_owned).into(), now.into()]).await?;
        Ok(())
    }
}

fn check_known(wanted: &[Uuid], found: &HashMap<Uuid, ScenarioRow>) -> ApiResult<()> {
    let unknown: Vec<FieldError> = wanted
        .iter()
        .enumerate()
        .filter(|(_, id)| !found.contains_key(id))
        .map(|(i, id)| FieldError {
            pointer: format!("/scenario_template_ids/{i}"),
            code: "unknown".into(),
            detail: format!("There is no scenario template {id}."),
        })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(ApiError::invalid(unknown)) }
}

/// The tags of the templates, each with the tactics that it stands in now, and behind them the ids that the catalogue
/// lacks: they are frozen as they are written, so that a later sync neither has to bring them nor rewrites them.
async fn read_tags(txn: &DatabaseTransaction, tests: &[(Uuid, Uuid, Uuid, usize)]) -> ApiResult<HashMap<Uuid, Vec<Tag>>> {
    let mut templates: Vec<Uuid> = tests.iter().map(|(_, _, template, _)| *template).collect();
    templates.sort_unstable();
    templates.dedup();
    let mut tags: HashMap<Uuid, Vec<Tag>> = HashMap::with_capacity(templates.len());
    let backend = txn.get_database_backend();
    let given = rows_of(backend, &[("id", Kind::Uuid)]);
    let unresolved = rows::texts_of(backend, "t.unresolved_tags");
    let sql = format!(
        "SELECT g.test_template_id, 0 AS lacking, g.ordinal AS place, \
           CASE WHEN g.tactic_id IS NOT NULL THEN 'tactic' WHEN g.technique_id IS NOT NULL THEN 'technique' ELSE 'subtechnique' END AS kind, \
           COALESCE(ta.external_id, te.external_id, su.external_id) AS external_id, COALESCE(ta.name, te.name, su.name) AS name, \
           COALESCE(ta.url, te.url, su.url) AS url, \
           a.external_id AS tactic_external_id, a.short_name AS tactic_short_name, a.name AS tactic_name, a.position AS tactic_position \
         FROM test_template_mitre_tags g \
         LEFT JOIN mitre_tactics ta ON ta.id = g.tactic_id \
         LEFT JOIN mitre_techniques te ON te.id = g.technique_id \
         LEFT JOIN mitre_subtechniques su ON su.id = g.subtechnique_id \
         LEFT JOIN mitre_technique_tactics tt ON tt.technique_id = COALESCE(te.id, su.technique_id) \
         LEFT JOIN mitre_tactics a ON a.id = COALESCE(ta.id, tt.tactic_id) \
         WHERE g.test_template_id IN ({given}) \
         UNION ALL SELECT t.id, 1, u.key, NULL, u.value, u.value, NULL, NULL, NULL, NULL, NULL \
         FROM test_templates t, {unresolved} WHERE t.id IN ({given}) \
         ORDER BY test_template_id, lacking, place, kind, external_id, tactic_position"
    );
    let rows = TagRow::find_by_statement(Statement::from_sql_and_values(backend, sql, [ids(templates.iter())?])).all(txn).await?;
    for row in rows {
        let of_template = tags.entry(row.test_template_id).or_default();
        let kind = row.kind.unwrap_or_else(|| TagKind::of_id(&row.external_id).as_str().to_owned());
        if !of_template.last().is_some_and(|t| t.kind == kind && t.external_id == row.external_id) {
            of_template.push(Tag { kind, external_id: row.external_id, name: row.name, url: row.url, tactics: Vec::new() });
        }
        if let (Some(tag), Some(external_id)) = (of_template.last_mut(), row.tactic_external_id) {
            tag.tactics.push(Tactic {
                position: row.tactic_position,
                external_id,
                short_name: row.tactic_short_name,
                name: row.tactic_name,
            });
        }
    }
    Ok(tags)
}
