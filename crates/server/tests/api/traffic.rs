//! What every request goes through: bodies, queries, limits, headers, and how many statements a list costs.

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use reqwest::{Body, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::harness::{Answer, Client, answer};

/// The operations that take JSON, with ids in their paths that exist nowhere, and whether it is a list; uploads apart.
fn writes() -> Vec<(Method, String, bool)> {
    let document: Value = serde_json::from_str(&tyrian_server::openapi::document().to_json().unwrap()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"];
            if content.get("application/json").is_some() && content.get("multipart/form-data").is_none() {
                let parts = path
                    .strip_prefix("/api/v1")
                    .unwrap()
                    .split('/')
                    .map(|part| if part.starts_with('{') { Uuid::now_v7().to_string() } else { part.to_owned() });
                let is_list = content["application/json"]["schema"]["type"] == "array";
                found.push((method.to_uppercase().parse().unwrap(), parts.collect::<Vec<_>>().join("/"), is_list));
            }
        }
    }
    assert!(found.len() > 15);
    found
}

/// Sends these very bytes.
async fn send(c: &Client, method: &Method, path: &str, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = c.http.request(method.clone(), format!("{}{path}", c.base)).header("If-Match", "*").body(body);
    if let Some(token) = &c.token {
        request = request.bearer_auth(token);
    }
    if let Some(content_type) = content_type {
        request = request.header("Content-Type", content_type);
    }
    answer(format!("{method} {path}"), request).await
}

db_test! {
    async fn every_body_has_its_limits(app: TestApp) {
        let admin = app.admin().await;
        let json_type = Some("application/json");
        let nested = |depth: usize| format!("{{\"surprise\": {}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        let piece = vec![b' '; 1 << 18];
        for (method, path, is_list) in writes() {
            let (surprise, other) = if is_list { (r#"[{"surprise_of_the_test": 1}]"#, "{}") } else { (r#"{"surprise_of_the_test": 1}"#, "[]") };
            send(&admin, &method, &path, json_type, surprise).await.problem(400, "invalid_body");
            for body in ["", other, "null", "1", "\"x\"", "{", "{\"a\": 1,}", "{} x"] {
                let refused = send(&admin, &method, &path, json_type, body).await;
                // a session is renewed and ended by its cookie too: no body is fine there
                if !(body.is_empty() && ["/auth/refresh", "/auth/logout"].contains(&path.as_str())) {
                    assert_eq!((refused.status.as_u16(), &refused.json["code"]), (400, &json!("invalid_body")), "{method} {path} {body:?}: {}", refused.text);
                }
            }
            let deep = send(&admin, &method, &path, json_type, nested(65)).await.problem(400, "invalid_body");
            assert!(deep.json["detail"].as_str().unwrap().contains("64 levels"), "{method} {path}: {}", deep.text);
            let by_cookie = ["/auth/refresh", "/auth/logout"].contains(&path.as_str());
            if by_cookie {
                // a form of another site must not act with the cookie
                send(&admin, &method, &path, Some("text/plain"), "{}").await.problem(403, "foreign_origin");
            } else {
                for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data; boundary=x")] {
                    send(&admin, &method, &path, content_type, "{}").await.problem(415, "unsupported_media_type");
                }
            }
            send(&admin, &method, &path, json_type, vec![b' '; (1 << 20) + 1]).await.problem(413, "payload_too_large");
            // and where the length is not said before
            let pieces = futures_util::stream::iter((0..5).map({ let piece = piece.clone(); move |_| Ok::<_, std::io::Error>(piece.clone()) }));
            send(&admin, &method, &path, json_type, Body::wrap_stream(pieces)).await.problem(413, "payload_too_large");
        }
        // at the limit it is read
        let mut whole = json!({"name": "at the limit"}).to_string();
        whole.push_str(&" ".repeat((1 << 20) - whole.len()));
        send(&admin, &Method::POST, "/test-templates", Some("application/json; charset=utf-8"), whole).await.expect(201);
        send(&admin, &Method::POST, "/test-templates", json_type, json!({"name": "deep", "arguments": {"a": {"default": 1}}}).to_string()).await.expect(201);
    }
}

db_test! {
    async fn every_list_has_its_limits(app: TestApp) {
        let admin = app.admin().await;
        let document: Value = serde_json::from_str(&tyrian_server::openapi::document().to_json().unwrap()).unwrap();
        let mut lists = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(get) = item.get("get").filter(|_| !path.contains('{')) else { continue };
            let path = path.strip_prefix("/api/v1").unwrap();
            let takes = |name: &str| get["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == name && p["in"] == "query"));
            if takes("limit") {
                lists += 1;
                for limit in ["0", "-1", "201", "1000000000", "9223372036854775807"] {
                    let refused = admin.get(&format!("{path}?limit={limit}")).await.problem(422, "validation_failed");
                    assert_eq!(refused.json["errors"][0]["pointer"], "/limit", "{path}");
                }
                for query in ["limit=x", "limit=", "limit=9223372036854775808", "limit=1.5", "limit=1&limit=2", "cursor=abc", "cursor=%22", "sort=nothing", "sort=-"] {
                    admin.get(&format!("{path}?{query}")).await.problem(400, "invalid_query");
                }
                admin.get(&format!("{path}?limit=200")).await.expect(200);
            }
            // a provider of identities adds parameters of its own to the address that it sends people back to
            let ours = path != "/auth/oidc/callback";
            if ours && get["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["in"] == "query")) {
                admin.get(&format!("{path}?surprise_of_the_test=1")).await.problem(400, "invalid_query");
            }
        }
        assert!(lists >= 7, "{lists}");
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
}

db_test! {
    async fn every_kind_of_answer_has_the_headers_that_keep_it_safe(app: TestApp) {
        let admin = app.admin().await;
        let made = admin.post("/test-templates", json!({"name": "x"})).await.expect(201);
        let template = format!("/api/v1/test-templates/{}", made.id());
        let token = admin.token.as_deref().unwrap();
        let cases = [
            (Method::GET, "/api/v1/diag/health", false, 200, "no-store"), (Method::GET, "/api/v1/openapi.json", false, 200, "no-store"), (Method::GET, "/api/v1/auth/me", true, 200, "no-store"), (Method::GET, "/api/v1/auth/me", false, 401, "no-store"),
            (Method::GET, &template, true, 200, "no-store"), (Method::PATCH, &template, true, 428, "no-store"), (Method::GET, "/api/v1/test-templates/export", true, 200, "no-store"), (Method::GET, "/api/v1/missions?limit=x", true, 400, "no-store"),
            (Method::GET, "/api/v1/mitre/matrix", true, 200, "private, no-cache"), (Method::GET, "/api/v1/mitre/tactics", true, 200, "private, no-cache"), (Method::GET, "/api/v1/nothing", true, 404, "no-store"), (Method::GET, "/api/nothing", false, 404, "no-store"),
            (Method::DELETE, "/api/v1/users", true, 404, "no-store"), (Method::GET, "/api/docs/", false, 200, "no-store"), (Method::GET, "/", false, 200, ""), (Method::GET, "/missions", false, 200, ""), (Method::GET, "/../etc/passwd", false, 200, ""),
        ];
        for (method, path, signed_in, status, cache) in cases {
            let mut request = admin.http.request(method.clone(), format!("{}{path}", app.url));
            if signed_in { request = request.bearer_auth(token); }
            if method == Method::PATCH { request = request.header("Content-Type", "application/json").body("{}"); }
            let response = request.send().await.unwrap();
            let what = format!("{method} {path}");
            let headers = response.headers().clone();
            // without the app's files (a server built alone) its pages are not there
            if path.starts_with("/api") { assert_eq!(response.status().as_u16(), status, "{what}"); } else { assert!([200, 404].contains(&response.status().as_u16()), "{what}: {}", response.status()); }
            for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin")] {
                assert_eq!(text(&headers, name), value, "{what}");
            }
            assert!(!text(&headers, "x-request-id").is_empty(), "{what}");
            assert_eq!((text(&headers, "server"), text(&headers, "x-powered-by")), ("", ""), "{what}");
            assert!(headers.get("access-control-allow-origin").is_none(), "{what}");
            let policy = text(&headers, "content-security-policy");
            if response.status().is_success() || path.starts_with("/api") {
                assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
                assert!(!policy.contains("unsafe-eval") || !path.starts_with("/api"), "{what}: {policy}");
            }
            if !cache.is_empty() { assert_eq!(text(&headers, "cache-control"), cache, "{what}"); }
        }
        // who asks from elsewhere gets no leave to read
        let foreign = admin.send(Method::OPTIONS, "/missions", None, &[("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET")]).await;
        assert!(!foreign.status.is_success() && foreign.header("access-control-allow-origin").is_empty());
        // a request's id is kept if it is harmless, else made anew
        for (sent, is_kept) in [("abc-1.2_3", true), ("a b", false), ("<script>", false), (&"x".repeat(65), false)] {
            let id = admin.send(Method::GET, "/auth/me", None, &[("X-Request-Id", sent)]).await.expect(200).header("x-request-id");
            assert_eq!(id == sent, is_kept, "{sent}: {id}");
        }
    }
}

db_test! {
    async fn lists_cost_the_same_statements_at_any_number_of_rows(app: TestApp) {
        let admin = app.admin().await;
        let lists = ["/users", "/groups", "/invitations", "/test-templates", "/scenario-templates", "/missions", "/users/roster"];
        let measure = || async {
            let mut costs = Vec::new();
            for path in lists {
                let (list, cost) = app.statements(admin.get(path)).await;
                costs.push((path, cost, list.expect(200).items().len()));
            }
            costs
        };
        let fill = async |n: usize| {
            for i in 0..n {
                let unique = format!("{i}-{}", Uuid::now_v7().simple());
                let user = admin.post("/users", json!({"email": format!("{unique}@example.test"), "display_name": "x"})).await.expect(201).id();
                let group = admin.post("/groups", json!({"name": unique, "permissions": ["mission.read"]})).await.expect(201).id();
                admin.put(&format!("/users/{user}/groups"), json!({"group_ids": [group]})).await.expect(200);
                admin.post("/invitations", json!({"email": format!("i{unique}@example.test"), "group_ids": [group]})).await.expect(201);
                let test = admin.post("/test-templates", json!({"name": "t"})).await.expect(201).id();
                let scenario = admin.post("/scenario-templates", json!({"name": "s", "test_template_ids": [test, test]})).await.expect(201).id();
                admin.post("/missions", json!({"name": "m", "client": "c", "scenario_template_ids": [scenario], "members": [{"user_id": user, "role_hint": "red"}]})).await.expect(201);
            }
        };
        fill(1).await;
        let few = measure().await;
        fill(12).await;
        for ((path, one, rows), (_, many, more)) in few.into_iter().zip(measure().await) {
            assert!(more > rows, "{path}");
            assert_eq!(one, many, "{path} with {rows} and with {more} rows");
        }
    }
}

db_test! {
    async fn an_idempotency_key_repeats_every_kind_of_create(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        for (path, body) in [("/users", json!({"email": "a@example.test", "display_name": "a"})), ("/groups", json!({"name": "g"})), ("/test-templates", json!({"name": "t"})), ("/scenario-templates", json!({"name": "s"})), ("/missions", json!({"name": "m", "client": "c"}))] {
            let send = |c: &Client, body: Value| { let (c, path) = (c.clone(), path.to_owned()); async move { c.send(Method::POST, &path, Some(body), &[("Idempotency-Key", &path)]).await } };
            let first = send(&admin, body.clone()).await.expect(201);
            let again = send(&admin, body.clone()).await.expect(201);
            assert_eq!((&first.text, first.header("location"), first.etag()), (&again.text, again.header("location"), again.etag()), "{path}");
            let mut other = body.clone();
            other["description"] = json!("other");
            if path == "/users" { other = json!({"email": "b@example.test", "display_name": "a"}); }
            if path == "/test-templates" { other = json!({"name": "u"}); }
            send(&admin, other).await.problem(422, "idempotency_key_reused");
            // a key belongs to its user, and rights are looked at before what is kept
            let foreign = send(&red, body).await;
            assert!(foreign.status.as_u16() == 403 || foreign.expect(201).id() != first.id(), "{path}");
        }
        let ids: BTreeSet<String> = futures_util::future::join_all((0..6).map(|_| { let c = admin.clone(); async move { c.send(Method::POST, "/test-templates", Some(json!({"name": "twin"})), &[("Idempotency-Key", "twins")]).await } })).await.into_iter().filter(|a| a.status.as_u16() == 201).map(|a| a.id()).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(admin.get("/test-templates?q=twin").await.json["total"], 1);
        for key in ["", &"k".repeat(201)] {
            admin.send(Method::POST, "/test-templates", Some(json!({"name": "x"})), &[("Idempotency-Key", key)]).await.problem(400, "bad_request");
        }
    }
}
