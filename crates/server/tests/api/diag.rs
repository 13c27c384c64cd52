//! Health, readiness, the database card.

use serde_json::json;

use crate::db_test;

db_test! {
    async fn the_instance_says_that_it_is_well(app: TestApp) {
        let anyone = app.anonymous();
        assert_eq!(anyone.get("/diag/health").await.expect(200).json["status"], "ok");
        anyone.get("/diag/ready").await.expect(200);
        anyone.get("/diag/db").await.problem(401, "unauthenticated");
        let admin = app.admin().await;
        let db = admin.get("/diag/db").await.expect(200).json;
        assert_eq!(db["reachable"], true);
        assert!(db["engine"].as_str().unwrap().starts_with(if app.engine == crate::harness::Engine::Sqlite { "SQLite 3" } else { "PostgreSQL 1" }));
        assert!(db["table_count"].as_u64().unwrap() >= 26, "{db}");
        assert!(db["revision"].as_str().unwrap().starts_with("m2026"));
    }
}

db_test! {
    async fn what_is_not_there_is_a_problem_with_the_request_id(app: TestApp) {
        let anyone = app.anonymous();
        let answer = anyone.send(reqwest::Method::GET, "/nothing/here", None, &[("X-Request-Id", "my-id-1")]).await.problem(404, "not_found");
        assert_eq!(answer.json["request_id"], "my-id-1");
        assert_eq!(answer.header("x-request-id"), "my-id-1");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        anyone.send(reqwest::Method::DELETE, "/diag/health", None, &[]).await.expect(404);
    }
}

db_test! {
    async fn the_document_is_served(app: TestApp) {
        let document = app.anonymous().get("/openapi.json").await.expect(200).json;
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        assert!(document["paths"]["/api/v1/auth/login"]["post"].is_object());
        let page = app.anonymous().http.get(format!("{}/api/docs/", app.url)).send().await.unwrap();
        assert_eq!(page.status().as_u16(), 200);
        assert!(page.text().await.unwrap().contains("swagger"));
    }
}

/// A full disk: the change is refused, nothing of it is left open on the connection, and what is answered later is committed.
/// SQLite only: it has one connection that writes.
#[test]
fn a_full_disk_refuses_changes_and_loses_none_that_it_answers() {
    crate::harness::block_on(async {
        let app = crate::harness::TestApp::spawn(crate::harness::Engine::Sqlite).await;
        let admin = app.admin().await;
        for round in 0..4 {
            // of this connection: the database may not grow by a page
            app.sql("PRAGMA max_page_count = 1").await;
            let mut refused = 0;
            for n in 0..6 {
                let body = json!({"name": format!("T{round}.{n}"), "procedure": "x".repeat(20_000)});
                let answer = admin.post("/test-templates", body).await;
                if answer.status == 201 {
                    admin.get(&format!("/test-templates/{}", answer.id())).await.expect(200);
                } else {
                    assert!(!answer.problem(503, "unavailable").header("retry-after").is_empty());
                    refused += 1;
                }
            }
            assert!(refused > 0, "round {round}: nothing was refused");
            let kept = admin.post("/test-templates", json!({"name": format!("room again {round}")})).await.expect(201).id();
            // readers have connections of their own: they see only what is committed
            admin.get(&format!("/test-templates/{kept}")).await.expect(200);
        }
        assert_eq!(admin.get("/audit-events/verify").await.expect(200).json["ok"], true);
    });
}

db_test! {
    async fn postgres_is_understood_in_every_language(app: TestApp) {
        if app.engine == crate::harness::Engine::Sqlite {
            return;
        }
        let admin = app.admin().await;
        app.sql("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'Kein Platz'; END $$").await;
        app.sql("CREATE TRIGGER fail BEFORE INSERT ON test_templates FOR EACH ROW EXECUTE FUNCTION fail()").await;
        for (code, status, word) in [
            ("53100", 503, "unavailable"),
            ("57P03", 503, "unavailable"),
            ("53300", 503, "unavailable"),
            ("58030", 503, "unavailable"),
            ("P0001", 500, "internal"),
        ] {
            app.sql(&format!("CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'Kein Platz' USING ERRCODE = '{code}'; END $$")).await;
            let answer = admin.post("/test-templates", json!({"name": code})).await.problem(status, word);
            assert_eq!(answer.header("retry-after").is_empty(), status == 500, "{code}");
            assert_eq!(answer.json["detail"].as_str().unwrap().contains("disk"), code == "53100", "{code}: {}", answer.text);
        }
        app.sql("DROP TRIGGER fail ON test_templates").await;
        admin.post("/test-templates", json!({"name": "well"})).await.expect(201);
    }
}
