//! Lists by the index: what PostgreSQL would do for each statement of each list, at 10,000 missions.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::harness::{Engine, TestApp, block_on};

const MISSIONS: usize = 10_000;
/// A table of more rows is big.
const BIG: f64 = 5_000.0;

/// Missions of `who` with five tests each, a third of them findings, with events, audit entries and comments, by SQL alone.
async fn fill(app: &TestApp, who: &str, mission: &str) {
    let copy = |table: &'static str, from: &'static str, changes: &'static [(&'static str, &'static str)]| async move {
        let columns = app
            .texts(&format!("SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"))
            .await;
        let values: Vec<&str> =
            columns.iter().map(|c| changes.iter().find(|(name, _)| name == c).map_or(c.as_str(), |(_, value)| value)).collect();
        let values: Vec<String> =
            values.iter().map(|v| if columns.iter().any(|c| c == v) { format!("s.\"{v}\"") } else { (*v).to_owned() }).collect();
        let columns: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
        app.sql(&format!("INSERT INTO {table} ({}) SELECT {} {from}", columns.join(", "), values.join(", "))).await;
    };
    app.sql(&format!("CREATE TABLE grown AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {MISSIONS}) n")).await;
    app.sql(&format!("CREATE TABLE origin AS SELECT '{mission}'::uuid AS id, '{who}'::uuid AS who")).await;
    copy(
        "missions",
        "FROM grown g, missions s WHERE s.id = (SELECT id FROM origin)",
        &[
            ("id", "g.id"),
            ("name", "'Mission ' || g.n"),
            ("name_key", "'mission ' || g.n"),
            ("search_text", "'mission ' || g.n"),
            ("client", "'Client ' || (g.n % 200)"),
            ("client_key", "'client ' || (g.n % 200)"),
            ("created_at", "s.created_at - g.n * interval '1 hour'"),
        ],
    )
    .await;
    copy("mission_members", "FROM grown g, mission_members s WHERE s.mission_id = (SELECT id FROM origin)", &[("mission_id", "g.id")])
        .await;
    app.sql("CREATE TABLE grown_scenarios AS SELECT gen_random_uuid() AS id, g.id AS mission, s.id AS old FROM grown g, mission_scenarios s WHERE s.mission_id = (SELECT id FROM origin)").await;
    copy(
        "mission_scenarios",
        "FROM grown_scenarios g JOIN mission_scenarios s ON s.id = g.old",
        &[("id", "g.id"), ("mission_id", "g.mission")],
    )
    .await;
    app.sql("CREATE TABLE grown_tests AS SELECT gen_random_uuid() AS id, g.mission, g.id AS scenario, t.id AS old, row_number() OVER () AS n FROM grown_scenarios g JOIN mission_tests t ON t.mission_scenario_id = g.old").await;
    copy(
        "mission_tests",
        "FROM grown_tests g JOIN mission_tests s ON s.id = g.old",
        &[
            ("id", "g.id"),
            ("mission_id", "g.mission"),
            ("mission_scenario_id", "g.scenario"),
            ("finding_status", "CASE WHEN g.n % 3 = 0 THEN 'open' END"),
        ],
    )
    .await;
    copy(
        "mission_test_mitre_tags",
        "FROM grown_tests g JOIN mission_test_mitre_tags s ON s.mission_test_id = g.old",
        &[("id", "gen_random_uuid()"), ("mission_test_id", "g.id")],
    )
    .await;
    copy(
        "mission_events",
        "FROM grown g, mission_events s WHERE s.mission_id = (SELECT id FROM origin)",
        &[("id", "gen_random_uuid()"), ("mission_id", "g.id"), ("mission_test_id", "NULL::uuid")],
    )
    .await;
    copy(
        "mission_comments",
        "FROM grown g, mission_comments s WHERE s.mission_id = (SELECT id FROM origin)",
        &[("id", "gen_random_uuid()"), ("mission_id", "g.id"), ("mission_test_id", "NULL::uuid")],
    )
    .await;
    copy(
        "notifications",
        "FROM grown g, (SELECT * FROM notifications LIMIT 1) s",
        &[("id", "gen_random_uuid()"), ("created_at", "s.created_at - g.n * interval '1 minute'")],
    )
    .await;
    copy(
        "test_templates",
        "FROM grown g, (SELECT * FROM test_templates LIMIT 1) s",
        &[("id", "g.id"), ("name", "'template ' || g.n"), ("name_key", "'template ' || g.n")],
    )
    .await;
    copy(
        "audit_events",
        "FROM grown g, (SELECT * FROM audit_events LIMIT 1) s",
        &[
            ("id", "gen_random_uuid()"),
            ("stream", "'grown'"),
            ("sequence", "g.n"),
            ("at", "s.at - g.n * interval '1 minute'"),
            ("object_id", "gen_random_uuid()::text"),
        ],
    )
    .await;
    // as autovacuum does a minute later
    app.sql("VACUUM ANALYZE").await;
}

/// The tables that a plan reads from end to end.
fn scans(plan: &Value, found: &mut Vec<String>) {
    if plan["Node Type"] == "Seq Scan" {
        found.push(plan["Relation Name"].as_str().unwrap().to_owned());
    }
    for below in plan["Plans"].as_array().into_iter().flatten() {
        scans(below, found);
    }
}

/// What words are looked for in from end to end: names of missions, and texts of tests, which are fewer than the tests.
const LOOKED_THROUGH: [&str; 4] = ["missions", "search_texts", "test_templates", "scenario_templates"];

/// Every list, each way that it sorts and filters by what has an index, and the search.
const LISTS: [&str; 26] = [
    "/missions?limit=50",
    "/missions?limit=50&sort=name",
    "/missions?limit=50&sort=-client",
    "/missions?limit=50&status=in_progress",
    "/missions?limit=50&client=Client 7",
    "{mission}",
    "{mission}/tests?limit=50",
    "{mission}/tests/{test}",
    "{mission}/tests/{test}/detections",
    "{mission}/tests/{test}/evidence",
    "{mission}/detections",
    "{mission}/categories",
    "{mission}/comments",
    "{mission}/events",
    "{mission}/synthesis",
    "/findings?limit=50",
    "/findings?limit=50&sort=-updated_at",
    "/notifications?limit=50",
    "/test-templates?limit=50",
    "/test-templates?limit=50&sort=-updated_at",
    "/scenario-templates?limit=50",
    "/audit-events?limit=50",
    "/users?limit=50",
    "/groups?limit=50",
    "/invitations?limit=50",
    "/search?q=door",
];

#[test]
#[allow(clippy::print_stdout, reason = "it says that it skipped")]
fn no_list_reads_a_big_table_from_end_to_end() {
    if std::env::var("TYRIAN_TEST_PG").is_err() {
        println!("skipped: TYRIAN_TEST_PG is not set");
        return;
    }
    block_on(async {
        let app = TestApp::spawn(Engine::Postgres).await;
        let e = crate::exercise::Exercise::start(&app, 5).await;
        e.red.post(&format!("{}/comments", e.mission), json!({"body": "@Red look"})).await.expect(201);
        e.admin.post(&format!("{}/comments", e.mission), json!({"body": "@Red look"})).await.expect(201);
        fill(&app, &e.red.id.to_string(), e.mission.trim_start_matches("/missions/")).await;
        let statements = app.state.db.watch().copies();
        let (db, mut seen, mut faults) = (app.state.db.reader(), 0, Vec::new());
        for (name, reader) in [("a member", &e.red), ("the administrator", &e.admin)] {
            for list in LISTS {
                let list = list.replace("{mission}", &e.mission).replace("{test}", &e.tests[0]);
                let answer = reader.get(&list).await;
                if answer.status == 403 {
                    continue;
                }
                answer.expect(200);
                for (_, sent) in statements.try_iter().collect::<Vec<_>>() {
                    // a count goes over all that it counts; how is the planner's choice
                    if !sent.sql.starts_with("SELECT") || sent.sql.starts_with("SELECT COUNT(*)") {
                        continue;
                    }
                    let explain = Statement { sql: format!("EXPLAIN (FORMAT JSON) {}", sent.sql), ..sent.clone() };
                    let row = db.query_one_raw(explain).await.unwrap().unwrap();
                    let plan: Value = row.try_get_by_index(0).unwrap();
                    let mut tables = Vec::new();
                    scans(&plan[0]["Plan"], &mut tables);
                    seen += 1;
                    let looks = list.starts_with("/search");
                    for table in tables.into_iter().filter(|table| !looks || !LOOKED_THROUGH.contains(&table.as_str())) {
                        let rows = app.count(&format!("SELECT reltuples::bigint FROM pg_class WHERE relname = '{table}'")).await;
                        #[allow(clippy::cast_precision_loss, reason = "a number of rows")]
                        if rows as f64 > BIG {
                            faults.push(format!("{list} as {name}: all of {table} for {}", sent.sql));
                        }
                    }
                    drop(statements.try_iter().collect::<Vec<_>>());
                }
            }
        }
        assert!(seen > 100, "{seen}");
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    });
}
