//! The search: a few of each kind, only what the caller may see, and no hidden test.

use serde_json::{Value, json};

use crate::db_test;
use crate::fixtures::seed_catalogue;
use crate::scene::Scene;

fn names(found: &Value, kind: &str) -> Vec<String> {
    let field = match kind {
        "techniques" => "external_id",
        "users" => "display_name",
        _ => "name",
    };
    found[kind].as_array().unwrap_or_else(|| panic!("no {kind} in {found}")).iter().map(|h| h[field].as_str().unwrap().to_owned()).collect()
}

db_test! {
    async fn each_kind_is_found_by_who_may_see_it(app: TestApp) {
        let s = Scene::new(&app).await;
        seed_catalogue(&app).await;
        let found = s.red.get("/search?q=LEDGER").await.expect(200).json;
        assert_eq!(found["missions"], json!([{"id": s.id, "name": "Quiet Ledger", "client": "ACME", "status": "draft"}]));
        assert_eq!(names(&s.outsider.get("/search?q=ledger").await.expect(200).json, "missions"), Vec::<String>::new());
        let found = s.red.get("/search?q=tunnel").await.expect(200).json;
        assert_eq!(found["tests"], json!([{"id": s.hidden, "name": "secret tunnel", "state": "planned", "mission_id": s.id, "mission_name": "Quiet Ledger"}]));
        assert_eq!(names(&found, "test_templates"), ["secret tunnel"]);
        for who in [&s.blue, &s.observer, &s.outsider] {
            assert_eq!(names(&who.get("/search?q=tunnel").await.expect(200).json, "tests"), Vec::<String>::new());
        }
        for who in [&s.blue, &s.observer, &s.lead, &s.admin] {
            assert_eq!(names(&who.get("/search?q=door").await.expect(200).json, "tests"), ["open door"]);
        }
        assert_eq!(names(&s.outsider.get("/search?q=door").await.json, "tests"), Vec::<String>::new());
        // a lead who plays blue sees what blue sees
        assert_eq!(names(&s.lead.get("/search?q=tunnel").await.json, "tests"), ["secret tunnel"]);
        s.admin.put(&format!("{}/members", s.path), json!({"members": [{"user_id": s.lead.id, "role_hint": "observer"}]})).await.expect(200);
        assert_eq!(names(&s.lead.get("/search?q=tunnel").await.json, "tests"), Vec::<String>::new());

        assert_eq!(names(&s.lead.get("/search?q=OBS@").await.json, "users"), ["obs"]);
        assert_eq!(names(&s.red.get("/search?q=obs@").await.json, "users"), Vec::<String>::new(), "without user.read");
        assert_eq!(names(&s.lead.get("/search?q=s").await.json, "scenario_templates"), ["S"]);
        assert_eq!(names(&s.red.get("/search?q=t1003").await.json, "techniques"), ["T1003", "T1003.001"]);
        assert_eq!(names(&s.red.get("/search?q=T1003.001").await.json, "techniques"), ["T1003.001"]);
        assert_eq!(names(&s.red.get("/search?q=powershell").await.json, "techniques"), ["T1059.001"], "not the revoked one");
        s.admin.remove(&s.path).await.expect(204);
        let gone = s.admin.get("/search?q=e").await.expect(200).json;
        assert_eq!((names(&gone, "missions"), names(&gone, "tests")), (Vec::new(), Vec::new()));
    }
}

db_test! {
    async fn rights_on_templates_are_asked_one_by_one(app: TestApp) {
        let s = Scene::new(&app).await;
        let group = s.admin.post("/groups", json!({"name": "Readers", "permissions": ["mission.read"]})).await.expect(201).id();
        let user = s.admin.post("/users", json!({"email": "r@example.test", "display_name": "r", "password": crate::harness::PASSWORD})).await.expect(201).id();
        let reader = app.login("r@example.test").await;
        reader.get("/search?q=door").await.problem(403, "forbidden");
        s.admin.put(&format!("/users/{user}/groups"), json!({"group_ids": [group]})).await.expect(200);
        for (codes, want) in [(json!(["mission.read"]), [0, 0, 0]), (json!(["mission.read", "test_template.read"]), [1, 0, 0]), (json!(["mission.read", "scenario_template.read"]), [0, 1, 0]), (json!(["mission.read", "user.read"]), [0, 0, 1])] {
            s.admin.put(&format!("/groups/{group}/permissions"), json!({"codes": codes})).await.expect(200);
            let open = reader.get("/search?q=open").await.expect(200).json;
            let (scenario, lead) = (reader.get("/search?q=s").await.json, reader.get("/search?q=lead").await.json);
            assert_eq!([names(&open, "test_templates").len(), names(&scenario, "scenario_templates").len(), names(&lead, "users").len()], want, "{codes}");
        }
    }
}

db_test! {
    async fn five_of_each_and_the_best_first(app: TestApp) {
        let s = Scene::new(&app).await;
        for name in ["the 100% plan", "b_c", "100% sure", "100 percent", "<script>", "Größe 🦑"] {
            s.red.post("/missions", json!({"name": name, "client": "c"})).await.expect(201);
        }
        for i in 0..6 {
            s.admin.post("/scenario-templates", json!({"name": format!("many {i}"), "test_template_ids": []})).await.expect(201);
        }
        let missions = async |q: &str| names(&s.red.get(&format!("/search?q={q}")).await.expect(200).json, "missions");
        assert_eq!(missions("100%25").await, ["100% sure", "the 100% plan"], "what begins with it comes first");
        assert_eq!(missions("_").await, ["b_c"]);
        assert_eq!(missions("%3Cscript%3E").await, ["<script>"]);
        assert_eq!(missions("GR%C3%96SSE%20%F0%9F%A6%91").await, Vec::<String>::new(), "ß is not ss");
        assert_eq!(missions("GR%C3%96%C3%9FE").await, ["Größe 🦑"]);
        assert_eq!(missions("%20%20sure%20").await, ["100% sure"]);
        assert_eq!(names(&s.red.get("/search?q=many").await.json, "scenario_templates"), ["many 0", "many 1", "many 2", "many 3", "many 4"]);
        for (query, status, code) in [("", 400, "invalid_query"), ("?q=x&y=1", 400, "invalid_query"), ("?q=", 422, "validation_failed"), ("?q=%20", 422, "validation_failed"), ("?q=%00", 422, "validation_failed"), ("?q=a%0Ab", 422, "validation_failed"), (&format!("?q={}", "x".repeat(201)), 422, "validation_failed")] {
            s.red.get(&format!("/search{query}")).await.problem(status, code);
        }
        app.anonymous().get("/search?q=x").await.problem(401, "unauthenticated");
        let (_, none) = app.statements(s.admin.get("/search?q=zzzzzz")).await;
        let (_, many) = app.statements(s.admin.get("/search?q=a")).await;
        assert_eq!((none, many), (8, 8), "caller and seven");
    }
}

db_test! {
    async fn copies_of_a_test_share_what_they_are_found_by(app: TestApp) {
        let s = Scene::new(&app).await;
        let texts = "SELECT count(*) FROM search_texts";
        let before = app.count(texts).await;
        let member = json!([{"user_id": s.red.id, "role_hint": "red"}, {"user_id": s.blue.id, "role_hint": "blue"}]);
        let template = s.admin.post("/test-templates", json!({"name": "Heliotrope", "objective": "Sees BLUE flowers", "tags": ["garden"]})).await.expect(201).id();
        let scenario = s.admin.post("/scenario-templates", json!({"name": "G", "test_template_ids": [template]})).await.expect(201).id();
        let mut missions = Vec::new();
        for n in 0..8 {
            let mission = s.admin.post("/missions", json!({"name": format!("M{n}"), "client": "c", "members": member, "scenario_template_ids": [scenario]})).await.expect(201).json;
            missions.push((format!("/missions/{}", mission["id"].as_str().unwrap()), mission["scenarios"][0]["tests"][0]["id"].as_str().unwrap().to_owned()));
        }
        assert_eq!(app.count(texts).await, before + 1, "nine rows, one text");
        let found = async |who: &crate::harness::Client, q: &str| -> Vec<String> {
            let found = who.get(&format!("/search?q={q}")).await.expect(200).json;
            found["tests"].as_array().unwrap().iter().map(|t| t["mission_name"].as_str().unwrap().to_owned()).collect()
        };
        for q in ["heliotrope", "blue%20flowers", "GARDEN"] {
            assert_eq!(found(&s.red, q).await, ["M7", "M6", "M5", "M4", "M3"], "the newest five, by {q}");
        }
        // the five newest are hidden: who does not see them is told of the older ones
        for (path, test) in &missions[3..] {
            s.admin.edit(&format!("{path}/tests/{test}"), json!({"disclosed": false})).await.expect(200);
        }
        assert_eq!(found(&s.blue, "heliotrope").await, ["M2", "M1", "M0"]);
        assert_eq!(found(&s.outsider, "heliotrope").await, Vec::<String>::new());
        // what is changed in one mission is found there only, and nowhere under its old name
        let (path, test) = &missions[0];
        s.admin.edit(&format!("{path}/tests/{test}"), json!({"name": "Larkspur"})).await.expect(200);
        assert_eq!(app.count(texts).await, before + 2);
        assert_eq!((found(&s.blue, "larkspur").await, found(&s.blue, "heliotrope").await), (vec!["M0".to_owned()], vec!["M2".to_owned(), "M1".to_owned()]));
        let listed = s.blue.get(&format!("{path}/tests?q=larkspur")).await.expect(200).json;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(s.admin.get("/test-templates?q=heliotrope").await.json["items"].as_array().unwrap().len(), 1);
        // a text that begins with the words comes before a newer one that only holds them
        s.admin.post(&format!("{path}/tests"), json!({"name": "No larkspur"})).await.expect(201);
        let names = names(&s.red.get("/search?q=larkspur").await.json, "tests");
        assert_eq!(names, ["Larkspur", "No larkspur"]);
        // purged: what only that mission said is forgotten
        s.admin.post(&format!("{path}/purge"), json!({"confirm": "M0"})).await.expect(200);
        assert_eq!(app.count(texts).await, before + 1);
        assert_eq!(found(&s.red, "heliotrope").await, ["M7", "M6", "M5", "M4", "M3"]);
    }
}
