//! A mission in progress with people on both sides: what the tests of an exercise start from.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

/// A mission in progress with one scenario, and who takes part.
pub struct Exercise {
    pub admin: Client,
    pub red: Client,
    pub blue: Client,
    pub purple: Client,
    pub observer: Client,
    /// Reads all missions and has every right on both sides; no member.
    pub lead: Client,
    /// In the red team, no member.
    pub outsider: Client,
    /// The mission's path.
    pub mission: String,
    /// The tests' ids, in order.
    pub tests: Vec<String>,
}

impl Exercise {
    /// With this many tests.
    pub async fn start(app: &TestApp, tests: usize) -> Self {
        let exercise = Self::draft(app, tests).await;
        exercise.transition("in_progress").await;
        exercise
    }

    /// The same before it starts.
    pub async fn draft(app: &TestApp, tests: usize) -> Self {
        let admin = app.admin().await;
        let red = app.member(&admin, "Red", "Red team").await;
        let blue = app.member(&admin, "Blue", "Blue team").await;
        let purple = app.member(&admin, "Purple", "Leads").await;
        let observer = app.member(&admin, "Olga", "Observers").await;
        let lead = app.member(&admin, "Lena", "Leads").await;
        let outsider = app.member(&admin, "Otto", "Red team").await;
        let mut templates = Vec::new();
        for i in 0..tests {
            templates.push(admin.post("/test-templates", json!({"name": format!("test {i}"), "procedure": "p", "command": "echo #{who}", "arguments": {"who": {"default": "me"}}})).await.expect(201).id());
        }
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": templates})).await.expect(201).id();
        let members: Vec<Value> = [(&red, "red"), (&blue, "blue"), (&purple, "purple"), (&observer, "observer")]
            .into_iter()
            .map(|(client, role)| json!({"user_id": client.id, "role_hint": role}))
            .collect();
        let made = admin
            .post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [scenario], "members": members}))
            .await
            .expect(201);
        let tests = made.json["scenarios"][0]["tests"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
        Self { admin, red, blue, purple, observer, lead, outsider, mission: format!("/missions/{}", made.id()), tests }
    }

    /// Moves the mission.
    pub async fn transition(&self, to: &str) {
        self.admin.post(&format!("{}/transition", self.mission), json!({"to": to})).await.expect(200);
    }

    /// The path of a test.
    pub fn test(&self, i: usize) -> String {
        format!("{}/tests/{}", self.mission, self.tests[i])
    }

    /// Moves a test along, each by who may: the last one is its state.
    pub async fn bring(&self, i: usize, states: &[&str]) {
        for to in states {
            self.lead.post(&format!("{}/state", self.test(i)), json!({"to": to})).await.expect(200);
        }
    }

    /// A test, as this client reads it.
    pub async fn read(&self, client: &Client, i: usize) -> Value {
        client.get(&self.test(i)).await.expect(200).json
    }

    /// A defence tool of this name.
    pub async fn tool(&self, name: &str) -> String {
        self.lead.post("/defence-tools", json!({"name": name, "kind": "EDR"})).await.expect(201).id()
    }

    /// A category of the mission.
    pub async fn category(&self, name: &str) -> String {
        self.lead.post(&format!("{}/categories", self.mission), json!({"name": name})).await.expect(201).id()
    }
}
