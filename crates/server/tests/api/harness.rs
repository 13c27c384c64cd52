//! `TestApp`: the application of one test, and clients to speak to it.

use std::path::PathBuf;
use std::sync::OnceLock;

use actix_web::rt::System;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tyrian_server::app::Application;
use tyrian_server::config::{Options, Settings};
use tyrian_server::state::State;
use uuid::Uuid;

/// The password of every user of the tests.
pub const PASSWORD: &str = "correct horse battery staple 9";

/// The engines a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Writes a test twice: `name::sqlite` and `name::postgres`. The second says that it skipped where there is no server.
#[macro_export]
macro_rules! db_test {
    ($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "each test uses what it needs of its file's imports")]
            use super::*;
            async fn run($app: $crate::harness::TestApp) $body

            #[test]
            fn sqlite() {
                $crate::harness::block_on(async { run($crate::harness::TestApp::spawn($crate::harness::Engine::Sqlite).await).await });
            }

            #[test]
            fn postgres() {
                if std::env::var("TYRIAN_TEST_PG").is_err() {
                    println!("skipped: TYRIAN_TEST_PG is not set");
                    return;
                }
                $crate::harness::block_on(async { run($crate::harness::TestApp::spawn($crate::harness::Engine::Postgres).await).await });
            }
        }
    };
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    static TLS: OnceLock<()> = OnceLock::new();
    TLS.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    System::new().block_on(work)
}

/// The application of one test. Its database and folder go when it is dropped.
pub struct TestApp {
    pub engine: Engine,
    pub url: String,
    pub state: State,
    /// Its data folder.
    pub dir: tempfile::TempDir,
    database: Option<String>,
}

impl TestApp {
    /// With the settings that most tests want: no limits, reset enabled, private sources allowed.
    pub async fn spawn(engine: Engine) -> Self {
        Self::spawn_with(engine, |_| {}).await
    }

    /// With other settings.
    pub async fn spawn_with(engine: Engine, change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (database_url, database) = match engine {
            Engine::Sqlite => {
                let file = dir.path().join("tyrian.db");
                if let Some(template) = migrated_template().await {
                    std::fs::copy(template, &file).unwrap();
                }
                (format!("sqlite://{}", file.display()), None)
            }
            Engine::Postgres => {
                let admin = std::env::var("TYRIAN_TEST_PG").unwrap();
                let name = format!("tyrian_test_{}", Uuid::now_v7().simple());
                execute(&admin, &format!("CREATE DATABASE {name}")).await;
                let mut url = url::Url::parse(&admin).unwrap();
                url.set_path(&name);
                (url.to_string(), Some(name))
            }
        };
        let mut options = Options {
            listen: Some("127.0.0.1:0".into()),
            database_url: Some(database_url),
            data_dir: Some(dir.path().display().to_string()),
            secret_key: Some("0123456789abcdef".repeat(4)),
            rate_limit: Some("off".into()),
            login_throttle: Some("off".into()),
            enable_diag_reset: Some("true".into()),
            outbound_allow_private: Some("true".into()),
            // what a test loses when the machine loses power is nothing
            sqlite_synchronous: Some("normal".into()),
            database_connections: Some("8".into()),
            ..Options::default()
        };
        change(&mut options);
        let application = Application::build(Settings::load(options, None).unwrap()).await.unwrap();
        let (url, state) = (format!("http://{}", application.address), application.state.clone());
        actix_web::rt::spawn(application.run());
        Self { engine, url, state, dir, database }
    }

    /// A second instance on the same PostgreSQL database, with a data folder of its own.
    pub async fn twin(&self) -> Self {
        let mut url = url::Url::parse(&std::env::var("TYRIAN_TEST_PG").unwrap()).unwrap();
        url.set_path(self.database.as_deref().expect("instances share a PostgreSQL database"));
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            listen: Some("127.0.0.1:0".into()),
            database_url: Some(url.to_string()),
            data_dir: Some(dir.path().display().to_string()),
            secret_key: Some("0123456789abcdef".repeat(4)),
            rate_limit: Some("off".into()),
            database_connections: Some("8".into()),
            ..Options::default()
        };
        let application = Application::build(Settings::load(options, None).unwrap()).await.unwrap();
        let (url, state) = (format!("http://{}", application.address), application.state.clone());
        actix_web::rt::spawn(application.run());
        Self { engine: self.engine, url, state, dir, database: None }
    }

    /// Nobody signed in.
    pub fn anonymous(&self) -> Client {
        Client { base: format!("{}/api/v1", self.url), http: reqwest::Client::new(), token: None, id: Uuid::nil() }
    }

    /// Set-up done, and the first admin signed in.
    pub async fn admin(&self) -> Client {
        let anonymous = self.anonymous();
        if anonymous.get("/setup").await.json["needed"] == true {
            anonymous
                .post("/setup", json!({"email": "admin@example.test", "display_name": "Ada Admin", "password": PASSWORD}))
                .await
                .expect(201);
        }
        self.login("admin@example.test").await
    }

    /// A user of this address, signed in.
    pub async fn login(&self, email: &str) -> Client {
        self.login_with(email, PASSWORD).await
    }

    /// A user of this address, signed in by this password.
    pub async fn login_with(&self, email: &str, password: &str) -> Client {
        let mut client = self.anonymous();
        let answer = client.post("/auth/login", json!({"email": email, "password": password})).await.expect(200);
        client.token = Some(answer.json["access_token"].as_str().unwrap().to_owned());
        client.id = answer.json["user"]["id"].as_str().unwrap().parse().unwrap();
        client
    }

    /// A new user in one of the seeded groups, signed in. `name` becomes `name@example.test`.
    pub async fn member(&self, admin: &Client, name: &str, group: &str) -> Client {
        let email = format!("{name}@example.test");
        let user = admin.post("/users", json!({"email": email, "display_name": name, "password": PASSWORD})).await.expect(201);
        let groups = admin.get("/groups?limit=200").await.expect(200);
        let group = groups.json["items"].as_array().unwrap().iter().find(|g| g["name"] == group).unwrap()["id"].clone();
        admin.put(&format!("/users/{}/groups", user.id()), json!({"group_ids": [group]})).await.expect(200);
        self.login(&email).await
    }

    /// How many statements the database saw while `work` ran.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.state.db.statements();
        let value = work.await;
        (value, self.state.db.statements() - before)
    }

    /// One number by SQL.
    pub async fn count(&self, sql: &str) -> i64 {
        let row = self.state.db.reader().query_one_raw(Statement::from_string(self.state.db.backend(), sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// One column of texts by SQL.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.state.db.reader().query_all_raw(Statement::from_string(self.state.db.backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Runs SQL.
    pub async fn sql(&self, sql: &str) {
        self.state.db.writer().execute_unprepared(sql).await.unwrap();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(name) = self.database.take() {
            let admin = std::env::var("TYRIAN_TEST_PG").unwrap();
            // in a thread of its own, since a drop cannot wait
            std::thread::spawn(move || {
                block_on(async move { execute(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await });
            })
            .join()
            .ok();
        }
    }
}

async fn execute(url: &str, sql: &str) {
    let db = Database::connect(sea_orm::ConnectOptions::new(url).max_connections(1).sqlx_logging(false).to_owned()).await.unwrap();
    db.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    db.close().await.unwrap();
}

/// A migrated database file that tests copy: migrating takes longer than copying. One for each run of the test binary's build.
async fn migrated_template() -> Option<PathBuf> {
    let stamp =
        std::fs::metadata(std::env::current_exe().ok()?).ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?.as_nanos();
    let path = std::env::temp_dir().join(format!("tyrian-template-{stamp}.db"));
    if path.exists() {
        return Some(path);
    }
    let dir = tempfile::tempdir().ok()?;
    let file = dir.path().join("template.db");
    let options = Options {
        database_url: Some(format!("sqlite://{}", file.display())),
        data_dir: Some(dir.path().display().to_string()),
        secret_key: Some("k".repeat(32)),
        ..Options::default()
    };
    let db = tyrian_server::db::Db::connect(&Settings::load(options, None).ok()?).await.ok()?;
    db.migrate().await.ok()?;
    // into one file without its journal, then put in place at once: several test processes may be here together
    let copy = dir.path().join("copy.db");
    db.writer().execute_unprepared(&format!("VACUUM INTO '{}'", copy.display())).await.ok()?;
    let staged = path.with_extension(Uuid::now_v7().simple().to_string());
    std::fs::copy(&copy, &staged).ok()?;
    std::fs::rename(&staged, &path).ok()?;
    Some(path)
}

/// A client of the API.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub http: reqwest::Client,
    pub token: Option<String>,
    /// Of the user who is signed in.
    pub id: Uuid,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// Null where the body is no JSON.
    pub json: Value,
    what: String,
}

impl Answer {
    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} answered {}", self.what, self.text);
        self
    }

    /// Fails unless it is a problem of this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.what);
        assert_eq!(answer.json["code"], code, "{} answered {}", answer.what, answer.text);
        assert_eq!(answer.json["status"], status);
        for field in ["type", "title", "detail", "request_id"] {
            assert!(answer.json[field].as_str().is_some_and(|v| !v.is_empty()), "{field} is missing in {}", answer.text);
        }
        answer
    }

    /// The `id` of the object.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text)).to_owned()
    }

    /// A header, empty if absent.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The ETag.
    pub fn etag(&self) -> String {
        self.header("etag")
    }

    /// The `items` of a list.
    #[track_caller]
    pub fn items(&self) -> &Vec<Value> {
        self.json["items"].as_array().unwrap_or_else(|| panic!("no items in {}", self.text))
    }
}

impl Client {
    /// Any request. `path` is below `/api/v1`.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(format!("{method} {path}"), request).await
    }

    /// The head of an answer whose body has no end, such as a stream of events; a refusal whole.
    pub async fn begin(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let what = format!("GET {path}");
        let response = request.send().await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
        let (status, headers) = (response.status(), response.headers().clone());
        let text = if status.is_success() { String::new() } else { response.text().await.unwrap() };
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json, what }
    }

    /// A file, byte for byte; fails unless it is there.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let mut request = self.http.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let (status, bytes) = (response.status(), response.bytes().await.unwrap().to_vec());
        assert!(status.is_success(), "GET {path} answered {status} {}", String::from_utf8_lossy(&bytes));
        bytes
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body), &[]).await
    }

    /// A PATCH with this If-Match.
    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body), &[("If-Match", etag)]).await
    }

    /// A DELETE with this If-Match.
    pub async fn delete(&self, path: &str, etag: &str) -> Answer {
        self.send(Method::DELETE, path, None, &[("If-Match", etag)]).await
    }

    /// A PATCH with the version that a GET gives.
    pub async fn edit(&self, path: &str, body: Value) -> Answer {
        let etag = self.get(path).await.expect(200).etag();
        self.patch(path, &etag, body).await
    }

    /// A DELETE with the version that a GET gives.
    pub async fn remove(&self, path: &str) -> Answer {
        let etag = self.get(path).await.expect(200).etag();
        self.delete(path, &etag).await
    }

    /// A multipart upload of one file and some fields.
    pub async fn upload(&self, path: &str, file_name: &str, bytes: Vec<u8>, fields: &[(&str, &str)]) -> Answer {
        self.upload_with(path, file_name, bytes, fields, &[]).await
    }

    /// The same with headers.
    pub async fn upload_with(
        &self,
        path: &str,
        file_name: &str,
        bytes: Vec<u8>,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut form = reqwest::multipart::Form::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        form = form.part("file", reqwest::multipart::Part::bytes(bytes).file_name(file_name.to_owned()));
        let mut request = self.http.post(format!("{}{path}", self.base)).multipart(form);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(format!("upload {path}"), request).await
    }
}

/// Sends a request that was made by hand.
pub async fn answer(what: String, request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, text, json, what }
}
