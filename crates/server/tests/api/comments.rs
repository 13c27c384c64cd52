//! Comments: who says and reads what, mentions, edits, pages, and that a hidden test hides what is said about it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::scene::{Scene, each, told};

db_test! {
    async fn a_body_is_kept_exactly_as_it_was_sent(app: TestApp) {
        let s = Scene::new(&app).await;
        let long = "é".repeat(100_000);
        let bodies = ["plain", "  two spaces before\n\n\tand a tab  ", "<script>alert(1)</script> [x](javascript:alert(1))", "🦑👩‍👩‍👧 \u{202e}مرحبا\u{202c}", "a\r\nb", "'; DROP TABLE users; --", &long];
        for body in bodies {
            let made = s.comment(&s.blue, Some(&s.open), body).await.expect(201);
            assert_eq!(made.json["body"], body);
            assert_eq!(made.json["author"], json!({"id": s.blue.id, "display_name": "blue"}));
            assert_eq!((&made.json["mission_test_id"], &made.json["version"], &made.json["edited_at"]), (&json!(s.open), &json!(1), &Value::Null));
            assert_eq!(made.header("location"), format!("/api/v1{}/comments/{}", s.path, made.id()));
            assert_eq!(made.etag(), "\"1\"");
        }
        let list = s.red.get(&format!("{}/comments", s.path)).await.expect(200);
        assert_eq!(each(&list, "body"), bodies, "the oldest first");
        assert_eq!(list.json["total"], bodies.len());
        for (body, code) in [("", "required"), (" \n\t ", "required"), ("a\u{0}b", "nul"), (&"x".repeat(100_001), "too_long")] {
            let refused = s.comment(&s.blue, None, body).await.problem(422, "validation_failed");
            assert_eq!((&refused.json["errors"][0]["pointer"], &refused.json["errors"][0]["code"]), (&json!("/body"), &json!(code)));
        }
        for body in [json!({}), json!({"body": "x", "author": s.red.id}), json!({"body": "x", "mission_test_id": "y"}), json!(["x"])] {
            s.blue.post(&format!("{}/comments", s.path), body).await.problem(400, "invalid_body");
        }
        assert_eq!(app.count("SELECT count(*) FROM mission_comments").await, 7, "what was refused is not there");
    }
}

db_test! {
    async fn every_member_but_an_observer_comments(app: TestApp) {
        let s = Scene::new(&app).await;
        let comments = format!("{}/comments", s.path);
        for who in [&s.red, &s.blue, &s.lead, &s.admin] {
            s.comment(who, None, "x").await.expect(201);
        }
        assert_eq!(s.observer.get(&comments).await.expect(200).json["total"], 4);
        s.comment(&s.observer, None, "").await.problem(403, "forbidden");
        app.anonymous().post(&comments, json!({})).await.problem(401, "unauthenticated");
        app.anonymous().get(&comments).await.problem(401, "unauthenticated");
        // what is not there is told first, whoever asks and whatever they send
        for test in [&s.hidden, &Uuid::now_v7().to_string()] {
            s.comment(&s.observer, Some(test), "").await.problem(404, "not_found");
            s.comment(&s.blue, Some(test), "x").await.problem(404, "not_found");
        }
        let own = s.comment(&s.red, None, "mine").await.expect(201).id();
        let mut answers = Vec::new();
        for path in s.twins("/comments") {
            answers.push(s.outsider.get(&path).await);
            answers.push(s.outsider.post(&path, json!({"body": ""})).await);
            answers.push(s.outsider.patch(&format!("{path}/{own}"), "*", json!({"body": ""})).await);
            answers.push(s.outsider.delete(&format!("{path}/{own}"), "\"9\"").await);
        }
        let strip = |mut v: Value| { v.as_object_mut().unwrap().remove("request_id"); v };
        let first = strip(answers[0].json.clone());
        for answer in answers {
            assert_eq!(strip(answer.problem(404, "not_found").json), first);
        }
        // a comment of another mission is not there
        let other = s.red.post("/missions", json!({"name": "other", "client": "c"})).await.expect(201).id();
        s.red.patch(&format!("/missions/{other}/comments/{own}"), "*", json!({"body": "x"})).await.problem(404, "not_found");
        s.red.delete(&format!("/missions/{other}/comments/{own}"), "*").await.problem(404, "not_found");
        // an archived mission is read-only, told before a look at the body
        s.archive().await;
        s.comment(&s.red, None, "").await.problem(409, "mission_archived");
        s.red.patch(&format!("{comments}/{own}"), "\"9\"", json!({"body": ""})).await.problem(409, "mission_archived");
        s.red.delete(&format!("{comments}/{own}"), "\"9\"").await.problem(409, "mission_archived");
        s.blue.delete(&format!("{comments}/{own}"), "*").await.problem(403, "forbidden");
        assert_eq!(s.red.get(&comments).await.expect(200).json["total"], 5);
    }
}

db_test! {
    async fn what_is_said_about_a_hidden_test_is_hidden_with_it(app: TestApp) {
        let s = Scene::new(&app).await;
        let comments = format!("{}/comments", s.path);
        s.comment(&s.red, None, "for all").await.expect(201);
        let secret = s.comment(&s.red, Some(&s.hidden), "only red knows @blue @obs").await.expect(201).id();
        s.comment(&s.red, Some(&s.open), "about the door").await.expect(201);
        assert_eq!(s.red.get(&comments).await.expect(200).json["total"], 3);
        assert_eq!(each(&s.red.get(&format!("{comments}?test={}", s.hidden)).await.expect(200), "body"), ["only red knows @blue @obs"]);
        for who in [&s.blue, &s.observer] {
            let seen = who.get(&comments).await.expect(200);
            assert_eq!((each(&seen, "body"), &seen.json["total"]), (vec!["for all".into(), "about the door".into()], &json!(2)));
            assert_eq!(each(&who.get(&format!("{comments}?test={}", s.open)).await.expect(200), "body"), ["about the door"]);
            for path in [format!("{comments}?test={}", s.hidden), format!("{}/events", s.path), format!("{}/export/json", s.path)] {
                let seen = who.get(&path).await.expect(200);
                assert!(!seen.text.contains("only red") && !seen.text.contains(&secret), "{path}: {}", seen.text);
            }
            who.patch(&format!("{comments}/{secret}"), "*", json!({"body": "x"})).await.problem(404, "not_found");
            who.delete(&format!("{comments}/{secret}"), "*").await.problem(404, "not_found");
            assert!(told(who).await.iter().all(|t| t.contains("added you")), "{:?}", told(who).await);
        }
        let export = s.red.get(&format!("{}/export/json", s.path)).await.expect(200).json;
        assert_eq!(export["comments"], s.red.get(&comments).await.json["items"]);
        // the test is disclosed, and its comments with it; a deleted test takes them away
        app.sql("UPDATE mission_tests SET disclosed = TRUE").await;
        assert_eq!(s.blue.get(&comments).await.expect(200).json["total"], 3);
        app.sql("UPDATE mission_tests SET deleted_at = created_at WHERE name = 'secret tunnel'").await;
        assert_eq!(s.red.get(&comments).await.expect(200).json["total"], 2);
    }
}

db_test! {
    async fn who_is_mentioned_and_can_see_it_is_told(app: TestApp) {
        let s = Scene::new(&app).await;
        // in the mission, but without the right to read any
        let nobody = s.admin.post("/users", json!({"email": "nobody@example.test", "display_name": "No Body", "password": crate::harness::PASSWORD})).await.expect(201).id();
        let members = json!({"members": [{"user_id": s.red.id, "role_hint": "red"}, {"user_id": s.blue.id, "role_hint": "blue"}, {"user_id": s.observer.id, "role_hint": "observer"}, {"user_id": nobody, "role_hint": "red"}]});
        s.admin.put(&format!("{}/members", s.path), members).await.expect(200);
        s.red.post("/notifications/read", json!({"all": true})).await.expect(200);
        let mentioned = |who: Vec<String>| who.into_iter().filter(|t| t.contains("mentioned")).collect::<Vec<_>>();

        let made = s.comment(&s.red, Some(&s.open), "@BLUE and @obs@example.test, @red, @outsider, @lead, @No Body, blue@example.test, @blueish").await.expect(201);
        let names: Vec<&str> = made.json["mentions"].as_array().unwrap().iter().map(|m| m["display_name"].as_str().unwrap()).collect();
        assert_eq!(names, ["blue", "obs", "red", "No Body"], "members only, each once");
        for who in [&s.blue, &s.observer] {
            let page = who.get("/notifications?unread=true").await.expect(200);
            let note = page.items().iter().find(|n| n["kind"] == "mentioned").unwrap();
            assert_eq!(note["subject"], "red mentioned you at open door in Quiet Ledger");
            assert_eq!(note["link"], format!("{}?test={}", s.path, s.open));
            assert_eq!(note["body"], made.json["body"]);
        }
        assert_eq!(mentioned(told(&s.red).await).len(), 0, "nobody is told of their own");
        assert_eq!(mentioned(told(&s.lead).await).len() + mentioned(told(&s.outsider).await).len(), 0, "nobody outside is told");
        assert_eq!(app.count("SELECT count(*) FROM notifications WHERE kind = 'mentioned'").await, 2, "nor who may read no mission");

        // an edit tells only those whom it adds
        let comment = format!("{}/comments/{}", s.path, made.id());
        let edited = s.red.patch(&comment, &made.etag(), json!({"body": "@blue only"})).await.expect(200);
        assert_eq!(mentioned(told(&s.blue).await).len(), 1);
        let edited = s.red.patch(&comment, &edited.etag(), json!({"body": "@blue and @obs again"})).await.expect(200);
        assert_eq!((mentioned(told(&s.blue).await).len(), mentioned(told(&s.observer).await).len()), (1, 2));
        assert_eq!(edited.json["mentions"].as_array().unwrap().len(), 2);

        // on a hidden test only those who see it; on the mission everybody
        s.comment(&s.admin, Some(&s.hidden), "@blue @obs @red").await.expect(201);
        assert_eq!((mentioned(told(&s.blue).await).len(), mentioned(told(&s.observer).await).len(), mentioned(told(&s.red).await).len()), (1, 2, 1));
        let whole = s.comment(&s.admin, None, &format!("@blue {}", "🦑".repeat(400))).await.expect(201);
        let note = s.blue.get("/notifications?limit=1").await.expect(200).items()[0].clone();
        assert_eq!((&note["link"], &note["subject"]), (&json!(s.path), &json!("Ada Admin mentioned you at Quiet Ledger")));
        assert_eq!(note["body"].as_str().unwrap().chars().count(), 300, "an excerpt");

        // who muted it is not told
        s.blue.edit("/auth/me", json!({"preferences": {"muted_kinds": ["mentioned"]}})).await.expect(200);
        s.comment(&s.admin, None, "@blue @obs").await.expect(201);
        assert_eq!((mentioned(told(&s.blue).await).len(), mentioned(told(&s.observer).await).len()), (2, 3));
        assert_eq!(whole.json["mentions"][0]["id"], s.blue.id.to_string());
    }
}

db_test! {
    async fn one_edits_and_deletes_ones_own(app: TestApp) {
        let s = Scene::new(&app).await;
        let made = s.comment(&s.blue, Some(&s.open), "first").await.expect(201);
        let path = format!("{}/comments/{}", s.path, made.id());
        // red holds mission.update and does not reach what blue said; nor does a lead put words into their mouth
        for who in [&s.red, &s.lead, &s.admin, &s.observer] {
            who.patch(&path, "\"9\"", json!({"body": ""})).await.problem(403, "forbidden");
        }
        for who in [&s.red, &s.observer] {
            who.delete(&path, "\"9\"").await.problem(403, "forbidden");
        }
        for body in [json!({"body": null}), json!({"body": " "}), json!({"body": "\u{0}"})] {
            s.blue.patch(&path, "\"9\"", body).await.problem(422, "validation_failed");
        }
        s.blue.patch(&path, "*", json!({"author": null})).await.problem(400, "invalid_body");
        s.blue.send(Method::PATCH, &path, Some(json!({"body": "x"})), &[]).await.problem(428, "precondition_required");
        s.blue.send(Method::DELETE, &path, None, &[]).await.problem(428, "precondition_required");
        let edited = s.blue.patch(&path, &made.etag(), json!({"body": "second"})).await.expect(200);
        assert_eq!((&edited.json["body"], &edited.json["version"], edited.etag()), (&json!("second"), &json!(2), "\"2\"".to_owned()));
        assert!(edited.json["edited_at"].is_string());
        assert_eq!(edited.json["created_at"], made.json["created_at"]);
        assert_eq!(s.blue.patch(&path, &made.etag(), json!({"body": "third"})).await.problem(412, "precondition_failed").json["current_etag"], "\"2\"");
        s.blue.delete(&path, &made.etag()).await.problem(412, "precondition_failed");
        // an edit that changes nothing is none
        assert_eq!(s.blue.patch(&path, "\"2\"", json!({"body": "second"})).await.expect(200).json, edited.json);
        assert_eq!(s.red.get(&format!("{}/comments", s.path)).await.items()[0], edited.json);
        s.lead.delete(&path, "\"2\"").await.expect(204);
        s.blue.delete(&path, "*").await.problem(404, "not_found");
        let own = s.comment(&s.blue, None, "x").await.expect(201);
        s.blue.delete(&format!("{}/comments/{}", s.path, own.id()), &own.etag()).await.expect(204);
        assert_eq!(s.blue.get(&format!("{}/comments", s.path)).await.json["total"], 0);
        // who became an observer only looks on, at their own words too
        let own = s.comment(&s.blue, None, "x").await.expect(201);
        s.admin.put(&format!("{}/members", s.path), json!({"members": [{"user_id": s.blue.id, "role_hint": "observer"}]})).await.expect(200);
        s.blue.patch(&format!("{}/comments/{}", s.path, own.id()), "*", json!({"body": "y"})).await.problem(403, "forbidden");
        s.blue.delete(&format!("{}/comments/{}", s.path, own.id()), "*").await.problem(403, "forbidden");
    }
}

db_test! {
    async fn each_change_is_an_event_and_an_audit_entry(app: TestApp) {
        let s = Scene::new(&app).await;
        let after = s.red.get(&format!("{}/events?limit=1", s.path)).await.items()[0]["sequence"].as_i64().unwrap();
        let mut live = app.state.live.listen();
        let made = s.comment(&s.red, Some(&s.hidden), "a").await.expect(201);
        let path = format!("{}/comments/{}", s.path, made.id());
        s.red.patch(&path, "*", json!({"body": "b"})).await.expect(200);
        s.red.delete(&path, "*").await.expect(204);
        s.comment(&s.red, None, "c").await.expect(201);
        let events = s.red.get(&format!("{}/events?after={after}", s.path)).await.expect(200);
        assert_eq!(each(&events, "kind"), ["comment.added", "comment.updated", "comment.deleted", "comment.added"]);
        assert!(events.items()[..3].iter().all(|e| e["payload"] == json!({"comment_id": made.id()}) && e["mission_test_id"] == s.hidden));
        assert_eq!(each(&s.blue.get(&format!("{}/events?after={after}", s.path)).await.expect(200), "kind"), ["comment.added"]);
        assert_eq!(app.count("SELECT count(*) FROM mission_events WHERE kind LIKE 'comment.%' AND disclosed").await, 1, "disclosing the test later does not tell its past");
        for action in ["comment.update", "comment.delete"] {
            assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE action = '{action}' AND stream = '{}' AND object_id = '{}'", s.id, made.id())).await, 1, "{action}");
        }
        assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'comment.create'").await, 2);
        // and they were told to those who listen
        let mut heard = 0;
        while heard < 4 {
            let message = tokio::time::timeout(std::time::Duration::from_secs(10), live.recv()).await.expect("an event is heard").unwrap();
            heard += i32::from(matches!(&message, tyrian_server::live::Message::Event(e) if e.json.contains("comment.")));
        }
    }
}

db_test! {
    async fn pages_go_through_all_in_both_directions(app: TestApp) {
        let s = Scene::new(&app).await;
        let mut made = Vec::new();
        for i in 0..11 {
            made.push(s.comment(&s.red, (i % 2 == 0).then_some(s.open.as_str()), &format!("{i}")).await.expect(201).id());
        }
        let comments = format!("{}/comments", s.path);
        for sort in ["created_at", "-created_at"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = s.blue.get(&format!("{comments}?limit=3&sort={sort}{cursor}")).await.expect(200);
                assert_eq!(page.json["total"], if seen.is_empty() { json!(11) } else { Value::Null });
                seen.extend(each(&page, "id"));
                match page.json["next_cursor"].as_str() { Some(next) => cursor = format!("&cursor={next}"), None => break }
            }
            if sort.starts_with('-') { seen.reverse(); }
            assert_eq!(seen, made, "{sort}");
        }
        assert_eq!(s.blue.get(&format!("{comments}?test={}", s.open)).await.json["total"], 6);
        for (query, status, code) in [("sort=body", 400, "invalid_query"), ("surprise=1", 400, "invalid_query"), ("test=x", 400, "invalid_query"), ("limit=0", 422, "validation_failed"), ("cursor=x", 400, "invalid_query")] {
            s.blue.get(&format!("{comments}?{query}")).await.problem(status, code);
        }
        // the same number of statements at any number of comments and people
        let (_, few) = app.statements(s.blue.get(&format!("{comments}?limit=1"))).await;
        let (_, many) = app.statements(s.blue.get(&format!("{comments}?limit=200"))).await;
        assert_eq!((few, many), (4, 4), "caller and scope, count, rows, people");
        let (_, one) = app.statements(s.comment(&s.red, Some(&s.open), "@blue")).await;
        let (_, all) = app.statements(s.comment(&s.red, Some(&s.open), "@blue @obs @red")).await;
        assert_eq!(one, all);
    }
}

db_test! {
    async fn the_same_idempotency_key_says_it_once(app: TestApp) {
        let s = Scene::new(&app).await;
        let send = |key: &'static str, body: &'static str| { let (c, path) = (s.red.clone(), format!("{}/comments", s.path)); async move { c.send(Method::POST, &path, Some(json!({"body": body})), &[("Idempotency-Key", key)]).await } };
        let first = send("k", "@blue").await.expect(201);
        let again = send("k", "@blue").await.expect(201);
        assert_eq!((&first.json, first.etag()), (&again.json, again.etag()));
        send("k", "other").await.problem(422, "idempotency_key_reused");
        let ids: BTreeSet<String> = each(&s.red.get(&format!("{}/comments", s.path)).await, "id").into_iter().collect();
        assert_eq!(ids, BTreeSet::from([first.id()]));
        assert_eq!(app.count("SELECT count(*) FROM notifications WHERE kind = 'mentioned'").await, 1);
    }
}
