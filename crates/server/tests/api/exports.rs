//! Exports: who sees what in each format, that all of them hold the same numbers, jobs and tickets.

use std::io::{Cursor, Read};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::Client;
use crate::scene::Scene;

pub const FORMATS: [&str; 11] =
    ["json", "csv", "xlsx", "markdown", "html", "pdf", "docx", "navigator", "attack-flow", "scenario", "bundle"];

/// The least that is a mission.
pub fn empty_mission() -> Value {
    let now = "2026-01-01T00:00:00Z";
    let counts = json!({"tests": 0, "by_state": {}, "by_outcome": {}, "by_detection": {}});
    json!({"format": "tyrian-mission", "format_version": 1, "exported_at": now, "people": [], "detection_levels": [], "defence_tools": [],
        "mission": {"id": Uuid::now_v7(), "name": "Back again", "client": "ACME", "status": "completed", "allowed_transitions": [], "start_date": null, "end_date": null,
            "retest_of_id": null, "attack_version": null, "members": [], "counts": counts, "created_by": null, "version": 3, "created_at": now, "updated_at": now,
            "description": null, "objectives": null, "scope": null, "threat_model": null, "executive_summary": null, "scenarios": []},
        "tests": [], "detections": [], "categories": [], "evidence": [], "comments": []})
}

/// Waits until a job is done, and gives its result.
pub async fn finished(client: &Client, job: &str) -> Value {
    for _ in 0..600 {
        let state = client.get(&format!("/jobs/{job}")).await.expect(200).json;
        match state["state"].as_str().unwrap() {
            "running" | "queued" => tokio::time::sleep(Duration::from_millis(20)).await,
            "succeeded" => return state["result"].clone(),
            other => panic!("the job {other}: {}", state["result"]),
        }
    }
    panic!("the job does not end");
}

/// All text in a file, unpacked: what could betray something.
pub fn words(format: &str, bytes: &[u8]) -> String {
    match format {
        "xlsx" | "docx" | "bundle" => {
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            (0..zip.len())
                .map(|i| {
                    let mut part = Vec::new();
                    zip.by_index(i).unwrap().read_to_end(&mut part).unwrap();
                    String::from_utf8_lossy(&part).into_owned()
                })
                .collect()
        }
        "pdf" => {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), bytes).unwrap();
            let Ok(out) = std::process::Command::new("pdftotext").arg(file.path()).arg("-").output() else {
                eprintln!("skipped: pdftotext is not installed");
                return String::new();
            };
            String::from_utf8_lossy(&out.stdout).into_owned()
        }
        _ => String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

fn pdf_is_readable() -> bool {
    std::process::Command::new("pdftotext").arg("-v").output().is_ok()
}

db_test! {
    async fn a_report_tells_the_command_with_the_values_of_the_run(app: TestApp) {
        let admin = app.admin().await;
        let arguments = json!({"what": {"description": null, "type": "string", "default": "calc.exe"}, "host": {"description": null, "type": "string", "default": "ws-1"}, "user": {"description": null, "type": "string", "default": null}});
        let template = admin.post("/test-templates", json!({"name": "WMI", "executor": "cmd", "command": "wmic /node:#{host} /user:#{user} call create #{what}", "arguments": arguments})).await.expect(201).id();
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": [template]})).await.expect(201).id();
        let mission = admin.post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [scenario]})).await.expect(201).json;
        let path = format!("/missions/{}", mission["id"].as_str().unwrap());
        admin.post(&format!("{path}/transition"), json!({"to": "in_progress"})).await.expect(200);
        let test = format!("{path}/tests/{}", mission["scenarios"][0]["tests"][0]["id"].as_str().unwrap());
        admin.edit(&test, json!({"argument_values": {"host": "dc-01"}})).await.expect(200);
        let report = words("markdown", &admin.bytes(&format!("{path}/export/markdown")).await);
        assert!(report.contains("wmic /node:dc-01 /user:#{user} call create calc.exe"), "{report}");
    }
}

db_test! {
    async fn each_format_holds_what_the_caller_sees_and_nothing_else(app: TestApp) {
        let s = Scene::new(&app).await;
        s.comment(&s.red, Some(&s.hidden), "hush tunnel").await.expect(201);
        for format in FORMATS {
            let path = format!("{}/export/{format}", s.path);
            for (who, sees) in [(&s.lead, true), (&s.red, true), (&s.blue, false), (&s.observer, false)] {
                let found = words(format, &who.bytes(&path).await);
                // a layer has no test's name
                if format == "navigator" || (format == "pdf" && !pdf_is_readable()) {
                    continue;
                }
                assert!(found.contains("open door"), "{format}: {found}");
                assert_eq!(found.contains("secret tunnel"), sees, "{format}");
                assert!(sees || !(found.contains("tunnel") || found.contains(&s.hidden)), "{format}: {found}");
            }
            let [there, nowhere] = s.twins(&format!("/export/{format}"));
            let (there, nowhere) = (s.outsider.get(&there).await.problem(404, "not_found"), s.outsider.get(&nowhere).await.problem(404, "not_found"));
            assert_eq!(there.json["detail"], nowhere.json["detail"]);
        }
    }
}

db_test! {
    async fn a_file_is_an_attachment_that_nobody_guesses_at(app: TestApp) {
        let s = Scene::new(&app).await;
        for (format, kind, name) in [
            ("json", "application/json", "quiet-ledger.json"),
            ("csv", "text/csv; charset=utf-8", "quiet-ledger.csv"),
            ("html", "text/html; charset=utf-8", "quiet-ledger.html"),
            ("pdf", "application/pdf", "quiet-ledger.pdf"),
            ("navigator", "application/json", "quiet-ledger-layer.json"),
            ("bundle", "application/zip", "quiet-ledger.zip"),
        ] {
            let answer = s.lead.get(&format!("{}/export/{format}", s.path)).await.expect(200);
            assert_eq!(answer.header("content-type"), kind);
            assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(answer.header("content-security-policy").contains("sandbox"));
        }
        s.lead.get(&format!("{}/export/exe", s.path)).await.problem(404, "not_found");
        for query in ["state=done", "metric=luck", "states=planned"] {
            s.lead.get(&format!("{}/export/csv?{query}", s.path)).await.problem(400, "invalid_query");
        }
        s.lead.get(&format!("{}/export/navigator?metric=delta", s.path)).await.problem(422, "validation_failed");
        s.lead.get(&format!("{}/export/navigator?metric=coverage", s.path)).await.expect(200);
    }
}

/// A CSV's rows as maps.
fn rows(csv: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    let text = String::from_utf8(csv.to_vec()).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

db_test! {
    async fn tests_are_chosen_by_state(app: TestApp) {
        let e = Exercise::start(&app, 4).await;
        e.bring(0, &["running", "executed", "assessed"]).await;
        e.bring(1, &["running", "executed"]).await;
        e.bring(2, &["running"]).await;
        for (query, names) in [
            ("", vec!["test 0", "test 1", "test 2", "test 3"]),
            ("?state=assessed", vec!["test 0"]),
            ("?state=executed,running", vec!["test 1", "test 2"]),
            ("?state=assessed&state=planned", vec!["test 0", "test 3"]),
            ("?state=skipped", vec![]),
        ] {
            let found: Vec<_> = rows(&e.lead.bytes(&format!("{}/export/csv{query}", e.mission)).await).iter().map(|r| r["name"].clone()).collect();
            assert_eq!(found, names, "{query}");
            let found = e.lead.get(&format!("{}/export/json{query}", e.mission)).await.expect(200).json;
            let tests: Vec<_> = found["tests"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
            assert_eq!(tests, names);
            let told = words("markdown", &e.lead.bytes(&format!("{}/export/markdown{query}", e.mission)).await);
            assert!(told.contains(&format!("- **Tests**: {}, of which", names.len())), "the numbers are those of the selection: {told}");
        }
    }
}

db_test! {
    async fn reports_and_api_agree_on_the_demo(app: TestApp) {
        tyrian_server::demo::fill(&app.state).await.unwrap();
        let mut lead = app.anonymous();
        let login = json!({"email": tyrian_server::demo::PEOPLE[0].0, "password": tyrian_server::demo::PASSWORD});
        lead.token = lead.post("/auth/login", login).await.expect(200).json["access_token"].as_str().map(str::to_owned);
        let missions = lead.get("/missions?limit=200").await.expect(200);
        let mut looked_at = 0;
        for m in missions.items() {
            let path = format!("/missions/{}", m["id"].as_str().unwrap());
            let told = lead.get(&format!("{path}/synthesis")).await.expect(200).json;
            let n = |of: &Value| of.as_u64().unwrap();
            let table = rows(&lead.bytes(&format!("{path}/export/csv")).await);
            assert_eq!(table.len() as u64, n(&told["tests"]), "a row for each test");
            assert_eq!(n(&m["counts"]["tests"]), n(&told["tests"]));
            for (column, counts) in [("state", &told["by_state"]), ("outcome", &told["by_outcome"])] {
                for (word, count) in counts.as_object().unwrap() {
                    assert_eq!(table.iter().filter(|r| &r[column] == word).count() as u64, n(count), "{column} {word} of {}", m["name"]);
                }
            }
            let share = told["coverage"]["ratio"].as_f64().map_or_else(|| "–".to_owned(), |r| format!("{:.0} %", r * 100.0));
            let covered = format!("{} of {} assessed ({share})", told["coverage"]["covered"], told["coverage"]["assessed"]);
            let executed = format!("{}, of which {} executed and {} assessed", told["tests"], told["funnel"]["executed"], told["funnel"]["assessed"]);
            let gaps = told["findings"].as_array().unwrap();
            for format in ["markdown", "html", "docx", "pdf"] {
                if format == "pdf" && !pdf_is_readable() {
                    continue;
                }
                let report = words(format, &lead.bytes(&format!("{path}/export/{format}")).await);
                for wanted in [&covered, &executed] {
                    assert!(report.contains(wanted.as_str()), "{format} of {}: {wanted} is not in it", m["name"]);
                }
                let squeezed = |text: &str| text.split_whitespace().collect::<String>();
                let report = squeezed(&report);
                for gap in gaps {
                    let name = squeezed(gap["test_name"].as_str().unwrap());
                    assert!(report.contains(&name) || format != "pdf", "{format}: {name}");
                }
            }
            let layer = lead.get(&format!("{path}/export/navigator?metric=coverage")).await.expect(200).json;
            for row in layer["techniques"].as_array().unwrap() {
                let own = told["by_technique"].as_array().unwrap().iter().find(|t| t["external_id"] == row["techniqueID"]).unwrap();
                let wanted = tyrian_domain::synthesis::share(n(&own["covered"]), n(&own["assessed"])).map(|share| (share * 100.0).round());
                assert_eq!(row["score"].as_f64(), wanted, "{}", row["techniqueID"]);
                assert!(row["tactic"].as_str().is_some_and(|t| !t.is_empty()));
            }
            looked_at += table.len();
        }
        assert!(looked_at > 50, "{looked_at}");
    }
}

db_test! {
    async fn a_scenario_has_no_word_of_blues(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        e.bring(0, &["running", "executed"]).await;
        let tool = e.tool("CANARYtool").await;
        e.blue.post(&format!("{}/detections", e.test(0)), json!({"defence_tool_id": tool, "kind": "alerted", "result": "yes", "reference": "CANARYref", "rule": "CANARYrule", "notes": "CANARYnotes"})).await.expect(201);
        e.blue.upload(&format!("{}/evidence", e.test(0)), "CANARYfile.txt", b"CANARYcontent".to_vec(), &[("side", "blue"), ("caption", "CANARYcaption")]).await.expect(201);
        e.lead.post(&format!("{}/comments", e.mission), json!({"body": "CANARYcomment"})).await.expect(201);
        let category = e.category("CANARYcategory").await;
        let etag = e.lead.get(&e.test(0)).await.etag();
        e.lead.patch(&e.test(0), &etag, json!({"blue_notes": "CANARYblue", "recommendation": "CANARYrec", "finding_status": "open", "finding_reference": "CANARYticket", "category_id": category, "red_notes": "RESULTnotes", "output": "RESULToutput"})).await.expect(200);
        let canaries = |text: &str| text.matches("CANARY").count();
        assert!(canaries(&words("json", &e.lead.bytes(&format!("{}/export/json", e.mission)).await)) >= 10, "they were planted");
        for format in ["scenario", "attack-flow"] {
            let found = words(format, &e.lead.bytes(&format!("{}/export/{format}", e.mission)).await);
            assert!(found.contains("test 0") && canaries(&found) == 0 && !found.contains("RESULT"), "{format}: {found}");
        }
        let file: Value = serde_json::from_slice(&e.lead.bytes(&format!("{}/export/scenario", e.mission)).await).unwrap();
        let again: tyrian_api_types::scenario_templates::ScenarioTemplateExport = serde_json::from_value(file).unwrap();
        assert_eq!((again.test_templates.len(), again.items[0].tests.len()), (1, 1), "our own library takes it");
    }
}

db_test! {
    async fn a_report_leaves_out_what_people_wrote_to_each_other_where_it_is_told_to(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        e.lead.post(&format!("{}/comments", e.mission), json!({"body": "CANARYmission"})).await.expect(201);
        e.lead.post(&format!("{}/comments", e.mission), json!({"body": "CANARYtest", "mission_test_id": e.tests[0]})).await.expect(201);
        for format in ["pdf", "docx", "html", "markdown"].into_iter().filter(|format| *format != "pdf" || pdf_is_readable()) {
            let told = async |choice: &str| words(format, &e.lead.bytes(&format!("{}/export/{format}{choice}", e.mission)).await);
            let (with, without) = (told("").await, told("?comments=false").await);
            for canary in ["CANARYmission", "CANARYtest"] {
                assert!(with.contains(canary) && !without.contains(canary), "{format}: {canary}");
            }
        }
        e.lead.get(&format!("{}/export/html?comments=no", e.mission)).await.problem(400, "invalid_query");
    }
}

db_test! {
    async fn an_export_costs_the_same_statements_at_any_size(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let mut templates = Vec::new();
        for i in 0..30 {
            templates.push(e.admin.post("/test-templates", json!({"name": format!("more {i}")})).await.expect(201).id());
        }
        let scenario = e.admin.post("/scenario-templates", json!({"name": "More", "test_template_ids": templates})).await.expect(201).id();
        for format in ["csv", "json"] {
            let path = format!("{}/export/{format}", e.mission);
            let (_, small) = app.statements(e.lead.bytes(&path)).await;
            e.admin.post(&format!("{}/scenarios", e.mission), json!({"scenario_template_ids": [scenario]})).await.expect(201);
            let (_, large) = app.statements(e.lead.bytes(&path)).await;
            assert_eq!(small, large, "{format}");
            assert!(large <= 24, "{format}: {large}");
        }
    }
}

db_test! {
    async fn a_job_makes_the_file_and_a_ticket_fetches_it(app: TestApp) {
        let s = Scene::new(&app).await;
        let begin = async |who: &Client, format: &str| {
            let begun = who.send(Method::GET, &format!("{}/export/{format}", s.path), None, &[("Prefer", "respond-async")]).await.expect(202);
            begun.json["job_id"].as_str().unwrap().to_owned()
        };
        for format in ["pdf", "docx", "bundle"] {
            let job = begin(&s.red, format).await;
            let result = finished(&s.red, &job).await;
            assert_eq!(result["path"], format!("/exports/{job}"));
            assert!(result.get("internal").is_none(), "{result}");
            let path = result["path"].as_str().unwrap();
            let file = s.red.bytes(path).await;
            assert_eq!(file.len() as u64, result["size_bytes"].as_u64().unwrap());
            assert!(file.starts_with(if format == "pdf" { b"%PDF" } else { b"PK\x03\x04" }));
            for stranger in [&s.blue, &s.lead, &s.outsider] {
                stranger.get(path).await.problem(404, "not_found");
                stranger.post("/download-tickets", json!({"path": path})).await.problem(404, "not_found");
            }
            let ticket = s.red.post("/download-tickets", json!({"path": path})).await.expect(201).json;
            assert_eq!(ticket["expires_in"], 60);
            let browser = reqwest::Client::new();
            let url = format!("{}{}", app.url, ticket["url"].as_str().unwrap());
            let answer = browser.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert!(answer.headers()["content-disposition"].to_str().unwrap().contains("attachment"));
            assert_eq!(answer.bytes().await.unwrap(), file);
            assert_eq!(browser.get(&url).send().await.unwrap().status(), 404, "it works once");
        }
        // a report is shown in the app's own frame, and can do nothing there
        let job = begin(&s.red, "html").await;
        finished(&s.red, &job).await;
        let path = format!("/exports/{job}?inline=true");
        let ticket = s.red.post("/download-tickets", json!({"path": path})).await.expect(201).json;
        let shown = reqwest::get(format!("{}{}", app.url, ticket["url"].as_str().unwrap())).await.unwrap();
        let header = |name: &str| shown.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((shown.status().as_u16(), header("content-disposition"), header("x-content-type-options")), (200, "inline".into(), "nosniff".into()));
        assert_eq!(header("content-security-policy"), "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'");
        assert_eq!(shown.bytes().await.unwrap(), s.red.bytes(&format!("/exports/{job}")).await);
        s.lead.get(&path).await.problem(404, "not_found");
        let job = begin(&s.red, "csv").await;
        finished(&s.red, &job).await;
        s.red.get(&format!("/exports/{job}?inline=true")).await.problem(400, "invalid_query");
        s.red.post("/download-tickets", json!({"path": format!("/exports/{job}?inline=true")})).await.problem(400, "invalid_query");
        // who becomes blue does not get what was made for red
        let job = begin(&s.red, "csv").await;
        finished(&s.red, &job).await;
        let members = json!({"members": [{"user_id": s.red.id, "role_hint": "blue"}]});
        s.admin.put(&format!("{}/members", s.path), members).await.expect(200);
        s.red.get(&format!("/exports/{job}")).await.problem(404, "not_found");
        s.admin.put(&format!("{}/members", s.path), json!({"members": []})).await.expect(200);
        s.red.get(&format!("/exports/{job}")).await.problem(404, "not_found");
        s.red.get(&format!("/exports/{}", Uuid::now_v7())).await.problem(404, "not_found");
    }
}

db_test! {
    async fn a_ticket_is_for_one_download_of_one_caller(app: TestApp) {
        let s = Scene::new(&app).await;
        for wrong in ["/users", "/missions/x/export/csv", "https://evil.test/x", &format!("{}/export/exe", s.path)[..]] {
            s.red.post("/download-tickets", json!({"path": wrong})).await.problem(422, "validation_failed");
        }
        s.outsider.post("/download-tickets", json!({"path": format!("{}/export/csv", s.path)})).await.problem(404, "not_found");
        s.admin.post(&format!("{}/transition", s.path), json!({"to": "in_progress"})).await.expect(200);
        for to in ["running", "executed"] {
            s.red.post(&format!("{}/tests/{}/state", s.path, s.open), json!({"to": to})).await.expect(200);
        }
        let evidence = s.red.upload(&format!("{}/tests/{}/evidence", s.path, s.open), "e.txt", b"0123456789".to_vec(), &[("side", "red")]).await.expect(201).id();
        let ticket = async |who: &Client, path: String| {
            let ticket = who.post("/download-tickets", json!({"path": path})).await.expect(201).json;
            format!("{}{}", app.url, ticket["url"].as_str().unwrap())
        };
        let browser = reqwest::Client::new();
        let status = async |url: &str| browser.get(url).send().await.unwrap().status().as_u16();

        let url = ticket(&s.blue, format!("/evidence/{evidence}/content")).await;
        let answer = browser.get(&url).header("Range", "bytes=2-4").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), (206, "234".to_owned()));
        assert_eq!(status(&url).await, 404);

        // what the ticket's owner sees, whoever opens it
        let url = ticket(&s.blue, format!("{}/export/markdown", s.path)).await;
        let text = browser.get(&url).bearer_auth(s.lead.token.as_ref().unwrap()).send().await.unwrap().text().await.unwrap();
        assert!(text.contains("open door") && !text.contains("tunnel"));

        let url = ticket(&s.red, format!("{}/export/csv", s.path)).await;
        app.sql("UPDATE download_tickets SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        assert_eq!(status(&url).await, 404, "too old");

        let url = ticket(&s.red, format!("{}/export/csv", s.path)).await;
        s.admin.put(&format!("{}/members", s.path), json!({"members": [{"user_id": s.blue.id, "role_hint": "blue"}]})).await.expect(200);
        assert_eq!(status(&url).await, 404, "no member any more");

        let url = ticket(&s.blue, format!("{}/export/csv", s.path)).await;
        let family = s.blue.get("/auth/sessions").await.expect(200).items().iter().find(|x| x["current"] == true).unwrap()["family"].clone();
        s.blue.delete(&format!("/auth/sessions/{}", family.as_str().unwrap()), "*").await.expect(204);
        assert_eq!(status(&url).await, 404, "the session ended");
        assert_eq!(status(&format!("{}/api/v1/downloads/nonsense", app.url)).await, 404);

        let url = ticket(&s.lead, format!("{}/export/csv", s.path)).await;
        let both = futures_util::future::join_all((0..8).map(|_| status(&url))).await;
        assert_eq!(both.iter().filter(|s| **s == 200).count(), 1, "{both:?}");
    }
}
