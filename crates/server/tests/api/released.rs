//! What earlier versions left behind, in `released/`: a database, the same some steps of the schema before, and a backup. This
//! version opens them, brings them to its own schema and reads everything; what a newer version wrote it refuses in one line.
//!
//! A release adds its own: `cargo test -p tyrian --test api -- --ignored keep_what_this_version_writes`, and commits the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tyrian_migration::{Migrator, MigratorTrait as _};
use tyrian_server::backup;

use crate::db_test;
use crate::foreign::{Cast, Ids, SECRET, fill, rows};
use crate::harness::{Engine, TestApp, block_on};
use crate::rights::document;

/// What the bytes of the evidence are, which a database does not hold.
const SEEN: &str = "Heliotrope was here";

/// How many steps of the schema the earlier of the two databases of a version is behind.
const STEPS_BACK: u32 = 2;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/released")
}

/// The files of the folder that end so, with the version that they are of.
fn kept(ending: &str) -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut kept: Vec<(String, PathBuf)> =
        files.filter_map(|path| Some((path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned(), path.clone()))).collect();
    kept.sort();
    assert!(!kept.is_empty(), "no {ending} is kept");
    kept
}

async fn open(file: &Path) -> DatabaseConnection {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    Database::connect(ConnectOptions::new(url).max_connections(1).sqlx_logging(false).to_owned()).await.unwrap()
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// A whole SQLite database as the statements that make it again; before them a comment of one line.
async fn statements(db: &DatabaseConnection, comment: &str) -> String {
    let mut lines = vec![format!("-- {comment}")];
    let tables =
        texts(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid").await;
    for table in &tables {
        lines.push(format!("{};", texts(db, &format!("SELECT sql FROM sqlite_master WHERE name = '{table}'")).await[0]));
        let columns = texts(db, &format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')")).await;
        for row in texts(db, &format!("SELECT {} FROM {table}", columns.join(" || ',' || "))).await {
            lines.push(format!("INSERT INTO {table} VALUES({row});"));
        }
    }
    for other in texts(db, "SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL ORDER BY rowid").await {
        lines.push(format!("{other};"));
    }
    lines.join("\n") + "\n"
}

/// Tables with their rows, as the statements insert them.
fn inserted(sql: &str) -> BTreeMap<String, i64> {
    let mut tables = BTreeMap::new();
    for line in sql.lines() {
        if let Some(table) = line.strip_prefix("INSERT INTO ").and_then(|rest| rest.split_once(" VALUES")) {
            *tables.entry(table.0.to_owned()).or_default() += 1;
        }
    }
    tables
}

/// Everything that an instance of [`Cast`] holds can be read by whose it is, and the log is whole.
async fn reads_everything(app: &TestApp, ids: &Ids) {
    let ann = app.login("admin@example.test").await;
    let (mut read, mut told) = (0, 0);
    for row in rows().iter().filter(|row| row.method == reqwest::Method::GET) {
        let path = fill(row.path, ids);
        // what lasts for a day only
        if path.starts_with("/exports/") || path.starts_with("/jobs/") {
            continue;
        }
        // a word that this release did not know
        let Some(expected) = row.ann.filter(|_| !path.contains('{')) else { continue };
        let answer = if path.ends_with("/stream") { ann.begin(&path, &[]).await } else { ann.get(&path).await };
        let answer = answer.expect(expected);
        read += 1;
        told += usize::from(answer.text.contains(SECRET));
    }
    assert!(read > 25 && told > 10, "{read} answers, {told} with what Ann wrote");
    for operation in document().keys().filter(|o| o.starts_with("GET ") && !o.contains("{}")) {
        let path = operation.trim_start_matches("GET ");
        let path = if path == "/search" { "/search?q=heliotrope" } else { path };
        if !["/stream", "/auth/oidc/login", "/auth/oidc/callback"].contains(&path) {
            ann.get(path).await.expect(200);
        }
    }
    assert_eq!(ann.get("/audit-events/verify").await.expect(200).json["ok"], true);
    let mission = format!("/missions/{}", ids["mission"]);
    assert_eq!(ann.get(&format!("{mission}/evidence/verify")).await.expect(200).json["ok"], true);
    assert_eq!(ann.bytes(&format!("/evidence/{}/content", ids["evidence"])).await, SEEN.as_bytes());
    // and it goes on: red writes, the retest begins
    ann.edit(&format!("{mission}/tests/{}", ids["test"]), serde_json::json!({"red_notes": "years later"})).await.expect(200);
    ann.post(&format!("{mission}/retest"), serde_json::json!({})).await.expect(201);
    assert_eq!(ann.get("/audit-events/verify").await.expect(200).json["ok"], true);
}

#[test]
#[allow(clippy::print_stdout, reason = "it says what it read")]
fn the_database_of_each_release_opens_and_is_read() {
    block_on(async {
        for (version, path) in kept(".sql") {
            let sql = std::fs::read_to_string(&path).unwrap();
            let ids: Ids = serde_json::from_str(sql.lines().next().unwrap().trim_start_matches("-- ")).unwrap();
            let home = tempfile::tempdir().unwrap();
            let file = home.path().join("old.db");
            let db = open(&file).await;
            db.execute_unprepared(&format!("PRAGMA foreign_keys = OFF;\n{sql}")).await.unwrap();
            db.close().await.unwrap();
            let url = format!("sqlite://{}", file.display());
            let app = TestApp::spawn_with(Engine::Sqlite, |o| o.database_url = Some(url)).await;
            for (table, rows) in inserted(&sql) {
                let found = app.count(&format!("SELECT count(*) FROM {table}")).await;
                let grown = if table == "seaql_migrations" { found >= rows } else { found == rows };
                assert!(grown, "{version}: {rows} rows of {table}, now {found}");
            }
            for key in app.texts("SELECT storage_key FROM evidence_files").await {
                let to = app.dir.path().join("evidence").join(key);
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::write(to, SEEN).unwrap();
            }
            println!("{version}: reading {} tables", inserted(&sql).len());
            reads_everything(&app, &ids).await;
        }
    });
}

db_test! {
    async fn the_backup_of_each_release_is_put_back_and_is_read(app: TestApp) {
        for (version, path) in kept(".backup.zip") {
            let sql = std::fs::read_to_string(path.with_file_name(format!("{version}.sql"))).unwrap();
            let ids: Ids = serde_json::from_str(sql.lines().next().unwrap().trim_start_matches("-- ")).unwrap();
            let done = backup::restore(&app.state.settings, &path, true).await.unwrap();
            assert!(done.files > 0 && done.missing.is_empty(), "{version}: {done:?}");
            reads_everything(&app, &ids).await;
        }
    }
}

#[test]
#[ignore = "writes the files of a release"]
fn keep_what_this_version_writes() {
    block_on(async {
        let app = TestApp::spawn(Engine::Sqlite).await;
        let cast = Cast::new(&app).await;
        let ids = cast.ids(&Ids::new()).await;
        let zip = folder().join(format!("{}.backup.zip", tyrian_server::VERSION));
        std::fs::remove_file(&zip).ok();
        Box::pin(backup::backup(&app.state.settings, &zip)).await.unwrap();
        let ids: BTreeMap<_, _> = ids.into_iter().collect();
        let db = open(&app.dir.path().join("tyrian.db")).await;
        let comment = serde_json::to_string(&ids).unwrap();
        let keep = |name: String, sql: String| std::fs::write(zip.with_file_name(name), sql).unwrap();
        keep(format!("{}.sql", tyrian_server::VERSION), statements(&db, &comment).await);
        // and as it stood before the latest steps, so that there is something to migrate
        Migrator::down(&db, Some(STEPS_BACK)).await.unwrap();
        keep(format!("{}-earlier.sql", tyrian_server::VERSION), statements(&db, &comment).await);
    });
}

/// What the program says to this data folder's database: its exit code, and the error stream.
fn told(command: &[&str], url: &str, dir: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tyrian"))
        .args(command)
        .env("TYRIAN_DATABASE_URL", url)
        .env("TYRIAN_DATA_DIR", dir)
        .env("TYRIAN_SECRET_KEY", "0123456789abcdef".repeat(4))
        .env("TYRIAN_LISTEN", "127.0.0.1:0")
        .env("TYRIAN_LOG", "off")
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

db_test! {
    async fn a_newer_database_is_refused_in_one_line_and_left_alone(app: TestApp) {
        app.admin().await;
        app.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_future', 1)").await;
        let before = crate::backup::rows(&app).await;
        let url = match &app.state.settings.database {
            tyrian_server::config::Database::Sqlite(path) => format!("sqlite://{}", path.display()),
            tyrian_server::config::Database::Postgres(url) => url.clone(),
        };
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b.zip").display().to_string();
        for command in [&["serve"][..], &["migrate", "up"], &["backup", &file]] {
            let (code, text) = told(command, &url, dir.path());
            assert_eq!(code, Some(1), "{command:?}: {text}");
            assert!(text.contains("newer") && text.contains("m29991231_000001_future") && text.trim_end().lines().count() == 1, "{command:?}: {text}");
        }
        assert!(!Path::new(&file).exists());
        assert_eq!(crate::backup::rows(&app).await, before);
    }
}
