//! Findings over all missions: only those that the caller sees, filtered and paged.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::db_test;
use crate::harness::TestApp;
use crate::scene::{Scene, each};

/// Makes findings of both tests of the scene, past the API: `secret tunnel` is red's and grave, `open door` nobody's.
async fn seed(app: &TestApp) {
    app.sql("UPDATE mission_tests SET finding_status = 'open', recommendation = 'close it' WHERE name = 'open door'").await;
    app.sql(
        "UPDATE mission_tests SET finding_status = 'in_progress', severity = 'high', priority = 'critical', finding_due = '2027-02-01', finding_reference = 'SEC-1', \
         finding_owner_id = (SELECT id FROM users WHERE display_name = 'red'), logged = 'yes', state = 'assessed' WHERE name = 'secret tunnel'",
    )
    .await;
}

db_test! {
    async fn each_sees_those_of_their_missions_and_no_hidden_ones(app: TestApp) {
        let s = Scene::new(&app).await;
        assert_eq!(s.admin.get("/findings").await.expect(200).json["total"], 0, "a test without a status is no finding");
        seed(&app).await;
        for who in [&s.admin, &s.lead, &s.red] {
            let list = who.get("/findings?sort=created_at").await.expect(200);
            assert_eq!((list.items().len(), &list.json["total"]), (2, &json!(2)));
        }
        for who in [&s.blue, &s.observer] {
            let list = who.get("/findings").await.expect(200);
            assert_eq!((each(&list, "test_name"), &list.json["total"]), (vec!["open door".into()], &json!(1)));
            assert_eq!(who.get("/findings?q=secret").await.json["total"], 0);
            assert_eq!(who.get("/findings?status=in_progress").await.json["total"], 0);
        }
        assert_eq!(s.outsider.get("/findings").await.expect(200).json["total"], 0);
        app.anonymous().get("/findings").await.problem(401, "unauthenticated");
        s.admin.post("/users", json!({"email": "n@example.test", "display_name": "n", "password": crate::harness::PASSWORD})).await.expect(201);
        app.login("n@example.test").await.get("/findings").await.problem(403, "forbidden");
        let tunnel = s.red.get("/findings?q=TUNNEL").await.expect(200).items()[0].clone();
        assert_eq!(tunnel, json!({
            "mission_test_id": s.hidden, "test_name": "secret tunnel", "mission_id": s.id, "mission_name": "Quiet Ledger", "client": "ACME", "mission_status": "draft",
            "outcome": "logged", "status": "in_progress", "severity": "high", "priority": "critical", "owner": {"id": s.red.id, "display_name": "red"}, "due": "2027-02-01",
            "reference": "SEC-1", "recommendation": null, "mitre_tags": [], "version": 1,
        }));
        let door = s.blue.get("/findings").await.items()[0].clone();
        assert_eq!((&door["owner"], &door["severity"], &door["due"], &door["recommendation"]), (&Value::Null, &json!("none"), &Value::Null, &json!("close it")));
        // a lead who plays blue sees what blue sees, here and nowhere else
        s.admin.put(&format!("{}/members", s.path), json!({"members": [{"user_id": s.lead.id, "role_hint": "blue"}]})).await.expect(200);
        assert_eq!(each(&s.lead.get("/findings").await, "test_name"), ["open door"]);
        assert_eq!(s.red.get("/findings").await.json["total"], 0, "who left the mission sees nothing of it");
        app.sql("UPDATE mission_tests SET deleted_at = created_at WHERE name = 'open door'").await;
        assert_eq!(s.admin.get("/findings").await.json["total"], 1);
        s.admin.remove(&s.path).await.expect(204);
        assert_eq!(s.admin.get("/findings").await.json["total"], 0);
    }
}

db_test! {
    async fn filters_and_pages(app: TestApp) {
        let s = Scene::new(&app).await;
        seed(&app).await;
        for (query, want) in [
            ("status=open", 1), ("status=open,in_progress", 2), ("status=fixed", 0), ("status=", 2), ("owner=me", 1), ("owner=none", 1), (&format!("owner={}", s.blue.id), 0), (&format!("owner={}", s.red.id), 1),
            ("client=acme", 2), ("client=acm", 0), ("q=ledger", 2), ("q=DOOR", 1), ("q=%25", 0), ("q=zzz", 0), ("status=open&owner=none&client=ACME&q=door", 1), ("status=open&owner=me", 0),
        ] {
            let list = s.red.get(&format!("/findings?{query}")).await.expect(200);
            assert_eq!((list.items().len(), &list.json["total"]), (want, &json!(want)), "{query}");
        }
        for query in ["status=burning", "owner=somebody", "sort=severity", "surprise=1", "cursor=x", "limit=x"] {
            s.red.get(&format!("/findings?{query}")).await.problem(400, "invalid_query");
        }
        s.red.get("/findings?limit=201").await.problem(422, "validation_failed");
        s.red.get("/findings?q=%00").await.problem(422, "validation_failed");
        assert_eq!(s.red.get(&format!("/findings?owner={}", Uuid::now_v7())).await.json["total"], 0);
        // rows of one mission carry one time: the id decides, and no row is skipped or repeated
        for sort in ["created_at", "-created_at", "updated_at", "-updated_at"] {
            let first = s.red.get(&format!("/findings?limit=1&sort={sort}")).await.expect(200);
            let second = s.red.get(&format!("/findings?limit=1&sort={sort}&cursor={}", first.json["next_cursor"].as_str().unwrap())).await.expect(200);
            let mut names = [each(&first, "test_name"), each(&second, "test_name")].concat();
            names.sort();
            assert_eq!(names, ["open door", "secret tunnel"], "{sort}");
            assert_eq!((&second.json["total"], &second.json["next_cursor"]), (&Value::Null, &Value::Null));
        }
        let (_, one) = app.statements(s.red.get("/findings?limit=1")).await;
        let (_, two) = app.statements(s.red.get("/findings?limit=200")).await;
        assert_eq!((one, two), (3, 3), "caller, count, rows with their tags");
    }
}
