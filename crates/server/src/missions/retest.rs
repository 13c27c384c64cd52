//! A mission on the same frozen tests as another one: copied from its snapshot, not from the templates, one INSERT a
//! table at any size. What red and blue wrote is left behind.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use tyrian_api_types::missions::Mission;
use tyrian_api_types::retests::MissionRetest;
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::event::EventKind;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::text;
use tyrian_entity::{mission, mission_category, mission_scenario, mission_test, mission_test_mitre_tag};
use uuid::Uuid;

use super::change::Change;
use super::scope::MissionScope;
use super::{reading, service, store};
use crate::audit::Entry;
use crate::db::rows::{self, Kind, copy, hex, names_of, rows_of};
use crate::error::ApiResult;
use crate::http::Caller;
use crate::http::idempotency::Created;
use crate::state::State;
use crate::test_templates::convert::CONTENT;

/// What is copied, every id with the one of its copy.
struct Originals {
    scenarios: Vec<(Uuid, Uuid)>,
    categories: Vec<(Uuid, Uuid)>,
    /// Original, copy, scenario of the original, category of the original, may blue see it?
    tests: Vec<(Uuid, Uuid, Uuid, Option<Uuid>, bool)>,
    /// Original, copy, test of the original.
    tags: Vec<(Uuid, Uuid, Uuid)>,
}

impl Originals {
    /// Four statements. The mission is locked, so that the four fit together.
    async fn read(txn: &DatabaseTransaction, mission: Uuid) -> ApiResult<Self> {
        use {mission_category as category, mission_scenario as scenario, mission_test as test, mission_test_mitre_tag as tag};
        let scenarios: Vec<Uuid> = scenario::Entity::find()
            .select_only()
            .column(scenario::Column::Id)
            .filter(scenario::Column::MissionId.eq(mission))
            .filter(scenario::Column::DeletedAt.is_null())
            .order_by_asc(scenario::Column::Position)
            .into_tuple()
            .all(txn)
            .await?;
        let categories: Vec<Uuid> = category::Entity::find()
            .select_only()
            .column(category::Column::Id)
            .filter(category::Column::MissionId.eq(mission))
            .filter(category::Column::DeletedAt.is_null())
            .order_by_asc(category::Column::Position)
            .into_tuple()
            .all(txn)
            .await?;
        let active = test::Entity::find().filter(test::Column::MissionId.eq(mission)).filter(test::Column::DeletedAt.is_null());
        let tests: Vec<(Uuid, Uuid, Option<Uuid>, bool)> = active
            .clone()
            .select_only()
            .columns([test::Column::Id, test::Column::MissionScenarioId, test::Column::CategoryId, test::Column::Disclosed])
            .order_by_asc(test::Column::MissionScenarioId)
            .order_by_asc(test::Column::Position)
            .into_tuple()
            .all(txn)
            .await?;
        let tags: Vec<(Uuid, Uuid)> = tag::Entity::find()
            .select_only()
            .columns([tag::Column::Id, tag::Column::MissionTestId])
            .inner_join(test::Entity)
            .filter(test::Column::MissionId.eq(mission))
            .filter(test::Column::DeletedAt.is_null())
            .order_by_asc(tag::Column::Id)
            .into_tuple()
            .all(txn)
            .await?;
        Ok(Self {
            scenarios: scenarios.into_iter().map(|id| (id, Uuid::now_v7())).collect(),
            categories: categories.into_iter().map(|id| (id, Uuid::now_v7())).collect(),
            tests: tests
                .into_iter()
                .map(|(id, scenario, category, disclosed)| (id, Uuid::now_v7(), scenario, category, disclosed))
                .collect(),
            tags: tags.into_iter().map(|(id, test)| (id, Uuid::now_v7(), test)).collect(),
        })
    }

    /// Of all its tests, or of the disclosed ones: planned, and nobody has judged them.
    fn counters(&self, all: bool) -> Counters {
        let n = self.tests.iter().filter(|(.., disclosed)| all || *disclosed).count();
        let mut counters = Counters::empty();
        counters.add(&Counted::PLANNED, u64::try_from(n).unwrap_or(u64::MAX));
        counters
    }

    /// Writes the copies: four statements.
    async fn write(&self, txn: &DatabaseTransaction, mission: Uuid, now: DateTime<Utc>) -> ApiResult<()> {
        let backend = txn.get_database_backend();
        let pairs = rows_of(backend, &[("old", Kind::Uuid), ("id", Kind::Uuid)]);
        let pair = |(old, id): &(Uuid, Uuid)| json!([hex(old), hex(id)]);
        let times = || [mission.into(), now.into(), now.into()];

        let columns = "source_scenario_template_id, name, description, threat_actor, position";
        let sql = format!(
            "WITH p AS ({pairs}) INSERT INTO mission_scenarios (id, mission_id, {columns}, created_at, updated_at) \
             SELECT p.id, $2, {}, $3, $4 FROM p JOIN mission_scenarios o ON o.id = p.old",
            names_of("o", columns)
        );
        copied(txn, sql, self.scenarios.iter().map(pair).collect(), times().into()).await?;

        let columns = "name, color, position, summary";
        let sql = format!(
            "WITH p AS ({pairs}) INSERT INTO mission_categories (id, mission_id, {columns}, version, created_at, updated_at) \
             SELECT p.id, $2, {}, 1, $3, $4 FROM p JOIN mission_categories o ON o.id = p.old",
            names_of("o", columns)
        );
        copied(txn, sql, self.categories.iter().map(pair).collect(), times().into()).await?;

        let scenarios: HashMap<_, _> = self.scenarios.iter().copied().collect();
        let categories: HashMap<_, _> = self.categories.iter().copied().collect();
        let rows = self.tests.iter().map(|(old, id, scenario, category, _)| {
            let category = category.and_then(|c| categories.get(&c)).map(hex);
            json!([hex(old), hex(id), scenarios.get(scenario).map(hex), category])
        });
        let given = rows_of(backend, &[("old", Kind::Uuid), ("id", Kind::Uuid), ("scenario", Kind::Uuid), ("category", Kind::Uuid)]);
        let columns = format!("source_test_template_id, position, {}, source_kind, source_id, disclosed", rows::names(&CONTENT));
        let (empty, no) = match backend {
            DbBackend::Postgres => ("'{}'::jsonb", "FALSE"),
            _ => ("'{}'", "0"),
        };
        let sql = format!(
            "WITH p AS ({given}) INSERT INTO mission_tests (id, mission_id, mission_scenario_id, category_id, retest_of_test_id, {columns}, \
             state, argument_values, is_delayed, needed_config_change, version, created_at, updated_at) \
             SELECT p.id, $2, p.scenario, p.category, o.id, {}, 'planned', {empty}, {no}, {no}, 1, $3, $4 \
             FROM p JOIN mission_tests o ON o.id = p.old",
            names_of("o", &columns)
        );
        copied(txn, sql, rows.collect(), times().into()).await?;

        let tests: HashMap<_, _> = self.tests.iter().map(|(old, id, ..)| (*old, *id)).collect();
        let rows = self.tags.iter().map(|(old, id, test)| json!([hex(old), hex(id), tests.get(test).map(hex)]));
        let given = rows_of(backend, &[("old", Kind::Uuid), ("id", Kind::Uuid), ("test", Kind::Uuid)]);
        let columns = "kind, external_id, name, url, tactics, ordinal, attack_version";
        let sql = format!(
            "WITH p AS ({given}) INSERT INTO mission_test_mitre_tags (id, mission_test_id, {columns}, created_at) \
             SELECT p.id, p.test, {}, $2 FROM p JOIN mission_test_mitre_tags o ON o.id = p.old",
            names_of("o", columns)
        );
        copied(txn, sql, rows.collect(), vec![now.into()]).await
    }
}

/// Runs a copy; of nothing, none.
async fn copied(txn: &DatabaseTransaction, sql: String, rows: Vec<Value>, more: Vec<sea_orm::Value>) -> ApiResult<()> {
    if rows.is_empty() { Ok(()) } else { copy(txn, sql, &rows, more).await }
}

/// The name of a retest that was given none. A long one is cut.
fn name_of_retest(name: &str) -> String {
    const BEHIND: &str = " (retest)";
    let room = text::NAME - BEHIND.len();
    format!("{}{BEHIND}", name.chars().take(room).collect::<String>().trim_end())
}

/// Makes a draft on the same frozen tests. The mission that is repeated stays as it is, so it may be archived.
pub async fn retest(
    state: &State,
    caller: &Caller,
    txn: &DatabaseTransaction,
    scope: &MissionScope,
    body: MissionRetest,
) -> ApiResult<Created<Mission>> {
    let origin = scope.lock(txn).await?;
    let originals = Originals::read(txn, origin.id).await?;
    let members: Vec<_> = if let Some(listed) = &body.members {
        service::members_of(caller, listed)
    } else {
        let members = super::convert::members(store::members_of(txn, origin.id).await?)?;
        members.into_iter().map(|m| (m.user_id, m.role_hint.as_str())).collect()
    };
    let (id, now) = (Uuid::now_v7(), crate::now());
    let name = body.name.unwrap_or_else(|| name_of_retest(&origin.name));
    let row = mission::Model {
        id,
        name_key: text::key(&name),
        search_text: service::search_text(&name, &origin.client, origin.description.as_deref()),
        name: name.clone(),
        executive_summary: None,
        status: MissionStatus::Draft.as_str().to_owned(),
        start_date: body.start_date,
        end_date: body.end_date,
        retest_of_id: Some(origin.id),
        created_by_id: Some(caller.id),
        version: 1,
        content_version: 1,
        event_sequence: 0,
        counters_all: serde_json::to_value(originals.counters(true))?,
        counters_disclosed: serde_json::to_value(originals.counters(false))?,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        // client, the texts of the plan, and the ATT&CK version of the snapshot
        ..origin
    };
    mission::Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
    let mut change = Change::of_new(row)?;
    let added = change.add_members(txn, &members).await?;
    if usize::try_from(added) != Ok(members.len()) {
        return Err(service::unknown_members(txn, body.members.as_deref().unwrap_or_default()).await?);
    }
    originals.write(txn, id, now).await?;
    change.event(caller, EventKind::MissionCreated, json!({ "name": name }));
    let added: Vec<Uuid> = members.iter().map(|(user, _)| *user).collect();
    change.notified(service::tell_added(txn, caller, id, &name, &added).await?);
    let detail = json!({ "name": name, "retest_of": scope.id(), "tests": originals.tests.len() });
    let wake = change.write(state, txn, caller, Entry::mission(caller, id, "mission.retest", "mission", id, detail)).await?;
    let scope = MissionScope::of_new(txn, caller, id).await?;
    Ok(Created { value: reading::detail(txn, &scope).await?, location: service::location(id), etag: Some(scope.etag()?), wake })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_leaves_room_for_what_is_put_behind_it() {
        assert_eq!(name_of_retest("Quiet Ledger"), "Quiet Ledger (retest)");
        let long = name_of_retest(&"ä".repeat(text::NAME));
        assert_eq!(long.chars().count(), text::NAME);
        assert!(long.ends_with("ä (retest)"));
    }
}
