//! What the file's people, detection levels and tools are here. People are found by their addresses; those who are not
//! here are named in comments: a test's on the test, members and the rest on the mission. Levels and tools that are not
//! here are made, by whoever may make them.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use tyrian_api_types::exports::{ExportedLevel, ExportedTool, MissionExport};
use tyrian_api_types::imports::ImportReport;
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use uuid::Uuid;

use super::{note, store};
use crate::error::ApiResult;
use crate::exports;
use crate::http::Caller;

/// What ids of the file are here.
#[derive(Default)]
pub struct Plan {
    people: HashMap<Uuid, Uuid>,
    pub levels: HashMap<Uuid, Uuid>,
    pub tools: HashMap<Uuid, Uuid>,
    pub new_levels: Vec<(Uuid, ExportedLevel)>,
    pub new_tools: Vec<(Uuid, ExportedTool)>,
    /// Test templates, scenario templates, missions and tests that the file names and that are here.
    pub here: HashSet<Uuid>,
    /// What is said of a test's people who are not here.
    pub of_tests: BTreeMap<Uuid, String>,
    /// What is said of the others.
    pub of_mission: Option<String>,
    names: HashMap<Uuid, String>,
}

impl Plan {
    /// The user here.
    pub fn person(&self, id: Option<Uuid>) -> Option<Uuid> {
        self.people.get(&id?).copied()
    }

    /// An id of something that may not be here.
    pub fn here(&self, id: Option<Uuid>) -> Option<Uuid> {
        id.filter(|id| self.here.contains(id))
    }

    /// The name of somebody who is not here.
    pub fn missing(&self, id: Uuid) -> Option<&str> {
        if self.people.contains_key(&id) { None } else { self.names.get(&id).map(String::as_str) }
    }
}

/// Looks everything up; what cannot be taken becomes an error of the report.
pub async fn plan(db: &impl ConnectionTrait, caller: &Caller, export: &MissionExport, report: &mut ImportReport) -> ApiResult<Plan> {
    let mut plan =
        Plan { names: export.people.iter().map(|p| (p.id, p.display_name.replace(['\n', '\r'], " "))).collect(), ..Plan::default() };
    let emails: HashMap<String, Uuid> =
        export.people.iter().filter_map(|p| Some((text::normalise_email(p.email.as_deref()?), p.id))).collect();
    for user in store::users(db, emails.keys().cloned().collect()).await? {
        if let Some(id) = emails.get(&user.email) {
            plan.people.insert(*id, user.id);
        }
    }
    say_who_is_missing(export, &mut plan, report);
    levels_and_tools(db, caller, export, &mut plan, report).await?;

    let templates = export.tests.iter().filter_map(|t| t.test.source_test_template_id).collect::<HashSet<_>>();
    plan.here.extend(store::test_templates(db, templates.into_iter().collect()).await?);
    let scenarios = export.mission.scenarios.iter().filter_map(|s| s.source_scenario_template_id).collect();
    plan.here.extend(store::scenario_templates(db, scenarios).await?);
    let origin = export.mission.head.retest_of_id;
    plan.here.extend(store::missions(db, origin.into_iter().collect()).await?);
    if plan.here(origin).is_some() {
        let tests: Vec<Uuid> = export.tests.iter().filter_map(|t| t.retest_of_test_id).collect();
        for some in tests.chunks(10_000) {
            plan.here.extend(store::tests(db, some.to_vec()).await?);
        }
    } else if origin.is_some() {
        let detail = "It repeats a mission that is not here: import that one first to have them compared.";
        report.warnings.push(note(&*export.mission.head.name, "origin_missing", detail));
    }
    Ok(plan)
}

fn say_who_is_missing(export: &MissionExport, plan: &mut Plan, report: &mut ImportReport) {
    for t in &export.tests {
        let roles = [("Operator", t.test.operator_id), ("Assessor", t.test.assessor_id), ("Owner of the finding", t.test.finding_owner_id)];
        let told: Vec<String> = roles.iter().filter_map(|(role, id)| Some(format!("{role}: {}", plan.missing((*id)?)?))).collect();
        if !told.is_empty() {
            plan.of_tests.insert(t.test.id, format!("From the import, people who are no users here. {}.", told.join("; ")));
        }
    }
    let mut told = Vec::new();
    for p in export.people.iter().filter(|p| !plan.people.contains_key(&p.id)) {
        let role = export.mission.head.members.iter().find(|m| m.user_id == p.id).map(|m| format!(", {}", m.role_hint)).unwrap_or_default();
        let email = p.email.as_deref().map(|e| format!(" ({e})")).unwrap_or_default();
        told.push(format!("{}{email}{role}", plan.names.get(&p.id).map_or("", String::as_str)));
        let detail = "Nobody of this address is a user here. The name is kept in a comment.";
        report.warnings.push(note(&*p.display_name, "unknown_person", detail));
    }
    if !told.is_empty() {
        told.sort();
        plan.of_mission = Some(format!("From the import, people who are no users here:\n\n- {}", told.join("\n- ")));
    }
}

async fn levels_and_tools(
    db: &impl ConnectionTrait,
    caller: &Caller,
    export: &MissionExport,
    plan: &mut Plan,
    report: &mut ImportReport,
) -> ApiResult<()> {
    let here: HashMap<String, Uuid> = exports::store::levels(db).await?.into_iter().map(|l| (l.code, l.id)).collect();
    for level in &export.detection_levels {
        let id = here.get(&level.code).copied();
        if id.is_none() && !caller.can(Permission::DetectionLevelManage) {
            let detail = format!("There is no detection level {:?} here. Somebody with detection_level.manage can make it.", level.code);
            report.errors.push(note(&*level.name, "unknown_detection_level", detail));
        }
        plan.levels.insert(
            level.id,
            id.unwrap_or_else(|| {
                let id = Uuid::now_v7();
                plan.new_levels.push((id, level.clone()));
                id
            }),
        );
    }
    let keys = export.defence_tools.iter().map(|t| text::key(&t.name)).collect();
    let here: HashMap<String, Uuid> = store::tools(db, keys).await?.into_iter().map(|t| (t.name_key, t.id)).collect();
    for tool in &export.defence_tools {
        let id = here.get(&text::key(&tool.name)).copied();
        if id.is_none() && !caller.can(Permission::DefenceToolManage) {
            let detail = format!("There is no defence tool {:?} here. Somebody with defence_tool.manage can make it.", tool.name);
            report.errors.push(note(&*tool.name, "unknown_defence_tool", detail));
        }
        plan.tools.insert(
            tool.id,
            id.unwrap_or_else(|| {
                let id = Uuid::now_v7();
                plan.new_tools.push((id, tool.clone()));
                id
            }),
        );
    }
    for (name, code) in plan
        .new_levels
        .iter()
        .map(|(_, l)| (&l.name, "detection_level_made"))
        .chain(plan.new_tools.iter().map(|(_, t)| (&t.name, "defence_tool_made")))
    {
        report.warnings.push(note(&**name, code, "It was not here and is made."));
    }
    Ok(())
}
