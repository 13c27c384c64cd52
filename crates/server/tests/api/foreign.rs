//! Somebody else's objects: whoever has every right in missions, but is no member of this one, sends every operation with the ids
//! of what is in it. Nothing is told, nothing changes, and an id that is there is answered as one that is not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use reqwest::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use tyrian_entity::notification;
use tyrian_server::backup;
use uuid::Uuid;

use crate::bundles::Bundle;
use crate::db_test;
use crate::harness::{Answer, Client, PASSWORD, TestApp};
use crate::rights::{document, operation};

const TABLE: &str = include_str!("foreign.txt");

/// Stands in everything of Ann's that is text.
pub const SECRET: &str = "Heliotrope";

/// What answers Bob with a 2xx, whether it then changes anything, and why that is right.
const SHARED: &[(&str, bool, &str)] = &[
    ("GET /test-templates/{}", false, "the library is read by everybody who may read templates"),
    ("PATCH /test-templates/{}", true, "and written by everybody who may write them: it belongs to the team, not to who began it"),
    ("GET /scenario-templates/{}", false, "as test templates"),
    ("PATCH /scenario-templates/{}", true, "as test templates"),
    ("PUT /scenario-templates/{}/tests", true, "as test templates"),
    ("GET /analytics/techniques/{}", false, "the technique is ATT&CK's; of missions only one's own are counted"),
    ("POST /missions/{}/tests/bulk", false, "each item is answered for itself: this one is not found"),
    ("POST /notifications/read", false, "how many of one's own are unread; the ids of others are passed over"),
];

/// What stands in lists that everybody reads: that it is there is no secret, so whoever may not change it is told that.
const OPEN: [&str; 4] = ["/test-templates/", "/scenario-templates/", "/defence-tools/", "/detection-levels/"];

/// Tables that a refusal may write to: the audit log keeps refusals of rights, and its head moves with it.
const LOGS: [&str; 2] = ["audit_events", "audit_heads"];

pub struct Row {
    pub method: Method,
    /// Below `/api/v1`, with the words in braces.
    pub path: &'static str,
    bob: u16,
    pub ann: Option<u16>,
    body: Option<&'static str>,
}

impl Row {
    fn parse(line: &'static str) -> Self {
        let parsed = (|| {
            let mut words = line.splitn(2, char::is_whitespace);
            let (method, rest) = (words.next()?, words.next()?.trim_start());
            let (path, rest) = rest.split_once(char::is_whitespace)?;
            let (bob, rest) = rest.trim_start().split_once(char::is_whitespace)?;
            let (ann, body) = rest.trim_start().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
            let ann = if ann == "-" { None } else { Some(ann.parse().ok()?) };
            let body = Some(body.trim()).filter(|body| !body.is_empty());
            Some(Self { method: method.parse().ok()?, path, bob: bob.parse().ok()?, ann, body })
        })();
        parsed.unwrap_or_else(|| panic!("foreign.txt: not a row: {line}"))
    }

    fn operation(&self) -> String {
        operation(self.method.as_str(), self.path)
    }

    fn shared(&self) -> Option<&(&'static str, bool, &'static str)> {
        let operation = self.operation();
        SHARED.iter().find(|(shared, ..)| *shared == operation).filter(|_| self.bob < 300)
    }

    /// What is asked for: the row as it stands, and in a mission with Bob's own ids in front of Ann's, one more each time.
    fn paths(&self) -> Vec<String> {
        let mut paths = vec![self.path.to_owned()];
        let mut own = self.path.to_owned();
        if !self.path.starts_with("/missions/{mission}/") {
            return paths;
        }
        for word in ["{mission}", "{test}"] {
            own = own.replacen(word, &word.replace('{', "{own_"), 1);
            if own.contains('{')
                && own.split('{').skip(1).any(|word| !word.starts_with("own_") && !word.starts_with('='))
                && !paths.contains(&own)
            {
                paths.push(own.clone());
            }
        }
        paths
    }
}

pub fn rows() -> Vec<Row> {
    TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(Row::parse).collect()
}

#[test]
fn every_operation_with_a_parameter_in_its_path_has_a_row() {
    let named: BTreeSet<String> = rows().iter().map(Row::operation).collect();
    let document = document();
    let missing: Vec<&String> = document.keys().filter(|o| o.contains("{}") && !named.contains(*o)).collect();
    assert!(missing.is_empty(), "foreign.txt has no row for {missing:#?}");
    let unknown: Vec<&String> = named.iter().filter(|o| !document.contains_key(*o)).collect();
    assert!(unknown.is_empty(), "foreign.txt has rows for what the document does not have: {unknown:#?}");
}

/// Ids by the word that stands for them.
pub type Ids = HashMap<String, String>;

/// Puts ids and texts in the place of the words.
pub fn fill(text: &str, ids: &Ids) -> String {
    let mut filled = text.replace("{=", "{");
    for (word, id) in ids {
        filled = filled.replace(&format!("{{{word}}}"), id);
    }
    for literal in text.split("{=").skip(1).filter_map(|rest| rest.split_once('}')).map(|(literal, _)| literal) {
        filled = filled.replace(&format!("{{{literal}}}"), literal);
    }
    filled
}

/// Ann, Bob, and what everybody's is.
pub struct Cast<'a> {
    app: &'a TestApp,
    ann: Client,
    bob: Client,
}

impl<'a> Cast<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        let ann = app.admin().await;
        ann.upload("/mitre/sync", "bundle.json", Bundle::small().bytes(), &[("allow_unverified", "true")]).await.expect(200);
        // every right in missions, but to see those of others
        let codes = ["mission.archive", "mission.delete", "mission.purge", "evidence.delete", "import.run"];
        let wide = ann.post("/groups", json!({"name": "Wide"})).await.expect(201).id();
        ann.put(&format!("/groups/{wide}/permissions"), json!({"codes": codes})).await.expect(200);
        let groups = ann.get("/groups?limit=200").await.expect(200);
        let ids: Vec<&Value> = ["Red team", "Blue team", "Wide"]
            .iter()
            .map(|name| &groups.items().iter().find(|g| g["name"] == *name).unwrap()["id"])
            .collect();
        let mut bob = app.member(&ann, "bob", "Red team").await;
        ann.put(&format!("/users/{}/groups", bob.id), json!({"group_ids": ids})).await.expect(200);
        bob = app.login("bob@example.test").await;
        Self { app, ann, bob }
    }

    /// A mission of this person and everything that hangs on it, all with `text` in it.
    async fn mission(&self, who: &Client, text: &str) -> Ids {
        let mut ids = Ids::new();
        let unique = Uuid::now_v7().simple();
        let mut templates = Vec::new();
        for name in ["one", "two"] {
            let tags = json!([{"kind": "technique", "external_id": "T1059"}]);
            templates.push(self.ann.post("/test-templates", json!({"name": name, "mitre_tags": tags})).await.expect(201).id());
        }
        let scenario = json!({"name": "S", "test_template_ids": templates});
        let scenario = self.ann.post("/scenario-templates", scenario).await.expect(201).id();
        let members = json!([{"user_id": who.id, "role_hint": "purple"}]);
        let body = json!({"name": text, "client": text, "objectives": text, "scenario_template_ids": [scenario], "members": members});
        let made = who.post("/missions", body).await.expect(201);
        let mission = format!("/missions/{}", made.id());
        who.post(&format!("{mission}/transition"), json!({"to": "in_progress"})).await.expect(200);
        let tests = &made.json["scenarios"][0]["tests"];
        let test = format!("{mission}/tests/{}", tests[0]["id"].as_str().unwrap());
        for to in ["running", "executed"] {
            who.post(&format!("{test}/state"), json!({"to": to})).await.expect(200);
        }
        let category = who.post(&format!("{mission}/categories"), json!({"name": text})).await.expect(201).id();
        let notes =
            json!({"red_notes": text, "blue_notes": text, "recommendation": text, "finding_status": "open", "category_id": category});
        who.edit(&test, notes).await.expect(200);
        let tool = self.ann.post("/defence-tools", json!({"name": unique.to_string(), "kind": "EDR"})).await.expect(201).id();
        let detection = json!({"defence_tool_id": tool, "kind": "logged", "result": "yes", "notes": text});
        let detection = who.post(&format!("{test}/detections"), detection).await.expect(201).id();
        let (file, bytes) = (format!("{text}.txt"), format!("{text} was here").into_bytes());
        let evidence = who.upload(&format!("{test}/evidence"), &file, bytes, &[("side", "red"), ("caption", text)]).await.expect(201).id();
        let comment = who.post(&format!("{mission}/comments"), json!({"body": text})).await.expect(201).id();
        let retest = who.post(&format!("{mission}/retest"), json!({"name": format!("{text} again")})).await.expect(201).id();
        let export = format!("{mission}/export/csv");
        let begun = who.send(Method::GET, &export, None, &[("Prefer", "respond-async")]).await.expect(202);
        let export = begun.json["job_id"].as_str().unwrap().to_owned();
        crate::exports::finished(who, &export).await;
        for (word, id) in [
            ("test_template", &templates[0]),
            ("scenario_template", &scenario),
            ("mission", &made.id()),
            ("scenario", &made.json["scenarios"][0]["id"].as_str().unwrap().to_owned()),
            ("test", &tests[0]["id"].as_str().unwrap().to_owned()),
            ("other_test", &tests[1]["id"].as_str().unwrap().to_owned()),
            ("category", &category),
            ("defence_tool", &tool),
            ("detection", &detection),
            ("evidence", &evidence),
            ("comment", &comment),
            ("retest", &retest),
            ("export", &export),
        ] {
            ids.insert(word.to_owned(), id.clone());
        }
        ids
    }

    /// What else is Ann's: a session, a token, a notification, people and what was sent to them.
    async fn others(&self, ids: &mut Ids) {
        let (app, ann) = (self.app, &self.ann);
        let unique = Uuid::now_v7().simple();
        let mut other = app.anonymous();
        let login =
            other.post("/auth/login", json!({"email": "admin@example.test", "password": PASSWORD, "cookie": false})).await.expect(200);
        other.token = login.json["access_token"].as_str().map(str::to_owned);
        let sessions = other.get("/auth/sessions").await.expect(200);
        let session = sessions.items().iter().find(|s| s["current"] == true).unwrap()["family"].as_str().unwrap().to_owned();
        let token = ann.post("/api-tokens", json!({"name": SECRET, "scopes": ["mission.read"]})).await.expect(201).json;
        let user = json!({"email": format!("u{unique}@example.test"), "display_name": "U"});
        let user = ann.post("/users", user).await.expect(201).id();
        ann.post(&format!("/users/{user}/password-reset"), json!({})).await.expect(200);
        let group = ann.post("/groups", json!({"name": format!("{SECRET} {unique}")})).await.expect(201).id();
        let invited = ann.post("/invitations", json!({"email": format!("{SECRET}i{unique}@example.test")})).await.expect(201).json;
        let spare = ann.post("/defence-tools", json!({"name": format!("spare {unique}"), "kind": "EDR"})).await.expect(201).id();
        let level = json!({"code": format!("c{unique}"), "name": "L", "color": "#112233", "rank": 9});
        let level = ann.post("/detection-levels", level).await.expect(201).id();
        let (note, now) = (Uuid::now_v7(), tyrian_server::now());
        let row = notification::ActiveModel {
            id: Set(note),
            user_id: Set(ann.id),
            kind: Set("assigned".into()),
            subject: Set(SECRET.into()),
            body: Set(None),
            link: Set(None),
            read_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        notification::Entity::insert(row).exec_without_returning(app.state.db.writer()).await.unwrap();
        let path = format!("/missions/{}/export/csv", ids["mission"]);
        ann.post("/download-tickets", json!({"path": path})).await.expect(201);
        let newest = async |table: &str, column: &str| {
            app.texts(&format!("SELECT {column} FROM {table} ORDER BY created_at DESC LIMIT 1")).await.remove(0)
        };
        for (word, id) in [
            ("session", session),
            ("api_token", token["api_token"]["id"].as_str().unwrap().to_owned()),
            ("user", user),
            ("bob", self.bob.id.to_string()),
            ("group", group),
            ("invitation", invited["invitation"]["id"].as_str().unwrap().to_owned()),
            ("invitation_hash", newest("invitations", "token_hash").await),
            ("reset", self.id_of("password_resets").await),
            ("reset_hash", newest("password_resets", "token_hash").await),
            ("ticket", self.id_of("download_tickets").await),
            ("ticket_hash", newest("download_tickets", "token_hash").await),
            ("spare_tool", spare),
            ("detection_level", level),
            ("notification", note.to_string()),
        ] {
            ids.insert(word.to_owned(), id);
        }
    }

    /// The id of the newest row, whose first column it is.
    async fn id_of(&self, table: &str) -> String {
        let tables = backup::dump(&self.app.state).await.unwrap();
        let rows = &tables.iter().find(|t| t.name == table).unwrap().rows;
        serde_json::from_str::<Vec<Value>>(rows.last().unwrap()).unwrap()[0].as_str().unwrap().to_owned()
    }

    /// Everything of Ann's, and with `own_` before it what Bob has.
    pub async fn ids(&self, own: &Ids) -> Ids {
        let mut ids = self.mission(&self.ann, SECRET).await;
        self.others(&mut ids).await;
        ids.extend(own.iter().map(|(word, id)| (format!("own_{word}"), id.clone())));
        ids
    }

    async fn send(&self, who: &Client, method: &Method, path: &str, body: Option<&str>) -> Answer {
        let mut headers = vec![("X-Request-Id", "foreign")];
        if matches!(*method, Method::PATCH | Method::DELETE) {
            headers.push(("If-Match", "*"));
        }
        if path.ends_with("/stream") {
            return who.begin(path, &headers).await;
        }
        match body {
            None => who.send(method.clone(), path, None, &headers).await,
            Some(body) if body.starts_with('@') => {
                let mut words = body.split_whitespace();
                let bytes = if words.next() == Some("@note") { b"what was seen".to_vec() } else { Vec::new() };
                let fields: Vec<(&str, &str)> = words.filter_map(|w| w.split_once('=')).collect();
                who.upload_with(path, "note.txt", bytes, &fields, &headers).await
            }
            Some(body) => {
                let json = serde_json::from_str(body).unwrap_or_else(|e| panic!("foreign.txt: {method} {path}: {e}: {body}"));
                who.send(method.clone(), path, Some(json), &headers).await
            }
        }
    }

    /// All rows of all tables but the logs, and all files of evidence.
    async fn everything(&self) -> BTreeMap<String, Vec<String>> {
        let tables = backup::dump(&self.app.state).await.unwrap();
        let mut all: BTreeMap<String, Vec<String>> =
            tables.into_iter().filter(|t| !LOGS.contains(&t.name.as_str())).map(|t| (t.name, t.rows)).collect();
        let mut folders = vec![self.app.dir.path().join("evidence")];
        let mut files: Vec<PathBuf> = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
            }
        }
        files.sort();
        all.insert("files".into(), files.iter().map(|f| format!("{} {:?}", f.display(), std::fs::read(f).unwrap())).collect());
        all
    }
}

/// The tables that differ.
fn changed(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let differ = |(name, rows): (&String, &Vec<String>)| {
        let new: Vec<&String> = after[name].iter().filter(|row| !rows.contains(row)).collect();
        (rows != &after[name]).then(|| format!("{name} ({} rows, then {}) {new:?}", rows.len(), after[name].len()))
    };
    before.iter().filter_map(differ).collect()
}

/// Ids of Ann's that Bob's lists must not hold: the library's and people's are everybody's.
fn private(ids: &Ids) -> Vec<&String> {
    let open = ["test_template", "scenario_template", "defence_tool", "spare_tool", "detection_level", "bob", "user", "group"];
    ids.iter().filter(|(word, _)| !word.starts_with("own_") && !open.contains(&word.as_str())).map(|(_, id)| id).collect()
}

/// As an answer looks without the ids that were sent.
fn shape(answer: &Answer, ids: &Ids) -> (u16, String, BTreeMap<String, String>) {
    let mut text = answer.text.clone();
    for (word, id) in ids.iter().filter(|(word, _)| !word.starts_with("own_")) {
        text = text.replace(id.as_str(), word);
    }
    // a refused upload ends the connection where its end had not come in yet
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "content-length", "connection"].contains(&name.as_str()));
    (answer.status.as_u16(), text, headers.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect())
}

db_test! {
    async fn nothing_of_anothers_is_told_or_changed(app: TestApp) {
        let cast = Cast::new(&app).await;
        let own = cast.mission(&cast.bob, "Bob's").await;
        let ids = cast.ids(&own).await;
        // the same words for what is not there
        let nowhere: Ids = ids
            .iter()
            .map(|(word, id)| {
                let keep = word.starts_with("own_") || word == "bob";
                let unknown = if word.ends_with("_hash") { hex::encode([7; 32]) } else { Uuid::now_v7().to_string() };
                (word.clone(), if keep { id.clone() } else { unknown })
            })
            .collect();
        let (mut faults, mut sent) = (Vec::new(), 0);
        let mut before = cast.everything().await;
        for row in rows() {
            for path in row.paths() {
                let what = format!("{} {path} {}", row.method, row.body.unwrap_or_default());
                let body = |ids: &Ids| row.body.map(|body| fill(body, ids));
                let there = cast.send(&cast.bob, &row.method, &fill(&path, &ids), body(&ids).as_deref()).await;
                let gone = cast.send(&cast.bob, &row.method, &fill(&path, &nowhere), body(&nowhere).as_deref()).await;
                sent += 1;
                if there.status != row.bob {
                    faults.push(format!("{what}: expected {}, but {}: {}", row.bob, there.status.as_u16(), there.text.chars().take(300).collect::<String>()));
                }
                if there.status.is_success() && row.shared().is_none() {
                    faults.push(format!("{what}: a {} that no reason is given for", there.status.as_u16()));
                }
                if there.text.contains(SECRET) {
                    faults.push(format!("{what}: tells what is Ann's: {}", there.text.chars().take(300).collect::<String>()));
                }
                let is_open = OPEN.iter().any(|list| path.starts_with(list)) || path.starts_with("/analytics/");
                if !is_open && shape(&there, &ids) != shape(&gone, &nowhere) {
                    faults.push(format!("{what}: is told from what is not there: {:?} and {:?}", shape(&there, &ids), shape(&gone, &nowhere)));
                }
                let after = cast.everything().await;
                if row.shared().is_none_or(|(_, changes, _)| !changes) {
                    faults.extend(changed(&before, &after).iter().map(|table| format!("{what}: changed {table}")));
                }
                before = after;
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(sent > 110, "{sent}");

        // lists, searches and figures: what has no parameter, and what it is searched by
        let mut lists = 0;
        for operation in document().keys().filter(|o| o.starts_with("GET ") && !o.contains("{}")) {
            let path = operation.trim_start_matches("GET ");
            if ["/stream", "/auth/oidc/login", "/auth/oidc/callback", "/openapi.json"].contains(&path) {
                continue;
            }
            for query in ["", "?q=heliotrope", "?limit=200"] {
                let answer = cast.bob.get(&format!("{path}{query}")).await;
                let told = private(&ids).into_iter().find(|id| answer.text.contains(id.as_str()));
                assert!(!answer.text.contains(SECRET) && told.is_none(), "{path}{query} tells {told:?}: {}", answer.text);
                lists += usize::from(answer.status == 200);
            }
        }
        assert!(lists > 30, "{lists}");
        for path in ["/missions", "/findings", "/search?q=heliotrope", "/notifications", "/api-tokens", "/analytics/techniques/T1059"] {
            assert!(cast.ann.get(path).await.expect(200).text.contains(SECRET), "{path} does not show Ann what is hers");
        }
    }
}

db_test! {
    async fn the_same_requests_work_for_whose_they_are(app: TestApp) {
        let cast = Cast::new(&app).await;
        let own = cast.mission(&cast.bob, "Bob's").await;
        let mut ids = cast.ids(&own).await;
        let (mut faults, mut told) = (Vec::new(), 0);
        for row in rows() {
            let Some(expected) = row.ann else { continue };
            let answer = cast.send(&cast.ann, &row.method, &fill(row.path, &ids), row.body.map(|body| fill(body, &ids)).as_deref()).await;
            if answer.status != expected {
                faults.push(format!("{} {}: expected {expected}, but {}: {}", row.method, row.path, answer.status.as_u16(), answer.text));
            }
            told += usize::from(answer.text.contains(SECRET));
            // what was removed, or moved on, is made anew for the next row
            if row.method == Method::DELETE || row.path.ends_with("/purge") || row.path.ends_with("/transition") || row.path.ends_with("/members") {
                ids = cast.ids(&own).await;
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(told > 15, "Ann reads the secret in {told} answers");
    }
}
