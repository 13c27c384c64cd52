//! Reading the audit log, and finding what was tampered with.

use serde_json::{Value, json};

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::Client;

/// The acts of a list, in order.
async fn acts(who: &Client, query: &str) -> Vec<String> {
    let page = who.get(&format!("/audit-events{query}")).await.expect(200);
    page.items().iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect()
}

db_test! {
    async fn the_log_is_read_by_filter_and_page_and_as_a_table(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        e.blue.post("/users", json!({"email": "x@example.test", "display_name": "X"})).await.problem(403, "forbidden");
        let mission = e.mission.trim_start_matches("/missions/").to_owned();

        let all = e.admin.get("/audit-events?limit=200").await.expect(200);
        let total = usize::try_from(all.json["total"].as_u64().unwrap()).unwrap();
        assert_eq!(all.items().len(), total);
        let times: Vec<&str> = all.items().iter().map(|e| e["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "the newest first");
        let denied = &all.items()[0];
        assert_eq!((&denied["action"], &denied["actor_name"], &denied["detail"]["permission"]), (&json!("denied"), &json!("Blue"), &json!("user.create")));
        assert_eq!((&denied["stream"], &denied["object_kind"], &denied["detail"]["path"]), (&json!("system"), &json!("request"), &json!("/api/v1/users")));

        // page by page the same
        let (mut cursor, mut paged) = (String::new(), Vec::new());
        loop {
            let page = e.admin.get(&format!("/audit-events?limit=3&cursor={cursor}")).await.expect(200);
            paged.extend(page.items().iter().map(|e| e["id"].clone()));
            match page.json["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(paged, all.items().iter().map(|e| e["id"].clone()).collect::<Vec<_>>());

        assert_eq!(acts(&e.admin, &format!("?stream={mission}")).await, ["mission.transition", "mission.create"]);
        assert_eq!(acts(&e.admin, "?action=denied").await, ["denied"]);
        assert_eq!(acts(&e.admin, "?action=mission").await, ["mission.transition", "mission.create"]);
        assert_eq!(acts(&e.admin, "?action=mission.create").await, ["mission.create"]);
        assert!(acts(&e.admin, "?action=m%25").await.is_empty(), "no pattern");
        assert_eq!(acts(&e.admin, &format!("?actor_id={}", e.blue.id)).await[0], "denied");
        assert_eq!(acts(&e.admin, &format!("?object_kind=mission&object_id={mission}")).await.len(), 2);
        assert!(acts(&e.admin, "?to=2020-01-01T00:00:00Z").await.is_empty());
        assert_eq!(acts(&e.admin, "?from=2020-01-01T00:00:00Z&limit=200").await.len(), total);
        e.admin.get("/audit-events?from=yesterday").await.problem(400, "invalid_query");
        e.admin.get("/audit-events?who=me").await.problem(400, "invalid_query");

        // a name that a spreadsheet would run
        let template = e.admin.post("/test-templates", json!({"name": "=1+1"})).await.expect(201).id();
        let answer = e.admin.send(reqwest::Method::GET, &format!("/audit-events?object_id={template}"), None, &[("Accept", "text/csv")]).await.expect(200);
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert!(answer.header("content-disposition").contains("audit.csv"));
        let mut csv = csv::Reader::from_reader(answer.text.as_bytes());
        let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
        assert_eq!((rows.len(), &rows[0][5], &rows[0][7]), (1, "test_template.create", template.as_str()));
        let whole = e.admin.send(reqwest::Method::GET, "/audit-events", None, &[("Accept", "text/csv")]).await.expect(200);
        assert_eq!(csv::Reader::from_reader(whole.text.as_bytes()).records().count(), total + 1, "more than a page too");
        assert!(whole.text.lines().skip(1).all(|line| !line.starts_with(['=', '+', '-', '@'])));
    }
}

/// The first fault, or that there is none.
async fn fault(who: &Client) -> Value {
    let told = who.get("/audit-events/verify").await.expect(200).json;
    assert_eq!(told["ok"], json!(told["faults"].as_array().unwrap().is_empty()), "{told}");
    match told["faults"].as_array().unwrap().first() {
        Some(fault) => json!([fault["sequence"], fault["fault"]]),
        None => Value::Null,
    }
}

db_test! {
    async fn whatever_is_changed_taken_out_or_moved_is_found(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let told = e.admin.get("/audit-events/verify").await.expect(200).json;
        let (events, streams) = (app.count("SELECT count(*) FROM audit_events").await, app.count("SELECT count(*) FROM audit_heads").await);
        assert_eq!((&told["ok"], &told["events"], &told["streams"], &told["faults"]), (&json!(true), &json!(events), &json!(streams), &json!([])));
        let last = app.count("SELECT max(sequence) FROM audit_events WHERE stream = 'system'").await;
        assert!(last > 6);
        let at = |n: i64| format!("stream = 'system' AND sequence = {n}");
        let middle = last / 2;

        // every field of an entry
        for (change, back) in [
            ("action = action || 'x'", "action = substr(action, 1, length(action) - 1)"),
            ("object_kind = object_kind || 'x'", "object_kind = substr(object_kind, 1, length(object_kind) - 1)"),
            ("object_id = object_id || 'x'", "object_id = substr(object_id, 1, length(object_id) - 1)"),
            ("ip = ip || 'x'", "ip = substr(ip, 1, length(ip) - 1)"),
            ("request_id = request_id || 'x'", "request_id = substr(request_id, 1, length(request_id) - 1)"),
            ("hash = 'a' || hash", "hash = substr(hash, 2)"),
        ] {
            app.sql(&format!("UPDATE audit_events SET {change} WHERE {}", at(middle))).await;
            assert_eq!(fault(&e.admin).await, json!([middle, "changed"]), "{change}");
            app.sql(&format!("UPDATE audit_events SET {back} WHERE {}", at(middle))).await;
            assert_eq!(fault(&e.admin).await, Value::Null, "{back}");
        }
        for column in ["actor_id", "detail", "at"] {
            // what another entry says in its place, kept to be put back
            app.sql("CREATE TABLE kept AS SELECT * FROM audit_events").await;
            let other = if column == "detail" { "'{\"x\": 1}'".to_owned() } else if column == "at" { "(SELECT max(at) FROM kept)".to_owned() } else { "NULL".to_owned() };
            app.sql(&format!("UPDATE audit_events SET {column} = {other} WHERE {}", at(middle))).await;
            assert_eq!(fault(&e.admin).await, json!([middle, "changed"]), "{column}");
            app.sql(&format!("UPDATE audit_events SET {column} = (SELECT k.{column} FROM kept k WHERE k.id = audit_events.id) WHERE {}", at(middle))).await;
            app.sql("DROP TABLE kept").await;
            assert_eq!(fault(&e.admin).await, Value::Null, "{column}");
        }

        // taken out: the first, one in the middle, the last
        for (n, wanted) in [(1, json!([1, "missing"])), (middle, json!([middle, "missing"])), (last, json!([last, "unknown_end"]))] {
            app.sql(&format!("CREATE TABLE kept AS SELECT * FROM audit_events WHERE {}", at(n))).await;
            app.sql(&format!("DELETE FROM audit_events WHERE {}", at(n))).await;
            assert_eq!(fault(&e.admin).await, wanted);
            app.sql("INSERT INTO audit_events SELECT * FROM kept").await;
            app.sql("DROP TABLE kept").await;
            assert_eq!(fault(&e.admin).await, Value::Null);
        }

        // two in each other's place
        let swap = |a: i64, b: i64| vec![format!("UPDATE audit_events SET sequence = -1 WHERE {}", at(a)), format!("UPDATE audit_events SET sequence = {a} WHERE {}", at(b)), format!("UPDATE audit_events SET sequence = {b} WHERE {}", at(-1))];
        for sql in swap(2, 3) {
            app.sql(&sql).await;
        }
        assert_eq!(fault(&e.admin).await, json!([2, "changed"]));
        for sql in swap(2, 3) {
            app.sql(&sql).await;
        }
        assert_eq!(fault(&e.admin).await, Value::Null);

        // the note of the end: changed, gone
        app.sql("UPDATE audit_heads SET hash = 'a' || hash WHERE stream = 'system'").await;
        assert_eq!(fault(&e.admin).await, json!([last, "unknown_end"]));
        app.sql("UPDATE audit_heads SET hash = substr(hash, 2) WHERE stream = 'system'").await;
        app.sql("CREATE TABLE kept AS SELECT * FROM audit_heads WHERE stream = 'system'").await;
        app.sql("DELETE FROM audit_heads WHERE stream = 'system'").await;
        assert_eq!(fault(&e.admin).await, json!([1, "unknown_end"]));
        app.sql("INSERT INTO audit_heads SELECT * FROM kept").await;
        assert_eq!(fault(&e.admin).await, Value::Null);
        assert_eq!(app.count("SELECT count(*) FROM audit_events").await, events, "reading leaves no trace");
    }
}
