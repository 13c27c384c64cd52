//! Rights: every operation of the OpenAPI document, tried by each kind of caller, answers as `rights.txt` says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use reqwest::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use tyrian_entity::defence_tool;
use uuid::Uuid;

use crate::bundles::Bundle;
use crate::db_test;
use crate::harness::{Answer, Client, PASSWORD, TestApp};

const TABLE: &str = include_str!("rights.txt");
/// The table's columns.
const CALLERS: [&str; 7] = ["anon", "obs", "blue", "red", "lead", "admin", "outsider"];
const ANONYMOUS: usize = 0;
const OBSERVER: usize = 1;
const BLUE: usize = 2;
const RED: usize = 3;
pub const ADMIN: usize = 5;
const OUTSIDER: usize = 6;

pub struct Row {
    pub method: Method,
    /// Below `/api/v1`, with the words in braces that are to be filled in.
    pub path: String,
    pub expected: [u16; CALLERS.len()],
    pub body: Option<&'static str>,
}

impl Row {
    fn parse(line: &'static str) -> Self {
        let fault = || -> ! { panic!("rights.txt: not a row: {line}") };
        let mut rest = line;
        let mut word = || {
            let text = rest.trim_start();
            let (word, after) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
            rest = after;
            word
        };
        let (method, path) = (word(), word());
        let expected = CALLERS.map(|_| word().parse().unwrap_or_else(|_| fault()));
        let body = Some(rest.trim()).filter(|b| !b.is_empty());
        Self { method: method.parse().unwrap_or_else(|_| fault()), path: path.to_owned(), expected, body }
    }

    /// The operation as the document names it, whatever the words in its braces are.
    fn operation(&self) -> String {
        operation(self.method.as_str(), &self.path)
    }

    fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// Is it about a mission, so that an outsider must not learn that it exists?
    fn hides(&self) -> bool {
        self.expected[OUTSIDER] == 404 && self.path.starts_with("/missions/")
    }
}

pub fn rows() -> Vec<Row> {
    TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(Row::parse).collect()
}

/// `GET /missions/{}`
pub fn operation(method: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    format!("{} {}", method.to_uppercase(), parts.collect::<Vec<_>>().join("/"))
}

/// Every operation of the document.
pub fn document() -> BTreeMap<String, Value> {
    let document: Value = serde_json::from_str(&tyrian_server::openapi::document().to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let path = path.strip_prefix("/api/v1").unwrap().to_owned();
        let item = item.as_object().unwrap().clone().into_iter();
        let operations = item.filter(|(method, _)| ["get", "post", "put", "patch", "delete"].contains(&method.as_str()));
        operations.map(move |(method, o)| (operation(&method, &path), o)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let (document, rows) = (document(), rows());
    let named: BTreeSet<String> = rows.iter().map(Row::operation).collect();
    let mut faults = Vec::new();
    for missing in document.keys().filter(|o| !named.contains(*o)) {
        faults.push(format!("{missing}: rights.txt has no row"));
    }
    for row in &rows {
        let name = row.operation();
        let Some(operation) = document.get(&name) else {
            faults.push(format!("{name}: rights.txt has a row, but there is no such operation"));
            continue;
        };
        let needs_sign_in = operation["security"].as_array().is_some_and(|s| !s.is_empty());
        if needs_sign_in != (row.expected[ANONYMOUS] == 401) {
            faults.push(format!("{name}: the document and rights.txt disagree about who is not signed in"));
        }
        for status in row.expected.iter().collect::<BTreeSet<_>>() {
            if operation["responses"].get(status.to_string()).is_none() {
                faults.push(format!("{name}: rights.txt expects {status}, which the document does not list"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The callers, and what the rows name.
pub struct World<'a> {
    app: &'a TestApp,
    callers: [Client; CALLERS.len()],
    emails: [String; CALLERS.len()],
    /// Tests of each scenario and mission that is made.
    pub tests: usize,
}

/// What was made for a row, by the word in the braces.
pub type Made = HashMap<String, String>;

impl<'a> World<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        let admin = app.admin().await;
        let mut callers = CALLERS.map(|_| app.anonymous());
        for (place, group) in [(1, "Observers"), (2, "Blue team"), (3, "Red team"), (4, "Leads"), (6, "Red team")] {
            callers[place] = app.member(&admin, CALLERS[place], group).await;
        }
        callers[ADMIN] = admin;
        let emails = CALLERS.map(|name| format!("{}@example.test", if name == "anon" { "admin" } else { name }));
        Self { app, callers, emails, tests: 1 }
    }

    async fn api_token(&self, caller: usize) -> String {
        let made = self.callers[caller].post("/api-tokens", json!({"name": "T", "scopes": []})).await.expect(201).json;
        made["api_token"]["id"].as_str().unwrap().to_owned()
    }

    pub fn admin(&self) -> &Client {
        &self.callers[ADMIN]
    }

    /// Makes what a word stands for. What hangs together is made together, so that `{mission}` and `{test}` of one row belong together.
    pub async fn make(&self, word: &str, caller: usize, made: &mut Made) {
        let admin = self.admin();
        let unique = Uuid::now_v7().simple();
        let mut put = |name: &str, value: String| drop(made.insert(name.to_owned(), value));
        match word {
            "password" => put(word, PASSWORD.to_owned()),
            "email" => put(word, format!("{unique}@example.test")),
            "own_email" => put(word, self.emails[caller].clone()),
            "blue_id" => put(word, self.callers[BLUE].id.to_string()),
            // another session of the caller, and for nobody one of the admin
            "session" | "refresh_token" => {
                let (session, token) = self.session(&self.emails[caller]).await;
                put("session", session);
                put("refresh_token", token);
            }
            "foreign_session" => put(word, self.session(&self.emails[if caller == ADMIN { BLUE } else { ADMIN }]).await.0),
            "user" => put(
                word,
                admin.post("/users", json!({"email": format!("{unique}@example.test"), "display_name": "U"})).await.expect(201).id(),
            ),
            "reset_token" => {
                let user = json!({"email": format!("{unique}@example.test"), "display_name": "U"});
                let user = admin.post("/users", user).await.expect(201).id();
                let link = admin.post(&format!("/users/{user}/password-reset"), json!({})).await.expect(200).json;
                put(word, link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
            }
            // nobody's is the admin's
            "api_token" => put(word, self.api_token(if caller == ANONYMOUS { ADMIN } else { caller }).await),
            "foreign_api_token" => put(word, self.api_token(if caller == ADMIN { BLUE } else { ADMIN }).await),
            "group" => put(word, admin.post("/groups", json!({"name": unique.to_string()})).await.expect(201).id()),
            "invitation" | "invitation_token" => {
                let invited = admin.post("/invitations", json!({"email": format!("{unique}@example.test")})).await.expect(201).json;
                put("invitation", invited["invitation"]["id"].as_str().unwrap().to_owned());
                put("invitation_token", invited["token"].as_str().unwrap().to_owned());
            }
            "test_template" => put(word, self.test_template().await),
            "scenario_template" => put(word, self.scenario_template().await),
            // asked for by the admin
            "job" => {
                let answer = admin
                    .send(
                        Method::POST,
                        "/mitre/sync/preview",
                        Some(json!({"source": "http://127.0.0.1:9/"})),
                        &[("Prefer", "respond-async")],
                    )
                    .await;
                put(word, answer.expect(202).json["job_id"].as_str().unwrap().to_owned());
                // one preview runs at a time: the next caller's must not meet it
                drop(self.app.state.sync_lock.lock().await);
            }
            // a draft with one test; the same as mission in progress; the same completed
            "mission" | "test" | "mission_scenario" => self.mission("", &[], made).await,
            "live_mission" | "live_test" | "live_scenario" => self.mission("live_", &["in_progress"], made).await,
            // one whose test was executed, what a tool did in it, and such a tool
            "executed_mission" | "executed_test" => {
                self.mission("executed_", &["in_progress"], made).await;
                for to in ["running", "executed"] {
                    let path = format!("/missions/{}/tests/{}/state", made["executed_mission"], made["executed_test"]);
                    admin.post(&path, json!({"to": to})).await.expect(200);
                }
            }
            "detection" => {
                let tool = self.defence_tool().await;
                let path = self.fill("/missions/{executed_mission}/tests/{executed_test}/detections", caller, made).await;
                let body = json!({"defence_tool_id": tool, "kind": "logged", "result": "yes"});
                made.insert(word.to_owned(), admin.post(&path, body).await.expect(201).id());
            }
            // added by the admin
            "evidence" => {
                let path = self.fill("/missions/{executed_mission}/tests/{executed_test}/evidence", caller, made).await;
                made.insert(word.to_owned(), admin.upload(&path, "e.txt", b"seen".to_vec(), &[("side", "red")]).await.expect(201).id());
            }
            "format" => put(word, "csv".to_owned()),
            // asked for by the admin
            "export" => {
                let path = self.fill("/missions/{mission}/export/csv", caller, made).await;
                let begun = admin.send(Method::GET, &path, None, &[("Prefer", "respond-async")]).await.expect(202);
                let job = begun.json["job_id"].as_str().unwrap().to_owned();
                crate::exports::finished(admin, &job).await;
                made.insert(word.to_owned(), job);
            }
            "ticket" => {
                let path = self.fill("/missions/{mission}/export/csv", caller, made).await;
                let ticket = admin.post("/download-tickets", json!({"path": path})).await.expect(201).json;
                made.insert(word.to_owned(), ticket["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned());
            }
            "defence_tool" => put(word, self.defence_tool().await),
            "code" => put(word, format!("c{}", Uuid::now_v7().simple())),
            "detection_level" => {
                let body = json!({"code": format!("c{}", Uuid::now_v7().simple()), "name": "L", "color": "#112233", "rank": 9});
                made.insert(word.to_owned(), admin.post("/detection-levels", body).await.expect(201).id());
            }
            "category" => {
                let path = self.fill("/missions/{mission}/categories", caller, made).await;
                made.insert(word.to_owned(), admin.post(&path, json!({"name": "C"})).await.expect(201).id());
            }
            // said by the admin
            "comment" => {
                let path = self.fill("/missions/{mission}/comments", caller, made).await;
                made.insert(word.to_owned(), admin.post(&path, json!({"body": "said"})).await.expect(201).id());
            }
            "attack_id" => put(word, "T1059".to_owned()),
            "completed_mission" | "completed_test" => self.mission("completed_", &["in_progress", "completed"], made).await,
            _ => panic!("rights.txt: nobody knows how to make {{{word}}}: teach `World::make`"),
        }
    }

    async fn session(&self, email: &str) -> (String, String) {
        let mut client = self.app.anonymous();
        let login = client.post("/auth/login", json!({"email": email, "password": PASSWORD, "cookie": false})).await.expect(200).json;
        client.token = login["access_token"].as_str().map(str::to_owned);
        let sessions = client.get("/auth/sessions").await.expect(200);
        let own = sessions.items().iter().find(|s| s["current"] == true).unwrap();
        (own["family"].as_str().unwrap().to_owned(), login["refresh_token"].as_str().unwrap().to_owned())
    }

    async fn defence_tool(&self) -> String {
        let (id, now) = (Uuid::now_v7(), tyrian_server::now());
        let tool = defence_tool::ActiveModel {
            id: Set(id),
            name: Set(id.to_string()),
            name_key: Set(id.to_string()),
            vendor: Set(None),
            kind: Set("EDR".to_owned()),
            is_active: Set(true),
            created_at: Set(now),
            updated_at: Set(now),
            deleted_at: Set(None),
        };
        defence_tool::Entity::insert(tool).exec_without_returning(self.app.state.db.writer()).await.unwrap();
        id.to_string()
    }

    async fn test_template(&self) -> String {
        self.admin().post("/test-templates", json!({"name": "T"})).await.expect(201).id()
    }

    async fn scenario_template(&self) -> String {
        let mut tests = Vec::with_capacity(self.tests);
        for _ in 0..self.tests {
            tests.push(self.test_template().await);
        }
        self.admin().post("/scenario-templates", json!({"name": "S", "test_template_ids": tests})).await.expect(201).id()
    }

    /// A mission with an observer, a blue and a red member, and one test.
    async fn mission(&self, prefix: &str, way: &[&str], made: &mut Made) {
        let members = [(OBSERVER, "observer"), (BLUE, "blue"), (RED, "red")]
            .map(|(place, role)| json!({"user_id": self.callers[place].id, "role_hint": role}));
        let scenario = self.scenario_template().await;
        let body = json!({"name": "M", "client": "C", "scenario_template_ids": [scenario], "members": members});
        let mission = self.admin().post("/missions", body).await.expect(201);
        for to in way {
            self.admin().post(&format!("/missions/{}/transition", mission.id()), json!({"to": to})).await.expect(200);
        }
        let scenario = &mission.json["scenarios"][0];
        made.insert(format!("{prefix}mission"), mission.id());
        made.insert(format!("{prefix}test"), scenario["tests"][0]["id"].as_str().unwrap().to_owned());
        made.insert(
            if prefix.is_empty() { "mission_scenario".to_owned() } else { format!("{prefix}scenario") },
            scenario["id"].as_str().unwrap().to_owned(),
        );
    }

    /// Puts what they stand for in the place of the words in braces.
    pub async fn fill(&self, text: &str, caller: usize, made: &mut Made) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            let (before, after) = rest.split_at(start + 1);
            filled.push_str(before);
            rest = after;
            let Some(end) = after.find('}').filter(|end| *end > 0 && after[..*end].bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
            else {
                continue;
            };
            let word = &after[..end];
            if !made.contains_key(word) {
                Box::pin(self.make(word, caller, made)).await;
            }
            filled.pop();
            filled.push_str(&made[word]);
            rest = &after[end + 1..];
        }
        filled + rest
    }

    pub async fn send(&self, caller: usize, method: &Method, path: &str, body: Option<&str>, request_id: &str) -> Answer {
        let client = &self.callers[caller];
        let mut headers = vec![("X-Request-Id", request_id)];
        if matches!(*method, Method::PATCH | Method::DELETE) {
            headers.push(("If-Match", "*"));
        }
        if *method == Method::GET && path.ends_with("/stream") {
            return client.begin(path, &headers).await;
        }
        let Some(body) = body else { return client.send(method.clone(), path, None, &headers).await };
        let Some(upload) = body.strip_prefix('@') else {
            let body = serde_json::from_str(body).unwrap_or_else(|e| panic!("rights.txt: {method} {path}: {e}: {body}"));
            return client.send(method.clone(), path, Some(body), &headers).await;
        };
        let mut words = upload.split_whitespace();
        let (name, bytes) = match words.next() {
            Some("bundle") => ("bundle.json", Bundle::small().bytes()),
            Some("note") => ("note.txt", b"what was seen".to_vec()),
            Some("nothing") => ("nothing", Vec::new()),
            Some("mission") => ("mission.json", crate::exports::empty_mission().to_string().into_bytes()),
            other => panic!("rights.txt: nobody knows the file {other:?}"),
        };
        client.upload_with(path, name, bytes, &words.map(|w| w.split_once('=').unwrap()).collect::<Vec<_>>(), &headers).await
    }
}

db_test! {
    async fn every_operation_answers_every_caller_as_the_table_says(app: TestApp) {
        let world = World::new(&app).await;
        let mut faults = Vec::new();
        for row in rows() {
            let mut made = Made::new();
            for (caller, name) in CALLERS.iter().enumerate() {
                // a ticket is used up
                if row.writes() || row.path.contains("{ticket}") {
                    made.clear();
                }
                let path = world.fill(&row.path, caller, &mut made).await;
                let body = match row.body { Some(body) => Some(world.fill(body, caller, &mut made).await), None => None };
                let answer = world.send(caller, &row.method, &path, body.as_deref(), "rights").await;
                if answer.status != row.expected[caller] {
                    faults.push(format!("{} {} as {}: expected {}, but {}: {}", row.method, row.path, name, row.expected[caller], answer.status.as_u16(), answer.text.chars().take(300).collect::<String>()));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

db_test! {
    async fn an_outsider_cannot_tell_a_mission_from_a_random_id(app: TestApp) {
        let world = World::new(&app).await;
        let mut made = Made::new();
        let mut compared = 0;
        for row in rows().iter().filter(|row| row.hides()) {
            let path = world.fill(&row.path, OUTSIDER, &mut made).await;
            let nowhere: Vec<String> = row.path.split('/').map(|part| if part.starts_with('{') { Uuid::now_v7().to_string() } else { part.to_owned() }).collect();
            let body = match row.body { Some(body) => Some(world.fill(body, OUTSIDER, &mut made).await), None => None };
            let there = world.send(OUTSIDER, &row.method, &path, body.as_deref(), "same").await.problem(404, "not_found");
            let nowhere = world.send(OUTSIDER, &row.method, &nowhere.join("/"), body.as_deref(), "same").await.problem(404, "not_found");
            assert_eq!(there.text, nowhere.text, "{} {path}", row.method);
            let headers = |answer: &Answer| answer.headers.iter().filter(|(name, _)| *name != "date").map(|(n, v)| (n.to_string(), v.clone())).collect::<BTreeSet<_>>();
            assert_eq!(headers(&there), headers(&nowhere), "{} {path}", row.method);
            compared += 1;
        }
        assert!(compared >= 10, "{compared}");
    }
}
