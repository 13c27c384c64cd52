//! Health, readiness, the database card.

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
