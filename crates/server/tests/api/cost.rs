//! What operations cost: each sends as many statements where there is much as where there is little, and what a mission's
//! detail and the list answer from memory is what would be read.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use reqwest::Method;
use serde_json::{Value, json};
use tyrian_server::db::watch::Sent;

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::{Client, TestApp};
use crate::rights::{ADMIN, Made, World, rows};

/// What the second look finds more of: people, templates, missions of several tests, and so on.
const MANY: usize = 9;

/// Which operations send how many statements; each row of `rights.txt` that works for the administrator.
async fn costs(world: &World<'_>, sent: &Receiver<Sent>) -> BTreeMap<String, usize> {
    let mut costs = BTreeMap::new();
    for row in rows() {
        // what empties the instance or looks outside
        if row.path.starts_with("/diag/reset") || row.path.starts_with("/mitre/sync") || row.expected[ADMIN] > 299 {
            continue;
        }
        let mut made = Made::new();
        let path = world.fill(&row.path, ADMIN, &mut made).await;
        let body = match row.body {
            Some(body) => Some(world.fill(body, ADMIN, &mut made).await),
            None => None,
        };
        // the new order names every test
        let body = if row.path.ends_with("/tests/order") { Some(order(world, &path).await) } else { body };
        sent.try_iter().for_each(drop);
        let id = format!("cost-{}", costs.len());
        let answer = world.send(ADMIN, &row.method, &path, body.as_deref(), &id).await;
        // what streams and jobs send meanwhile is none of its
        let own = |(origin, _): &Sent| origin.as_ref().is_some_and(|o| o.request_id == id);
        let statements = sent.try_iter().filter(own).count();
        assert_eq!(answer.status, row.expected[ADMIN], "{} {path}: {}", row.method, answer.text);
        costs.insert(format!("{} {} {}", row.method, row.path, row.body.unwrap_or_default()), statements);
    }
    costs
}

/// The present order of the tests of a scenario, as the body that sets it.
async fn order(world: &World<'_>, path: &str) -> String {
    let (mission, rest) = path.split_once("/scenarios/").unwrap();
    let scenario = rest.trim_end_matches("/tests/order");
    let mission = world.admin().get(mission).await.expect(200);
    let scenario = mission.json["scenarios"].as_array().unwrap().iter().find(|s| s["id"] == scenario).unwrap();
    let tests: Vec<&Value> = scenario["tests"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
    json!({"test_ids": tests}).to_string()
}

/// More of everything that a list shows or an operation might go through.
async fn fill(world: &World<'_>) {
    let admin = world.admin();
    for i in 0..MANY {
        let unique = format!("more-{i}");
        let user = json!({"email": format!("{unique}@example.test"), "display_name": unique, "password": crate::harness::PASSWORD});
        let user = admin.post("/users", user).await.expect(201).id();
        let group = admin.post("/groups", json!({"name": unique})).await.expect(201).id();
        admin.put(&format!("/users/{user}/groups"), json!({"group_ids": [group]})).await.expect(200);
        admin.post("/invitations", json!({"email": format!("{unique}@invited.test")})).await.expect(201);
        let mut made = Made::new();
        for word in ["detection", "evidence", "comment", "category", "detection_level", "api_token", "export"] {
            world.make(word, ADMIN, &mut made).await;
        }
    }
}

db_test! {
    async fn every_operation_sends_as_many_statements_for_much_as_for_little(app: TestApp) {
        let mut world = World::new(&app).await;
        let sent = app.state.db.watch().copies();
        // what is read once and kept is kept from here on
        costs(&world, &sent).await;
        let few = costs(&world, &sent).await;
        fill(&world).await;
        world.tests = MANY;
        let many = costs(&world, &sent).await;
        let grew: Vec<String> = many
            .iter()
            .filter(|(operation, n)| **n > few[*operation])
            .map(|(operation, n)| format!("{operation}: {} statements, and {n} where there is more", few[operation]))
            .collect();
        assert!(few.len() > 120, "{}", few.len());
        assert!(grew.is_empty(), "{}", grew.join("\n"));
    }
}

/// What these callers read after a change, with all that was kept before it, and what they read when nothing is kept.
async fn same_as_read_anew(app: &TestApp, readers: &[&Client], paths: &[&str], after: &str) {
    let mut first = Vec::new();
    for reader in readers {
        for path in paths {
            first.push((reader, path, reader.get(path).await));
        }
    }
    for (reader, path, first) in first {
        app.state.details.clear();
        app.state.lists.clear();
        let anew = reader.get(path).await;
        assert_eq!(first.status, anew.status, "{path} after {after}");
        // an error holds the id of its request
        if first.status == 200 {
            assert_eq!(first.json, anew.json, "{path} after {after}");
            assert_eq!(first.headers.get("etag"), anew.headers.get("etag"));
        }
    }
    // the next change finds an answer kept for each of them
    for reader in readers {
        for path in paths {
            reader.get(path).await;
        }
    }
}

db_test! {
    async fn what_is_kept_of_missions_is_what_would_be_read(app: TestApp) {
        let e = Exercise::start(&app, 3).await;
        let path = &e.mission;
        let readers = [&e.admin, &e.red, &e.blue, &e.observer, &e.lead];
        let paths = [path.as_str(), "/missions"];
        same_as_read_anew(&app, &readers, &paths, "the start").await;
        let test = e.test(0);
        let red = e.red.id;
        let members = e.admin.get(path).await.expect(200).json["members"].as_array().unwrap().clone();
        let fewer: Vec<Value> = members.iter().filter(|m| m["role_hint"] != "observer").map(|m| json!({"user_id": m["user_id"], "role_hint": m["role_hint"]})).collect();
        let groups = e.admin.get("/groups?limit=200").await.expect(200);
        let observers = groups.items().iter().find(|g| g["name"] == "Observers").unwrap()["id"].clone();
        // one after the other: what changes the answer for all, for some, and for one
        let changes = [
            (Method::POST, format!("{test}/state"), json!({"to": "running"})),
            (Method::PATCH, test.clone(), json!({"red_notes": "n"})),
            (Method::POST, format!("{test}/state"), json!({"to": "executed"})),
            (Method::PATCH, e.test(1), json!({"disclosed": false})),
            (Method::PATCH, path.clone(), json!({"name": "N", "objectives": "o"})),
            (Method::PATCH, format!("/users/{red}"), json!({"display_name": "Rita"})),
            (Method::PATCH, format!("/users/{}", e.admin.id), json!({"display_name": "Adele"})),
            (Method::POST, format!("{path}/categories"), json!({"name": "C"})),
            (Method::PUT, format!("{path}/members"), json!({"members": fewer})),
            (Method::PUT, format!("/users/{}/groups", e.lead.id), json!({"group_ids": [observers]})),
            (Method::POST, format!("{path}/transition"), json!({"to": "completed"})),
            (Method::POST, format!("{path}/transition"), json!({"to": "in_progress"})),
            (Method::DELETE, format!("/users/{red}"), Value::Null),
        ];
        for (method, target, body) in changes {
            let body = Some(body).filter(|body| !body.is_null());
            let answer = e.admin.send(method.clone(), &target, body, &[("If-Match", "*")]).await;
            assert!(answer.status.is_success(), "{method} {target}: {}", answer.text);
            same_as_read_anew(&app, &readers, &paths, &format!("{method} {target}")).await;
        }
    }
}

/// How many missions this caller has: by the list that follows on others, by one that counts anew, and in the list.
async fn total(app: &TestApp, client: &Client, after: &str) -> u64 {
    let kept = client.get("/missions?limit=200").await.expect(200);
    app.state.lists.clear();
    let anew = client.get("/missions?limit=200").await.expect(200);
    assert_eq!(kept.json, anew.json, "after {after}");
    let total = kept.json["total"].as_u64().unwrap();
    assert_eq!(kept.items().len() as u64, total, "after {after}");
    total
}

db_test! {
    async fn totals_follow_whatever_makes_or_ends_a_membership(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        // red is a member, the lead reads all, the outsider has none
        let check = async |after: &str, red: u64, lead: u64, outsider: u64| {
            let found = [total(&app, &e.red, after).await, total(&app, &e.lead, after).await, total(&app, &e.outsider, after).await];
            assert_eq!(found, [red, lead, outsider], "after {after}");
            // the next change finds totals that are kept
            for client in [&e.red, &e.lead, &e.outsider] {
                client.get("/missions").await.expect(200);
            }
        };
        check("the start", 1, 1, 0).await;
        let body = json!({"name": "Second", "client": "C", "members": [{"user_id": e.outsider.id, "role_hint": "red"}]});
        let second = format!("/missions/{}", e.admin.post("/missions", body).await.expect(201).id());
        check("a mission", 1, 2, 1).await;
        let members = |ids: &[&uuid::Uuid]| json!({"members": ids.iter().map(|id| json!({"user_id": id, "role_hint": "blue"})).collect::<Vec<_>>()});
        let any = [("If-Match", "*")];
        e.admin.send(Method::PUT, &format!("{second}/members"), Some(members(&[&e.red.id])), &any).await.expect(200);
        check("other members", 2, 2, 0).await;
        e.admin.send(Method::PUT, &format!("{second}/members"), Some(members(&[])), &any).await.expect(200);
        check("no members", 1, 2, 0).await;
        e.transition("completed").await;
        let again = format!("/missions/{}", e.admin.post(&format!("{}/retest", e.mission), json!({})).await.expect(201).id());
        check("a retest", 2, 3, 0).await;
        e.admin.send(Method::DELETE, &again, None, &any).await.expect(204);
        check("one deleted", 1, 2, 0).await;
        let file = e.admin.bytes(&format!("{}/export/json", e.mission)).await;
        e.admin.post(&format!("{}/purge", e.mission), json!({"confirm": "M"})).await.expect(200);
        check("one purged", 0, 1, 0).await;
        e.admin.upload("/imports/mission", "m.json", file, &[]).await.expect(200);
        check("it came back", 1, 2, 0).await;
        let mut page = e.lead.get("/missions?limit=1").await.expect(200);
        assert_eq!(page.json["total"], 2);
        page = e.lead.get(&format!("/missions?limit=1&cursor={}", page.json["next_cursor"].as_str().unwrap())).await.expect(200);
        assert_eq!(page.json["total"], Value::Null);
    }
}

db_test! {
    async fn a_mission_that_came_back_is_not_taken_for_what_it_once_was(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let file = e.admin.bytes(&format!("{}/export/json", e.mission)).await;
        let come_back = async |file: Vec<u8>| {
            e.admin.post(&format!("{}/purge", e.mission), json!({"confirm": "M"})).await.expect(200);
            e.admin.upload("/imports/mission", "m.json", file, &[]).await.expect(200);
        };
        come_back(file).await;
        let paths = [e.mission.as_str(), "/missions"];
        same_as_read_anew(&app, &[&e.admin, &e.lead], &paths, "it came back").await;
        let once = e.admin.get(&e.mission).await.expect(200).etag();
        e.bring(0, &["running"]).await;
        // nothing that counts as a version of the mission's own has changed
        come_back(e.admin.bytes(&format!("{}/export/json", e.mission)).await).await;
        same_as_read_anew(&app, &[&e.admin, &e.lead], &paths, "it came back further on").await;
        let asked = e.admin.send(Method::GET, &e.mission, None, &[("If-None-Match", &once)]).await.expect(200);
        assert_eq!(asked.json["counts"]["by_state"]["running"], 1);
    }
}

db_test! {
    async fn a_list_reads_anew_what_has_changed_of_it_only(app: TestApp) {
        let e = Exercise::start(&app, 3).await;
        e.red.get("/missions").await.expect(200);
        assert_eq!(app.statements(e.red.get("/missions")).await.1, 2, "the caller, and which missions there are");
        e.bring(0, &["running"]).await;
        assert_eq!(app.statements(e.red.get("/missions")).await.1, 3, "and what one of them shows now");
        assert_eq!(app.statements(e.red.get("/missions")).await.1, 2, "the same again");
    }
}

db_test! {
    async fn whose_rights_are_gone_learns_it_from_the_statement_that_would_have_answered(app: TestApp) {
        let e = Exercise::start(&app, 3).await;
        let test = e.test(0);
        e.red.get(&test).await.expect(200);
        assert_eq!(app.statements(e.red.get(&e.mission)).await.0.status.as_u16(), 200);
        assert_eq!(app.statements(e.red.get(&e.mission)).await.1, 1, "a mission as it was answered before, with its caller");
        app.sql("UPDATE users SET is_active = false WHERE display_name = 'Red'").await;
        for path in [&test, &e.mission] {
            e.red.get(path).await.problem(401, "unauthenticated");
        }
    }
}
