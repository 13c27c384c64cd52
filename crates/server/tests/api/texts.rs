//! Texts at their edges, in every text field of what people write: stored exactly or refused clearly, alike on both engines.

use reqwest::Method;
use serde_json::{Value, json};

use crate::db_test;
use crate::harness::{Answer, Client, PASSWORD, TestApp};

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// One line that is needed, of so many characters at most.
    Line(usize),
    /// One line that may be left empty.
    OptionalLine(usize),
    /// Any lines, 100,000 characters at most.
    Text,
}

/// An object that people write, with a value at each pointer.
struct Written {
    path: &'static str,
    body: Value,
    fields: Vec<(&'static str, Kind)>,
}

fn objects() -> Vec<Written> {
    use Kind::{Line, OptionalLine, Text};
    vec![
        Written {
            path: "/test-templates",
            body: json!({
                "name": "x", "objective": "x", "procedure": "x", "prerequisites": "x", "cleanup": "x", "expected_detection": "x", "command": "x",
                "detection_rules": [{"format": "text", "title": "x", "level": "x", "body": "x"}], "platforms": ["x"], "tags": ["x"], "references": ["x"],
                "arguments": {"who": {"description": "x", "type": "x", "default": "x"}},
            }),
            fields: vec![
                ("/name", Line(200)),
                ("/objective", Text),
                ("/procedure", Text),
                ("/prerequisites", Text),
                ("/cleanup", Text),
                ("/expected_detection", Text),
                ("/command", Text),
                ("/detection_rules/0/title", Line(200)),
                ("/detection_rules/0/level", OptionalLine(100)),
                ("/detection_rules/0/body", Text),
                ("/platforms/0", Line(100)),
                ("/tags/0", Line(100)),
                ("/references/0", Line(2000)),
                ("/arguments/who/description", Text),
                ("/arguments/who/type", OptionalLine(100)),
                ("/arguments/who/default", Text),
            ],
        },
        Written {
            path: "/scenario-templates",
            body: json!({"name": "x", "description": "x", "threat_actor": "x", "tags": ["x"]}),
            fields: vec![("/name", Line(200)), ("/description", Text), ("/threat_actor", OptionalLine(200)), ("/tags/0", Line(100))],
        },
        Written {
            path: "/missions",
            body: json!({"name": "x", "client": "x", "description": "x", "objectives": "x", "scope": "x", "threat_model": "x"}),
            fields: vec![
                ("/name", Line(200)),
                ("/client", Line(200)),
                ("/description", Text),
                ("/objectives", Text),
                ("/scope", Text),
                ("/threat_model", Text),
            ],
        },
        Written {
            path: "/groups",
            body: json!({"name": "x", "description": "x"}),
            fields: vec![("/name", Line(200)), ("/description", Text)],
        },
        Written {
            path: "/users",
            body: json!({"email": "x@example.test", "display_name": "x"}),
            fields: vec![("/display_name", Line(200))],
        },
    ]
}

impl Written {
    /// The body with this text at one pointer, and a name of its own where names are unique.
    fn with(&self, pointer: &str, text: &str) -> Value {
        let mut body = self.body.clone();
        if let Some(email) = body.pointer_mut("/email") {
            *email = json!(format!("{}@example.test", uuid::Uuid::now_v7().simple()));
        }
        if self.path == "/groups" {
            body["name"] = json!(uuid::Uuid::now_v7().to_string());
        }
        *body.pointer_mut(pointer).unwrap() = json!(text);
        body
    }
}

/// Texts that have broken others: each is stored as it is.
const FINE: [&str; 8] = [
    "🦑👩‍👩‍👧 emoji",
    "مرحبا \u{202e}reversed\u{202c} עברית",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "e\u{301} é ß İ ı 𝔘 \u{200b}\u{feff}",
    "'; DROP TABLE users; -- \" \\ % _ ` $1 ? {} {{x}}",
    "  a \u{a0}",
    "\\u0000 \\x00 %00 &#0;",
    "=cmd|' /C calc'!A0",
];

fn fault(answer: &Answer) -> (u16, &Value, &Value, &Value) {
    (answer.status.as_u16(), &answer.json["code"], &answer.json["errors"][0]["pointer"], &answer.json["errors"][0]["code"])
}

db_test! {
    async fn a_text_is_stored_exactly(app: TestApp) {
        let admin = app.admin().await;
        for object in objects() {
            let longest = |kind: Kind| match kind { Kind::Line(max) | Kind::OptionalLine(max) => "🦑".repeat(max), Kind::Text => "a\r\n\té🦑".repeat(16_666) };
            for round in 0..FINE.len() + 2 {
                let mut body = object.with(object.fields[0].0, "");
                for (i, (pointer, kind)) in object.fields.iter().enumerate() {
                    let text = match FINE.get(round) {
                        Some(text) => (*text).to_owned(),
                        // many of the longest texts are more than a request takes: one at a time
                        None if round == FINE.len() => if *kind == Kind::Text && i > 1 { "line\n\nline\t".to_owned() } else { longest(*kind) },
                        None => if *kind == Kind::Text { String::new() } else { format!("x{round}") },
                    };
                    *body.pointer_mut(pointer).unwrap() = json!(text);
                }
                let made = admin.post(object.path, body.clone()).await;
                assert_eq!(made.status.as_u16(), 201, "{} round {round}: {}", object.path, made.text);
                let seen = admin.get(&format!("{}/{}", object.path, made.id())).await.expect(200).json;
                for (pointer, _) in &object.fields {
                    let want = body.pointer(pointer);
                    // an empty group description is none
                    let is_same = seen.pointer(pointer) == want || (want == Some(&json!("")) && seen.pointer(pointer) == Some(&Value::Null));
                    assert!(is_same, "{} {pointer} round {round}: {:?}", object.path, seen.pointer(pointer).map(|v| v.to_string().chars().take(200).collect::<String>()));
                }
            }
        }
    }
}

db_test! {
    async fn a_text_that_cannot_be_stored_is_refused_at_its_field(app: TestApp) {
        let admin = app.admin().await;
        let word = "x".repeat(1_000_000);
        for object in objects() {
            let made = admin.post(object.path, object.with(object.fields[0].0, "first")).await.expect(201);
            let path = format!("{}/{}", object.path, made.id());
            for (pointer, kind) in &object.fields {
                let max = match kind { Kind::Line(max) | Kind::OptionalLine(max) => *max, Kind::Text => 100_000 };
                let mut bad = vec![("a\u{0}b".to_owned(), "nul"), ("\u{0}".to_owned(), "nul"), ("é".repeat(max + 1), "too_long"), (word.clone(), "too_long")];
                if *kind != Kind::Text {
                    bad.push(("two\nlines".to_owned(), "control_character"));
                    bad.push(("a\u{1b}[31m".to_owned(), "control_character"));
                }
                if matches!(kind, Kind::Line(_)) {
                    bad.extend([(String::new(), "required"), (" \t ".to_owned(), "required"), ("\u{2003}".to_owned(), "required")]);
                }
                for (text, code) in bad {
                    let body = object.with(pointer, &text);
                    let what = format!("{} {pointer} {code}", object.path);
                    let refused = admin.post(object.path, body.clone()).await;
                    assert_eq!(fault(&refused), (422, &json!("validation_failed"), &json!(pointer), &json!(code)), "{what}: {}", refused.text);
                    assert!(refused.text.len() < 2000, "{what}: the text is not sent back");
                    if text.len() < word.len() {
                        let field = pointer.split('/').nth(1).unwrap();
                        let refused = admin.patch(&path, "*", json!({field: body[field]})).await;
                        assert_eq!(fault(&refused), (422, &json!("validation_failed"), &json!(pointer), &json!(code)), "PATCH {what}: {}", refused.text);
                    }
                }
            }
            assert_eq!(admin.get(&path).await.json, made.json, "{}: what was refused changed nothing", object.path);
        }
    }
}

db_test! {
    async fn names_of_arguments_addresses_and_free_values_have_edges_too(app: TestApp) {
        let admin = app.admin().await;
        for (name, code) in [("a\u{0}", "nul"), ("", "required"), ("a\nb", "control_character")] {
            let refused = admin.post("/test-templates", json!({"name": "x", "arguments": {name: {}}})).await;
            assert_eq!(fault(&refused), (422, &json!("validation_failed"), &json!(format!("/arguments/{name}")), &json!(code)));
        }
        assert_eq!(admin.post("/test-templates", json!({"name": "x", "arguments": {"a/b~c": {"default": ["x"]}}})).await.problem(422, "validation_failed").json["errors"][0]["pointer"], "/arguments/a~1b~0c/default");
        let values = json!({"🦑": {"default": "مرحبا"}, "n": {"default": 1.5}, "big": {"default": 9_007_199_254_740_993_i64}, "yes": {"default": true}, "none": {"default": null}});
        let made = admin.post("/test-templates", json!({"name": "x", "arguments": values})).await.expect(201);
        let seen = admin.get(&format!("/test-templates/{}", made.id())).await.json;
        for (name, value) in values.as_object().unwrap() {
            assert_eq!(seen["arguments"][name]["default"], value["default"], "{name}");
        }
        for email in ["a\u{0}@example.test", "a@b\u{0}", "no address", "a b@example.test", "a@@b", "@", "", "x@\n"] {
            for (path, body) in [("/users", json!({"email": email, "display_name": "x"})), ("/invitations", json!({"email": email}))] {
                assert_eq!(fault(&admin.post(path, body).await), (422, &json!("validation_failed"), &json!("/email"), &json!("invalid_email")), "{path} {email:?}");
            }
            app.anonymous().post("/auth/login", json!({"email": email, "password": PASSWORD})).await.problem(if email.contains('\0') { 422 } else { 401 }, if email.contains('\0') { "validation_failed" } else { "invalid_credentials" });
        }
        assert_eq!(fault(&admin.post("/users", json!({"email": format!("{}@example.test", "x".repeat(1_000_000)), "display_name": "x"})).await).2, "/email");
        // one's own profile: a name, and preferences, which are words of ours
        assert_eq!(fault(&admin.edit("/auth/me", json!({"display_name": "a\u{0}"})).await).2, "/display_name");
        assert_eq!(fault(&admin.edit("/auth/me", json!({"preferences": {"locale": "de\u{0}"}})).await), (422, &json!("validation_failed"), &json!("/preferences/locale"), &json!("invalid")));
        for preferences in [json!({"theme": "dark\u{0}"}), json!({"a\u{0}": 1}), json!({"muted_kinds": ["\u{0}"]})] {
            admin.edit("/auth/me", json!({"preferences": preferences})).await.problem(400, "invalid_body");
        }
        // the name that an invited person gives
        let token = admin.post("/invitations", json!({"email": "new@example.test"})).await.expect(201).json["token"].as_str().unwrap().to_owned();
        let accept = |name: &str| { let (c, path, body) = (app.anonymous(), format!("/invitations/by-token/{token}/accept"), json!({"display_name": name, "password": PASSWORD})); async move { c.post(&path, body).await } };
        for (name, code) in [("a\u{0}", "nul"), (" ", "required"), ("a\nb", "control_character")] {
            assert_eq!(fault(&accept(name).await), (422, &json!("validation_failed"), &json!("/display_name"), &json!(code)));
        }
        assert_eq!(accept(FINE[1]).await.expect(201).json["display_name"], FINE[1]);
        admin.get("/invitations/by-token/%00").await.problem(404, "not_found");
        admin.get("/missions/%00").await.problem(404, "not_found");
    }
}

db_test! {
    async fn what_is_no_text_at_all_is_no_json(app: TestApp) {
        let admin = app.admin().await;
        for body in [&b"{\"name\": \"\\ud800\"}"[..], b"{\"name\": \"\xff\xfe\"}", b"{\"name\": \"a\nb\"}", b"{\"name\": \"\\x41\"}", b"{\"name\": \"x\"", b"{\"name\": \"x\"} {}", b"{\"name\": \"x\", \"name\": \"y\"}"] {
            raw(&app, &admin, "/test-templates", body).await.problem(400, "invalid_body");
        }
        assert_eq!(admin.get("/test-templates").await.json["total"], 0);
    }
}

async fn raw(app: &TestApp, c: &Client, path: &str, body: &[u8]) -> Answer {
    let client = reqwest::Client::new();
    let request = client.post(format!("{}/api/v1{path}", app.url)).bearer_auth(c.token.as_ref().unwrap());
    crate::harness::answer(format!("{} {path}", Method::POST), request.header("Content-Type", "application/json").body(body.to_vec())).await
}
