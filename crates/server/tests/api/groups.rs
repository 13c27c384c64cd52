//! Groups: create, change, delete, permissions and members, and that nobody gives or governs what they lack.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tyrian_domain::permission::{Permission, SEEDED_GROUPS};
use uuid::Uuid;

use crate::db_test;
use crate::harness::{Answer, Client, TestApp};

/// The group of this name.
pub async fn group(admin: &Client, name: &str) -> String {
    let groups = admin.get("/groups?limit=200").await.expect(200);
    groups.items().iter().find(|g| g["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Somebody in a new group that gives exactly these codes, signed in; and the group.
pub async fn holder(app: &TestApp, admin: &Client, name: &str, codes: &[&str]) -> (Client, String) {
    let made = admin.post("/groups", json!({"name": name, "permissions": codes})).await.expect(201);
    (app.member(admin, name, name).await, made.id())
}

/// May not, for lack of the right that would be given or governed.
#[track_caller]
fn cannot_grant(answer: Answer, code: &str) {
    let refused = answer.problem(403, "cannot_grant");
    assert_eq!(refused.json["permission"], code, "{}", refused.text);
}

db_test! {
    async fn an_instance_starts_with_the_seeded_groups(app: TestApp) {
        let admin = app.admin().await;
        let groups = admin.get("/groups").await.expect(200);
        assert_eq!(groups.json["total"], SEEDED_GROUPS.len());
        for seeded in SEEDED_GROUPS {
            let group = groups.items().iter().find(|g| g["name"] == seeded.name).unwrap();
            let codes: BTreeSet<&str> = group["permissions"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
            assert_eq!(codes, seeded.permissions.iter().map(|p| p.as_str()).collect(), "{}", seeded.name);
            assert_eq!(group["is_system"], true);
            let path = format!("/groups/{}", group["id"].as_str().unwrap());
            admin.edit(&path, json!({"name": "Other"})).await.problem(409, "system_group");
            admin.remove(&path).await.problem(409, "system_group");
            admin.edit(&path, json!({"description": "ours"})).await.expect(200);
        }
        let codes: Vec<_> = admin.get("/permissions").await.expect(200).items().iter().map(|p| p["code"].as_str().unwrap().to_owned()).collect();
        assert_eq!(codes, Permission::ALL.iter().map(|p| p.as_str()).collect::<Vec<_>>());
        let all = group(&admin, "Administrators").await;
        admin.put(&format!("/groups/{all}/permissions"), json!({"codes": ["mission.read"]})).await.problem(409, "system_group");
        // another built-in group may give what an admin says
        let observers = group(&admin, "Observers").await;
        assert_eq!(admin.put(&format!("/groups/{observers}/permissions"), json!({"codes": ["mission.read", "mission.read"]})).await.expect(200).json["permissions"], json!(["mission.read"]));
    }
}

db_test! {
    async fn a_group_is_made_changed_and_deleted_with_its_version(app: TestApp) {
        let admin = app.admin().await;
        let made = admin.post("/groups", json!({"name": "Night shift", "description": "d", "permissions": ["mission.read", "audit.read"]})).await.expect(201);
        let path = format!("/groups/{}", made.id());
        assert_eq!((made.header("location"), &made.json), (format!("/api/v1{path}"), &admin.get(&path).await.expect(200).json));
        admin.post("/groups", json!({"name": "Night shift"})).await.problem(409, "already_exists");
        admin.send(Method::PATCH, &path, Some(json!({"name": "x"})), &[]).await.problem(428, "precondition_required");
        let renamed = admin.patch(&path, &made.etag(), json!({"name": "Day shift", "description": null})).await.expect(200);
        assert_eq!((&renamed.json["name"], &renamed.json["description"], &renamed.json["version"], &renamed.json["permissions"]), (&json!("Day shift"), &Value::Null, &json!(2), &made.json["permissions"]));
        admin.patch(&path, &made.etag(), json!({"name": "x"})).await.problem(412, "precondition_failed");
        admin.edit(&path, json!({"name": "Leads"})).await.problem(409, "already_exists");
        admin.edit(&path, json!({"is_system": true})).await.problem(400, "invalid_body");
        admin.put(&format!("{path}/permissions"), json!({"codes": ["mission.fly"]})).await.problem(400, "invalid_body");
        admin.send(Method::PUT, &format!("{path}/permissions"), Some(json!({"codes": []})), &[("If-Match", "\"1\"")]).await.problem(412, "precondition_failed");

        let user = admin.post("/users", json!({"email": "u@example.test", "display_name": "U"})).await.expect(201).id();
        let refused = admin.put(&format!("{path}/members"), json!({"user_ids": [user, Uuid::nil()]})).await.problem(422, "validation_failed");
        assert_eq!(refused.json["errors"][0]["pointer"], "/user_ids/1");
        assert_eq!(admin.get(&path).await.json["members"], json!([]));
        let members = admin.put(&format!("{path}/members"), json!({"user_ids": [user, user]})).await.expect(200);
        assert_eq!(members.json["members"], json!([{"id": user, "email": "u@example.test", "display_name": "U"}]));
        let before = admin.get(&format!("/users/{user}")).await;
        assert_eq!(before.json["groups"], json!([{"id": made.id(), "name": "Day shift"}]));
        // what is in it loses it with the group
        admin.delete(&path, &made.etag()).await.problem(412, "precondition_failed");
        admin.remove(&path).await.expect(204);
        admin.get(&path).await.problem(404, "not_found");
        let after = admin.get(&format!("/users/{user}")).await;
        assert_eq!(after.json["groups"], json!([]));
        assert_ne!(after.etag(), before.etag(), "whoever edits the user meanwhile hears of it");
        admin.post("/groups", json!({"name": "Day shift"})).await.expect(201);
    }
}

db_test! {
    async fn nobody_gives_or_governs_by_a_group_what_they_lack(app: TestApp) {
        let admin = app.admin().await;
        let (keeper, own) = holder(&app, &admin, "keeper", &["group.read", "group.create", "group.update", "group.delete", "user.read", "user.update", "mission.read"]).await;
        let strong = admin.post("/groups", json!({"name": "strong", "permissions": ["mission.read", "mission.purge"]})).await.expect(201).id();
        let weak = admin.post("/groups", json!({"name": "weak", "permissions": ["mission.read"]})).await.expect(201).id();
        let user = admin.post("/users", json!({"email": "u@example.test", "display_name": "U"})).await.expect(201).id();
        // by making or filling a group
        cannot_grant(keeper.post("/groups", json!({"name": "n", "permissions": ["mission.read", "mission.purge"]})).await, "mission.purge");
        cannot_grant(keeper.put(&format!("/groups/{weak}/permissions"), json!({"codes": ["mission.read", "audit.read"]})).await, "audit.read");
        cannot_grant(keeper.put(&format!("/groups/{own}/permissions"), json!({"codes": ["group.update", "diag.reset"]})).await, "diag.reset");
        // by membership, of others and of themselves
        cannot_grant(keeper.put(&format!("/groups/{strong}/members"), json!({"user_ids": [keeper.id]})).await, "mission.purge");
        cannot_grant(keeper.put(&format!("/groups/{strong}/members"), json!({"user_ids": [user]})).await, "mission.purge");
        cannot_grant(keeper.put(&format!("/users/{user}/groups"), json!({"group_ids": [strong]})).await, "mission.purge");
        cannot_grant(keeper.put(&format!("/users/{}/groups", keeper.id), json!({"group_ids": [own, strong]})).await, "mission.purge");
        // nor do they take away, rename or delete what is above them
        cannot_grant(keeper.put(&format!("/groups/{strong}/permissions"), json!({"codes": ["mission.read"]})).await, "mission.purge");
        cannot_grant(keeper.put(&format!("/groups/{strong}/members"), json!({"user_ids": []})).await, "mission.purge");
        cannot_grant(keeper.patch(&format!("/groups/{strong}"), "*", json!({"name": "x"})).await, "mission.purge");
        cannot_grant(keeper.delete(&format!("/groups/{strong}"), "*").await, "mission.purge");
        assert_eq!(admin.get(&format!("/groups/{strong}")).await.json["members"], json!([]));
        assert_eq!(admin.get(&format!("/groups/{weak}")).await.json["permissions"], json!(["mission.read"]));
        // what they hold they may give
        keeper.put(&format!("/groups/{weak}/members"), json!({"user_ids": [user, keeper.id]})).await.expect(200);
        keeper.put(&format!("/users/{user}/groups"), json!({"group_ids": []})).await.expect(200);
        keeper.put(&format!("/groups/{weak}/permissions"), json!({"codes": ["user.read"]})).await.expect(200);
        keeper.post("/groups", json!({"name": "mine", "permissions": ["group.read"]})).await.expect(201);
        keeper.remove(&format!("/groups/{weak}")).await.expect(204);
        // each refusal is in the audit log
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'denied'").await, 11);
    }
}

db_test! {
    async fn a_right_that_is_taken_away_is_gone_with_the_next_request(app: TestApp) {
        let admin = app.admin().await;
        let (keeper, own) = holder(&app, &admin, "keeper", &["group.read", "group.create", "audit.read"]).await;
        keeper.get("/groups").await.expect(200);
        admin.put(&format!("/groups/{own}/permissions"), json!({"codes": ["group.read", "group.create"]})).await.expect(200);
        cannot_grant(keeper.post("/groups", json!({"name": "n", "permissions": ["audit.read"]})).await, "audit.read");
        admin.put(&format!("/groups/{own}/members"), json!({"user_ids": []})).await.expect(200);
        keeper.get("/groups").await.problem(403, "forbidden");
        assert_eq!(keeper.get("/auth/me").await.json["permissions"], json!([]));
    }
}
