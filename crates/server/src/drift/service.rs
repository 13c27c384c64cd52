//! Reading a mission and its templates, and telling what differs.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use tyrian_api_types::retests::{Drift, ScenarioDrift, TemplateName, TestDrift};
use tyrian_api_types::test_templates::{MitreTag, MitreTagInput};
use uuid::Uuid;

use super::{compare, store};
use crate::error::ApiResult;
use crate::missions::{MissionScope, convert, store as missions};
use crate::test_templates;

fn input(tag: MitreTag) -> MitreTagInput {
    MitreTagInput { kind: tag.kind, external_id: tag.external_id }
}

/// How far a mission is from today's templates, as far as the caller sees its tests. Eight statements, and two more for
/// each further 500 templates.
pub async fn drift(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Drift> {
    let scenarios = missions::scenarios(db, scope).await?;
    let place: HashMap<Uuid, i32> = scenarios.iter().map(|s| (s.id, s.position)).collect();
    let mut rows = missions::full_tests(db, missions::visible_tests(scope)).await?;
    rows.sort_by_key(|row| (place.get(&row.mission_scenario_id).copied(), row.position, row.id));
    let mut tags: HashMap<Uuid, Vec<MitreTagInput>> = HashMap::new();
    for row in missions::tags(db, scope).await? {
        tags.entry(row.mission_test_id).or_default().push(input(convert::tag(row)?));
    }
    let wanted: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.source_test_template_id).collect();
    let wanted: Vec<Uuid> = wanted.into_iter().collect();
    let templates: HashMap<Uuid, _> = test_templates::contents(db, &wanted).await?.into_iter().collect();

    let mut drift = Drift { tests: 0, without_template: 0, unchanged: 0, test_drifts: Vec::new(), scenario_drifts: Vec::new() };
    // what was copied into each scenario, as far as the caller sees it
    let mut seen: HashMap<Uuid, Vec<TemplateName>> = HashMap::new();
    for row in &rows {
        drift.tests += 1;
        let Some(template_id) = row.source_test_template_id else {
            drift.without_template += 1;
            continue;
        };
        seen.entry(row.mission_scenario_id).or_default().push(TemplateName { name: row.name.clone(), id: template_id });
        let fields = match templates.get(&template_id) {
            Some(template) => compare::test(&convert::content(row)?, tags.remove(&row.id).unwrap_or_default(), template.clone())?,
            None => Vec::new(),
        };
        let template_deleted = !templates.contains_key(&template_id);
        if fields.is_empty() && !template_deleted {
            drift.unchanged += 1;
            continue;
        }
        let scenario_name = scenarios.iter().find(|s| s.id == row.mission_scenario_id).map(|s| s.name.clone()).unwrap_or_default();
        drift.test_drifts.push(TestDrift {
            mission_test_id: row.id,
            test_name: row.name.clone(),
            scenario_name,
            test_template_id: template_id,
            template_deleted,
            fields,
        });
    }

    let sources: Vec<Uuid> = scenarios.iter().filter_map(|s| s.source_scenario_template_id).collect();
    let today: HashMap<Uuid, _> = store::scenarios(db, &sources).await?.into_iter().map(|s| (s.id, s)).collect();
    let mut places: HashMap<Uuid, Vec<TemplateName>> = HashMap::new();
    for row in store::places(db, &sources).await? {
        places.entry(row.scenario_template_id).or_default().push(TemplateName { name: row.name, id: row.test_template_id });
    }
    let copied: HashSet<(Uuid, Uuid)> = store::copied(db, scope).await?.into_iter().collect();
    for scenario in &scenarios {
        let Some(source) = scenario.source_scenario_template_id else { continue };
        let mut found = ScenarioDrift {
            mission_scenario_id: scenario.id,
            scenario_name: scenario.name.clone(),
            scenario_template_id: source,
            template_deleted: !today.contains_key(&source),
            fields: Vec::new(),
            tests_added: Vec::new(),
            tests_removed: Vec::new(),
        };
        if let Some(template) = today.get(&source) {
            found.fields = compare::texts([
                ("name", Some(scenario.name.as_str()), Some(template.name.as_str())),
                ("description", scenario.description.as_deref(), template.description.as_deref()),
                ("threat_actor", scenario.threat_actor.as_deref(), template.threat_actor.as_deref()),
            ]);
            let stands = places.get(&source).map(Vec::as_slice).unwrap_or_default();
            found.tests_added = once(stands.iter().filter(|t| !copied.contains(&(scenario.id, t.id))));
            let mine = seen.get(&scenario.id).map(Vec::as_slice).unwrap_or_default();
            found.tests_removed = once(mine.iter().filter(|t| !stands.iter().any(|s| s.id == t.id)));
        }
        if found.template_deleted || !(found.fields.is_empty() && found.tests_added.is_empty() && found.tests_removed.is_empty()) {
            drift.scenario_drifts.push(found);
        }
    }
    Ok(drift)
}

/// Each template once, by name.
fn once<'a>(templates: impl Iterator<Item = &'a TemplateName>) -> Vec<TemplateName> {
    templates.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
