//! Detections: what each defence tool did in a test.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::exercise::Exercise;

db_test! {
    async fn a_tool_has_one_row_of_each_kind(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let (edr, siem) = (e.tool("Zeta EDR").await, e.tool("Alpha SIEM").await);
        e.bring(0, &["running", "executed"]).await;
        let path = format!("{}/detections", e.test(0));
        let body = json!({"defence_tool_id": edr, "kind": "alerted", "result": "yes", "severity": "high", "occurred_at": "2099-01-01T10:00:00Z", "reference": "ALERT-7", "rule": "title: x", "notes": "*seen*"});
        let made = e.blue.post(&path, body.clone()).await.expect(201);
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(made.json[field], *value, "{field}");
        }
        assert_eq!(made.json["defence_tool_name"], "Zeta EDR");
        e.blue.post(&path, body).await.problem(409, "already_exists");
        e.blue.post(&path, json!({"defence_tool_id": siem, "kind": "alerted", "result": "no"})).await.expect(201);
        e.blue.post(&path, json!({"defence_tool_id": edr, "kind": "prevented", "result": "no"})).await.expect(201);
        let rows: Vec<(Value, Value)> = e.red.get(&path).await.items().iter().map(|d| (d["defence_tool_name"].clone(), d["kind"].clone())).collect();
        assert_eq!(rows, [(json!("Alpha SIEM"), json!("alerted")), (json!("Zeta EDR"), json!("alerted")), (json!("Zeta EDR"), json!("prevented"))]);
        // the facts are blue's own word
        let test = e.read(&e.blue, 0).await;
        assert_eq!((test["alerted"].as_str(), test["version"].as_i64()), (Some("unknown"), Some(3)));
        let one = format!("{path}/{}", made.id());
        let changed = e.blue.patch(&one, "\"1\"", json!({"result": "partial", "notes": null, "occurred_at": "2099-01-02T10:00:00Z"})).await.expect(200);
        assert_eq!((changed.json["result"].as_str(), &changed.json["notes"], changed.json["version"].as_i64()), (Some("partial"), &Value::Null, Some(2)));
        assert_eq!(changed.json["reference"], "ALERT-7");
        e.blue.patch(&one, "\"1\"", json!({"result": "no"})).await.problem(412, "precondition_failed");
        e.blue.send(reqwest::Method::PATCH, &one, Some(json!({"result": "no"})), &[]).await.problem(428, "precondition_required");
        e.blue.patch(&one, "*", json!({"defence_tool_id": siem})).await.problem(400, "invalid_body");
        e.blue.delete(&one, "\"2\"").await.expect(204);
        e.blue.delete(&one, "*").await.problem(404, "not_found");
        assert_eq!(e.red.get(&path).await.items().len(), 2);
        let export = e.red.get(&format!("{}/export/json", e.mission)).await.expect(200).json;
        assert_eq!(export["detections"].as_array().unwrap().len(), 2);
    }
}

db_test! {
    async fn blue_notes_them_while_the_test_can_be_judged(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let tool = e.tool("EDR").await;
        let (path, body) = (format!("{}/detections", e.test(0)), json!({"defence_tool_id": tool, "kind": "logged", "result": "yes"}));
        e.blue.post(&path, body.clone()).await.problem(409, "test_locked");
        e.bring(0, &["running"]).await;
        e.red.post(&path, body.clone()).await.problem(403, "field_forbidden");
        e.observer.post(&path, body.clone()).await.problem(403, "field_forbidden");
        e.outsider.post(&path, body.clone()).await.problem(404, "not_found");
        e.outsider.get(&path).await.problem(404, "not_found");
        let mut early = body.clone();
        early["occurred_at"] = json!("2001-01-01T00:00:00Z");
        let refused = e.blue.post(&path, early).await.problem(422, "validation_failed");
        assert_eq!(refused.json["errors"][0]["pointer"], "/occurred_at");
        let mut unknown = body.clone();
        unknown["defence_tool_id"] = json!(Uuid::now_v7());
        e.blue.post(&path, unknown).await.problem(422, "validation_failed");
        e.purple.post(&path, body.clone()).await.expect(201);
        e.bring(0, &["executed", "assessed"]).await;
        let made = e.blue.get(&path).await.items()[0]["id"].as_str().unwrap().to_owned();
        e.blue.patch(&format!("{path}/{made}"), "*", json!({"result": "no"})).await.problem(409, "test_locked");
        e.blue.delete(&format!("{path}/{made}"), "*").await.problem(409, "test_locked");
        e.bring(0, &["executed"]).await;
        e.transition("completed").await;
        e.blue.delete(&format!("{path}/{made}"), "*").await.problem(409, "mission_not_in_progress");
    }
}

db_test! {
    async fn those_of_a_hidden_test_are_hidden(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let tool = e.tool("EDR").await;
        e.bring(0, &["running"]).await;
        let path = format!("{}/detections", e.test(0));
        let made = e.blue.post(&path, json!({"defence_tool_id": tool, "kind": "logged", "result": "yes", "notes": "needle"})).await.expect(201).id();
        e.red.patch(&e.test(0), "*", json!({"disclosed": false})).await.expect(200);
        e.blue.get(&path).await.problem(404, "not_found");
        e.blue.patch(&format!("{path}/{made}"), "*", json!({"result": "no"})).await.problem(404, "not_found");
        for place in ["/events", "/export/json", "/detections"] {
            assert!(!e.blue.get(&format!("{}{place}", e.mission)).await.expect(200).text.contains(&made), "{place}");
        }
        assert_eq!(e.red.get(&format!("{}/detections", e.mission)).await.expect(200).items()[0]["mission_test_id"], e.tests[0]);
        assert!(e.red.get(&format!("{}/export/json", e.mission)).await.text.contains("needle"));
    }
}
