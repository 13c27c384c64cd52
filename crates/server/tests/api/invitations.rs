//! Invitations: shown once, accepted once, and they give what their inviter may give.

use serde_json::json;

use crate::db_test;
use crate::harness::PASSWORD;

async fn group(admin: &crate::harness::Client, name: &str) -> String {
    let groups = admin.get("/groups?limit=200").await.expect(200);
    groups.items().iter().find(|g| g["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

db_test! {
    async fn an_invitation_is_shown_once_and_accepted_once(app: TestApp) {
        let admin = app.admin().await;
        let blue = group(&admin, "Blue team").await;
        let made = admin.post("/invitations", json!({"email": "New@example.test", "group_ids": [blue]})).await.expect(201);
        let token = made.json["token"].as_str().unwrap().to_owned();
        assert!(made.json["url"].as_str().unwrap().ends_with(&format!("/invite/{token}")));
        assert!(!admin.get("/invitations").await.expect(200).text.contains(&token), "the token is shown once");
        assert_eq!(app.count(&format!("SELECT count(*) FROM invitations WHERE token_hash = '{token}'")).await, 0, "only its hash is kept");
        let anyone = app.anonymous();
        let seen = anyone.get(&format!("/invitations/by-token/{token}")).await.expect(200).json;
        assert_eq!((&seen["email"], &seen["groups"]), (&json!("new@example.test"), &json!(["Blue team"])));
        let accept = format!("/invitations/by-token/{token}/accept");
        anyone.post(&accept, json!({"display_name": "New", "password": "short"})).await.problem(422, "validation_failed");
        let both = futures_util::future::join_all((0..2).map(|_| anyone.post(&accept, json!({"display_name": "New", "password": PASSWORD})))).await;
        assert_eq!(both.iter().filter(|a| a.status.is_success()).count(), 1, "{both:?}");
        anyone.get(&format!("/invitations/by-token/{token}")).await.problem(404, "not_found");
        let new = app.login("new@example.test").await;
        assert_eq!(new.get("/auth/me").await.json["groups"][0]["name"], "Blue team");
    }
}

db_test! {
    async fn a_revoked_or_unknown_invitation_is_not_there(app: TestApp) {
        let admin = app.admin().await;
        let made = admin.post("/invitations", json!({"email": "a@example.test", "group_ids": []})).await.expect(201).json;
        admin.post("/invitations", json!({"email": "A@example.test", "group_ids": []})).await.problem(409, "already_exists");
        admin.send(reqwest::Method::DELETE, &format!("/invitations/{}", made["invitation"]["id"].as_str().unwrap()), None, &[]).await.expect(204);
        for token in [made["token"].as_str().unwrap(), "nothing"] {
            app.anonymous().get(&format!("/invitations/by-token/{token}")).await.problem(404, "not_found");
        }
    }
}

db_test! {
    async fn nobody_invites_into_rights_that_they_lack(app: TestApp) {
        let admin = app.admin().await;
        let (lead, red) = (app.member(&admin, "lead", "Leads").await, app.member(&admin, "red", "Red team").await);
        let (admins, blue) = (group(&admin, "Administrators").await, group(&admin, "Blue team").await);
        lead.post("/invitations", json!({"email": "x@example.test", "group_ids": [admins]})).await.problem(403, "cannot_grant");
        red.post("/invitations", json!({"email": "x@example.test", "group_ids": []})).await.problem(403, "forbidden");
        let made = lead.post("/invitations", json!({"email": "x@example.test", "group_ids": [blue]})).await.expect(201).json;
        // the inviter loses the right: so does the invitation
        admin.put(&format!("/users/{}/groups", lead.id), json!({"group_ids": []})).await.expect(200);
        app.anonymous().get(&format!("/invitations/by-token/{}", made["token"].as_str().unwrap())).await.problem(404, "not_found");
    }
}

db_test! {
    async fn an_expired_invitation_is_not_there(app: TestApp) {
        let admin = app.admin().await;
        let made = admin.post("/invitations", json!({"email": "late@example.test", "group_ids": []})).await.expect(201).json;
        let past = (chrono::Utc::now() - chrono::Duration::days(1)).to_rfc3339();
        app.sql(&format!("UPDATE invitations SET expires_at = '{past}'")).await;
        app.anonymous().get(&format!("/invitations/by-token/{}", made["token"].as_str().unwrap())).await.problem(404, "not_found");
        assert_eq!(admin.get("/invitations").await.json["items"][0]["status"], "expired");
    }
}

/// The limit counts per user; SQLite only, since no row is touched.
#[test]
fn requests_over_the_limit_wait() {
    crate::harness::block_on(async {
        let app = crate::harness::TestApp::spawn_with(crate::harness::Engine::Sqlite, |o| o.rate_limit = Some("5".into())).await;
        let admin = app.admin().await;
        let mut refused = 0;
        for _ in 0..20 {
            let answer = admin.get("/auth/me").await;
            if answer.status.as_u16() == 429 {
                assert!(!answer.problem(429, "rate_limited").header("retry-after").is_empty());
                refused += 1;
            }
        }
        assert!(refused >= 10, "{refused} of 20 were refused");
    });
}
