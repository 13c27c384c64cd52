//! The live stream: at once, nothing missed, nothing doubled, over two instances, and not a moment longer than allowed.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::{Client, Engine, TestApp};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a stream sent: an event with its id, a named signal, or its end.
#[derive(Debug, Clone, PartialEq)]
enum Sent {
    Event(i64, Value),
    Named(String),
}

/// An open stream.
struct Listener {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>>>>,
    text: String,
}

impl Listener {
    /// Opens a stream and waits until it is there.
    async fn open(client: &Client, path: &str, last: Option<i64>) -> Self {
        let mut request = client.http.get(format!("{}{path}", client.base)).bearer_auth(client.token.as_ref().unwrap());
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last.to_string());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut listener = Self { bytes: Box::pin(response.bytes_stream()), text: String::new() };
        assert!(listener.block().await.unwrap().starts_with("retry:"));
        listener
    }

    /// The next block; none: the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            match timeout(PATIENCE, self.bytes.next()).await.expect("nothing came") {
                Some(Ok(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                _ => return None,
            }
        }
    }

    /// The next thing that was sent; none: the stream has ended.
    async fn next(&mut self) -> Option<Sent> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
            if let Some(name) = field("event:") {
                return Some(Sent::Named(name));
            }
            if let (Some(id), Some(data)) = (field("id:"), field("data:")) {
                return Some(Sent::Event(id.parse().unwrap(), serde_json::from_str(&data).unwrap()));
            }
        }
    }

    /// The next event.
    async fn event(&mut self) -> (i64, Value) {
        loop {
            match self.next().await.expect("the stream ended") {
                Sent::Event(id, event) => return (id, event),
                Sent::Named(_) => {}
            }
        }
    }

    /// Waits for the end.
    async fn ended(&mut self) -> bool {
        while self.next().await.is_some() {}
        true
    }
}

/// The changes that a client reads in the log of a test, the oldest first.
async fn told(e: &Exercise, client: &Client, test: usize) -> Vec<Value> {
    let events = client.get(&format!("{}/events?after=0&test={}", e.mission, e.tests[test])).await.expect(200);
    events.items().iter().map(|event| event["payload"]["changes"].clone()).collect()
}

db_test! {
    async fn a_test_names_its_people_members_or_not(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        assert_eq!(e.read(&e.red, 0).await.get("people"), None);
        e.bring(0, &["running"]).await;
        // who started it reads all missions and is no member of this one
        assert_eq!(e.read(&e.red, 0).await["people"], json!([{"id": e.lead.id, "display_name": "Lena"}]));
    }
}

db_test! {
    async fn a_change_is_told_as_it_was_and_is_but_never_what_was_hidden(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        e.red.patch(&e.test(0), "*", json!({"target_host": "WS-1", "operator_id": e.red.id})).await.expect(200);
        e.red.patch(&e.test(0), "*", json!({"target_host": "WS-2"})).await.expect(200);
        e.red.patch(&e.test(1), "*", json!({"disclosed": false})).await.expect(200);
        e.red.patch(&e.test(1), "*", json!({"target_host": "SECRET-7"})).await.expect(200);
        // shown and changed in one go: what it was is not blue's to know
        e.red.patch(&e.test(1), "*", json!({"disclosed": true, "target_host": "WS-3"})).await.expect(200);
        e.red.patch(&e.test(1), "*", json!({"target_host": "WS-4"})).await.expect(200);
        let first = told(&e, &e.blue, 0).await;
        assert_eq!(first[0][0], json!({"field": "operator_id", "from": null, "to": "Red"}));
        assert_eq!(first[0][1], json!({"field": "target_host", "from": null, "to": "WS-1"}));
        assert_eq!(first[1], json!([{"field": "target_host", "from": "WS-1", "to": "WS-2"}]));
        let second = serde_json::to_string(&told(&e, &e.blue, 1).await).unwrap();
        assert!(!second.contains("SECRET") && second.contains(r#""from":"WS-3","to":"WS-4""#), "{second}");
        assert!(serde_json::to_string(&told(&e, &e.red, 1).await).unwrap().contains("SECRET"));
    }
}

db_test! {
    async fn an_edit_is_told_at_once_with_its_number(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let mut blue = Listener::open(&e.blue, &format!("{}/stream", e.mission), None).await;
        e.red.patch(&e.test(0), "*", json!({"red_notes": "x", "source_host": "h"})).await.expect(200);
        let (id, event) = blue.event().await;
        assert_eq!(event["kind"], "test.updated");
        // a host is told, notes only that they changed
        let changes = json!([{"field": "source_host", "from": null, "to": "h"}]);
        assert_eq!(event["payload"], json!({"fields": ["source_host", "red_notes"], "changes": changes, "version": 2}));
        assert_eq!((event["mission_test_id"].as_str(), event["actor"]["display_name"].as_str()), (Some(e.tests[0].as_str()), Some("Red")));
        assert_eq!(event["sequence"], id);
        // the log has the very same
        assert_eq!(e.blue.get(&format!("{}/events", e.mission)).await.items()[0], event);
        e.bring(0, &["running"]).await;
        let (next, event) = blue.event().await;
        assert_eq!((next, event["kind"].as_str(), &event["payload"]["to"]), (id + 1, Some("test.state_changed"), &json!("running")));
    }
}

db_test! {
    /// 50 times cut under writes: what was received is the log, each event once and in order.
    async fn a_stream_that_is_cut_resumes_without_a_gap(app: TestApp) {
        let e = Exercise::start(&app, 4).await;
        let path = format!("{}/stream", e.mission);
        let begun = e.blue.get(&format!("{}/events", e.mission)).await.items()[0]["sequence"].as_i64().unwrap();
        let writer = {
            let (lead, tests): (Client, Vec<String>) = (e.lead.clone(), (0..4).map(|i| e.test(i)).collect());
            async move {
                for n in 0..150 {
                    lead.patch(&tests[n % 4], "*", json!({"red_notes": format!("{n}")})).await.expect(200);
                    // some of them are not for blue: its numbers have gaps, and must stay in step
                    if n % 10 == 0 {
                        lead.patch(&tests[3], "*", json!({"disclosed": n % 20 != 0})).await.expect(200);
                    }
                }
            }
        };
        let reader = |client: Client, path: String| async move {
            let (mut last, mut got, mut cuts) = (begun, Vec::new(), 0);
            while cuts < 50 {
                let mut listener = Listener::open(&client, &path, Some(last)).await;
                // a few events, then the connection is gone
                for _ in 0..=(cuts % 5) {
                    match timeout(Duration::from_millis(400), listener.next()).await {
                        Ok(Some(Sent::Event(id, event))) => { last = id; got.push(event); }
                        Ok(Some(Sent::Named(_))) => {}
                        Ok(None) | Err(_) => break,
                    }
                }
                cuts += 1;
            }
            (last, got)
        };
        let ((), (red_last, mut red_got), (blue_last, mut blue_got)) = tokio::join!(writer, reader(e.red.clone(), path.clone()), reader(e.blue.clone(), path.clone()));
        for (client, last, got) in [(&e.red, red_last, &mut red_got), (&e.blue, blue_last, &mut blue_got)] {
            let newest = client.get(&format!("{}/events", e.mission)).await.items()[0]["sequence"].as_i64().unwrap();
            let mut listener = Listener::open(client, &path, Some(last)).await;
            while got.last().is_none_or(|event| event["sequence"].as_i64().unwrap() < newest) {
                got.push(listener.event().await.1);
            }
            let sequences: Vec<i64> = got.iter().map(|event| event["sequence"].as_i64().unwrap()).collect();
            assert!(sequences.windows(2).all(|w| w[0] < w[1]), "doubled or out of order: {sequences:?}");
            // red sees all: no number is missing
            if client.id == e.red.id {
                assert_eq!(sequences, (begun + 1..=newest).collect::<Vec<_>>());
            }
            assert!(!sequences.is_empty());
        }
        // what blue got is what its log says, but for what was hidden later
        let mut log = Vec::new();
        let mut after = begun;
        loop {
            let page = e.blue.get(&format!("{}/events?after={after}&limit=200", e.mission)).await.items().clone();
            let Some(newest) = page.last() else { break };
            after = newest["sequence"].as_i64().unwrap();
            log.extend(page);
        }
        let got: Vec<&Value> = blue_got.iter().map(|event| &event["sequence"]).collect();
        for event in &log {
            assert!(got.contains(&&event["sequence"]), "missed {event}");
        }
    }
}

db_test! {
    async fn a_hidden_test_is_not_streamed_to_blue(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        for path in [format!("{}/stream", e.mission), "/stream".to_owned()] {
            let (mut blue, mut red) = (Listener::open(&e.blue, &path, None).await, Listener::open(&e.red, &path, None).await);
            e.red.patch(&e.test(0), "*", json!({"disclosed": false})).await.expect(200);
            e.red.patch(&e.test(0), "*", json!({"red_notes": "quiet"})).await.expect(200);
            e.red.patch(&e.test(1), "*", json!({"red_notes": "loud"})).await.expect(200);
            let first = blue.event().await.1;
            assert_eq!((first["kind"].as_str(), &first["mission_test_id"]), (Some("mission.tests_changed"), &Value::Null));
            let second = blue.event().await.1;
            assert_eq!(second["mission_test_id"].as_str(), Some(e.tests[1].as_str()));
            let kinds: Vec<String> = { let mut k = Vec::new(); for _ in 0..4 { k.push(red.event().await.1["kind"].as_str().unwrap().to_owned()); } k };
            assert_eq!(kinds, ["test.hidden", "mission.tests_changed", "test.updated", "test.updated"]);
            e.red.patch(&e.test(0), "*", json!({"disclosed": true})).await.expect(200);
            assert_eq!(blue.event().await.1["kind"], "test.disclosed");
        }
    }
}

db_test! {
    async fn a_stream_ends_with_the_right_to_it(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let path = format!("{}/stream", e.mission);
        // signed out
        let mut blue = Listener::open(&e.blue, &path, None).await;
        let sessions = e.blue.get("/auth/sessions").await.expect(200);
        let family = sessions.items().iter().find(|s| s["current"] == true).unwrap()["family"].as_str().unwrap().to_owned();
        e.blue.send(reqwest::Method::DELETE, &format!("/auth/sessions/{family}"), None, &[]).await.expect(204);
        assert!(timeout(Duration::from_secs(2), blue.ended()).await.unwrap());
        // deactivated
        let mut observer = Listener::open(&e.observer, &path, None).await;
        e.admin.edit(&format!("/users/{}", e.observer.id), json!({"is_active": false})).await.expect(200);
        assert!(timeout(Duration::from_secs(2), observer.ended()).await.unwrap());
        // no longer a member: the mission's stream ends, the stream of everything says nothing of it any more
        let (mut red, mut all) = (Listener::open(&e.red, &path, None).await, Listener::open(&e.red, "/stream", None).await);
        e.admin.put(&format!("{}/members", e.mission), json!({"members": [{"user_id": e.purple.id, "role_hint": "purple"}]})).await.expect(200);
        assert!(timeout(Duration::from_secs(2), red.ended()).await.unwrap());
        e.lead.patch(&e.test(0), "*", json!({"red_notes": "unseen"})).await.expect(200);
        let other = e.admin.post("/missions", json!({"name": "N", "client": "C", "members": [{"user_id": e.red.id, "role_hint": "red"}]})).await.expect(201).id();
        let (_, event) = all.event().await;
        assert_eq!(event["mission_id"].as_str(), Some(other.as_str()), "{event}");
    }
}

db_test! {
    async fn the_stream_of_everything_tells_of_all_missions_and_notifications(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let mut red = Listener::open(&e.red, "/stream", None).await;
        let made = e.lead.post("/missions", json!({"name": "Second", "client": "C", "members": [{"user_id": e.red.id, "role_hint": "red"}]})).await.expect(201).id();
        // an event and a notification, in either order; a notification of the mission's start may still be on its way
        let (mut id, mut notified) = (None, false);
        while id.is_none() || !notified {
            match red.next().await.unwrap() {
                Sent::Named(name) => notified |= name == "notifications",
                Sent::Event(at, event) => {
                    assert_eq!((event["kind"].as_str(), event["mission_id"].as_str()), (Some("mission.created"), Some(made.as_str())));
                    id = Some(at);
                }
            }
        }
        e.outsider.post(&format!("{}/presence", e.mission), json!({})).await.problem(404, "not_found");
        // resumed: what came meanwhile is sent
        drop(red);
        e.lead.patch(&e.test(0), "*", json!({"red_notes": "meanwhile"})).await.expect(200);
        let mut red = Listener::open(&e.red, "/stream", id).await;
        loop {
            let (_, event) = red.event().await;
            if event["payload"]["fields"] == json!(["red_notes"]) {
                break;
            }
        }
    }
}

db_test! {
    async fn presence_says_who_has_what_open(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        let path = format!("{}/presence", e.mission);
        let mut blue = Listener::open(&e.blue, &format!("{}/stream", e.mission), None).await;
        e.red.post(&path, json!({"mission_test_id": e.tests[0]})).await.expect(200);
        assert_eq!(blue.next().await, Some(Sent::Named("presence".into())));
        let here = e.blue.get(&path).await.expect(200);
        assert_eq!(here.items().len(), 1);
        assert_eq!((here.items()[0]["user"]["display_name"].as_str(), here.items()[0]["mission_test_id"].as_str()), (Some("Red"), Some(e.tests[0].as_str())));
        // a test that is hidden meanwhile does not show, who has it open does
        e.red.patch(&e.test(0), "*", json!({"disclosed": false})).await.expect(200);
        assert_eq!(e.blue.get(&path).await.items()[0]["mission_test_id"], Value::Null);
        e.red.post(&path, json!({"gone": true})).await.expect(200);
        loop {
            if blue.next().await == Some(Sent::Named("presence".into())) && e.blue.get(&path).await.items().is_empty() {
                break;
            }
        }
    }
}

db_test! {
    async fn a_bad_place_to_resume_is_refused(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        for bad in ["x", "-1", "1.5"] {
            e.red.send(reqwest::Method::GET, &format!("{}/stream", e.mission), None, &[("Last-Event-ID", bad)]).await.problem(400, "bad_request");
            e.red.send(reqwest::Method::GET, "/stream", None, &[("Last-Event-ID", bad)]).await.problem(400, "bad_request");
        }
        e.red.get(&format!("{}/events?after=1&before=2", e.mission)).await.problem(400, "invalid_query");
        e.red.get(&format!("{}/events?limit=0", e.mission)).await.problem(422, "validation_failed");
        app.anonymous().get("/stream").await.problem(401, "unauthenticated");
    }
}

/// Two instances on one PostgreSQL: what is written at one is told at the other.
#[test]
#[expect(clippy::print_stdout, reason = "a test that skips says so")]
fn two_instances_tell_each_other() {
    if std::env::var("TYRIAN_TEST_PG").is_err() {
        println!("skipped: TYRIAN_TEST_PG is not set");
        return;
    }
    crate::harness::block_on(async {
        let one = TestApp::spawn(Engine::Postgres).await;
        let e = Exercise::start(&one, 1).await;
        let two = one.twin().await;
        let at_two = |client: &Client| Client { base: format!("{}/api/v1", two.url), ..client.clone() };
        let mut blue = Listener::open(&at_two(&e.blue), &format!("{}/stream", e.mission), None).await;
        // the listening connection of a new instance may come a moment later: the first edit is told at the heartbeat at worst
        tokio::time::sleep(Duration::from_millis(500)).await;
        e.red.patch(&e.test(0), "*", json!({"red_notes": "from one"})).await.expect(200);
        let (first, _) = timeout(Duration::from_secs(2), blue.event()).await.unwrap();
        at_two(&e.red).patch(&e.test(0), "*", json!({"red_notes": "from two"})).await.expect(200);
        let (second, _) = timeout(Duration::from_secs(2), blue.event()).await.unwrap();
        assert_eq!(second, first + 1);
        e.red.post(&format!("{}/presence", e.mission), json!({"mission_test_id": e.tests[0]})).await.expect(200);
        assert_eq!(timeout(Duration::from_secs(2), blue.next()).await.unwrap(), Some(Sent::Named("presence".into())));
        assert_eq!(at_two(&e.blue).get(&format!("{}/presence", e.mission)).await.items().len(), 1);
        // a sign-out at one ends the stream at the other
        let family = e.blue.get("/auth/sessions").await.items().iter().find(|s| s["current"] == true).unwrap()["family"]
            .as_str()
            .unwrap()
            .to_owned();
        e.blue.send(reqwest::Method::DELETE, &format!("/auth/sessions/{family}"), None, &[]).await.expect(204);
        assert!(timeout(Duration::from_secs(2), blue.ended()).await.unwrap());
    });
}

db_test! {
    /// Twenty clients edit one mission; afterwards database, log and what the streams told agree.
    async fn twenty_clients_leave_one_truth(app: TestApp) {
        let e = Exercise::start(&app, 6).await;
        let path = format!("{}/stream", e.mission);
        let seconds = std::env::var("TYRIAN_SOAK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(3);
        let begun = e.red.get(&format!("{}/events", e.mission)).await.items()[0]["sequence"].as_i64().unwrap();
        let until = std::time::Instant::now() + Duration::from_secs(seconds);
        let tests: Vec<String> = (0..6).map(|i| e.test(i)).collect();
        let writers = (0..20).map(|i: usize| {
            let (client, tests) = (if i.is_multiple_of(2) { e.red.clone() } else { e.purple.clone() }, tests.clone());
            async move {
                let (mut n, mut won) = (i, 0u64);
                while std::time::Instant::now() < until {
                    let test = &tests[n % tests.len()];
                    let read = client.get(test).await.expect(200);
                    let answer = match n % 7 {
                        0 => client.send(reqwest::Method::POST, &format!("{test}/state"), Some(json!({"to": (["running", "executed", "skipped", "planned"][n % 4])})), &[("If-Match", read.etag().as_str())]).await,
                        _ => client.patch(test, &read.etag(), json!({"red_notes": format!("{i}.{n}"), "source_host": format!("h{i}")})).await,
                    };
                    match answer.status.as_u16() {
                        200 => won += 1,
                        403 | 409 | 412 => {}
                        _ => panic!("{}", answer.text),
                    }
                    n += 1;
                }
                won
            }
        });
        let mut listener = Listener::open(&e.red, &path, Some(begun)).await;
        let won: u64 = futures_util::future::join_all(writers).await.into_iter().sum();
        let newest = e.red.get(&format!("{}/events", e.mission)).await.items()[0]["sequence"].as_i64().unwrap();
        assert_eq!(newest - begun, i64::try_from(won).unwrap(), "an event for each answered edit");
        let mut last: std::collections::HashMap<String, i64> = std::collections::HashMap::new();
        for expected in begun + 1..=newest {
            let (id, event) = listener.event().await;
            assert_eq!(id, expected);
            last.insert(event["mission_test_id"].as_str().unwrap().to_owned(), event["payload"]["version"].as_i64().unwrap());
        }
        // the last version that the stream told of each test is the one that is there, and the counters are a recount
        let mut states = std::collections::BTreeMap::<String, u64>::new();
        for (i, id) in e.tests.iter().enumerate() {
            let test = e.read(&e.red, i).await;
            assert_eq!(Some(&test["version"].as_i64().unwrap()), last.get(id).or(Some(&1)), "{id}");
            *states.entry(test["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let counts = e.red.get(&e.mission).await.json["counts"]["by_state"].clone();
        for (state, n) in counts.as_object().unwrap() {
            assert_eq!(n.as_u64().unwrap(), states.get(state).copied().unwrap_or(0), "{state}");
        }
    }
}
