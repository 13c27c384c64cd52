//! Users: lists, creating, changing, deleting, groups, the roster, and who may do it to whom.

use serde_json::json;

use crate::db_test;
use crate::harness::PASSWORD;

db_test! {
    async fn the_roster_shows_three_fields_to_whoever_plans_missions(app: TestApp) {
        let admin = app.admin().await;
        let red = app.member(&admin, "red", "Red team").await;
        let blue = app.member(&admin, "blue", "Blue team").await;
        let lead = app.member(&admin, "lead", "Leads").await;
        red.get("/users").await.problem(403, "forbidden");
        blue.get("/users/roster").await.problem(403, "forbidden");
        for who in [&red, &lead, &admin] {
            let roster = who.get("/users/roster").await.expect(200);
            let names: Vec<_> = roster.items().iter().map(|u| u["display_name"].as_str().unwrap()).collect();
            assert_eq!(names, ["Ada Admin", "blue", "lead", "red"]);
            for user in roster.items() {
                let keys: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(keys, ["display_name", "email", "id"]);
            }
        }
        admin.edit(&format!("/users/{}", blue.id), json!({"is_active": false})).await.expect(200);
        admin.remove(&format!("/users/{}", lead.id)).await.expect(204);
        let left = red.get("/users/roster").await.expect(200);
        assert_eq!(left.items().len(), 2);
        assert_eq!(red.get("/users/roster?q=AD").await.expect(200).items().len(), 1);
        app.anonymous().post("/auth/login", json!({"email": "lead@example.test", "password": PASSWORD})).await.problem(401, "invalid_credentials");
    }
}
