//! Categories: dense places that move together, tests that are released, who may, and what it leaves in the log.

use reqwest::Method;
use serde_json::{Value, json};

use crate::db_test;
use crate::scene::{Scene, each};

async fn names(s: &Scene) -> Vec<String> {
    let list = s.observer.get(&format!("{}/categories", s.path)).await.expect(200);
    let positions: Vec<String> = (0..list.items().len()).map(|i| i.to_string()).collect();
    assert_eq!(each(&list, "position"), positions, "dense from 0");
    each(&list, "name")
}

async fn add(s: &Scene, name: &str) -> Value {
    s.red.post(&format!("{}/categories", s.path), json!({"name": name})).await.expect(201).json
}

fn at(s: &Scene, category: &Value) -> String {
    format!("{}/categories/{}", s.path, category["id"].as_str().unwrap())
}

db_test! {
    async fn they_stand_in_an_order_that_moves_keep_dense(app: TestApp) {
        let s = Scene::new(&app).await;
        let mut all = Vec::new();
        for name in ["a", "b", "c", "d"] {
            all.push(add(&s, name).await);
        }
        assert_eq!(names(&s).await, ["a", "b", "c", "d"]);
        for (i, to, want) in [(0, 3, "bcda"), (0, 0, "abcd"), (1, 2, "acbd"), (3, 1, "adcb"), (3, 1, "adcb"), (2, 2, "adcb")] {
            let moved = s.red.patch(&at(&s, &all[i]), "*", json!({"position": to})).await.expect(200);
            assert_eq!(moved.json["position"], to);
            assert_eq!(names(&s).await.concat(), want);
        }
        let list = s.red.get(&format!("{}/categories", s.path)).await;
        assert_eq!(list.items().iter().find(|c| c["name"] == "b").unwrap()["version"], 2, "who was only moved aside was not edited");
        for to in [json!(4), json!(4_000_000_000u32)] {
            let refused = s.red.patch(&at(&s, &all[0]), "*", json!({"position": to})).await.problem(422, "validation_failed");
            assert_eq!(refused.json["errors"][0]["pointer"], "/position");
        }
        for to in [json!(-1), json!(1.5), json!("1")] {
            s.red.patch(&at(&s, &all[0]), "*", json!({"position": to})).await.problem(400, "invalid_body");
        }
        s.red.patch(&at(&s, &all[0]), "*", json!({"position": null})).await.problem(422, "validation_failed");
        assert_eq!(names(&s).await.concat(), "adcb");
        s.red.delete(&at(&s, &all[3]), "*").await.expect(204);
        assert_eq!(names(&s).await.concat(), "acb");
        assert_eq!(add(&s, "e").await["position"], 3);
        // another mission's are its own
        let other = s.red.post("/missions", json!({"name": "other", "client": "c"})).await.expect(201).id();
        s.red.post(&format!("/missions/{other}/categories"), json!({"name": "x"})).await.expect(201);
        assert_eq!(names(&s).await.concat(), "acbe");
        s.red.patch(&format!("/missions/{other}/categories/{}", all[0]["id"].as_str().unwrap()), "*", json!({})).await.problem(404, "not_found");
    }
}

db_test! {
    async fn moves_at_once_leave_one_order(app: TestApp) {
        let s = Scene::new(&app).await;
        let made = futures_util::future::join_all((0..8).map(|i| { let s = &s; async move { add(s, &i.to_string()).await } })).await;
        assert_eq!(names(&s).await.len(), 8);
        let moves = made.iter().enumerate().map(|(i, c)| { let (red, path) = (s.red.clone(), at(&s, c)); async move { red.patch(&path, "*", json!({"position": i % 3})).await.expect(200) } });
        futures_util::future::join_all(moves).await;
        let mut after = names(&s).await;
        after.sort();
        assert_eq!(after.concat(), "01234567");
    }
}

db_test! {
    async fn a_deleted_category_releases_its_tests(app: TestApp) {
        let s = Scene::new(&app).await;
        let (gone, kept) = (add(&s, "gone").await, add(&s, "kept").await);
        app.sql("UPDATE mission_tests SET category_id = (SELECT id FROM mission_categories WHERE name = 'gone')").await;
        let open = format!("{}/tests/{}", s.path, s.open);
        let before = s.red.get(&open).await.expect(200);
        assert_eq!(before.json["category_id"], gone["id"]);
        s.red.delete(&at(&s, &gone), "\"1\"").await.expect(204);
        let after = s.red.get(&open).await.expect(200);
        assert_eq!((&after.json["category_id"], after.json["version"].as_i64().unwrap()), (&Value::Null, before.json["version"].as_i64().unwrap() + 1));
        assert_ne!(after.etag(), before.etag());
        assert_eq!(app.count("SELECT count(*) FROM mission_tests WHERE category_id IS NOT NULL").await, 0);
        assert_eq!(names(&s).await, ["kept"]);
        s.red.delete(&at(&s, &gone), "*").await.problem(404, "not_found");
        s.red.patch(&at(&s, &gone), "*", json!({})).await.problem(404, "not_found");
        // another category's tests stay where they are
        app.sql("UPDATE mission_tests SET category_id = (SELECT id FROM mission_categories WHERE name = 'kept')").await;
        let third = add(&s, "third").await;
        s.red.delete(&at(&s, &third), "*").await.expect(204);
        assert_eq!(s.red.get(&open).await.json["category_id"], kept["id"]);
        assert_eq!(s.blue.get(&format!("{}/export/json", s.path)).await.expect(200).json["categories"], s.blue.get(&format!("{}/categories", s.path)).await.json["items"]);
    }
}

db_test! {
    async fn fields_are_set_cleared_and_checked(app: TestApp) {
        let s = Scene::new(&app).await;
        let categories = format!("{}/categories", s.path);
        let summary = "**bold** 🦑\u{202e}مرحبا<script>";
        let made = s.red.post(&categories, json!({"name": "Zugang 🦑", "color": "#A1b2C3", "summary": summary})).await.expect(201);
        assert_eq!((&made.json["color"], &made.json["summary"], &made.json["version"], made.etag()), (&json!("#A1b2C3"), &json!(summary), &json!(1), "\"1\"".into()));
        assert_eq!(made.header("location"), format!("/api/v1{categories}/{}", made.id()));
        let path = format!("{categories}/{}", made.id());
        let patched = s.red.patch(&path, "\"1\"", json!({"color": null})).await.expect(200);
        assert_eq!((&patched.json["color"], &patched.json["summary"], &patched.json["name"], patched.etag()), (&Value::Null, &json!(summary), &json!("Zugang 🦑"), "\"2\"".into()));
        for (body, pointer) in [(json!({"name": null}), "/name"), (json!({"name": "a\nb"}), "/name"), (json!({"name": "x".repeat(201)}), "/name"), (json!({"color": "red"}), "/color"), (json!({"color": "#12345"}), "/color"), (json!({"color": "#12345g"}), "/color"), (json!({"color": ""}), "/color"), (json!({"summary": "\u{0}"}), "/summary")] {
            assert_eq!(s.red.patch(&path, "*", body.clone()).await.problem(422, "validation_failed").json["errors"][0]["pointer"], pointer, "{body}");
            if body["name"] != Value::Null || pointer != "/name" {
                let mut create = json!({"name": "n"});
                create.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
                assert_eq!(s.red.post(&categories, create).await.problem(422, "validation_failed").json["errors"][0]["pointer"], pointer, "{body}");
            }
        }
        for body in [json!({"surprise": 1}), json!({"version": 3}), json!([])] {
            s.red.patch(&path, "*", body.clone()).await.problem(400, "invalid_body");
            s.red.post(&categories, body).await.problem(400, "invalid_body");
        }
        s.red.post(&categories, json!({"name": "n", "position": 0})).await.problem(400, "invalid_body");
        assert_eq!(s.red.patch(&path, "\"1\"", json!({"name": "x"})).await.problem(412, "precondition_failed").json["current_etag"], "\"2\"");
        s.red.delete(&path, "\"1\"").await.problem(412, "precondition_failed");
        s.red.send(Method::PATCH, &path, Some(json!({"name": "x"})), &[]).await.problem(428, "precondition_required");
        s.red.send(Method::DELETE, &path, None, &[]).await.problem(428, "precondition_required");
        let key = [("Idempotency-Key", "k")];
        let once = s.red.send(Method::POST, &categories, Some(json!({"name": "once"})), &key).await.expect(201);
        assert_eq!(s.red.send(Method::POST, &categories, Some(json!({"name": "once"})), &key).await.expect(201).json, once.json);
        assert_eq!(names(&s).await, ["Zugang 🦑", "once"]);
        let kinds = each(&s.blue.get(&format!("{}/events", s.path)).await, "kind");
        assert_eq!(kinds[..3], ["category.added", "category.updated", "category.added"]);
        s.red.delete(&path, "*").await.expect(204);
        let event = s.blue.get(&format!("{}/events?limit=1", s.path)).await.items()[0].clone();
        assert_eq!((&event["kind"], &event["payload"]), (&json!("category.deleted"), &json!({"name": "Zugang 🦑"})));
        for action in ["create", "update", "delete"] {
            assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE action = 'category.{action}' AND object_id = '{}' AND stream = '{}'", made.id(), s.id)).await, 1, "{action}");
        }
    }
}

db_test! {
    async fn keepers_of_the_plan_manage_them_and_members_read(app: TestApp) {
        let s = Scene::new(&app).await;
        let made = add(&s, "a").await;
        let (categories, path) = (format!("{}/categories", s.path), at(&s, &made));
        for who in [&s.blue, &s.observer] {
            assert_eq!(who.post(&categories, json!({"name": ""})).await.problem(403, "forbidden").json["permission"], "mission.update");
            who.patch(&path, "\"9\"", json!({"name": ""})).await.problem(403, "forbidden");
            who.delete(&path, "\"9\"").await.problem(403, "forbidden");
            who.delete(&format!("{categories}/{}", uuid::Uuid::now_v7()), "*").await.problem(404, "not_found");
            assert_eq!(who.get(&categories).await.expect(200).items().len(), 1);
        }
        for path in s.twins("/categories") {
            let one = format!("{path}/{}", made["id"].as_str().unwrap());
            s.outsider.get(&path).await.problem(404, "not_found");
            s.outsider.post(&path, json!({"name": ""})).await.problem(404, "not_found");
            s.outsider.patch(&one, "*", json!({"name": ""})).await.problem(404, "not_found");
            s.outsider.delete(&one, "*").await.problem(404, "not_found");
        }
        app.anonymous().get(&categories).await.problem(401, "unauthenticated");
        s.lead.patch(&path, "*", json!({"name": "b"})).await.expect(200);
        let (_, few) = app.statements(s.red.patch(&path, "*", json!({"summary": "x"}))).await;
        app.sql("UPDATE mission_tests SET category_id = (SELECT id FROM mission_categories WHERE name = 'b')").await;
        for name in ["c", "d"] { add(&s, name).await; }
        let (_, more) = app.statements(s.red.patch(&path, "*", json!({"summary": "y"}))).await;
        assert_eq!(few, more);
        s.archive().await;
        s.red.post(&categories, json!({"name": ""})).await.problem(409, "mission_archived");
        s.red.patch(&path, "\"9\"", json!({"name": ""})).await.problem(409, "mission_archived");
        s.red.delete(&path, "\"9\"").await.problem(409, "mission_archived");
        assert_eq!(s.observer.get(&categories).await.expect(200).items().len(), 3);
    }
}
