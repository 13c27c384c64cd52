//! A mission's way back in: the JSON and the bundle, on the same and on another instance.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::db_test;
use crate::exercise::Exercise;
use crate::exports::empty_mission;
use crate::harness::{Client, TestApp};

/// A mission with something of everything.
async fn rich(app: &TestApp) -> Exercise {
    crate::fixtures::seed_catalogue(app).await;
    let e = Exercise::draft(app, 0).await;
    let mut templates = Vec::new();
    for (name, tag) in [("dump lsass", "T1003.001"), ("run powershell", "T1059.001"), ("move on", "T1021")] {
        let kind = if tag.contains('.') { "subtechnique" } else { "technique" };
        let body = json!({"name": name, "mitre_tags": [{"kind": kind, "external_id": tag}], "command": "x #{who}", "arguments": {"who": {"default": "me"}}, "references": ["https://example.test/"], "platforms": ["Windows"]});
        templates.push(e.admin.post("/test-templates", body).await.expect(201).id());
    }
    let scenario = e
        .admin
        .post("/scenario-templates", json!({"name": "Way in", "threat_actor": "Heron", "test_template_ids": templates}))
        .await
        .expect(201)
        .id();
    let made = e.admin.post(&format!("{}/scenarios", e.mission), json!({"scenario_template_ids": [scenario]})).await.expect(201).json;
    let tests = made["scenarios"][1]["tests"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    let e = Exercise { tests, ..e };
    e.transition("in_progress").await;
    e.bring(0, &["running", "executed"]).await;
    e.bring(1, &["running", "executed"]).await;
    let tool = e.tool("Falcon Eye").await;
    for (i, result) in [(0, "yes"), (1, "no")] {
        e.blue
            .post(&format!("{}/detections", e.test(i)), json!({"defence_tool_id": tool, "kind": "alerted", "result": result, "rule": "r"}))
            .await
            .expect(201);
    }
    let level = e
        .admin
        .post("/detection-levels", json!({"code": "own_scale", "name": "Our own", "color": "#112233", "rank": 3}))
        .await
        .expect(201)
        .id();
    let category = e.category("Endpoint").await;
    for (i, body) in [
        (
            0,
            json!({"alerted": "yes", "logged": "partial", "detection_level_id": level, "blue_notes": "ok", "category_id": category, "output": "┌ü\n"}),
        ),
        (
            1,
            json!({"alerted": "no", "logged": "no", "prevented": "no", "finding_status": "open", "finding_owner_id": e.blue.id, "severity": "high", "recommendation": "**do**"}),
        ),
    ] {
        let etag = e.lead.get(&e.test(i)).await.etag();
        e.lead.patch(&e.test(i), &etag, body).await.expect(200);
        e.lead.post(&format!("{}/state", e.test(i)), json!({"to": "assessed"})).await.expect(200);
    }
    let etag = e.lead.get(&e.test(2)).await.etag();
    e.lead.patch(&e.test(2), &etag, json!({"disclosed": false})).await.expect(200);
    for (name, bytes, side) in [("a.png", b"\x89PNG not really".to_vec(), "red"), ("../b.txt", "ä".repeat(70_000).into_bytes(), "blue")] {
        e.lead.upload(&format!("{}/evidence", e.test(0)), name, bytes, &[("side", side), ("caption", "c")]).await.expect(201);
    }
    e.blue.post(&format!("{}/comments", e.mission), json!({"body": "seen"})).await.expect(201);
    e.lead.post(&format!("{}/comments", e.mission), json!({"body": "hush", "mission_test_id": e.tests[2]})).await.expect(201);
    e
}

async fn import(who: &Client, query: &str, name: &str, bytes: Vec<u8>) -> crate::harness::Answer {
    who.upload(&format!("/imports/mission{query}"), name, bytes, &[]).await
}

/// The synthesis without what is another user's id.
async fn told(who: &Client, path: &str) -> Value {
    let mut told = who.get(&format!("{path}/synthesis")).await.expect(200).json;
    for finding in told["findings"].as_array_mut().unwrap() {
        finding["owner_id"] = Value::Null;
        finding["owner_name"] = Value::Null;
    }
    told
}

async fn hashes(who: &Client, path: &str) -> BTreeMap<String, String> {
    let export = who.get(&format!("{path}/export/json")).await.expect(200).json;
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    export["evidence"].as_array().unwrap().iter().map(|e| (text(&e["id"]), text(&e["sha256"]))).collect()
}

db_test! {
    async fn a_bundle_brings_the_same_mission_to_an_empty_server(app: TestApp) {
        let e = rich(&app).await;
        let bundle = e.lead.bytes(&format!("{}/export/bundle", e.mission)).await;
        let other = TestApp::spawn(app.engine).await;
        let admin = other.admin().await;
        // one of the people is there too
        let priya = other.member(&admin, "Blue", "Blue team").await;

        let dry = import(&admin, "?dry_run=true", "b.zip", bundle.clone()).await.expect(200).json;
        assert_eq!((&dry["created"], &dry["applied"]), (&json!(1), &json!(false)), "{dry}");
        assert_eq!(other.count("SELECT count(*) FROM missions").await, 0);
        assert_eq!(other.count("SELECT count(*) FROM defence_tools").await, 0);

        let done = import(&admin, "", "b.zip", bundle.clone()).await.expect(200).json;
        assert_eq!((&done["created"], &done["errors"], &done["applied"]), (&json!(1), &json!([]), &json!(true)), "{done}");
        let codes: Vec<&str> = done["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
        for code in ["unknown_person", "detection_level_made", "defence_tool_made"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
        assert!(!codes.contains(&"evidence_without_file"));

        assert_eq!(told(&admin, &e.mission).await, told(&e.admin, &e.mission).await);
        assert_eq!(hashes(&admin, &e.mission).await, hashes(&e.admin, &e.mission).await);
        for id in hashes(&admin, &e.mission).await.keys() {
            let path = format!("/evidence/{id}/content");
            assert_eq!(admin.bytes(&path).await, e.admin.bytes(&path).await);
        }
        let verified = admin.get(&format!("{}/evidence/verify", e.mission)).await.expect(200).json;
        assert_eq!((&verified["ok"], &verified["files"]), (&json!(true), &json!(2)));
        let head = |m: Value| json!([m["counts"], m["name"], m["status"], m["version"], m["created_at"], m["attack_version"]]);
        assert_eq!(head(admin.get(&e.mission).await.json), head(e.admin.get(&e.mission).await.json));

        // the same people, levels, tools and tests, by what they are called
        let (here, there) = (admin.get(&format!("{}/export/json", e.mission)).await.json, e.admin.get(&format!("{}/export/json", e.mission)).await.json);
        let test = |export: &Value, i: usize| {
            let mut t = export["tests"][i].clone();
            for id in ["operator_id", "assessor_id", "finding_owner_id", "detection_level_id", "source_test_template_id"] {
                t[id] = json!(t[id].is_null());
            }
            t
        };
        for i in 0..3 {
            let (mut here, mut there) = (test(&here, i), test(&there, i));
            // who is not there, and templates that are not there
            for id in ["operator_id", "assessor_id", "source_test_template_id"] {
                here[id].take();
                there[id].take();
            }
            assert_eq!(here, there);
        }
        let owner = here["tests"].as_array().unwrap().iter().find_map(|t| t["finding_owner_id"].as_str()).unwrap();
        assert_eq!(owner, priya.id.to_string(), "found by address");
        assert_eq!(here["detection_levels"][0]["code"], "own_scale");
        // those who are not there are named: on the mission, and on a test where it is about one
        let comments: Vec<(bool, &str)> = here["comments"].as_array().unwrap().iter().map(|c| (c["mission_test_id"].is_null(), c["body"].as_str().unwrap())).collect();
        assert!(comments.iter().any(|(mission, body)| *mission && body.contains("lena@example.test")), "{comments:?}");
        assert!(comments.iter().any(|(mission, body)| !*mission && body.contains("Operator: Lena")), "{comments:?}");
        assert!(comments.contains(&(true, "seen")) && comments.iter().any(|(_, body)| *body == "Lena wrote:\n\nhush"));
        // what is hidden stays hidden
        priya.get(&format!("{}/tests/{}", e.mission, e.tests[2])).await.problem(404, "not_found");
        assert!(!priya.get(&format!("{}/export/json", e.mission)).await.text.contains("hush"));

        let again = import(&admin, "", "b.zip", bundle.clone()).await.expect(200).json;
        assert_eq!((&again["created"], &again["skipped"], &again["items"][0]["code"]), (&json!(0), &json!(1), &json!("exists")));
        let at_home = import(&e.admin, "", "b.zip", bundle).await.expect(200).json;
        assert_eq!(at_home["skipped"], 1);
        assert_eq!(other.count("SELECT count(*) FROM missions").await, 1);
        assert_eq!(other.count("SELECT count(*) FROM audit_events WHERE action = 'mission.import'").await, 1);
    }
}

db_test! {
    async fn the_json_alone_gives_the_same_numbers_and_hashes(app: TestApp) {
        let e = rich(&app).await;
        let json = e.lead.bytes(&format!("{}/export/json", e.mission)).await;
        let other = TestApp::spawn(app.engine).await;
        let admin = other.admin().await;
        let done = import(&admin, "", "m.json", json).await.expect(200).json;
        assert!(done["warnings"].as_array().unwrap().iter().any(|w| w["code"] == "evidence_without_file"), "{done}");
        assert_eq!(told(&admin, &e.mission).await, told(&e.admin, &e.mission).await);
        assert_eq!(hashes(&admin, &e.mission).await, hashes(&e.admin, &e.mission).await);
        let verified = admin.get(&format!("{}/evidence/verify", e.mission)).await.expect(200).json;
        assert_eq!((&verified["ok"], &verified["damaged"][0]["fault"]), (&json!(false), &json!("missing")));
        // a bundle of it cannot be whole, and says so
        let answer = admin.get(&format!("{}/export/bundle", e.mission)).await.problem(500, "internal");
        assert!(answer.json["detail"].as_str().unwrap().contains("missing"));
        // a mission that came in goes on
        admin.post(&format!("{}/transition", e.mission), json!({"to": "completed"})).await.expect(200);
        assert_eq!(admin.get(&format!("{}/events?after=0", e.mission)).await.expect(200).items().len(), 2);
    }
}

db_test! {
    async fn a_bundle_is_accepted_by_sha256sum(app: TestApp) {
        let e = rich(&app).await;
        let bundle = e.lead.bytes(&format!("{}/export/bundle", e.mission)).await;
        let dir = tempfile::tempdir().unwrap();
        zip::ZipArchive::new(Cursor::new(bundle)).unwrap().extract(dir.path()).unwrap();
        let check = |what: &str| {
            let out = std::process::Command::new("sha256sum").args(["--strict", "-c", "SHA256SUMS"]).current_dir(dir.path()).output();
            let out = out.unwrap_or_else(|e| panic!("{what}: {e}"));
            (out.status.success(), String::from_utf8_lossy(&out.stdout).lines().count())
        };
        assert_eq!(check("as it is"), (true, 3));
        std::fs::write(dir.path().join("mission.json"), b"{}").unwrap();
        assert!(!check("changed").0);
        // a damaged file stops the next one
        for entry in std::fs::read_dir(app.dir.path().join("evidence")).unwrap().map(Result::unwrap).filter(|e| e.file_name().len() == 2) {
            for file in std::fs::read_dir(entry.path()).unwrap() {
                std::fs::write(file.unwrap().path(), b"tampered").unwrap();
            }
        }
        e.lead.get(&format!("{}/export/bundle", e.mission)).await.problem(500, "internal");
    }
}

/// The bundle with some of its parts put otherwise.
fn rewritten(bundle: &[u8], with: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bundle)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..from.len() {
        let mut part = from.by_index(i).unwrap();
        let (name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
        part.read_to_end(&mut bytes).unwrap();
        if let Some(bytes) = with(&name, bytes) {
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            to.write_all(&bytes).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

db_test! {
    async fn what_is_wrong_is_refused_with_its_reason_and_leaves_nothing(app: TestApp) {
        let e = rich(&app).await;
        let bundle = e.lead.bytes(&format!("{}/export/bundle", e.mission)).await;
        let export: Value = serde_json::from_slice(&e.lead.bytes(&format!("{}/export/json", e.mission)).await).unwrap();
        let other = TestApp::spawn(app.engine).await;
        let admin = other.admin().await;
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut export = export.clone();
            change(&mut export);
            export.to_string().into_bytes()
        };
        let stranger = json!("01890000-0000-7000-8000-000000000000");
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("invalid_json", b"{".to_vec()),
            ("invalid_json", b"hello".to_vec()),
            ("unknown_format", b"{}".to_vec()),
            ("invalid_zip", b"PK\x03\x04 nonsense".to_vec()),
            ("no_mission", rewritten(&bundle, |name, bytes| (name != "mission.json").then_some(bytes))),
            ("unknown_version", changed(&|x| x["format_version"] = json!(2))),
            ("invalid_json", changed(&|x| x["tests"][0]["state"] = json!("flying"))),
            ("invalid_json", changed(&|x| x["tests"] = json!(null))),
            ("nul", changed(&|x| x["mission"]["name"] = json!("a\0b"))),
            ("required", changed(&|x| x["mission"]["name"] = json!(" "))),
            ("too_long", changed(&|x| x["tests"][0]["name"] = json!("x".repeat(300)))),
            ("unknown_id", changed(&|x| x["tests"][0]["mission_scenario_id"] = stranger.clone())),
            ("unknown_id", changed(&|x| x["tests"][0]["detection_level_id"] = stranger.clone())),
            ("unknown_id", changed(&|x| x["tests"][0]["operator_id"] = stranger.clone())),
            ("unknown_id", changed(&|x| x["detections"][0]["defence_tool_id"] = stranger.clone())),
            ("unknown_id", changed(&|x| x["evidence"][0]["mission_test_id"] = stranger.clone())),
            ("unknown_id", changed(&|x| x["comments"][0]["mission_test_id"] = stranger.clone())),
            ("duplicate_id", changed(&|x| x["tests"][1]["id"] = x["tests"][0]["id"].clone())),
            ("before_start", changed(&|x| { x["mission"]["start_date"] = json!("2026-02-01"); x["mission"]["end_date"] = json!("2026-01-01"); })),
            ("invalid", changed(&|x| x["evidence"][0]["sha256"] = json!("../../x"))),
            ("damaged", rewritten(&bundle, |name, bytes| Some(if name.contains(".txt") { b"tampered".to_vec() } else { bytes }))),
            ("damaged", rewritten(&bundle, |name, bytes| (!name.contains(".txt")).then_some(bytes))),
        ];
        for (code, bytes) in cases {
            for query in ["?dry_run=true", ""] {
                let answer = import(&admin, query, "m", bytes.clone()).await.expect(422).json;
                assert!(answer["errors"].as_array().unwrap().iter().any(|n| n["code"] == code), "{code}: {answer}");
                assert_eq!((&answer["created"], &answer["applied"]), (&json!(0), &json!(false)));
            }
        }
        for table in ["missions", "mission_tests", "evidence_files", "defence_tools", "mission_comments"] {
            assert_eq!(other.count(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        let swept = tyrian_server::evidence::sweep(&other.state, std::time::Duration::ZERO).await.unwrap();
        assert_eq!((swept.files, swept.left_over), (0, 0), "no file stays");
        admin.post("/imports/mission", json!({})).await.problem(415, "unsupported_media_type");
        admin.upload("/imports/mission?partial=maybe", "m", b"{}".to_vec(), &[]).await.problem(400, "invalid_query");

        // a file that was tinkered with so that it takes another mission's test
        let mut stolen = empty_mission();
        let mut test = export["tests"][0].clone();
        (test["mission_id"], test["category_id"], test["detection_level_id"]) = (stolen["mission"]["id"].clone(), json!(null), json!(null));
        stolen["mission"]["scenarios"] = json!([export["mission"]["scenarios"][1]]);
        stolen["mission"]["scenarios"][0]["id"] = stranger.clone();
        test["mission_scenario_id"] = stranger.clone();
        stolen["people"] = export["people"].clone();
        stolen["tests"] = json!([test]);
        let answer = import(&e.admin, "", "m.json", stolen.to_string().into_bytes()).await.expect(422).json;
        assert_eq!(answer["errors"][0]["code"], "id_in_use", "{answer}");

        // a mission that was deleted stays so
        e.admin.delete(&e.mission, "*").await.expect(204);
        let answer = import(&e.admin, "", "b.zip", bundle).await.expect(422).json;
        assert_eq!(answer["errors"][0]["code"], "deleted");
    }
}

db_test! {
    async fn who_may_not_make_levels_and_tools_is_told_which_are_lacking(app: TestApp) {
        let e = rich(&app).await;
        let json = e.lead.bytes(&format!("{}/export/json", e.mission)).await;
        let other = TestApp::spawn(app.engine).await;
        let admin = other.admin().await;
        let lead = other.member(&admin, "New", "Leads").await;
        let answer = import(&lead, "", "m.json", json.clone()).await.expect(422).json;
        assert_eq!(answer["errors"][0]["code"], "unknown_detection_level", "{answer}");
        admin.post("/detection-levels", json!({"code": "own_scale", "name": "Ours", "color": "#112233", "rank": 3})).await.expect(201);
        import(&lead, "", "m.json", json).await.expect(200);
        let mission = lead.get(&e.mission).await.expect(200).json;
        let own = mission["members"].as_array().unwrap().iter().find(|m| m["user_id"] == lead.id.to_string()).unwrap();
        assert_eq!(own["role_hint"], "red", "as whoever creates a mission");
    }
}

db_test! {
    async fn an_import_can_be_a_job(app: TestApp) {
        let admin = app.admin().await;
        let file = empty_mission();
        let begun = admin.upload_with("/imports/mission", "m.json", file.to_string().into_bytes(), &[], &[("Prefer", "respond-async")]).await.expect(202).json;
        let result = crate::exports::finished(&admin, begun["job_id"].as_str().unwrap()).await;
        assert_eq!((&result["created"], &result["applied"]), (&json!(1), &json!(true)));
        assert_eq!(admin.get(&format!("/missions/{}", file["mission"]["id"].as_str().unwrap())).await.expect(200).json["name"], "Back again");
    }
}

/// The next value of a strategy.
fn draw<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// A file of another mission: every id of a row is new, and what people wrote, judged and timed is drawn.
fn drawn(base: &Value, runner: &mut TestRunner) -> Value {
    let mut rows = vec![base["mission"]["id"].clone()];
    for list in
        [&base["mission"]["scenarios"], &base["tests"], &base["categories"], &base["detections"], &base["evidence"], &base["comments"]]
    {
        rows.extend(list.as_array().unwrap().iter().map(|row| row["id"].clone()));
    }
    let mut text = base.to_string();
    for row in rows {
        text = text.replace(row.as_str().unwrap(), &uuid::Uuid::now_v7().to_string());
    }
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let texts = proptest::option::of("[^\0\\p{Cc}]{0,60}[a-zß漢😀\u{5d0}]");
    let facts = proptest::sample::select(vec!["yes", "no", "partial", "unknown", "not_applicable"]);
    let states = proptest::sample::select(vec!["planned", "running", "executed", "assessed", "skipped"]);
    let grades = proptest::sample::select(vec!["none", "low", "medium", "high", "critical"]);
    let findings = proptest::option::of(proptest::sample::select(vec!["open", "in_progress", "accepted", "fixed", "verified"]));
    let times = proptest::collection::vec(proptest::option::of(0i64..1_000_000_000), 5);
    for field in ["description", "objectives", "scope", "threat_model", "executive_summary"] {
        file["mission"][field] = json!(draw(runner, &texts));
    }
    for test in file["tests"].as_array_mut().unwrap() {
        for field in [
            "objective",
            "procedure",
            "command_run",
            "output",
            "red_notes",
            "blue_notes",
            "recommendation",
            "source_host",
            "finding_reference",
        ] {
            test[field] = json!(draw(runner, &texts));
        }
        for field in ["logged", "alerted", "prevented"] {
            test[field] = json!(draw(runner, &facts));
        }
        for field in ["severity", "priority"] {
            test[field] = json!(draw(runner, &grades));
        }
        for field in ["is_delayed", "needed_config_change", "disclosed"] {
            test[field] = json!(draw(runner, &any::<bool>()));
        }
        test["state"] = json!(draw(runner, &states));
        test["finding_status"] = json!(draw(runner, &findings));
        // the first begins, none of the others is earlier
        let offsets = draw(runner, &times);
        let mut at = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for (field, offset) in ["started_at", "ended_at", "detected_at", "alerted_at", "responded_at"].into_iter().zip(offsets) {
            at += chrono::TimeDelta::milliseconds(offset.unwrap_or_default());
            test[field] = json!(offset.map(|_| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)));
        }
    }
    for comment in file["comments"].as_array_mut().unwrap() {
        comment["body"] = json!(draw(runner, &"[^\0\\p{Cc}]{0,60}[a-z😀]"));
    }
    file
}

/// What two files of one mission may differ in: when they were written, what is derived from the rest, and what the bytes of
/// evidence say, since they are not in the file.
fn said(mut file: Value) -> Value {
    file["exported_at"].take();
    file["mission"]["counts"].take();
    file["mission"]["allowed_transitions"].take();
    for scenario in file["mission"]["scenarios"].as_array_mut().unwrap() {
        scenario["tests"].take();
    }
    for evidence in file["evidence"].as_array_mut().unwrap() {
        evidence["content_type"].take();
        evidence["preview"].take();
    }
    for test in file["tests"].as_array_mut().unwrap() {
        test["outcome"].take();
        test["people"].take();
    }
    file
}

db_test! {
    async fn any_mission_comes_back_as_the_file_says(app: TestApp) {
        let e = rich(&app).await;
        let base: Value = serde_json::from_slice(&e.lead.bytes(&format!("{}/export/json", e.mission)).await).unwrap();
        let mut runner = TestRunner::deterministic();
        for _ in 0..12 {
            let file = drawn(&base, &mut runner);
            let done = import(&e.admin, "", "m.json", file.to_string().into_bytes()).await.expect(200).json;
            assert_eq!((&done["created"], &done["applied"]), (&json!(1), &json!(true)), "{done}\n{file:#}");
            let back = e.admin.get(&format!("/missions/{}/export/json", file["mission"]["id"].as_str().unwrap())).await.expect(200).json;
            let (back, file) = (said(back), said(file));
            for (key, value) in file.as_object().unwrap() {
                assert_eq!(&back[key], value, "{key}");
            }
        }
    }
}
