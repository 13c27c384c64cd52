//! The demo's data: it can be made on both engines, and its counters are those of its rows.

use std::collections::BTreeSet;

use serde_json::json;

use crate::db_test;

db_test! {
    async fn the_demo_is_rich_and_its_counters_are_right(app: TestApp) {
        tyrian_server::demo::fill(&app.state).await.unwrap();
        let mut lead = app.anonymous();
        let login = lead.post("/auth/login", json!({"email": "ines@demo.test", "password": tyrian_server::demo::PASSWORD})).await.expect(200);
        lead.token = login.json["access_token"].as_str().map(str::to_owned);
        let list = lead.get("/missions?sort=created_at").await.expect(200);
        let all = |field: &str| list.items().iter().map(|m| m[field].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(all("status").len(), 4, "missions in all states");
        assert_eq!(all("client").len(), 3, "three clients");
        let again: Vec<_> = list.items().iter().filter(|m| !m["retest_of_id"].is_null()).cloned().collect();
        assert_eq!(again.iter().map(|m| m["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Copper Heron 2026", "Quiet Ledger"]);
        for m in again {
            let told = lead.get(&format!("/missions/{}/synthesis", m["id"].as_str().unwrap())).await.expect(200).json;
            let compared = &told["compared_with"];
            assert!(compared["tests"]["improved"].as_u64().unwrap() > 0, "the year made {} better: {}", m["name"], compared["tests"]);
        }
        for m in list.items() {
            let detail = lead.get(&format!("/missions/{}", m["id"].as_str().unwrap())).await.expect(200).json;
            let tests: Vec<_> = detail["scenarios"].as_array().unwrap().iter().flat_map(|s| s["tests"].as_array().unwrap()).collect();
            assert_eq!(detail["counts"]["tests"], tests.len());
            for state in ["planned", "running", "executed", "assessed", "skipped"] {
                assert_eq!(detail["counts"]["by_state"][state], tests.iter().filter(|t| t["state"] == state).count(), "{state} of {}", m["name"]);
            }
            for outcome in ["prevented", "alerted", "logged", "missed", "not_assessed"] {
                assert_eq!(detail["counts"]["by_outcome"][outcome], tests.iter().filter(|t| t["outcome"] == outcome).count(), "{outcome} of {}", m["name"]);
            }
            assert!(tests.iter().all(|t| !t["mitre_tags"].as_array().unwrap().is_empty()));
            let path = format!("/missions/{}", m["id"].as_str().unwrap());
            let events = lead.get(&format!("{path}/events?after=0&limit=200")).await.expect(200);
            let times: Vec<&str> = events.items().iter().map(|e| e["at"].as_str().unwrap()).collect();
            assert!(times.is_sorted(), "the log of {} is in order", m["name"]);
            if m["status"] != "draft" {
                assert!(events.items().len() > 5 && !lead.get(&format!("{path}/comments")).await.expect(200).items().is_empty());
            }
        }
    }
}
