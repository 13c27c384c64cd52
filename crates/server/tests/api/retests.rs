//! Playing a mission again, comparing it with the first time, and its drift from the templates.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::exercise::Exercise;
use crate::fixtures::seed_catalogue;
use crate::harness::{Client, TestApp};
use crate::synthesis::judge;

/// All tests of a mission with everything, in order.
async fn full(who: &Client, mission: &str) -> Vec<Value> {
    who.get(&format!("{mission}/export/json")).await.expect(200).json["tests"].as_array().unwrap().clone()
}

/// The tests of a mission's answer, in order.
fn tests(mission: &Value) -> Vec<Value> {
    mission["scenarios"].as_array().unwrap().iter().flat_map(|s| s["tests"].as_array().unwrap().clone()).collect()
}

const PLAN: [&str; 15] = [
    "name",
    "objective",
    "procedure",
    "prerequisites",
    "cleanup",
    "expected_detection",
    "detection_rules",
    "opsec_level",
    "platforms",
    "tags",
    "executor",
    "command",
    "arguments",
    "elevation_required",
    "references",
];

db_test! {
    async fn a_retest_plays_the_same_frozen_tests_and_leaves_the_results_behind(app: TestApp) {
        seed_catalogue(&app).await;
        let e = Exercise::start(&app, 3).await;
        let body = json!({"name": "ad hoc", "procedure": "p", "mitre_tags": [{"kind": "subtechnique", "external_id": "T1059.001"}, {"kind": "tactic", "external_id": "TA0002"}]});
        e.lead.post(&format!("{}/tests", e.mission), body).await.expect(201);
        let category = e.category("Getting in").await;
        e.lead.patch(&format!("{}/categories/{category}", e.mission), "*", json!({"color": "#112233", "summary": "so"})).await.expect(200);
        e.lead.edit(&e.test(0), json!({"category_id": category})).await.expect(200);
        e.red.edit(&e.test(2), json!({"disclosed": false, "source_host": "h", "argument_values": {"who": "you"}})).await.expect(200);
        e.lead.edit(&e.mission, json!({"objectives": "find out", "executive_summary": "bad"})).await.expect(200);
        judge(&e, 0, ["yes", "no", "no"], json!({"blue_notes": "seen", "recommendation": "more", "severity": "high"})).await;
        e.lead.edit(&e.test(0), json!({"finding_status": "open"})).await.expect(200);
        e.bring(1, &["skipped"]).await;
        // what became of the templates makes no difference
        for t in e.admin.get("/test-templates").await.items() {
            e.admin.edit(&format!("/test-templates/{}", t["id"].as_str().unwrap()), json!({"name": "renamed", "procedure": "other"})).await.expect(200);
        }
        e.transition("completed").await;
        e.transition("archived").await;
        let before = (e.lead.get(&e.mission).await.expect(200), full(&e.red, &e.mission).await);

        let made = e.red.post(&format!("{}/retest", e.mission), json!({})).await.expect(201);
        let path = format!("/missions/{}", made.id());
        assert_eq!(made.header("location"), format!("/api/v1{path}"));
        let m = &made.json;
        assert_eq!((&m["name"], &m["client"], &m["status"], &m["retest_of_id"]), (&json!("M (retest)"), &json!("C"), &json!("draft"), &before.0.json["id"]));
        assert_eq!((&m["objectives"], &m["executive_summary"], &m["start_date"], &m["version"]), (&json!("find out"), &Value::Null, &Value::Null, &json!(1)));
        assert_eq!(m["members"], before.0.json["members"]);
        assert_eq!((&m["counts"]["tests"], &m["counts"]["by_state"]["planned"]), (&json!(4), &json!(4)));
        let (old, new) = (&before.1, full(&e.red, &path).await);
        assert_eq!(new.len(), 4);
        for (old, new) in old.iter().zip(&new) {
            assert_ne!(old["id"], new["id"]);
            for field in PLAN.iter().chain(&["mitre_tags", "position", "source_test_template_id", "disclosed"]) {
                assert_eq!(old[field], new[field], "{field}");
            }
            assert_eq!((&new["state"], &new["version"], &new["argument_values"]), (&json!("planned"), &json!(1), &json!({})));
            for field in ["operator_id", "assessor_id", "source_host", "target_host", "started_at", "ended_at", "command_run", "output", "red_notes", "detected_at", "blue_notes", "recommendation", "finding_status", "detection_level_id"] {
                assert_eq!(new[field], Value::Null, "{field}");
            }
            assert_eq!((&new["logged"], &new["severity"]), (&json!("unknown"), &json!("none")));
        }
        let copies = e.red.get(&format!("{path}/categories")).await.expect(200);
        assert_eq!(copies.items().len(), 1);
        let copy = &copies.items()[0];
        assert_eq!((&copy["name"], &copy["color"], &copy["summary"]), (&json!("Getting in"), &json!("#112233"), &json!("so")));
        assert_ne!(copy["id"], json!(category));
        assert_eq!(new.iter().filter(|t| t["category_id"] == copy["id"]).count(), 1);
        let tags = app.count("SELECT count(*) FROM mission_test_mitre_tags g JOIN mission_test_mitre_tags o ON o.external_id = g.external_id AND o.tactics = g.tactics AND o.id <> g.id").await;
        assert_eq!(tags, 4, "two tags, each with its twin");
        assert_eq!(app.count("SELECT count(*) FROM mission_tests WHERE retest_of_test_id IS NOT NULL").await, 4);
        // who does not see a hidden test does not see its copy
        let blue = e.blue.get(&path).await.expect(200).json;
        assert_eq!((tests(&blue).len(), &blue["counts"]["tests"]), (3, &json!(3)));
        // the mission that is repeated is as it was
        let after = (e.lead.get(&e.mission).await.expect(200), full(&e.red, &e.mission).await);
        assert_eq!((&after.0.json, &after.1, after.0.etag()), (&before.0.json, &before.1, before.0.etag()));
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'mission.retest'").await, 1);
        assert_eq!(e.red.get(&format!("{path}/events")).await.expect(200).items()[0]["kind"], "mission.created");
        assert!(crate::scene::told(&e.blue).await.iter().any(|s| s.contains("M (retest)")));
        // it is a mission like any other
        e.lead.post(&format!("{path}/transition"), json!({"to": "in_progress"})).await.expect(200);
    }
}

db_test! {
    async fn a_retest_takes_what_it_is_given_once_for_each_key(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let path = format!("{}/retest", e.mission);
        let body = json!({"name": "Again", "start_date": "2027-01-01", "end_date": "2027-01-05", "members": [{"user_id": e.blue.id, "role_hint": "purple"}]});
        let send = || e.red.send(Method::POST, &path, Some(body.clone()), &[("Idempotency-Key", "k")]);
        let (first, second) = (send().await.expect(201), send().await.expect(201));
        assert_eq!(first.json, second.json);
        assert_eq!((&first.json["name"], &first.json["end_date"]), (&json!("Again"), &json!("2027-01-05")));
        let members: Vec<_> = first.json["members"].as_array().unwrap().iter().map(|m| (m["display_name"].clone(), m["role_hint"].clone())).collect();
        assert_eq!(members, [(json!("Blue"), json!("purple")), (json!("Red"), json!("red"))], "the maker joins as with any new mission");
        assert_eq!(app.count("SELECT count(*) FROM missions").await, 2);
        for (body, code) in [(json!({"name": ""}), "validation_failed"), (json!({"start_date": "2027-02-01", "end_date": "2027-01-01"}), "validation_failed"), (json!({"members": [{"user_id": Uuid::now_v7(), "role_hint": "red"}]}), "validation_failed")] {
            e.red.post(&path, body).await.problem(422, code);
        }
        e.red.post(&path, json!({"surprise": 1})).await.problem(400, "invalid_body");
        e.blue.post(&path, json!({})).await.problem(403, "forbidden");
        e.outsider.post(&path, json!({})).await.problem(404, "not_found");
        assert_eq!(app.count("SELECT count(*) FROM missions").await, 2, "what was refused left nothing");
    }
}

db_test! {
    async fn a_retest_is_compared_with_what_it_repeats(app: TestApp) {
        let mut e = Exercise::start(&app, 4).await;
        let origin = e.mission.clone();
        for (i, facts) in [["no", "no", "no"], ["no", "yes", "no"], ["yes", "no", "no"]].into_iter().enumerate() {
            judge(&e, i, facts, json!({})).await;
        }
        let made = e.lead.post(&format!("{origin}/retest"), json!({})).await.expect(201);
        e.mission = format!("/missions/{}", made.id());
        e.tests = tests(&made.json).iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
        e.transition("in_progress").await;
        for (i, facts) in [["no", "no", "yes"], ["no", "no", "no"], ["yes", "no", "no"]].into_iter().enumerate() {
            judge(&e, i, facts, json!({})).await;
        }
        e.lead.post(&format!("{}/tests", e.mission), json!({"name": "invented"})).await.expect(201);
        let told = e.red.get(&format!("{}/synthesis", e.mission)).await.expect(200).json["compared_with"].clone();
        assert_eq!(told["tests"], json!({"improved": 1, "worsened": 1, "same": 1, "new": 1, "gone": 0, "not_assessed": 1}));
        let changes: Vec<_> = told["test_changes"].as_array().unwrap().iter().map(|c| (c["name"].as_str().unwrap(), c["change"].as_str().unwrap(), c["other_outcome"].as_str())).collect();
        assert_eq!(changes, [("test 0", "improved", Some("missed")), ("test 1", "worsened", Some("alerted")), ("test 2", "same", Some("logged")), ("test 3", "not_assessed", Some("not_assessed")), ("invented", "new", None)]);
        assert_eq!((&told["mission"]["name"], &told["other"]["name"], &told["other"]["by_outcome"]["alerted"]), (&json!("M (retest)"), &json!("M"), &json!(1)));
        let origin_id = origin.rsplit('/').next().unwrap();
        let same = e.red.get(&format!("{}/compare/{origin_id}", e.mission)).await.expect(200).json;
        assert_eq!(same, told);
        let mission_id = e.mission.rsplit('/').next().unwrap().to_owned();
        let back = e.red.get(&format!("{origin}/compare/{mission_id}")).await.expect(200).json;
        assert_eq!(back["tests"], json!({"improved": 1, "worsened": 1, "same": 1, "new": 0, "gone": 1, "not_assessed": 1}));
        // a retest of the retest is matched over the chain, even where the names are others
        let third = e.lead.post(&format!("{}/retest", e.mission), json!({})).await.expect(201);
        app.sql(&format!("UPDATE mission_tests SET name = 'x', source_test_template_id = NULL WHERE mission_id = (SELECT id FROM missions WHERE name = '{}')", third.json["name"].as_str().unwrap())).await;
        let over = e.red.get(&format!("/missions/{}/compare/{origin_id}", third.id())).await.expect(200).json;
        assert_eq!((&over["tests"]["not_assessed"], &over["tests"]["new"], &over["tests"]["gone"]), (&json!(4), &json!(1), &json!(0)));
        // hidden on one side: new or gone for those who do not see it, and in no number of theirs
        app.sql("UPDATE mission_tests SET disclosed = FALSE WHERE name = 'test 0' AND retest_of_test_id IS NULL").await;
        let blue = e.blue.get(&format!("{}/synthesis", e.mission)).await.expect(200).json["compared_with"].clone();
        assert_eq!((&blue["other"]["tests"], &blue["tests"]["improved"], &blue["tests"]["new"]), (&json!(3), &json!(0), &json!(2)));
        assert!(blue["test_changes"].as_array().unwrap().iter().all(|c| c["other_test_id"] != back["test_changes"][0]["mission_test_id"]));
        // who is not in the first mission has nothing to compare with
        let e_red = json!({"members": [{"user_id": e.blue.id, "role_hint": "blue"}]});
        e.admin.put(&format!("{origin}/members"), e_red).await.expect(200);
        assert_eq!(e.red.get(&format!("{}/synthesis", e.mission)).await.expect(200).json["compared_with"], Value::Null);
        e.red.get(&format!("{}/compare/{origin_id}", e.mission)).await.problem(404, "not_found");
        let other = e.admin.post("/missions", json!({"name": "O", "client": "Other"})).await.expect(201).id();
        e.admin.get(&format!("{}/compare/{other}", e.mission)).await.problem(422, "validation_failed");
        e.admin.get(&format!("{}/compare/{}", e.mission, Uuid::now_v7())).await.problem(404, "not_found");
    }
}

db_test! {
    async fn drift_tells_field_by_field_what_the_templates_say_now(app: TestApp) {
        seed_catalogue(&app).await;
        let e = Exercise::draft(&app, 4).await;
        e.lead.post(&format!("{}/tests", e.mission), json!({"name": "ad hoc"})).await.expect(201);
        let drift = async |who: &Client| who.get(&format!("{}/drift", e.mission)).await.expect(200).json;
        assert_eq!(drift(&e.lead).await, json!({"tests": 5, "without_template": 1, "unchanged": 4, "test_drifts": [], "scenario_drifts": []}));
        let list = e.admin.get("/test-templates?sort=name").await.expect(200);
        let path = |i: usize| format!("/test-templates/{}", list.items()[i]["id"].as_str().unwrap());
        let tags = json!([{"kind": "technique", "external_id": "T1059"}]);
        e.admin.edit(&path(0), json!({"procedure": "other", "mitre_tags": tags, "arguments": {}})).await.expect(200);
        e.admin.remove(&path(1)).await.expect(204);
        let scenario = e.admin.get("/scenario-templates").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
        let extra = e.admin.post("/test-templates", json!({"name": "extra"})).await.expect(201).id();
        let ids: Vec<Value> = [0, 2].iter().map(|i: &usize| list.items()[*i]["id"].clone()).chain([json!(extra)]).collect();
        e.admin.put(&format!("/scenario-templates/{scenario}/tests"), json!({"test_template_ids": ids})).await.expect(200);
        e.admin.edit(&format!("/scenario-templates/{scenario}"), json!({"name": "T"})).await.expect(200);
        let told = drift(&e.red).await;
        assert_eq!((&told["tests"], &told["without_template"], &told["unchanged"]), (&json!(5), &json!(1), &json!(2)));
        let [changed, deleted] = told["test_drifts"].as_array().unwrap().as_slice() else { panic!("{told}") };
        assert_eq!((&changed["mission_test_id"], &changed["template_deleted"]), (&json!(e.tests[0]), &json!(false)));
        assert_eq!(changed["fields"], json!([
            {"field": "arguments", "mission": e.read(&e.lead, 0).await["arguments"], "template": {}},
            {"field": "procedure", "mission": "p", "template": "other"},
            {"field": "mitre_tags", "mission": [], "template": tags},
        ]));
        assert_eq!((&deleted["mission_test_id"], &deleted["template_deleted"], &deleted["fields"]), (&json!(e.tests[1]), &json!(true), &json!([])));
        let scenarios = told["scenario_drifts"].as_array().unwrap();
        assert_eq!(scenarios.len(), 1);
        assert_eq!(scenarios[0]["fields"], json!([{"field": "name", "mission": "S", "template": "T"}]));
        assert_eq!(scenarios[0]["tests_added"], json!([{"name": "extra", "id": extra}]));
        let removed: Vec<_> = scenarios[0]["tests_removed"].as_array().unwrap().iter().map(|t| t["name"].clone()).collect();
        assert_eq!(removed, ["test 1", "test 3"]);
        // a lead who plays blue sees nothing of a hidden test, neither as drifted nor as one that the scenario gained
        app.sql("UPDATE mission_tests SET disclosed = FALSE WHERE name = 'test 0'").await;
        e.admin.put(&format!("{}/members", e.mission), json!({"members": [{"user_id": e.lead.id, "role_hint": "blue"}]})).await.expect(200);
        let told = drift(&e.lead).await;
        assert_eq!((&told["tests"], told["test_drifts"].as_array().unwrap().len()), (&json!(4), 1));
        assert_eq!(told["scenario_drifts"][0]["tests_added"].as_array().unwrap().len(), 1);
        e.blue.get(&format!("{}/drift", e.mission)).await.problem(404, "not_found");
        e.admin.remove(&format!("/scenario-templates/{scenario}")).await.expect(204);
        assert_eq!(drift(&e.admin).await["scenario_drifts"][0]["template_deleted"], true);
    }
}

/// The statements of a retest, of its comparison with what it repeats, and of the drift.
async fn costs(app: &TestApp, e: &Exercise) -> [u64; 3] {
    let (made, retest) = app.statements(e.red.post(&format!("{}/retest", e.mission), json!({}))).await;
    let path = format!("/missions/{}", made.expect(201).id());
    let (compared, compare) = app.statements(e.lead.get(&format!("{path}/compare/{}", e.mission.trim_start_matches("/missions/")))).await;
    compared.expect(200);
    let (told, drift) = app.statements(e.lead.get(&format!("{path}/drift"))).await;
    told.expect(200);
    [retest, compare, drift]
}

db_test! {
    async fn more_tests_cost_a_retest_its_comparison_and_drift_no_more_statements(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        let few = costs(&app, &e).await;
        let mut templates = Vec::new();
        for i in 0..30 {
            templates.push(e.admin.post("/test-templates", json!({"name": format!("more {i}")})).await.expect(201).id());
        }
        for i in 0..3 {
            let scenario = e.admin.post("/scenario-templates", json!({"name": format!("More {i}"), "test_template_ids": templates})).await.expect(201).id();
            e.admin.post(&format!("{}/scenarios", e.mission), json!({"scenario_template_ids": [scenario]})).await.expect(201);
        }
        assert_eq!(costs(&app, &e).await, few);
    }
}
