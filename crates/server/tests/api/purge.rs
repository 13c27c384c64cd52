//! Removing for good: nothing of a mission is left but its story in the audit log.

use serde_json::json;

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::TestApp;

const CANARY: &str = "canary-7f3a";

/// Rows of any table, the audit log apart, in which the word stands.
async fn rows_with(app: &TestApp, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for table in tyrian_server::backup::dump(&app.state).await.unwrap() {
        if table.name != "audit_events" {
            found.extend(table.rows.iter().filter(|row| row.contains(word)).map(|row| format!("{}: {row}", table.name)));
        }
    }
    found
}

db_test! {
    async fn of_a_purged_mission_nothing_is_left(app: TestApp) {
        let e = Exercise::draft(&app, 2).await;
        let renamed = e.admin.edit(&e.mission, json!({"name": format!("Copper {CANARY}"), "description": CANARY})).await.expect(200);
        e.transition("in_progress").await;
        e.bring(0, &["running", "executed"]).await;
        e.red.post(&format!("{}/comments", e.mission), json!({"body": format!("{CANARY} @[{}]", e.blue.id), "mission_test_id": e.tests[0]})).await.expect(201);
        let evidence = e.red.upload(&format!("{}/evidence", e.test(0)), &format!("{CANARY}.txt"), b"secret".to_vec(), &[("side", "red")]).await.expect(201).id();
        e.admin.send(reqwest::Method::POST, &format!("{}/retest", e.mission), Some(json!({"name": "Again"})), &[("Idempotency-Key", "k")]).await.expect(201);
        assert!(!rows_with(&app, CANARY).await.is_empty());
        let files = || walk(&app.dir.path().join("evidence"));
        assert_eq!(files(), 1);
        let purge = format!("{}/purge", e.mission);
        let name = json!({"confirm": renamed.json["name"]});
        // the right, the name, and nothing lost meanwhile
        e.red.post(&purge, name.clone()).await.problem(403, "forbidden");
        let wrong = e.admin.post(&purge, json!({"confirm": "copper"})).await.problem(422, "validation_failed");
        assert_eq!(wrong.json["errors"][0]["pointer"], "/confirm");
        e.admin.get(&e.mission).await.expect(200);
        let gone = e.admin.post(&purge, name.clone()).await.expect(200).json;
        assert_eq!((&gone["tests"], &gone["files"]), (&json!(2), &json!(1)));
        assert_eq!(files(), 0);
        e.admin.get(&e.mission).await.problem(404, "not_found");
        e.admin.get(&format!("/evidence/{evidence}")).await.problem(404, "not_found");
        e.admin.post(&purge, name).await.problem(404, "not_found");
        // the retest is a mission of its own and stays; what it repeats is its own
        let mission = e.mission.trim_start_matches("/missions/");
        let left: Vec<String> = rows_with(&app, mission).await;
        assert!(left.iter().all(|row| row.starts_with("audit_heads")), "{left:?}");
        assert_eq!(app.count("SELECT count(*) FROM mission_tests").await, 2);
        assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE action = 'mission.purge' AND CAST(detail AS TEXT) LIKE '%{}%'", gone["sha256"].as_str().unwrap())).await, 1);
        assert_eq!(e.admin.get("/audit-events/verify").await.expect(200).json["ok"], true);
    }
}

db_test! {
    async fn what_was_deleted_can_be_purged_by_who_knew_of_it(app: TestApp) {
        let e = Exercise::draft(&app, 1).await;
        e.admin.remove(&e.mission).await.expect(204);
        let outsider = app.member(&e.admin, "outsider", "Red team").await;
        let purge = format!("{}/purge", e.mission);
        outsider.post(&purge, json!({"confirm": "x"})).await.problem(404, "not_found");
        let name = app.texts("SELECT name FROM missions").await.remove(0);
        e.admin.post(&purge, json!({"confirm": name})).await.expect(200);
        assert_eq!(app.count("SELECT count(*) FROM missions").await + app.count("SELECT count(*) FROM mission_tests").await, 0);
    }
}

db_test! {
    async fn a_purged_file_leaves_its_hash(app: TestApp) {
        let e = Exercise::draft(&app, 1).await;
        e.transition("in_progress").await;
        e.bring(0, &["running"]).await;
        let path = format!("{}/evidence", e.test(0));
        let add = || e.red.upload(&path, "shot.txt", b"secret".to_vec(), &[("side", "red")]);
        let (kept, deleted) = (add().await.expect(201), add().await.expect(201));
        e.red.delete(&format!("/evidence/{}", deleted.id()), "*").await.expect(204);
        for piece in [&kept, &deleted] {
            let path = format!("/evidence/{}/purge", piece.id());
            e.red.post(&path, json!({"confirm": "shot.txt"})).await.problem(403, "forbidden");
            assert_eq!(e.admin.post(&path, json!({"confirm": "shot"})).await.problem(422, "validation_failed").json["errors"][0]["pointer"], "/confirm");
            let gone = e.admin.post(&path, json!({"confirm": "shot.txt"})).await.expect(200).json;
            assert_eq!(gone["sha256"], piece.json["sha256"]);
            e.admin.post(&path, json!({"confirm": "shot.txt"})).await.problem(404, "not_found");
        }
        assert_eq!(app.count("SELECT count(*) FROM evidence_files").await, 0);
        assert_eq!(walk(&app.dir.path().join("evidence")), 0);
        assert_eq!(app.count(&format!("SELECT count(*) FROM audit_events WHERE action = 'evidence.purge' AND CAST(detail AS TEXT) LIKE '%{}%'", kept.json["sha256"].as_str().unwrap())).await, 2);
    }
}

/// Files in a folder and those below.
fn walk(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}
