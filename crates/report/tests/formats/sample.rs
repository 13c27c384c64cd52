//! A made-up mission with something in every field, and every dangerous character.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::synthesis::{self, Finding, Heading, Sighting, Tactic, Tag};
use tyrian_domain::template::{Executor, OpsecLevel, TagKind};
use tyrian_domain::test::{DetectionKind, DetectionResult, Fact, FindingStatus, Grade, Outcome, Side, TestState};
use tyrian_report::model::{Blue, Comment, Detection, Evidence, Level, Mission, Participant, Plan, Red, Report, Scenario, Test, Thumbnail};
use uuid::Uuid;

/// Every word that blue wrote holds it.
pub const CANARY: &str = "BLUECANARY";
/// The last words of the names of tests.
pub const EVIL: &str = "=cmd|' /C calc'!A0 <script>alert(1)</script> #set page(fill: red) | *x* & \"q\"";

pub fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x1234_5678_9abc_7def_8000_0000_0000_0000 + n)
}

fn tag(external_id: &str, name: &str, tactics: &[(&str, &str, &str, i32)]) -> Tag {
    let tactic = |(id, short, name, position): &(&str, &str, &str, i32)| Tactic {
        position: Some(*position),
        external_id: (*id).into(),
        short_name: Some((*short).into()),
        name: Some((*name).into()),
    };
    Tag {
        kind: if external_id.contains('.') { TagKind::Subtechnique } else { TagKind::Technique },
        external_id: external_id.into(),
        name: name.into(),
        url: Some(format!("https://attack.mitre.org/techniques/{}/", external_id.replace('.', "/"))),
        tactics: tactics.iter().map(tactic).collect(),
    }
}

const EXECUTION: (&str, &str, &str, i32) = ("TA0002", "execution", "Execution", 3);
const PERSISTENCE: (&str, &str, &str, i32) = ("TA0003", "persistence", "Persistence", 4);
const CREDENTIALS: (&str, &str, &str, i32) = ("TA0006", "credential-access", "Credential Access", 7);

/// A picture of one grey pixel.
pub fn pixel() -> Thumbnail {
    Thumbnail { jpeg: include_bytes!("pixel.jpeg").as_slice().into(), width: 1, height: 1 }
}

/// With this many tests, 4 of each kind in turn.
pub fn report(tests: usize) -> Report {
    let category = id(900);
    let tests: Vec<Test> = (0..tests).map(|n| test(n, category)).collect();
    let headings = [
        Heading {
            id: category,
            name: "Endpoint".into(),
            color: Some("#7f1d67".into()),
            position: 0,
            summary: Some("The EDR saw **half**.\n\n- one\n- two".into()),
        },
        Heading { id: id(901), name: "Identity".into(), color: None, position: 1, summary: None },
    ];
    let told: Vec<_> = tests.iter().map(input).collect();
    Report {
        generated_at: at(10_000),
        selection: vec![],
        company: Some("Example Security GmbH".into()),
        classification: Some("Confidential".into()),
        mission: Mission {
            id: id(1),
            name: "Quiet Ledger <2026>".into(),
            client: "Northgate Water".into(),
            status: MissionStatus::Completed,
            start_date: Some("2026-03-02".parse().unwrap()),
            end_date: Some("2026-03-13".parse().unwrap()),
            attack_version: Some("18.1".into()),
            description: Some("A **purple** exercise.".into()),
            objectives: Some("1. Find gaps\n2. Close them".into()),
            scope: Some("Only `10.0.0.0/8`. See [the plan](https://example.test/plan) or [this](javascript:alert(1)).".into()),
            threat_model: Some("<img src=x onerror=alert(1)>".into()),
            executive_summary: Some("# Well done\n\nMost of it was seen.".into()),
            created_at: at(-5000),
        },
        participants: vec![
            Participant { name: "Aiko Brandt".into(), role: RoleHint::Red },
            Participant { name: "Priya Nair".into(), role: RoleHint::Blue },
        ],
        scenarios: vec![
            Scenario {
                id: id(10),
                name: "Way in".into(),
                description: Some("From mail to shell".into()),
                threat_actor: Some("Copper Heron".into()),
            },
            Scenario { id: id(11), name: "Way on".into(), description: None, threat_actor: None },
        ],
        levels: vec![
            Level { code: "none".into(), name: "None".into(), color: "#ba4d04".into(), description: Some("Nothing was seen".into()) },
            Level { code: "general".into(), name: "General".into(), color: "#e3efb7".into(), description: None },
        ],
        synthesis: synthesis::of(&told, &headings),
        tests,
        comments: vec![Comment { author: Some("Ines Marchetti".into()), at: at(9000), body: format!("Debrief on Friday {CANARY}") }],
    }
}

fn test(n: usize, category: Uuid) -> Test {
    let kind = n % 4;
    let (state, [logged, alerted, prevented]) = match kind {
        0 => (TestState::Assessed, [Fact::Yes, Fact::Partial, Fact::No]),
        1 => (TestState::Assessed, [Fact::No, Fact::No, Fact::No]),
        2 => (TestState::Executed, [Fact::Unknown; 3]),
        _ => (TestState::Skipped, [Fact::Unknown; 3]),
    };
    let mitre = match kind {
        0 => vec![tag("T1059.001", "PowerShell", &[EXECUTION])],
        1 => vec![tag("T1053", "Scheduled Task/Job", &[EXECUTION, PERSISTENCE]), tag("T1003.001", "LSASS Memory", &[CREDENTIALS])],
        2 => vec![tag("T1059", "Command and Scripting Interpreter", &[EXECUTION])],
        _ => vec![],
    };
    let name = if n == 1 { EVIL.to_owned() } else { format!("Test no {}", n + 1) };
    let ran = kind < 3;
    Test {
        id: id(100 + n as u128),
        number: n + 1,
        scenario: usize::from(kind >= 2),
        plan: Plan {
            name,
            objective: Some(if n == 0 { "-2+3 is what a cell would compute".into() } else { "Show it".into() }),
            procedure: Some("1. Open it\n2. Run `whoami`".into()),
            prerequisites: None,
            cleanup: Some("rm x".into()),
            expected_detection: Some("An alert of the EDR".into()),
            detection_rules: json!([{"format": "sigma", "title": "Whoami", "level": "low", "body": "title: Whoami"}]),
            opsec_level: Some(OpsecLevel::Low),
            platforms: vec!["Windows".into(), "Linux".into()],
            tags: vec!["baseline".into()],
            executor: Some(Executor::Powershell),
            command: Some("whoami /priv #{who}".into()),
            arguments: json!({"who": {"description": null, "type": "string", "default": "me"}}),
            elevation_required: true,
            references: vec!["https://example.test/a".into()],
            mitre,
        },
        state,
        outcome: Outcome::derive(state, logged, alerted, prevented),
        disclosed: true,
        red: Red {
            operator: ran.then(|| "Aiko Brandt".into()),
            source_host: Some("kali-1".into()),
            target_host: ran.then(|| "ws-042".into()),
            started_at: ran.then(|| at(i64::try_from(n).unwrap())),
            ended_at: ran.then(|| at(i64::try_from(n).unwrap() + 3)),
            argument_values: [("who".to_owned(), json!("you"))].into(),
            command_run: ran.then(|| "whoami /priv you".into()),
            output: ran.then(|| "┌──┐\n│ok│ Привет\u{1b}[0m\n└──┘ ```".into()),
            notes: Some("@SUM(1+1) went well".into()),
        },
        blue: Blue {
            assessor: (kind < 2).then(|| "Priya Nair".into()),
            logged,
            alerted,
            prevented,
            level: (kind < 2).then(|| if kind == 0 { "general".into() } else { "none".into() }),
            is_delayed: kind == 0,
            needed_config_change: kind == 0,
            detected_at: (kind == 0).then(|| at(i64::try_from(n).unwrap() + 5)),
            alerted_at: (kind == 0).then(|| at(i64::try_from(n).unwrap() + 6)),
            responded_at: None,
            notes: Some(format!("{CANARY} seen in the SIEM")),
            recommendation: Some(format!("{CANARY} Turn on script block logging")),
            severity: if kind == 1 { Grade::High } else { Grade::None },
            priority: if kind == 1 { Grade::Critical } else { Grade::None },
            finding_status: (kind == 1).then_some(FindingStatus::Open),
            finding_owner: (kind == 1).then(|| format!("{CANARY} Jonas")),
            finding_due: (kind == 1).then(|| "2026-06-30".parse().unwrap()),
            finding_reference: (kind == 1).then(|| format!("{CANARY}-17")),
            detections: if kind < 2 {
                vec![Detection {
                    tool: format!("{CANARY} EDR"),
                    kind: DetectionKind::Alerted,
                    result: if kind == 0 { DetectionResult::Yes } else { DetectionResult::No },
                    severity: Some(Grade::High),
                    at: Some(at(i64::try_from(n).unwrap() + 4)),
                    reference: Some(format!("{CANARY}-ref")),
                    rule: Some(format!("{CANARY} rule")),
                    notes: None,
                }]
            } else {
                vec![]
            },
        },
        category_id: (kind == 0).then_some(category),
        evidence: if kind == 0 {
            vec![
                Evidence {
                    side: Side::Red,
                    file_name: "shell.png".into(),
                    content_type: "image/png".into(),
                    size_bytes: 2048,
                    sha256: "a".repeat(64),
                    caption: Some("A <shell>".into()),
                    thumbnail: Some(pixel()),
                },
                Evidence {
                    side: Side::Blue,
                    file_name: format!("{CANARY}.txt"),
                    content_type: "text/plain".into(),
                    size_bytes: 12,
                    sha256: "b".repeat(64),
                    caption: None,
                    thumbnail: None,
                },
            ]
        } else {
            vec![]
        },
        comments: vec![],
    }
}

fn input(t: &Test) -> synthesis::Test {
    synthesis::Test {
        place: (i32::try_from(t.scenario).unwrap(), i32::try_from(t.number).unwrap()),
        scenario: "Way".into(),
        state: t.state,
        logged: t.blue.logged,
        alerted: t.blue.alerted,
        prevented: t.blue.prevented,
        category_id: t.category_id,
        started_at: t.red.started_at,
        detected_at: t.blue.detected_at,
        alerted_at: t.blue.alerted_at,
        sightings: t.blue.detections.iter().map(|d| Sighting { kind: d.kind, result: d.result, at: d.at }).collect(),
        tags: t.plan.mitre.clone(),
        severity: t.blue.severity,
        priority: t.blue.priority,
        recommendation: t.blue.recommendation.clone(),
        finding: Finding {
            status: t.blue.finding_status,
            owner_name: t.blue.finding_owner.clone(),
            due: t.blue.finding_due,
            ..Finding::default()
        },
        ..synthesis::Test::planned(t.id, &*t.plan.name)
    }
}
