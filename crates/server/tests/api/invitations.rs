//! Invitations: shown once, accepted once, and they give what their inviter may give.

use serde_json::json;

use crate::db_test;
use crate::groups::group;
use crate::harness::PASSWORD;

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

db_test! {
    async fn an_invitation_gives_no_more_than_its_inviter_may_give_when_it_is_accepted(app: TestApp) {
        let admin = app.admin().await;
        let lead = app.member(&admin, "lead", "Leads").await;
        let (blue, red) = (group(&admin, "Blue team").await, group(&admin, "Red team").await);
        let invite = |email: &'static str, group: String| { let lead = lead.clone(); async move { lead.post("/invitations", json!({"email": email, "group_ids": [group]})).await.expect(201).json["token"].as_str().unwrap().to_owned() } };
        let (first, second) = (invite("a@example.test", blue.clone()).await, invite("b@example.test", red.clone()).await);
        let accept = |token: String| { let c = app.anonymous(); async move { c.post(&format!("/invitations/by-token/{token}/accept"), json!({"display_name": "New", "password": PASSWORD})).await } };
        // the group gives more by now than the inviter holds: its invitations are worth nothing, others are
        admin.put(&format!("/groups/{blue}/permissions"), json!({"codes": ["mission.read", "audit.read"]})).await.expect(200);
        accept(first.clone()).await.problem(404, "not_found");
        assert_eq!(accept(second).await.expect(201).json["email"], "b@example.test");
        let new = app.login("b@example.test").await;
        assert!(!new.get("/auth/me").await.json["is_admin"].as_bool().unwrap());
        admin.put(&format!("/groups/{blue}/permissions"), json!({"codes": ["mission.read"]})).await.expect(200);
        // an inviter who is deactivated gives nothing either
        admin.edit(&format!("/users/{}", lead.id), json!({"is_active": false})).await.expect(200);
        accept(first.clone()).await.problem(404, "not_found");
        admin.edit(&format!("/users/{}", lead.id), json!({"is_active": true})).await.expect(200);
        accept(first).await.expect(201);
    }
}

db_test! {
    async fn an_accepted_invitation_cannot_be_revoked_and_an_account_is_not_invited(app: TestApp) {
        let admin = app.admin().await;
        let blue = app.member(&admin, "blue", "Blue team").await;
        let made = admin.post("/invitations", json!({"email": "a@example.test"})).await.expect(201).json;
        let (token, path) = (made["token"].as_str().unwrap(), format!("/invitations/{}", made["invitation"]["id"].as_str().unwrap()));
        for body in [json!({"display_name": "x", "password": PASSWORD, "is_admin": true}), json!({"display_name": "x", "password": PASSWORD, "email": "other@example.test"}), json!({"display_name": "x"})] {
            app.anonymous().post(&format!("/invitations/by-token/{token}/accept"), body).await.problem(400, "invalid_body");
        }
        blue.send(reqwest::Method::DELETE, &path, None, &[]).await.problem(403, "forbidden");
        app.anonymous().post(&format!("/invitations/by-token/{token}/accept"), json!({"display_name": "New", "password": PASSWORD})).await.expect(201);
        admin.send(reqwest::Method::DELETE, &path, None, &[]).await.problem(409, "illegal_transition");
        admin.send(reqwest::Method::DELETE, &format!("/invitations/{}", uuid::Uuid::now_v7()), None, &[]).await.problem(404, "not_found");
        admin.post("/invitations", json!({"email": "A@example.test"})).await.problem(409, "already_exists");
        let refused = admin.post("/invitations", json!({"email": "b@example.test", "group_ids": [uuid::Uuid::nil()]})).await.problem(422, "validation_failed");
        assert_eq!(refused.json["errors"][0]["pointer"], "/group_ids/0");
        // an account that was made meanwhile keeps its address
        let late = admin.post("/invitations", json!({"email": "c@example.test"})).await.expect(201).json["token"].as_str().unwrap().to_owned();
        admin.post("/users", json!({"email": "c@example.test", "display_name": "C"})).await.expect(201);
        app.anonymous().post(&format!("/invitations/by-token/{late}/accept"), json!({"display_name": "New", "password": PASSWORD})).await.problem(409, "already_exists");
        let statuses: Vec<_> = admin.get("/invitations?sort=created_at").await.items().iter().map(|i| i["status"].as_str().unwrap().to_owned()).collect();
        assert_eq!(statuses, ["accepted", "pending"]);
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

/// Asks until it is refused, for the first time after `fewest` answers of this status: a slow machine gets one more for each second
/// that it takes.
async fn used_up(fewest: usize, fine: u16, ask: impl AsyncFn(usize) -> crate::harness::Answer) -> crate::harness::Answer {
    for n in 0..fewest + 300 {
        let answer = ask(n).await;
        if n >= fewest && answer.status.as_u16() != fine {
            return answer.problem(429, "rate_limited");
        }
        answer.expect(fine);
    }
    panic!("never refused");
}

/// So are those of what costs much, each by itself.
#[test]
fn costly_requests_have_a_minute_of_their_own() {
    crate::harness::block_on(async {
        let app = crate::harness::TestApp::spawn_with(crate::harness::Engine::Sqlite, |o| o.rate_limit = Some("10000".into())).await;
        let admin = app.admin().await;
        let invite = async |n| admin.post("/invitations", json!({"email": format!("a{n}@example.test")})).await;
        assert!(used_up(60, 201, invite).await.header("retry-after").parse::<u64>().is_ok());
        let import = async |_| admin.upload("/imports/sigma", "rule.yml", b"not a rule".to_vec(), &[]).await;
        used_up(30, 422, import).await;
        admin.upload("/imports/mission", "mission.json", b"{}".to_vec(), &[]).await.problem(429, "rate_limited");
        admin.get("/auth/me").await.expect(200);
    });
}
