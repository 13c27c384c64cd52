//! Making an export: reading the mission, then writing the file.

use std::collections::{BTreeSet, HashMap, HashSet};

use tyrian_api_types::ErrorCode;
use tyrian_domain::mission::RoleHint;
use tyrian_entity::mission_test;
use tyrian_report::model::{Level, Mission, Participant, Report, Scenario};
use tyrian_report::navigator::{Before, Metric};
use tyrian_report::{attack_flow, csv, docx, html, markdown, navigator, scenario, xlsx};
use uuid::Uuid;

use super::convert::{self, Belongings, Names};
use super::files::{self, Made, blocking};
use super::format::{Choice, Format};
use super::{bundle, lossless, store, thumbnails};
use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::jobs::Progress;
use crate::missions::MissionScope;
use crate::missions::convert::word;
use crate::missions::scope::status_of;
use crate::missions::store::{self as missions, MemberRow};
use crate::state::State;
use crate::synthesis::{self, Told};

/// Makes the file.
pub async fn make(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    format: Format,
    choice: &Choice,
    progress: &Progress,
) -> ApiResult<Made> {
    let _turn = state.exports.acquire().await.map_err(ApiError::internal)?;
    progress.step("Reading the mission", 0, Some(3)).await?;
    let settings = state.settings.clone();
    match format {
        Format::Json => {
            let export = lossless::read(state, caller, scope, &choice.states).await?;
            blocking(move || files::write(&settings, |to| Ok(serde_json::to_writer(to, &export)?))).await
        }
        Format::Bundle => Box::pin(bundle::make(state, caller, scope, &choice.states, progress)).await,
        _ => {
            let report = read(state, caller, scope, format, choice, progress).await?;
            progress.step("Writing the file", 2, Some(3)).await?;
            let metric = choice.metric;
            let before = match &report.synthesis.compared_with {
                _ if metric != Metric::Delta => Before::new(),
                Some(c) => c.technique_changes.iter().map(|t| (t.external_id.clone(), t.other_ratio)).collect(),
                None => {
                    let detail = "This mission repeats none that you see, so there is nothing to take the difference from.";
                    return Err(ApiError::field("/metric", "no_origin", detail));
                }
            };
            blocking(move || files::write(&settings, |to| write(&report, format, metric, &before, to))).await
        }
    }
}

fn write(
    report: &Report,
    format: Format,
    metric: Metric,
    before: &Before,
    to: &mut std::io::BufWriter<std::fs::File>,
) -> tyrian_report::Result<()> {
    match format {
        Format::Csv => csv::write(report, to),
        Format::Xlsx => xlsx::write(report, to),
        Format::Markdown => markdown::write(report, to),
        Format::Html => html::write(report, to),
        Format::Docx => docx::write(report, to),
        Format::Navigator => navigator::write(report, metric, before, to),
        Format::AttackFlow => attack_flow::write(report, to),
        Format::Scenario => scenario::write(report, to),
        #[cfg(feature = "pdf")]
        Format::Pdf => tyrian_report::pdf::write(report, to),
        #[cfg(not(feature = "pdf"))]
        Format::Pdf => Ok(()),
        Format::Json | Format::Bundle => Ok(()),
    }
}

/// Refuses a format that this build does not have.
pub fn available(format: Format) -> ApiResult<()> {
    if format == Format::Pdf && !cfg!(feature = "pdf") {
        return Err(ApiError::new(ErrorCode::ValidationFailed, "This build of the server makes no PDF. Take html or docx."));
    }
    Ok(())
}

/// Reads a mission as a report tells it, as far as the caller sees it.
pub async fn read(
    state: &State,
    caller: &Caller,
    scope: &MissionScope,
    format: Format,
    choice: &Choice,
    progress: &Progress,
) -> ApiResult<Report> {
    let db = state.db.reader();
    let chosen = store::chosen(scope, &choice.states);
    let mut rows = missions::full_tests(db, chosen.clone()).await?;
    let scenarios = missions::scenarios(db, scope).await?;
    // over a selection the numbers are those of the selection, and there is nothing to compare them with
    let Told { tests: told, synthesis } = if choice.states.is_empty() {
        synthesis::of_mission(state, caller, scope).await?
    } else {
        synthesis::read(db, scope, &chosen).await?
    };

    let mut of: HashMap<Uuid, Belongings> =
        told.into_iter().map(|t| (t.id, Belongings { tags: t.tags, ..Belongings::default() })).collect();
    for d in crate::detections::of_mission(db, scope).await? {
        of.entry(d.mission_test_id).or_default().detections.push(convert::detection(d));
    }
    let mut comments = Vec::new();
    let told = if choice.without_comments { Vec::new() } else { crate::comments::of_mission(db, scope).await? };
    for c in told {
        match c.mission_test_id {
            Some(test) => of.entry(test).or_default().comments.push(convert::comment(c)),
            None => comments.push(convert::comment(c)),
        }
    }
    let files = store::evidence(db, &chosen).await?;
    let (mut pictures, mut total) = (0, 0);
    for (done, file) in files.iter().enumerate() {
        let mut evidence = convert::evidence(file)?;
        if format.has_pictures() && pictures < thumbnails::PICTURES && total < thumbnails::TOTAL {
            if done % 20 == 0 {
                progress.step("Looking at the evidence", 1, Some(3)).await?;
            }
            evidence.thumbnail = thumbnails::of(state, file).await?;
            pictures += usize::from(evidence.thumbnail.is_some());
            total += evidence.thumbnail.as_ref().map_or(0, |t| t.jpeg.len());
        }
        of.entry(file.mission_test_id).or_default().evidence.push(evidence);
    }

    let levels = store::levels(db).await?;
    let named = rows.iter().flat_map(|t| [t.operator_id, t.assessor_id, t.finding_owner_id]).flatten().collect::<HashSet<_>>();
    let people = store::people(db, named).await?;
    let names = Names {
        people: people.into_iter().map(|p| (p.id, p.display_name)).collect(),
        levels: levels.iter().map(|l| (l.id, l.code.clone())).collect(),
    };
    let members = missions::members_of(db, scope.id()).await?;
    let participants = participants(members, &rows, &names)?;
    let place: HashMap<Uuid, usize> = scenarios.iter().enumerate().map(|(place, s)| (s.id, place)).collect();
    rows.sort_by_key(|row| (place.get(&row.mission_scenario_id).copied(), row.position, row.id));
    let tests = rows.into_iter().zip(1..).map(|(row, number)| {
        let scenario = place.get(&row.mission_scenario_id).copied().unwrap_or_default();
        let of_test = of.remove(&row.id).unwrap_or_default();
        convert::test(row, number, scenario, of_test, &names)
    });
    let tests = tests.collect::<ApiResult<Vec<_>>>()?;

    let mut settings = store::settings(db).await?;
    let m = scope.mission();
    Ok(Report {
        generated_at: crate::now(),
        selection: choice.states.clone(),
        company: settings.remove("report.company"),
        classification: settings.remove("report.classification"),
        mission: Mission {
            id: m.id,
            name: m.name.clone(),
            client: m.client.clone(),
            status: status_of(m)?,
            start_date: m.start_date,
            end_date: m.end_date,
            attack_version: m.attack_version.clone(),
            description: m.description.clone(),
            objectives: m.objectives.clone(),
            scope: m.scope.clone(),
            threat_model: m.threat_model.clone(),
            executive_summary: m.executive_summary.clone(),
            created_at: m.created_at,
        },
        participants,
        scenarios: scenarios
            .into_iter()
            .map(|s| Scenario { id: s.id, name: s.name, description: s.description, threat_actor: s.threat_actor })
            .collect(),
        tests,
        levels: levels
            .into_iter()
            .filter(|l| !l.is_retired)
            .map(|l| Level { code: l.code, name: l.name, color: l.color, description: l.description })
            .collect(),
        synthesis,
        comments,
    })
}

/// The members, and those who ran or assessed a test without being one.
fn participants(members: Vec<MemberRow>, tests: &[mission_test::Model], names: &Names) -> ApiResult<Vec<Participant>> {
    let known: HashSet<Uuid> = members.iter().map(|m| m.user_id).collect();
    let acted = |of: fn(&mission_test::Model) -> Option<Uuid>| {
        tests.iter().filter_map(of).filter(|id| !known.contains(id)).collect::<BTreeSet<_>>()
    };
    let (red, blue) = (acted(|t| t.operator_id), acted(|t| t.assessor_id));
    let role = |id: &Uuid| match (red.contains(id), blue.contains(id)) {
        (true, true) => RoleHint::Purple,
        (true, false) => RoleHint::Red,
        (false, _) => RoleHint::Blue,
    };
    let others = red.union(&blue).filter_map(|id| Some(Participant { name: names.people.get(id)?.clone(), role: role(id) }));
    let members =
        members.into_iter().map(|m| Ok(Participant { role: word(RoleHint::parse(&m.role_hint), &m.role_hint)?, name: m.display_name }));
    members.chain(others.map(Ok)).collect()
}
