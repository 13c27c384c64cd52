//! Scenario templates: create, read, change, delete, the order of their tests, the export.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::fixtures::seed_catalogue;
use crate::harness::{Answer, Client};

async fn test(c: &Client, name: &str) -> String {
    c.post("/test-templates", json!({"name": name})).await.expect(201).id()
}

async fn create(c: &Client, body: Value) -> Answer {
    c.post("/scenario-templates", body).await.expect(201)
}

/// Names with positions.
fn tests(answer: &Answer) -> Vec<(&str, u64)> {
    answer.json["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["test_template"]["name"].as_str().unwrap(), t["position"].as_u64().unwrap()))
        .collect()
}

fn pointer(answer: &Answer) -> &str {
    answer.json["errors"][0]["pointer"].as_str().unwrap()
}

db_test! {
    async fn a_scenario_keeps_its_fields_and_the_order_of_its_tests(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let (a, b) = (test(&admin, "a").await, test(&admin, "b").await);
        let tagged = admin.post("/test-templates", json!({"name": "t", "mitre_tags": [{"kind": "technique", "external_id": "T1059"}, {"kind": "subtechnique", "external_id": "T1003.001"}, {"kind": "tactic", "external_id": "TA0002"}]})).await.expect(201).id();
        let made = create(&admin, json!({"name": "S 🦑", "description": "d", "threat_actor": "APT0", "tags": ["x", "y", "x"], "test_template_ids": [b, a, tagged, b]})).await;
        let path = format!("/scenario-templates/{}", made.id());
        assert_eq!(made.header("location"), format!("/api/v1{path}"));
        let seen = admin.get(&path).await.expect(200);
        assert_eq!((&seen.json, seen.etag()), (&made.json, made.etag()), "the answer to the create is what a read gives");
        assert_eq!(tests(&seen), [("b", 0), ("a", 1), ("t", 2), ("b", 3)]);
        assert_eq!((&seen.json["name"], &seen.json["description"], &seen.json["threat_actor"], &seen.json["tags"], &seen.json["version"]), (&json!("S 🦑"), &json!("d"), &json!("APT0"), &json!(["x", "y"]), &json!(1)));
        assert_eq!(seen.json["tests"][2]["test_template"]["mitre_tags"][0]["name"], "Command and Scripting Interpreter");
        admin.send(Method::GET, &path, None, &[("If-None-Match", &seen.etag())]).await.expect(304);
        create(&admin, json!({"name": "empty"})).await;
        let list = admin.get("/scenario-templates?sort=name").await.expect(200);
        let rows: Vec<_> = list.items().iter().map(|s| (s["name"].as_str().unwrap(), s["test_count"].as_u64().unwrap(), s["techniques"].clone())).collect();
        assert_eq!(rows, [("empty", 0, json!([])), ("S 🦑", 4, json!(["T1003.001", "T1059"]))]);
        for (query, want) in [("q=%F0%9F%A6%91", 1), ("q=apt0", 1), ("q=EMPTY", 1), ("tag=x", 1), ("tag=X", 0), ("q=%25", 0)] {
            assert_eq!(admin.get(&format!("/scenario-templates?{query}")).await.expect(200).json["total"], want, "{query}");
        }
    }
}

db_test! {
    async fn a_patch_keeps_clears_and_sets_and_needs_the_version(app: TestApp) {
        let admin = app.admin().await;
        let a = test(&admin, "a").await;
        let made = create(&admin, json!({"name": "S", "description": "d", "threat_actor": "APT0", "tags": ["x"], "test_template_ids": [a]})).await;
        let path = format!("/scenario-templates/{}", made.id());
        admin.send(Method::PATCH, &path, Some(json!({"name": "x"})), &[]).await.problem(428, "precondition_required");
        admin.send(Method::DELETE, &path, None, &[]).await.problem(428, "precondition_required");
        let kept = admin.patch(&path, &made.etag(), json!({"name": "renamed"})).await.expect(200);
        assert_eq!((&kept.json["description"], &kept.json["threat_actor"], &kept.json["tags"], tests(&kept), &kept.json["version"]), (&json!("d"), &json!("APT0"), &json!(["x"]), vec![("a", 0)], &json!(2)));
        assert_eq!(admin.patch(&path, &made.etag(), json!({"name": "x"})).await.problem(412, "precondition_failed").json["current_etag"], kept.etag());
        admin.delete(&path, &made.etag()).await.problem(412, "precondition_failed");
        let cleared = admin.patch(&path, &kept.etag(), json!({"description": null, "threat_actor": null, "tags": null})).await.expect(200).json;
        assert_eq!((&cleared["description"], &cleared["threat_actor"], &cleared["tags"], &cleared["name"]), (&Value::Null, &Value::Null, &json!([]), &json!("renamed")));
        assert_eq!(pointer(&admin.edit(&path, json!({"name": null})).await.problem(422, "validation_failed")), "/name");
        for field in ["id", "version", "tests", "test_template_ids", "created_by", "source_kind", "surprise"] {
            admin.edit(&path, json!({field: []})).await.problem(400, "invalid_body");
        }
        admin.post("/scenario-templates", json!({"name": "x", "version": 3})).await.problem(400, "invalid_body");
        assert_eq!(admin.get(&path).await.json, cleared);
        // PUT honours a version only when it is sent
        admin.put(&format!("{path}/tests"), json!({"test_template_ids": []})).await.expect(200);
        admin.send(Method::PUT, &format!("{path}/tests"), Some(json!({"test_template_ids": []})), &[("If-Match", "\"1\"")]).await.problem(412, "precondition_failed");
        admin.remove(&path).await.expect(204);
        admin.get(&path).await.problem(404, "not_found");
        admin.put(&format!("{path}/tests"), json!({"test_template_ids": []})).await.problem(404, "not_found");
        assert_eq!(admin.get("/scenario-templates").await.json["total"], 0);
        admin.get(&format!("/test-templates/{a}")).await.expect(200);
    }
}

db_test! {
    async fn a_deleted_test_is_left_out_at_dense_positions(app: TestApp) {
        let admin = app.admin().await;
        let (a, b, c) = (test(&admin, "a").await, test(&admin, "b").await, test(&admin, "c").await);
        let made = create(&admin, json!({"name": "S", "test_template_ids": [a, b, c, b, a]})).await;
        let path = format!("/scenario-templates/{}", made.id());
        admin.remove(&format!("/test-templates/{b}")).await.expect(204);
        let seen = admin.send(Method::GET, &path, None, &[("If-None-Match", &made.etag())]).await.expect(200);
        assert_eq!(tests(&seen), [("a", 0), ("c", 1), ("a", 2)]);
        assert_eq!(admin.get("/scenario-templates").await.items()[0]["test_count"], 3);
        assert_eq!(admin.get("/scenario-templates/export").await.json["items"][0]["tests"], json!([0, 1, 0]));
        // a new list may not name it, and then nothing changes
        let refused = admin.put(&format!("{path}/tests"), json!({"test_template_ids": [a, b, Uuid::nil()]})).await.problem(422, "validation_failed");
        let pointers: Vec<_> = refused.json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/test_template_ids/1", "/test_template_ids/2"]);
        assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains(&b));
        assert_eq!(admin.get(&path).await.json, seen.json);
        assert_eq!(pointer(&admin.post("/scenario-templates", json!({"name": "N", "test_template_ids": [b]})).await.problem(422, "validation_failed")), "/test_template_ids/0");
        assert_eq!(admin.get("/scenario-templates").await.json["total"], 1);
        // an edit of a test shows, and makes what a browser kept stale
        admin.edit(&format!("/test-templates/{c}"), json!({"name": "C"})).await.expect(200);
        assert_eq!(tests(&admin.send(Method::GET, &path, None, &[("If-None-Match", &seen.etag())]).await.expect(200)), [("a", 0), ("C", 1), ("a", 2)]);
    }
}

db_test! {
    async fn two_lists_at_once_leave_one_of_them(app: TestApp) {
        let admin = app.admin().await;
        let mut ids = Vec::new();
        for i in 0..20 {
            ids.push(test(&admin, &format!("t{i:02}")).await);
        }
        let made = create(&admin, json!({"name": "S", "test_template_ids": ids})).await;
        let path = format!("/scenario-templates/{}/tests", made.id());
        let lists: Vec<Vec<String>> = vec![ids.iter().rev().cloned().collect(), ids[..7].to_vec(), ids.iter().chain(&ids).cloned().collect(), Vec::new()];
        for round in 0..5 {
            let put = |list: &Vec<String>| { let (c, path, body) = (admin.clone(), path.clone(), json!({"test_template_ids": list})); async move { c.put(&path, body).await } };
            for answer in futures_util::future::join_all(lists.iter().map(put)).await {
                answer.expect(200);
            }
            let seen = admin.get(&format!("/scenario-templates/{}", made.id())).await.expect(200);
            let now: Vec<String> = seen.json["tests"].as_array().unwrap().iter().map(|t| t["test_template"]["id"].as_str().unwrap().to_owned()).collect();
            assert!(lists.contains(&now), "a mixture: {now:?}");
            assert_eq!(tests(&seen).iter().map(|(_, p)| *p).collect::<Vec<_>>(), (0..now.len() as u64).collect::<Vec<_>>());
            assert_eq!(seen.json["version"], 1 + (round + 1) * 4, "each is a version");
        }
    }
}

db_test! {
    async fn ten_thousand_tests_are_a_scenario_and_one_more_is_refused(app: TestApp) {
        let admin = app.admin().await;
        let (a, b) = (test(&admin, "a").await, test(&admin, "b").await);
        let list: Vec<&String> = (0..10_000).map(|i| if i % 3 == 0 { &b } else { &a }).collect();
        let made = create(&admin, json!({"name": "S", "test_template_ids": list})).await;
        let names = tests(&made);
        assert_eq!((names.len(), names[0], names[9_999]), (10_000, ("b", 0), ("b", 9_999)));
        let (_, small) = app.statements(admin.put(&format!("/scenario-templates/{}/tests", made.id()), json!({"test_template_ids": [a]}))).await;
        let (full, big) = app.statements(admin.put(&format!("/scenario-templates/{}/tests", made.id()), json!({"test_template_ids": list}))).await;
        assert_eq!(full.expect(200).json["tests"].as_array().unwrap().len(), 10_000);
        assert_eq!(small, big, "one number of statements for 1 and for 10,000 tests");
        let mission = admin.post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [made.id()]})).await.expect(201);
        assert_eq!(mission.json["counts"]["tests"], 10_000);
        let more: Vec<&String> = list.iter().copied().chain([&a]).collect();
        for answer in [admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": more})).await, admin.put(&format!("/scenario-templates/{}/tests", made.id()), json!({"test_template_ids": more})).await] {
            let refused = answer.problem(422, "validation_failed");
            assert_eq!((pointer(&refused), &refused.json["errors"][0]["code"]), ("/test_template_ids", &json!("too_many")));
            assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains("10000"), "{}", refused.text);
        }
        // three of them are more than one mission takes at once
        let refused = admin.post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [made.id(), made.id(), made.id()]})).await.problem(422, "validation_failed");
        assert_eq!(pointer(&refused), "/scenario_template_ids");
        // unknown ones are named, not all ten thousand of them
        let unknown: Vec<Uuid> = (0..10_000).map(|_| Uuid::now_v7()).collect();
        let refused = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": unknown})).await.problem(422, "validation_failed");
        assert_eq!(refused.json["errors"].as_array().unwrap().len(), 100);
        assert_eq!(app.count("SELECT count(*) FROM scenario_templates").await, 1);
    }
}

db_test! {
    async fn the_export_holds_the_tests_once(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let a = admin.post("/test-templates", json!({"name": "a", "command": "whoami", "mitre_tags": [{"kind": "technique", "external_id": "T1059"}]})).await.expect(201).id();
        let b = test(&admin, "b").await;
        test(&admin, "unused").await;
        create(&admin, json!({"name": "one", "description": "d", "tags": ["x"], "test_template_ids": [b, a, b]})).await;
        create(&admin, json!({"name": "two", "threat_actor": "APT0", "test_template_ids": [a]})).await;
        let export = admin.get("/scenario-templates/export").await.expect(200);
        assert_eq!(export.header("content-disposition"), "attachment; filename=\"scenario-templates.json\"");
        let names: Vec<_> = export.json["test_templates"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), 2, "each test once, and no other");
        let place = |name: &str| names.iter().position(|n| *n == name).unwrap();
        let [one, two] = [&export.items()[0], &export.items()[1]];
        assert_eq!(one, &json!({"name": "one", "description": "d", "threat_actor": null, "tags": ["x"], "tests": [place("b"), place("a"), place("b")]}));
        assert_eq!(two["tests"], json!([place("a")]));
        assert_eq!(export.json["test_templates"][place("a")]["mitre_tags"], json!([{"kind": "technique", "external_id": "T1059"}]));
    }
}
