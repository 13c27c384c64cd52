//! Defence tools and detection levels: who manages them, one name or code each, and that what is used is retired, not deleted.

use reqwest::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use tyrian_entity::mission_test_detection;
use uuid::Uuid;

use crate::db_test;
use crate::harness::TestApp;
use crate::scene::{Scene, each};

/// A detection by this tool, past the API.
async fn detection(app: &TestApp, test: &str, tool: &str) {
    let now = tyrian_server::now();
    let row = mission_test_detection::ActiveModel {
        id: Set(Uuid::now_v7()),
        mission_test_id: Set(test.parse().unwrap()),
        defence_tool_id: Set(tool.parse().unwrap()),
        kind: Set("logged".into()),
        result: Set("yes".into()),
        severity: Set(None),
        occurred_at: Set(None),
        reference: Set(None),
        rule: Set(None),
        notes: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    mission_test_detection::Entity::insert(row).exec_without_returning(app.state.db.writer()).await.unwrap();
}

db_test! {
    async fn tools_are_managed_by_leads_and_read_by_all(app: TestApp) {
        let s = Scene::new(&app).await;
        let made = s.lead.post("/defence-tools", json!({"name": "Falkenauge 🦅", "vendor": "ACME", "kind": "EDR"})).await.expect(201);
        assert_eq!(made.header("location"), format!("/api/v1/defence-tools/{}", made.id()));
        assert_eq!((&made.json["vendor"], &made.json["is_active"]), (&json!("ACME"), &json!(true)));
        let path = format!("/defence-tools/{}", made.id());
        s.lead.post("/defence-tools", json!({"name": "alpha", "kind": "SIEM"})).await.expect(201);
        for who in [&s.red, &s.blue, &s.observer] {
            assert_eq!(each(&who.get("/defence-tools").await.expect(200), "name"), ["alpha", "Falkenauge 🦅"]);
            assert_eq!(who.post("/defence-tools", json!({"name": "", "kind": ""})).await.problem(403, "forbidden").json["permission"], "defence_tool.manage");
            who.send(Method::PATCH, &path, Some(json!({"name": ""})), &[]).await.problem(403, "forbidden");
            who.send(Method::DELETE, &path, None, &[]).await.problem(403, "forbidden");
            who.send(Method::DELETE, &format!("/defence-tools/{}", Uuid::now_v7()), None, &[]).await.problem(404, "not_found");
        }
        app.anonymous().get("/defence-tools").await.problem(401, "unauthenticated");
        let patch = async |body: Value| s.lead.send(Method::PATCH, &path, Some(body), &[]).await;
        let patched = patch(json!({"vendor": null, "is_active": false})).await.expect(200);
        assert_eq!((&patched.json["vendor"], &patched.json["is_active"], &patched.json["kind"]), (&Value::Null, &json!(false), &json!("EDR")));
        assert_eq!(each(&s.blue.get("/defence-tools?active=true").await.expect(200), "name"), ["alpha"]);
        assert_eq!(s.blue.get("/defence-tools?active=false").await.expect(200).items().len(), 2);
        s.blue.get("/defence-tools?x=1").await.problem(400, "invalid_query");
        // one name, whatever the case; a tool keeps its own in another case
        for name in ["ALPHA", "alpha", "FALKENAUGE 🦅"] {
            s.lead.post("/defence-tools", json!({"name": name, "kind": "x"})).await.problem(409, "already_exists");
        }
        patch(json!({"name": "Alpha"})).await.problem(409, "already_exists");
        patch(json!({"name": "FALKENAUGE 🦅"})).await.expect(200);
        for (body, pointer) in [(json!({"name": null}), "/name"), (json!({"name": " "}), "/name"), (json!({"kind": null}), "/kind"), (json!({"kind": "a\u{0}"}), "/kind"), (json!({"vendor": "a\nb"}), "/vendor"), (json!({"is_active": null}), "/is_active")] {
            assert_eq!(patch(body).await.problem(422, "validation_failed").json["errors"][0]["pointer"], pointer);
        }
        patch(json!({"id": Uuid::nil()})).await.problem(400, "invalid_body");
        s.lead.post("/defence-tools", json!({"name": "x", "kind": "y", "is_active": false})).await.problem(400, "invalid_body");
        // many at once make one
        let twins = futures_util::future::join_all((0..6).map(|_| s.lead.post("/defence-tools", json!({"name": "twin", "kind": "x"})))).await;
        assert_eq!(twins.iter().filter(|a| a.status == 201).count(), 1);
        assert!(twins.iter().all(|a| a.status == 201 || a.json["code"] == "already_exists"), "{:?}", twins.iter().map(|a| &a.text).collect::<Vec<_>>());
        let key = [("Idempotency-Key", "k")];
        let once = s.lead.send(Method::POST, "/defence-tools", Some(json!({"name": "once", "kind": "x"})), &key).await.expect(201);
        assert_eq!(s.lead.send(Method::POST, "/defence-tools", Some(json!({"name": "once", "kind": "x"})), &key).await.expect(201).json, once.json);
    }
}

db_test! {
    async fn a_tool_that_detections_name_is_not_deleted(app: TestApp) {
        let s = Scene::new(&app).await;
        let made = s.lead.post("/defence-tools", json!({"name": "used", "kind": "EDR"})).await.expect(201);
        let path = format!("/defence-tools/{}", made.id());
        detection(&app, &s.hidden, &made.id()).await;
        let refused = s.lead.send(Method::DELETE, &path, None, &[]).await.problem(409, "in_use");
        assert!(refused.json["detail"].as_str().unwrap().contains("is_active"));
        assert_eq!(s.lead.get("/defence-tools").await.items().len(), 1);
        app.sql("DELETE FROM mission_test_detections").await;
        s.lead.send(Method::DELETE, &path, None, &[]).await.expect(204);
        assert_eq!(s.lead.get("/defence-tools").await.items().len(), 0);
        s.lead.send(Method::DELETE, &path, None, &[]).await.problem(404, "not_found");
        s.lead.send(Method::PATCH, &path, Some(json!({"name": "x"})), &[]).await.problem(404, "not_found");
        // its name is free again
        s.lead.post("/defence-tools", json!({"name": "USED", "kind": "EDR"})).await.expect(201);
        assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE stream = 'system' AND object_id = '{}' AND action IN ('defence_tool.create', 'defence_tool.delete')", made.id())).await, 2);
    }
}

db_test! {
    async fn levels_are_managed_with_their_right(app: TestApp) {
        let s = Scene::new(&app).await;
        let level = |code: &str, rank: i32| json!({"code": code, "name": "Stufe 🦑", "color": "#00ff00", "rank": rank});
        let made = s.admin.post("/detection-levels", level("hunted", 3)).await.expect(201);
        let path = format!("/detection-levels/{}", made.id());
        assert_eq!(made.json, json!({"id": made.id(), "code": "hunted", "name": "Stufe 🦑", "description": null, "color": "#00ff00", "rank": 3, "is_default": false, "is_retired": false}));
        let codes = each(&s.observer.get("/detection-levels").await.expect(200), "code");
        assert!(codes.contains(&"hunted".to_owned()) && codes.first().unwrap() == "none", "by rank: {codes:?}");
        for who in [&s.lead, &s.blue] {
            assert_eq!(who.post("/detection-levels", json!({"code": "", "name": "", "color": "", "rank": -1})).await.problem(403, "forbidden").json["permission"], "detection_level.manage");
            who.send(Method::PATCH, &path, Some(json!({"name": ""})), &[]).await.problem(403, "forbidden");
            who.send(Method::DELETE, &path, None, &[]).await.problem(403, "forbidden");
            who.send(Method::DELETE, &format!("/detection-levels/{}", Uuid::now_v7()), None, &[]).await.problem(404, "not_found");
        }
        s.admin.post("/detection-levels", level("hunted", 1)).await.problem(409, "already_exists");
        for (field, value) in [("code", json!("Hunted")), ("code", json!("a b")), ("code", json!("")), ("code", json!("unassessed")), ("name", json!(" ")), ("color", json!("green")), ("rank", json!(-1)), ("rank", json!(1001)), ("description", json!("\u{0}"))] {
            let mut body = level("other", 1);
            body[field] = value;
            assert_eq!(s.admin.post("/detection-levels", body.clone()).await.problem(422, "validation_failed").json["errors"][0]["pointer"], format!("/{field}"), "{body}");
        }
        s.admin.post("/detection-levels", json!({"code": "x", "name": "x", "color": "#000000", "rank": 1, "is_retired": true})).await.problem(400, "invalid_body");
        let patch = async |body: Value| s.admin.send(Method::PATCH, &path, Some(body), &[]).await;
        for (body, pointer) in [(json!({"color": null}), "/color"), (json!({"color": "#0"}), "/color"), (json!({"rank": 5000}), "/rank"), (json!({"name": null}), "/name"), (json!({"is_default": true, "is_retired": true}), "/is_default")] {
            assert_eq!(patch(body).await.problem(422, "validation_failed").json["errors"][0]["pointer"], pointer);
        }
        patch(json!({"code": "other"})).await.problem(400, "invalid_body");
        assert_eq!(patch(json!({"description": "d", "rank": 0})).await.expect(200).json["description"], "d");

        // at most one is the default, and it is not retired
        let defaults = async || s.blue.get("/detection-levels").await.items().iter().filter(|l| l["is_default"] == true).map(|l| l["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(defaults().await, ["none"]);
        patch(json!({"is_default": true})).await.expect(200);
        assert_eq!(defaults().await, ["hunted"]);
        assert_eq!(patch(json!({"is_retired": true})).await.problem(422, "validation_failed").json["errors"][0]["pointer"], "/is_retired");
        let mut body = level("newer", 9);
        body["is_default"] = json!(true);
        let newer = s.admin.post("/detection-levels", body).await.expect(201).id();
        assert_eq!(defaults().await, ["newer"]);
        let both = [path.clone(), format!("/detection-levels/{newer}")].map(|path| { let admin = s.admin.clone(); async move { admin.send(Method::PATCH, &path, Some(json!({"is_default": true})), &[]).await.expect(200) } });
        futures_util::future::join_all(both).await;
        assert_eq!(defaults().await.len(), 1);
        patch(json!({"is_default": false, "is_retired": true})).await.expect(200);
    }
}

db_test! {
    async fn a_level_that_tests_name_is_retired_not_deleted(app: TestApp) {
        let s = Scene::new(&app).await;
        let made = s.admin.post("/detection-levels", json!({"code": "used", "name": "Used", "color": "#000000", "rank": 2})).await.expect(201).id();
        let path = format!("/detection-levels/{made}");
        app.sql("UPDATE mission_tests SET detection_level_id = (SELECT id FROM detection_levels WHERE code = 'used') WHERE name = 'secret tunnel'").await;
        let refused = s.admin.send(Method::DELETE, &path, None, &[]).await.problem(409, "in_use");
        assert!(refused.json["detail"].as_str().unwrap().contains("is_retired"));
        assert_eq!(s.admin.send(Method::PATCH, &path, Some(json!({"is_retired": true})), &[]).await.expect(200).json["is_retired"], true);
        app.sql("UPDATE mission_tests SET detection_level_id = NULL").await;
        s.admin.send(Method::DELETE, &path, None, &[]).await.expect(204);
        s.admin.send(Method::DELETE, &path, None, &[]).await.problem(404, "not_found");
        assert!(!each(&s.admin.get("/detection-levels").await, "code").contains(&"used".to_owned()));
        for action in ["create", "update", "delete"] {
            assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE stream = 'system' AND object_id = '{made}' AND action = 'detection_level.{action}'")).await, 1, "{action}");
        }
    }
}
