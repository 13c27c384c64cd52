//! Other ways in than a password: API tokens, the second factor, links for a forgotten password.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use crate::db_test;
use crate::harness::{Client, Engine, PASSWORD, TestApp};

/// A client that calls with a new token of `owner`.
async fn token(app: &TestApp, owner: &Client, scopes: Value) -> (Client, String) {
    let made = owner.post("/api-tokens", json!({"name": "script", "scopes": scopes, "expires_in_days": 30})).await.expect(201).json;
    let mut client = app.anonymous();
    client.token = made["token"].as_str().map(str::to_owned);
    client.id = owner.id;
    (client, made["api_token"]["id"].as_str().unwrap().to_owned())
}

db_test! {
    async fn a_token_does_what_its_scopes_and_its_owner_may(app: TestApp) {
        let admin = app.admin().await;
        let (script, id) = token(&app, &admin, json!(["test_template.read", "test_template.create"])).await;
        assert!(script.token.as_deref().unwrap().starts_with("tyr_"));
        script.post("/test-templates", json!({"name": "By a script"})).await.expect(201);
        assert_eq!(script.get("/test-templates").await.expect(200).items().len(), 1);
        let refused = script.get("/users").await.problem(403, "forbidden");
        assert_eq!(refused.json["permission"], "user.read", "the owner holds it, the token does not");
        let me = script.get("/auth/me").await.expect(200).json;
        assert_eq!((&me["permissions"], &me["is_admin"]), (&json!(["test_template.read", "test_template.create"]), &json!(false)));
        // the log says by which token
        assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE action = 'test_template.create' AND CAST(detail AS TEXT) LIKE '%{id}%'")).await, 1);
        let listed = admin.get("/api-tokens").await.expect(200).items().clone();
        assert_eq!(listed.len(), 1);
        assert!(listed[0]["last_used_at"].is_string() && listed[0].get("token").is_none() && listed[0].get("token_hash").is_none(), "{}", listed[0]);

        // what the owner loses, the token loses
        let lead = app.member(&admin, "lead", "Leads").await;
        let (script, id) = token(&app, &lead, json!(["user.read", "mission.read"])).await;
        script.get("/users").await.expect(200);
        admin.put(&format!("/users/{}/groups", lead.id), json!({"group_ids": []})).await.expect(200);
        script.get("/users").await.problem(403, "forbidden");
        lead.delete(&format!("/api-tokens/{id}"), "*").await.expect(204);
        script.get("/auth/me").await.problem(401, "unauthenticated");
        lead.delete(&format!("/api-tokens/{id}"), "*").await.problem(404, "not_found");
    }
}

db_test! {
    async fn a_token_ends_by_its_time_and_with_its_owner(app: TestApp) {
        let admin = app.admin().await;
        let (script, _) = token(&app, &admin, json!([])).await;
        script.get("/auth/me").await.expect(200);
        let past = chrono::Utc::now() - chrono::Duration::seconds(1);
        app.sql(&format!("UPDATE api_tokens SET expires_at = '{}'", past.to_rfc3339())).await;
        script.get("/auth/me").await.problem(401, "unauthenticated");
        assert!(admin.get("/api-tokens").await.expect(200).items().is_empty());

        let lead = app.member(&admin, "lead", "Leads").await;
        let (script, _) = token(&app, &lead, json!(["mission.read"])).await;
        let user = admin.get(&format!("/users/{}", lead.id)).await.expect(200);
        let user = admin.patch(&format!("/users/{}", lead.id), &user.etag(), json!({"is_active": false})).await.expect(200);
        script.get("/missions").await.problem(401, "unauthenticated");
        let user = admin.patch(&format!("/users/{}", lead.id), &user.etag(), json!({"is_active": true})).await.expect(200);
        script.get("/missions").await.expect(200);
        admin.delete(&format!("/users/{}", lead.id), &user.etag()).await.expect(204);
        script.get("/missions").await.problem(401, "unauthenticated");
        assert_eq!(app.count("SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL").await, 1, "the admin's, which is too old");
    }
}

db_test! {
    async fn a_token_cannot_touch_what_is_a_persons(app: TestApp) {
        let admin = app.admin().await;
        let every: Vec<String> = admin.get("/permissions").await.expect(200).items().iter().map(|p| p["code"].as_str().unwrap().to_owned()).collect();
        let (script, id) = token(&app, &admin, json!(every)).await;
        let proof = json!({"current_password": PASSWORD});
        for (method, path, body) in [
            ("GET", "/api-tokens".to_owned(), json!({})),
            ("POST", "/api-tokens".to_owned(), json!({"name": "more", "scopes": []})),
            ("DELETE", format!("/api-tokens/{id}"), json!({})),
            ("PUT", "/auth/password".to_owned(), json!({"current_password": PASSWORD, "new_password": PASSWORD})),
            ("GET", "/auth/sessions".to_owned(), json!({})),
            ("DELETE", format!("/auth/sessions/{id}"), json!({})),
            ("PATCH", "/auth/me".to_owned(), json!({"display_name": "Somebody else"})),
            ("POST", "/auth/me/totp".to_owned(), proof.clone()),
            ("PUT", "/auth/me/totp".to_owned(), json!({"enrolment": "x", "code": "1"})),
            ("DELETE", "/auth/me/totp".to_owned(), proof.clone()),
            ("POST", "/auth/me/recovery-codes".to_owned(), proof.clone()),
        ] {
            let body = (method != "GET").then_some(body);
            script.send(method.parse().unwrap(), &path, body, &[("If-Match", "*")]).await.problem(403, "session_required");
        }
        // an admin's token is no admin: it makes none
        script.post("/users", json!({"email": "b@example.test", "display_name": "B", "is_admin": true})).await.problem(403, "cannot_grant");
        script.post("/users", json!({"email": "b@example.test", "display_name": "B"})).await.expect(201);
        // nobody gives a token what they lack
        let lead = app.member(&admin, "lead", "Leads").await;
        lead.post("/api-tokens", json!({"name": "more", "scopes": ["audit.read"]})).await.problem(403, "cannot_grant");
        for (field, body) in [("/name", json!({"name": " ", "scopes": []})), ("/expires_in_days", json!({"name": "n", "scopes": [], "expires_in_days": 366}))] {
            assert_eq!(lead.post("/api-tokens", body).await.problem(422, "validation_failed").json["errors"][0]["pointer"], field);
        }
        lead.post("/api-tokens", json!({"name": "n", "scopes": ["all.of.it"]})).await.problem(400, "invalid_body");
    }
}

db_test! {
    /// A token without scopes, of an admin: these and no more are the reads that need no permission.
    async fn a_token_without_scopes_reads_what_everybody_signed_in_reads(app: TestApp) {
        let admin = app.admin().await;
        let (script, _) = token(&app, &admin, json!([])).await;
        let document: Value = serde_json::from_str(&tyrian_server::openapi::document().to_json().unwrap()).unwrap();
        let mut open = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let below = path.strip_prefix("/api/v1").unwrap();
            if item.get("get").is_some() && !below.contains('{') && !below.contains("/stream") && script.get(below).await.status == 200 {
                open.insert(below.to_owned());
            }
        }
        let expected = [
            "/auth/me", "/defence-tools", "/detection-levels", "/diag/db", "/diag/health", "/diag/ready", "/mitre/matrix",
            "/mitre/releases", "/mitre/status", "/mitre/subtechniques", "/mitre/tactics", "/mitre/techniques", "/mitre/use", "/notifications", "/openapi.json", "/setup",
        ];
        assert_eq!(open, expected.map(str::to_owned).into());
    }
}

db_test! {
    async fn a_ticket_of_a_token_ends_with_it(app: TestApp) {
        let admin = app.admin().await;
        let mission = admin.post("/missions", json!({"name": "M", "client": "C"})).await.expect(201).id();
        let (script, id) = token(&app, &admin, json!(["mission.read", "mission.read_all"])).await;
        let path = json!({"path": format!("/missions/{mission}/export/json")});
        let redeem = |url: String| async move { reqwest::get(url).await.unwrap().status().as_u16() };
        let url = |answer: &Value| format!("{}{}", app.url, answer["url"].as_str().unwrap());
        let ticket = script.post("/download-tickets", path.clone()).await.expect(201).json;
        assert_eq!(redeem(url(&ticket)).await, 200);
        let ticket = script.post("/download-tickets", path).await.expect(201).json;
        admin.delete(&format!("/api-tokens/{id}"), "*").await.expect(204);
        assert_eq!(redeem(url(&ticket)).await, 404);
    }
}

fn authenticator(secret: &str) -> Totp {
    Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap()
}

/// Turns the second factor on. The authenticator, the code that was spent for it, and the recovery codes.
async fn enrol(user: &Client) -> (Totp, String, Vec<String>) {
    let begun = user.post("/auth/me/totp", json!({"current_password": PASSWORD})).await.expect(200).json;
    assert!(
        begun["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/Tyrian:") && begun["qr_svg"].as_str().unwrap().contains("<svg")
    );
    let totp = authenticator(begun["secret"].as_str().unwrap());
    let enrolment = &begun["enrolment"];
    let wrong = json!({"enrolment": enrolment, "code": "12345"});
    assert_eq!(user.put("/auth/me/totp", wrong).await.problem(422, "validation_failed").json["errors"][0]["pointer"], "/code");
    assert_eq!(user.get("/auth/me").await.json["totp"], false);
    let code = totp.generate_current().to_string();
    let codes = user.put("/auth/me/totp", json!({"enrolment": enrolment, "code": &code})).await.expect(200).json;
    let codes = codes["codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    (totp, code, codes)
}

async fn sign_in(app: &TestApp, email: &str, code: Option<&str>) -> crate::harness::Answer {
    app.anonymous().post("/auth/login", json!({"email": email, "password": PASSWORD, "totp_code": code, "cookie": false})).await
}

/// The step that was taken lies long ago: as if a minute had passed.
async fn wait_a_step(app: &TestApp) {
    app.sql("UPDATE users SET totp_last_step = 1 WHERE totp_last_step IS NOT NULL").await;
}

db_test! {
    async fn with_a_second_factor_a_password_is_not_enough(app: TestApp) {
        let admin = app.admin().await;
        let (totp, spent, codes) = enrol(&admin).await;
        assert_eq!(codes.len(), 10);
        let me = admin.get("/auth/me").await.expect(200).json;
        assert_eq!((&me["totp"], &me["recovery_codes_left"]), (&json!(true), &json!(10)));
        let email = "admin@example.test";
        sign_in(&app, email, None).await.problem(401, "totp_required");
        sign_in(&app, email, Some(" ")).await.problem(401, "totp_required");
        sign_in(&app, email, Some("nonsense")).await.problem(401, "totp_invalid");
        // the code that turned it on is spent, whether or not its half minute is over
        sign_in(&app, email, Some(&spent)).await.problem(401, "totp_invalid");
        wait_a_step(&app).await;
        let code = totp.generate_current().to_string();
        let (a, b) = futures_util::future::join(sign_in(&app, email, Some(&code)), sign_in(&app, email, Some(&code))).await;
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "one code, one sign-in");
        // a wrong password tells nothing about the factor
        app.anonymous().post("/auth/login", json!({"email": email, "password": "wrong wrong wrong", "totp_code": code})).await.problem(401, "invalid_credentials");
        // a recovery code works once, however it is typed
        sign_in(&app, email, Some(&codes[0].to_lowercase().replace('-', " "))).await.expect(200);
        sign_in(&app, email, Some(&codes[0])).await.problem(401, "totp_invalid");
        assert_eq!(admin.get("/auth/me").await.json["recovery_codes_left"], 9);
        let fresh = admin.post("/auth/me/recovery-codes", json!({"current_password": PASSWORD})).await.expect(200).json;
        sign_in(&app, email, Some(&codes[1])).await.problem(401, "totp_invalid");
        sign_in(&app, email, fresh["codes"][0].as_str()).await.expect(200);
        // a stolen session does not turn it off
        let off = |password: &str| { let (admin, body) = (admin.clone(), json!({"current_password": password})); async move { admin.send(reqwest::Method::DELETE, "/auth/me/totp", Some(body), &[]).await } };
        off("wrong wrong wrong").await.problem(422, "validation_failed");
        sign_in(&app, email, None).await.problem(401, "totp_required");
        off(PASSWORD).await.expect(204);
        sign_in(&app, email, None).await.expect(200);
        assert_eq!(app.count("SELECT count(*) FROM recovery_codes").await, 0);
        admin.post("/auth/me/recovery-codes", json!({"current_password": PASSWORD})).await.problem(409, "totp_off");
    }
}

db_test! {
    async fn what_is_stored_gives_no_codes(app: TestApp) {
        let admin = app.admin().await;
        let lead = app.member(&admin, "lead", "Leads").await;
        let begun = lead.post("/auth/me/totp", json!({"current_password": PASSWORD})).await.expect(200).json;
        let totp = authenticator(begun["secret"].as_str().unwrap());
        // one user's enrolment is not another's
        let body = json!({"enrolment": begun["enrolment"], "code": totp.generate_current().to_string()});
        assert_eq!(admin.put("/auth/me/totp", body.clone()).await.problem(422, "validation_failed").json["errors"][0]["pointer"], "/enrolment");
        let codes = lead.put("/auth/me/totp", body.clone()).await.expect(200).json;
        lead.put("/auth/me/totp", body).await.problem(409, "already_exists");
        lead.post("/auth/me/totp", json!({"current_password": PASSWORD})).await.problem(409, "already_exists");
        let stored = app.texts("SELECT totp_secret_enc FROM users WHERE totp_secret_enc IS NOT NULL UNION ALL SELECT code_hash FROM recovery_codes").await.join(" ");
        assert!(stored.len() > 600, "{stored}");
        for secret in [&begun["secret"], &codes["codes"][0]] {
            assert!(!stored.contains(secret.as_str().unwrap()));
        }
        // who lost both is let in by an administrator, and by nobody of less right
        assert_eq!(admin.get(&format!("/users/{}", lead.id)).await.json["totp"], true);
        lead.delete(&format!("/users/{}/totp", admin.id), "*").await.problem(403, "forbidden");
        admin.delete(&format!("/users/{}/totp", lead.id), "*").await.expect(204);
        sign_in(&app, "lead@example.test", None).await.expect(200);
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'user.totp_remove'").await, 1);
    }
}

db_test! {
    async fn guessing_codes_is_throttled_though_the_password_is_right(app: TestApp) {
        drop(app.admin().await);
        let strict = TestApp::spawn_with(app.engine, |o| o.login_throttle = Some("on".into())).await;
        let admin = strict.admin().await;
        enrol(&admin).await;
        for _ in 0..5 {
            sign_in(&strict, "admin@example.test", Some("000000")).await.problem(401, "totp_invalid");
        }
        let refused = sign_in(&strict, "admin@example.test", Some("000000")).await;
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        refused.problem(429, "rate_limited");
    }
}

db_test! {
    async fn a_link_sets_a_new_password_once(app: TestApp) {
        let admin = app.admin().await;
        let lead = app.member(&admin, "lead", "Leads").await;
        let link = || async { admin.post(&format!("/users/{}/password-reset", lead.id), json!({})).await.expect(200).json["url"].as_str().unwrap().to_owned() };
        let (first, second) = (link().await, link().await);
        assert!(second.starts_with(&app.url) && second.contains("/reset/"), "{second}");
        let redeem = |url: &str, password: &str| {
            let (client, path, body) = (app.anonymous(), format!("/auth/password-reset/{}", url.rsplit('/').next().unwrap()), json!({"new_password": password}));
            async move { client.post(&path, body).await }
        };
        redeem(&first, "another long password").await.problem(404, "not_found");
        assert_eq!(redeem(&second, "short").await.problem(422, "validation_failed").json["errors"][0]["pointer"], "/new_password");
        let (a, b) = futures_util::future::join(redeem(&second, "another long password"), redeem(&second, "another long password")).await;
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404], "one link, one password");
        lead.get("/auth/me").await.problem(401, "unauthenticated");
        sign_in(&app, "lead@example.test", None).await.problem(401, "invalid_credentials");
        app.anonymous().post("/auth/login", json!({"email": "lead@example.test", "password": "another long password"})).await.expect(200);
        // an hour later it is too late
        let late = link().await;
        app.sql(&format!("UPDATE password_resets SET expires_at = '{}'", (chrono::Utc::now() - chrono::Duration::seconds(1)).to_rfc3339())).await;
        redeem(&late, "another long password").await.problem(404, "not_found");
        // whoever may do less makes no link to take an admin over
        lead.post(&format!("/users/{}/password-reset", admin.id), json!({})).await.problem(401, "unauthenticated");
        let lead = app.login_with("lead@example.test", "another long password").await;
        admin.post("/groups", json!({"name": "Desk"})).await.expect(201);
        let desk = admin.get("/groups").await.json["items"].as_array().unwrap().iter().find(|g| g["name"] == "Desk").unwrap()["id"].clone();
        admin.put(&format!("/groups/{}/permissions", desk.as_str().unwrap()), json!({"codes": ["user.update"]})).await.expect(200);
        admin.put(&format!("/groups/{}/members", desk.as_str().unwrap()), json!({"user_ids": [lead.id]})).await.expect(200);
        lead.post(&format!("/users/{}/password-reset", admin.id), json!({})).await.problem(403, "cannot_grant");
    }
}

/// The letters in a folder, each as its text.
pub fn letters(folder: &std::path::Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "eml"));
    files.map(|path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("=3D", "=")).collect()
}

db_test! {
    async fn mail_brings_invitations_and_new_passwords(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().display());
        let mailed = TestApp::spawn_with(app.engine, |o| { o.smtp_url = Some(url); o.public_url = Some("https://tyrian.example.test".into()); }).await;
        let admin = mailed.admin().await;
        assert_eq!(mailed.anonymous().get("/setup").await.json["mail"], true);
        let ask = |email: &str| { let (c, body) = (mailed.anonymous(), json!({"email": email})); async move { c.post("/auth/password-reset", body).await } };
        let unknown = ask("nobody@example.test").await.expect(202);
        let known = ask(" ADMIN@example.test").await.expect(202);
        assert_eq!((unknown.text, known.text), (String::new(), String::new()));
        let invited = admin.post("/invitations", json!({"email": "new@example.test"})).await.expect(201).json;
        assert_eq!(invited["mailed"], true);
        for _ in 0..100 {
            if letters(folder.path()).len() >= 2 { break }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let letters = letters(folder.path());
        assert_eq!(letters.len(), 2, "none for an unknown address: {letters:?}");
        let of = |to: &str| letters.iter().find(|l| l.contains(&format!("<{to}>"))).unwrap_or_else(|| panic!("no letter to {to}: {letters:?}"));
        assert!(of("new@example.test").contains(invited["url"].as_str().unwrap()));
        let letter = of("admin@example.test");
        let token: String = letter.split("https://tyrian.example.test/reset/").nth(1).unwrap().chars().take_while(|c| !c.is_whitespace()).collect();
        mailed.anonymous().post(&format!("/auth/password-reset/{token}"), json!({"new_password": "another long password"})).await.expect(204);
        mailed.login_with("admin@example.test", "another long password").await;
        // a token is in the letter only
        assert_eq!(mailed.count(&format!("SELECT count(*) FROM password_resets WHERE token_hash = '{token}'")).await, 0);
        // the server without mail answers the same and sends nothing
        app.admin().await;
        app.anonymous().post("/auth/password-reset", json!({"email": "admin@example.test"})).await.expect(202);
    }
}

#[test]
fn those_who_ask_for_mail_are_counted() {
    crate::harness::block_on(async {
        let app = TestApp::spawn_with(Engine::Sqlite, |o| o.rate_limit = Some("600".into())).await;
        let anyone = app.anonymous();
        for _ in 0..20 {
            anyone.post("/auth/password-reset", json!({"email": "a@example.test"})).await.expect(202);
        }
        let refused = anyone.post("/auth/password-reset", json!({"email": "a@example.test"})).await;
        assert!(refused.header("retry-after").parse::<u64>().is_ok());
        refused.problem(429, "rate_limited");
    });
}
