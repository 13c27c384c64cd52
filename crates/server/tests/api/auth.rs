//! Set-up, sign-in, renewal with reuse detection, sign-out, sessions, profile, password.

use serde_json::json;

use crate::db_test;
use crate::harness::PASSWORD;

db_test! {
    async fn set_up_makes_one_admin_and_closes(app: TestApp) {
        let anyone = app.anonymous();
        assert_eq!(anyone.get("/setup").await.expect(200).json, json!({"needed": true, "code_required": false, "mail": false, "sso": null}));
        anyone.post("/setup", json!({"email": "nope", "display_name": "", "password": "short"})).await.problem(422, "validation_failed");
        let body = |n: i32| json!({"email": format!("a{n}@example.test"), "display_name": "A", "password": PASSWORD});
        let (a, b) = futures_util::future::join(anyone.post("/setup", body(1)), anyone.post("/setup", body(2))).await;
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        assert_eq!(anyone.get("/setup").await.json["needed"], false);
        anyone.post("/setup", body(3)).await.problem(409, "setup_done");
        assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
    }
}

db_test! {
    async fn an_unknown_user_and_a_wrong_password_answer_alike(app: TestApp) {
        app.admin().await;
        let anyone = app.anonymous();
        let strip = |mut v: serde_json::Value| { v.as_object_mut().unwrap().remove("request_id"); v };
        let a = anyone.post("/auth/login", json!({"email": "admin@example.test", "password": "wrong wrong wrong"})).await.problem(401, "invalid_credentials");
        let b = anyone.post("/auth/login", json!({"email": "nobody@example.test", "password": "wrong wrong wrong"})).await.problem(401, "invalid_credentials");
        assert_eq!(strip(a.json), strip(b.json));
        anyone.post("/auth/login", json!({"email": "ADMIN@example.test ", "password": PASSWORD})).await.expect(200);
        anyone.post("/auth/login", json!({"email": "admin@example.test", "password": PASSWORD, "admin": true})).await.problem(400, "invalid_body");
    }
}

async fn tokens(app: &crate::harness::TestApp) -> (String, String) {
    let a = app
        .anonymous()
        .post("/auth/login", json!({"email": "admin@example.test", "password": PASSWORD, "cookie": false}))
        .await
        .expect(200);
    (a.json["access_token"].as_str().unwrap().into(), a.json["refresh_token"].as_str().unwrap().into())
}

db_test! {
    async fn a_refresh_token_rotates_and_its_reuse_ends_the_session(app: TestApp) {
        app.admin().await;
        let anyone = app.anonymous();
        let (access, first) = tokens(&app).await;
        let refresh = |token: &str| { let (anyone, body) = (anyone.clone(), json!({"refresh_token": token})); async move { anyone.post("/auth/refresh", body).await } };
        let second = refresh(&first).await.expect(200).json["refresh_token"].as_str().unwrap().to_owned();
        assert_ne!(first, second);
        // within the grace both tabs get the same successor
        assert_eq!(refresh(&first).await.expect(200).json["refresh_token"], second);
        let mut client = app.anonymous();
        client.token = Some(access);
        client.get("/auth/me").await.expect(200);
        // later it is a theft
        let past = chrono::Utc::now() - chrono::Duration::seconds(60);
        app.sql(&format!("UPDATE refresh_tokens SET used_at = '{}' WHERE used_at IS NOT NULL", past.to_rfc3339())).await;
        refresh(&first).await.problem(401, "unauthenticated");
        refresh(&second).await.problem(401, "unauthenticated");
        client.get("/auth/me").await.problem(401, "unauthenticated");
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'session.reuse_detected'").await, 1);
    }
}

db_test! {
    async fn many_refreshes_at_once_have_one_successor(app: TestApp) {
        app.admin().await;
        let (_, first) = tokens(&app).await;
        let before = app.count("SELECT count(*) FROM refresh_tokens").await;
        let calls = (0..20).map(|_| { let (c, body) = (app.anonymous(), json!({"refresh_token": first})); async move { c.post("/auth/refresh", body).await.expect(200).json["refresh_token"].clone() } });
        let successors: std::collections::BTreeSet<String> = futures_util::future::join_all(calls).await.into_iter().map(|v| v.as_str().unwrap().to_owned()).collect();
        assert_eq!(successors.len(), 1);
        assert_eq!(app.count("SELECT count(*) FROM refresh_tokens").await, before + 1);
    }
}

db_test! {
    async fn the_cookie_counts_from_our_own_pages_only(app: TestApp) {
        app.admin().await;
        let login = app.anonymous().post("/auth/login", json!({"email": "admin@example.test", "password": PASSWORD})).await.expect(200);
        let cookie = login.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(login.json.get("refresh_token").is_none());
        // a browser keeps one jar for all ports of a host
        let (_, port) = app.url.rsplit_once(':').unwrap();
        assert!(cookie.starts_with(&format!("tyrian_refresh_{}=", port.trim_matches(|c: char| !c.is_ascii_digit()))), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let own = app.url.clone();
        let send = |headers: Vec<(&'static str, String)>| {
            let (client, cookie) = (app.anonymous(), cookie.clone());
            async move {
                let mut all = vec![("Cookie", cookie.as_str())];
                all.extend(headers.iter().map(|(n, v)| (*n, v.as_str())));
                client.send(reqwest::Method::POST, "/auth/refresh", None, &all).await
            }
        };
        send(vec![("Origin", "https://evil.example".into())]).await.problem(403, "foreign_origin");
        send(vec![("Sec-Fetch-Site", "cross-site".into())]).await.problem(403, "foreign_origin");
        send(vec![("Origin", own), ("Sec-Fetch-Site", "same-origin".into())]).await.expect(200);
    }
}

db_test! {
    async fn signing_out_takes_effect_at_once(app: TestApp) {
        app.admin().await;
        let (access, refresh) = tokens(&app).await;
        let mut client = app.anonymous();
        client.token = Some(access);
        assert_eq!(client.get("/auth/sessions").await.expect(200).items().len(), 2);
        client.post("/auth/logout", json!({"refresh_token": refresh})).await.expect(204);
        client.get("/auth/me").await.problem(401, "unauthenticated");
        app.anonymous().post("/auth/refresh", json!({"refresh_token": refresh})).await.problem(401, "unauthenticated");
    }
}

db_test! {
    async fn the_profile_is_edited_with_its_version(app: TestApp) {
        let admin = app.admin().await;
        let me = admin.get("/auth/me").await.expect(200);
        assert_eq!(me.json["is_admin"], true);
        assert!(me.json["permissions"].as_array().unwrap().iter().any(|p| p == "mission.purge"));
        admin.send(reqwest::Method::PATCH, "/auth/me", Some(json!({"display_name": "B"})), &[]).await.problem(428, "precondition_required");
        let edited = admin.patch("/auth/me", &me.etag(), json!({"display_name": "Béa 🦑 <script>", "preferences": {"theme": "dark"}})).await.expect(200);
        assert_eq!(edited.json["display_name"], "Béa 🦑 <script>");
        admin.patch("/auth/me", &me.etag(), json!({"display_name": "C"})).await.problem(412, "precondition_failed");
        admin.edit("/auth/me", json!({"display_name": null})).await.problem(422, "validation_failed");
        admin.edit("/auth/me", json!({"display_name": "a\u{0}b"})).await.problem(422, "validation_failed");
        admin.edit("/auth/me", json!({"is_admin": false})).await.problem(400, "invalid_body");
    }
}

db_test! {
    async fn a_new_password_ends_the_other_sessions(app: TestApp) {
        let admin = app.admin().await;
        let other = app.admin().await;
        admin.put("/auth/password", json!({"current_password": "not this one", "new_password": "another good password"})).await.problem(422, "validation_failed");
        admin.put("/auth/password", json!({"current_password": PASSWORD, "new_password": "another good password"})).await.expect(204);
        admin.get("/auth/me").await.expect(200);
        other.get("/auth/me").await.problem(401, "unauthenticated");
        app.anonymous().post("/auth/login", json!({"email": "admin@example.test", "password": PASSWORD})).await.problem(401, "invalid_credentials");
    }
}

/// Easy to guess: of leaked lists, with what people add to them, of one pattern, or made of the owner's name and address.
const GUESSABLE: [&str; 7] =
    ["password1234", "P@ssw0rd1234", "qwertyuiop123", "aaaaaaaaaaaaaaa", "abcdefghijklm", "mallory.byte@example.test", "MalloryByte1"];

/// Refused at this field, with the reason.
fn guessable(answer: crate::harness::Answer, pointer: &str) {
    let error = answer.problem(422, "validation_failed").json["errors"][0].clone();
    assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!("password_guessable")), "{error}");
    assert!(error["detail"].as_str().unwrap().starts_with("Easy to guess: it "), "{error}");
}

db_test! {
    async fn a_password_that_is_easy_to_guess_is_refused_wherever_one_is_chosen(app: TestApp) {
        let anyone = app.anonymous();
        let (email, name) = ("mallory.byte@example.test", "Mallory Byte");
        for word in GUESSABLE {
            guessable(anyone.post("/setup", json!({"email": email, "display_name": name, "password": word})).await, "/password");
        }
        assert_eq!(anyone.get("/setup").await.json["needed"], true);
        let admin = app.admin().await;
        let invited = admin.post("/invitations", json!({"email": email, "group_ids": []})).await.expect(201).json;
        let accept = format!("/invitations/by-token/{}/accept", invited["token"].as_str().unwrap());
        for word in GUESSABLE {
            guessable(admin.post("/users", json!({"email": email, "display_name": name, "password": word})).await, "/password");
            guessable(anyone.post(&accept, json!({"display_name": name, "password": word})).await, "/password");
        }
        anyone.post(&accept, json!({"display_name": name, "password": PASSWORD})).await.expect(201);
        let mallory = app.login(email).await;
        let url = admin.post(&format!("/users/{}/password-reset", mallory.id), json!({})).await.expect(200).json["url"].clone();
        let reset = format!("/auth/password-reset/{}", url.as_str().unwrap().rsplit('/').next().unwrap());
        for word in GUESSABLE {
            guessable(mallory.put("/auth/password", json!({"current_password": PASSWORD, "new_password": word})).await, "/new_password");
            guessable(anyone.post(&reset, json!({"new_password": word})).await, "/new_password");
        }
        // nothing was changed, no link was used up, and of somebody else's name they may be made
        mallory.put("/auth/password", json!({"current_password": PASSWORD, "new_password": "Ada Admin 1 and others"})).await.expect(204);
        app.login_with(email, "Ada Admin 1 and others").await;
        anyone.post(&reset, json!({"new_password": "another long password"})).await.expect(204);
        // one that is in use already goes on working
        let hash = app.texts(&format!("SELECT password_hash FROM users WHERE email = '{email}'")).await.remove(0);
        assert!(hash.starts_with("$argon2id$"));
        app.login_with(email, "another long password").await;
    }
}
