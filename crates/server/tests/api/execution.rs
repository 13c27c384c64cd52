//! Executing a mission: who writes what and when, moves, times, versions, hidden tests, bulk, order, tests without a template.

use serde_json::{Value, json};
use tyrian_domain::execution::{FieldGroup, TestField};
use uuid::Uuid;

use crate::db_test;
use crate::exercise::Exercise;
use crate::fixtures::seed_catalogue;

/// A value that each field takes.
fn value_of(field: TestField, e: &Exercise, level: &str, category: &str) -> Value {
    match field {
        TestField::DetectionRules => json!([{"format": "text", "title": "r", "body": "b"}]),
        TestField::Platforms | TestField::Tags | TestField::References => json!(["x"]),
        TestField::Executor => json!("bash"),
        TestField::Arguments => json!({"who": {"default": "you"}}),
        TestField::ArgumentValues => json!({"who": "you"}),
        TestField::ElevationRequired | TestField::Disclosed | TestField::IsDelayed | TestField::NeededConfigChange => json!(true),
        TestField::Operator | TestField::Assessor | TestField::FindingOwner => json!(e.purple.id),
        TestField::StartedAt => json!("2026-01-01T10:00:00Z"),
        TestField::EndedAt | TestField::DetectedAt | TestField::AlertedAt | TestField::RespondedAt => json!("2099-01-01T10:00:00Z"),
        TestField::Logged | TestField::Alerted | TestField::Prevented => json!("partial"),
        TestField::DetectionLevel => json!(level),
        TestField::OpsecLevel | TestField::Severity | TestField::Priority => json!("high"),
        TestField::Category => json!(category),
        TestField::FindingStatus => json!("open"),
        TestField::FindingDue => json!("2026-12-31"),
        _ => json!("text"),
    }
}

/// Where a test stands before a field is tried, and the moves that bring it there.
const STATES: &[(&str, &[&str])] = &[
    ("planned", &[]),
    ("running", &["running"]),
    ("executed", &["running", "executed"]),
    ("assessed", &["running", "executed", "assessed"]),
    ("skipped", &["skipped"]),
];

db_test! {
    /// Generated from the fields, the roles and the states: the server agrees with the table of the specification.
    async fn every_field_by_every_role_in_every_state(app: TestApp) {
        let e = Exercise::start(&app, STATES.len()).await;
        let level = e.admin.get("/detection-levels").await.items()[1]["id"].as_str().unwrap().to_owned();
        let category = e.category("Initial access").await;
        for (i, (_, moves)) in STATES.iter().enumerate() {
            e.bring(i, moves).await;
        }
        for (i, (state, _)) in STATES.iter().enumerate() {
            for field in TestField::ALL {
                for (client, role) in [(&e.red, "red"), (&e.blue, "blue"), (&e.purple, "purple"), (&e.observer, "observer"), (&e.lead, "lead")] {
                    let open = match field.group() {
                        FieldGroup::Plan => *state == "planned",
                        FieldGroup::Red if *field == TestField::RedNotes => *state != "assessed",
                        FieldGroup::Preparation | FieldGroup::Red => ["planned", "running", "executed"].contains(state),
                        FieldGroup::Blue => ["running", "executed"].contains(state),
                        FieldGroup::Category | FieldGroup::Finding => true,
                    };
                    let own = match field.group() {
                        FieldGroup::Blue => ["blue", "purple", "lead"].contains(&role),
                        // the plan, categories and findings too: the red team's group has mission.update
                        _ => ["red", "purple", "lead"].contains(&role),
                    };
                    let expected = match (own, open) { (false, _) => 403, (true, false) => 409, (true, true) => 200 };
                    let answer = client.patch(&e.test(i), "*", json!({(field.as_str()): value_of(*field, &e, &level, &category)})).await;
                    assert_eq!(answer.status.as_u16(), expected, "{field} by {role} in {state}: {}", answer.text);
                    if expected == 403 {
                        assert_eq!(answer.json["code"], "field_forbidden");
                        assert_eq!(answer.json["errors"][0]["pointer"], format!("/{field}"));
                        assert!(answer.json["detail"].as_str().unwrap().contains(field.as_str()));
                    }
                    if expected == 409 {
                        assert_eq!(answer.json["code"], "test_locked");
                    }
                    if expected == 200 && *field != TestField::Disclosed {
                        let stored = &answer.json[field.as_str()];
                        let sent = value_of(*field, &e, &level, &category);
                        assert!(*stored == sent || stored.is_array() || stored.is_object() || stored.as_str().is_some_and(|s| s.starts_with("20")), "{field}: {stored}");
                    }
                }
            }
        }
    }
}

db_test! {
    async fn outside_a_mission_in_progress_only_preparation_category_and_finding(app: TestApp) {
        let e = Exercise::draft(&app, 1).await;
        let (test, patch) = (e.test(0), |field: &str| json!({field: "x"}));
        e.red.patch(&test, "*", patch("red_notes")).await.problem(409, "mission_not_in_progress");
        e.blue.patch(&test, "*", patch("blue_notes")).await.problem(409, "mission_not_in_progress");
        e.red.post(&format!("{test}/state"), json!({"to": "running"})).await.problem(409, "mission_not_in_progress");
        // what blue must not see is hidden before it starts
        e.red.patch(&test, "*", json!({"disclosed": false, "operator_id": e.red.id})).await.expect(200);
        e.red.patch(&test, "*", json!({"disclosed": true})).await.expect(200);
        e.lead.patch(&test, "*", patch("name")).await.expect(200);
        e.transition("in_progress").await;
        e.bring(0, &["running", "executed"]).await;
        e.transition("completed").await;
        e.red.patch(&test, "*", patch("red_notes")).await.problem(409, "mission_not_in_progress");
        e.lead.patch(&test, "*", json!({"finding_status": "open", "finding_owner_id": e.blue.id, "finding_due": "2027-01-01", "finding_reference": "JIRA-1"})).await.expect(200);
        e.transition("archived").await;
        e.lead.patch(&test, "*", json!({"finding_status": "fixed"})).await.problem(409, "mission_archived");
        e.lead.post(&format!("{test}/state"), json!({"to": "assessed"})).await.problem(409, "mission_archived");
    }
}

db_test! {
    async fn a_test_moves_as_its_side_moves_it(app: TestApp) {
        let e = Exercise::start(&app, STATES.len()).await;
        for (i, (_, moves)) in STATES.iter().enumerate() {
            e.bring(i, moves).await;
        }
        let legal = [
            ("planned", "running", "red"), ("planned", "skipped", "red"), ("running", "executed", "red"), ("running", "skipped", "red"),
            ("executed", "assessed", "blue"), ("executed", "running", "red"), ("executed", "skipped", "red"),
            ("assessed", "executed", "blue"), ("skipped", "planned", "red"),
        ];
        for (i, (from, moves)) in STATES.iter().enumerate() {
            for (to, _) in STATES {
                for (client, role) in [(&e.red, "red"), (&e.blue, "blue"), (&e.observer, "observer")] {
                    let side = legal.iter().find(|(f, t, _)| f == from && t == to).map(|(_, _, side)| *side);
                    let answer = client.post(&format!("{}/state", e.test(i)), json!({"to": to})).await;
                    match side {
                        Some(side) if side == role => {
                            answer.expect(200);
                            // and back by a way that exists
                            let state = format!("/tests/{}", e.tests[i]);
                            app.sql(&format!("UPDATE mission_tests SET state = '{from}' WHERE id = {}", literal(&app, &e.tests[i]))).await;
                            assert!(e.read(&e.lead, i).await["state"] == *from, "{state}");
                        }
                        Some(_) => { answer.problem(403, "field_forbidden"); }
                        None => {
                            let refused = answer.problem(409, "illegal_transition");
                            let allowed: Vec<&str> = refused.json["allowed"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
                            let own: Vec<&str> = legal.iter().filter(|(f, _, s)| f == from && *s == role).map(|(_, t, _)| *t).collect();
                            assert_eq!(allowed.len(), own.len(), "{role} from {from}: {allowed:?}");
                        }
                    }
                }
            }
            let _ = moves;
        }
    }
}

fn literal(app: &crate::harness::TestApp, id: &str) -> String {
    match app.engine {
        crate::harness::Engine::Sqlite => format!("x'{}'", id.replace('-', "")),
        crate::harness::Engine::Postgres => format!("'{id}'"),
    }
}

db_test! {
    async fn moves_set_what_nobody_has_set_and_going_back_keeps_it(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        let state = |i: usize| format!("{}/state", e.test(i));
        let running = e.red.post(&state(0), json!({"to": "running"})).await.expect(200);
        let started = running.json["started_at"].as_str().unwrap().to_owned();
        assert!(started.ends_with('Z'));
        assert_eq!(running.json["operator_id"], json!(e.red.id));
        assert_eq!(running.json["version"], 2);
        let ended = e.red.post(&state(0), json!({"to": "executed"})).await.expect(200).json["ended_at"].clone();
        e.red.post(&state(0), json!({"to": "running"})).await.expect(200);
        let again = e.red.post(&state(0), json!({"to": "executed"})).await.expect(200).json;
        assert_eq!((&again["started_at"], &again["ended_at"]), (&json!(started), &ended), "going back keeps both");
        let assessed = e.blue.post(&state(0), json!({"to": "assessed"})).await.expect(200).json;
        assert_eq!(assessed["assessor_id"], json!(e.blue.id));
        // what was set by hand stays
        e.red.patch(&e.test(1), "*", json!({"started_at": "2026-03-01T08:00:00.5+02:00", "operator_id": e.purple.id})).await.expect(200);
        let running = e.red.post(&state(1), json!({"to": "running"})).await.expect(200).json;
        assert_eq!(running["started_at"], "2026-03-01T06:00:00.500Z");
        assert_eq!(running["operator_id"], json!(e.purple.id));
    }
}

db_test! {
    async fn nothing_lies_before_the_start_and_one_time_does_not_touch_another(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        e.bring(0, &["running", "executed"]).await;
        let test = e.test(0);
        e.red.patch(&test, "*", json!({"started_at": "2026-03-01T10:00:00Z", "ended_at": "2026-03-01T10:05:00Z"})).await.expect(200);
        for (client, field) in [(&e.red, "ended_at"), (&e.blue, "detected_at"), (&e.blue, "alerted_at"), (&e.blue, "responded_at")] {
            let refused = client.patch(&test, "*", json!({field: "2026-03-01T09:59:59Z"})).await.problem(422, "validation_failed");
            assert_eq!(refused.json["errors"][0]["pointer"], format!("/{field}"));
            client.patch(&test, "*", json!({field: "2026-03-01T10:00:00Z"})).await.expect(200);
        }
        let refused = e.red.patch(&test, "*", json!({"started_at": "2026-03-01T10:00:01Z"})).await.problem(422, "validation_failed");
        assert_eq!(refused.json["errors"][0]["pointer"], "/started_at");
        let before = e.read(&e.blue, 0).await;
        e.blue.patch(&test, "*", json!({"detected_at": "2026-03-01T10:01:00Z"})).await.expect(200);
        e.blue.patch(&test, "*", json!({"blue_notes": "seen"})).await.expect(200);
        let after = e.read(&e.blue, 0).await;
        for field in ["started_at", "ended_at", "alerted_at", "responded_at"] {
            assert_eq!(before[field], after[field], "{field}");
        }
        assert_eq!(after["detected_at"], "2026-03-01T10:01:00Z");
        e.blue.patch(&test, "*", json!({"detected_at": null})).await.expect(200);
        assert_eq!(e.read(&e.blue, 0).await["detected_at"], Value::Null);
        e.blue.patch(&test, "*", json!({"detected_at": "yesterday"})).await.problem(400, "invalid_body");
    }
}

db_test! {
    async fn the_three_facts_stand_alone_and_the_outcome_is_shown_only(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        e.bring(0, &["running", "executed"]).await;
        for (facts, outcome) in [(("yes", "no", "partial"), "prevented"), (("no", "yes", "no"), "alerted"), (("partial", "unknown", "not_applicable"), "logged"), (("no", "no", "no"), "missed")] {
            let patch = json!({"logged": facts.0, "alerted": facts.1, "prevented": facts.2});
            let seen = e.blue.patch(&e.test(0), "*", patch).await.expect(200).json;
            assert_eq!((seen["logged"].as_str(), seen["alerted"].as_str(), seen["prevented"].as_str()), (Some(facts.0), Some(facts.1), Some(facts.2)));
            assert_eq!(seen["outcome"], "not_assessed", "until it is assessed");
            e.blue.post(&format!("{}/state", e.test(0)), json!({"to": "assessed"})).await.expect(200);
            assert_eq!(e.read(&e.blue, 0).await["outcome"], outcome);
            assert_eq!(e.admin.get(&e.mission).await.json["counts"]["by_outcome"][outcome], 1);
            e.blue.post(&format!("{}/state", e.test(0)), json!({"to": "executed"})).await.expect(200);
        }
        e.blue.patch(&e.test(0), "*", json!({"outcome": "missed"})).await.problem(400, "invalid_body");
    }
}

db_test! {
    async fn counters_follow_every_change_and_equal_a_recount(app: TestApp) {
        let e = Exercise::start(&app, 4).await;
        let levels = e.admin.get("/detection-levels").await.items().clone();
        e.bring(0, &["running", "executed"]).await;
        e.blue.patch(&e.test(0), "*", json!({"detection_level_id": levels[2]["id"], "alerted": "yes"})).await.expect(200);
        e.bring(0, &["assessed"]).await;
        e.bring(1, &["running"]).await;
        e.bring(2, &["skipped"]).await;
        e.red.patch(&e.test(3), "*", json!({"disclosed": false})).await.expect(200);
        let counts = |client: &crate::harness::Client| { let (client, path) = (client.clone(), e.mission.clone()); async move { client.get(&path).await.expect(200).json["counts"].clone() } };
        let (all, blue) = (counts(&e.admin).await, counts(&e.blue).await);
        assert_eq!((all["tests"].as_u64(), blue["tests"].as_u64()), (Some(4), Some(3)));
        assert_eq!(all["by_state"], json!({"planned": 1, "running": 1, "executed": 0, "assessed": 1, "skipped": 1}));
        assert_eq!(blue["by_state"]["planned"], 0);
        assert_eq!(all["by_outcome"]["alerted"], 1);
        assert_eq!(all["by_detection"][levels[2]["code"].as_str().unwrap()], 1);
        assert_eq!(all["by_detection"]["unassessed"], 3);
        // the list has the same
        assert_eq!(e.blue.get("/missions").await.items()[0]["counts"], blue);
    }
}

db_test! {
    async fn one_of_many_writers_with_one_version_wins(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let test = e.test(0);
        let tag = e.red.get(&test).await.expect(200).etag();
        e.red.send(reqwest::Method::PATCH, &test, Some(json!({"red_notes": "x"})), &[]).await.problem(428, "precondition_required");
        let writers = (0..12).map(|i| { let (red, test, tag) = (e.red.clone(), test.clone(), tag.clone()); async move { red.patch(&test, &tag, json!({"red_notes": format!("w{i}")})).await.status.as_u16() } });
        let mut codes: Vec<u16> = futures_util::future::join_all(writers).await;
        codes.sort_unstable();
        assert_eq!(codes[0], 200);
        assert!(codes[1..].iter().all(|c| *c == 412), "{codes:?}");
        assert_eq!(e.read(&e.red, 0).await["version"], 2);
        let stale = e.red.patch(&test, &tag, json!({"red_notes": "late"})).await.problem(412, "precondition_failed");
        assert_eq!(stale.json["current_etag"], "\"2\"");
        // a stale move is refused too, where it says what it knows
        e.red.send(reqwest::Method::POST, &format!("{test}/state"), Some(json!({"to": "running"})), &[("If-Match", tag.as_str())]).await.problem(412, "precondition_failed");
    }
}

db_test! {
    async fn edits_of_many_clients_are_each_there_once(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let (test, done) = (e.test(0), std::sync::atomic::AtomicI64::new(0));
        let writers = (0..8).map(|i| { let (red, test, done) = (e.red.clone(), test.clone(), &done); async move {
            for n in 0..10 {
                let tag = red.get(&test).await.expect(200).etag();
                let answer = red.patch(&test, &tag, json!({"red_notes": format!("{i}.{n}")})).await;
                match answer.status.as_u16() { 200 => { done.fetch_add(1, std::sync::atomic::Ordering::Relaxed); } 412 => {} _ => panic!("{}", answer.text) }
            }
        } });
        futures_util::future::join_all(writers).await;
        let done = done.into_inner();
        assert_eq!(e.read(&e.red, 0).await["version"], done + 1);
        assert_eq!(app.count("SELECT count(*) FROM mission_events WHERE kind = 'test.updated'").await, done);
    }
}

db_test! {
    async fn a_hidden_test_is_nowhere_for_blue_and_observers(app: TestApp) {
        let e = Exercise::start(&app, 3).await;
        e.red.patch(&e.test(0), "*", json!({"red_notes": "before"})).await.expect(200);
        e.red.patch(&e.test(0), "*", json!({"disclosed": false})).await.expect(200);
        let (hidden, path) = (e.tests[0].clone(), e.test(0));
        for client in [&e.blue, &e.observer] {
            client.get(&path).await.problem(404, "not_found");
            client.get(&format!("{path}/detections")).await.problem(404, "not_found");
            client.patch(&path, "*", json!({"blue_notes": "x"})).await.problem(404, "not_found");
            client.post(&format!("{path}/state"), json!({"to": "running"})).await.problem(404, "not_found");
            client.post(&format!("{}/presence", e.mission), json!({"mission_test_id": hidden})).await.problem(404, "not_found");
            for place in ["", "/tests", "/tests?q=test", "/synthesis", "/events", "/events?after=0", "/export/json", "/presence"] {
                let seen = client.get(&format!("{}{place}", e.mission)).await.expect(200);
                assert!(!seen.text.contains(&hidden), "{place} tells of it");
                assert!(!seen.text.contains("test 0"), "{place} names it");
            }
            assert_eq!(client.get(&format!("{}/tests", e.mission)).await.json["total"], 2);
            assert_eq!(client.get(&format!("{}/synthesis", e.mission)).await.json["tests"], 2);
            // places have no gap that would betray it
            assert_eq!(client.get(&e.test(1)).await.json["position"], 0);
            let list = client.get(&format!("{}/tests", e.mission)).await.items().iter().map(|t| t["position"].as_u64().unwrap()).collect::<Vec<_>>();
            assert_eq!(list, [0, 1]);
        }
        assert_eq!(e.red.get(&e.test(1)).await.json["position"], 1);
        for client in [&e.red, &e.purple, &e.lead, &e.admin] {
            client.get(&path).await.expect(200);
            assert!(client.get(&format!("{}/events", e.mission)).await.text.contains(&hidden));
        }
        // what happened while it was hidden stays untold; what comes after is told
        e.red.patch(&path, "*", json!({"red_notes": "secret"})).await.expect(200);
        e.red.patch(&path, "*", json!({"disclosed": true})).await.expect(200);
        let told = e.blue.get(&format!("{}/events?test={hidden}", e.mission)).await.items().iter().map(|x| x["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(told, ["test.disclosed", "test.updated"], "the newest first; the edit before it was hidden, not the one after");
        assert_eq!(e.blue.get(&e.mission).await.json["counts"]["tests"], 3);
    }
}

db_test! {
    async fn outsiders_get_the_answer_of_a_random_mission(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        let none = format!("/missions/{}/tests/{}", Uuid::now_v7(), e.tests[0]);
        e.outsider.patch(&e.test(0), "*", json!({"red_notes": "x"})).await.problem(404, "not_found");
        e.outsider.patch(&none, "*", json!({"red_notes": "x"})).await.problem(404, "not_found");
        e.outsider.get(&format!("{}/tests", e.mission)).await.problem(404, "not_found");
        e.outsider.post(&format!("{}/tests/bulk", e.mission), json!([{"id": e.tests[0], "version": 1}])).await.problem(404, "not_found");
        e.outsider.get(&format!("{}/stream", e.mission)).await.problem(404, "not_found");
        e.outsider.get(&format!("{}/presence", e.mission)).await.problem(404, "not_found");
        // a test of another mission is not one of this
        let other = e.admin.post("/missions", json!({"name": "N", "client": "C"})).await.expect(201).id();
        e.admin.get(&format!("/missions/{other}/tests/{}", e.tests[0])).await.problem(404, "not_found");
        e.admin.patch(&format!("/missions/{other}/tests/{}", e.tests[0]), "*", json!({"name": "x"})).await.problem(404, "not_found");
    }
}

db_test! {
    async fn references_must_be_good(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        e.bring(0, &["running"]).await;
        let none = Uuid::now_v7();
        for (field, code) in [("operator_id", "not_a_member"), ("assessor_id", "not_a_member"), ("detection_level_id", "unknown"), ("category_id", "unknown"), ("finding_owner_id", "unknown")] {
            let refused = e.lead.patch(&e.test(0), "*", json!({field: none})).await.problem(422, "validation_failed");
            assert_eq!((refused.json["errors"][0]["pointer"].as_str(), refused.json["errors"][0]["code"].as_str()), (Some(format!("/{field}").as_str()), Some(code)));
        }
        let refused = e.lead.patch(&e.test(0), "*", json!({"red_notes": "a\u{0}b", "argument_values": {"who": []}, "logged": "yes"})).await.problem(422, "validation_failed");
        let pointers: Vec<&str> = refused.json["errors"].as_array().unwrap().iter().map(|x| x["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/red_notes", "/argument_values/who"]);
        assert_eq!(e.read(&e.lead, 0).await["logged"], "unknown", "nothing of a refused patch is written");
        for field in ["id", "mission_id", "version", "state", "outcome", "created_at", "position", "deleted_at", "search_text"] {
            e.lead.patch(&e.test(0), "*", json!({field: "x"})).await.problem(400, "invalid_body");
        }
    }
}

db_test! {
    async fn many_tests_at_once_are_answered_each_for_itself(app: TestApp) {
        let e = Exercise::start(&app, 4).await;
        e.red.patch(&e.test(1), "*", json!({"red_notes": "newer"})).await.expect(200);
        let items = json!([
            {"id": e.tests[0], "version": 1, "operator_id": e.purple.id},
            {"id": e.tests[1], "version": 1, "operator_id": e.purple.id},
            {"id": e.tests[2], "version": 1, "state": "skipped", "red_notes": "not today"},
            {"id": e.tests[3], "version": 1, "blue_notes": "x"},
            {"id": Uuid::now_v7(), "version": 1, "red_notes": "x"},
        ]);
        let bulk = format!("{}/tests/bulk", e.mission);
        let answer = e.red.post(&bulk, items).await.expect(200);
        let statuses: Vec<u64> = answer.items().iter().map(|x| x["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 412, 200, 403, 404]);
        assert_eq!(answer.items()[0]["test"]["operator_id"], json!(e.purple.id));
        assert_eq!(answer.items()[2]["test"]["state"], "skipped");
        assert_eq!(answer.items()[2]["test"]["red_notes"], "not today");
        assert_eq!(answer.items()[1]["problem"]["code"], "precondition_failed");
        assert_eq!(e.read(&e.red, 1).await["operator_id"], Value::Null);
        e.red.post(&bulk, json!([])).await.problem(422, "validation_failed");
        e.red.post(&bulk, json!({"id": e.tests[0]})).await.problem(400, "invalid_body");
        e.red.post(&bulk, json!([{"id": e.tests[0], "version": 2, "mission_id": "x"}])).await.problem(400, "invalid_body");
    }
}

db_test! {
    async fn an_order_is_whole_and_two_at_once_leave_one_of_the_two(app: TestApp) {
        let e = Exercise::start(&app, 5).await;
        let scenario = e.admin.get(&e.mission).await.json["scenarios"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("{}/scenarios/{scenario}/tests/order", e.mission);
        let order = |client: &crate::harness::Client| { let (client, mission) = (client.clone(), e.mission.clone()); async move {
            client.get(&mission).await.json["scenarios"][0]["tests"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        } };
        let (mut backwards, mut turned) = (e.tests.clone(), e.tests.clone());
        backwards.reverse();
        turned.rotate_left(2);
        e.lead.put(&path, json!({"test_ids": backwards})).await.expect(200);
        assert_eq!(order(&e.red).await, backwards);
        for bad in [json!([]), json!([e.tests[0]]), json!([e.tests[0], e.tests[0], e.tests[1], e.tests[2], e.tests[3]]), json!([Uuid::now_v7(), e.tests[1], e.tests[2], e.tests[3], e.tests[4]])] {
            e.lead.put(&path, json!({"test_ids": bad})).await.problem(422, "validation_failed");
        }
        assert_eq!(order(&e.red).await, backwards, "a refused order changes nothing");
        let racers = (0..10).map(|i| { let (lead, path, list) = (e.lead.clone(), path.clone(), if i % 2 == 0 { backwards.clone() } else { turned.clone() }); async move { lead.put(&path, json!({"test_ids": list})).await.expect(200); } });
        futures_util::future::join_all(racers).await;
        let left = order(&e.red).await;
        assert!(left == backwards || left == turned, "{left:?}");
        // who does not see a test does not move it
        e.lead.put(&path, json!({"test_ids": e.tests})).await.expect(200);
        e.red.patch(&e.test(1), "*", json!({"disclosed": false})).await.expect(200);
        e.blue.put(&path, json!({"test_ids": e.tests})).await.problem(403, "forbidden");
        e.admin.put(&format!("{}/members", e.mission), json!({"members": [{"user_id": e.lead.id, "role_hint": "blue"}]})).await.expect(200);
        let seen: Vec<&String> = [4, 3, 2, 0].into_iter().map(|i| &e.tests[i]).collect();
        e.lead.put(&path, json!({"test_ids": seen})).await.expect(200);
        let ids: Vec<String> = [4, 1, 3, 2, 0].into_iter().map(|i: usize| e.tests[i].clone()).collect();
        assert_eq!(order(&e.admin).await, ids, "the hidden one kept its place");
    }
}

db_test! {
    async fn a_test_without_a_template_joins_with_its_tags(app: TestApp) {
        let e = Exercise::start(&app, 1).await;
        seed_catalogue(&app).await;
        let path = format!("{}/tests", e.mission);
        let body = json!({"name": "Improvised", "procedure": "*do*", "command": "id", "executor": "bash", "mitre_tags": [{"kind": "subtechnique", "external_id": "T1059.001"}]});
        let made = e.lead.post(&path, body.clone()).await.expect(201);
        assert_eq!(made.header("location"), format!("/api/v1{path}/{}", made.id()));
        assert_eq!((made.json["state"].as_str(), made.json["source_test_template_id"].as_str()), (Some("planned"), None));
        assert_eq!(made.json["mitre_tags"][0]["name"], "PowerShell");
        assert_eq!(e.red.get(&format!("{path}/{}", made.id())).await.expect(200).json, made.json);
        let mission = e.red.get(&e.mission).await.json;
        assert_eq!(mission["scenarios"][1]["name"], "Ad hoc");
        assert_eq!(mission["counts"]["tests"], 2);
        let tactics = e.red.get(&format!("{}/synthesis", e.mission)).await.json;
        assert!(tactics["by_tactic"].as_array().unwrap().iter().any(|t| t["external_id"] == "TA0002"), "{tactics}");
        let scenario = mission["scenarios"][0]["id"].clone();
        let hidden = e.lead.post(&path, json!({"name": "Quiet", "mission_scenario_id": scenario, "disclosed": false})).await.expect(201);
        assert_eq!(hidden.json["position"], 1);
        e.blue.get(&format!("{path}/{}", hidden.id())).await.problem(404, "not_found");
        assert_eq!(e.blue.get(&e.mission).await.json["counts"]["tests"], 2);
        e.lead.post(&path, json!({"name": "x", "mission_scenario_id": Uuid::now_v7()})).await.problem(422, "validation_failed");
        e.lead.post(&path, json!({"name": "x", "mitre_tags": [{"kind": "technique", "external_id": "T9999"}]})).await.problem(422, "validation_failed");
        e.lead.post(&path, json!({"name": "x", "state": "assessed"})).await.problem(400, "invalid_body");
        e.blue.post(&path, body.clone()).await.problem(403, "forbidden");
        e.transition("completed").await;
        e.lead.post(&path, body).await.problem(409, "mission_not_in_progress");
    }
}

db_test! {
    async fn lists_of_tests_are_filtered_and_paged(app: TestApp) {
        let e = Exercise::start(&app, 5).await;
        e.bring(1, &["running"]).await;
        e.bring(2, &["skipped"]).await;
        let path = format!("{}/tests", e.mission);
        let names = |answer: crate::harness::Answer| answer.expect(200).items().iter().map(|t| t["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(e.red.get(&format!("{path}?state=running,skipped")).await), ["test 1", "test 2"]);
        assert_eq!(names(e.red.get(&format!("{path}?q=TEST 4")).await), ["test 4"]);
        assert_eq!(names(e.red.get(&format!("{path}?operator={}", e.lead.id)).await), ["test 1"]);
        e.red.get(&format!("{path}?state=flying")).await.problem(400, "invalid_query");
        let first = e.red.get(&format!("{path}?limit=2")).await.expect(200);
        assert_eq!(first.json["total"], 5);
        let mut all = names(first.clone());
        let mut cursor = first.json["next_cursor"].as_str().map(str::to_owned);
        while let Some(at) = cursor {
            let page = e.red.get(&format!("{path}?limit=2&cursor={at}")).await.expect(200);
            cursor = page.json["next_cursor"].as_str().map(str::to_owned);
            all.extend(names(page));
        }
        assert_eq!(all, ["test 0", "test 1", "test 2", "test 3", "test 4"]);
        let row = e.red.get(&path).await.items()[1].clone();
        assert_eq!(row["operator_id"], json!(e.lead.id));
        assert!(row["started_at"].is_string() && row["logged"] == "unknown");
    }
}

db_test! {
    async fn what_a_patch_answers_is_what_a_read_gives_whatever_it_changed(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        let planned = [json!({"name": "Another plan", "platforms": ["b", "a"], "references": ["https://example.test"]}), json!({"disclosed": false})];
        e.bring(0, &["running", "executed"]).await;
        let category = e.category("Gaps").await;
        let run = [
            json!({"output": "é🦀\ttab", "red_notes": "n", "command_run": "c"}),
            json!({"operator_id": e.red.id, "source_host": ""}),
            json!({"started_at": "2026-03-01T10:00:00.123456789Z", "ended_at": "2026-03-01T10:00:01.5Z"}),
            json!({"argument_values": {"bb": 1.0, "a": "x"}}),
            json!({"logged": "partial", "alerted": "yes", "prevented": "no", "is_delayed": true}),
            json!({"assessor_id": e.blue.id, "detected_at": "2026-03-01T11:00:00.000000400+01:00", "blue_notes": "b"}),
            json!({"severity": "high", "priority": "low", "recommendation": "r", "category_id": category}),
            json!({"finding_status": "open", "finding_due": "2026-12-01", "finding_reference": "SOC-1"}),
            json!({"finding_owner_id": e.red.id}),
            json!({"operator_id": null, "detected_at": null}),
        ];
        let all = planned.iter().map(|patch| (e.test(1), patch)).chain(run.iter().map(|patch| (e.test(0), patch)));
        for (test, patch) in all {
            let changed = e.lead.patch(&test, "*", patch.clone()).await.expect(200);
            let read = e.lead.get(&test).await.expect(200);
            assert_eq!((&read.json, read.etag()), (&changed.json, changed.etag()), "{patch}");
        }
        let (_, text) = app.statements(e.lead.patch(&e.test(0), "*", json!({"output": "o"}))).await;
        let (_, person) = app.statements(e.lead.patch(&e.test(0), "*", json!({"finding_owner_id": e.blue.id}))).await;
        assert!(text < person, "{text} for a text, {person} where the answer is read again");
    }
}

db_test! {
    async fn a_patch_needs_as_many_statements_in_a_large_mission_as_in_a_small_one(app: TestApp) {
        let mut counts = Vec::new();
        let e = Exercise::start(&app, 2).await;
        let other = e.admin.post("/missions", json!({"name": "Big", "client": "C", "scenario_template_ids": vec![e.admin.get("/scenario-templates").await.items()[0]["id"].clone(); 30], "members": [{"user_id": e.red.id, "role_hint": "red"}]})).await.expect(201);
        e.admin.post(&format!("/missions/{}/transition", other.id()), json!({"to": "in_progress"})).await.expect(200);
        let big = format!("/missions/{}/tests/{}", other.id(), other.json["scenarios"][7]["tests"][0]["id"].as_str().unwrap());
        for test in [e.test(0), big] {
            let (_, n) = app.statements(e.red.patch(&test, "*", json!({"red_notes": "x"}))).await;
            counts.push(n);
        }
        assert_eq!(counts[0], counts[1]);
        assert!(counts[0] <= 18, "{counts:?}");
    }
}
