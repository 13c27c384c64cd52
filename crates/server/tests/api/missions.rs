//! Missions: the snapshot, visibility, life cycle, members, patches, lists.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::exercise::Exercise;
use crate::fixtures::seed_catalogue;
use crate::harness::Client;

/// A test template of this name with every field filled.
async fn template(c: &Client, name: &str, tags: &[(&str, &str)]) -> Value {
    let tags: Vec<Value> = tags.iter().map(|(kind, id)| json!({"kind": kind, "external_id": id})).collect();
    let body = json!({
        "name": name, "objective": "objective", "procedure": "do *it* <script>alert(1)</script>", "prerequisites": "pre", "cleanup": "tidy",
        "expected_detection": "an alert", "detection_rules": [{"format": "sigma", "title": "rule", "level": "high", "body": "title: x"}],
        "opsec_level": "high", "platforms": ["Windows"], "tags": ["x", "ünï 🦑"], "executor": "powershell", "command": "whoami #{who}",
        "arguments": {"who": {"description": "whom", "type": "string", "default": "me"}}, "elevation_required": true,
        "references": ["https://example.org/a"], "mitre_tags": tags,
    });
    c.post("/test-templates", body).await.expect(201).json
}

async fn scenario(c: &Client, name: &str, tests: &[&Value]) -> String {
    let ids: Vec<&Value> = tests.iter().map(|t| &t["id"]).collect();
    c.post("/scenario-templates", json!({"name": name, "description": "d", "threat_actor": "APT0", "test_template_ids": ids}))
        .await
        .expect(201)
        .id()
}

async fn mission(c: &Client, body: Value) -> Value {
    let mut all = json!({"name": "M", "client": "ACME"});
    all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    c.post("/missions", all).await.expect(201).json
}

fn without(mut value: Value, keys: &[&str]) -> Value {
    for key in keys {
        value.as_object_mut().unwrap().remove(*key);
    }
    value
}

/// All tests of a mission with everything, in order.
async fn full_tests(c: &Client, id: &str) -> Vec<Value> {
    c.get(&format!("/missions/{id}/export/json")).await.expect(200).json["tests"].as_array().unwrap().clone()
}

db_test! {
    async fn the_snapshot_copies_every_field_in_order(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let a = template(&admin, "A", &[("tactic", "TA0002"), ("technique", "T1059"), ("subtechnique", "T1003.001")]).await;
        let b = template(&admin, "B", &[]).await;
        let s = scenario(&admin, "S", &[&b, &a, &b]).await;
        let created = mission(&admin, json!({"scenario_template_ids": [s, s]})).await;
        let id = created["id"].as_str().unwrap();
        let seen = admin.get(&format!("/missions/{id}")).await.expect(200).json;
        assert_eq!(created, seen, "the answer to the create is what a read gives");
        assert_eq!(seen["scenarios"].as_array().unwrap().len(), 2);
        let first = &seen["scenarios"][0];
        assert_eq!(without(first.clone(), &["id", "tests"]), json!({"source_scenario_template_id": s, "name": "S", "description": "d", "threat_actor": "APT0", "position": 0}));
        let names: Vec<&str> = first["tests"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["B", "A", "B"]);
        let positions: Vec<u64> = first["tests"].as_array().unwrap().iter().map(|t| t["position"].as_u64().unwrap()).collect();
        assert_eq!(positions, [0, 1, 2]);

        let copy = admin.get(&format!("/missions/{id}/tests/{}", first["tests"][1]["id"].as_str().unwrap())).await.expect(200).json;
        for field in ["name", "objective", "procedure", "prerequisites", "cleanup", "expected_detection", "detection_rules", "opsec_level", "platforms", "tags",
                      "executor", "command", "arguments", "elevation_required", "references", "mitre_tags"] {
            assert_eq!(copy[field], a[field], "{field}");
        }
        assert_eq!(copy["source_test_template_id"], a["id"]);
        assert_eq!(copy["state"], "planned");
        assert_eq!(copy["logged"], "unknown");
        let tags: Vec<&str> = copy["mitre_tags"].as_array().unwrap().iter().map(|t| t["external_id"].as_str().unwrap()).collect();
        assert_eq!(tags, ["TA0002", "T1059", "T1003.001"]);
        assert!(copy["mitre_tags"].as_array().unwrap().iter().all(|t| !t["name"].as_str().unwrap().is_empty() && t["url"].is_string()));
        assert_eq!(seen["counts"]["tests"], 6);
        assert_eq!(seen["counts"]["by_state"]["planned"], 6);
        assert_eq!(seen["counts"]["by_outcome"]["not_assessed"], 6);
        assert_eq!(seen["counts"]["by_detection"]["unassessed"], 6);
        assert_eq!(app.count("SELECT count(*) FROM mission_test_mitre_tags").await, 6);
    }
}

db_test! {
    async fn nothing_that_later_happens_to_the_sources_touches_a_mission(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let a = template(&admin, "A", &[("technique", "T1059")]).await;
        let b = template(&admin, "B", &[("technique", "T1021")]).await;
        let s = scenario(&admin, "S", &[&a, &b]).await;
        let m = mission(&admin, json!({"scenario_template_ids": [s]})).await;
        let (path, before) = (format!("/missions/{}", m["id"].as_str().unwrap()), full_tests(&admin, m["id"].as_str().unwrap()).await);
        admin.edit(&format!("/test-templates/{}", a["id"].as_str().unwrap()), json!({"name": "changed", "command": null, "tags": [], "mitre_tags": []})).await.expect(200);
        admin.remove(&format!("/test-templates/{}", b["id"].as_str().unwrap())).await.expect(204);
        admin.put(&format!("/scenario-templates/{s}/tests"), json!({"test_template_ids": []})).await.expect(200);
        admin.edit(&format!("/scenario-templates/{s}"), json!({"name": "changed"})).await.expect(200);
        admin.remove(&format!("/scenario-templates/{s}")).await.expect(204);
        app.sql("UPDATE mitre_techniques SET name = 'renamed', is_revoked = TRUE").await;
        assert_eq!(full_tests(&admin, m["id"].as_str().unwrap()).await, before);
        assert_eq!(admin.get(&path).await.expect(200).json, m);
        // a new mission no longer finds the scenario, and nothing is written
        let missions = app.count("SELECT count(*) FROM missions").await;
        let refused = admin.post("/missions", json!({"name": "N", "client": "c", "scenario_template_ids": [s]})).await.problem(422, "validation_failed");
        assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains(&s));
        assert_eq!(refused.json["errors"][0]["pointer"], "/scenario_template_ids/0");
        assert_eq!(app.count("SELECT count(*) FROM missions").await, missions);
    }
}

db_test! {
    async fn deleted_test_templates_are_left_out_of_new_snapshots_without_gaps(app: TestApp) {
        let admin = app.admin().await;
        let (a, b, c) = (template(&admin, "A", &[]).await, template(&admin, "B", &[]).await, template(&admin, "C", &[]).await);
        let s = scenario(&admin, "S", &[&a, &b, &c]).await;
        admin.remove(&format!("/test-templates/{}", b["id"].as_str().unwrap())).await.expect(204);
        let m = mission(&admin, json!({"scenario_template_ids": [s]})).await;
        let tests: Vec<_> = m["scenarios"][0]["tests"].as_array().unwrap().iter().map(|t| (t["name"].as_str().unwrap(), t["position"].as_u64().unwrap())).collect();
        assert_eq!(tests, [("A", 0), ("C", 1)]);
    }
}

db_test! {
    async fn a_create_costs_the_same_statements_for_one_and_for_forty_scenarios(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let mut templates = Vec::new();
        for i in 0..50 {
            templates.push(template(&admin, &format!("T{i}"), &[("technique", "T1059"), ("subtechnique", "T1003.001"), ("tactic", "TA0002")]).await);
        }
        let all: Vec<&Value> = templates.iter().collect();
        let small = scenario(&admin, "small", &all[..1]).await;
        let big = scenario(&admin, "big", &all).await;
        let ((), one) = app.statements(async { mission(&admin, json!({"scenario_template_ids": [small]})).await; }).await;
        let (m, forty) = app.statements(mission(&admin, json!({"scenario_template_ids": vec![big; 40]}))).await;
        assert_eq!(one, forty, "a create of 1 and of 40 × 50 tests");
        assert_eq!(m["counts"]["tests"], 2000);
        assert_eq!(app.count("SELECT count(*) FROM mission_test_mitre_tags").await, 6003);
        let (_, few) = app.statements(admin.get("/missions?limit=1")).await;
        let (_, many) = app.statements(admin.get("/missions?limit=200")).await;
        assert_eq!((few, many), (3, 3), "a list: caller, places with the total, and what is not kept of them");
        assert_eq!(app.statements(admin.get("/missions?limit=200")).await.1, 2, "the same again");
        let test = format!("/missions/{}/tests/{}", m["id"].as_str().unwrap(), m["scenarios"][39]["tests"][49]["id"].as_str().unwrap());
        let (answer, read) = app.statements(admin.get(&test)).await;
        let answer = answer.expect(200).json;
        assert_eq!((read, answer["position"].as_u64()), (1, Some(49)), "a test, with its caller");
        let tags: Vec<_> = answer["mitre_tags"].as_array().unwrap().iter().map(|t| t["external_id"].as_str().unwrap()).collect();
        assert_eq!(tags, ["T1059", "T1003.001", "TA0002"], "in their order");
        let (_, detail) = app.statements(admin.get(&format!("/missions/{}", m["id"].as_str().unwrap()))).await;
        assert_eq!(detail, 3, "the mission with its caller; members and scenarios; tests with their tags");
        let etag = admin.get(&format!("/missions/{}", m["id"].as_str().unwrap())).await.etag();
        let (answer, cached) = app.statements(admin.send(Method::GET, &format!("/missions/{}", m["id"].as_str().unwrap()), None, &[("If-None-Match", &etag)])).await;
        answer.expect(304);
        assert_eq!(cached, 1, "a 304 is answered before the body is built");
    }
}

db_test! {
    async fn a_test_is_read_as_its_change_answers_and_only_where_it_is(app: TestApp) {
        let e = Exercise::start(&app, 3).await;
        for client in [&e.admin, &e.red] {
            let changed = client.patch(&e.test(1), "*", json!({"red_notes": client.id})).await.expect(200);
            let read = client.get(&e.test(1)).await.expect(200);
            assert_eq!((&read.json, read.etag()), (&changed.json, changed.etag()));
        }
        let other = mission(&e.admin, json!({"name": "other"})).await;
        let elsewhere = e.test(1).replace(&e.mission, &format!("/missions/{}", other["id"].as_str().unwrap()));
        assert_ne!(elsewhere, e.test(1));
        e.admin.get(&elsewhere).await.expect(404);
        e.outsider.get(&e.test(1)).await.expect(404);
        e.admin.send(Method::DELETE, &e.mission, None, &[("If-Match", "*")]).await.expect(204);
        for client in [&e.admin, &e.red] {
            client.get(&e.test(1)).await.expect(404);
        }
    }
}

db_test! {
    async fn lists_and_reads_filter_by_membership(app: TestApp) {
        let admin = app.admin().await;
        let (red, blue, lead, observer) = (
            app.member(&admin, "red", "Red team").await, app.member(&admin, "blue", "Blue team").await,
            app.member(&admin, "lead", "Leads").await, app.member(&admin, "obs", "Observers").await,
        );
        let mine = mission(&red, json!({"name": "mine", "members": [{"user_id": blue.id, "role_hint": "blue"}]})).await;
        let other = mission(&admin, json!({"name": "other"})).await;
        let names = |a: crate::harness::Answer| a.items().iter().map(|m| m["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        for c in [&red, &blue] {
            let list = c.get("/missions").await.expect(200);
            assert_eq!(list.json["total"], 1);
            assert_eq!(names(list), ["mine"]);
        }
        for c in [&admin, &lead] {
            assert_eq!(names(c.get("/missions").await.expect(200)), ["other", "mine"]);
        }
        assert_eq!(names(observer.get("/missions").await.expect(200)), Vec::<String>::new());
        // an outsider's 404 is that of a random id, whatever they try
        let strip = |a: crate::harness::Answer| without(a.problem(404, "not_found").json, &["request_id"]);
        let nothing = strip(red.get(&format!("/missions/{}", Uuid::now_v7())).await);
        let other = format!("/missions/{}", other["id"].as_str().unwrap());
        assert_eq!(strip(red.get(&other).await), nothing);
        assert_eq!(strip(red.patch(&other, "*", json!({"name": "x"})).await), nothing);
        assert_eq!(strip(red.patch(&other, "\"99\"", json!({"name": ""})).await), nothing);
        assert_eq!(strip(red.post(&format!("{other}/transition"), json!({"to": "archived"})).await), nothing);
        assert_eq!(strip(red.put(&format!("{other}/members"), json!({"members": []})).await), nothing);
        assert_eq!(strip(red.get(&format!("{other}/synthesis")).await), nothing);
        assert_eq!(strip(red.get(&format!("{other}/export/json")).await), nothing);
        assert_eq!(strip(red.get("/missions/not-an-id").await), nothing);
        // who sees it but lacks the right gets 403, before any look at the body's values
        let mine = format!("/missions/{}", mine["id"].as_str().unwrap());
        let refused = blue.patch(&mine, "\"99\"", json!({"name": ""})).await.problem(403, "forbidden");
        assert_eq!(refused.json["permission"], "mission.update");
        blue.delete(&mine, "*").await.problem(403, "forbidden");
        observer.post("/missions", json!({"name": "x", "client": "c"})).await.problem(403, "forbidden");
    }
}

db_test! {
    async fn a_creator_who_is_no_admin_joins_as_red(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        let roles = |m: &Value| m["members"].as_array().unwrap().iter().map(|x| (x["email"].as_str().unwrap().to_owned(), x["role_hint"].as_str().unwrap().to_owned())).collect::<Vec<_>>();
        assert_eq!(roles(&mission(&red, json!({})).await), [("red@example.test".into(), "red".into())]);
        assert_eq!(roles(&mission(&red, json!({"members": [{"user_id": red.id, "role_hint": "purple"}]})).await), [("red@example.test".into(), "purple".into())]);
        assert_eq!(roles(&mission(&admin, json!({})).await), Vec::new());
        let nobody = Uuid::now_v7();
        let refused = red.post("/missions", json!({"name": "x", "client": "c", "members": [{"user_id": nobody, "role_hint": "blue"}]})).await.problem(422, "validation_failed");
        assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains(&nobody.to_string()));
        assert_eq!(refused.json["errors"][0]["pointer"], "/members/0/user_id");
    }
}

db_test! {
    async fn all_sixteen_transitions_answer_as_the_rules_say(app: TestApp) {
        let admin = app.admin().await;
        let statuses = ["draft", "in_progress", "completed", "archived"];
        let way: [&[&str]; 4] = [&[], &["in_progress"], &["in_progress", "completed"], &["in_progress", "completed", "archived"]];
        let legal = [("draft", "in_progress"), ("in_progress", "completed"), ("in_progress", "draft"), ("completed", "archived"), ("completed", "in_progress")];
        for (from, way) in statuses.iter().zip(way) {
            for to in statuses {
                let m = mission(&admin, json!({})).await;
                let path = format!("/missions/{}/transition", m["id"].as_str().unwrap());
                for step in way {
                    admin.post(&path, json!({"to": step})).await.expect(200);
                }
                let answer = admin.post(&path, json!({"to": to})).await;
                if legal.contains(&(*from, to)) {
                    assert_eq!(answer.expect(200).json["status"], to);
                } else {
                    let answer = answer.problem(409, "illegal_transition");
                    let allowed: Vec<&str> = answer.json["allowed"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
                    assert_eq!(allowed, legal.iter().filter(|(f, _)| f == from).map(|(_, t)| *t).collect::<Vec<_>>(), "from {from}");
                }
            }
        }
        let m = mission(&admin, json!({})).await;
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        admin.post(&format!("{path}/transition"), json!({"to": "burning"})).await.problem(400, "invalid_body");
        let old = admin.get(&path).await.etag();
        admin.send(Method::POST, &format!("{path}/transition"), Some(json!({"to": "in_progress"})), &[("If-Match", &old)]).await.expect(200);
        admin.send(Method::POST, &format!("{path}/transition"), Some(json!({"to": "completed"})), &[("If-Match", &old)]).await.problem(412, "precondition_failed");
    }
}

db_test! {
    async fn what_was_executed_does_not_go_back_to_draft(app: TestApp) {
        let admin = app.admin().await;
        let t = template(&admin, "A", &[]).await;
        let s = scenario(&admin, "S", &[&t]).await;
        let m = mission(&admin, json!({"scenario_template_ids": [s]})).await;
        let path = format!("/missions/{}/transition", m["id"].as_str().unwrap());
        admin.post(&path, json!({"to": "in_progress"})).await.expect(200);
        let counters = json!({"tests": 1, "by_state": {"planned": 0, "executed": 1}, "by_outcome": {"not_assessed": 1}, "by_detection": {"unassessed": 1}});
        app.sql(&format!("UPDATE missions SET counters_all = '{counters}'")).await;
        let answer = admin.post(&path, json!({"to": "draft"})).await.problem(409, "illegal_transition");
        assert_eq!(answer.json["allowed"], json!(["completed"]));
    }
}

db_test! {
    async fn archiving_needs_mission_archive_and_makes_read_only(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        let t = template(&admin, "A", &[]).await;
        let s = scenario(&admin, "S", &[&t]).await;
        let m = mission(&red, json!({})).await;
        assert_eq!(m["allowed_transitions"], json!(["in_progress"]));
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        red.post(&format!("{path}/transition"), json!({"to": "in_progress"})).await.expect(200);
        assert_eq!(red.post(&format!("{path}/transition"), json!({"to": "completed"})).await.expect(200).json["allowed_transitions"], json!(["in_progress"]));
        let refused = red.post(&format!("{path}/transition"), json!({"to": "archived"})).await.problem(403, "forbidden");
        assert_eq!(refused.json["permission"], "mission.archive");
        admin.post(&format!("{path}/transition"), json!({"to": "archived"})).await.expect(200);
        for answer in [
            red.edit(&path, json!({"name": "x"})).await,
            red.put(&format!("{path}/members"), json!({"members": []})).await,
            red.post(&format!("{path}/scenarios"), json!({"scenario_template_ids": [s]})).await,
        ] {
            answer.problem(409, "mission_archived");
        }
        admin.remove(&path).await.expect(204);
    }
}

db_test! {
    async fn a_patch_leaves_clears_and_sets(app: TestApp) {
        let admin = app.admin().await;
        let m = mission(&admin, json!({"description": "d", "objectives": "o", "start_date": "2026-03-01", "end_date": "2026-03-20"})).await;
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        let before = admin.get(&path).await;
        let after = admin.patch(&path, &before.etag(), json!({"description": null, "scope": "s 🦑\u{202e}مرحبا<script>"})).await.expect(200);
        let want = { let mut w = before.json.clone(); w["description"] = Value::Null; w["scope"] = json!("s 🦑\u{202e}مرحبا<script>"); w["version"] = json!(2); w["updated_at"] = after.json["updated_at"].clone(); w };
        assert_eq!(after.json, want);
        assert_ne!(after.etag(), before.etag());
        admin.patch(&path, &before.etag(), json!({"name": "x"})).await.problem(412, "precondition_failed");
        admin.send(Method::PATCH, &path, Some(json!({"name": "x"})), &[]).await.problem(428, "precondition_required");
        for (body, pointer) in [
            (json!({"name": null}), "/name"), (json!({"client": "  "}), "/client"), (json!({"name": "a\u{0}"}), "/name"), (json!({"description": "a\u{0}"}), "/description"),
            (json!({"start_date": "2026-03-21"}), "/start_date"), (json!({"end_date": "2026-02-01"}), "/end_date"),
            (json!({"start_date": "2026-05-02", "end_date": "2026-05-01"}), "/end_date"), (json!({"name": "x".repeat(201)}), "/name"),
        ] {
            assert_eq!(admin.edit(&path, body.clone()).await.problem(422, "validation_failed").json["errors"][0]["pointer"], pointer, "{body}");
        }
        for body in [json!({"surprise": 1}), json!({"status": "archived"}), json!({"version": 9}), json!({"id": Uuid::nil()}), json!({"created_by": null}), json!([]), json!({"start_date": "soon"})] {
            admin.edit(&path, body).await.problem(400, "invalid_body");
        }
        assert_eq!(admin.get(&path).await.json, after.json, "what was refused changed nothing");
        // both dates may move together
        admin.edit(&path, json!({"start_date": "2027-01-01", "end_date": "2027-01-02"})).await.expect(200);
        admin.edit(&path, json!({"start_date": null, "end_date": null})).await.expect(200);
    }
}

db_test! {
    async fn thirty_two_editors_lose_no_edit(app: TestApp) {
        let admin = app.admin().await;
        let m = mission(&admin, json!({})).await;
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        let editors = (0..16).map(|i| {
            let (c, path) = (admin.clone(), path.clone());
            async move {
                let mut done = 0;
                for n in 0..6 {
                    let answer = c.edit(&path, json!({"description": format!("{i} {n}")})).await;
                    match answer.status.as_u16() { 200 => done += 1, 412 => {}, _ => panic!("{}", answer.text) }
                }
                done
            }
        });
        let done: i64 = futures_util::future::join_all(editors).await.into_iter().sum();
        assert_eq!(admin.get(&path).await.json["version"], 1 + done);
        assert!(done > 0);
    }
}

db_test! {
    async fn the_member_set_is_replaced_as_a_whole(app: TestApp) {
        let admin = app.admin().await;
        let (red, blue) = (app.member(&admin, "red", "Red team").await, app.member(&admin, "blue", "Blue team").await);
        let m = mission(&red, json!({})).await;
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        let set = |members: Value| { let (red, path) = (red.clone(), format!("{path}/members")); async move { red.put(&path, json!({"members": members})).await } };
        let both = set(json!([{"user_id": blue.id, "role_hint": "blue"}, {"user_id": red.id, "role_hint": "purple"}])).await.expect(200);
        assert_eq!(both.json["members"].as_array().unwrap().len(), 2);
        assert_eq!(both.json["version"], 2);
        set(json!([{"user_id": blue.id, "role_hint": "blue"}, {"user_id": blue.id, "role_hint": "red"}])).await.problem(422, "validation_failed");
        set(json!([{"user_id": Uuid::now_v7(), "role_hint": "blue"}])).await.problem(422, "validation_failed");
        set(json!([{"user_id": blue.id, "role_hint": "king"}])).await.problem(400, "invalid_body");
        assert_eq!(admin.get(&path).await.json["members"].as_array().unwrap().len(), 2, "what was refused changed nothing");
        blue.get(&path).await.expect(200);
        // the one who leaves gets the answer, and then sees nothing
        let left = set(json!([{"user_id": blue.id, "role_hint": "observer"}])).await.expect(200);
        assert_eq!(left.json["members"].as_array().unwrap().len(), 1);
        red.get(&path).await.problem(404, "not_found");
    }
}

db_test! {
    async fn appended_scenarios_go_behind_the_last_one(app: TestApp) {
        let admin = app.admin().await;
        let t = template(&admin, "A", &[]).await;
        let (one, two) = (scenario(&admin, "one", &[&t]).await, scenario(&admin, "two", &[&t, &t]).await);
        let m = mission(&admin, json!({"scenario_template_ids": [one]})).await;
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        let before = admin.get(&path).await;
        let after = admin.post(&format!("{path}/scenarios"), json!({"scenario_template_ids": [two, one]})).await.expect(201);
        let names: Vec<_> = after.json["scenarios"].as_array().unwrap().iter().map(|s| (s["name"].as_str().unwrap(), s["position"].as_u64().unwrap())).collect();
        assert_eq!(names, [("one", 0), ("two", 1), ("one", 2)]);
        assert_eq!(after.json["counts"]["tests"], 4);
        assert_eq!(after.json["version"], before.json["version"], "own fields did not change");
        assert_ne!(after.etag(), before.etag(), "but the answer did");
        // so a lead's edit is not stale
        admin.patch(&path, &before.etag(), json!({"description": "still fine"})).await.expect(200);
        admin.post(&format!("{path}/scenarios"), json!({"scenario_template_ids": [Uuid::now_v7()]})).await.problem(422, "validation_failed");
        admin.post(&format!("{path}/scenarios"), json!({"scenario_template_ids": []})).await.problem(422, "validation_failed");
    }
}

db_test! {
    async fn a_deleted_mission_and_all_under_it_is_gone(app: TestApp) {
        let admin = app.admin().await;
        let t = template(&admin, "A", &[]).await;
        let s = scenario(&admin, "S", &[&t]).await;
        let m = mission(&admin, json!({"scenario_template_ids": [s]})).await;
        let path = format!("/missions/{}", m["id"].as_str().unwrap());
        let test = format!("{path}/tests/{}", m["scenarios"][0]["tests"][0]["id"].as_str().unwrap());
        admin.get(&test).await.expect(200);
        admin.send(Method::DELETE, &path, None, &[]).await.problem(428, "precondition_required");
        admin.delete(&path, "\"7\"").await.problem(412, "precondition_failed");
        admin.remove(&path).await.expect(204);
        for gone in [&path, &test, &format!("{path}/synthesis"), &format!("{path}/export/json")] {
            admin.get(gone).await.problem(404, "not_found");
        }
        assert_eq!(admin.get("/missions").await.json["total"], 0);
    }
}

db_test! {
    async fn a_total_counts_what_its_reader_sees(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        let mine = json!([{"user_id": red.id, "role_hint": "red"}]);
        let mut paths = Vec::new();
        for i in 0..7 {
            let members = if i % 2 == 0 { mine.clone() } else { json!([]) };
            paths.push(format!("/missions/{}", mission(&admin, json!({"client": format!("C{}", i % 3), "members": members})).await["id"].as_str().unwrap()));
        }
        let total = async |who: &Client, query: &str| who.get(&format!("/missions{query}")).await.expect(200).json["total"].clone();
        assert_eq!((total(&admin, "").await, total(&red, "").await, total(&red, "?client=c0").await), (json!(7), json!(4), json!(2)));
        for gone in [0, 1, 4] {
            admin.remove(&paths[gone]).await.expect(204);
        }
        assert_eq!((total(&admin, "").await, total(&red, "").await, total(&red, "?client=c0").await), (json!(4), json!(2), json!(1)));
        assert_eq!(red.get("/missions").await.items().len(), 2);
    }
}

db_test! {
    async fn a_test_that_is_not_disclosed_is_invisible_to_blue(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let (red, blue) = (app.member(&admin, "red", "Red team").await, app.member(&admin, "blue", "Blue team").await);
        let (open, hidden) = (template(&admin, "open", &[("technique", "T1059")]).await, template(&admin, "hidden", &[("technique", "T1021")]).await);
        let s = scenario(&admin, "S", &[&hidden, &open]).await;
        let m = mission(&red, json!({"scenario_template_ids": [s], "members": [{"user_id": blue.id, "role_hint": "blue"}]})).await;
        let id = m["id"].as_str().unwrap();
        // disclosing is the work of a later feature: here the row and its counters are set by hand
        app.sql("UPDATE mission_tests SET disclosed = FALSE WHERE name = 'hidden'").await;
        let one = json!({"tests": 1, "by_state": {"planned": 1}, "by_outcome": {"not_assessed": 1}, "by_detection": {"unassessed": 1}});
        app.sql(&format!("UPDATE missions SET counters_disclosed = '{one}', content_version = content_version + 1")).await;
        let secret = m["scenarios"][0]["tests"][0]["id"].as_str().unwrap();
        red.get(&format!("/missions/{id}/tests/{secret}")).await.expect(200);
        blue.get(&format!("/missions/{id}/tests/{secret}")).await.problem(404, "not_found");
        for path in [format!("/missions/{id}"), "/missions".to_owned(), format!("/missions/{id}/synthesis"), format!("/missions/{id}/export/json")] {
            let (seen, full) = (blue.get(&path).await.expect(200), red.get(&path).await.expect(200));
            assert!(!seen.text.contains("hidden") && !seen.text.contains("T1021") && !seen.text.contains(secret), "{path}: {}", seen.text);
            assert_ne!(seen.json, full.json, "{path}");
        }
        assert_eq!(blue.get(&format!("/missions/{id}")).await.json["counts"]["tests"], 1);
        assert_eq!(blue.get(&format!("/missions/{id}")).await.json["scenarios"][0]["tests"][0]["position"], 0);
        assert_eq!(blue.get("/missions?technique=T1021").await.json["total"], 0);
        assert_eq!(red.get("/missions?technique=T1021").await.json["total"], 1);
        assert_ne!(blue.get(&format!("/missions/{id}")).await.etag(), red.get(&format!("/missions/{id}")).await.etag());
    }
}

db_test! {
    async fn filters_find_whatever_the_case(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let t = template(&admin, "A", &[("subtechnique", "T1003.001")]).await;
        let s = scenario(&admin, "S", &[&t]).await;
        mission(&admin, json!({"name": "Über Größe 100%", "client": "Blå", "scenario_template_ids": [s]})).await;
        let m = mission(&admin, json!({"name": "quiet_ledger", "client": "ACME"})).await;
        admin.post(&format!("/missions/{}/transition", m["id"].as_str().unwrap()), json!({"to": "in_progress"})).await.expect(200);
        for (query, want) in [
            ("q=%C3%BCBER", 1), ("q=gr%C3%B6sse", 0), ("q=100%25", 1), ("q=%25", 1), ("q=_", 1), ("q=quiet", 1), ("q=bl%C3%A5", 1), ("q=zzz", 0), ("client=BL%C3%85", 1), ("client=bl", 0),
            ("status=draft", 1), ("status=in_progress", 1), ("status=draft,in_progress", 2), ("status=archived", 0), ("technique=t1003", 1), ("technique=T1003.001", 1), ("technique=T1003.002", 0), ("technique=T100", 0),
        ] {
            let list = admin.get(&format!("/missions?{query}")).await.expect(200);
            assert_eq!((list.items().len(), &list.json["total"]), (want, &json!(want)), "{query}");
        }
        admin.get("/missions?status=burning").await.problem(400, "invalid_query");
        admin.get("/missions?surprise=1").await.problem(400, "invalid_query");
        admin.get("/missions?limit=1000000000").await.problem(422, "validation_failed");
        admin.get("/missions?limit=x").await.problem(400, "invalid_query");
        admin.get("/missions?q=%00").await.problem(422, "validation_failed");
        admin.get("/missions?cursor=abc").await.problem(400, "invalid_query");
    }
}

db_test! {
    async fn pages_neither_skip_nor_repeat_while_others_insert(app: TestApp) {
        let admin = app.admin().await;
        let mut made = BTreeSet::new();
        for i in 0..23 {
            made.insert(mission(&admin, json!({"name": format!("M{:02}", i % 5), "client": if i % 2 == 0 { "ACME" } else { "Blå" }})).await["id"].as_str().unwrap().to_owned());
        }
        for sort in ["-created_at", "created_at", "name", "-name", "client", "-client"] {
            let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let page = admin.get(&format!("/missions?limit=4&sort={sort}{cursor}")).await.expect(200);
                assert_eq!(page.json["total"].is_null(), pages > 0, "the total is on the first page only");
                seen.extend(page.items().iter().map(|m| m["id"].as_str().unwrap().to_owned()));
                if pages == 1 {
                    mission(&admin, json!({"name": "M02", "client": "late"})).await;
                }
                pages += 1;
                match page.json["next_cursor"].as_str() { Some(next) => cursor = format!("&cursor={next}"), None => break }
            }
            assert_eq!(seen.len(), seen.iter().collect::<BTreeSet<_>>().len(), "{sort} repeats");
            assert!(made.iter().all(|id| seen.contains(id)), "{sort} skips");
        }
    }
}

db_test! {
    async fn the_same_idempotency_key_makes_one_mission(app: TestApp) {
        let admin = app.admin().await;
        let send = |key: &'static str, name: &'static str| { let c = admin.clone(); async move { c.send(Method::POST, "/missions", Some(json!({"name": name, "client": "c"})), &[("Idempotency-Key", key)]).await } };
        let first = send("k1", "a").await.expect(201);
        let again = send("k1", "a").await.expect(201);
        assert_eq!((&first.json, first.header("location"), first.etag()), (&again.json, again.header("location"), again.etag()));
        send("k1", "b").await.problem(422, "idempotency_key_reused");
        let all = futures_util::future::join_all((0..30).map(|_| send("k2", "a"))).await;
        let ids: BTreeSet<String> = all.iter().filter(|a| a.status.as_u16() == 201).map(crate::harness::Answer::id).collect();
        assert_eq!(ids.len(), 1);
        assert!(all.iter().all(|a| a.status.as_u16() == 201 || a.json["code"] == "request_in_progress"), "{:?}", all.iter().map(|a| &a.text).collect::<Vec<_>>());
        assert_eq!(app.count("SELECT count(*) FROM missions").await, 2);
        // what failed is not stored
        send("k3", "").await.problem(422, "validation_failed");
    }
}

db_test! {
    async fn counts_by_tactic_follow_the_tags_of_the_day(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let (a, b) = (template(&admin, "A", &[("technique", "T1059"), ("tactic", "TA0002")]).await, template(&admin, "B", &[]).await);
        let s = scenario(&admin, "S", &[&a, &a, &b]).await;
        let m = mission(&admin, json!({"scenario_template_ids": [s]})).await;
        let counted = admin.get(&format!("/missions/{}/synthesis", m["id"].as_str().unwrap())).await.expect(200).json;
        assert_eq!(counted["tests"], 3);
        let rows: Vec<_> = counted["by_tactic"].as_array().unwrap().iter().map(|t| (t["external_id"].clone(), t["tests"].as_u64().unwrap())).collect();
        assert_eq!(rows, [(json!("TA0002"), 2), (Value::Null, 1)]);
        assert_eq!(counted["by_tactic"][0]["name"], "Execution");
    }
}
