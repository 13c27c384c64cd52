//! Tags on what ATT&CK has retired, and moving them to the successors.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::fixtures::seed_catalogue;
use crate::harness::{Client, TestApp};

/// Templates tagged before the sync that retired T1021: on it alone, beside its successor, on what has no successor, on
/// nothing retired. Their ids.
async fn world(app: &TestApp, admin: &Client) -> [String; 4] {
    seed_catalogue(app).await;
    let mut ids = Vec::new();
    for (name, tags) in
        [("alone", &["T1021"][..]), ("beside", &["T1003", "T1021", "T1059"]), ("dead end", &["T1064"]), ("fine", &["T1003"])]
    {
        let tags: Vec<Value> = tags.iter().map(|id| json!({"kind": "technique", "external_id": id})).collect();
        ids.push(admin.post("/test-templates", json!({"name": name, "mitre_tags": tags})).await.expect(201).id());
    }
    app.sql("UPDATE mitre_techniques SET is_revoked = TRUE, revoked_by_external_id = 'T1059' WHERE external_id = 'T1021'").await;
    ids.try_into().unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect()
}

async fn tags(c: &Client, id: &str) -> Vec<String> {
    let template = c.get(&format!("/test-templates/{id}")).await.expect(200).json;
    template["mitre_tags"].as_array().unwrap().iter().map(|t| t["external_id"].as_str().unwrap().to_owned()).collect()
}

db_test! {
    async fn tags_move_to_the_successor_in_one_act(app: TestApp) {
        let admin = app.admin().await;
        let [alone, beside, dead_end, fine] = world(&app, &admin).await;
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": [alone]})).await.expect(201).id();
        let mission = admin.post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [scenario]})).await.expect(201);
        let frozen = mission.json["scenarios"][0]["tests"][0]["mitre_tags"].clone();

        let list = admin.get("/mitre/remap").await.expect(200);
        assert_eq!(names(&list.json["items"]), ["alone", "beside", "dead end"]);
        assert_eq!(list.items()[0]["tags"], json!([{"kind": "technique", "external_id": "T1021", "name": "Remote Services", "is_revoked": true, "successor": {
            "kind": "technique", "external_id": "T1059", "name": "Command and Scripting Interpreter", "url": "https://attack.mitre.org/techniques/T1059"}}]));
        assert_eq!((&list.items()[2]["tags"][0]["is_revoked"], &list.items()[2]["tags"][0]["successor"]), (&json!(false), &Value::Null));

        let dry = admin.post("/mitre/remap", json!({"dry_run": true})).await.expect(200).json;
        assert_eq!((names(&dry["remapped"]), names(&dry["left"]), &dry["dry_run"]), (vec!["alone", "beside"], vec!["dead end"], &json!(true)));
        assert_eq!(tags(&admin, &alone).await, ["T1021"], "a dry run writes nothing");

        let one = admin.post("/mitre/remap", json!({"template_ids": [alone, fine, Uuid::nil()]})).await.expect(200).json;
        assert_eq!((names(&one["remapped"]), names(&one["left"]), &one["remapped"][0]["version"]), (vec!["alone"], vec![], &json!(2)));
        assert_eq!(one["unaffected"].as_array().unwrap().len(), 2);
        assert_eq!((tags(&admin, &alone).await, tags(&admin, &beside).await), (vec!["T1059".to_owned()], vec!["T1003".into(), "T1021".into(), "T1059".into()]));

        let all = admin.post("/mitre/remap", json!({})).await.expect(200).json;
        assert_eq!(names(&all["remapped"]), ["beside"]);
        assert_eq!(tags(&admin, &beside).await, ["T1003", "T1059"], "in their order, the successor once");
        assert_eq!((tags(&admin, &dead_end).await, tags(&admin, &fine).await), (vec!["T1064".to_owned()], vec!["T1003".to_owned()]));
        assert_eq!(names(&admin.get("/mitre/remap").await.json["items"]), ["dead end"]);
        let again = admin.post("/mitre/remap", json!({})).await.expect(200).json;
        assert_eq!(names(&again["remapped"]), Vec::<&str>::new());
        // an edit that did not know of it is stale, and the library finds it by its new id
        admin.patch(&format!("/test-templates/{alone}"), "\"1\"", json!({"name": "x"})).await.problem(412, "precondition_failed");
        assert_eq!(admin.get("/test-templates?q=T1021").await.json["total"], 0);
        assert_eq!(admin.get("/test-templates?q=T1059").await.json["total"], 2);
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'test_template.remap'").await, 2, "one entry an act, none for nothing");
        assert_eq!(admin.get(&format!("/missions/{}", mission.id())).await.json["scenarios"][0]["tests"][0]["mitre_tags"], frozen);
    }
}

db_test! {
    async fn a_successor_that_is_not_live_is_none_and_other_domains_are_left_alone(app: TestApp) {
        let admin = app.admin().await;
        let [alone, ..] = world(&app, &admin).await;
        app.sql("UPDATE mitre_techniques SET domain = 'mobile' WHERE external_id = 'T1059'").await;
        let all = admin.post("/mitre/remap", json!({})).await.expect(200).json;
        assert_eq!((names(&all["remapped"]), names(&all["left"])), (vec![], vec!["alone", "beside", "dead end"]));
        assert_eq!(tags(&admin, &alone).await, ["T1021"]);
        admin.remove(&format!("/test-templates/{alone}")).await.expect(204);
        assert_eq!(names(&admin.get("/mitre/remap").await.json["items"]), ["beside", "dead end"]);
        admin.post("/mitre/remap", json!({"surprise": 1})).await.problem(400, "invalid_body");
        admin.post("/mitre/remap", json!({"template_ids": ["x"]})).await.problem(400, "invalid_body");
    }
}

db_test! {
    async fn the_number_of_statements_does_not_grow_with_the_templates(app: TestApp) {
        let admin = app.admin().await;
        world(&app, &admin).await;
        let (_, few) = app.statements(admin.post("/mitre/remap", json!({}))).await;
        app.sql("UPDATE mitre_techniques SET is_revoked = FALSE WHERE external_id = 'T1021'").await;
        for i in 0..20 {
            admin.post("/test-templates", json!({"name": format!("more {i}"), "mitre_tags": [{"kind": "technique", "external_id": "T1021"}]})).await.expect(201);
        }
        app.sql("UPDATE mitre_techniques SET is_revoked = TRUE WHERE external_id = 'T1021'").await;
        let (answer, many) = app.statements(admin.post("/mitre/remap", json!({}))).await;
        assert_eq!(names(&answer.json["remapped"]).len(), 20);
        assert_eq!(few, many);
    }
}
