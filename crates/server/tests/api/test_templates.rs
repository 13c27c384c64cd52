//! Test templates: create, read, change, delete, filters, ATT&CK tags, the export.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::fixtures::seed_catalogue;
use crate::harness::{Answer, Client};

/// Every field that a client may write.
fn full() -> Value {
    json!({
        "name": "Dump LSASS 🦑", "objective": "Credentials", "procedure": "1. do *it*", "prerequisites": "admin", "cleanup": "rm x", "expected_detection": "an alert",
        "detection_rules": [{"format": "sigma", "title": "LSASS access", "level": "high", "body": "title: x"}, {"format": "text", "title": "look", "level": null, "body": "see"}],
        "opsec_level": "high", "platforms": ["Windows"], "tags": ["quiet", "ünï 🦑"], "executor": "powershell", "command": "dump #{pid}",
        "arguments": {"pid": {"description": "which", "type": "integer", "default": 4}, "path": {"description": null, "type": null, "default": "C:\\x"}},
        "elevation_required": true, "references": ["https://example.org/a"],
        "mitre_tags": [{"kind": "subtechnique", "external_id": "T1003.001"}, {"kind": "tactic", "external_id": "TA0006"}],
    })
}

async fn create(c: &Client, body: Value) -> Answer {
    c.post("/test-templates", body).await.expect(201)
}

fn tags(answer: &Answer) -> Vec<&str> {
    answer.json["mitre_tags"].as_array().unwrap().iter().map(|t| t["external_id"].as_str().unwrap()).collect()
}

fn pointer(answer: &Answer) -> &str {
    answer.json["errors"][0]["pointer"].as_str().unwrap()
}

db_test! {
    async fn a_template_keeps_every_field(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let made = create(&admin, full()).await;
        let path = format!("/test-templates/{}", made.id());
        assert_eq!(made.header("location"), format!("/api/v1{path}"));
        let seen = admin.get(&path).await.expect(200);
        assert_eq!((&seen.json, seen.etag()), (&made.json, made.etag()), "the answer to the create is what a read gives");
        for (field, value) in full().as_object().unwrap().iter().filter(|(field, _)| *field != "mitre_tags") {
            assert_eq!(&seen.json[field], value, "{field}");
        }
        assert_eq!(seen.json["mitre_tags"], json!([
            {"kind": "subtechnique", "external_id": "T1003.001", "name": "LSASS Memory", "url": "https://attack.mitre.org/techniques/T1003/001"},
            {"kind": "tactic", "external_id": "TA0006", "name": "Credential Access", "url": "https://attack.mitre.org/tactics/TA0006"},
        ]));
        assert_eq!((&seen.json["version"], &seen.json["created_by"]["display_name"], &seen.json["source_kind"]), (&json!(1), &json!("Ada Admin"), &Value::Null));
        admin.send(Method::GET, &path, None, &[("If-None-Match", &seen.etag())]).await.expect(304);
        // what is left out has a sensible value
        let small = create(&admin, json!({"name": "small"})).await.json;
        assert_eq!((&small["opsec_level"], &small["executor"], &small["objective"], &small["tags"], &small["arguments"], &small["elevation_required"]),
            (&json!("medium"), &json!("manual"), &Value::Null, &json!([]), &json!({}), &json!(false)));
        // a list shows no long texts
        let list = admin.get("/test-templates").await.expect(200);
        assert_eq!((list.items().len(), &list.json["total"]), (2, &json!(2)));
        let keys: Vec<_> = list.items()[1].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["created_at", "created_by", "executor", "id", "mitre_tags", "name", "objective", "opsec_level", "platforms", "tags", "unresolved_tags", "updated_at", "version"]);
        assert_eq!(list.items()[1]["mitre_tags"], seen.json["mitre_tags"]);
        create(&admin, json!({"name": "wordy", "objective": "é".repeat(5000)})).await;
        assert_eq!(admin.get("/test-templates").await.items()[0]["objective"].as_str().unwrap().chars().count(), 1000);
    }
}

db_test! {
    async fn a_patch_keeps_clears_and_sets_each_field(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let made = create(&admin, full()).await;
        let path = format!("/test-templates/{}", made.id());
        let edited = |version: i64, changes: Value| {
            let mut want = made.json.clone();
            want.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            want["version"] = json!(version);
            want.as_object_mut().unwrap().remove("updated_at");
            want
        };
        let stripped = |mut answer: Value| { answer.as_object_mut().unwrap().remove("updated_at"); answer };
        assert_eq!(stripped(admin.edit(&path, json!({})).await.expect(200).json), edited(2, json!({})), "nothing named, nothing changed");
        let cleared: Vec<&str> = vec!["objective", "procedure", "prerequisites", "cleanup", "expected_detection", "command"];
        let emptied: Vec<(&str, Value)> = vec![("detection_rules", json!([])), ("platforms", json!([])), ("tags", json!([])), ("arguments", json!({})), ("references", json!([])), ("mitre_tags", json!([]))];
        let mut nulls = json!({});
        let mut want = json!({});
        for field in &cleared { nulls[*field] = Value::Null; want[*field] = Value::Null; }
        for (field, empty) in &emptied { nulls[*field] = Value::Null; want[*field] = empty.clone(); }
        assert_eq!(stripped(admin.edit(&path, nulls).await.expect(200).json), edited(3, want));
        for field in ["name", "opsec_level", "executor", "elevation_required"] {
            assert_eq!(pointer(&admin.edit(&path, json!({field: null})).await.problem(422, "validation_failed")), format!("/{field}"));
        }
        // and all of it set again
        let mut set = full();
        set["name"] = json!("Renamed");
        set["elevation_required"] = json!(false);
        assert_eq!(stripped(admin.edit(&path, set.clone()).await.expect(200).json), edited(4, json!({"name": "Renamed", "elevation_required": false})));
        // a list is replaced, in the order given
        let after = admin.edit(&path, json!({"mitre_tags": [{"kind": "technique", "external_id": "T1021"}, {"kind": "subtechnique", "external_id": "T1003.001"}], "tags": ["b", "a"]})).await.expect(200);
        assert_eq!((tags(&after), &after.json["tags"]), (vec!["T1021", "T1003.001"], &json!(["b", "a"])));
        assert_eq!(admin.get("/test-templates?tag=quiet").await.json["total"], 0);
        assert_eq!(admin.get("/test-templates?q=renamed").await.json["total"], 1, "it is found by what it says now");
        assert_eq!(admin.get("/test-templates?q=lsass").await.json["total"], 0);
    }
}

db_test! {
    async fn an_edit_needs_the_version_that_it_edits(app: TestApp) {
        let admin = app.admin().await;
        let made = create(&admin, json!({"name": "T"})).await;
        let path = format!("/test-templates/{}", made.id());
        admin.send(Method::PATCH, &path, Some(json!({"name": "x"})), &[]).await.problem(428, "precondition_required");
        admin.send(Method::DELETE, &path, None, &[]).await.problem(428, "precondition_required");
        let second = admin.patch(&path, &made.etag(), json!({"name": "second"})).await.expect(200);
        assert_ne!(second.etag(), made.etag());
        let stale = admin.patch(&path, &made.etag(), json!({"name": "x"})).await.problem(412, "precondition_failed");
        assert_eq!(stale.json["current_etag"], second.etag());
        admin.delete(&path, &made.etag()).await.problem(412, "precondition_failed");
        assert_eq!(admin.get(&path).await.json, second.json, "what was refused changed nothing");
        admin.patch(&path, "\"2\"", json!({"name": "third"})).await.expect(200);
        admin.patch(&path, "*", json!({"name": "fourth"})).await.expect(200);
        // a fault of the body is told before a stale version
        admin.patch(&path, "\"1\"", json!({"name": ""})).await.problem(422, "validation_failed");
        let editors = futures_util::future::join_all((0..8).map(|i| { let (c, path) = (admin.clone(), path.clone()); async move { c.patch(&path, "\"4\"", json!({"name": format!("e{i}")})).await.status.as_u16() } })).await;
        assert_eq!((editors.iter().filter(|s| **s == 200).count(), editors.iter().filter(|s| **s == 412).count()), (1, 7));
        admin.remove(&path).await.expect(204);
        for answer in [admin.get(&path).await, admin.patch(&path, "*", json!({})).await, admin.delete(&path, "*").await, admin.get(&format!("/test-templates/{}", Uuid::now_v7())).await, admin.get("/test-templates/x").await] {
            answer.problem(404, "not_found");
        }
        assert_eq!(admin.get("/test-templates").await.json["total"], 0);
    }
}

db_test! {
    async fn tags_are_those_of_the_catalogue_each_once(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let try_tags = |tags: Value| { let admin = admin.clone(); async move { admin.post("/test-templates", json!({"name": "T", "mitre_tags": tags})).await } };
        let once = try_tags(json!([{"kind": "technique", "external_id": "T1059"}, {"kind": "technique", "external_id": " t1059 "}, {"kind": "tactic", "external_id": "ta0002"}, {"kind": "technique", "external_id": "T1059"}])).await.expect(201);
        assert_eq!(tags(&once), ["T1059", "TA0002"]);
        let labels = create(&admin, json!({"name": "L", "tags": ["a", "b", "a"], "platforms": ["Linux", "Linux"], "references": ["x", "x"]})).await.json;
        assert_eq!((&labels["tags"], &labels["platforms"], &labels["references"]), (&json!(["a", "b"]), &json!(["Linux"]), &json!(["x"])));
        let templates = app.count("SELECT count(*) FROM test_templates").await;
        for (tags, place, words) in [
            (json!([{"kind": "technique", "external_id": "T1059"}, {"kind": "technique", "external_id": "T9999"}]), 1, "T9999"),
            (json!([{"kind": "technique", "external_id": "TA0002"}]), 0, "TA0002 is no technique but a tactic"),
            (json!([{"kind": "technique", "external_id": "T1059.001"}]), 0, "T1059.001 is no technique but a subtechnique"),
            (json!([{"kind": "technique", "external_id": "T1086"}]), 0, "use T1059.001 instead"),
            (json!([{"kind": "technique", "external_id": ""}]), 0, "needed"),
            (json!([{"kind": "technique", "external_id": "' OR 1=1 --"}]), 0, "' OR 1=1 --"),
        ] {
            let refused = try_tags(tags).await.problem(422, "validation_failed");
            assert_eq!(pointer(&refused), format!("/mitre_tags/{place}/external_id"));
            assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains(words), "{words}: {}", refused.text);
        }
        let many: Vec<Value> = (0..101).map(|_| json!({"kind": "technique", "external_id": "T1059"})).collect();
        assert_eq!(pointer(&try_tags(json!(many)).await.problem(422, "validation_failed")), "/mitre_tags");
        // two faults are two errors
        assert_eq!(try_tags(json!([{"kind": "tactic", "external_id": "TA9"}, {"kind": "tactic", "external_id": "TA8"}])).await.json["errors"].as_array().unwrap().len(), 2);
        try_tags(json!([{"kind": "group", "external_id": "G0001"}])).await.problem(400, "invalid_body");
        assert_eq!(app.count("SELECT count(*) FROM test_templates").await, templates, "nothing was written");
    }
}

db_test! {
    async fn what_no_client_may_write_is_refused(app: TestApp) {
        let admin = app.admin().await;
        let made = create(&admin, json!({"name": "T"})).await;
        let path = format!("/test-templates/{}", made.id());
        for field in ["id", "version", "created_by", "created_by_id", "created_at", "updated_at", "deleted_at", "source_kind", "source_id", "source_checksum", "unresolved_tags", "search_text", "surprise"] {
            admin.post("/test-templates", json!({"name": "T", field: "1"})).await.problem(400, "invalid_body");
            admin.edit(&path, json!({field: "1"})).await.problem(400, "invalid_body");
        }
        for body in [json!({}), json!({"name": 1}), json!({"name": "x", "opsec_level": "loud"}), json!({"name": "x", "tags": "x"}), json!({"name": "x", "mitre_tags": [{"kind": "tactic", "external_id": "TA0002", "name": "x"}]})] {
            admin.post("/test-templates", body).await.problem(400, "invalid_body");
        }
        assert_eq!(admin.get(&path).await.json, made.json);
        assert_eq!(app.count("SELECT count(*) FROM test_templates").await, 1);
    }
}

db_test! {
    async fn filters_go_by_tag_technique_opsec_label_and_words(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let tagged = |name: &str, kind: &str, id: &str| json!({"name": name, "mitre_tags": [{"kind": kind, "external_id": id}]});
        for body in [
            tagged("tactic", "tactic", "TA0006"), tagged("technique", "technique", "T1003"), tagged("sub", "subtechnique", "T1003.001"), tagged("other", "technique", "T1059"),
            json!({"name": "Größe_100%", "objective": "ÄNDERUNG", "tags": ["Straße"], "opsec_level": "low", "executor": "bash"}), json!({"name": "loud", "opsec_level": "high", "tags": ["a\"b\\", "x"]}),
        ] {
            create(&admin, body).await;
        }
        for (query, want) in [
            ("tactic=TA0006", "sub tactic technique"), ("tactic=credential-access", "sub tactic technique"), ("tactic=ta0002", "other"), ("tactic=TA0008", ""), ("tactic=TA9999", ""),
            ("technique=T1003", "sub technique"), ("technique=t1003", "sub technique"), ("technique=T1003.001", ""), ("technique=T100", ""), ("subtechnique=t1003.001", "sub"),
            ("opsec=low", "Größe_100%"), ("opsec=high", "loud"), ("executor=bash", "Größe_100%"), ("opsec=high&executor=bash", ""), ("tactic=TA0006&technique=T1003&q=su", "sub"),
            ("tag=Stra%C3%9Fe", "Größe_100%"), ("tag=stra%C3%9Fe", ""), ("tag=a%22b%5C", "loud"), ("tag=x", "loud"), ("tag=%25", ""),
            ("q=GR%C3%96SSE", ""), ("q=GR%C3%96%C3%9FE", "Größe_100%"), ("q=100%25", "Größe_100%"), ("q=%25", "Größe_100%"), ("q=_", "Größe_100%"), ("q=%C3%A4nder", "Größe_100%"), ("q=STRASS", ""), ("q=stra%C3%9F", "Größe_100%"), ("q=t1003.0", "sub"), ("q=%5C", "loud"), ("q=++", "Größe_100% loud other sub tactic technique"),
        ] {
            let list = admin.get(&format!("/test-templates?sort=name&{query}")).await.expect(200);
            let mut names: Vec<_> = list.items().iter().map(|t| t["name"].as_str().unwrap()).collect();
            names.sort_unstable();
            assert_eq!((names.join(" "), &list.json["total"]), (want.to_owned(), &json!(names.len())), "{query}");
        }
        for query in ["opsec=quiet", "executor=perl", "surprise=1", "sort=objective", "limit=x", "cursor=abc"] {
            admin.get(&format!("/test-templates?{query}")).await.problem(400, "invalid_query");
        }
        for query in ["q=%00", "tag=%00", "limit=0", "limit=201", "limit=1000000000", "limit=-1"] {
            admin.get(&format!("/test-templates?{query}")).await.problem(422, "validation_failed");
        }
    }
}

db_test! {
    async fn names_sort_by_code_point_whatever_their_case_on_both_engines(app: TestApp) {
        let admin = app.admin().await;
        for name in ["b", "A", "_", "É", "z", "B", "a", "~", "Ω", "10", "9", "🦑"] {
            create(&admin, json!({"name": name})).await;
        }
        let (mut names, mut seen, mut cursor) = (Vec::new(), BTreeSet::new(), String::new());
        loop {
            let page = admin.get(&format!("/test-templates?sort=name&limit=5{cursor}")).await.expect(200);
            for t in page.items() {
                assert!(seen.insert(t["id"].to_string()), "a row twice");
                names.push(t["name"].as_str().unwrap().to_owned());
            }
            match page.json["next_cursor"].as_str() { Some(next) => cursor = format!("&cursor={next}"), None => break }
        }
        // equal ones by when they were made
        assert_eq!(names, ["10", "9", "_", "A", "a", "b", "B", "z", "~", "É", "Ω", "🦑"]);
    }
}

db_test! {
    async fn the_export_can_be_created_again(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        for body in [full(), json!({"name": "second"}), json!({"name": "gone"})] {
            create(&admin, body).await;
        }
        let gone = admin.get("/test-templates?q=gone").await.items()[0]["id"].as_str().unwrap().to_owned();
        admin.remove(&format!("/test-templates/{gone}")).await.expect(204);
        let export = admin.get("/test-templates/export").await.expect(200);
        assert_eq!(export.header("content-disposition"), "attachment; filename=\"test-templates.json\"");
        assert_eq!((&export.json["format"], &export.json["format_version"]), (&json!("tyrian-test-templates"), &json!(1)));
        assert_eq!(export.items().len(), 2);
        let without = |mut t: Value| { for field in ["id", "created_at", "updated_at"] { t.as_object_mut().unwrap().remove(field); } t };
        for item in export.items() {
            let original = admin.get(&format!("/test-templates?sort=created_at&q={}", if item["name"] == "second" { "second" } else { "lsass" })).await.items()[0]["id"].as_str().unwrap().to_owned();
            let original = admin.get(&format!("/test-templates/{original}")).await.json;
            assert_eq!(without(create(&admin, item.clone()).await.json), without(original), "made again it is the same");
        }
    }
}
