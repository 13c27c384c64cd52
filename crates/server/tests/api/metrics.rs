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
        assert!(!line("tyrian_database_statement_seconds_count ").ends_with(" 0"));
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

/// What the log said.
#[derive(Clone, Default)]
struct Said(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_slow_statement_is_logged_with_its_operation_and_without_what_it_was_given() {
    let said = Said::default();
    let writer = said.clone();
    // the tests of this process share it; at 0 ms only this one's statements are all slow
    tracing_subscriber::fmt().json().with_writer(move || writer.clone()).init();
    block_on(async {
        let app = TestApp::spawn_with(Engine::Sqlite, |o| o.slow_query_ms = Some("0".into())).await;
        let admin = app.admin().await;
        admin.get(&format!("/users/{}", admin.id)).await.expect(200);
        let log = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
        let slow: Vec<&str> = log.lines().filter(|l| l.contains("tyrian::slow_query")).collect();
        let of_user: Vec<&&str> = slow.iter().filter(|l| l.contains("\"operation\":\"GET /api/v1/users/{id}\"")).collect();
        assert!(of_user.len() >= 2, "{slow:?}");
        assert!(of_user.iter().all(|l| l.contains("SELECT") && !l.contains(&admin.id.to_string()) && !l.contains("\"request_id\":\"\"")));
        assert!(!slow.iter().any(|l| l.contains("admin@example.test") || l.contains("$argon2id$")));
    });
}
