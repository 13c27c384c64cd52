//! Figures for whoever watches the server.

use crate::harness::{Engine, TestApp, block_on};

#[test]
fn metrics_count_by_operation_and_name_nobody() {
    block_on(async {
        let app = TestApp::spawn_with(Engine::Sqlite, |o| o.metrics_listen = Some("127.0.0.1:0".into())).await;
        let admin = app.admin().await;
        let user = admin.id;
        for _ in 0..3 {
            admin.get(&format!("/users/{user}")).await.expect(200);
        }
        admin.get("/users/none").await.expect(404);
        admin.get("/nowhere/at/all").await.expect(404);
        let text = app.state.metrics.text(&app.state).unwrap();
        let line = |part: &str| text.lines().find(|l| l.contains(part)).unwrap_or_else(|| panic!("no {part} in {text}")).to_owned();
        assert!(line(r#"tyrian_requests_total{method="GET",path="/api/v1/users/{id}",status="200"}"#).ends_with(" 3"));
        assert!(line(r#"path="/api/v1/users/{id}",status="404"#).ends_with(" 1"));
        assert!(line(r#"tyrian_request_seconds_count{method="GET",path="/api/v1/users/{id}"}"#).ends_with(" 4"));
        assert!(line(r#"path="unknown""#).contains("404"), "what is no route is one line, whatever its path");
        assert!(!line("tyrian_database_statements ").ends_with(" 0"));
        assert!(!text.contains(&user.to_string()) && !text.contains("nowhere"), "{text}");
        // it has an address of its own, and is not on that of the API
        assert!(!reqwest::get(format!("{}/metrics", app.url)).await.unwrap().text().await.unwrap().contains("tyrian_requests"));
    });
}

#[test]
fn https_says_so_for_a_year() {
    block_on(async {
        let app = TestApp::spawn_with(Engine::Sqlite, |o| o.public_url = Some("https://tyrian.example.test".into())).await;
        let answer = app.anonymous().get("/setup").await;
        assert!(answer.header("strict-transport-security").starts_with("max-age=31536000"));
        let plain = TestApp::spawn(Engine::Sqlite).await;
        assert_eq!(plain.anonymous().get("/setup").await.header("strict-transport-security"), "");
    });
}
