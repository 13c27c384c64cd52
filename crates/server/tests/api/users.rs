//! Users: lists, creating, changing, deleting, groups, the roster, and who may do it to whom.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::db_test;
use crate::groups::{group, holder};
use crate::harness::PASSWORD;

db_test! {
    async fn the_roster_shows_three_fields_to_whoever_plans_missions(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        let blue = app.member(&admin, "blue", "Blue team").await;
        let lead = app.member(&admin, "lead", "Leads").await;
        red.get("/users").await.problem(403, "forbidden");
        blue.get("/users/roster").await.problem(403, "forbidden");
        for who in [&red, &lead, &admin] {
            let roster = who.get("/users/roster").await.expect(200);
            let names: Vec<_> = roster.items().iter().map(|u| u["display_name"].as_str().unwrap()).collect();
            assert_eq!(names, ["Ada Admin", "blue", "lead", "red"]);
            for user in roster.items() {
                let keys: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(keys, ["display_name", "email", "id"]);
            }
        }
        admin.edit(&format!("/users/{}", blue.id), json!({"is_active": false})).await.expect(200);
        admin.remove(&format!("/users/{}", lead.id)).await.expect(204);
        let left = red.get("/users/roster").await.expect(200);
        assert_eq!(left.items().len(), 2);
        assert_eq!(red.get("/users/roster?q=AD").await.expect(200).items().len(), 1);
        app.anonymous().post("/auth/login", json!({"email": "lead@example.test", "password": PASSWORD})).await.problem(401, "invalid_credentials");
    }
}

db_test! {
    async fn a_user_is_made_changed_and_deleted_with_the_version(app: TestApp) {
        let admin = app.admin().await;
        let made = admin.post("/users", json!({"email": " New@Example.TEST ", "display_name": "Néw 🦑", "password": PASSWORD})).await.expect(201);
        let path = format!("/users/{}", made.id());
        assert_eq!((made.header("location"), &made.json), (format!("/api/v1{path}"), &admin.get(&path).await.expect(200).json));
        assert_eq!((&made.json["email"], &made.json["is_active"], &made.json["is_admin"], &made.json["groups"], &made.json["version"]), (&json!("new@example.test"), &json!(true), &json!(false), &json!([]), &json!(1)));
        assert!(!made.text.contains("argon2") && !made.text.contains("password"), "{}", made.text);
        admin.post("/users", json!({"email": "NEW@example.test", "display_name": "x"})).await.problem(409, "already_exists");
        let other = admin.post("/users", json!({"email": "other@example.test", "display_name": "x"})).await.expect(201).id();
        app.anonymous().post("/auth/login", json!({"email": "other@example.test", "password": PASSWORD})).await.problem(401, "invalid_credentials");
        admin.send(Method::PATCH, &path, Some(json!({"display_name": "x"})), &[]).await.problem(428, "precondition_required");
        let login = app.login("new@example.test").await;
        let renamed = admin.edit(&path, json!({"display_name": "Renamed"})).await.expect(200);
        assert_eq!((&renamed.json["display_name"], &renamed.json["email"]), (&json!("Renamed"), &json!("new@example.test")));
        admin.patch(&path, &made.etag(), json!({"display_name": "x"})).await.problem(412, "precondition_failed");
        for field in ["email", "display_name", "is_active", "is_admin"] {
            assert_eq!(admin.edit(&path, json!({field: null})).await.problem(422, "validation_failed").json["errors"][0]["pointer"], format!("/{field}"));
        }
        for field in ["id", "password", "password_hash", "groups", "version", "totp_secret_enc", "last_login_at", "permissions"] {
            admin.edit(&path, json!({field: "x"})).await.problem(400, "invalid_body");
        }
        admin.edit(&path, json!({"email": "OTHER@example.test"})).await.problem(409, "already_exists");
        admin.edit(&path, json!({"email": "moved@example.test"})).await.expect(200);
        login.get("/auth/me").await.expect(200);
        // deactivated: every session ends, and there is no new one; back: sign in again
        admin.edit(&path, json!({"is_active": false})).await.expect(200);
        login.get("/auth/me").await.problem(401, "unauthenticated");
        app.anonymous().post("/auth/login", json!({"email": "moved@example.test", "password": PASSWORD})).await.problem(401, "invalid_credentials");
        admin.edit(&path, json!({"is_active": true})).await.expect(200);
        login.get("/auth/me").await.problem(401, "unauthenticated");
        let again = app.login("moved@example.test").await;
        let group = group(&admin, "Observers").await;
        let refused = admin.put(&format!("{path}/groups"), json!({"group_ids": [group, Uuid::nil()]})).await.problem(422, "validation_failed");
        assert_eq!(refused.json["errors"][0]["pointer"], "/group_ids/1");
        assert_eq!(admin.put(&format!("{path}/groups"), json!({"group_ids": [group, group]})).await.expect(200).json["groups"].as_array().unwrap().len(), 1);
        admin.remove(&path).await.expect(204);
        again.get("/auth/me").await.problem(401, "unauthenticated");
        admin.get(&path).await.problem(404, "not_found");
        assert_eq!(admin.get(&format!("/groups/{group}")).await.json["members"], json!([]));
        // the address is free again
        admin.post("/users", json!({"email": "moved@example.test", "display_name": "x"})).await.expect(201);
        for (query, want) in [("q=OTHER", 1), ("q=ada", 1), ("q=%25", 0), ("sort=email&limit=1", 3), ("q=zzz", 0)] {
            assert_eq!(admin.get(&format!("/users?{query}")).await.expect(200).json["total"], want, "{query}");
        }
        admin.remove(&format!("/users/{other}")).await.expect(204);
    }
}

db_test! {
    async fn the_last_admin_stays_on_every_path(app: TestApp) {
        let admin = app.admin().await;
        let own = format!("/users/{}", admin.id);
        let all_fail = || async {
            admin.edit(&own, json!({"is_admin": false})).await.problem(409, "last_admin");
            admin.edit(&own, json!({"is_active": false})).await.problem(409, "last_admin");
            admin.edit(&own, json!({"is_admin": false, "is_active": false})).await.problem(409, "last_admin");
            admin.remove(&own).await.problem(409, "last_admin");
        };
        all_fail().await;
        // all rights by a group make no admin
        app.member(&admin, "boss", "Administrators").await;
        all_fail().await;
        // an admin who was deactivated, or deleted, does not count
        let second = admin.post("/users", json!({"email": "second@example.test", "display_name": "S", "password": PASSWORD, "is_admin": true})).await.expect(201).id();
        admin.edit(&format!("/users/{second}"), json!({"is_active": false})).await.expect(200);
        all_fail().await;
        admin.remove(&format!("/users/{second}")).await.expect(204);
        all_fail().await;
        // two who remove each other at once: one stays
        let third = admin.post("/users", json!({"email": "third@example.test", "display_name": "T", "password": PASSWORD, "is_admin": true})).await.expect(201).id();
        let other = app.login("third@example.test").await;
        let (a, b) = futures_util::future::join(admin.patch(&format!("/users/{third}"), "*", json!({"is_admin": false})), other.delete(&own, "*")).await;
        assert_eq!(app.count("SELECT count(*) FROM users WHERE is_admin AND is_active AND deleted_at IS NULL").await, 1, "{} {}", a.text, b.text);
        assert!(a.status.is_success() != b.status.is_success(), "{} {}", a.text, b.text);
    }
}

db_test! {
    async fn only_an_admin_makes_changes_or_removes_an_admin(app: TestApp) {
        let admin = app.admin().await;
        // every code there is, but no admin
        let boss = app.member(&admin, "boss", "Administrators").await;
        let own = format!("/users/{}", admin.id);
        boss.post("/users", json!({"email": "x@example.test", "display_name": "x", "is_admin": true})).await.problem(403, "cannot_grant");
        boss.patch(&format!("/users/{}", boss.id), "*", json!({"is_admin": true})).await.problem(403, "cannot_grant");
        boss.patch(&own, "*", json!({"display_name": "x"})).await.problem(403, "cannot_grant");
        boss.patch(&own, "*", json!({"email": "mine@example.test"})).await.problem(403, "cannot_grant");
        boss.put(&format!("{own}/groups"), json!({"group_ids": []})).await.problem(403, "cannot_grant");
        boss.delete(&own, "*").await.problem(403, "cannot_grant");
        let user = boss.post("/users", json!({"email": "x@example.test", "display_name": "x", "is_admin": false})).await.expect(201).id();
        boss.patch(&format!("/users/{user}"), "*", json!({"is_admin": true})).await.problem(403, "cannot_grant");
        assert_eq!(app.count("SELECT count(*) FROM users WHERE is_admin").await, 1);
        assert_eq!(admin.get(&own).await.json["display_name"], "Ada Admin");
        admin.edit(&format!("/users/{user}"), json!({"is_admin": true})).await.expect(200);
    }
}

db_test! {
    async fn nobody_takes_over_an_account_that_may_do_more(app: TestApp) {
        let admin = app.admin().await;
        let (clerk, _) = holder(&app, &admin, "clerk", &["user.read", "user.create", "user.update", "user.delete", "mission.read"]).await;
        let lead = app.member(&admin, "lead", "Leads").await;
        let (peer, peers) = holder(&app, &admin, "peer", &["mission.read"]).await;
        let path = format!("/users/{}", lead.id);
        for answer in [
            clerk.patch(&path, "*", json!({"email": "mine@example.test"})).await, clerk.patch(&path, "*", json!({"is_active": false})).await,
            clerk.put(&format!("{path}/groups"), json!({"group_ids": []})).await, clerk.delete(&path, "*").await,
        ] {
            answer.problem(403, "cannot_grant");
        }
        lead.get("/auth/me").await.expect(200);
        // one's equal is another matter
        clerk.patch(&format!("/users/{}", peer.id), "*", json!({"display_name": "Peer"})).await.expect(200);
        clerk.put(&format!("/users/{}/groups", peer.id), json!({"group_ids": [peers]})).await.expect(200);
        clerk.delete(&format!("/users/{}", peer.id), "*").await.expect(204);
        // nobody is there: said to who may look, in that order
        clerk.patch(&format!("/users/{}", Uuid::now_v7()), "*", json!({})).await.problem(404, "not_found");
        // and one's own account may do no more than before
        clerk.put(&format!("/users/{}/groups", clerk.id), json!({"group_ids": [group(&admin, "Leads").await]})).await.problem(403, "cannot_grant");
    }
}
