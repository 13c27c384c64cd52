//! Backup and restore: every row and every file, across engines, and refusals that change nothing.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use tyrian_server::backup;
use tyrian_server::config::Settings;

use crate::db_test;
use crate::exercise::Exercise;
use crate::harness::{Engine, TestApp};

/// Every row of every table as text, in the order of its key.
pub async fn rows(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let tables = backup::dump(&app.state).await.unwrap();
    tables.into_iter().map(|table| (table.name, table.rows)).collect()
}

/// The files of the storage with their bytes.
fn files(app: &TestApp) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    let (root, mut found) = (app.dir.path().join("evidence"), BTreeMap::new());
    walk(&root, &root, &mut found);
    found
}

/// The demo, with evidence that has bytes on the disk.
async fn rich(app: &TestApp) {
    tyrian_server::demo::fill(&app.state).await.unwrap();
    let lead = app.login_with("ines@demo.test", tyrian_server::demo::PASSWORD).await;
    lead.post("/api-tokens", json!({"name": "Nightly", "scopes": ["mission.read"], "expires_in_days": 3})).await.expect(201);
    let live = lead.get("/missions?status=in_progress").await.expect(200).items()[0].clone();
    let mission = lead.get(&format!("/missions/{}", live["id"].as_str().unwrap())).await.expect(200).json;
    let test = mission["scenarios"][0]["tests"].as_array().unwrap().iter().find(|t| t["state"] != "planned").unwrap()["id"].clone();
    let path = format!("/missions/{}/tests/{}/evidence", live["id"].as_str().unwrap(), test.as_str().unwrap());
    let bytes = (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    lead.upload(&path, "big.bin", bytes, &[("side", "red")]).await.expect(201);
}

fn other(engine: Engine) -> Vec<Engine> {
    match (engine, std::env::var("TYRIAN_TEST_PG").is_ok()) {
        (Engine::Sqlite, false) => vec![Engine::Sqlite],
        _ => vec![Engine::Sqlite, Engine::Postgres],
    }
}

/// A backup in a new file.
async fn backup_to(app: &TestApp, file: &Path) -> anyhow::Result<backup::Summary> {
    Box::pin(backup::backup(&app.state.settings, file)).await
}

async fn backed_up(app: &TestApp) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.zip");
    backup_to(app, &file).await.unwrap();
    (folder, file)
}

async fn restore(app: &TestApp, file: &Path, force: bool) -> Result<backup::Summary, String> {
    backup::restore(&app.state.settings, file, force).await.map_err(|e| format!("{e:#}"))
}

db_test! {
    async fn every_row_and_file_comes_back_on_either_engine(app: TestApp) {
        rich(&app).await;
        let (_folder, file) = backed_up(&app).await;
        let (expected, pictures) = (rows(&app).await, files(&app));
        assert!(expected.len() > 40 && expected["mission_tests"].len() > 50 && !pictures.is_empty());
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for engine in other(app.engine) {
            let target = TestApp::spawn(engine).await;
            let done = restore(&target, &file, false).await.unwrap();
            assert_eq!(done.rows, expected.values().map(|rows| rows.len() as u64).sum::<u64>());
            assert_eq!(done.files, pictures.len());
            let found = rows(&target).await;
            for (table, rows) in &expected {
                assert_eq!(&found[table], rows, "{table} onto {engine:?}");
            }
            assert!(files(&target) == pictures, "the files onto {engine:?}");
            let lead = target.login_with("ines@demo.test", tyrian_server::demo::PASSWORD).await;
            assert_eq!(lead.get("/audit-events/verify").await.expect(200).json["ok"], true, "the chains hold on {engine:?}");
            // a second time only by force, and then it is the same again
            let refused = restore(&target, &file, false).await.unwrap_err();
            assert!(refused.contains("not empty"), "{refused}");
            restore(&target, &file, true).await.unwrap();
            assert_eq!(rows(&target).await, expected);
        }
    }
}

db_test! {
    async fn a_damaged_file_is_named_and_nothing_is_written(app: TestApp) {
        let e = Exercise::draft(&app, 2).await;
        e.transition("in_progress").await;
        e.bring(0, &["running"]).await;
        e.red.upload(&format!("{}/evidence", e.test(0)), "e.bin", vec![7; 100_000], &[("side", "red")]).await.expect(201);
        let (folder, file) = backed_up(&app).await;
        let target = TestApp::spawn(app.engine).await;
        let before = rows(&target).await;
        let whole = std::fs::read(&file).unwrap();
        let bad = folder.path().join("bad.zip");
        // cut short, not a zip, a byte of the evidence changed
        std::fs::write(&bad, &whole[..whole.len() / 2]).unwrap();
        assert!(restore(&target, &bad, false).await.unwrap_err().contains("no backup"));
        std::fs::write(&bad, "hello").unwrap();
        assert!(restore(&target, &bad, false).await.unwrap_err().contains("no backup"));
        let mut changed = whole.clone();
        let at = changed.windows(64).position(|w| w == [7; 64]).unwrap();
        changed[at + 10] = 8;
        std::fs::write(&bad, changed).unwrap();
        let why = restore(&target, &bad, false).await.unwrap_err();
        assert!(why.contains("evidence/") && why.contains("damaged"), "{why}");
        // a table with another row in it
        rewritten(&file, &bad, |name, bytes| if name == "tables/users.jsonl" { [bytes, b"[]\n".to_vec()].concat() } else { bytes });
        let why = restore(&target, &bad, false).await.unwrap_err();
        assert!(why.contains("tables/users.jsonl") && why.contains("damaged"), "{why}");
        // a newer one
        rewritten(&file, &bad, |name, bytes| {
            if name != "manifest.json" { return bytes }
            let mut manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            manifest["revision"] = json!("m29991231_000001_future");
            manifest["version"] = json!("99.0.0");
            manifest.to_string().into_bytes()
        });
        let why = restore(&target, &bad, false).await.unwrap_err();
        assert!(why.contains("99.0.0") && why.contains("newer"), "{why}");
        assert_eq!(rows(&target).await, before);
        assert_eq!(files(&target).len(), 0);
        // no file is written over, and none is left where the folder is not there
        assert!(backup_to(&app, &file).await.unwrap_err().to_string().contains("exists already"));
        assert!(backup_to(&app, &folder.path().join("no/b.zip")).await.is_err());
    }
}

/// The same zip with other contents.
fn rewritten(from: &Path, to: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) {
    let mut old = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut new = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for at in 0..old.len() {
        let mut entry = old.by_index(at).unwrap();
        let (name, mut bytes) = (entry.name().unwrap().into_owned(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        new.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        new.write_all(&change(&name, bytes)).unwrap();
    }
    new.finish().unwrap();
}

db_test! {
    async fn the_key_is_the_one_of_the_backup(app: TestApp) {
        app.admin().await;
        let (_folder, file) = backed_up(&app).await;
        // a key that was set is not in the file, and another one is refused
        let foreign = TestApp::spawn_with(app.engine, |o| o.secret_key = Some("f".repeat(64))).await;
        assert!(restore(&foreign, &file, false).await.unwrap_err().contains("TYRIAN_SECRET_KEY"));
        let kept = |o: &mut tyrian_server::config::Options| o.secret_key = None;
        if app.engine == Engine::Postgres {
            return;
        }
        // one that is kept in the data folder goes along, and takes the place of the target's
        let source = TestApp::spawn_with(app.engine, kept).await;
        source.admin().await;
        let (_folder, file) = backed_up(&source).await;
        let target = TestApp::spawn_with(app.engine, kept).await;
        assert_ne!(target.state.settings.secret_key, source.state.settings.secret_key);
        restore(&target, &file, false).await.unwrap();
        assert_eq!(std::fs::read_to_string(target.dir.path().join("secret.key")).unwrap(), source.state.settings.secret_key);
        assert!(restore(&foreign, &file, false).await.unwrap_err().contains("secret.key"), "the way out is told");
    }
}

db_test! {
    async fn a_backup_under_writes_is_of_one_moment(app: TestApp) {
        let admin = app.admin().await;
        let (folder, writer) = (tempfile::tempdir().unwrap(), admin.clone());
        let busy = actix_web::rt::spawn(async move {
            for n in 0..60 {
                writer.post("/test-templates", json!({"name": format!("T{n}")})).await.expect(201);
            }
        });
        let mut made = Vec::new();
        for n in 0..5 {
            let file = folder.path().join(format!("{n}.zip"));
            backup_to(&app, &file).await.unwrap();
            made.push(file);
        }
        busy.await.unwrap();
        for file in made {
            let target = TestApp::spawn(app.engine).await;
            restore(&target, &file, false).await.unwrap();
            // the template and its audit entry are written together: so many of the one as of the other
            let templates = target.count("SELECT count(*) FROM test_templates").await;
            assert_eq!(templates, target.count("SELECT count(*) FROM audit_events WHERE action = 'test_template.create'").await);
            let client = target.login("admin@example.test").await;
            assert_eq!(client.get("/audit-events/verify").await.expect(200).json["ok"], true);
        }
    }
}

#[test]
fn automatic_backups_come_by_themselves() {
    crate::harness::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backups");
        let dir = path.display().to_string();
        let app = TestApp::spawn_with(Engine::Sqlite, |o| o.backup_dir = Some(dir)).await;
        app.admin().await;
        let settings: &Settings = &app.state.settings;
        assert_eq!((settings.backup_every_hours, settings.backup_keep), (24, 7));
        for _ in 0..200 {
            if std::fs::read_dir(&path).is_ok_and(|d| d.flatten().any(|e| e.file_name().to_string_lossy().ends_with(".backup.zip"))) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no backup came");
    });
}
