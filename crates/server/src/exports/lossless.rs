//! The mission without loss, as JSON: everything that the caller sees of it.

use std::collections::{HashMap, HashSet};

use tyrian_api_types::exports::{
    ExportedLevel, ExportedPerson, ExportedTest, ExportedTool, FrozenTag, MISSION_FORMAT, MISSION_FORMAT_VERSION, MissionExport,
};
use tyrian_domain::permission::Permission;
use tyrian_domain::test::TestState;
use uuid::Uuid;

use super::store;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::missions::convert::{self, word};
use crate::missions::{MissionScope, reading, store as missions};
use crate::state::State;

/// Reads it, the tests in one of these states only; all without states.
pub async fn read(state: &State, caller: &Caller, scope: &MissionScope, states: &[TestState]) -> ApiResult<MissionExport> {
    let db = state.db.reader();
    let mut mission = reading::detail(db, scope).await?;
    let chosen = store::chosen(scope, states);
    let mut tags: HashMap<Uuid, Vec<FrozenTag>> = HashMap::new();
    for row in store::frozen_tags(db, scope).await? {
        let tag = FrozenTag {
            kind: word(tyrian_domain::template::TagKind::parse(&row.kind), &row.kind)?,
            external_id: row.external_id,
            name: row.name,
            url: row.url,
            tactics: row.tactics,
            attack_version: row.attack_version,
            ordinal: row.ordinal,
        };
        tags.entry(row.mission_test_id).or_default().push(tag);
    }
    let place: HashMap<Uuid, u32> = mission.scenarios.iter().map(|s| (s.id, s.position)).collect();
    let (mut tests, mut counted) = (Vec::new(), HashMap::new());
    for row in missions::full_tests(db, chosen.clone()).await? {
        let frozen_tags = tags.remove(&row.id).unwrap_or_default();
        let position = counted.entry(row.mission_scenario_id).or_insert(0);
        let (retest_of_test_id, source_kind, source_id) = (row.retest_of_test_id, row.source_kind.clone(), row.source_id.clone());
        let shown = frozen_tags.iter().map(|t| tyrian_api_types::test_templates::MitreTag {
            kind: t.kind,
            external_id: t.external_id.clone(),
            name: t.name.clone(),
            url: t.url.clone(),
        });
        let test = convert::test(row, *position, shown.collect())?;
        tests.push(ExportedTest { test, retest_of_test_id, source_kind, source_id, frozen_tags });
        *position += 1;
    }
    tests.sort_by_key(|t| (place.get(&t.test.mission_scenario_id).copied(), t.test.position));
    let ids: HashSet<Uuid> = tests.iter().map(|t| t.test.id).collect();
    for scenario in &mut mission.scenarios {
        scenario.tests.retain(|t| ids.contains(&t.id));
    }

    let mut detections = crate::detections::of_mission(db, scope).await?;
    detections.retain(|d| ids.contains(&d.mission_test_id));
    let mut evidence = crate::evidence::of_mission(db, scope).await?;
    evidence.retain(|e| ids.contains(&e.mission_test_id));
    let mut comments = crate::comments::of_mission(db, scope).await?;
    comments.retain(|c| c.mission_test_id.is_none_or(|id| ids.contains(&id)));

    let mut named: HashSet<Uuid> =
        tests.iter().flat_map(|t| [t.test.operator_id, t.test.assessor_id, t.test.finding_owner_id]).flatten().collect();
    named.extend(evidence.iter().filter_map(|e| e.uploaded_by.as_ref().map(|a| a.id)));
    named.extend(comments.iter().filter_map(|c| c.author.as_ref().map(|a| a.id)));
    named.extend(mission.head.created_by.as_ref().map(|a| a.id));
    let members: HashSet<Uuid> = mission.head.members.iter().map(|m| m.user_id).collect();
    named.extend(&members);
    // addresses as everywhere: members' are known, others' to who may choose people
    let roster = [Permission::UserRead, Permission::MissionCreate, Permission::MissionUpdate].iter().any(|p| caller.can(*p));
    let people = store::people(db, named).await?.into_iter().map(|p| {
        let knows = p.deleted_at.is_none() && (roster || members.contains(&p.id));
        ExportedPerson { id: p.id, email: knows.then_some(p.email), display_name: p.display_name }
    });
    let levels: HashSet<Uuid> = tests.iter().filter_map(|t| t.test.detection_level_id).collect();
    Ok(MissionExport {
        format: MISSION_FORMAT.to_owned(),
        format_version: MISSION_FORMAT_VERSION,
        exported_at: crate::now(),
        selection: states.to_vec(),
        people: people.collect(),
        detection_levels: store::levels(db)
            .await?
            .into_iter()
            .filter(|l| levels.contains(&l.id))
            .map(|l| ExportedLevel { id: l.id, code: l.code, name: l.name, description: l.description, color: l.color, rank: l.rank })
            .collect(),
        defence_tools: store::tools(db, &chosen)
            .await?
            .into_iter()
            .map(|t| ExportedTool { id: t.id, name: t.name, vendor: t.vendor, kind: t.kind })
            .collect(),
        mission,
        tests,
        detections,
        categories: crate::categories::list(db, scope).await?,
        evidence,
        comments,
    })
}
