//! What missions tell together, only over those that the caller sees.

use serde_json::{Value, json};

use crate::db_test;
use crate::fixtures::seed_catalogue;
use crate::harness::{Client, TestApp};

struct World {
    admin: Client,
    red: Client,
    blue: Client,
    observer: Client,
    outsider: Client,
}

impl World {
    /// Three missions of two clients on the same two tests, one of which is hidden in each.
    async fn new(app: &TestApp) -> Self {
        seed_catalogue(app).await;
        let admin = app.admin().await;
        let [red, blue, observer, outsider] = [
            app.member(&admin, "red", "Red team").await,
            app.member(&admin, "blue", "Blue team").await,
            app.member(&admin, "obs", "Observers").await,
            app.member(&admin, "out", "Red team").await,
        ];
        let mut templates = Vec::new();
        for (name, kind, id) in [("open", "subtechnique", "T1059.001"), ("hidden", "technique", "T1003")] {
            let body = json!({"name": name, "mitre_tags": [{"kind": kind, "external_id": id}]});
            templates.push(admin.post("/test-templates", body).await.expect(201).id());
        }
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": templates})).await.expect(201).id();
        let members: Vec<Value> = [(&red, "red"), (&blue, "blue"), (&observer, "observer")]
            .iter()
            .map(|(who, role)| json!({"user_id": who.id, "role_hint": role}))
            .collect();
        for (name, client, day) in [("M1", "ACME", "2026-02-01"), ("M2", "ACME", "2026-09-15"), ("M3", "Beta", "2026-09-20")] {
            let body = json!({"name": name, "client": client, "start_date": day, "scenario_template_ids": [scenario], "members": members});
            admin.post("/missions", body).await.expect(201);
        }
        app.sql("UPDATE mission_tests SET disclosed = FALSE WHERE name = 'hidden'").await;
        Self { admin, red, blue, observer, outsider }
    }

    /// What somebody is told in all.
    async fn told(&self, who: &Client) -> Vec<Value> {
        let mut all = Vec::new();
        for path in [
            "/analytics/coverage",
            "/analytics/trend",
            "/analytics/trend?by=month",
            "/analytics/techniques/T1059",
            "/analytics/techniques/t1003",
        ] {
            all.push(who.get(path).await.expect(200).json);
        }
        all
    }
}

/// Judges the tests of a name in a mission, past the API.
async fn judge(app: &TestApp, mission: &str, test: &str, facts: [&str; 3], detected: &str) {
    app.sql(&format!(
        "UPDATE mission_tests SET state = 'assessed', logged = '{}', alerted = '{}', prevented = '{}', started_at = '2026-02-01T10:00:00+00:00', \
         detected_at = '2026-02-01T{detected}+00:00' WHERE name = '{test}' AND mission_id = (SELECT id FROM missions WHERE name = '{mission}')",
        facts[0], facts[1], facts[2]
    ))
    .await;
}

db_test! {
    async fn coverage_trend_and_history_follow_the_missions(app: TestApp) {
        let w = World::new(&app).await;
        judge(&app, "M1", "open", ["no", "no", "no"], "10:01:00").await;
        judge(&app, "M2", "open", ["no", "partial", "no"], "10:02:00").await;
        judge(&app, "M2", "hidden", ["yes", "no", "yes"], "10:04:00").await;
        let coverage = w.red.get("/analytics/coverage").await.expect(200).json;
        assert_eq!(coverage["missions"], 3);
        assert_eq!(coverage["coverage"], json!({"techniques": 2, "assessed": 2, "logged": 0, "detected": 1, "prevented": 1, "covered": 2, "ratio": 1.0, "tests_without": 0}));
        let row = coverage["techniques"].as_array().unwrap().iter().find(|t| t["external_id"] == "T1059.001").unwrap();
        assert_eq!((&row["last_outcome"], &row["previous_outcome"], &row["last_mission"]["name"], &row["last_mission"]["day"]), (&json!("alerted"), &json!("missed"), &json!("M2"), &json!("2026-09-15")));
        assert_eq!((&row["missions"], &row["tests"], &row["assessed"], &row["covered"], &row["name"], &row["parent_external_id"]), (&json!(3), &json!(3), &json!(2), &json!(1), &json!("PowerShell"), &json!("T1059")));
        assert_eq!(coverage["clients"], json!(["ACME", "Beta"]));
        let clients: Vec<_> = row["by_client"].as_array().unwrap().iter().map(|c| (c["client"].clone(), c["outcome"].clone(), c["mission"]["name"].clone())).collect();
        assert_eq!(clients, [(json!("ACME"), json!("alerted"), json!("M2"))], "nothing is judged for Beta");

        let trend = w.red.get("/analytics/trend").await.expect(200).json;
        let points: Vec<_> = trend["periods"].as_array().unwrap().iter().map(|p| (p["period"].clone(), p["missions"].clone(), p["tests"].clone(), p["assessed"].clone(), p["covered"].clone(), p["ratio"].clone())).collect();
        assert_eq!(points, [(json!("2026-H1"), json!(1), json!(2), json!(1), json!(0), json!(0.0)), (json!("2026-H2"), json!(2), json!(4), json!(2), json!(2), json!(1.0))]);
        assert_eq!(trend["periods"][1]["times"]["detect"], json!({"n": 2, "n_without": 0, "mean_s": 180, "median_s": 180, "p90_s": 228, "buckets": [0, 2, 0, 0, 0, 0, 0]}));
        assert_eq!(trend["periods"][1]["by_outcome"], json!({"prevented": 1, "alerted": 1, "logged": 0, "missed": 0, "not_assessed": 2}));
        let quarters = w.red.get("/analytics/trend?by=quarter").await.expect(200).json;
        assert_eq!(quarters["periods"].as_array().unwrap().iter().map(|p| p["period"].clone()).collect::<Vec<_>>(), ["2026-Q1", "2026-Q3"]);
        assert_eq!(trend["periods"][0]["times"]["detect"]["n"], 0, "nothing saw it");
        let months = w.red.get("/analytics/trend?by=month").await.expect(200).json;
        assert_eq!(months["periods"].as_array().unwrap().iter().map(|p| p["period"].clone()).collect::<Vec<_>>(), ["2026-02", "2026-09"]);

        let history = w.red.get("/analytics/techniques/T1059").await.expect(200).json;
        let rows: Vec<_> = history["missions"].as_array().unwrap().iter().map(|m| (m["mission"]["name"].clone(), m["best"].clone(), m["tests_of_technique"][0]["techniques"].clone())).collect();
        assert_eq!(rows, [(json!("M1"), json!("missed"), json!(["T1059.001"])), (json!("M2"), json!("alerted"), json!(["T1059.001"])), (json!("M3"), json!("not_assessed"), json!(["T1059.001"]))]);
        assert_eq!(w.red.get("/analytics/techniques/T1059.001").await.json["name"], "PowerShell");
        assert_eq!(w.red.get("/analytics/techniques/T9999").await.expect(200).json["missions"], json!([]));

        // the earliest detection row that holds, where blue wrote no time
        app.sql("UPDATE mission_tests SET detected_at = NULL WHERE name = 'open'").await;
        let tool = w.admin.post("/defence-tools", json!({"name": "EDR", "kind": "EDR"})).await.expect(201).id();
        for (kind, result, at) in [("logged", "no", "10:00:01"), ("alerted", "yes", "10:10:00")] {
            let id = uuid::Uuid::now_v7();
            let (id, tool) = if app.engine == crate::harness::Engine::Sqlite { (format!("X'{}'", id.simple()), format!("X'{}'", tool.replace('-', ""))) } else { (format!("'{id}'"), format!("'{tool}'")) };
            app.sql(&format!("INSERT INTO mission_test_detections (id, mission_test_id, defence_tool_id, kind, result, occurred_at, version, created_at, updated_at) \
                SELECT {id}, t.id, {tool}, '{kind}', '{result}', '2026-02-01T{at}+00:00', 1, t.created_at, t.created_at FROM mission_tests t JOIN missions m ON m.id = t.mission_id WHERE t.name = 'open' AND m.name = 'M2'")).await;
        }
        let trend = w.red.get("/analytics/trend?from=2026-07-01").await.expect(200).json;
        assert_eq!((&trend["periods"][0]["times"]["detect"]["mean_s"], &trend["periods"][0]["times"]["alert"]["mean_s"]), (&json!(420), &json!(600)));

        for (query, missions) in [("client=acme", 2), ("client=ACM", 0), ("from=2026-09-15", 2), ("to=2026-09-15", 2), ("from=2026-09-16&to=2026-09-20", 1), ("client=acme&from=2026-06-01", 1)] {
            assert_eq!(w.red.get(&format!("/analytics/coverage?{query}")).await.expect(200).json["missions"], missions, "{query}");
            let trend = w.red.get(&format!("/analytics/trend?{query}")).await.expect(200).json;
            assert_eq!(trend["periods"].as_array().unwrap().iter().map(|p| p["missions"].as_u64().unwrap()).sum::<u64>(), missions, "{query}");
            let history = w.red.get(&format!("/analytics/techniques/T1003?{query}")).await.expect(200).json;
            assert_eq!(history["missions"].as_array().unwrap().len() as u64, missions, "{query}");
        }
        // a mission without a first day belongs to the day on which it was made
        app.sql("UPDATE missions SET start_date = NULL, created_at = '2026-03-31T23:59:59+00:00' WHERE name = 'M1'").await;
        for (query, missions) in [("from=2026-03-31&to=2026-03-31", 1), ("from=2026-04-01&to=2026-05-01", 0), ("to=2026-03-30", 0)] {
            assert_eq!(w.red.get(&format!("/analytics/coverage?{query}")).await.expect(200).json["missions"], missions, "{query}");
        }
        for query in ["by=week", "from=soon", "surprise=1"] {
            w.red.get(&format!("/analytics/trend?{query}")).await.problem(400, "invalid_query");
        }
        w.red.get("/analytics/trend?from=2026-02-01&to=2026-01-01").await.problem(422, "validation_failed");
        w.red.get("/analytics/techniques/a%20b").await.problem(404, "not_found");
        let (_, statements) = app.statements(w.told(&w.red)).await;
        assert_eq!(statements, 5 + 2 + 3 + 3 + 4 + 4, "the caller each time; missions and what is counted");
    }
}

db_test! {
    async fn nobodys_numbers_move_with_what_they_do_not_see(app: TestApp) {
        let w = World::new(&app).await;
        judge(&app, "M1", "open", ["yes", "no", "no"], "10:01:00").await;
        // the outsider is in one mission of their own, so that their numbers are not nothing
        let scenario = w.admin.get("/scenario-templates").await.items()[0]["id"].clone();
        let own = json!({"name": "Own", "client": "Z", "start_date": "2026-02-02", "scenario_template_ids": [scenario]});
        w.outsider.post("/missions", own).await.expect(201);
        let before = (w.told(&w.outsider).await, w.told(&w.blue).await, w.told(&w.observer).await);
        assert_eq!((&before.0[0]["missions"], &before.1[0]["missions"], before.1[0]["techniques"].as_array().unwrap().len()), (&json!(1), &json!(3), 1));
        assert_eq!(before.1[4]["missions"], json!([]), "blue sees no test of T1003");
        let red = w.told(&w.red).await;

        // the hidden test changes: blue and observer are told the same, red is not
        judge(&app, "M1", "hidden", ["yes", "yes", "yes"], "10:09:00").await;
        judge(&app, "M3", "hidden", ["no", "no", "no"], "10:09:00").await;
        assert_eq!((w.told(&w.blue).await, w.told(&w.observer).await), (before.1.clone(), before.2.clone()));
        for (now, then) in w.told(&w.red).await.iter().zip(&red).filter(|(_, then)| then["external_id"] != "T1059") {
            assert_ne!(now, then);
        }
        // missions that the outsider is not in change, and come, and go
        judge(&app, "M2", "open", ["yes", "yes", "no"], "10:30:00").await;
        w.admin.post("/missions", json!({"name": "M4", "client": "Z", "start_date": "2026-02-03", "scenario_template_ids": [scenario]})).await.expect(201);
        app.sql("UPDATE missions SET deleted_at = created_at WHERE name = 'M3'").await;
        assert_eq!(w.told(&w.outsider).await, before.0);
        assert_ne!(w.told(&w.blue).await, before.1, "what blue sees did change");
    }
}
