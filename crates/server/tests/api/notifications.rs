//! Notifications: one's own only, pages, reading some or all, muting, and the word to the other tabs.

use reqwest::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use tyrian_entity::notification;
use tyrian_server::live::Message;
use uuid::Uuid;

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::{Client, TestApp};
use crate::scene::each;

/// `n` unread notifications of somebody, past the API: subjects `0`, `1`, …
async fn seed(app: &TestApp, who: &Client, n: u32) {
    for i in 0..n {
        let now = tyrian_server::now();
        let row = notification::ActiveModel {
            id: Set(Uuid::now_v7()),
            user_id: Set(who.id),
            kind: Set("assigned".into()),
            subject: Set(i.to_string()),
            body: Set(None),
            link: Set(Some("/missions/x".into())),
            read_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        notification::Entity::insert(row).exec_without_returning(app.state.db.writer()).await.unwrap();
    }
}

db_test! {
    async fn one_reads_ones_own_some_or_all(app: TestApp) {
        let admin = app.admin().await;
        let (red, blue) = (app.member(&admin, "red", "Red team").await, app.member(&admin, "blue", "Blue team").await);
        seed(&app, &red, 5).await;
        seed(&app, &blue, 2).await;
        let first = red.get("/notifications?limit=2").await.expect(200);
        assert_eq!((each(&first, "subject"), &first.json["total"], &first.json["unread"]), (vec!["4".into(), "3".into()], &json!(5), &json!(5)));
        let second = red.get(&format!("/notifications?limit=2&cursor={}", first.json["next_cursor"].as_str().unwrap())).await.expect(200);
        assert_eq!((each(&second, "subject"), &second.json["total"], &second.json["unread"]), (vec!["2".into(), "1".into()], &json!(null), &json!(5)));
        let note = &first.items()[0];
        assert_eq!((&note["kind"], &note["link"], &note["read_at"]), (&json!("assigned"), &json!("/missions/x"), &json!(null)));

        let mine: Vec<String> = each(&first, "id");
        let others = each(&blue.get("/notifications").await.expect(200), "id");
        let left = red.post("/notifications/read", json!({"ids": [mine[0], others[0], Uuid::now_v7()]})).await.expect(200);
        assert_eq!(left.json, json!({"unread": 4}));
        assert_eq!(blue.get("/notifications").await.json["unread"], 2, "nobody reads for others");
        assert!(red.get("/notifications?limit=1").await.items()[0]["read_at"].is_string());
        let unread = red.get("/notifications?unread=true").await.expect(200);
        assert_eq!((each(&unread, "subject"), &unread.json["total"]), (vec!["3".into(), "2".into(), "1".into(), "0".into()], &json!(4)));
        assert_eq!(red.get("/notifications?unread=false").await.expect(200).json["total"], 5);
        let at = red.get("/notifications?limit=1").await.items()[0]["read_at"].clone();
        assert_eq!(red.post("/notifications/read", json!({"all": true})).await.expect(200).json, json!({"unread": 0}));
        assert_eq!(red.get("/notifications?limit=1").await.items()[0]["read_at"], at, "what was read before keeps its time");
        assert_eq!(red.get("/notifications?unread=true").await.json["total"], 0);

        for body in [json!({}), json!({"ids": []}), json!({"all": false}), json!({"all": true, "ids": [mine[0]]}), json!({"ids": vec![Uuid::nil(); 1001]})] {
            red.post("/notifications/read", body).await.problem(422, "validation_failed");
        }
        for body in [json!({"all": true, "x": 1}), json!({"ids": ["x"]}), json!([])] {
            red.post("/notifications/read", body).await.problem(400, "invalid_body");
        }
        red.get("/notifications?sort=subject").await.problem(400, "invalid_query");
        red.get("/notifications?limit=201").await.problem(422, "validation_failed");
        app.anonymous().get("/notifications").await.problem(401, "unauthenticated");
        app.anonymous().post("/notifications/read", json!({"all": true})).await.problem(401, "unauthenticated");
        let (_, few) = app.statements(red.get("/notifications?limit=1")).await;
        let (_, many) = app.statements(red.get("/notifications")).await;
        assert_eq!((few, many), (4, 4), "caller, count, rows, unread");
    }
}

db_test! {
    async fn reading_is_told_to_the_other_tabs(app: TestApp) {
        let admin = app.admin().await;
        seed(&app, &admin, 1).await;
        let mut live = app.state.live.listen();
        admin.post("/notifications/read", json!({"all": true})).await.expect(200);
        let heard = tokio::time::timeout(std::time::Duration::from_secs(10), live.recv()).await.expect("it is told").unwrap();
        assert!(matches!(heard, Message::Notified(id) if id == admin.id), "{heard:?}");
        // nothing was unread: nothing to tell
        admin.post("/notifications/read", json!({"all": true})).await.expect(200);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(300), live.recv()).await.is_err());
    }
}

db_test! {
    async fn who_is_given_a_test_or_has_to_assess_it_is_told_of_which_mission(app: TestApp) {
        let e = Exercise::start(&app, 2).await;
        let news = async |who: &Client| {
            let page = who.get("/notifications?unread=true").await.expect(200);
            let told = |note: &serde_json::Value| ["kind", "subject", "body", "link"].map(|field| note[field].as_str().unwrap_or_default().to_owned());
            page.items().iter().map(told).filter(|note| ["assigned", "executed"].contains(&note[0].as_str())).collect::<Vec<_>>()
        };
        let of = |kind: &str, subject: &str, i: usize| [kind.to_owned(), subject.to_owned(), "M".to_owned(), format!("{}?test={}", e.mission, e.tests[i])];
        e.lead.edit(&e.test(0), json!({"operator_id": e.red.id})).await.expect(200);
        e.bring(0, &["running"]).await;
        e.lead.edit(&e.test(0), json!({"assessor_id": e.blue.id})).await.expect(200);
        assert_eq!(news(&e.red).await, [of("assigned", "Lena gave you the test test 0", 0)]);
        assert_eq!(news(&e.blue).await, [of("assigned", "Lena gave you the test test 0", 0)]);
        for who in [&e.red, &e.blue] {
            who.post("/notifications/read", json!({"all": true})).await.expect(200);
        }
        e.bring(0, &["executed"]).await;
        let waits = of("executed", "test 0 was executed and waits for you", 0);
        assert_eq!((news(&e.blue).await, news(&e.purple).await, news(&e.red).await), (vec![waits], vec![], vec![]), "its assessor alone");
        // without an assessor whoever may assess it, but for blue of what blue does not see
        e.lead.edit(&e.test(1), json!({"disclosed": false})).await.expect(200);
        e.bring(1, &["running", "executed"]).await;
        let waits = of("executed", "test 1 was executed and waits for you", 1);
        assert_eq!((news(&e.blue).await.len(), news(&e.purple).await, news(&e.observer).await), (1, vec![waits], vec![]));
    }
}

db_test! {
    async fn a_muted_kind_is_not_told(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        let add = async |name: &str| { admin.post("/missions", json!({"name": name, "client": "c", "members": [{"user_id": red.id, "role_hint": "red"}]})).await.expect(201).id() };
        let subjects = async || each(&red.get("/notifications").await, "subject");
        add("one").await;
        let me = red.edit("/auth/me", json!({"preferences": {"theme": "dark", "locale": "de-CH", "muted_kinds": ["added_to_mission", "executed", "added_to_mission"]}})).await.expect(200);
        assert_eq!(me.json["preferences"], json!({"theme": "dark", "locale": "de-CH", "muted_kinds": ["added_to_mission", "executed"]}));
        let two = add("two").await;
        assert_eq!(subjects().await, ["Ada Admin added you to the mission one"]);
        // another kind still comes
        admin.post(&format!("/missions/{two}/transition"), json!({"to": "in_progress"})).await.expect(200);
        assert_eq!(subjects().await[0], "two is in progress now");
        // a preference that is left out stays; null takes one back
        let me = red.edit("/auth/me", json!({"preferences": {"muted_kinds": ["mentioned"], "locale": null}})).await.expect(200);
        assert_eq!(me.json["preferences"], json!({"theme": "dark", "locale": null, "muted_kinds": ["mentioned"]}));
        assert_eq!(red.get("/auth/me").await.json["preferences"], me.json["preferences"]);
        add("three").await;
        assert_eq!(subjects().await[0], "Ada Admin added you to the mission three");
        let me = red.edit("/auth/me", json!({"preferences": {"muted_kinds": null}})).await.expect(200);
        assert_eq!(me.json["preferences"]["muted_kinds"], json!([]));
        let me = red.edit("/auth/me", json!({"preferences": null})).await.expect(200);
        assert_eq!(me.json["preferences"], json!({"theme": null, "locale": null, "muted_kinds": []}));

        for preferences in [json!({"muted_kinds": ["weather"]}), json!({"muted_kinds": "mentioned"}), json!({"theme": "pink"}), json!({"font": 1}), json!("dark")] {
            red.edit("/auth/me", json!({"preferences": preferences})).await.problem(400, "invalid_body");
        }
        for locale in ["", "d", "de_CH", "de\u{0}", "de-", "x".repeat(40).as_str(), "<script>"] {
            let refused = red.edit("/auth/me", json!({"preferences": {"locale": locale}})).await.problem(422, "validation_failed");
            assert_eq!(refused.json["errors"][0]["pointer"], "/preferences/locale");
        }
        red.send(Method::PATCH, "/auth/me", Some(json!({"preferences": {}})), &[]).await.problem(428, "precondition_required");
        red.patch("/auth/me", "\"1\"", json!({"preferences": {}})).await.problem(412, "precondition_failed");
        // what an older version wrote is read as far as it is understood
        app.sql("UPDATE users SET preferences = '{\"theme\": \"sepia\", \"muted_kinds\": [\"mentioned\", \"weather\", 3], \"x\": 1}' WHERE display_name = 'red'").await;
        assert_eq!(red.get("/auth/me").await.expect(200).json["preferences"], json!({"theme": null, "locale": null, "muted_kinds": ["mentioned"]}));
    }
}
