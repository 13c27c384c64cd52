//! Evidence: in as a stream, out as an attachment; who may, what names do, and that nothing is left of what failed.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tyrian_server::evidence::{GRACE, Swept, sweep};

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::{Answer, Client, TestApp};

const LIMIT: usize = 3 << 20;

/// An image with this many bytes behind its header.
fn png(more: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20\x08\x06\0\0\0\0\0\0\0".to_vec();
    bytes.extend((0..more).map(|i| u8::try_from(i * i % 251).unwrap()));
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Adds `bytes` to the first test, the fields before the file.
async fn add(x: &Exercise, client: &Client, side: &str, name: &str, bytes: &[u8]) -> Answer {
    client.upload(&format!("{}/evidence", x.test(0)), name, bytes.to_vec(), &[("side", side)]).await
}

/// An answer as bytes.
async fn raw(client: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = client.http.request(method, format!("{}{path}", client.base)).bearer_auth(client.token.as_ref().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status(), response.headers().clone(), response.bytes().await.unwrap().to_vec())
}

/// A form as it is written here.
async fn post(client: &Client, path: &str, form: Form) -> (u16, String) {
    let request = client.http.post(format!("{}{path}", client.base)).bearer_auth(client.token.as_ref().unwrap());
    let response = request.multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Every file of the storage, those that are coming in too.
fn files(app: &TestApp) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![app.dir.path().join("evidence")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

async fn rows(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM evidence_files").await
}

/// Nothing is there; a server that has just lost its client gets a moment.
#[track_caller]
fn nothing_left(app: &TestApp) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..100 {
            if files(app).is_empty() && rows(app).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{caller}: {} rows and the files {:?}", rows(app).await, files(app));
    }
}

fn age(path: &PathBuf, by: Duration) {
    std::fs::File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - by).unwrap();
}

db_test! {
    async fn a_file_goes_in_is_read_by_the_other_side_and_is_deleted_softly(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let version = x.read(&x.red, 0).await["version"].clone();
        // three parts and a bit, so that pieces are put together
        let bytes = png(3_400_000);
        let made = x.red.upload(&format!("{}/evidence", x.test(0)), "shot 1.png", bytes.clone(), &[("side", "red"), ("caption", "the *shell*")]).await.expect(201);
        let id = made.id();
        assert_eq!(made.header("location"), format!("/api/v1/evidence/{id}"));
        assert_eq!(made.json["sha256"], sha256(&bytes));
        assert_eq!(made.json["size_bytes"], bytes.len());
        for (field, value) in [("file_name", json!("shot 1.png")), ("content_type", json!("image/png")), ("side", json!("red")), ("caption", json!("the *shell*")), ("preview", json!(true)),
                               ("mission_test_id", json!(x.tests[0])), ("uploaded_by", json!({"id": x.red.id, "display_name": "Red"}))] {
            assert_eq!(made.json[field], value, "{field}");
        }
        assert_eq!(x.blue.get(&format!("/evidence/{id}")).await.expect(200).json, made.json);
        let log = add(&x, &x.red, "red", "log.txt", b"a line").await.expect(201);
        let list = x.blue.get(&format!("{}/evidence", x.test(0))).await.expect(200);
        assert_eq!(list.items(), &vec![made.json.clone(), log.json], "the oldest first");
        let (status, _, content) = raw(&x.observer, Method::GET, &format!("/evidence/{id}/content"), &[]).await;
        assert_eq!((status.as_u16(), sha256(&content)), (200, sha256(&bytes)));
        assert_eq!(x.read(&x.red, 0).await["version"], version, "evidence is no edit of the test");

        let event = |kind: &'static str| { let (x, id) = (&x, x.tests[0].clone()); async move {
            let events = x.blue.get(&format!("{}/events", x.mission)).await.expect(200);
            events.items().iter().filter(|e| e["kind"] == kind && e["mission_test_id"] == id.as_str()).map(|e| e["payload"].clone()).collect::<Vec<_>>()
        } };
        assert_eq!(event("evidence.added").await.last(), Some(&json!({"file_name": "shot 1.png", "side": "red"})));
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'evidence.add'").await, 2);

        x.red.send(Method::DELETE, &format!("/evidence/{id}"), None, &[]).await.expect(204);
        for path in [format!("/evidence/{id}"), format!("/evidence/{id}/content")] {
            x.lead.get(&path).await.problem(404, "not_found");
        }
        x.red.send(Method::DELETE, &format!("/evidence/{id}"), None, &[]).await.problem(404, "not_found");
        assert_eq!(x.blue.get(&format!("{}/evidence", x.test(0))).await.items().len(), 1);
        assert_eq!(event("evidence.deleted").await, [json!({"file_name": "shot 1.png", "side": "red"})]);
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'evidence.delete'").await, 1);
        assert_eq!((rows(&app).await, files(&app).len()), (2, 2), "deleted softly");
    }
}

db_test! {
    async fn content_is_an_attachment_in_whole_or_in_part(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let text = "line of a log\n".repeat(60_000).into_bytes();
        let id = add(&x, &x.red, "red", "out.log", &text).await.expect(201).id();
        let path = format!("/evidence/{id}/content");
        let tag = format!("\"{}\"", sha256(&text));
        let all = [("content-disposition", "attachment; filename=\"out.log\"; filename*=UTF-8''out.log"), ("x-content-type-options", "nosniff"),
                   ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"), ("content-type", "text/plain; charset=utf-8"),
                   ("cache-control", "no-store"), ("accept-ranges", "bytes"), ("etag", tag.as_str())];
        let check = |headers: &HeaderMap, length: &str| {
            for (name, value) in all.iter().copied().chain([("content-length", length)]) {
                assert_eq!(headers[name], value, "{name}");
            }
        };
        // a compressor would break the length and the ranges
        let (status, headers, content) = raw(&x.blue, Method::GET, &path, &[("Accept-Encoding", "gzip, br")]).await;
        assert_eq!((status.as_u16(), content == text), (200, true));
        check(&headers, "840000");
        let (status, headers, content) = raw(&x.blue, Method::HEAD, &path, &[]).await;
        assert_eq!((status.as_u16(), content.len()), (200, 0));
        check(&headers, "840000");

        // across the pieces that a file is read in
        for (range, part, told) in [("bytes=0-7", 0..8, "bytes 0-7/840000"), ("bytes=262140-600000", 262_140..600_001, "bytes 262140-600000/840000"),
                                    ("bytes=839999-", 839_999..840_000, "bytes 839999-839999/840000"), ("bytes=-5", 839_995..840_000, "bytes 839995-839999/840000")] {
            let (status, headers, content) = raw(&x.blue, Method::GET, &path, &[("Range", range)]).await;
            assert_eq!((status.as_u16(), headers["content-range"].to_str().unwrap()), (206, told));
            assert!(content == text[part.clone()], "{range}");
            check(&headers, &part.len().to_string());
        }
        let (status, headers, content) = raw(&x.blue, Method::GET, &path, &[("Range", "bytes=840000-")]).await;
        assert_eq!((status.as_u16(), headers["content-range"].to_str().unwrap()), (416, "bytes */840000"));
        assert!(String::from_utf8(content).unwrap().contains("range_not_satisfiable"));
        let (status, _, content) = raw(&x.blue, Method::GET, &path, &[("Range", "bytes=0-7"), ("If-Range", "\"other\"")]).await;
        assert_eq!((status.as_u16(), content.len()), (200, 840_000));
        let (status, headers, content) = raw(&x.blue, Method::GET, &path, &[("If-None-Match", &tag), ("Range", "bytes=0-7")]).await;
        assert_eq!((status.as_u16(), headers["etag"].to_str().unwrap(), content.len()), (304, tag.as_str(), 0));
        assert_eq!(raw(&x.blue, Method::GET, &path, &[("If-None-Match", "\"other\"")]).await.0.as_u16(), 200);

        let empty = add(&x, &x.red, "red", "empty.txt", b"").await.expect(201);
        assert_eq!(empty.json["sha256"], sha256(b""));
        let (status, headers, content) = raw(&x.blue, Method::GET, &format!("/evidence/{}/content", empty.id()), &[]).await;
        assert_eq!((status.as_u16(), headers["content-length"].to_str().unwrap(), content.len()), (200, "0", 0));
    }
}

db_test! {
    async fn each_side_adds_its_own_while_it_has_something_to_show(app: TestApp) {
        let x = Exercise::draft(&app, 1).await;
        let try_all = async |mission: &str, state: &str| {
            let mut seen = Vec::new();
            for (who, client) in [("red", &x.red), ("blue", &x.blue), ("purple", &x.purple), ("lead", &x.lead), ("observer", &x.observer), ("outsider", &x.outsider)] {
                for side in ["red", "blue"] {
                    let answer = add(&x, client, side, "e.txt", b"e").await;
                    let hand = matches!((who, side), ("red", "red") | ("blue", "blue") | ("purple" | "lead", _));
                    let open = matches!((side, state), ("red", "planned") | (_, "running" | "executed" | "assessed"));
                    let wanted = match who {
                        "outsider" => (404, "not_found"),
                        "observer" => (403, "forbidden"),
                        _ if !hand => (403, "field_forbidden"),
                        _ if mission == "archived" => (409, "mission_archived"),
                        _ if mission != "in_progress" => (409, "mission_not_in_progress"),
                        _ if !open => (409, "test_locked"),
                        _ => (201, ""),
                    };
                    let what = format!("{who} adds for {side}, {mission}, {state}: {}", answer.text);
                    assert_eq!(answer.status.as_u16(), wanted.0, "{what}");
                    if wanted.0 == 201 {
                        seen.push(answer.id());
                    } else {
                        let refused = answer.problem(wanted.0, wanted.1);
                        match wanted.1 {
                            "forbidden" => assert_eq!(refused.json["permission"], "evidence.upload"),
                            "field_forbidden" => {
                                assert_eq!(refused.json["errors"][0]["pointer"], "/side");
                                assert!(refused.json["detail"].as_str().unwrap().contains(side), "{what}");
                            }
                            _ => {}
                        }
                    }
                }
            }
            seen.len()
        };
        assert_eq!(try_all("draft", "planned").await, 0);
        x.transition("in_progress").await;
        let mut all = try_all("in_progress", "planned").await;
        x.bring(0, &["skipped"]).await;
        assert_eq!(try_all("in_progress", "skipped").await, 0);
        for state in ["planned", "running", "executed", "assessed"] {
            x.bring(0, &[state]).await;
            if state != "planned" {
                all += try_all("in_progress", state).await;
            }
        }
        x.transition("completed").await;
        assert_eq!(try_all("completed", "assessed").await, 0);
        x.transition("archived").await;
        assert_eq!(try_all("archived", "assessed").await, 0);
        assert_eq!((rows(&app).await, files(&app).len()), (i64::try_from(all).unwrap(), all), "what was refused left no file");
    }
}

db_test! {
    async fn evidence_is_deleted_by_right_or_by_who_added_it(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        x.bring(0, &["running"]).await;
        let delete = async |client: &Client, id: &str| client.send(Method::DELETE, &format!("/evidence/{id}"), None, &[]).await;
        let mut ids = Vec::new();
        for i in 0..6 {
            ids.push(add(&x, &x.red, "red", &format!("{i}.txt"), b"e").await.expect(201).id());
        }
        for client in [&x.blue, &x.observer] {
            let refused = delete(client, &ids[0]).await.problem(403, "forbidden");
            assert_eq!(refused.json["permission"], "evidence.delete");
        }
        delete(&x.outsider, &ids[0]).await.problem(404, "not_found");
        delete(&x.red, &ids[0]).await.expect(204);
        delete(&x.purple, &ids[1]).await.expect(204);
        x.bring(0, &["executed"]).await;
        x.transition("completed").await;
        delete(&x.red, &ids[2]).await.problem(409, "mission_not_in_progress");
        delete(&x.lead, &ids[2]).await.expect(204);
        x.transition("archived").await;
        delete(&x.red, &ids[3]).await.problem(409, "mission_archived");
        delete(&x.admin, &ids[3]).await.problem(409, "mission_archived");
        assert_eq!(x.blue.get(&format!("{}/evidence", x.test(0))).await.items().len(), 3);
    }
}

db_test! {
    async fn nobody_learns_of_evidence_that_is_not_theirs_to_see(app: TestApp) {
        let x = Exercise::start(&app, 2).await;
        let open = add(&x, &x.red, "red", "open.txt", b"open").await.expect(201).id();
        let hidden_path = format!("{}/evidence", x.test(1));
        let hidden = x.red.upload(&hidden_path, "hidden.txt", b"hidden".to_vec(), &[("side", "red")]).await.expect(201).id();
        x.red.edit(&x.test(1), json!({"disclosed": false})).await.expect(200);
        let strip = |a: Answer| { let mut json = a.problem(404, "not_found").json; json.as_object_mut().unwrap().remove("request_id"); json };
        let nothing = strip(x.blue.get(&format!("/evidence/{}", uuid::Uuid::now_v7())).await);
        let reads = |id: &str| [format!("/evidence/{id}"), format!("/evidence/{id}/content")];
        for (client, id, test) in [(&x.outsider, &open, 0), (&x.blue, &hidden, 1), (&x.observer, &hidden, 1)] {
            for path in reads(id).iter().chain([&format!("{}/evidence", x.test(test))]) {
                assert_eq!(strip(client.get(path).await), nothing, "{path}");
            }
            assert_eq!(strip(client.send(Method::DELETE, &format!("/evidence/{id}"), None, &[]).await), nothing);
            assert_eq!(strip(client.upload(&format!("{}/evidence", x.test(test)), "x", b"x".to_vec(), &[("side", "blue")]).await), nothing);
        }
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(raw(&x.blue, method, &format!("/evidence/{hidden}/content"), &[]).await.0.as_u16(), 404);
        }
        strip(x.outsider.get(&format!("{}/evidence/verify", x.mission)).await);
        assert_eq!(app.anonymous().get(&format!("/evidence/{open}/content")).await.status.as_u16(), 401);
        for (client, count) in [(&x.red, 2), (&x.blue, 1), (&x.observer, 1)] {
            assert_eq!(client.get(&format!("{}/evidence/verify", x.mission)).await.expect(200).json["files"], count);
            let export = client.get(&format!("{}/export/json", x.mission)).await.expect(200);
            assert_eq!(export.json["evidence"].as_array().unwrap().len(), count);
            assert_eq!(export.json["evidence"][0], client.get(&format!("/evidence/{open}")).await.json);
            assert_eq!(export.text.contains(&hidden), count == 2);
            let events = client.get(&format!("{}/events?limit=200", x.mission)).await.expect(200);
            assert_eq!(events.text.contains("hidden.txt"), count == 2);
        }
        // under another mission's path there is nothing either
        let other = x.admin.post("/missions", json!({"name": "N", "client": "C"})).await.expect(201).id();
        strip(x.admin.get(&format!("/missions/{other}/tests/{}/evidence", x.tests[0])).await);
    }
}

db_test! {
    async fn names_are_texts_and_never_paths(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let root = app.dir.path().join("evidence").canonicalize().unwrap();
        let longest = "ü".repeat(255);
        let names = ["../../x", "..\\..\\x", "/etc/passwd", "%2e%2e%2fx", "shot\u{202e}gnp.exe", "a b;c=\"d\".png", "C:\\x.txt", "🦑", " . ", longest.as_str()];
        for name in names {
            let form = Form::new().text("side", "red").part("file", Part::bytes(b"x".to_vec()).file_name(name.to_owned()));
            let (status, text) = post(&x.red, &format!("{}/evidence", x.test(0)), form).await;
            assert_eq!(status, 201, "{name}: {text}");
            let made: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(made["file_name"], name);
            let (_, headers, _) = raw(&x.blue, Method::GET, &format!("/evidence/{}/content", made["id"].as_str().unwrap()), &[]).await;
            let disposition = headers["content-disposition"].to_str().unwrap();
            assert!(disposition.starts_with("attachment; filename=\"") && !disposition.contains(['/', '\\']) && disposition.matches('"').count() == 2, "{disposition}");
        }
        let files = files(&app);
        assert_eq!(files.len(), names.len());
        for file in &files {
            use std::os::unix::fs::PermissionsExt as _;
            let (file, parts) = (file.canonicalize().unwrap(), file.strip_prefix(app.dir.path().join("evidence")).unwrap().to_str().unwrap().to_owned());
            assert!(file.starts_with(&root) && parts.len() == 33 && parts.chars().all(|c| c.is_ascii_hexdigit() || c == '/'), "{parts}");
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        // as curl and old programs send them: the name as it stands, or encoded
        let before = files.len();
        for (disposition, wanted) in [
            ("name=\"file\"; filename*=UTF-8''..%2Fa%20b.txt", Ok("../a b.txt")),
            ("name=\"file\"; filename*=UTF-8''a%00b", Err("nul")),
            ("name=\"file\"; filename*=UTF-8''a%0Ab", Err("control_character")),
            ("name=\"file\"; filename=\"\"", Err("required")),
            ("name=\"file\"", Err("required")),
            (&format!("name=\"file\"; filename=\"{}\"", "n".repeat(256)), Err("too_long")),
            (&format!("name=\"file\"; filename=\"{}\"", "n".repeat(4096)), Err("too_long")),
        ] {
            let body = format!("--B\r\nContent-Disposition: form-data; name=\"side\"\r\n\r\nred\r\n--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\nx\r\n--B--\r\n");
            let request = x.red.http.post(format!("{}{}/evidence", x.red.base, x.test(0))).bearer_auth(x.red.token.as_ref().unwrap());
            let response = request.header("Content-Type", "multipart/form-data; boundary=B").body(body).send().await.unwrap();
            let (status, json): (_, serde_json::Value) = (response.status().as_u16(), response.json().await.unwrap());
            match wanted {
                Ok(name) => assert_eq!((status, json["file_name"].as_str()), (201, Some(name)), "{json}"),
                Err(code) => assert_eq!((status, json["errors"][0]["pointer"].as_str(), json["errors"][0]["code"].as_str()), (422, Some("/file"), Some(code)), "{json}"),
            }
        }
        assert_eq!(self::files(&app).len(), before + 1);
    }
}

db_test! {
    async fn what_a_file_is_its_bytes_say(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let page = b"<!DOCTYPE html><script>alert(document.domain)</script>";
        let polyglot = [png(0), page.to_vec()].concat();
        let long = "x".repeat((1 << 20) + 1);
        for (bytes, claimed, kind, preview) in [
            (png(9), "text/html", "image/png", true),
            (polyglot, "text/html", "image/png", true),
            (page.to_vec(), "image/png", "text/plain", true),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec(), "image/svg+xml", "text/plain", true),
            (b"alert(1)".to_vec(), "application/javascript", "text/plain", true),
            (b"\x89PNG\r\n\x1a\nno header".to_vec(), "image/png", "application/octet-stream", false),
            (b"a\0b".to_vec(), "text/plain", "application/octet-stream", false),
            (b"MZ\x90\0\x03\0\0\0".to_vec(), "image/png", "application/vnd.microsoft.portable-executable", false),
            (long.into_bytes(), "text/plain", "text/plain", false),
        ] {
            let part = Part::bytes(bytes.clone()).file_name("x.html").mime_str(claimed).unwrap();
            // the file first: its side may come behind it
            let (status, text) = post(&x.red, &format!("{}/evidence", x.test(0)), Form::new().part("file", part).text("side", "red")).await;
            let made: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!((status, &made["content_type"], &made["preview"]), (201, &json!(kind), &json!(preview)), "{claimed}: {text}");
            let (_, headers, content) = raw(&x.blue, Method::GET, &format!("/evidence/{}/content", made["id"].as_str().unwrap()), &[]).await;
            assert!(headers["content-type"].to_str().unwrap().starts_with(kind) && content == bytes);
            assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment;"));
        }
    }
}

db_test! {
    async fn one_byte_too_many_is_refused_and_nothing_is_left(app: TestApp) {
        let app = TestApp::spawn_with(app.engine, |o| o.evidence_max_bytes = Some(LIMIT.to_string())).await;
        let x = Exercise::start(&app, 1).await;
        for size in [LIMIT + 1, LIMIT + (200 << 10), 4 * LIMIT] {
            add(&x, &x.red, "red", "big.bin", &vec![7; size]).await.problem(413, "payload_too_large");
            nothing_left(&app).await;
        }
        // with no length told before
        let pieces = futures_util::stream::iter((0..4).map(|_| Ok::<_, std::io::Error>(vec![7u8; 1 << 20])));
        let part = Part::stream(reqwest::Body::wrap_stream(pieces)).file_name("big.bin");
        let (status, text) = post(&x.red, &format!("{}/evidence", x.test(0)), Form::new().text("side", "red").part("file", part)).await;
        assert_eq!((status, text.contains("payload_too_large")), (413, true), "{text}");
        nothing_left(&app).await;
        add(&x, &x.red, "red", "fits.bin", &vec![7; LIMIT]).await.expect(201);
        assert_eq!((rows(&app).await, files(&app).len()), (1, 1));
    }
}

db_test! {
    async fn a_form_that_is_wrong_behind_the_file_leaves_nothing(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let path = format!("{}/evidence", x.test(0));
        let file = || Part::bytes(png(2_000_000)).file_name("a.png");
        let form = || Form::new().part("file", file());
        for (form, wanted, code) in [
            (form(), 422, "/side"),
            (Form::new().text("side", "red"), 422, "/file"),
            (form().text("side", ""), 422, "/side"),
            (form().text("side", "green"), 422, "/side"),
            (form().text("side", "blue"), 403, "field_forbidden"),
            (form().text("side", "red").text("caption", "c".repeat(1001)), 422, "/caption"),
            (form().text("side", "red").text("caption", "a\0b"), 422, "/caption"),
            (form().text("side", "red").text("path", "/etc"), 400, "invalid_body"),
            (form().text("side", "red").text("side", "red"), 400, "invalid_body"),
            (form().text("side", "red").part("file", file()), 400, "invalid_body"),
        ] {
            let (status, text) = post(&x.red, &path, form).await;
            assert_eq!((status, text.contains(code)), (wanted, true), "{code}: {text}");
            nothing_left(&app).await;
        }
        let json = x.red.post(&path, json!({"side": "red"})).await;
        json.problem(415, "unsupported_media_type");
        // the file is in its place when the transaction fails
        app.sql("ALTER TABLE audit_heads RENAME TO audit_heads_gone").await;
        assert_eq!(post(&x.red, &path, form().text("side", "red")).await.0, 500);
        nothing_left(&app).await;
        app.sql("ALTER TABLE audit_heads_gone RENAME TO audit_heads").await;
        assert_eq!(post(&x.red, &path, form().text("side", "red")).await.0, 201);
    }
}

/// The beginning of an upload of `length` bytes by hand, so that it can be left where it is.
async fn begin(app: &TestApp, x: &Exercise, length: usize, body: &[u8]) -> TcpStream {
    let mut wire = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /api/v1{}/evidence HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {length}\r\n\r\n",
        x.test(0),
        x.red.token.as_ref().unwrap()
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.write_all(body).await.unwrap();
    wire
}

/// A form's body with a file of this many bytes.
fn body(size: usize) -> Vec<u8> {
    let mut body = b"--B\r\nContent-Disposition: form-data; name=\"side\"\r\n\r\nred\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n".to_vec();
    body.extend(vec![b'x'; size]);
    body.extend(b"\r\n--B--\r\n");
    body
}

/// The status of the answer.
async fn status_of(wire: &mut TcpStream) -> String {
    let mut answer = [0; 12];
    wire.read_exact(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

/// Waits until a file is coming in.
async fn coming_in(app: &TestApp) {
    for _ in 0..200 {
        if files(app).iter().any(|f| f.metadata().is_ok_and(|m| m.len() > 0)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no file is coming in");
}

db_test! {
    async fn an_upload_that_is_cut_leaves_neither_row_nor_file(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let whole = body(4 << 20);
        for cut in [whole.len() / 2, whole.len() - 1] {
            let wire = begin(&app, &x, whole.len(), &whole[..cut]).await;
            coming_in(&app).await;
            drop(wire);
            nothing_left(&app).await;
        }
        // a length that is too short ends the form too early
        let mut wire = begin(&app, &x, whole.len() / 2, &whole[..whole.len() / 2]).await;
        assert_eq!(status_of(&mut wire).await, "400");
        nothing_left(&app).await;
        // whole, it is there
        let mut wire = begin(&app, &x, whole.len(), &whole).await;
        assert_eq!(status_of(&mut wire).await, "201");
        assert_eq!((rows(&app).await, files(&app).len()), (1, 1));
    }
}

db_test! {
    async fn what_was_allowed_at_the_beginning_must_be_so_at_the_end(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let whole = body(4 << 20);
        let half = whole.len() / 2;
        let others = json!({"members": [{"user_id": x.blue.id, "role_hint": "blue"}]});
        let everybody = json!({"members": [{"user_id": x.blue.id, "role_hint": "blue"}, {"user_id": x.red.id, "role_hint": "red"}]});
        let mut answers = Vec::new();
        for step in ["removed", "hidden role", "skipped", "completed"] {
            let mut wire = begin(&app, &x, whole.len(), &whole[..half]).await;
            coming_in(&app).await;
            match step {
                "removed" => { x.admin.put(&format!("{}/members", x.mission), others.clone()).await.expect(200); }
                "hidden role" => {
                    let blue = json!({"members": [{"user_id": x.red.id, "role_hint": "blue"}]});
                    x.admin.put(&format!("{}/members", x.mission), blue).await.expect(200);
                }
                "skipped" => x.bring(0, &["skipped"]).await,
                _ => x.transition("completed").await,
            }
            wire.write_all(&whole[half..]).await.unwrap();
            answers.push(status_of(&mut wire).await);
            nothing_left(&app).await;
            x.admin.put(&format!("{}/members", x.mission), everybody.clone()).await.expect(200);
            if step == "skipped" {
                x.bring(0, &["planned"]).await;
            }
        }
        assert_eq!(answers, ["404", "403", "409", "409"]);
    }
}

db_test! {
    async fn verify_finds_what_changed_and_what_is_gone(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let mut made = Vec::new();
        for i in 0u8..4 {
            made.push(add(&x, &x.red, "red", &format!("{i}.bin"), &vec![i; 300_000]).await.expect(201).json);
        }
        let verify = async || x.blue.get(&format!("{}/evidence/verify", x.mission)).await.expect(200).json;
        assert_eq!(verify().await, json!({"files": 4, "bytes": 1_200_000, "ok": true, "damaged": []}));
        let file = |i: usize| files(&app).into_iter().find(|f| sha256(&std::fs::read(f).unwrap()) == made[i]["sha256"].as_str().unwrap()).unwrap();
        let (changed, gone, short) = (file(1), file(2), file(3));
        let mut bytes = std::fs::read(&changed).unwrap();
        bytes[299_999] ^= 1;
        std::fs::write(&changed, &bytes).unwrap();
        std::fs::remove_file(gone).unwrap();
        std::fs::write(short, b"short").unwrap();
        let found = verify().await;
        assert_eq!((&found["files"], &found["ok"]), (&json!(4), &json!(false)));
        let damage = |i: usize, fault: &str, hash: Option<String>| json!({"id": made[i]["id"], "mission_test_id": x.tests[0], "file_name": format!("{i}.bin"), "fault": fault,
            "expected_sha256": made[i]["sha256"], "found_sha256": hash});
        assert_eq!(found["damaged"], json!([damage(1, "changed", Some(sha256(&bytes))), damage(2, "missing", None), damage(3, "changed", Some(sha256(b"short")))]));
        // a file that is not there, or is shorter than it was, is an error and not half an answer
        for i in [2, 3] {
            x.blue.get(&format!("/evidence/{}/content", made[i]["id"].as_str().unwrap())).await.problem(500, "internal");
        }
        // what was deleted is not looked for
        for file in &made[1..4] {
            x.red.send(Method::DELETE, &format!("/evidence/{}", file["id"].as_str().unwrap()), None, &[]).await.expect(204);
        }
        assert_eq!(verify().await, json!({"files": 1, "bytes": 300_000, "ok": true, "damaged": []}));
    }
}

db_test! {
    async fn the_sweep_removes_what_nobody_knows_and_only_that(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        let folder = app.dir.path().join("evidence");
        let old = GRACE + Duration::from_mins(1);
        let kept = add(&x, &x.red, "red", "kept.txt", b"kept").await.expect(201).id();
        let deleted = add(&x, &x.red, "red", "deleted.txt", b"deleted").await.expect(201).id();
        x.red.send(Method::DELETE, &format!("/evidence/{deleted}"), None, &[]).await.expect(204);
        for file in files(&app) {
            age(&file, old);
        }
        let put = |name: &str, by: Duration| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, b"?").unwrap();
            age(&path, by);
            path
        };
        let key = |i: usize| format!("ee/{i:030x}");
        let (unknown, young) = (put(&key(1), old), put(&key(2), GRACE.saturating_sub(Duration::from_mins(1))));
        let (left_over, coming) = (put("incoming/a", old), put("incoming/b", Duration::from_mins(1)));
        let foreign = put("readme.txt", old);
        assert_eq!(sweep(&app.state, GRACE).await.unwrap(), Swept { files: 1, left_over: 1 });
        assert!(!unknown.exists() && !left_over.exists());
        assert!(young.exists() && coming.exists() && foreign.exists());
        assert_eq!(raw(&x.blue, Method::GET, &format!("/evidence/{kept}/content"), &[]).await.2, b"kept");
        assert_eq!(x.blue.get(&format!("{}/evidence/verify", x.mission)).await.json["ok"], true);
        assert!(files(&app).iter().any(|f| std::fs::read(f).unwrap() == b"deleted"), "a deleted piece keeps its file");
        // a storage full of files without rows is somebody else's, or the database was put back
        let many: Vec<PathBuf> = (10..30).map(|i| put(&key(i), old)).collect();
        assert_eq!(sweep(&app.state, GRACE).await.unwrap(), Swept { files: 0, left_over: 0 });
        assert!(many.iter().all(|f| f.exists()));
        // a reset leaves none
        x.admin.post("/diag/reset", json!({})).await.expect(200);
        assert_eq!(files(&app).into_iter().filter(|f| *f != foreign && *f != coming).count(), 0);
    }
}

db_test! {
    async fn an_instance_that_cannot_store_evidence_is_not_ready(app: TestApp) {
        let x = Exercise::start(&app, 1).await;
        std::fs::remove_dir_all(app.dir.path().join("evidence/incoming")).unwrap();
        app.anonymous().get("/diag/ready").await.problem(503, "unavailable");
        add(&x, &x.red, "red", "a", b"a").await.problem(503, "unavailable");
        std::fs::create_dir(app.dir.path().join("evidence/incoming")).unwrap();
        app.anonymous().get("/diag/ready").await.expect(200);
        add(&x, &x.red, "red", "a", b"a").await.expect(201);
        assert_eq!(files(&app).len(), 1, "the probe leaves nothing");
    }
}
