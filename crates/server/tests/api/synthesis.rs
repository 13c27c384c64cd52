//! What a mission tells: the numbers are those of its tests, for each caller of the tests that they see.

use serde_json::{Value, json};

use crate::db_test;
use crate::exercise::Exercise;
use crate::fixtures::seed_catalogue;
use crate::harness::Client;

async fn told(who: &Client, mission: &str) -> Value {
    who.get(&format!("{mission}/synthesis")).await.expect(200).json
}

/// Judges a test: logged, alerted, prevented.
pub async fn judge(e: &Exercise, i: usize, facts: [&str; 3], more: Value) {
    e.bring(i, &["running", "executed"]).await;
    let mut body = json!({"logged": facts[0], "alerted": facts[1], "prevented": facts[2]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    e.lead.edit(&e.test(i), body).await.expect(200);
    e.bring(i, &["assessed"]).await;
}

db_test! {
    async fn every_number_follows_its_definition(app: TestApp) {
        seed_catalogue(&app).await;
        let e = Exercise::start(&app, 5).await;
        let empty = told(&e.red, &e.mission).await;
        assert_eq!((&empty["tests"], &empty["coverage"]["ratio"], &empty["times"]["detect"]["median_s"], &empty["compared_with"]), (&json!(5), &Value::Null, &Value::Null, &Value::Null));
        let categories = [e.category("Getting in").await, e.category("Staying").await];
        e.lead.patch(&format!("{}/categories/{}", e.mission, categories[1]), "*", json!({"summary": "They *stayed*.", "color": "#112233"})).await.expect(200);
        e.lead.edit(&e.test(0), json!({"category_id": categories[1]})).await.expect(200);
        for (name, id) in [("test 0", "T1059"), ("test 1", "T1059.001"), ("test 2", "T1003")] {
            let tag = json!([{"kind": if id.contains('.') { "subtechnique" } else { "technique" }, "external_id": id}]);
            let list = e.lead.get(&format!("{}/tests", e.mission)).await.expect(200);
            assert!(list.items().iter().any(|t| t["name"] == name));
            let body = json!({"name": format!("{name} tagged"), "mitre_tags": tag});
            e.lead.post(&format!("{}/tests", e.mission), body).await.expect(201);
        }
        let tool = e.tool("EDR").await;
        judge(&e, 0, ["yes", "partial", "no"], json!({"started_at": "2026-11-01T10:00:00Z", "detected_at": "2026-11-01T10:01:00Z", "responded_at": "2026-11-01T10:02:00Z", "priority": "low"})).await;
        // without a word of blue's, the earliest row that holds tells when
        e.bring(1, &["running", "executed"]).await;
        e.lead.edit(&e.test(1), json!({"started_at": "2026-11-01T10:00:00Z", "prevented": "yes"})).await.expect(200);
        for (kind, result, at) in [("logged", "no", "10:00:10"), ("alerted", "partial", "10:03:00"), ("prevented", "yes", "10:05:00")] {
            let row = json!({"defence_tool_id": tool, "kind": kind, "result": result, "occurred_at": format!("2026-11-01T{at}Z")});
            e.lead.post(&format!("{}/detections", e.test(1)), row).await.expect(201);
        }
        e.bring(1, &["assessed"]).await;
        judge(&e, 2, ["no", "no", "no"], json!({"detected_at": null, "priority": "high", "severity": "critical", "recommendation": "look"})).await;
        e.bring(3, &["skipped"]).await;
        e.bring(4, &["running", "executed"]).await;

        let s = told(&e.red, &e.mission).await;
        assert_eq!(s["tests"], 8);
        assert_eq!(s["by_state"], json!({"assessed": 3, "executed": 1, "planned": 3, "running": 0, "skipped": 1}));
        assert_eq!(s["by_outcome"], json!({"alerted": 1, "logged": 0, "missed": 1, "not_assessed": 5, "prevented": 1}));
        assert_eq!(s["funnel"], json!({"executed": 4, "assessed": 3, "logged": 1, "alerted": 1, "responded": 1, "prevented": 1}));
        assert_eq!(s["coverage"], json!({"techniques": 3, "assessed": 0, "logged": 0, "detected": 0, "prevented": 0, "covered": 0, "ratio": null, "tests_without": 5}));
        assert_eq!(s["times"]["detect"], json!({"n": 2, "n_without": 0, "mean_s": 120, "median_s": 120, "p90_s": 168, "buckets": [0, 2, 0, 0, 0, 0, 0]}));
        assert_eq!(s["times"]["alert"], json!({"n": 0, "n_without": 1, "mean_s": null, "median_s": null, "p90_s": null, "buckets": [0, 0, 0, 0, 0, 0, 0]}));
        assert_eq!((&s["times"]["respond"]["n"], &s["times"]["respond"]["n_without"], &s["times"]["respond"]["mean_s"]), (&json!(1), &json!(1), &json!(120)));
        let rows: Vec<_> = s["by_category"].as_array().unwrap().iter().map(|c| (c["name"].clone(), c["tests"].clone(), c["summary"].clone(), c["color"].clone())).collect();
        assert_eq!(rows, [(json!("Getting in"), json!(0), Value::Null, Value::Null), (json!("Staying"), json!(1), json!("They *stayed*."), json!("#112233")), (json!("Uncategorised"), json!(7), Value::Null, Value::Null)]);
        let sub = s["by_technique"].as_array().unwrap().iter().find(|t| t["external_id"] == "T1059.001").unwrap();
        assert_eq!((&sub["parent_external_id"], &sub["name"], &sub["tactics"], &sub["tests"]), (&json!("T1059"), &json!("PowerShell"), &json!(["TA0002"]), &json!(1)));
        let gaps = s["findings"].as_array().unwrap();
        assert_eq!(gaps.len(), 1);
        assert_eq!((&gaps[0]["mission_test_id"], &gaps[0]["outcome"], &gaps[0]["status"], &gaps[0]["recommendation"], &gaps[0]["scenario_name"]),
            (&json!(e.tests[2]), &json!("missed"), &Value::Null, &json!("look"), &json!("S")));
        // an accepted finding is no open gap, an open one is, whatever its outcome
        e.lead.edit(&e.test(2), json!({"finding_status": "accepted"})).await.expect(200);
        e.lead.edit(&e.test(0), json!({"finding_status": "open", "finding_owner_id": e.blue.id})).await.expect(200);
        let s = told(&e.red, &e.mission).await;
        assert_eq!((s["findings"].as_array().unwrap().len(), &s["findings"][0]["owner_name"], &s["findings"][0]["mission_test_id"]), (1, &json!("Blue"), &json!(e.tests[0])));
        assert_eq!(s["by_finding_status"], json!({"open": 1, "in_progress": 0, "accepted": 1, "fixed": 0, "verified": 0}));
        // the counters that are kept and what is counted agree
        let kept = e.red.get(&e.mission).await.expect(200).json["counts"].clone();
        assert_eq!((&kept["tests"], &kept["by_state"], &kept["by_outcome"]), (&s["tests"], &s["by_state"], &s["by_outcome"]));
    }
}

db_test! {
    async fn a_hidden_test_moves_no_number_of_blue_and_observer(app: TestApp) {
        let e = Exercise::draft(&app, 2).await;
        e.red.edit(&e.test(1), json!({"disclosed": false})).await.expect(200);
        e.transition("in_progress").await;
        let mut before = Vec::new();
        for who in [&e.blue, &e.observer] {
            let s = told(who, &e.mission).await;
            assert_eq!(s["tests"], 1);
            before.push(s);
        }
        judge(&e, 1, ["no", "no", "no"], json!({"started_at": "2026-11-01T10:00:00Z", "detected_at": "2026-11-01T10:01:00Z"})).await;
        e.lead.edit(&e.test(1), json!({"finding_status": "open"})).await.expect(200);
        for (who, before) in [&e.blue, &e.observer].into_iter().zip(before) {
            assert_eq!(told(who, &e.mission).await, before);
        }
        let s = told(&e.red, &e.mission).await;
        assert_eq!((&s["by_outcome"]["missed"], s["findings"].as_array().unwrap().len()), (&json!(1), 1));
    }
}

db_test! {
    async fn the_number_of_statements_does_not_grow(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let (_, few) = app.statements(e.red.get(&format!("{}/synthesis", e.mission))).await;
        for i in 0..20 {
            e.lead.post(&format!("{}/tests", e.mission), json!({"name": format!("more {i}")})).await.expect(201);
        }
        e.category("C").await;
        let (_, many) = app.statements(e.red.get(&format!("{}/synthesis", e.mission))).await;
        assert_eq!((few, many), (5, 5), "caller and scope, tests, tags, detections, categories");
    }
}
