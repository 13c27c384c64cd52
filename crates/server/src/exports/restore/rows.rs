//! A mission's JSON to rows.

use serde_json::{Value, json};
use tyrian_api_types::exports::{ExportedLevel, ExportedTest, ExportedTool, MissionExport};
use tyrian_domain::counters::{Counted, Counters};
use tyrian_domain::test::{Fact, Grade};
use tyrian_domain::text;
use tyrian_entity::{
    defence_tool, detection_level, evidence_file, mission, mission_category, mission_comment, mission_scenario, mission_test,
    mission_test_detection, mission_test_mitre_tag,
};
use uuid::Uuid;

use super::people::Plan;
use super::source::Stored;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::search::texts;

/// A fact as it is stored: what nobody has said is nothing.
fn fact(fact: Fact) -> Option<String> {
    (fact != Fact::Unknown).then(|| fact.as_str().to_owned())
}

fn grade(grade: Grade) -> Option<String> {
    (grade != Grade::None).then(|| grade.as_str().to_owned())
}

fn place(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}

/// The mission, its tests counted.
pub fn mission(caller: &Caller, export: &MissionExport, plan: &Plan) -> ApiResult<mission::Model> {
    let m = &export.mission;
    let level = |id: Option<Uuid>| export.detection_levels.iter().find(|l| Some(l.id) == id).map(|l| l.code.clone());
    let (mut all, mut disclosed) = (Counters::empty(), Counters::empty());
    for t in export.tests.iter().map(|t| &t.test) {
        let outcome = tyrian_domain::test::Outcome::derive(t.state, t.logged, t.alerted, t.prevented);
        let counted = Counted { state: t.state, outcome, level: level(t.detection_level_id) };
        all.add(&counted, 1);
        if t.disclosed {
            disclosed.add(&counted, 1);
        }
    }
    Ok(mission::Model {
        id: m.head.id,
        name_key: text::key(&m.head.name),
        client_key: text::key(&m.head.client),
        search_text: text::key(&format!("{} {} {}", m.head.name, m.head.client, m.description.as_deref().unwrap_or_default())),
        name: m.head.name.clone(),
        client: m.head.client.clone(),
        description: m.description.clone(),
        objectives: m.objectives.clone(),
        scope: m.scope.clone(),
        threat_model: m.threat_model.clone(),
        executive_summary: m.executive_summary.clone(),
        status: m.head.status.as_str().to_owned(),
        start_date: m.head.start_date,
        end_date: m.head.end_date,
        retest_of_id: plan.here(m.head.retest_of_id),
        created_by_id: plan.person(m.head.created_by.as_ref().map(|a| a.id)).or(Some(caller.id)),
        attack_version: m.head.attack_version.clone(),
        version: m.head.version.max(1),
        // the mission may come back under its own id: what was kept of it, here or by a client, must not be taken for this one
        content_version: crate::now().timestamp_micros(),
        event_sequence: 0,
        counters_all: serde_json::to_value(&all)?,
        counters_disclosed: serde_json::to_value(&disclosed)?,
        created_at: m.head.created_at,
        updated_at: m.head.updated_at,
        deleted_at: None,
    })
}

/// The scenarios in order.
pub fn scenarios(export: &MissionExport, plan: &Plan) -> Vec<mission_scenario::Model> {
    let (mission, now) = (export.mission.head.id, crate::now());
    let row = |(position, s): (usize, &tyrian_api_types::missions::MissionScenario)| mission_scenario::Model {
        id: s.id,
        mission_id: mission,
        source_scenario_template_id: plan.here(s.source_scenario_template_id),
        name: s.name.clone(),
        description: s.description.clone(),
        threat_actor: s.threat_actor.clone(),
        position: place(position),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    export.mission.scenarios.iter().enumerate().map(row).collect()
}

/// The categories in order.
pub fn categories(export: &MissionExport) -> Vec<mission_category::Model> {
    let row = |(position, c): (usize, &tyrian_api_types::categories::Category)| mission_category::Model {
        id: c.id,
        mission_id: export.mission.head.id,
        name: c.name.clone(),
        color: c.color.clone(),
        position: place(position),
        summary: c.summary.clone(),
        version: c.version.max(1),
        created_at: c.created_at,
        updated_at: c.updated_at,
        deleted_at: None,
    };
    export.categories.iter().enumerate().map(row).collect()
}

/// What a test is found by: kept before its row is.
pub fn found_by(e: &ExportedTest) -> String {
    crate::test_templates::convert::search_text(&e.test.content, e.frozen_tags.iter().map(|t| t.external_id.as_str()))
}

/// A test, which is found by this.
pub fn test(t: &ExportedTest, found_by: &str, plan: &Plan) -> ApiResult<mission_test::Model> {
    let (e, t) = (t, &t.test);
    let c = &t.content;
    Ok(mission_test::Model {
        id: t.id,
        mission_id: t.mission_id,
        mission_scenario_id: t.mission_scenario_id,
        source_test_template_id: plan.here(t.source_test_template_id),
        retest_of_test_id: plan.here(e.retest_of_test_id),
        category_id: t.category_id,
        position: i32::try_from(t.position).unwrap_or(i32::MAX),
        name: c.name.clone(),
        search_text_id: Some(texts::id(found_by)),
        objective: c.objective.clone(),
        procedure: c.procedure.clone(),
        prerequisites: c.prerequisites.clone(),
        cleanup: c.cleanup.clone(),
        expected_detection: c.expected_detection.clone(),
        detection_rules: serde_json::to_value(&c.detection_rules)?,
        opsec_level: c.opsec_level.as_str().to_owned(),
        platforms: json!(c.platforms),
        tags: json!(c.tags),
        executor: c.executor.as_str().to_owned(),
        command: c.command.clone(),
        arguments: serde_json::to_value(&c.arguments)?,
        elevation_required: c.elevation_required,
        reference_links: json!(c.references),
        source_kind: e.source_kind.clone(),
        source_id: e.source_id.clone(),
        state: t.state.as_str().to_owned(),
        disclosed: t.disclosed,
        operator_id: plan.person(t.operator_id),
        source_host: t.source_host.clone(),
        target_host: t.target_host.clone(),
        started_at: t.started_at,
        ended_at: t.ended_at,
        argument_values: json!(t.argument_values),
        command_run: t.command_run.clone(),
        output: t.output.clone(),
        red_notes: t.red_notes.clone(),
        assessor_id: plan.person(t.assessor_id),
        logged: fact(t.logged),
        alerted: fact(t.alerted),
        prevented: fact(t.prevented),
        detection_level_id: t.detection_level_id.and_then(|id| plan.levels.get(&id).copied()),
        is_delayed: t.is_delayed,
        needed_config_change: t.needed_config_change,
        detected_at: t.detected_at,
        alerted_at: t.alerted_at,
        responded_at: t.responded_at,
        blue_notes: t.blue_notes.clone(),
        recommendation: t.recommendation.clone(),
        severity: grade(t.severity),
        priority: grade(t.priority),
        finding_status: t.finding_status.map(|s| s.as_str().to_owned()),
        finding_owner_id: plan.person(t.finding_owner_id),
        finding_due: t.finding_due,
        finding_reference: t.finding_reference.clone(),
        version: t.version.max(1),
        created_at: t.created_at,
        updated_at: t.updated_at,
        deleted_at: None,
    })
}

/// The frozen ATT&CK tags of all tests.
pub fn tags(export: &MissionExport) -> Vec<mission_test_mitre_tag::Model> {
    let of_test = |t: &ExportedTest| {
        let test = t.test.id;
        let row = move |tag: &tyrian_api_types::exports::FrozenTag| mission_test_mitre_tag::Model {
            id: Uuid::now_v7(),
            mission_test_id: test,
            kind: tag.kind.as_str().to_owned(),
            external_id: tag.external_id.clone(),
            name: tag.name.clone(),
            url: tag.url.clone(),
            tactics: tag.tactics.clone(),
            attack_version: tag.attack_version.clone(),
            ordinal: tag.ordinal,
            created_at: crate::now(),
        };
        t.frozen_tags.iter().map(row).collect::<Vec<_>>()
    };
    export.tests.iter().flat_map(of_test).collect()
}

/// What the tools did.
pub fn detections(export: &MissionExport, plan: &Plan) -> Vec<mission_test_detection::Model> {
    let row = |d: &tyrian_api_types::detections::Detection| {
        Some(mission_test_detection::Model {
            id: d.id,
            mission_test_id: d.mission_test_id,
            defence_tool_id: *plan.tools.get(&d.defence_tool_id)?,
            kind: d.kind.as_str().to_owned(),
            result: d.result.as_str().to_owned(),
            severity: d.severity.map(|s| s.as_str().to_owned()),
            occurred_at: d.occurred_at,
            reference: d.reference.clone(),
            rule: d.rule.clone(),
            notes: d.notes.clone(),
            version: d.version.max(1),
            created_at: d.created_at,
            updated_at: d.updated_at,
        })
    };
    export.detections.iter().filter_map(row).collect()
}

/// The files. One that did not come along has a name in the storage under which there is nothing: asked for, it is said
/// to be missing, and verification names it.
pub fn evidence(export: &MissionExport, plan: &Plan, stored: &Stored) -> Vec<evidence_file::Model> {
    let row = |e: &tyrian_api_types::evidence::Evidence| {
        let kept = stored.get(e.id);
        evidence_file::Model {
            id: e.id,
            mission_test_id: e.mission_test_id,
            side: e.side.as_str().to_owned(),
            file_name: e.file_name.clone(),
            // what a file is, its bytes say, and nobody else
            content_type: kept.map_or("application/octet-stream", |k| k.content_type).to_owned(),
            size_bytes: i64::try_from(e.size_bytes).unwrap_or(i64::MAX),
            sha256: e.sha256.clone(),
            storage_key: kept.and_then(|k| k.key.clone()).unwrap_or_else(|| format!("missing/{}", e.id)),
            caption: e.caption.clone(),
            uploaded_by_id: plan.person(e.uploaded_by.as_ref().map(|a| a.id)),
            created_at: e.created_at,
            updated_at: e.created_at,
            deleted_at: None,
        }
    };
    export.evidence.iter().map(row).collect()
}

/// What people said, and who is not here.
pub fn comments(export: &MissionExport, plan: &Plan, caller: &Caller) -> Vec<mission_comment::Model> {
    let mission_id = export.mission.head.id;
    let said = export.comments.iter().map(|c| {
        let missing = c.author.as_ref().and_then(|a| plan.missing(a.id));
        mission_comment::Model {
            id: c.id,
            mission_id,
            mission_test_id: c.mission_test_id,
            author_id: plan.person(c.author.as_ref().map(|a| a.id)),
            body: missing.map_or_else(|| c.body.clone(), |name| format!("{name} wrote:\n\n{}", c.body)),
            edited_at: c.edited_at,
            version: c.version.max(1),
            created_at: c.created_at,
            updated_at: c.edited_at.unwrap_or(c.created_at),
        }
    });
    let now = crate::now();
    let ours = plan.of_tests.iter().map(|(test, body)| (Some(*test), body)).chain(plan.of_mission.iter().map(|body| (None, body)));
    let ours = ours.map(|(mission_test_id, body)| mission_comment::Model {
        id: Uuid::now_v7(),
        mission_id,
        mission_test_id,
        author_id: Some(caller.id),
        body: body.clone(),
        edited_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    });
    said.chain(ours).collect()
}

/// A level that is not here yet.
pub fn level(id: Uuid, l: &ExportedLevel) -> detection_level::Model {
    let now = crate::now();
    detection_level::Model {
        id,
        code: l.code.clone(),
        name: l.name.clone(),
        description: l.description.clone(),
        color: l.color.clone(),
        rank: l.rank,
        is_default: false,
        is_retired: false,
        created_at: now,
        updated_at: now,
    }
}

/// A tool that is not here yet.
pub fn tool(id: Uuid, t: &ExportedTool) -> defence_tool::Model {
    let now = crate::now();
    defence_tool::Model {
        id,
        name: t.name.clone(),
        name_key: text::key(&t.name),
        vendor: t.vendor.clone(),
        kind: t.kind.clone(),
        is_active: true,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// What the audit log keeps of it.
pub fn detail(export: &MissionExport, plan: &Plan, stored: &Stored) -> Value {
    let head = &export.mission.head;
    json!({
        "name": head.name, "client": head.client, "exported_at": export.exported_at, "tests": export.tests.len(),
        "evidence": export.evidence.len(), "files": stored.keys().len(),
        "detection_levels": plan.new_levels.iter().map(|(_, l)| &l.code).collect::<Vec<_>>(),
        "defence_tools": plan.new_tools.iter().map(|(_, t)| &t.name).collect::<Vec<_>>(),
    })
}
