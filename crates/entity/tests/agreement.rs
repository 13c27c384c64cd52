//! The entities say of each table what the migrations made of it, on both engines, and a row comes back as it went in.
//! PostgreSQL is tested where `TYRIAN_TEST_PG` names one (`scripts/pg.sh`).

#![allow(clippy::unwrap_used, reason = "a test's helper fails as a test does")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Database, DbBackend, Iterable, Statement};
use tyrian_entity as entity;
use tyrian_migration::{Migrator, MigratorTrait};

async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(DatabaseConnection) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let db = Database::connect(format!("sqlite://{}?mode=rwc", folder.path().join("entity.db").display())).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    test(db).await;
}

async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(DatabaseConnection) -> F) {
    let Ok(url) = std::env::var("TYRIAN_TEST_PG") else {
        eprintln!("skipped: TYRIAN_TEST_PG is not set");
        return;
    };
    let name = format!("tyrian_entity_{}", Uuid::now_v7().simple());
    let server = Database::connect(&url).await.unwrap();
    server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = url.rsplit_once('/').unwrap();
    let db = Database::connect(format!("{base}/{name}")).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let outcome = tokio::spawn(test(db)).await;
    server.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// Each test once on each engine.
macro_rules! on_both_engines {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::on_sqlite(super::$test).await; })*
        }
        mod postgres {
            $(#[tokio::test] async fn $test() { super::on_postgres(super::$test).await; })*
        }
    };
}

on_both_engines! {
    columns_are_those_of_the_tables
    a_mission_comes_back_as_it_went_in
}

/// Each column's type as PostgreSQL names it, and whether it may be null.
type Columns = BTreeMap<String, (&'static str, bool)>;

async fn columns_are_those_of_the_tables(db: DatabaseConnection) {
    let mut known = BTreeSet::new();
    macro_rules! check {
        ($($table:ident)*) => {
            $(known.insert(agrees::<entity::$table::Entity>(&db).await);)*
        };
    }
    check! {
        api_token audit_event audit_head catalogue_sync defence_tool detection_level download_ticket evidence_file group group_permission idempotency_key
        invitation invitation_group job mission mission_category mission_comment mission_event mission_member
        mission_scenario mission_source mission_test mission_test_detection mission_test_mitre_tag mission_test_result mitre_subtechnique mitre_tactic mitre_technique mitre_technique_tactic notification
        password_reset permission recovery_code refresh_token scenario_template scenario_template_test search_text setting stamp test_template
        test_template_mitre_tag user user_group user_identity
    }
    let tables = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    };
    let mut tables: BTreeSet<String> = ask(&db, tables).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    tables.remove("seaql_migrations");
    assert_eq!(known, tables);
}

/// Holds an entity against its table and reads what the seed left there; answers with the table's name.
async fn agrees<E: EntityTrait>(db: &DatabaseConnection) -> String {
    let table = E::default().table_name().to_owned();
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let wanted: Columns = E::Column::iter().map(|column| (column.as_str().to_owned(), said(&column.def()))).collect();
    let sql = if postgres {
        format!(
            "SELECT column_name::text, udt_name::text, is_nullable = 'YES' FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}'"
        )
    } else {
        format!("SELECT name, type, \"notnull\" = 0 FROM pragma_table_info('{table}')")
    };
    let mut found = Columns::new();
    for row in ask(db, &sql).await {
        let (name, kind): (String, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        let kind = if postgres {
            KINDS.iter().find(|known| **known == kind).copied().unwrap_or("?")
        } else {
            wanted.get(&name).map_or("?", |(kind, _)| kind)
        };
        found.insert(name, (kind, row.try_get_by_index(2).unwrap()));
    }
    assert_eq!(wanted, found, "{table}");
    E::find().all(db).await.unwrap();
    table
}

const KINDS: [&str; 8] = ["uuid", "text", "bool", "int4", "int8", "jsonb", "timestamptz", "date"];

fn said(column: &ColumnDef) -> (&'static str, bool) {
    let kind = match column.get_column_type() {
        ColumnType::Uuid => "uuid",
        ColumnType::Text => "text",
        ColumnType::Boolean => "bool",
        ColumnType::Integer => "int4",
        ColumnType::BigInteger => "int8",
        ColumnType::JsonBinary => "jsonb",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        ColumnType::Date => "date",
        other => panic!("no table has a column of type {other:?}"),
    };
    (kind, column.is_null())
}

async fn ask(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
}

async fn a_mission_comes_back_as_it_went_in(db: DatabaseConnection) {
    let now = DateTimeUtc::from_timestamp_micros(1_795_478_400_123_456).unwrap();
    let counters: Json = sea_orm::JsonValue::from_iter([("tests".to_owned(), Json::from(3))]);
    let mission = entity::mission::Model {
        id: Uuid::now_v7(),
        name: "Nuit \u{1f319} d'\u{e9}t\u{e9}".to_owned(),
        name_key: "nuit \u{1f319} d'\u{e9}t\u{e9}".to_owned(),
        client: "\u{5e9}\u{5dc}\u{5d5}\u{5dd}".to_owned(),
        client_key: "\u{5e9}\u{5dc}\u{5d5}\u{5dd}".to_owned(),
        search_text: "nuit".to_owned(),
        description: Some("<script>alert(1)</script>".to_owned()),
        objectives: None,
        scope: Some(String::new()),
        threat_model: None,
        executive_summary: None,
        status: "draft".to_owned(),
        start_date: Date::from_ymd_opt(2026, 11, 24),
        end_date: None,
        retest_of_id: None,
        created_by_id: None,
        attack_version: Some("20.0".to_owned()),
        version: 1,
        content_version: 2,
        event_sequence: i64::MAX,
        counters_all: counters.clone(),
        counters_disclosed: counters,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    entity::mission::ActiveModel::from(mission.clone()).insert(&db).await.unwrap();
    let found = entity::mission::Entity::find_by_id(mission.id).one(&db).await.unwrap().unwrap();
    assert_eq!(found, mission);

    let mut change = entity::mission::ActiveModel::from(found);
    change.deleted_at = Set(Some(now));
    let changed = change.update(&db).await.unwrap();
    assert_eq!(changed, entity::mission::Model { deleted_at: Some(now), ..mission });
}
