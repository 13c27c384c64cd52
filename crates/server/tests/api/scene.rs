//! A mission with people on every side and one hidden test: what tests of who sees what start from.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, TestApp};

/// Everybody who stands in some relation to one mission.
pub struct Scene {
    pub admin: Client,
    /// Reads all missions, is in none.
    pub lead: Client,
    pub red: Client,
    pub blue: Client,
    pub observer: Client,
    /// Reads missions, is not in this one.
    pub outsider: Client,
    /// The mission's id.
    pub id: String,
    /// `/missions/{id}`.
    pub path: String,
    /// A disclosed test, named `open door`.
    pub open: String,
    /// A test that is not disclosed, named `secret tunnel`.
    pub hidden: String,
}

impl Scene {
    pub async fn new(app: &TestApp) -> Self {
        let admin = app.admin().await;
        let lead = app.member(&admin, "lead", "Leads").await;
        let red = app.member(&admin, "red", "Red team").await;
        let blue = app.member(&admin, "blue", "Blue team").await;
        let observer = app.member(&admin, "obs", "Observers").await;
        let outsider = app.member(&admin, "outsider", "Red team").await;
        let mut templates = Vec::new();
        for name in ["open door", "secret tunnel"] {
            templates.push(
                admin.post("/test-templates", json!({"name": name, "opsec_level": "low", "executor": "manual"})).await.expect(201).id(),
            );
        }
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": templates})).await.expect(201).id();
        let body = json!({"name": "Quiet Ledger", "client": "ACME", "scenario_template_ids": [scenario], "members": [
            {"user_id": red.id, "role_hint": "red"}, {"user_id": blue.id, "role_hint": "blue"}, {"user_id": observer.id, "role_hint": "observer"}]});
        let mission = admin.post("/missions", body).await.expect(201).json;
        let id = mission["id"].as_str().unwrap().to_owned();
        let test = |i: usize| mission["scenarios"][0]["tests"][i]["id"].as_str().unwrap().to_owned();
        let scene =
            Self { path: format!("/missions/{id}"), open: test(0), hidden: test(1), admin, lead, red, blue, observer, outsider, id };
        app.sql("UPDATE mission_tests SET disclosed = FALSE WHERE name = 'secret tunnel'").await;
        scene
    }

    /// Moves the mission on to this status and through those before it.
    pub async fn archive(&self) {
        for to in ["in_progress", "completed", "archived"] {
            self.admin.post(&format!("{}/transition", self.path), json!({"to": to})).await.expect(200);
        }
    }

    /// A comment by `who`.
    pub async fn comment(&self, who: &Client, test: Option<&str>, body: &str) -> Answer {
        let mut json = json!({"body": body});
        if let Some(test) = test {
            json["mission_test_id"] = test.into();
        }
        who.post(&format!("{}/comments", self.path), json).await
    }

    /// A path below the mission, and the same below one that does not exist: an outsider cannot tell them apart.
    pub fn twins(&self, below: &str) -> [String; 2] {
        [format!("{}{below}", self.path), format!("/missions/{}{below}", Uuid::now_v7())]
    }
}

/// The subjects of somebody's notifications, the newest first.
pub async fn told(who: &Client) -> Vec<String> {
    let page = who.get("/notifications?limit=200").await.expect(200);
    page.items().iter().map(|n| n["subject"].as_str().unwrap().to_owned()).collect()
}

/// The `field` of each item.
pub fn each(answer: &Answer, field: &str) -> Vec<String> {
    answer
        .items()
        .iter()
        .map(|i| match &i[field] {
            Value::String(s) => s.clone(),
            other => other.to_string(),
        })
        .collect()
}
