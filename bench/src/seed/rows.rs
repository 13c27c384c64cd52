//! Every table's rows.

use chrono::Duration;

use super::{Table, Value};
use crate::data::{
    ADMINISTRATOR, Attack, CALLER, Counters, Kind, SCENARIOS, SETS, SUBTECHNIQUES, Size, State, TACTICS, TECHNIQUES, TESTS, USERS,
    all_tests, frozen_tactics, id, made, mission_made, scenario_no, scenario_template_no, status, tactic_id, tactic_short, tags, test_no,
    test_template_no,
};

/// The first id of the seeded groups and detection levels: migration 6 counts from here.
const SEEDED: u128 = 0x01a2_0ada_2c00_7000_8000_0000_0000_0000;

macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$(Value::from($value)),*] };
}

fn group(n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(SEEDED + 0x2000 + u128::from(n))
}

fn level(rank: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(SEEDED + 0x3000 + 1 + u128::from(rank))
}

fn table<'a>(name: &'static str, columns: &'static [&'static str], rows: impl Iterator<Item = Vec<Value>> + 'a) -> Table<'a> {
    Table { name, columns, rows: Box::new(rows) }
}

/// All tables, parents first.
pub fn tables(size: Size, password_hash: &str) -> Vec<Table<'_>> {
    let mut tables = people(password_hash);
    tables.extend(catalogue());
    tables.extend(templates(size));
    tables.extend(missions(size));
    tables
}

fn people(password_hash: &str) -> Vec<Table<'_>> {
    let users = (1..=USERS).map(move |n| {
        let (email, name) = (format!("user{n}@example.test"), format!("User {n}"));
        let search = format!("{} {email}", name.to_lowercase());
        row![
            id(Kind::User, n),
            email,
            name.clone(),
            name.to_lowercase(),
            search,
            password_hash,
            true,
            n == ADMINISTRATOR,
            "{}",
            1u64,
            made(),
            made()
        ]
    });
    // administrators, leads, red, blue
    let groups = (1..=USERS).map(|n| {
        let group_no = match n {
            ADMINISTRATOR => 1,
            2..=10 => 2,
            11..=30 => 3,
            _ => 4,
        };
        row![id(Kind::User, n), group(group_no)]
    });
    vec![
        table(
            "users",
            &[
                "id",
                "email",
                "display_name",
                "name_key",
                "search_text",
                "password_hash",
                "is_active",
                "is_admin",
                "preferences",
                "version",
                "created_at",
                "updated_at",
            ],
            users,
        ),
        table("user_groups", &["user_id", "group_id"], groups),
    ]
}

fn catalogue() -> Vec<Table<'static>> {
    let tactics = (0..TACTICS).map(|n| {
        let (id, external) = (id(Kind::Tactic, n), tactic_id(n));
        row![id, format!("x-mitre-tactic--{id}"), "enterprise", external, tactic_short(n), format!("Tactic {n}"), n, made(), made()]
    });
    let technique = |id: uuid::Uuid, tag: Attack| {
        let (external, name) = (tag.external_id(), tag.name());
        let search = format!("{name} {external}").to_lowercase();
        row![id, format!("attack-pattern--{id}"), "enterprise", external, name, r#"["Windows"]"#, search, made(), made()]
    };
    let techniques = (0..TECHNIQUES).map(move |n| technique(id(Kind::Technique, n), Attack::Technique(n)));
    let subtechniques = (0..SUBTECHNIQUES).map(move |n| {
        let tag = Attack::Subtechnique(n);
        let mut row = technique(id(Kind::Subtechnique, n), tag);
        row.push(id(Kind::Technique, tag.technique()).into());
        row
    });
    let links = (0..TECHNIQUES).map(|n| row![id(Kind::Technique, n), id(Kind::Tactic, n % TACTICS)]);
    let counts = format!(r#"{{"objects":1000,"tactics":{TACTICS},"techniques":{TECHNIQUES},"subtechniques":{SUBTECHNIQUES}}}"#);
    let sync = std::iter::once(row![id(Kind::Sync, 1), "enterprise", "upload", "18.1", made(), made(), counts, "succeeded", false]);
    vec![
        table(
            "mitre_tactics",
            &["id", "stix_id", "domain", "external_id", "short_name", "name", "position", "created_at", "updated_at"],
            tactics,
        ),
        table(
            "mitre_techniques",
            &["id", "stix_id", "domain", "external_id", "name", "platforms", "search_text", "created_at", "updated_at"],
            techniques,
        ),
        table(
            "mitre_subtechniques",
            &["id", "stix_id", "domain", "external_id", "name", "platforms", "search_text", "created_at", "updated_at", "technique_id"],
            subtechniques,
        ),
        table("mitre_technique_tactics", &["technique_id", "tactic_id"], links),
        table(
            "catalogue_syncs",
            &["id", "domain", "source", "version", "started_at", "finished_at", "counts", "outcome", "verified"],
            sync,
        ),
    ]
}

/// What a test is found by: name, objective, ATT&CK ids.
fn search_text(name: &str, objective: &str, template: u64) -> String {
    let mut words = vec![name.to_owned(), objective.to_owned()];
    words.extend(tags(template).iter().map(|t| t.external_id()));
    words.join("\n").to_lowercase()
}

fn template_name(n: u64) -> String {
    format!("Test {} of scenario {}", n % TESTS + 1, n / TESTS + 1)
}

fn test_name(place: u64) -> String {
    format!("Test {}", place + 1)
}

fn templates(size: Size) -> Vec<Table<'static>> {
    let tests = (0..SETS * SCENARIOS * TESTS).map(move |n| {
        let (name, objective) = (template_name(n), size.text("what this test checks ", 8));
        let search = id(Kind::SearchText, 2 * n);
        let creator = id(Kind::User, CALLER);
        let mut row =
            row![id(Kind::TestTemplate, n), name.clone(), name.to_lowercase(), search, objective, size.text("run command x; ", 10)];
        row.extend(row!["[]", "low", r#"["Windows"]"#, "[]", "powershell", "run command x", "{}", false, "[]", "[]"]);
        row.extend(row![creator, 1u64, made(), made()]);
        row
    });
    let tag_rows = (0..SETS * SCENARIOS * TESTS).flat_map(|n| {
        tags(n).into_iter().zip(0u64..).map(move |(tag, ordinal)| {
            let (technique, subtechnique) = match tag {
                Attack::Technique(t) => (Some(id(Kind::Technique, t)), None),
                Attack::Subtechnique(s) => (None, Some(id(Kind::Subtechnique, s))),
            };
            row![id(Kind::TestTemplateTag, n * 3 + ordinal), id(Kind::TestTemplate, n), technique, subtechnique, ordinal, made()]
        })
    });
    let scenarios = (0..SETS * SCENARIOS).map(move |n| {
        let (name, text) = (format!("Scenario {}", n % SCENARIOS + 1), size.text("scenario text ", 8));
        let search = format!("{name}\n{text}").to_lowercase();
        let key = name.to_lowercase();
        row![id(Kind::ScenarioTemplate, n), name, key, search, text, "[]", id(Kind::User, CALLER), 1u64, made(), made()]
    });
    let places = (0..SETS * SCENARIOS * TESTS).map(|n| {
        row![id(Kind::ScenarioTemplateTest, n), id(Kind::ScenarioTemplate, n / TESTS), id(Kind::TestTemplate, n), n % TESTS, made()]
    });
    // a template's number and place among its scenario's tell what its copies are called
    let texts = (0..SETS * SCENARIOS * TESTS).flat_map(move |n| {
        let objective = size.text("what this test checks ", 8);
        let of_copies = search_text(&test_name(n % TESTS), &objective, n);
        let of_template = search_text(&template_name(n), &objective, n);
        [row![id(Kind::SearchText, 2 * n), of_template], row![id(Kind::SearchText, 2 * n + 1), of_copies]]
    });
    vec![
        table("search_texts", &["id", "text"], texts),
        table("test_templates", TEMPLATE_COLUMNS, tests),
        table(
            "test_template_mitre_tags",
            &["id", "test_template_id", "technique_id", "subtechnique_id", "ordinal", "created_at"],
            tag_rows,
        ),
        table(
            "scenario_templates",
            &["id", "name", "name_key", "search_text", "description", "tags", "created_by_id", "version", "created_at", "updated_at"],
            scenarios,
        ),
        table("scenario_template_tests", &["id", "scenario_template_id", "test_template_id", "position", "created_at"], places),
    ]
}

const TEMPLATE_COLUMNS: &[&str] = &[
    "id",
    "name",
    "name_key",
    "search_text_id",
    "objective",
    "procedure",
    "detection_rules",
    "opsec_level",
    "platforms",
    "tags",
    "executor",
    "command",
    "arguments",
    "elevation_required",
    "reference_links",
    "unresolved_tags",
    "created_by_id",
    "version",
    "created_at",
    "updated_at",
];

fn missions(size: Size) -> Vec<Table<'static>> {
    let counters = |disclosed| serde_json::to_string(&Counters::of_mission(disclosed)).unwrap_or_default();
    let (all, disclosed) = (counters(false), counters(true));
    let missions = (1..=size.missions).map(move |n| {
        let (name, client, text) = (format!("Mission {n}"), format!("Client {}", n % 40), size.text("mission description ", 8));
        let search = format!("{name} {client} {text}").to_lowercase();
        let keys = (name.to_lowercase(), client.to_lowercase());
        let at = mission_made(n);
        let mut row = row![id(Kind::Mission, n), name, keys.0, client, keys.1, search, text, status(n), id(Kind::User, CALLER + n % 9)];
        row.extend(row!["18.1", 1u64, 1u64, 0u64, all.clone(), disclosed.clone(), at, at]);
        row
    });
    let members = (1..=size.missions).flat_map(|n| {
        [(CALLER, "purple"), (11 + n % 20, "red"), (31 + n % 20, "blue")]
            .map(|(user, role)| row![id(Kind::Mission, n), id(Kind::User, user), role, mission_made(n), mission_made(n)])
    });
    let scenarios = (1..=size.missions).flat_map(move |n| {
        (0..SCENARIOS).map(move |s| {
            let source = id(Kind::ScenarioTemplate, scenario_template_no(n, s));
            let text = size.text("scenario text ", 8);
            let name = format!("Scenario {}", s + 1);
            row![id(Kind::Scenario, scenario_no(n, s)), id(Kind::Mission, n), source, name, text, s, mission_made(n), mission_made(n)]
        })
    });
    let tests = (1..=size.missions).flat_map(move |n| all_tests().map(move |(s, p)| test(size, n, s, p)));
    let tag_rows = (1..=size.missions).flat_map(|n| {
        all_tests().flat_map(move |(s, p)| {
            let test = test_no(n, s, p);
            tags(test_template_no(n, s, p)).into_iter().zip(0u64..).map(move |(tag, ordinal)| {
                let (tag_id, of) = (id(Kind::Tag, test * 3 + ordinal), id(Kind::Test, test));
                row![tag_id, of, tag.kind(), tag.external_id(), tag.name(), frozen_tactics(tag), "18.1", ordinal, mission_made(n)]
            })
        })
    });
    vec![
        table("missions", MISSION_COLUMNS, missions),
        table("mission_members", &["mission_id", "user_id", "role_hint", "created_at", "updated_at"], members),
        table(
            "mission_scenarios",
            &["id", "mission_id", "source_scenario_template_id", "name", "description", "position", "created_at", "updated_at"],
            scenarios,
        ),
        table("mission_tests", TEST_COLUMNS, tests),
        table(
            "mission_test_mitre_tags",
            &["id", "mission_test_id", "kind", "external_id", "name", "tactics", "attack_version", "ordinal", "created_at"],
            tag_rows,
        ),
    ]
}

const MISSION_COLUMNS: &[&str] = &[
    "id",
    "name",
    "name_key",
    "client",
    "client_key",
    "search_text",
    "description",
    "status",
    "created_by_id",
    "attack_version",
    "version",
    "content_version",
    "event_sequence",
    "counters_all",
    "counters_disclosed",
    "created_at",
    "updated_at",
];

const TEST_COLUMNS: &[&str] = &[
    "id",
    "mission_id",
    "mission_scenario_id",
    "source_test_template_id",
    "position",
    "name",
    "search_text_id",
    "objective",
    "procedure",
    "detection_rules",
    "opsec_level",
    "platforms",
    "tags",
    "executor",
    "command",
    "arguments",
    "elevation_required",
    "reference_links",
    "state",
    "disclosed",
    "operator_id",
    "started_at",
    "ended_at",
    "argument_values",
    "assessor_id",
    "logged",
    "alerted",
    "prevented",
    "detection_level_id",
    "detected_at",
    "alerted_at",
    "version",
    "created_at",
    "updated_at",
];

fn test(size: Size, mission: u64, scenario: u64, place: u64) -> Vec<Value> {
    let (n, template, at) = (test_no(mission, scenario, place), test_template_no(mission, scenario, place), mission_made(mission));
    let (name, objective) = (test_name(place), size.text("what this test checks ", 8));
    let search = id(Kind::SearchText, 2 * template + 1);
    let state = State::at(scenario, place);
    let begun = state.state != "planned";
    let minutes = |m: i64| at + Duration::minutes(m);
    let (assessed, alerted) = (state.state == "assessed", state.facts[1] == Some("yes"));
    let mut row = row![id(Kind::Test, n), id(Kind::Mission, mission), id(Kind::Scenario, scenario_no(mission, scenario))];
    row.extend(row![id(Kind::TestTemplate, template), place, name, search, objective, size.text("run command x; ", 10)]);
    row.extend(row!["[]", "low", r#"["Windows"]"#, "[]", "powershell", "run command x", "{}", false, "[]"]);
    row.extend(row![state.state, state.disclosed, begun.then(|| id(Kind::User, 11 + mission % 20))]);
    row.extend(row![begun.then(|| minutes(1)), assessed.then(|| minutes(5)), "{}", assessed.then(|| id(Kind::User, 31 + mission % 20))]);
    row.extend(row![state.facts[0], state.facts[1], state.facts[2], state.level.map(|l| level(l.1))]);
    row.extend(row![alerted.then(|| minutes(8)), alerted.then(|| minutes(7)), 1u64, at, at]);
    row
}
