//! The ATT&CK catalogue by upload: whole or not at all, the preview, what a newer bundle does to tags, and the reads.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::bundles::{Bundle, Pattern, pattern};
use crate::db_test;
use crate::harness::{Answer, Client, Engine};

/// Uploads a bundle that no release table knows.
async fn sync(c: &Client, bundle: &Bundle) -> Answer {
    c.upload("/mitre/sync", "enterprise-attack.json", bundle.bytes(), &[("allow_unverified", "true")]).await
}

/// Everything that the catalogue's reads say.
async fn whole(c: &Client) -> Value {
    let mut all = json!({});
    for path in [
        "/mitre/tactics",
        "/mitre/techniques?include_retired=true",
        "/mitre/subtechniques?include_retired=true",
        "/mitre/matrix",
        "/mitre/status",
    ] {
        let answer = c.get(path).await.expect(200);
        all[path] = json!({"body": answer.json, "etag": answer.etag()});
    }
    all
}

fn texts<'a>(answer: &'a Answer, field: &str) -> Vec<&'a str> {
    answer.items().iter().map(|i| i[field].as_str().unwrap()).collect()
}

/// A newer release: a tactic and a technique have new names, a technique is replaced, one is retired, two are gone, two come.
fn newer() -> Bundle {
    let mut next = Bundle { version: "2.0", ..Bundle::small() };
    next.tactics[2] = ("TA0005", "stealth", "Stealth");
    next.tactics.push(("TA0112", "defense-impairment", "Defense Impairment"));
    next.of("T1059").name = "Command and Script Interpreter";
    *next.of("T1562") = Pattern { is_revoked: true, ..pattern("T1562", "Impair Defenses", &[]) };
    next.revoked_by.push(("T1562", "T1685"));
    next.patterns.push(pattern("T1685", "Disable or Modify Tools", &["defense-impairment"]));
    next.patterns.retain(|p| p.key != "T1003" && p.key != "T1003.001" && p.key != "T1064");
    next
}

db_test! {
    async fn a_bundle_becomes_the_catalogue(app: TestApp) {
        let admin = app.admin().await;
        let bundle = Bundle::small();
        let done = sync(&admin, &bundle).await.expect(200).json;
        let sha256 = hex::encode(Sha256::digest(bundle.bytes()));
        for (field, want) in [("domain", json!("enterprise")), ("version", json!("1.0")), ("sha256", json!(sha256)), ("verified", json!(false)),
                              ("counts", json!({"tactics": 3, "techniques": 3, "subtechniques": 2})), ("created", json!(10)), ("updated", json!(0)), ("retired", json!(0)), ("unchanged", json!(0))] {
            assert_eq!(done[field], want, "{field}");
        }
        let status = admin.get("/mitre/status").await.expect(200).json;
        assert_eq!((&status["version"], &status["sha256"], &status["source_url"], &status["counts"]), (&json!("1.0"), &json!(sha256), &json!("upload"), &done["counts"]));
        assert!(status["last_sync"].is_string());
        // in the matrix's order, not that of the ids
        assert_eq!(texts(&admin.get("/mitre/tactics").await.expect(200), "external_id"), ["TA0006", "TA0002", "TA0005"]);
        let techniques = admin.get("/mitre/techniques").await.expect(200);
        assert_eq!(texts(&techniques, "external_id"), ["T1003", "T1059", "T1562"]);
        assert_eq!(techniques.items()[2]["tactics"], json!(["TA0002", "TA0005"]));
        let subtechniques = admin.get("/mitre/subtechniques").await.expect(200);
        assert_eq!(subtechniques.items().iter().map(|s| (s["external_id"].as_str().unwrap(), s["technique"].as_str().unwrap(), s["tactics"].clone())).collect::<Vec<_>>(),
            [("T1003.001", "T1003", json!(["TA0006"])), ("T1059.001", "T1059", json!(["TA0002"]))]);
        let retired = admin.get("/mitre/techniques?include_retired=true&q=t10").await.expect(200);
        let revoked = retired.items().iter().find(|t| t["external_id"] == "T1086").unwrap();
        assert_eq!((&revoked["is_revoked"], &revoked["revoked_by"]), (&json!(true), &json!("T1059.001")));
        // with its hash said it counts as verified
        let said = admin.upload("/mitre/sync", "b.json", bundle.bytes(), &[("expected_sha256", &sha256.to_uppercase())]).await.expect(200).json;
        assert_eq!((&said["verified"], &said["unchanged"]), (&json!(true), &json!(10)));
    }
}

db_test! {
    async fn a_bundle_that_cannot_be_taken_changes_nothing(app: TestApp) {
        let admin = app.admin().await;
        sync(&admin, &Bundle::small()).await.expect(200);
        let before = whole(&admin).await;
        let bytes = newer().bytes();
        let spoilt = |change: &dyn Fn(&mut Value)| { let mut bundle = newer().json(); change(&mut bundle); bundle.to_string().into_bytes() };
        let bad: Vec<(&str, Vec<u8>)> = vec![
            ("empty", Vec::new()),
            ("no JSON", b"<html>not found</html>".to_vec()),
            ("a list", b"[]".to_vec()),
            ("another object", br#"{"type": "bundle"}"#.to_vec()),
            ("no objects", spoilt(&|b| b["objects"] = json!({}))),
            ("a zip", b"PK\x03\x04and so on".to_vec()),
            ("a gzip", b"\x1f\x8b\x08and so on".to_vec()),
            ("a name that is a number", spoilt(&|b| b["objects"][2]["name"] = json!(7))),
            ("a flag that is a text", spoilt(&|b| b["objects"][6]["revoked"] = json!("no"))),
            ("platforms that are a text", spoilt(&|b| b["objects"][6]["x_mitre_platforms"] = json!("Windows"))),
            ("a NUL", spoilt(&|b| b["objects"][6]["name"] = json!("a\u{0}b"))),
            ("no matrix", spoilt(&|b| drop(b["objects"].as_array_mut().unwrap().remove(1)))),
            ("an object twice", spoilt(&|b| { let o = b["objects"][6].clone(); b["objects"].as_array_mut().unwrap().push(o); })),
            ("no UTF-8", [&bytes[..300], b"\xff\xfe", &bytes[300..]].concat()),
            ("nested without end", "[".repeat(100_000).into_bytes()),
        ];
        let cut = (1..40).map(|i| ("cut short", bytes[..bytes.len() * i / 40].to_vec()));
        for (what, bytes) in bad.into_iter().chain(cut) {
            let refused = admin.upload("/mitre/sync", "b.json", bytes.clone(), &[("allow_unverified", "true")]).await;
            assert_eq!((refused.status.as_u16(), &refused.json["code"]), (422, &json!("invalid_bundle")), "{what}: {}", refused.text);
            admin.upload("/mitre/sync/preview", "b.json", bytes, &[]).await.problem(422, "invalid_bundle");
        }
        assert_eq!(whole(&admin).await, before);
        assert!(app.count("SELECT count(*) FROM catalogue_syncs WHERE outcome = 'failed' AND error IS NOT NULL").await >= 50, "failures are recorded");
    }
}

db_test! {
    async fn a_failure_at_the_very_end_leaves_the_catalogue_as_it_was(app: TestApp) {
        let admin = app.admin().await;
        sync(&admin, &Bundle::small()).await.expect(200);
        let before = whole(&admin).await;
        // the audit entry is the last that a sync writes
        app.sql(match app.engine {
            Engine::Sqlite => "CREATE TRIGGER fails BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'secret words'); END",
            Engine::Postgres => "CREATE FUNCTION fails() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'secret words'; END $$ LANGUAGE plpgsql; CREATE TRIGGER fails BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION fails()",
        }).await;
        let failed = sync(&admin, &newer()).await.expect(500);
        assert!(!failed.text.contains("secret words") && !failed.text.to_lowercase().contains("sql"), "{}", failed.text);
        app.sql(if app.engine == Engine::Sqlite { "DROP TRIGGER fails" } else { "DROP TRIGGER fails ON audit_events" }).await;
        assert_eq!(whole(&admin).await, before);
        sync(&admin, &newer()).await.expect(200);
    }
}

db_test! {
    async fn a_hash_is_needed_and_must_fit(app: TestApp) {
        let admin = app.admin().await;
        let bytes = Bundle::small().bytes();
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let send = |fields: Vec<(&'static str, String)>| { let (admin, bytes) = (admin.clone(), bytes.clone()); async move {
            admin.upload("/mitre/sync", "b.json", bytes, &fields.iter().map(|(n, v)| (*n, v.as_str())).collect::<Vec<_>>()).await
        } };
        let unverified = send(vec![]).await.problem(422, "hash_required");
        assert_eq!((&unverified.json["sha256"], &unverified.json["errors"][0]["pointer"]), (&json!(sha256), &json!("/expected_sha256")));
        send(vec![("allow_unverified", "false".into())]).await.problem(422, "hash_required");
        let other = send(vec![("expected_sha256", "0".repeat(64)), ("allow_unverified", "true".into())]).await.problem(422, "hash_mismatch");
        assert!(other.json["detail"].as_str().unwrap().contains(&sha256));
        // a release that we know must be that release, whoever allows what
        send(vec![("version", "18.1".into()), ("allow_unverified", "true".into())]).await.problem(422, "hash_mismatch");
        for (field, value, pointer) in [("version", "0.1", "/version"), ("expected_sha256", "abc", "/expected_sha256"), ("domain", "cloud", "/domain"), ("allow_unverified", "yes", "/allow_unverified")] {
            assert_eq!(send(vec![(field, value.into())]).await.problem(422, "validation_failed").json["errors"][0]["pointer"], pointer);
        }
        send(vec![("domain", "mobile".into()), ("allow_unverified", "true".into())]).await.problem(422, "validation_failed");
        send(vec![("surprise", "1".into())]).await.problem(400, "invalid_body");
        assert_eq!(admin.get("/mitre/status").await.json["last_sync"], Value::Null, "nothing was synced");
        send(vec![("expected_sha256", sha256)]).await.expect(200);
    }
}

db_test! {
    async fn a_preview_says_what_the_sync_then_does(app: TestApp) {
        let admin = app.admin().await;
        let preview = |bundle: Bundle| { let admin = admin.clone(); async move { admin.upload("/mitre/sync/preview", "b.json", bundle.bytes(), &[]).await.expect(200).json } };
        let first = preview(Bundle::small()).await;
        assert_eq!(first["created"].as_array().unwrap().len(), 10);
        assert_eq!(admin.get("/mitre/tactics").await.items().len(), 0, "a preview writes nothing");
        sync(&admin, &Bundle::small()).await.expect(200);
        let tagged = admin.post("/test-templates", json!({"name": "Tagged", "mitre_tags": [{"kind": "technique", "external_id": "T1562"}]})).await.expect(201).id();
        let before = whole(&admin).await;
        let seen = preview(newer()).await;
        assert_eq!(whole(&admin).await, before, "a preview writes nothing");
        let of = |list: &str| seen[list].as_array().unwrap().iter().map(|c| format!("{}: {}", c["external_id"].as_str().unwrap(), c["detail"].as_str().unwrap())).collect::<Vec<_>>();
        assert_eq!(of("created"), ["TA0112: new", "T1685: new"]);
        assert_eq!(of("changed"), ["TA0005: was named Defense Evasion; short name was defense-evasion", "T1059: was named Command and Scripting Interpreter"]);
        let mut retired = of("retired");
        retired.sort();
        assert_eq!(retired, ["T1003.001: gone from the bundle", "T1003: gone from the bundle", "T1562: revoked, replaced by T1685"]);
        assert_eq!(seen["affected_templates"], json!([{"id": tagged, "name": "Tagged", "external_ids": ["T1562"]}]));
        let done = sync(&admin, &newer()).await.expect(200).json;
        let count = |list: &str| seen[list].as_array().unwrap().len() as u64;
        assert_eq!(done["created"], count("created"));
        assert_eq!(done["updated"], count("changed") + seen["updated"].as_u64().unwrap());
        assert_eq!(done["retired"], count("retired"));
        for field in ["domain", "version", "sha256", "counts", "unchanged", "warnings"] {
            assert_eq!(done[field], seen[field], "{field}");
        }
        assert_eq!(admin.get("/mitre/status").await.json["counts"], done["counts"], "and so it is");
        let again = preview(newer()).await;
        assert_eq!((&again["created"], &again["changed"], &again["retired"]), (&json!([]), &json!([]), &json!([])));
    }
}

db_test! {
    async fn the_same_bundle_again_is_answered_without_reading_it(app: TestApp) {
        let admin = app.admin().await;
        let first = sync(&admin, &Bundle::small()).await.expect(200).json;
        // what a comparison would put right stays: none is made
        app.sql("UPDATE mitre_techniques SET name = 'by hand' WHERE external_id = 'T1059'").await;
        let again = sync(&admin, &Bundle::small()).await.expect(200).json;
        assert_eq!((&again["created"], &again["updated"], &again["retired"], &again["unchanged"], &again["counts"]), (&json!(0), &json!(0), &json!(0), &json!(10), &first["counts"]));
        assert_eq!(admin.get("/mitre/techniques?technique=T1059").await.items()[0]["name"], "by hand");
        // after another one it is read again, and so are the ids that stay
        let id = admin.get("/mitre/techniques?technique=T1059").await.items()[0]["id"].clone();
        sync(&admin, &newer()).await.expect(200);
        sync(&admin, &Bundle::small()).await.expect(200);
        let back = admin.get("/mitre/techniques?technique=T1059").await.expect(200);
        assert_eq!((&back.items()[0]["name"], &back.items()[0]["id"]), (&json!("Command and Scripting Interpreter"), &id));
        assert_eq!(admin.get("/mitre/status").await.json["counts"], first["counts"]);
    }
}

db_test! {
    async fn what_is_renamed_revoked_or_gone_stays_on_templates_and_in_missions(app: TestApp) {
        let admin = app.admin().await;
        sync(&admin, &Bundle::small()).await.expect(200);
        let tags = json!([{"kind": "tactic", "external_id": "TA0005"}, {"kind": "technique", "external_id": "T1059"}, {"kind": "technique", "external_id": "T1562"}, {"kind": "subtechnique", "external_id": "T1003.001"}]);
        let template = admin.post("/test-templates", json!({"name": "Tagged", "mitre_tags": tags})).await.expect(201).id();
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": [template]})).await.expect(201).id();
        let mission = admin.post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [scenario]})).await.expect(201).id();
        let frozen = admin.get(&format!("/missions/{mission}/export/json")).await.expect(200).json["tests"].clone();
        assert_eq!(frozen[0]["mitre_tags"].as_array().unwrap().len(), 4);
        let ids = |all: &Value| all["/mitre/techniques?include_retired=true"]["body"]["items"].as_array().unwrap().iter().map(|t| (t["external_id"].clone(), t["id"].clone())).collect::<Vec<_>>();
        let before = ids(&whole(&admin).await);

        sync(&admin, &newer()).await.expect(200);
        assert_eq!(admin.get(&format!("/missions/{mission}/export/json")).await.json["tests"], frozen, "a mission keeps the tags of its day");
        let path = format!("/test-templates/{template}");
        let shown = admin.get(&path).await.expect(200);
        let names: Vec<_> = shown.json["mitre_tags"].as_array().unwrap().iter().map(|t| (t["external_id"].as_str().unwrap(), t["name"].as_str().unwrap())).collect();
        assert_eq!(names, [("TA0005", "Stealth"), ("T1059", "Command and Script Interpreter"), ("T1562", "Impair Defenses"), ("T1003.001", "LSASS Memory")]);
        // what is tagged, and what it hangs on, is marked; what nobody uses is gone
        let after = ids(&whole(&admin).await);
        let left = |id: &str| after.iter().find(|(external_id, _)| external_id == id);
        assert_eq!(left("T1003"), before.iter().find(|(id, _)| id == "T1003"), "the technique of a tagged subtechnique");
        assert_eq!(left("T1064"), None);
        assert_eq!(left("T1059"), before.iter().find(|(id, _)| id == "T1059"), "ids stay");
        assert_eq!(texts(&admin.get("/mitre/techniques").await.expect(200), "external_id"), ["T1059", "T1685"]);
        assert_eq!(texts(&admin.get("/mitre/tactics").await.expect(200), "name"), ["Credential Access", "Execution", "Stealth", "Defense Impairment"]);
        // the template is edited with the tags it has; nobody is given a revoked one any more
        admin.edit(&path, json!({"name": "Still tagged", "mitre_tags": tags})).await.expect(200);
        let refused = admin.post("/test-templates", json!({"name": "Late", "mitre_tags": [{"kind": "technique", "external_id": "T1562"}]})).await.problem(422, "validation_failed");
        assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains("T1685"), "{}", refused.text);
        // and back again
        sync(&admin, &Bundle::small()).await.expect(200);
        assert_eq!(admin.get(&path).await.json["mitre_tags"][0]["name"], "Defense Evasion");
        assert_eq!(texts(&admin.get("/mitre/techniques").await.expect(200), "external_id"), ["T1003", "T1059", "T1562"]);
    }
}

db_test! {
    async fn after_a_reset_status_and_tactics_agree(app: TestApp) {
        let admin = app.admin().await;
        sync(&admin, &Bundle::small()).await.expect(200);
        let etag = admin.get("/mitre/tactics").await.expect(200).etag();
        admin.post("/diag/reset", json!({})).await.expect(200);
        let status = admin.get("/mitre/status").await.expect(200).json;
        assert_eq!((&status["last_sync"], &status["version"], &status["counts"]), (&Value::Null, &Value::Null, &json!({"tactics": 0, "techniques": 0, "subtechniques": 0})));
        for path in ["/mitre/tactics", "/mitre/matrix"] {
            let answer = admin.send(Method::GET, path, None, &[("If-None-Match", &etag)]).await.expect(200);
            assert_eq!(answer.json.get("items").or_else(|| answer.json.get("tactics")), Some(&json!([])), "{path}");
        }
        // the same bundle is no old acquaintance
        assert_eq!(sync(&admin, &Bundle::small()).await.expect(200).json["created"], 10);
        assert_eq!(admin.get("/mitre/tactics").await.items().len(), 3);
        assert_eq!(admin.get("/mitre/status").await.json["counts"]["tactics"], 3);
    }
}

db_test! {
    async fn the_matrix_is_one_cacheable_answer(app: TestApp) {
        let admin = app.admin().await;
        let empty = admin.get("/mitre/matrix").await.expect(200);
        assert_eq!(empty.json["tactics"], json!([]));
        sync(&admin, &Bundle::small()).await.expect(200);
        let get = |etag: String| { let admin = admin.clone(); async move { admin.send(Method::GET, "/mitre/matrix", None, &[("If-None-Match", &etag)]).await } };
        let full = get(empty.etag()).await.expect(200);
        assert_eq!(full.header("cache-control"), "private, no-cache");
        let columns: Vec<_> = full.json["tactics"].as_array().unwrap().iter().map(|t| (t["external_id"].as_str().unwrap(), t["techniques"].as_array().unwrap().iter().map(|t| t["external_id"].as_str().unwrap()).collect::<Vec<_>>())).collect();
        assert_eq!(columns, [("TA0006", vec!["T1003"]), ("TA0002", vec!["T1059", "T1562"]), ("TA0005", vec!["T1562"])]);
        assert_eq!(full.json["tactics"][1]["techniques"][0]["subtechniques"], json!([{"external_id": "T1059.001", "name": "PowerShell"}]));
        let (same, statements) = app.statements(get(full.etag())).await;
        assert_eq!((same.clone().expect(304).text, same.header("cache-control"), same.etag()), (String::new(), "private, no-cache".to_owned(), full.etag()));
        assert_eq!(statements, 1, "who calls and which edition, in one");
        let packed = admin.http.get(format!("{}/mitre/matrix", admin.base)).bearer_auth(admin.token.as_ref().unwrap()).header("Accept-Encoding", "gzip, br").send().await.unwrap();
        assert_eq!((packed.headers()["content-encoding"].to_str().unwrap(), packed.headers()["vary"].to_str().unwrap().to_ascii_lowercase()), ("br", "accept-encoding".to_owned()));
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut packed.bytes().await.unwrap().as_ref(), &mut plain).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&plain).unwrap(), full.json);
        sync(&admin, &newer()).await.expect(200);
        assert_ne!(get(full.etag()).await.expect(200).json, full.json);
    }
}

db_test! {
    async fn techniques_are_filtered_sorted_and_paged(app: TestApp) {
        let admin = app.admin().await;
        sync(&admin, &Bundle::small()).await.expect(200);
        for (query, want) in [
            ("techniques?q=CREDENTIAL", "T1003"), ("techniques?q=t1059", "T1059"), ("techniques?q=powershell", ""), ("techniques?q=powershell&include_retired=true", "T1086"),
            ("techniques?tactic=execution", "T1059 T1562"), ("techniques?tactic=ta0005", "T1562"), ("techniques?tactic=execution&q=impair", "T1562"), ("techniques?tactic=nothing", ""),
            ("techniques?technique=t1003", "T1003"), ("techniques?technique=T100", ""), ("techniques?include_retired=true", "T1003 T1059 T1064 T1086 T1562"), ("techniques?q=%25", ""), ("techniques?q=_", ""),
            ("techniques?sort=-external_id", "T1562 T1059 T1003"), ("techniques?sort=name", "T1059 T1562 T1003"), ("techniques?domain=mobile", ""),
            ("subtechniques", "T1003.001 T1059.001"), ("subtechniques?technique=T1059", "T1059.001"), ("subtechniques?tactic=credential-access", "T1003.001"), ("subtechniques?q=LSASS", "T1003.001"), ("subtechniques?q=.001&sort=-name", "T1059.001 T1003.001"),
        ] {
            let list = admin.get(&format!("/mitre/{query}")).await.expect(200);
            assert_eq!(texts(&list, "external_id").join(" "), want, "{query}");
            assert_eq!(list.json["total"], list.items().len(), "{query}");
        }
        let first = admin.get("/mitre/techniques?limit=2").await.expect(200);
        let rest = admin.get(&format!("/mitre/techniques?limit=2&cursor={}", first.json["next_cursor"].as_str().unwrap())).await.expect(200);
        assert_eq!((texts(&first, "external_id"), texts(&rest, "external_id"), &rest.json["next_cursor"]), (vec!["T1003", "T1059"], vec!["T1562"], &Value::Null));
        for query in ["techniques?domain=cloud", "tactics?domain=cloud", "techniques?surprise=1", "techniques?include_retired=perhaps", "techniques?sort=description"] {
            admin.get(&format!("/mitre/{query}")).await.problem(400, "invalid_query");
        }
        admin.get("/mitre/techniques?q=%00").await.problem(422, "validation_failed");
        admin.get(&format!("/mitre/techniques?q={}", "x".repeat(201))).await.problem(422, "validation_failed");
    }
}
